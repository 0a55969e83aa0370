// Takes something off what lines, deliveries or the whole order cost.
import {
  type AdjustItemsInput,
  adjustItems,
  type AdjustOrderInput,
  adjustOrder,
} from '../ledger/actions/adjust.js';
import {
  adjustItems as adjustItemsSchema,
  changeOutput,
  fields,
  flag,
  money,
  order,
  reason,
  settings,
} from './action-schemas.js';
import { orderAction, toChanged } from './order-work.js';

const undo = { none: 'An adjustment lowers a price; it is taken back by adding an item or a fee.' };

export const adjustItemsAction = orderAction({
  name: 'orders.adjustItems',
  title: 'Adjust prices of items',
  description: 'Takes an amount or a percentage off lines and deliveries; change orders record it.',
  permission: 'orders.adjust',
  input: fields({ order, items: adjustItemsSchema, reason, settings }, ['order', 'items'], {
    order: '10248',
    items: [
      { line: '10248-1', adjustmentType: 'AmountWithTax', amount: { amount: '-5.00', currency: 'EUR' } },
    ],
  }),
  output: changeOutput,
  undo,
  change({ summary, settings: rules }, input) {
    return toChanged(adjustItems(summary, input as unknown as AdjustItemsInput, rules));
  },
});

export const adjustOrderAction = orderAction({
  name: 'orders.adjustOrder',
  title: 'Adjust the order',
  description: 'Takes one amount off the items and one off the delivery charges of the order (appeasement).',
  permission: 'orders.adjust',
  input: fields(
    {
      order,
      product: money('Off the items; negative.'),
      delivery: money('Off the delivery charges; negative.'),
      withTax: flag('Whether the amounts are with tax.'),
      reason,
      settings,
    },
    ['order'],
    { order: '10248', product: { amount: '-5.00', currency: 'EUR' } },
  ),
  output: changeOutput,
  undo,
  change({ summary, settings: rules }, input) {
    return toChanged(adjustOrder(summary, input as unknown as AdjustOrderInput, rules));
  },
});
