// Return orders and credit memos of all orders, to be searched: copies, written in the unit that writes the order.
import { Schema } from 'mongoose';
import type { CreditMemo, ReturnOrder } from '../../orders/ledger/documents.js';
import type { Minor } from '../../orders/records/money-fields.js';
import { currency, date, minor, recordSchema, text } from './schemas.js';

/** What all of them have. `_id` is `<order number>-<id in the order>`. */
interface OrderDocumentRecord {
  readonly _id: string;
  readonly orderNumber: string;
  readonly customerNumber: string;
  readonly at: Date;
  readonly by: string;
  readonly run: string;
}

export interface ReturnDocument extends OrderDocumentRecord {
  readonly lifeCycle: ReturnOrder['lifeCycle'];
  readonly status: ReturnOrder['status'];
  readonly lines: ReturnOrder['lines'];
}

export interface CreditMemoDocument extends OrderDocumentRecord {
  readonly changeOrders: CreditMemo['changeOrders'];
  readonly currency: string;
  readonly net: Minor;
  readonly tax: Minor;
  readonly total: Minor;
  readonly settled: Minor;
  /** Whether anything of it is still to be paid. */
  readonly status: 'Open' | 'Settled';
}

const shared = {
  _id: text(60),
  orderNumber: text(40),
  customerNumber: text(40),
  at: date,
  by: text(100),
  run: { type: String, maxlength: 200 },
} as const;

export const returnSchema = recordSchema<ReturnDocument>('returns', {
  ...shared,
  lifeCycle: { type: String, required: true, enum: ['Managed', 'Unmanaged'] },
  status: { type: String, required: true, enum: ['Open', 'Closed'] },
  lines: { type: [Schema.Types.Mixed], required: true } as never,
});
export const creditMemoSchema = recordSchema<CreditMemoDocument>('credit_memos', {
  ...shared,
  changeOrders: { type: [String], required: true },
  currency,
  net: minor,
  tax: minor,
  total: minor,
  settled: minor,
  status: { type: String, required: true, enum: ['Open', 'Settled'] },
});
for (const filter of [undefined, 'orderNumber', 'customerNumber', 'status']) {
  const fields = { ...(filter === undefined ? {} : { [filter]: 1 }), at: -1, _id: -1 } as const;
  returnSchema.index(fields);
  creditMemoSchema.index(fields);
}
