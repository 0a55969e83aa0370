// A change order: one financial change, as it is booked. It never changes afterwards; taking it back is another one.
import type { Minor } from '../records/money-fields.js';
import type { Booked, Component } from './component.js';
import type { Explanation } from './explanation.js';
import type { OriginalLine } from './original-order.js';

/** The change types of order-actions §1 that the ledger books. */
export type ChangeType =
  | 'Add'
  | 'Cancel'
  | 'CancelFee'
  | 'DeliveryChargeAdjustment'
  | 'OrderAdjustmentGroup'
  | 'ProductAdjustment'
  | 'Return'
  | 'ReturnFee';

/** Where the units were that a change is about: before, in or after fulfilment. */
export type Phase = 'pre' | 'in' | 'post';

/** Units of one line that a change moved. */
export interface QuantityChange {
  readonly line: string;
  readonly cancelled: number;
  /** Only of a return without a return order; those of a return order are on the return order. */
  readonly returnInitiated: number;
  readonly returned: number;
  /** Units whose share of the delivery charge was given up. */
  readonly shippingReduced: number;
}

/** How much one component changed. */
export interface ChangeEntry extends Booked {
  readonly component: string;
}

export interface ChangeTotals {
  readonly net: Minor;
  readonly tax: Minor;
  readonly total: Minor;
}

export interface ChangeOrder {
  /** `C1`, `C2` … in the order of booking. */
  readonly id: string;
  readonly type: ChangeType;
  readonly phase: Phase;
  readonly reason: string;
  readonly quantities: readonly QuantityChange[];
  /** Deliveries whose charge was given up as a whole. */
  readonly releasedDeliveries: readonly string[];
  readonly addedLines: readonly OriginalLine[];
  readonly addedComponents: readonly Component[];
  /** The sign is that of the order's total: negative where the customer owes less. */
  readonly entries: readonly ChangeEntry[];
  readonly totals: ChangeTotals;
  readonly explanation: Explanation;
}
