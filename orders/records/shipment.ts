// A parcel that left, and what was in it.

export interface ShipmentRecord {
  readonly _id: string;
  readonly orderNumber: string;
  readonly deliveryGroup: string;
  readonly carrier: string;
  readonly trackingNumber: string;
  readonly shippedAt: Date;
  readonly lines: readonly { readonly lineId: string; readonly sku: string; readonly quantity: number }[];
}
