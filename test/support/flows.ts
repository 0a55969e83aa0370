// Small flows for tests.
import type { ElementDefinition, FlowDefinition } from '../../engine/index.js';

export const minute = 60_000;
export const hour = 60 * minute;

/** A flow with the variables `n` (input, 0 by default) and `total` (output), and what else is given. */
export function flow(
  name: string,
  start: string | undefined,
  elements: Readonly<Record<string, ElementDefinition>>,
  more: Partial<FlowDefinition> = {},
): FlowDefinition {
  return {
    format: 1,
    name,
    label: name,
    start: { trigger: { type: 'action' }, ...(start === undefined ? {} : { next: start }) },
    ...more,
    variables: {
      n: { schema: { type: 'number' }, input: true, default: 0 },
      total: { schema: { type: 'number' }, output: true, default: 0 },
      ...more.variables,
    },
    elements,
  };
}

/** Calls an action, without inputs. */
export const call = (action: string, more: Partial<ElementDefinition> = {}): ElementDefinition => ({
  type: 'action',
  label: action,
  action,
  input: {},
  ...more,
});

/** Waits for the first of some events. */
export const waitFor = (...events: readonly object[]): ElementDefinition => ({
  type: 'wait',
  label: 'Wait',
  events,
});

/** Goes on at two elements side by side, in the branches `a` and `b`. */
export const both = (
  first: string,
  second: string,
  more: Partial<ElementDefinition> = {},
): ElementDefinition => ({
  type: 'parallel',
  label: 'Both',
  branches: [
    { name: 'a', start: first },
    { name: 'b', start: second },
  ],
  ...more,
});

/** Sets the status of the order it is started with. */
export const setStatus = flow(
  'set-status',
  'set',
  {
    set: {
      type: 'updateRecords',
      label: 'Set',
      record: 'order',
      id: { var: '$record.id' },
      fields: { status: { var: 'status' } },
    },
  },
  {
    start: { trigger: { type: 'action', record: 'order' }, next: 'set' },
    variables: { status: { schema: { type: 'string' }, input: true } },
  },
);

/** A loop over `list` that calls the flow `inner` for each `item` and adds up what it comes to in `total`. */
export const callsEach = (next?: string) => ({
  each: {
    type: 'loop',
    label: 'Each',
    collection: { var: 'list' },
    item: 'item',
    body: 'call',
    ...(next === undefined ? {} : { next }),
  },
  call: { type: 'subflow', label: 'Call', flow: 'inner', input: { n: { var: 'item' } }, next: 'add' },
  add: {
    type: 'assignment',
    label: 'Add',
    assignments: [{ target: 'total', operator: 'add', value: { var: 'call.total' } }],
    next: 'each',
  },
});
