// Asks what items cost now, with promotions and taxes: what added items and new orders are priced by.
import type { Action } from '../../engine/actions/action.js';
import type { Json, Schema } from '../../engine/definition/flow.js';
import type { DraftAdjustment, DraftDelivery, DraftLine } from '../ledger/price-order.js';
import type { TaxRate } from '../ledger/tax.js';
import type { PriceAdjustment, PricingPort } from '../ports/pricing.js';
import type { TaxPort } from '../ports/tax.js';
import { fields, list, quantity, text } from './action-schemas.js';

const adjustments: Schema = {
  type: 'array',
  items: {
    type: 'object',
    required: ['id', 'reason'],
    additionalProperties: false,
    properties: {
      id: { type: 'string' },
      reason: { type: 'string' },
      amount: { type: 'string' },
      rate: { type: 'string' },
    },
  },
};

const taxes: Schema = {
  type: 'array',
  items: {
    type: 'object',
    required: ['name', 'rate'],
    additionalProperties: true,
    properties: { name: { type: 'string' }, rate: { type: 'string' } },
  },
};

/** A line with its price, as `orders.priceItems` answers it and `orders.addItems` takes it. */
export const pricedItem: Schema = {
  type: 'object',
  description: 'An item with its price and taxes, as `orders.priceItems` answers it.',
  required: ['sku', 'quantity', 'unitPrice'],
  additionalProperties: false,
  properties: {
    id: { type: 'string' },
    sku: { type: 'string', maxLength: 40 },
    title: { type: 'string', maxLength: 200 },
    returnable: { type: 'boolean' },
    deliveryGroup: { type: 'string', maxLength: 40 },
    quantity: quantity('Units.'),
    unitPrice: { type: 'string', pattern: '^\\d{1,12}(\\.\\d{1,3})?$' },
    adjustments,
    taxes,
  },
};

/** A delivery with what it costs. */
export const pricedDelivery: Schema = {
  type: 'object',
  description: 'A delivery group with its charge and taxes.',
  required: ['id', 'charge'],
  additionalProperties: false,
  properties: {
    id: { type: 'string' },
    method: { type: 'string' },
    charge: { type: 'string' },
    taxes,
  },
};

interface PriceItemsInput {
  readonly currency: string;
  readonly country: string;
  readonly region?: string;
  readonly items: readonly {
    readonly sku: string;
    readonly quantity: number;
    readonly deliveryGroup?: string;
  }[];
  readonly deliveryGroups?: readonly { readonly id: string; readonly method: string }[];
  readonly codes?: readonly string[];
  readonly customer?: string;
}

const toDraft = ({ id, reason, amount }: PriceAdjustment): DraftAdjustment => ({
  id,
  reason,
  amount: amount.amount,
});

/** `orders.priceItems`: a query, so that previews may ask it too. */
export function priceItemsAction(pricing: PricingPort, tax: TaxPort): Action {
  return {
    name: 'orders.priceItems',
    title: 'Price items',
    description:
      'What items and deliveries cost now, with promotions, and the taxes on them; changes nothing.',
    effect: 'query',
    timeoutMs: 10_000,
    input: fields(
      {
        currency: { type: 'string', pattern: '^[A-Z]{3}$', description: 'ISO 4217.' },
        country: {
          type: 'string',
          pattern: '^[A-Z]{2}$',
          description: 'Of the delivery; ISO 3166-1 alpha-2.',
        },
        region: text('Of the delivery.', 'WA', 100),
        items: list(
          fields(
            {
              sku: text('What is bought.', 'NW-011', 40),
              quantity: quantity('Units.'),
              deliveryGroup: text('Where it goes; the first group if left out.', 'D1', 40),
            },
            ['sku', 'quantity'],
          ),
          'The items.',
          1,
          100,
        ),
        deliveryGroups: list(
          fields({ id: text('Its id.', 'D1', 40), method: text('How it is sent.', 'Standard', 100) }, [
            'id',
            'method',
          ]),
          'Deliveries to be priced.',
          0,
          20,
        ),
        codes: list(text('A coupon code.', 'SPRING', 60), 'Coupon codes of the customer.', 0, 20),
        customer: text('Number of the customer.', 'ALFKI', 40),
      },
      ['currency', 'country', 'items'],
      { currency: 'EUR', country: 'DE', items: [{ sku: 'NW-011', quantity: 2 }] },
    ),
    output: {
      type: 'object',
      properties: {
        lines: { type: 'array', items: pricedItem },
        deliveryGroups: { type: 'array', items: pricedDelivery },
        adjustments,
        unused: { type: 'array', description: 'Codes that took nothing off, with the reason.' },
      },
      required: ['lines', 'deliveryGroups', 'adjustments', 'unused'],
      additionalProperties: false,
    },
    perform: async ({ input, now, signal }) => {
      const {
        currency,
        country,
        region,
        items,
        deliveryGroups = [],
        codes,
        customer,
      } = input as unknown as PriceItemsInput;
      const prices = await pricing.prices(
        {
          currency,
          at: now,
          lines: items.map(({ sku, quantity: units }, index) => ({
            id: String(index + 1),
            sku,
            quantity: units,
          })),
          deliveryGroups,
          ...(codes === undefined ? {} : { codes }),
          ...(customer === undefined ? {} : { customer }),
        },
        signal,
      );
      const rates = await tax.taxes(
        {
          country,
          ...(region === undefined ? {} : { region }),
          at: now,
          items: [...prices.lines.map(({ id }) => ({ id })), ...deliveryGroups.map(({ id }) => ({ id }))],
        },
        signal,
      );
      const taxesOf = (index: number): readonly TaxRate[] => rates[index]?.taxes ?? [];
      const lines = prices.lines.map((line, index): DraftLine => {
        const { deliveryGroup } = items[index]!;
        return {
          id: line.id,
          sku: line.sku,
          title: line.title,
          returnable: line.returnable,
          quantity: line.quantity,
          unitPrice: line.unitPrice.amount,
          adjustments: line.adjustments.map(toDraft),
          taxes: taxesOf(index),
          ...(deliveryGroup === undefined ? {} : { deliveryGroup }),
        };
      });
      const deliveries = prices.deliveryGroups.map(
        ({ id, method, charge }, index): DraftDelivery => ({
          id,
          method,
          charge: charge.amount,
          taxes: taxesOf(prices.lines.length + index),
        }),
      );
      return {
        lines,
        deliveryGroups: deliveries,
        adjustments: prices.adjustments.map(toDraft),
        unused: prices.unused,
      } as unknown as Json;
    },
  };
}
