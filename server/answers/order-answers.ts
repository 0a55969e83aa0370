// Orders as the API answers them; see `server/json/order-json.ts`.
import { orderChannels, orderStatuses } from '../../orders/records/order.js';
import {
  anyJson,
  anyObject,
  byName,
  flag,
  instant,
  json,
  list,
  money,
  nullableInstant,
  nullableText,
  object,
  oneOf,
  type Schema,
  text,
  whole,
} from './answer.js';

const status = oneOf(orderStatuses);
const channel = oneOf(orderChannels);
const customer = object({ number: text, name: text, account: text, email: text }, { phone: text });
export const address = object(
  { name: text, street: text, city: text, country: text },
  { region: text, postalCode: text, phone: text },
  'Address',
);
const taxed = { net: money, tax: money, total: money };
const taxedAmount = object(taxed, {}, 'TaxedAmount');
/** Who made a document of the ledger, when, in which run; absent where it was there before. */
const made = { at: instant, by: text, run: text };

export const listedOrder = object(
  {
    number: text,
    status,
    channel,
    site: text,
    placedAt: instant,
    customer,
    currency: text,
    total: money,
    skus: list(text),
  },
  {},
  'ListedOrder',
);

const quantities = object({
  ordered: whole,
  cancelled: whole,
  allocated: whole,
  fulfilled: whole,
  returnInitiated: whole,
  returned: whole,
});
const line = object({
  id: text,
  lineNumber: whole,
  deliveryGroup: text,
  sku: text,
  title: text,
  returnable: flag,
  quantities,
  remaining: whole,
  availableToCancel: whole,
  inFulfilment: whole,
  availableToReturn: whole,
  ...taxed,
});
export const returnLine = object(
  {
    id: text,
    line: text,
    reason: text,
    expected: whole,
    received: whole,
    rejected: whole,
    returned: whole,
    cancelled: whole,
    canReduceShipping: flag,
    processed: flag,
  },
  { reasonForRejection: text, splitFrom: text },
  'ReturnLine',
);
const charge = object({
  id: text,
  of: anyObject,
  kind: text,
  label: text,
  booked: taxedAmount,
  now: taxedAmount,
  taxes: list(object({ name: text, rate: nullableText })),
});
const lines = list(object({ line: text, quantity: whole }));
export const associatedCase = object(
  { id: text, subject: text, status: text, openedAt: instant, openedBy: text },
  {},
  'AssociatedCase',
);

export const wholeOrder = json(
  object(
    {
      number: text,
      status,
      channel,
      site: text,
      locale: text,
      currency: text,
      taxPolicy: oneOf(['net', 'gross']),
      placedAt: instant,
      remorseUntil: nullableInstant,
      customer,
      billingAddress: address,
      deliveryGroups: list(
        object({ id: text, method: text, address, requestedBy: nullableInstant, ...taxed }),
      ),
      lines: list(line),
      totals: object({
        product: taxedAmount,
        delivery: taxedAmount,
        distributed: taxedAmount,
        fees: taxedAmount,
        grand: taxedAmount,
      }),
      total: money,
      paymentState: text,
      excessFunds: money,
      requiredFunds: money,
      outstandingCredit: money,
      properties: byName(text),
      payments: list(
        object({
          id: text,
          method: text,
          label: text,
          reference: nullableText,
          authorized: money,
          captured: money,
          refunded: money,
          capturedAt: nullableInstant,
        }),
      ),
      movements: list(
        object({
          id: text,
          state: oneOf(['pending', 'done']),
          payment: text,
          type: oneOf(['authorize', 'capture', 'refund', 'void']),
          amount: money,
          at: text,
          reference: text,
          run: text,
        }),
      ),
      shipments: list(
        object({ id: text, lines }, { carrier: text, trackingNumber: text, shippedAt: instant, ...made }),
      ),
      changeOrders: list(
        object(
          {
            id: text,
            type: text,
            phase: oneOf(['pre', 'in', 'post']),
            reason: text,
            lines: list(object({ line: text, cancelled: whole, returned: whole })),
            ...taxed,
          },
          made,
        ),
      ),
      returnOrders: list(object({ id: text, lifeCycle: text, status: text, lines: list(returnLine) }, made)),
      creditMemos: list(
        object({ id: text, changeOrders: list(text), settled: money, open: money, ...taxed }, made),
      ),
      invoices: list(
        object({ id: text, kind: text, changeOrders: list(text), paid: money, open: money, ...taxed }, made),
      ),
      holds: list(
        object({ id: text, kind: oneOf(['suspended', 'alert']), reason: text, by: text, at: instant }),
      ),
      charges: list(charge),
      shipmentInvoices: list(
        object({
          id: text,
          shipmentId: text,
          issuedAt: instant,
          lines: list(object({ line: text, quantity: whole, tax: money, total: money })),
          delivery: money,
          tax: money,
          total: money,
        }),
      ),
      cases: list(associatedCase),
      history: list(object({ document: text, what: text, at: text, by: text, run: text })),
    },
    {},
    'Order',
  ),
);

const explanation: Schema = {
  title: 'Explanation',
  description: 'A figure; where it has children, it is exactly their sum.',
  type: 'object',
  properties: {
    kind: text,
    label: text,
    amount: money,
    subject: text,
    formula: text,
    rounding: object({ mode: text, scope: text }),
    containedTax: money,
    children: list({ $ref: '#/components/schemas/Explanation' }),
  },
  required: ['kind', 'label', 'amount', 'children'],
  additionalProperties: false,
};
export const explanationAnswer = json(object({ explanation, words: text }));

export const offeredAction = object(
  {
    flow: text,
    version: whole,
    label: text,
    description: nullableText,
    applies: flag,
    reasons: list(text),
    missingPermissions: list(text),
    input: anyObject,
  },
  {},
  'OfferedAction',
);

export const previewAnswer = json(
  object(
    {
      figures: anyObject,
      hash: text,
      ends: flag,
      would: object({
        records: list(object({ kind: text, type: text, id: text })),
        messages: list(object({ topic: text, payload: anyJson })),
        effects: list(object({ action: text, input: anyJson })),
      }),
    },
    {},
    'Preview',
  ),
);

export const listedReturn = object(
  {
    id: text,
    order: text,
    customer: text,
    lifeCycle: text,
    status: text,
    lines: list(returnLine),
    at: instant,
    by: text,
    run: text,
  },
  {},
  'Return',
);
export const listedCreditMemo = object(
  {
    id: text,
    order: text,
    customer: text,
    changeOrders: list(text),
    net: money,
    tax: money,
    total: money,
    settled: money,
    open: money,
    at: instant,
    by: text,
    run: text,
  },
  {},
  'CreditMemo',
);
export const wholeCase = object(
  {
    id: text,
    order: text,
    customer: text,
    subject: text,
    description: text,
    origin: text,
    status: text,
    resolution: nullableText,
    openedAt: instant,
    openedBy: text,
    closedAt: nullableInstant,
    closedBy: nullableText,
  },
  {},
  'Case',
);
export const wholeCustomer = object(
  {
    number: text,
    firstName: nullableText,
    lastName: text,
    title: nullableText,
    account: text,
    email: text,
    phone: nullableText,
    fax: nullableText,
    status: oneOf(['active', 'inactive']),
    locale: text,
    currency: text,
    addresses: list(address),
  },
  {},
  'Customer',
);
