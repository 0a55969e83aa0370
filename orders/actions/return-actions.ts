// Returns: at once (blind), or with a return order that is created, received in parts and processed into money.
import type { Json, Schema } from '../../engine/definition/flow.js';
import { type ReturnItemsInput, returnItems } from '../ledger/actions/return-items.js';
import {
  type CreateReturnOrderInput,
  createReturnOrder,
  type ProcessReturnInput,
  processReturn,
  type ReceiveReturnInput,
  receiveReturn,
} from '../ledger/actions/return-orders.js';
import type { ReturnOrder } from '../ledger/documents.js';
import {
  changeItems,
  changeItemsInput,
  changeOutput,
  fee,
  fields,
  flag,
  list,
  order,
  quantity,
  reason,
  settings,
  text,
} from './action-schemas.js';
import { orderAction, toChanged } from './order-work.js';

const undo = { none: 'A return is taken back by shipping the item again.' };
const returnOrder = text('Id of the return order.', 'R1', 40);

const returnOutput: Schema = {
  type: 'object',
  properties: {
    returnOrder: { type: 'string', description: 'Id of the return order.' },
    status: { type: 'string', description: 'Open or Closed.' },
    lines: {
      type: 'array',
      description: 'Its lines as they are now.',
      items: {
        type: 'object',
        properties: {
          id: { type: 'string' },
          line: { type: 'string' },
          reason: { type: 'string' },
          expected: { type: 'integer' },
          received: { type: 'integer' },
          rejected: { type: 'integer' },
          returned: { type: 'integer' },
          cancelled: { type: 'integer' },
          processed: { type: 'boolean' },
        },
      },
    },
    isReceived: flag('Whether everything that is expected has come in.'),
  },
  required: ['returnOrder', 'status', 'lines', 'isReceived'],
  additionalProperties: true,
};

const toReturnOutput = ({ id, status, lines }: ReturnOrder): { readonly [name: string]: Json } => ({
  returnOrder: id,
  status,
  lines: lines.map(({ fees: _fees, canReduceShipping: _reduces, ...line }) => line as unknown as Json),
  isReceived: lines.every(({ expected, received, processed }) => processed || received === expected),
});

export const returnItemsAction = orderAction({
  name: 'orders.returnItems',
  title: 'Return items at once',
  description: 'Returns fulfilled units without a return order; a change order records it.',
  permission: 'orders.return',
  input: changeItemsInput,
  output: changeOutput,
  undo,
  change({ summary, settings: rules }, input) {
    return toChanged(returnItems(summary, input as unknown as ReturnItemsInput, rules));
  },
});

export const estimateReturnAction = orderAction({
  name: 'orders.estimateReturn',
  title: 'Estimate a return',
  description: 'What a return of these units would come to; changes nothing.',
  permission: 'orders.read',
  input: fields({ order, items: changeItems, settings }, ['order', 'items'], {
    order: '10248',
    items: [{ line: '10248-1', quantity: 1 }],
  }),
  output: changeOutput,
  change({ summary, settings: rules }, input) {
    const { output } = toChanged(returnItems(summary, input as unknown as ReturnItemsInput, rules));
    return { output };
  },
});

export const createReturnOrderAction = orderAction({
  name: 'orders.createReturnOrder',
  title: 'Create a return order',
  description: 'Announces a return; no amount changes until it is processed.',
  permission: 'orders.return',
  input: fields(
    {
      order,
      lifeCycle: { enum: ['Managed', 'Unmanaged'], description: 'Unmanaged: tracks parcels only.' },
      lines: list(
        fields(
          {
            line: text('Id of the line.', '10248-1', 60),
            quantityExpected: quantity('Units that will come back.'),
            quantityReceived: quantity('Units that are here already.', 0),
            reason,
            canReduceShipping: flag('Whether the units give up their share of the delivery charge.'),
            fees: list(fee, 'Fees for these units.', 0, 10),
          },
          ['line', 'quantityExpected'],
        ),
        'What will come back; a line twice only with different reasons.',
      ),
      settings,
    },
    ['order', 'lines'],
    { order: '10248', lines: [{ line: '10248-1', quantityExpected: 1, reason: 'broken' }] },
  ),
  output: returnOutput,
  undo: { none: 'Nothing has moved yet: process the return with quantityToCancel.' },
  change({ summary, settings: rules }, input) {
    const made = createReturnOrder(summary, input as unknown as CreateReturnOrderInput, rules);
    return { summary: made.summary, output: toReturnOutput(made.returnOrder) };
  },
});

export const receiveReturnAction = orderAction({
  name: 'orders.receiveReturn',
  title: 'Receive returned units',
  description: 'Takes down units that came in; parts may come one after the other.',
  permission: 'returns.receive',
  input: fields(
    {
      order,
      returnOrder,
      lines: list(
        fields(
          {
            returnLine: text('Id of the return line.', 'R1-1', 60),
            quantity: quantity('Units that came in.'),
          },
          ['returnLine', 'quantity'],
        ),
        'What came in.',
      ),
    },
    ['order', 'returnOrder', 'lines'],
    { order: '10248', returnOrder: 'R1', lines: [{ returnLine: 'R1-1', quantity: 1 }] },
  ),
  output: returnOutput,
  undo: { none: 'What came in is here; it is sent back as a new parcel.' },
  change({ summary }, input) {
    const made = receiveReturn(summary, input as unknown as ReceiveReturnInput);
    return { summary: made.summary, output: toReturnOutput(made.returnOrder) };
  },
});

export const processReturnAction = orderAction({
  name: 'orders.processReturn',
  title: 'Process a return',
  description:
    'Turns return lines into money by a change order; what is left of a line goes on a split line.',
  permission: 'orders.return',
  input: fields(
    {
      order,
      returnOrder,
      items: list(
        fields(
          {
            returnLine: text('Id of the return line.', 'R1-1', 60),
            quantityReturned: quantity('Units to give money back for.', 0),
            quantityToCancel: quantity('Units that will not come back.', 0),
            quantityRejected: quantity('Units that came in and are not accepted.', 0),
            reasonForRejection: reason,
            fees: list(fee, 'In place of the fees of the return line.', 0, 10),
          },
          ['returnLine', 'quantityReturned'],
        ),
        'The lines to process.',
      ),
      reason,
      settings,
    },
    ['order', 'returnOrder', 'items'],
    { order: '10248', returnOrder: 'R1', items: [{ returnLine: 'R1-1', quantityReturned: 1 }] },
  ),
  output: {
    ...changeOutput,
    properties: { ...(changeOutput['properties'] as object), ...(returnOutput['properties'] as object) },
  },
  undo,
  change({ summary, settings: rules }, input) {
    const outcome = processReturn(summary, input as unknown as ProcessReturnInput, rules);
    const more = {
      ...toReturnOutput(outcome.returnOrder),
      splits: outcome.splits as unknown as Json,
    };
    return toChanged(outcome, more);
  },
});
