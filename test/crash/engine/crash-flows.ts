// Flows of the crash tests: one nests a wait in a subflow in a loop in a branch; the others wait for signals, records and
// each other.
import type { CrashScenario } from './crash-play.js';
import { callsEach, flow } from '../../support/flows.js';

const inner = flow('inner', 'w', {
  w: { type: 'wait', label: 'Wait', events: [{ name: 'over', after: 'PT1H', next: 'pay' }] },
  pay: { type: 'action', label: 'Pay', action: 'charge', input: { n: { var: 'n' } }, next: 'sum' },
  sum: {
    type: 'assignment',
    label: 'Sum',
    assignments: [{ target: 'total', value: { '*': [{ var: 'n' }, 2] } }],
  },
});

const nested = flow(
  'nested',
  'p',
  {
    p: {
      type: 'parallel',
      label: 'Side by side',
      branches: [
        { name: 'left', start: 'each' },
        { name: 'right', start: 'bookIt' },
      ],
      next: 'read',
    },
    ...callsEach('told'),
    told: { type: 'note', label: 'Note', text: 'all called' },
    bookIt: { type: 'action', label: 'Book', action: 'book', input: {}, next: 'mark' },
    mark: {
      type: 'updateRecords',
      label: 'Mark',
      record: 'order',
      id: 'o1',
      fields: { status: 'booked' },
    },
    read: { type: 'getRecords', label: 'Read', record: 'order', id: 'o1', next: 'booked' },
    booked: {
      type: 'decision',
      label: 'Booked?',
      outcomes: [{ name: 'yes', when: { '===': [{ var: 'read.status' }, 'booked'] }, next: 'twice' }],
    },
    twice: {
      type: 'action',
      label: 'Twice',
      action: 'double',
      input: { value: { var: 'total' } },
      next: 'keep',
    },
    keep: {
      type: 'assignment',
      label: 'Keep',
      assignments: [{ target: 'total', value: { var: 'twice' } }],
      next: 'said',
    },
    said: { type: 'note', label: 'Note', text: 'done', next: 'over' },
    over: { type: 'end', label: 'End' },
  },
  {
    variables: {
      list: { schema: { type: 'array' }, default: [1, 2] },
      item: { schema: { type: ['number', 'null'] } },
    },
  },
);

const signalled = flow(
  'signalled',
  'send',
  {
    send: { type: 'action', label: 'Post', action: 'post', input: { letter: 1 }, next: 'w' },
    w: {
      type: 'wait',
      label: 'Wait',
      events: [
        { name: 'came', signal: 'scanned', next: 'race' },
        { name: 'never', after: 'P9D' },
      ],
    },
    race: {
      type: 'parallel',
      label: 'Race',
      join: 'any',
      branches: [
        { name: 'fast', start: 'soon' },
        { name: 'slow', start: 'later' },
      ],
      next: 'count',
    },
    soon: { type: 'wait', label: 'Soon', events: [{ name: 'soon', after: 'PT10M' }] },
    later: { type: 'wait', label: 'Later', events: [{ name: 'later', after: 'PT1H', next: 'lost' }] },
    lost: { type: 'action', label: 'Lost', action: 'charge', input: {} },
    count: {
      type: 'assignment',
      label: 'Count',
      assignments: [{ target: 'total', value: { var: 'w.payload.n' } }],
      next: 'second',
    },
    second: { type: 'action', label: 'Post', action: 'post', input: { letter: 2 }, next: 'mark' },
    mark: {
      type: 'updateRecords',
      label: 'Mark',
      record: 'order',
      where: [{ field: 'status', operator: 'equalTo', value: 'new' }],
      fields: { status: 'scanned', count: { var: 'total' } },
      next: 'paid',
    },
    paid: {
      type: 'wait',
      label: 'Paid',
      events: [
        {
          name: 'paid',
          record: { type: 'order', id: 'o2', when: { '===': [{ var: 'paid.record.status' }, 'paid'] } },
          next: 'thanks',
        },
      ],
    },
    thanks: { type: 'note', label: 'Thanks', text: 'thanks' },
  },
  {
    signals: {
      scanned: { schema: { type: 'object', properties: { n: { type: 'number' } } }, buffered: true },
    },
  },
);

/** Takes signals by their content: what comes first is kept for the second wait. */
const choosy = flow(
  'choosy',
  'large',
  {
    large: {
      type: 'wait',
      label: 'A large one',
      events: [
        { name: 'large', signal: 'counted', when: { '>': [{ var: '$event.n' }, 10] }, next: 'small' },
        { name: 'noLarge', after: 'P9D' },
      ],
    },
    small: {
      type: 'wait',
      label: 'A small one',
      events: [
        { name: 'small', signal: 'counted', when: { '<': [{ var: '$event.n' }, 10] }, next: 'sum' },
        { name: 'noSmall', after: 'P9D' },
      ],
    },
    sum: {
      type: 'assignment',
      label: 'Sum',
      assignments: [
        { target: 'total', value: { '-': [{ var: 'large.payload.n' }, { var: 'small.payload.n' }] } },
      ],
      next: 'tell',
    },
    tell: { type: 'note', label: 'Tell', text: 'sum' },
  },
  {
    signals: {
      counted: { schema: { type: 'object', properties: { n: { type: 'number' } } }, buffered: true },
    },
  },
);

const payer = flow('payer', 'wait', {
  wait: { type: 'wait', label: 'Wait', events: [{ name: 'over', after: 'PT2H', next: 'pay' }] },
  pay: { type: 'updateRecords', label: 'Pay', record: 'order', id: 'o2', fields: { status: 'paid' } },
});

/** Runs are named after their flows. */
export const kernelScenarios: readonly CrashScenario[] = [
  {
    name: 'a wait in a subflow in a loop in a branch',
    flows: [inner, nested],
    starts: [{ flow: 'nested' }],
    acts: [],
  },
  {
    name: 'signals, a race, letters that may not be repeated, and a run that waits for another one’s record',
    flows: [signalled, payer],
    starts: [{ flow: 'signalled' }, { flow: 'payer' }],
    acts: [
      {
        run: 'signalled',
        when: () => true,
        act: ({ engine }) =>
          engine.signal('signalled', 'scanned', { n: 7 }, { id: 'signalled-scanned', by: 'scanner' }),
      },
    ],
  },
  {
    name: 'signals that are taken by their content, and kept for a later wait',
    flows: [choosy],
    starts: [{ flow: 'choosy' }],
    acts: [
      {
        run: 'choosy',
        when: () => true,
        act: ({ engine }) => engine.signal('choosy', 'counted', { n: 2 }, { id: 'small', by: 'counter' }),
      },
      {
        run: 'choosy',
        when: () => true,
        act: ({ engine }) => engine.signal('choosy', 'counted', { n: 12 }, { id: 'large', by: 'counter' }),
      },
    ],
  },
];
