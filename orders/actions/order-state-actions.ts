// What an order is, beside its money: its status, where it goes, and what stops it.
import type { Json } from '../../engine/definition/flow.js';
import type { Hold, OrderLedger } from '../aggregate/order-aggregate.js';
import { orderErrors } from '../order-errors.js';
import type { AddressRecord } from '../records/address.js';
import { type OrderStatus, orderStatuses } from '../records/order.js';
import { address, fields, order, reason, text } from './action-schemas.js';
import { orderAction } from './order-work.js';

const undo = { none: 'It is set again to what it was.' };
/** From which statuses an order may come to each; see OCC-9. */
const before: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  New: ['New'],
  'Submitted to Fulfillment': ['New', 'Submitted to Fulfillment'],
  'Being Processed': ['Submitted to Fulfillment', 'Being Processed'],
  Fulfilled: ['Being Processed', 'Submitted to Fulfillment', 'Fulfilled'],
  'Pending Removal': ['New', 'Submitted to Fulfillment', 'Pending Removal'],
  Removed: ['Pending Removal', 'New', 'Submitted to Fulfillment', 'Being Processed', 'Removed'],
};

export const setStatusAction = orderAction({
  name: 'orders.setStatus',
  title: 'Set the status',
  description: 'Sets the status of the order; steps that make no sense are refused.',
  permission: 'orders.write',
  input: fields(
    {
      order,
      status: { enum: [...orderStatuses], description: 'The new status.', examples: ['Removed'] },
      remorseUntil: {
        type: 'string',
        format: 'date-time',
        description: 'Until when it may be changed freely.',
      },
    },
    ['order', 'status'],
    { order: '10248', status: 'Removed' },
  ),
  output: fields({ status: text('The status now.', 'Removed') }, ['status']),
  undo,
  change({ aggregate, summary }, input) {
    const { status, remorseUntil } = input as { status: OrderStatus; remorseUntil?: string };
    const isGone = summary.lines.every(({ quantities }) => quantities.cancelled === quantities.ordered);
    if (!before[status].includes(aggregate.placed.status) || (status === 'Removed' && !isGone)) {
      throw orderErrors.error(
        'status-invalid',
        `an order that is ${aggregate.placed.status}${isGone ? '' : ' and has items left'} can not become ${status}`,
      );
    }
    return {
      placed: { status, ...(remorseUntil === undefined ? {} : { remorseUntil: new Date(remorseUntil) }) },
      output: { status },
    };
  },
});

export const setAddressAction = orderAction({
  name: 'orders.setAddress',
  title: 'Change the delivery address',
  description: 'Sends a delivery of the order elsewhere; refused once any of its units is in fulfilment.',
  permission: 'orders.change',
  input: fields({ order, deliveryGroup: text('Id of the delivery group.', 'D1', 40), address }, [
    'order',
    'deliveryGroup',
    'address',
  ]),
  output: fields({ deliveryGroup: text('Id of the delivery group.', 'D1') }, ['deliveryGroup']),
  undo,
  change({ aggregate, summary }, input) {
    const { deliveryGroup, address: given } = input as unknown as {
      deliveryGroup: string;
      address: AddressRecord;
    };
    checkUnallocated(summary, deliveryGroup);
    const deliveryGroups = aggregate.placed.deliveryGroups.map((group) =>
      group.id === deliveryGroup ? { ...group, address: given } : group,
    );
    return { placed: { deliveryGroups }, output: { deliveryGroup } };
  },
});

export const setDeliveryAction = orderAction({
  name: 'orders.setDelivery',
  title: 'Change how and when it is delivered',
  description:
    'Sets the requested day or the method of a delivery; refused once any of its units is in fulfilment.',
  permission: 'orders.change',
  input: fields(
    {
      order,
      deliveryGroup: text('Id of the delivery group.', 'D1', 40),
      method: text('How it is sent.', 'Express', 100),
      requestedBy: { type: 'string', format: 'date', description: 'The day it is wanted.' },
    },
    ['order', 'deliveryGroup'],
  ),
  output: fields({ deliveryGroup: text('Id of the delivery group.', 'D1') }, ['deliveryGroup']),
  undo,
  change({ aggregate, summary }, input) {
    const { deliveryGroup, method, requestedBy } = input as {
      deliveryGroup: string;
      method?: string;
      requestedBy?: string;
    };
    checkUnallocated(summary, deliveryGroup);
    const deliveryGroups = aggregate.placed.deliveryGroups.map((group) =>
      group.id === deliveryGroup
        ? {
            ...group,
            ...(method === undefined ? {} : { method }),
            ...(requestedBy === undefined ? {} : { requestedBy: new Date(requestedBy) }),
          }
        : group,
    );
    return { placed: { deliveryGroups }, output: { deliveryGroup } };
  },
});

function checkUnallocated(
  {
    lines,
    original,
  }: {
    lines: readonly { deliveryGroup: string; quantities: { allocated: number } }[];
    original: { deliveryGroups: readonly { id: string }[] };
  },
  deliveryGroup: string,
): void {
  if (!original.deliveryGroups.some(({ id }) => id === deliveryGroup)) {
    throw orderErrors.error('delivery-unknown', `the order has no delivery group ${deliveryGroup}`);
  }
  if (lines.some((line) => line.deliveryGroup === deliveryGroup && line.quantities.allocated > 0)) {
    throw orderErrors.error(
      'fulfilment-exceeds-available',
      `units of the delivery group ${deliveryGroup} are in fulfilment`,
    );
  }
}

export const holdAction = orderAction({
  name: 'orders.hold',
  title: 'Hold the order',
  description: 'Suspends the order or flags it with an alert: no flow on it goes on until that is lifted.',
  permission: 'orders.hold',
  input: fields(
    { order, kind: { enum: ['suspended', 'alert'], description: 'What kind of hold.' }, reason },
    ['order', 'kind', 'reason'],
    { order: '10248', kind: 'suspended', reason: 'possible fraud' },
  ),
  output: fields({ hold: text('Id of the hold.', 'H1') }, ['hold']),
  undo,
  change({ aggregate, call }, input) {
    const { kind, reason: why } = input as { kind: Hold['kind']; reason: string };
    const { holds } = aggregate.ledger;
    const hold: Hold = {
      id: nextHoldId(aggregate.ledger),
      kind,
      reason: why,
      by: call.user.id,
      at: call.now,
    };
    return { ledger: { holds: [...holds, hold] }, output: { hold: hold.id } };
  },
});

/** Lifted holds are in the history: their ids are not given again. */
function nextHoldId({ holds, attributions }: OrderLedger): string {
  const ids = [...holds.map(({ id }) => id), ...attributions.map(({ document }) => document)];
  const numbers = ids.map((id) => Number(/^H(\d+)$/.exec(id)?.[1] ?? 0));
  return `H${Math.max(0, ...numbers) + 1}`;
}

export const liftHoldAction = orderAction({
  name: 'orders.liftHold',
  title: 'Lift a hold',
  description: 'Resumes a suspended order or clears an alert.',
  permission: 'orders.hold',
  input: fields({ order, hold: text('Id of the hold.', 'H1', 40), reason }, ['order', 'hold', 'reason']),
  output: fields({ hold: text('Id of the hold.', 'H1') }, ['hold']),
  undo,
  change({ aggregate }, input) {
    const { hold, reason: why } = input as { hold: string; reason: string };
    const { holds } = aggregate.ledger;
    if (!holds.some(({ id }) => id === hold))
      throw orderErrors.error('hold-unknown', `the order has no hold ${hold}`);
    return {
      ledger: { holds: holds.filter(({ id }) => id !== hold) },
      told: [{ document: hold, what: `lifted: ${why}` }],
      output: { hold } as Json,
    };
  },
});
