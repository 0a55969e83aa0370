// The record type `order` of flows. Orders are changed by the actions of this room only: every figure is theirs.
import type { Schema } from '../../engine/definition/flow.js';
import type { RecordType } from '../../engine/ports/records.js';
import { orderChannels, orderStatuses } from '../records/order.js';

const object = (properties: Readonly<Record<string, Schema>>, description?: string): Schema => ({
  type: 'object',
  properties,
  additionalProperties: true,
  ...(description === undefined ? {} : { description }),
});
const list = (items: Schema, description?: string): Schema => ({
  type: 'array',
  items,
  ...(description === undefined ? {} : { description }),
});
const text: Schema = { type: 'string' };
const optionalText: Schema = { type: ['string', 'null'] };
const count: Schema = { type: 'integer' };
const money: Schema = {
  type: 'object',
  properties: { amount: text, currency: text },
  additionalProperties: false,
};
const taxed = { net: money, tax: money, total: money };
const made = { at: text, by: text, run: text };

/** The JSON Schema of an order as flows see it; see `toOrderRecord`. */
export const orderViewSchema: Schema = {
  type: 'object',
  properties: {
    id: text,
    number: text,
    status: { enum: [...orderStatuses] },
    channel: { enum: [...orderChannels] },
    site: text,
    locale: text,
    currency: text,
    taxPolicy: text,
    placedAt: text,
    remorseUntil: optionalText,
    customer: object({ number: text, name: text, account: text, email: text, phone: text }),
    billingAddress: object({}),
    deliveryGroups: list(
      object({ id: text, method: text, address: object({}), requestedBy: optionalText, ...taxed }),
    ),
    lines: list(
      object({
        id: text,
        lineNumber: count,
        deliveryGroup: text,
        sku: text,
        title: text,
        returnable: { type: 'boolean' },
        quantities: object({
          ordered: count,
          cancelled: count,
          allocated: count,
          fulfilled: count,
          returnInitiated: count,
          returned: count,
        }),
        remaining: count,
        availableToCancel: count,
        inFulfilment: count,
        availableToReturn: count,
        ...taxed,
      }),
    ),
    totals: object({
      product: object(taxed),
      delivery: object(taxed),
      distributed: object(taxed),
      fees: object(taxed),
      grand: object(taxed),
    }),
    total: money,
    paymentState: text,
    excessFunds: money,
    requiredFunds: money,
    outstandingCredit: money,
    properties: object({}),
    payments: list(
      object({
        id: text,
        method: text,
        label: text,
        reference: optionalText,
        authorized: money,
        captured: money,
        refunded: money,
        capturedAt: optionalText,
      }),
    ),
    movements: list(
      object({
        id: text,
        state: text,
        payment: text,
        type: text,
        amount: money,
        at: text,
        reference: text,
        run: text,
      }),
    ),
    shipments: list(object({ id: text, carrier: text, trackingNumber: text, shippedAt: text })),
    changeOrders: list(object({ id: text, type: text, phase: text, reason: text, ...taxed, ...made })),
    returnOrders: list(
      object({
        id: text,
        lifeCycle: text,
        status: text,
        lines: list(
          object({
            id: text,
            line: text,
            reason: text,
            expected: count,
            received: count,
            rejected: count,
            returned: count,
            cancelled: count,
            processed: { type: 'boolean' },
          }),
        ),
        ...made,
      }),
    ),
    creditMemos: list(
      object({ id: text, changeOrders: list(text), ...taxed, settled: money, open: money, ...made }),
    ),
    invoices: list(
      object({ id: text, kind: text, changeOrders: list(text), ...taxed, paid: money, open: money, ...made }),
    ),
    holds: list(object({ id: text, kind: text, reason: text, by: text, at: text })),
    ledger: { type: 'string', description: 'What actions read and write; of no use to flows.' },
  },
  required: ['id', 'ledger'],
  additionalProperties: true,
};

export const orderRecordType: RecordType = {
  name: 'order',
  title: 'Order',
  schema: orderViewSchema,
  permissions: {
    read: 'orders.read',
    create: 'orders.write',
    update: 'orders.write',
    delete: 'orders.write',
  },
  writtenBy: 'actions',
  opaque: 'ledger',
};
