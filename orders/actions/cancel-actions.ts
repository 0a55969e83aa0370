// Cancels units that have not been given to fulfilment, or the whole order.
import { cancelItems, type CancelItemsInput, cancelOrder } from '../ledger/actions/cancel-items.js';
import { changeItemsInput, changeOutput, fields, order, reason, settings } from './action-schemas.js';
import { orderAction, toChanged } from './order-work.js';

const undo = { none: 'A cancellation is taken back by adding the items again, at the prices of that day.' };

export const cancelItemsAction = orderAction({
  name: 'orders.cancelItems',
  title: 'Cancel items',
  description: 'Cancels units that are neither cancelled nor allocated; a change order records it.',
  permission: 'orders.cancel',
  input: changeItemsInput,
  output: changeOutput,
  undo,
  change({ summary, settings: rules }, input) {
    return toChanged(cancelItems(summary, input as unknown as CancelItemsInput, rules));
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
    return toChanged(cancelOrder(summary, input as { reason?: string }, rules));
  },
});
