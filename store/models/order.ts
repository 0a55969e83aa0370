// Orders. Each filter of the order list has an index that also gives the list's order, newest first.
import {
  type AdjustmentRecord,
  type CustomerSnapshot,
  type DeliveryGroupRecord,
  type LineQuantities,
  type OrderLineRecord,
  type OrderRecord,
  type OrderTotals,
  orderChannels,
  orderStatuses,
  type TaxRecord,
} from '../../orders/records/order.js';
import { Schema } from 'mongoose';
import type { OriginalOrder } from '../../orders/ledger/original-order.js';
import type { OrderLedger } from '../../orders/aggregate/order-aggregate.js';
import { addressSchema } from './address.js';
import { currency, date, minor, optionalText, partSchema, pieces, recordSchema, text } from './schemas.js';

const adjustmentSchema = partSchema<AdjustmentRecord>({
  id: text(40),
  reason: text(),
  rate: optionalText(40),
  amount: minor,
});

const taxSchema = partSchema<TaxRecord>({ name: text(40), rate: text(40), amount: minor });

const customerSnapshotSchema = partSchema<CustomerSnapshot>({
  number: text(40),
  name: text(),
  account: text(),
  email: text(254),
  phone: optionalText(40),
});

const deliveryGroupSchema = partSchema<DeliveryGroupRecord>({
  id: text(40),
  method: text(),
  address: { type: addressSchema, required: true },
  requestedBy: Date,
  charge: minor,
  taxes: { type: [taxSchema], required: true },
  taxTotal: minor,
  total: minor,
});

const quantitiesSchema = partSchema<LineQuantities>({
  ordered: pieces,
  cancelled: pieces,
  allocated: pieces,
  fulfilled: pieces,
  returnInitiated: pieces,
  returned: pieces,
});

const lineSchema = partSchema<OrderLineRecord>({
  id: text(60),
  lineNumber: pieces,
  deliveryGroup: text(40),
  sku: text(40),
  title: text(),
  returnable: { type: Boolean, required: true },
  quantities: { type: quantitiesSchema, required: true },
  unitPrice: minor,
  subtotal: minor,
  adjustments: { type: [adjustmentSchema], required: true },
  distributed: minor,
  net: minor,
  taxes: { type: [taxSchema], required: true },
  taxTotal: minor,
  total: minor,
});

const totalsSchema = partSchema<OrderTotals>({
  subtotal: minor,
  lineAdjustments: minor,
  orderAdjustments: minor,
  delivery: minor,
  tax: minor,
  grand: minor,
});

/** An order with what has happened to it; its ledger is absent until a flow first touches it. */
export interface OrderDocument extends OrderRecord {
  readonly ledger?: OrderLedger;
  /** What the order costs now; absent where that is what it cost when it was placed. */
  readonly currentTotal?: bigint;
  /** Exactly as it was priced; absent until a flow first touches the order. */
  readonly original?: OriginalOrder;
  readonly properties?: Readonly<Record<string, string>>;
}

export const orderSchema = recordSchema<OrderDocument>('orders', {
  _id: text(40),
  status: { type: String, required: true, enum: orderStatuses },
  channel: { type: String, required: true, enum: orderChannels },
  site: text(40),
  locale: text(35),
  currency,
  taxPolicy: { type: String, required: true, enum: ['net', 'gross'] },
  customer: { type: customerSnapshotSchema, required: true },
  billingAddress: { type: addressSchema, required: true },
  placedAt: date,
  remorseUntil: Date,
  deliveryGroups: { type: [deliveryGroupSchema], required: true },
  lines: { type: [lineSchema], required: true },
  adjustments: { type: [adjustmentSchema], required: true },
  totals: { type: totalsSchema, required: true },
  // The aggregate of the ledger checks it: amounts are 64-bit integers in it, too.
  ledger: Schema.Types.Mixed,
  currentTotal: Schema.Types.BigInt,
  original: Schema.Types.Mixed,
  properties: Schema.Types.Mixed,
});
orderSchema.index({ placedAt: -1, _id: -1 });
orderSchema.index({ status: 1, placedAt: -1, _id: -1 });
orderSchema.index({ 'customer.number': 1, placedAt: -1, _id: -1 });
orderSchema.index({ 'customer.email': 1, placedAt: -1, _id: -1 });
orderSchema.index({ 'lines.sku': 1, placedAt: -1, _id: -1 });
orderSchema.index({ 'ledger.returnOrders.id': 1 }, { sparse: true });
