// Adds items to a placed order, or exchanges fulfilled ones for them.
import { addItems, type AddItemsInput } from '../ledger/actions/add-items.js';
import { exchangeItems, type ExchangeItemsInput } from '../ledger/actions/exchange-items.js';
import { changeItems, changeOutput, fields, list, money, order, reason, settings } from './action-schemas.js';
import { moneyJson, orderAction, toChanged } from './order-work.js';
import { pricedItem } from './pricing-actions.js';

const pricedItems = list(pricedItem, 'Items with their prices, from `orders.priceItems`.', 1, 100);

/** The ledger gives added lines ids of its own. */
const withoutIds = (items: AddItemsInput['items']): AddItemsInput['items'] =>
  items.map((item) => {
    const { id: _id, ...rest } = item as typeof item & { id?: string };
    return rest;
  });

export const addItemsAction = orderAction({
  name: 'orders.addItems',
  title: 'Add items',
  description: 'Adds lines to the order; the balances say what has to be authorized for them.',
  permission: 'orders.change',
  input: fields({ order, items: pricedItems, reason, settings }, ['order', 'items'], {
    order: '10248',
    items: [{ sku: 'NW-011', title: 'Queso Cabrales', quantity: 1, unitPrice: '21.00' }],
  }),
  output: changeOutput,
  undo: { none: 'Added items are cancelled like others.' },
  change({ summary, settings: rules }, input) {
    const given = input as unknown as AddItemsInput;
    return toChanged(addItems(summary, { ...given, items: withoutIds(given.items) }, rules));
  },
});

export const exchangeItemsAction = orderAction({
  name: 'orders.exchangeItems',
  title: 'Exchange items',
  description: 'Returns fulfilled units and adds others; both are set off against each other.',
  permission: 'orders.return',
  input: fields(
    { order, returned: changeItems, added: pricedItems, reason, settings },
    ['order', 'returned', 'added'],
    {
      order: '10248',
      returned: [{ line: '10248-1', quantity: 1 }],
      added: [{ sku: 'NW-011', title: 'Queso Cabrales', quantity: 1, unitPrice: '21.00' }],
    },
  ),
  output: {
    ...changeOutput,
    properties: {
      ...(changeOutput['properties'] as object),
      refundAmount: money('What the customer gets back.'),
      dueAmount: money('What the customer has to pay.'),
    },
  },
  undo: { none: 'An exchange is taken back by another one.' },
  change({ summary, settings: rules }, input) {
    const {
      returned,
      added,
      reason: why,
    } = input as unknown as {
      returned: ExchangeItemsInput['returned']['items'];
      added: AddItemsInput['items'];
      reason?: string;
    };
    const because = why === undefined ? {} : { reason: why };
    const outcome = exchangeItems(
      summary,
      { returned: { items: returned, ...because }, added: { items: withoutIds(added), ...because } },
      rules,
    );
    const { currency } = summary.original;
    return toChanged(outcome, {
      refundAmount: moneyJson(outcome.refundAmount, currency),
      dueAmount: moneyJson(outcome.dueAmount, currency),
    });
  },
});
