// Schemas that the actions of orders share: small, described, with an example each, as editors and forms show them.
import type { Json, Schema } from '../../engine/definition/flow.js';
import { ledgerSettingsSchema } from '../ledger/settings.js';

/** An object with these properties and no others. */
export const fields = (
  properties: Readonly<Record<string, Schema>>,
  required: readonly string[],
  example?: Json,
): Schema => ({
  type: 'object',
  required,
  additionalProperties: false,
  properties,
  ...(example === undefined ? {} : { examples: [example] }),
});

export const text = (description: string, example: string, lengthMax = 255): Schema => ({
  type: 'string',
  maxLength: lengthMax,
  description,
  examples: [example],
});

export const quantity = (description: string, least = 1): Schema => ({
  type: 'integer',
  minimum: least,
  maximum: 1_000_000,
  description,
  examples: [1],
});

export const flag = (description: string): Schema => ({ type: 'boolean', description, examples: [true] });

export const list = (items: Schema, description: string, least = 1, most = 1_000): Schema => ({
  type: 'array',
  items,
  minItems: least,
  maxItems: most,
  description,
});

const amountOf = (description: string, pattern: string): Schema => ({
  type: 'object',
  description,
  required: ['amount', 'currency'],
  additionalProperties: false,
  properties: {
    amount: {
      type: 'string',
      pattern,
      description: 'Decimal text, with at most the decimals of the currency.',
      examples: ['12.30'],
    },
    currency: { type: 'string', pattern: '^[A-Z]{3}$', description: 'ISO 4217.', examples: ['EUR'] },
  },
  examples: [{ amount: '12.30', currency: 'EUR' }],
});

/** An amount; negative only where the description says so. */
export const money = (description: string): Schema => amountOf(description, '^-?\\d{1,12}(\\.\\d{1,3})?$');

/** An amount that is never negative, as payment providers take and answer it. */
export const unsignedMoney = (description: string): Schema =>
  amountOf(description, '^\\d{1,12}(\\.\\d{1,3})?$');

const { $schema: _schema, ...settingsSchema } = ledgerSettingsSchema as unknown as Record<string, unknown>;

/** Rules on which shops differ; what is left out is as docs/ledger.md says. */
export const settings: Schema = settingsSchema;

export const order = text('Number of the order.', '10248', 40);
export const reason = text('Why, as it will be shown in the history.', 'ordered by mistake');

const rate: Schema = {
  type: 'string',
  pattern: '^-?\\d{1,4}(\\.\\d{1,6})?$',
  description: 'Percent, as decimal text.',
  examples: ['10'],
};

/** A fee of a cancellation or return. */
export const fee: Schema = {
  type: 'object',
  description: 'A fee, positive: an amount with or without tax, or percent of the item.',
  required: ['amountType'],
  additionalProperties: false,
  properties: {
    amountType: {
      enum: ['AmountWithTax', 'AmountWithoutTax', 'Percentage', 'PercentageGross'],
      description: 'What the amount or percentage is of; see docs/ledger.md.',
      examples: ['AmountWithTax'],
    },
    amount: money('With the two amount types.'),
    percent: rate,
    reason,
  },
  examples: [{ amountType: 'AmountWithTax', amount: { amount: '4.90', currency: 'EUR' } }],
};

/** Units of a line to cancel or to return. */
export const changeItems: Schema = list(
  fields(
    {
      line: text('Id of the line.', '10248-1', 60),
      quantity: quantity('Units.'),
      reason,
      reduceShipping: flag('Whether the units give up their share of the delivery charge.'),
      fees: list(fee, 'Fees for these units.', 0, 10),
    },
    ['line', 'quantity'],
  ),
  'The units, each line once.',
);

/** The input of what cancels or returns units. */
export const changeItemsInput: Schema = fields(
  { order, items: changeItems, reason, settings },
  ['order', 'items'],
  {
    order: '10248',
    items: [{ line: '10248-1', quantity: 1 }],
  },
);

/** Where something is delivered. */
export const address: Schema = fields(
  {
    name: text('Who gets it.', 'Maria Anders', 200),
    street: text('Street and number.', 'Obere Str. 57', 200),
    city: text('Town.', 'Berlin', 200),
    region: text('Region or state.', 'BE', 200),
    postalCode: text('Postal code.', '12209', 20),
    country: { type: 'string', pattern: '^[A-Z]{2}$', description: 'ISO 3166-1 alpha-2.', examples: ['DE'] },
    phone: text('Phone.', '030-0074321', 40),
  },
  ['name', 'street', 'city', 'country'],
);

export const adjustItems: Schema = list(
  {
    type: 'object',
    required: ['adjustmentType'],
    additionalProperties: false,
    description: 'What is taken off a line or a delivery; amounts and percentages are negative.',
    properties: {
      line: text('Id of the line.', '10248-1', 60),
      delivery: text('Id of the delivery group, where no line is named.', 'D1', 60),
      adjustmentType: {
        enum: ['AmountWithTax', 'AmountWithoutTax', 'AmountTaxOnly', 'ProductOnly', 'Percentage', 'Rest'],
        description: 'What the amount or percentage is of; see docs/ledger.md.',
        examples: ['AmountWithTax'],
      },
      amount: money('Negative.'),
      percent: rate,
      reason,
    },
    oneOf: [{ required: ['line'] }, { required: ['delivery'] }],
  },
  'What is adjusted, each line and delivery once.',
);

const anyAmount = money('Positive where the customer gets it back.');
const balanceNames = [
  'grandTotalAmount',
  'totalAmount',
  'totalTaxAmount',
  'totalAdjustedProductAmount',
  'totalAdjustedProductTaxAmount',
  'totalAdjustedProductAmtWithTax',
  'totalAdjustedDeliveryAmount',
  'totalAdjustedDeliveryTaxAmount',
  'totalAdjustedDeliveryAmtWithTax',
  'totalAdjustmentDistributedAmount',
  'totalAdjustmentDistributedTaxAmount',
  'totalAdjustmentDistributedAmountWithTax',
  'totalFeeAmount',
  'totalFeeTaxAmount',
  'totalExcessFundsAmount',
  'totalRefundableAmount',
  'totalRequiredFundsAmount',
] as const;

export const changeBalances: Schema = {
  type: 'object',
  description: 'What the change comes to; order-actions §3 of Salesforce Order Management has the names.',
  properties: Object.fromEntries(balanceNames.map((name) => [name, anyAmount])),
  required: [...balanceNames],
  additionalProperties: false,
};

/** What every change of an order's money answers. */
export const changeOutput: Schema = {
  type: 'object',
  properties: {
    changeOrders: { type: 'array', items: { type: 'string' }, description: 'Ids of the change orders.' },
    feeChangeOrder: { type: ['string', 'null'], description: 'Id of the change order of the fees.' },
    changeBalances,
    words: {
      type: 'string',
      description: 'Why it comes to that, a figure a line; the tree is with the change order.',
    },
    total: money('What the order costs now.'),
    isAfterFulfilment: flag('Whether a credit memo is needed for the money.'),
    isAllCancelled: flag('Whether every unit of the order is cancelled now.'),
  },
  required: ['changeOrders', 'feeChangeOrder', 'changeBalances', 'words', 'total'],
  additionalProperties: true,
};
