// An order as it was placed, and how far its lines have come. Prices, taxes and quantities ordered are never edited
// after placing: every change is a record of its own, and the summary is this original plus all changes.
import type { AddressRecord } from './address.js';
import type { Minor, RateText } from './money-fields.js';

/** The statuses of OCC-9, and `New`: a cart that has not been placed. */
export const orderStatuses = [
  'New',
  'Submitted to Fulfillment',
  'Being Processed',
  'Fulfilled',
  'Pending Removal',
  'Removed',
] as const;
export type OrderStatus = (typeof orderStatuses)[number];

export const orderChannels = ['web', 'phone', 'store'] as const;
export type OrderChannel = (typeof orderChannels)[number];

/** A discount (negative) or surcharge (positive), before tax under the net policy, with tax under the gross one. */
export interface AdjustmentRecord {
  readonly id: string;
  readonly reason: string;
  /** Present when the amount was computed from a share of the price: `"-0.15"`. */
  readonly rate?: RateText;
  readonly amount: Minor;
}

export interface TaxRecord {
  /** `VAT`, `GST`, `Sales tax` … */
  readonly name: string;
  readonly rate: RateText;
  readonly amount: Minor;
}

/** The customer as known when the order was placed. */
export interface CustomerSnapshot {
  readonly number: string;
  readonly name: string;
  readonly account: string;
  /** In lower case. */
  readonly email: string;
  readonly phone?: string;
}

/** Lines that go to one place in one way, and what the way costs. */
export interface DeliveryGroupRecord {
  readonly id: string;
  readonly method: string;
  readonly address: AddressRecord;
  readonly requestedBy?: Date;
  readonly charge: Minor;
  readonly taxes: readonly TaxRecord[];
  readonly taxTotal: Minor;
  /** What is paid for it, tax included. */
  readonly total: Minor;
}

/**
 * Where a line's units are: `ordered - cancelled - allocated` can still be cancelled, `allocated - fulfilled` are in
 * fulfilment, `fulfilled - returnInitiated` can be returned.
 */
export interface LineQuantities {
  readonly ordered: number;
  readonly cancelled: number;
  readonly allocated: number;
  readonly fulfilled: number;
  readonly returnInitiated: number;
  readonly returned: number;
}

export interface OrderLineRecord {
  readonly id: string;
  /** From 1, in the order of entry; ties in rounding go to the smaller one. */
  readonly lineNumber: number;
  readonly deliveryGroup: string;
  readonly sku: string;
  readonly title: string;
  readonly returnable: boolean;
  readonly quantities: LineQuantities;
  readonly unitPrice: Minor;
  /** Unit price times quantity ordered. */
  readonly subtotal: Minor;
  readonly adjustments: readonly AdjustmentRecord[];
  /** This line's share of the order-level adjustments. */
  readonly distributed: Minor;
  /** `subtotal` + adjustments + `distributed`: what the taxes are computed on (net) or contained in (gross). */
  readonly net: Minor;
  readonly taxes: readonly TaxRecord[];
  readonly taxTotal: Minor;
  /** What is paid for the line: `net` plus taxes under the net policy, `net` itself under the gross one. */
  readonly total: Minor;
}

/** Sums over the order; each is the exact sum of its parts. */
export interface OrderTotals {
  readonly subtotal: Minor;
  readonly lineAdjustments: Minor;
  readonly orderAdjustments: Minor;
  readonly delivery: Minor;
  readonly tax: Minor;
  readonly grand: Minor;
}

export interface OrderRecord {
  /** The order number. */
  readonly _id: string;
  readonly status: OrderStatus;
  readonly channel: OrderChannel;
  readonly site: string;
  readonly locale: string;
  /** ISO 4217; every amount of the order is in it. */
  readonly currency: string;
  /** `net`: tax is added to the prices. `gross`: prices contain it. */
  readonly taxPolicy: 'net' | 'gross';
  readonly customer: CustomerSnapshot;
  readonly billingAddress: AddressRecord;
  /** When it was placed; while it is `New`, when it was begun. */
  readonly placedAt: Date;
  /** Until then a submitted order can be amended and cancelled freely. */
  readonly remorseUntil?: Date;
  readonly deliveryGroups: readonly DeliveryGroupRecord[];
  readonly lines: readonly OrderLineRecord[];
  readonly adjustments: readonly AdjustmentRecord[];
  readonly totals: OrderTotals;
}
