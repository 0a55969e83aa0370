// New orders: a number from a sequencer, then the priced order is kept before anybody outside is called (OCC-7).
import type { Action } from '../../engine/actions/action.js';
import type { Json } from '../../engine/definition/flow.js';
import { fromMinor } from '../../engine/money/money.js';
import { actionErrors } from '../../engine/runtime/run-errors.js';
import type { OrderAggregate } from '../aggregate/order-aggregate.js';
import { toOrderView } from '../aggregate/order-view.js';
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
import { fields, list, money, settings, text } from './action-schemas.js';
import { pricedDelivery, pricedItem } from './pricing-actions.js';

/** Gives each order number once, whatever becomes of it; gaps do no harm. */
export interface OrderNumbers {
  next(): Promise<string>;
}

export const nextNumberAction = (numbers: OrderNumbers): Action => ({
  name: 'orders.nextNumber',
  title: 'Take an order number',
  description: 'A number that no other order has; one that is not used leaves a gap.',
  effect: 'query',
  timeoutMs: 10_000,
  input: fields({}, [], {}),
  output: fields({ number: text('The number.', '20001', 40) }, ['number']),
  perform: async () => ({ number: await numbers.next() }),
});

const address = fields(
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
    if (call.records === undefined) throw actionErrors.error('failed', 'the action was given no records');
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
    const summary = summarize(newDocuments(original));
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
        changeOrders: [],
        allocations: {},
        shipments: [],
        returnOrders: [],
        creditMemos: [],
        invoices: [],
        payments: [],
        paymentDetails: {},
        movements: [],
        parcels: {},
        attributions: [{ document: number, what: 'order', at: call.now, by: call.user.id, run: call.run }],
        holds: [],
      },
      ...(given.properties === undefined ? {} : { properties: given.properties }),
    };
    await call.records.create('order', toOrderView(aggregate, summary));
    return {
      order: number,
      total: fromMinor(summary.totals.grand.total, currency) as unknown as Json,
      currency,
    };
  },
};
