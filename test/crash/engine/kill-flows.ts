// The flows of the kill test: calls of every repeat policy, times, a signal, a race, and a wait in a subflow in a loop in a
// branch.
import type { FlowDefinition } from '../../../engine/index.js';
import { callsEach, flow } from '../../support/flows.js';

export const inner: FlowDefinition = flow('inner', 'wait', {
  wait: { type: 'wait', label: 'Wait', events: [{ name: 'over', after: 'PT10S', next: 'pay' }] },
  pay: { type: 'action', label: 'Pay', action: 'charge', input: { n: { var: 'n' } }, next: 'sum' },
  sum: {
    type: 'assignment',
    label: 'Sum',
    assignments: [{ target: 'total', value: { '*': [{ var: 'n' }, 2] } }],
  },
});

export const mixed: FlowDefinition = flow(
  'mixed',
  'p',
  {
    p: {
      type: 'parallel',
      label: 'Side by side',
      branches: [
        { name: 'loop', start: 'each' },
        { name: 'call', start: 'bookIt' },
        { name: 'signal', start: 'w' },
      ],
      next: 'race',
    },
    ...callsEach(),
    bookIt: { type: 'action', label: 'Book', action: 'book', input: {}, next: 'make' },
    make: {
      type: 'updateRecords',
      label: 'Mark',
      record: 'order',
      id: { var: '$flow.run' },
      fields: { booked: { var: 'bookIt.of' } },
      next: 'told',
    },
    told: { type: 'note', label: 'Note', text: 'booked' },
    w: { type: 'wait', label: 'Wait', events: [{ name: 'came', signal: 'go', next: 'send' }] },
    send: { type: 'action', label: 'Post', action: 'post', input: {}, next: 'sent' },
    sent: { type: 'note', label: 'Note', text: 'sent' },
    race: {
      type: 'parallel',
      label: 'Race',
      join: 'any',
      branches: [
        { name: 'soon', start: 'soon' },
        { name: 'later', start: 'later' },
      ],
      next: 'pay',
    },
    soon: { type: 'wait', label: 'Soon', events: [{ name: 'soon', after: 'PT5S' }] },
    later: { type: 'wait', label: 'Later', events: [{ name: 'later', after: 'P9D', next: 'lost' }] },
    lost: { type: 'action', label: 'Lost', action: 'charge', input: {} },
    pay: { type: 'action', label: 'Pay', action: 'charge', input: { n: { var: 'total' } }, next: 'again' },
    again: { type: 'action', label: 'Post', action: 'post', input: {}, next: 'mark' },
    mark: {
      type: 'updateRecords',
      label: 'Mark',
      record: 'order',
      id: { var: '$flow.run' },
      fields: { paid: { var: 'total' } },
    },
  },
  {
    signals: {
      go: { schema: { type: 'object', properties: { n: { type: 'number' } } }, buffered: true },
    },
    variables: {
      list: { schema: { type: 'array' }, default: [1, 2] },
      item: { schema: { type: ['number', 'null'] } },
    },
  },
);
