// What the ledger keeps of an order beside its change orders: shipments, return orders, memos, invoices and payments.
import type { Minor } from '../records/money-fields.js';
import type { ChangeOrder } from './change-order.js';
import type { Explanation } from './explanation.js';
import type { FeeInput } from './fees.js';
import type { OriginalOrder } from './original-order.js';

export interface Shipment {
  readonly id: string;
  readonly lines: readonly { readonly line: string; readonly quantity: number }[];
}

export interface ReturnLine {
  readonly id: string;
  readonly line: string;
  readonly reason: string;
  readonly expected: number;
  readonly received: number;
  /** Received, but not accepted. */
  readonly rejected: number;
  readonly reasonForRejection?: string;
  /** Units that a change order returned; set when the line is processed. */
  readonly returned: number;
  /** Units that will not come back; set when the line is processed. */
  readonly cancelled: number;
  readonly canReduceShipping: boolean;
  readonly fees: readonly FeeInput[];
  /** A processed line is read-only; what was left of it is on a split line. */
  readonly processed: boolean;
  /** The line that this one was split from. */
  readonly splitFrom?: string;
}

export interface ReturnOrder {
  readonly id: string;
  /** Unmanaged return orders track parcels and change no figures. */
  readonly lifeCycle: 'Managed' | 'Unmanaged';
  readonly status: 'Open' | 'Closed';
  readonly lines: readonly ReturnLine[];
}

export interface CreditMemo {
  readonly id: string;
  readonly changeOrders: readonly string[];
  /** What the customer gets back; positive. */
  readonly net: Minor;
  readonly tax: Minor;
  readonly total: Minor;
  /** How much of it was refunded or set off against invoices. */
  readonly settled: Minor;
  readonly explanation: Explanation;
}

/** An invoice for change orders that raised the total: fees, or added items. */
export interface Invoice {
  readonly id: string;
  readonly kind: 'fees' | 'items';
  readonly changeOrders: readonly string[];
  readonly net: Minor;
  readonly tax: Minor;
  readonly total: Minor;
  readonly paid: Minor;
  readonly explanation: Explanation;
}

export interface Payment {
  readonly id: string;
  readonly method: string;
  /** Authorized and neither captured nor voided. */
  readonly authorized: Minor;
  readonly captured: Minor;
  /** At most `captured`. */
  readonly refunded: Minor;
  /** Instant of the (last) capture, ISO 8601 in UTC; payments never captured sort last. */
  readonly capturedAt?: string;
}

/** Everything from which an order summary follows. Plain data; amounts are minor units of the order's currency. */
export interface OrderDocuments {
  readonly original: OriginalOrder;
  readonly changeOrders: readonly ChangeOrder[];
  /** Units ever given to fulfilment, by line; those shipped are part of them. */
  readonly allocations: Readonly<Record<string, number>>;
  readonly shipments: readonly Shipment[];
  readonly returnOrders: readonly ReturnOrder[];
  readonly creditMemos: readonly CreditMemo[];
  readonly invoices: readonly Invoice[];
  readonly payments: readonly Payment[];
}

/** The documents alone, of what holds them among other things. */
export const toDocuments = ({
  original,
  changeOrders,
  allocations,
  shipments,
  returnOrders,
  creditMemos,
  invoices,
  payments,
}: OrderDocuments): OrderDocuments => ({
  original,
  changeOrders,
  allocations,
  shipments,
  returnOrders,
  creditMemos,
  invoices,
  payments,
});

/** The documents of an order to which nothing has happened yet. */
export const newDocuments = (original: OriginalOrder, payments: readonly Payment[] = []): OrderDocuments => ({
  original,
  changeOrders: [],
  allocations: {},
  shipments: [],
  returnOrders: [],
  creditMemos: [],
  invoices: [],
  payments,
});
