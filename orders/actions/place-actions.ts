// New orders: a number from a sequencer, then the priced order is kept before anybody outside is called (OCC-7).
import type { Action } from '../../engine/actions/action.js';
import { newLedger, type OrderAggregate } from '../aggregate/order-aggregate.js';
import { toOrderRecord } from '../aggregate/order-of-record.js';
import type { Numbers } from '../ports/numbers.js';
import { newDocuments } from '../ledger/documents.js';
import {
  priceOrder,
  type DraftAdjustment,
  type DraftDelivery,
  type DraftLine,
} from '../ledger/price-order.js';
import { ledgerSettings, type PartialSettings } from '../ledger/settings.js';
import { summarize } from '../ledger/summary.js';
import type { AddressRecord } from '../records/address.js';
import type { CustomerSnapshot, OrderRecord } from '../records/order.js';
import { address, fields, list, money, settings, text } from './action-schemas.js';
import { moneyJson, recordsOf } from './order-work.js';
import { pricedDelivery, pricedItem } from './pricing-actions.js';

export const nextNumberAction = (numbers: Numbers): Action => ({
  name: 'orders.nextNumber',
  title: 'Take an order number',
  description: 'A number that no other order has; one that is not used leaves a gap.',
  effect: 'query',
  timeoutMs: 10_000,
  input: fields({}, [], {}),
  output: fields({ number: text('The number.', '20001', 40) }, ['number']),
  perform: async () => ({ number: await numbers.next() }),
});

interface PlaceInput {
  readonly number: string;
  readonly currency: string;
  readonly taxPolicy?: 'net' | 'gross';
  readonly locale: string;
  readonly site?: string;
  readonly channel?: OrderRecord['channel'];
  readonly customer: CustomerSnapshot;
  readonly address: AddressRecord;
  readonly lines: readonly DraftLine[];
  readonly deliveryGroups: readonly DraftDelivery[];
  readonly adjustments?: readonly DraftAdjustment[];
  readonly properties?: Readonly<Record<string, string>>;
  readonly settings?: PartialSettings;
}

export const createOrderAction: Action = {
  name: 'orders.createOrder',
  title: 'Create an order',
  description: 'Keeps a priced order as New; nothing is authorized or sent yet.',
  permission: 'orders.submit',
  effect: 'records',
  input: fields(
    {
      number: text('From `orders.nextNumber`.', '20001', 40),
      currency: { type: 'string', pattern: '^[A-Z]{3}$', description: 'ISO 4217.' },
      taxPolicy: { enum: ['net', 'gross'], description: 'Whether prices contain the tax; net if left out.' },
      locale: text("The customer's language.", 'de-DE', 35),
      site: text('The shop site.', 'europe', 40),
      channel: { enum: ['web', 'phone', 'store'], description: 'How it was ordered; phone if left out.' },
      customer: fields(
        {
          number: text('Customer number.', 'ALFKI', 40),
          name: text('Name.', 'Maria Anders', 200),
          account: text('Company.', 'Alfreds Futterkiste', 200),
          email: text('E-mail.', 'maria@alfki.example', 254),
          phone: text('Phone.', '030-0074321', 40),
        },
        ['number', 'name', 'account', 'email'],
      ),
      address,
      lines: list(pricedItem, 'From `orders.priceItems`.', 1, 100),
      deliveryGroups: list(pricedDelivery, 'From `orders.priceItems`.', 1, 20),
      adjustments: { type: 'array', description: 'Of the order as a whole, from `orders.priceItems`.' },
      properties: {
        type: 'object',
        description: 'Further facts, by name.',
        additionalProperties: { type: 'string', maxLength: 500 },
        maxProperties: 50,
      },
      settings,
    },
    ['number', 'currency', 'locale', 'customer', 'address', 'lines', 'deliveryGroups'],
  ),
  output: {
    type: 'object',
    properties: {
      order: text('Its number.', '20001'),
      total: money('What it costs.'),
      currency: text('ISO 4217.', 'EUR'),
    },
    required: ['order', 'total', 'currency'],
    additionalProperties: false,
  },
  undo: { none: 'An order that is not wanted is cancelled.' },
  perform: async (call) => {
    const given = call.input as unknown as PlaceInput;
    const { number, currency, taxPolicy = 'net' } = given;
    const groups = given.deliveryGroups.map(({ id }) => id);
    const original = priceOrder(
      {
        number,
        currency,
        taxPolicy,
        lines: given.lines.map((line, index) => ({
          ...line,
          id: `${number}-${index + 1}`,
          deliveryGroup: line.deliveryGroup ?? groups[0]!,
        })),
        deliveryGroups: given.deliveryGroups,
        ...(given.adjustments === undefined ? {} : { adjustments: given.adjustments }),
      },
      ledgerSettings(given.settings ?? {}),
    );
    const documents = newDocuments(original);
    const summary = summarize(documents);
    const charges = new Map(original.components.map((component) => [component.id, component]));
    const aggregate: OrderAggregate = {
      placed: {
        _id: number,
        status: 'New',
        channel: given.channel ?? 'phone',
        site: given.site ?? 'default',
        locale: given.locale,
        currency,
        taxPolicy,
        customer: { ...given.customer, email: given.customer.email.toLowerCase() },
        billingAddress: given.address,
        placedAt: new Date(call.now),
        deliveryGroups: given.deliveryGroups.map(({ id, method = 'Standard' }) => {
          const component = [...charges.values()].find(
            ({ owner, kind }) => owner.id === id && kind === 'delivery',
          );
          const taxes = (component?.taxes ?? []).map(({ name, rate = '0', amount }) => ({
            name,
            rate,
            amount,
          }));
          const taxTotal = taxes.reduce((sum, { amount }) => sum + amount, 0n);
          const charge = component?.amount ?? 0n;
          return {
            id,
            method,
            address: given.address,
            charge,
            taxes,
            taxTotal,
            total: taxPolicy === 'net' ? charge + taxTotal : charge,
          };
        }),
      },
      original,
      ledger: {
        ...newLedger(documents),
        attributions: [{ document: number, what: 'order', at: call.now, by: call.user.id, run: call.run }],
      },
      ...(given.properties === undefined ? {} : { properties: given.properties }),
    };
    await recordsOf(call).create('order', toOrderRecord(aggregate, summary));
    return {
      order: number,
      total: moneyJson(summary.totals.grand.total, currency),
      currency,
    };
  },
};
