// The order as one aggregate: as it was placed, everything that happened since, and what stops it. It is decided on and
// written as a whole, under one version.
import { type OrderDocuments, toDocuments } from '../ledger/documents.js';
import type { Minor } from '../records/money-fields.js';
import type { OrderRecord } from '../records/order.js';

/** The order as placed, without what the ledger says better. */
export type PlacedOrder = Omit<OrderRecord, 'lines' | 'totals' | 'adjustments'>;

/** Who made a document of the ledger, when, and in which run. */
export interface Attribution {
  /** `C1`, `R1`, `M1`, `I1`, a shipment or a payment. */
  readonly document: string;
  readonly what: string;
  /** Instant, ISO 8601 in UTC. */
  readonly at: string;
  readonly by: string;
  readonly run: string;
}

/** What a means of payment is called, here and at the processor. */
export interface PaymentDetails {
  readonly label: string;
  /** The processor's id of the payment; without it refunds are made by hand. */
  readonly reference?: string;
}

/**
 * One movement of money. `pending`: it counts already, so that nobody makes it twice, and the processor has not confirmed
 * it yet; `done`: it has, or somebody made it by hand.
 */
export interface PaymentMovement {
  /** `F1`, `F2` … in the order of booking. */
  readonly id: string;
  readonly state: 'pending' | 'done';
  readonly payment: string;
  readonly type: 'authorize' | 'capture' | 'refund' | 'void';
  readonly amount: Minor;
  readonly at: string;
  /** The processor's id of it, or how it was made by hand; empty while it is pending. */
  readonly reference: string;
  readonly run: string;
}

export interface ParcelDetails {
  readonly carrier: string;
  readonly trackingNumber: string;
  readonly shippedAt: string;
}

/** Stops every flow on the order until somebody lifts it. */
export interface Hold {
  readonly id: string;
  readonly kind: 'suspended' | 'alert';
  readonly reason: string;
  readonly by: string;
  readonly at: string;
}

/** What is stored of an order beside the order as placed. */
export interface OrderLedger extends Omit<OrderDocuments, 'original'> {
  readonly paymentDetails: Readonly<Record<string, PaymentDetails>>;
  readonly movements: readonly PaymentMovement[];
  readonly parcels: Readonly<Record<string, ParcelDetails>>;
  readonly attributions: readonly Attribution[];
  readonly holds: readonly Hold[];
}

export interface OrderAggregate {
  readonly placed: PlacedOrder;
  readonly original: OrderDocuments['original'];
  readonly ledger: OrderLedger;
  /** Further facts of an order that was entered here, by name. */
  readonly properties?: Readonly<Record<string, string>>;
}

/** A ledger of these documents, and of nothing beside them yet. */
export function newLedger(documents: OrderDocuments): OrderLedger {
  const { original: _original, ...kept } = toDocuments(documents);
  return { ...kept, paymentDetails: {}, movements: [], parcels: {}, attributions: [], holds: [] };
}

export const documentsOf = ({ original, ledger }: OrderAggregate): OrderDocuments => ({
  original,
  ...ledger,
});
