// Cancels units that have not been given to fulfilment, or the whole order.
import { cancelItems, type CancelItemsInput, cancelOrder } from '../ledger/actions/cancel-items.js';
import { changeItems, changeOutput, fields, order, reason, settings } from './action-schemas.js';
import { orderAction, toChangeOutput } from './order-work.js';

const undo = { none: 'A cancellation is taken back by adding the items again, at the prices of that day.' };

export const cancelItemsAction = orderAction({
  name: 'orders.cancelItems',
  title: 'Cancel items',
  description: 'Cancels units that are neither cancelled nor allocated; a change order records it.',
  permission: 'orders.cancel',
  input: fields({ order, items: changeItems, reason, settings }, ['order', 'items'], {
    order: '10248',
    items: [{ line: '10248-1', quantity: 1 }],
  }),
  output: changeOutput,
  undo,
  change({ summary, settings: rules }, input) {
    const outcome = cancelItems(summary, input as unknown as CancelItemsInput, rules);
    return { summary: outcome.summary, output: toChangeOutput(outcome) };
  },
});

export const cancelOrderAction = orderAction({
  name: 'orders.cancelOrder',
  title: 'Cancel the order',
  description: 'Cancels every unit of an order of which nothing has been allocated.',
  permission: 'orders.cancel',
  input: fields({ order, reason, settings }, ['order'], { order: '10248' }),
  output: changeOutput,
  undo,
  change({ summary, settings: rules }, input) {
    const outcome = cancelOrder(summary, input as { reason?: string }, rules);
    return { summary: outcome.summary, output: toChangeOutput(outcome) };
  },
});
