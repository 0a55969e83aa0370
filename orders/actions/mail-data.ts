// What mails say of an order: who it goes to, in which language, and the items that a change is about.
import type { Json, Schema } from '../../engine/definition/flow.js';
import type { ChangeOrder } from '../ledger/change-order.js';
import { sumOf, taxedOf } from '../ledger/component.js';
import type { OrderSummary } from '../ledger/summary.js';
import { fields, list, money, order, quantity, text } from './action-schemas.js';
import { moneyJson, orderAction } from './order-work.js';

/** Who the mails come from, as they say. */
export interface Shop {
  readonly name: string;
  readonly url: string;
  readonly email: string;
}

const items: Schema = {
  type: 'array',
  description: 'The items concerned.',
  items: {
    type: 'object',
    properties: {
      sku: { type: 'string' },
      name: { type: 'string' },
      quantity: { type: 'integer' },
      amount: money('What these units came to, with tax.'),
    },
    required: ['sku', 'name', 'quantity', 'amount'],
    additionalProperties: false,
  },
};

/** `orders.mailData`: reads the order and changes nothing. */
export const mailDataAction = (shop: Shop) =>
  orderAction({
    name: 'orders.mailData',
    title: 'Data for a mail about the order',
    description:
      'Whom a mail about the order goes to, its language, and the items: those of change orders, those named, or all.',
    permission: 'orders.read',
    input: fields(
      {
        order,
        changeOrders: list(
          text('Id of a change order.', 'C1', 40),
          'Change orders whose items are meant.',
          0,
        ),
        lines: list(
          fields({ line: text('Id of a line.', '10248-1', 60), quantity: quantity('Units.') }, [
            'line',
            'quantity',
          ]),
          'Lines that are meant.',
          0,
        ),
      },
      ['order'],
      { order: '10248', changeOrders: ['C1'] },
    ),
    output: {
      type: 'object',
      properties: {
        to: { type: 'string', description: "The customer's address." },
        locale: { type: 'string', description: "The order's language." },
        customer: {
          type: 'object',
          properties: { name: { type: 'string' } },
          required: ['name'],
          additionalProperties: false,
        },
        order: {
          type: 'object',
          properties: { number: { type: 'string' }, placedOn: { type: 'string', format: 'date' } },
          required: ['number', 'placedOn'],
          additionalProperties: false,
        },
        shop: {
          type: 'object',
          properties: { name: { type: 'string' }, url: { type: 'string' }, email: { type: 'string' } },
          required: ['name', 'url', 'email'],
          additionalProperties: false,
        },
        items,
        total: money('What the order costs now.'),
        delivery: money('What its deliveries cost now.'),
        today: { type: 'string', format: 'date', description: 'The day of now, in UTC.' },
      },
      required: ['to', 'locale', 'customer', 'order', 'shop', 'items', 'total', 'delivery', 'today'],
      additionalProperties: false,
    },
    change({ summary, aggregate: { placed }, call }, input) {
      const { changeOrders, lines } = input as {
        changeOrders?: readonly string[];
        lines?: readonly { line: string; quantity: number }[];
      };
      const { currency } = placed;
      const amount = (minor: bigint): Json => moneyJson(minor, currency);
      const meant =
        changeOrders !== undefined
          ? summary.changeOrders.filter(({ id }) => changeOrders.includes(id)).flatMap(unitsOf)
          : (lines ??
            summary.lines.map(({ id, quantities }) => ({ line: id, quantity: quantities.ordered })));
      return {
        output: {
          to: placed.customer.email,
          locale: placed.locale,
          customer: { name: placed.customer.name },
          order: { number: placed._id, placedOn: placed.placedAt.toISOString().slice(0, 10) },
          shop: { ...shop },
          items: meant.flatMap(({ line: id, quantity: units }): Json[] => {
            const line = summary.lines.find((each) => each.id === id);
            if (line === undefined) return [];
            const worth =
              changeOrders === undefined ? shareOf(summary, id, units) : changed(summary, changeOrders, id);
            return [{ sku: line.sku, name: line.title, quantity: units, amount: amount(worth) }];
          }),
          total: amount(summary.totals.grand.total),
          delivery: amount(summary.totals.delivery.total),
          today: call.now.slice(0, 10),
        },
      };
    },
  });

const unitsOf = ({ quantities, addedLines }: ChangeOrder) => [
  ...quantities
    .map(({ line, cancelled, returned }) => ({ line, quantity: cancelled + returned }))
    .filter(({ quantity: units }) => units > 0),
  ...addedLines.map(({ id, quantity: units }) => ({ line: id, quantity: units })),
];

/** What change orders changed of a line, as a positive amount. */
function changed({ changeOrders, components }: OrderSummary, ids: readonly string[], line: string): bigint {
  const byId = new Map(components.map((component) => [component.id, component]));
  const sum = sumOf(
    changeOrders
      .filter(({ id }) => ids.includes(id))
      .flatMap(({ entries }) => entries)
      .filter(({ component }) => byId.get(component)?.owner.id === line)
      .map((entry) => taxedOf(byId.get(entry.component)!, entry).total),
  );
  return sum < 0n ? -sum : sum;
}

/** What some units of a line cost when they were ordered, rounded down; for display only. */
function shareOf({ lines, components }: OrderSummary, id: string, units: number): bigint {
  const ordered = lines.find((line) => line.id === id)?.quantities.ordered ?? 1;
  const whole = sumOf(
    components
      .filter(({ owner }) => owner.kind === 'line' && owner.id === id)
      .map(
        (component) =>
          taxedOf(component, { amount: component.amount, taxes: component.taxes.map((tax) => tax.amount) })
            .total,
      ),
  );
  return (whole * BigInt(units)) / BigInt(ordered);
}
