// Flows of the crash tests that use the elements beyond the kernel: people, lists and records, faults, races, holds and
// undoing.
import {
  type ElementDefinition,
  type Json,
  recordErrors,
  runErrors,
  type RunState,
} from '../../../engine/index.js';
import { flow } from '../../support/flows.js';
import type { Act, CrashScenario } from './crash-play.js';

const fields = [{ name: 'reason', label: 'Why?', schema: { type: 'string' }, required: true }];

const people = flow('people', 'first', {
  first: { type: 'screen', label: 'First', fields, pause: true, next: 'second' },
  second: { type: 'screen', label: 'Second', fields, back: 'first', next: 'work' },
  work: {
    type: 'task',
    label: 'Work',
    subject: 'Check',
    assignee: { queue: 'returns' },
    next: 'allow',
  },
  allow: {
    type: 'approval',
    label: 'Allow',
    subject: 'May it be?',
    assignee: { group: 'bosses' },
    approvers: 2,
    fourEyes: true,
    next: 'thanks',
    rejected: 'refused',
  },
  thanks: { type: 'note', label: 'Thanks', text: 'thanks' },
  refused: { type: 'raiseError', label: 'Refused', message: 'Refused' },
});

interface Answer {
  readonly element: string;
  readonly visit?: number;
  readonly name?: string;
  readonly by?: string;
  readonly payload?: Json;
}

function answers(run: string, given: readonly Answer[]): Act[] {
  return given.map(({ element, visit = 1, name = 'answer', by = 'agent', payload = {} }, index) => ({
    run,
    when: ({ root }) => {
      const activity = root.activities[element];
      return activity?.visit === visit && activity.waits.some((wait) => 'name' in wait && wait.name === name);
    },
    act: ({ engine }) =>
      engine.answer(run, { frame: 'main', element, visit, name }, payload, { id: `${run}-a${index}`, by }),
  }));
}

const values = { reason: 'because' };

const lists = flow(
  'lists',
  'kept',
  {
    kept: {
      type: 'filter',
      label: 'Kept',
      collection: { var: 'lines' },
      item: 'line',
      when: { '>': [{ var: 'line.q' }, 0] },
      next: 'sorted',
    },
    sorted: {
      type: 'sort',
      label: 'Sorted',
      collection: { var: 'kept' },
      by: [{ field: 'sku' }],
      next: 'sum',
    },
    sum: {
      type: 'transform',
      label: 'Sum',
      operation: 'sum',
      collection: { var: 'sorted' },
      item: 'line',
      value: { var: 'line.q' },
      next: 'table',
    },
    table: {
      type: 'decisionTable',
      label: 'Table',
      inputs: [{ name: 'amount', value: { var: 'sum' }, schema: { type: 'number' } }],
      rules: [
        { when: { amount: { lessThan: 3 } }, output: { size: 'small' } },
        { when: { amount: { greaterThanOrEqualTo: 3 } }, output: { size: 'large' }, next: 'split' },
      ],
    },
    split: {
      type: 'experiment',
      label: 'Split',
      paths: [
        { name: 'one', percent: 50, next: 'make' },
        { name: 'other', percent: 50, next: 'tag' },
      ],
    },
    tag: {
      type: 'createRecords',
      label: 'Tag',
      record: 'order',
      fields: { sku: 'other', status: 'tagged' },
      next: 'make',
    },
    make: {
      type: 'createRecords',
      label: 'Make',
      record: 'order',
      collection: { var: 'sorted' },
      item: 'line',
      fields: { sku: { var: 'line.sku' }, status: 'made' },
      next: 'again',
    },
    again: {
      type: 'createRecords',
      label: 'Again',
      record: 'order',
      fields: { sku: 'a', status: 'again' },
      match: { by: ['sku'] },
      next: 'mailed',
    },
    mailed: { type: 'sendMail', label: 'Mail', template: 'made', to: 'shop@shop.example', next: 'pause' },
    pause: { type: 'wait', label: 'Pause', events: [{ name: 'over', after: 'PT10M', next: 'gone' }] },
    gone: {
      type: 'deleteRecords',
      label: 'Gone',
      record: 'order',
      where: [{ field: 'sku', operator: 'equalTo', value: 'b' }],
      next: 'wrong',
    },
    wrong: {
      type: 'updateRecords',
      label: 'Wrong',
      record: 'order',
      id: 'o1',
      fields: { status: 'wrong' },
      next: 'back',
    },
    // Takes back the deletion, too.
    back: { type: 'rollBack', label: 'Back', next: 'goneAgain' },
    goneAgain: {
      type: 'deleteRecords',
      label: 'Gone again',
      record: 'order',
      where: [{ field: 'sku', operator: 'equalTo', value: 'b' }],
      next: 'rest',
    },
    rest: { type: 'wait', label: 'Rest', events: [{ name: 'over', after: 'PT10M', next: 'worse' }] },
    worse: {
      type: 'updateRecords',
      label: 'Worse',
      record: 'order',
      id: 'o1',
      fields: { status: 'worse' },
      next: 'never',
    },
    never: { type: 'note', label: 'Never', text: 'never told', next: 'refuse' },
    refuse: {
      type: 'raiseError',
      label: 'Refuse',
      message: 'No {{sum}}',
      onFault: { next: 'told', rollBack: true },
    },
    told: { type: 'emitEvent', label: 'Tell', event: 'lists.done', payload: { sum: { var: 'sum' } } },
  },
  {
    variables: {
      lines: {
        schema: { type: 'array' },
        default: [
          { sku: 'b', q: 2 },
          { sku: 'a', q: 1 },
          { sku: 'c', q: 0 },
        ],
      },
      line: { schema: { type: ['object', 'null'] } },
    },
  },
);

const listener = flow(
  'listener',
  'heard',
  { heard: { type: 'action', label: 'Heard', action: 'charge', input: {} } },
  { start: { trigger: { type: 'event', event: 'lists.done' }, next: 'heard' } },
);

const event = 'parcel.received';

/** Tells of a parcel, and of another. */
const teller = flow('teller', 'rest', {
  rest: { type: 'wait', label: 'Rest', events: [{ name: 'over', after: 'PT2H', next: 'tell' }] },
  tell: { type: 'emitEvent', label: 'Tell', event, key: 'a', payload: { to: 'DE', n: 2 }, next: 'more' },
  more: { type: 'wait', label: 'More', events: [{ name: 'over', after: 'PT2H', next: 'again' }] },
  again: { type: 'emitEvent', label: 'Again', event, key: 'a', payload: { to: 'DE', n: 3 } },
});

/** Waits for the one and, as soon as it was paid for, for the other. */
const hearer = flow('hearer', 'w', {
  w: {
    type: 'wait',
    label: 'Wait',
    events: [
      { name: 'heard', event, key: 'a', when: { '==': [{ var: '$event.to' }, 'DE'] }, next: 'add' },
      { name: 'never', after: 'P9D' },
    ],
  },
  add: {
    type: 'assignment',
    label: 'Add',
    assignments: [{ target: 'total', operator: 'add', value: { var: 'w.payload.n' } }],
    next: 'pay',
  },
  pay: { type: 'action', label: 'Pay', action: 'charge', input: { n: { var: 'total' } }, next: 'enough' },
  enough: {
    type: 'decision',
    label: 'Enough?',
    outcomes: [{ name: 'no', when: { '<': [{ var: 'total' }, 5] }, next: 'w' }],
  },
});

/** Waits for one that goes elsewhere. */
const deaf = flow('deaf', 'w', {
  w: {
    type: 'wait',
    label: 'Wait',
    events: [
      { name: 'unheard', event, when: { '==': [{ var: '$event.to' }, 'FR'] }, next: 'pay' },
      { name: 'over', after: 'PT9H', next: 'told' },
    ],
  },
  pay: { type: 'action', label: 'Pay', action: 'charge', input: {} },
  told: { type: 'note', label: 'Told', text: 'nothing came' },
});

/** Of two calls, the first. */
const race = (next: string): ElementDefinition => ({
  type: 'parallel',
  label: 'Race',
  join: 'any',
  branches: [
    { name: 'quick', start: 'quick' },
    { name: 'slow', start: 'slow' },
  ],
  next,
});

const troubled = flow('troubled', 'flaky', {
  flaky: {
    type: 'action',
    label: 'Flaky',
    action: 'charge',
    input: {},
    // A worker that dies costs an attempt, too.
    retry: { attempts: 5, delayMs: 60_000 },
    next: 'refused',
  },
  refused: {
    type: 'action',
    label: 'Refused',
    action: 'charge',
    input: {},
    next: 'race',
    onFault: { next: 'sorry' },
  },
  sorry: { type: 'note', label: 'Sorry', text: 'sorry', next: 'race' },
  race: race('rest'),
  quick: { type: 'action', label: 'Quick', action: 'charge', input: {} },
  slow: { type: 'action', label: 'Slow', action: 'book', input: {} },
  rest: { type: 'wait', label: 'Rest', events: [{ name: 'over', after: 'PT20M', next: 'over' }] },
  over: { type: 'note', label: 'Over', text: 'over' },
});

/** Nobody asks for these calls again: one after the other, side by side, beside a wait, and one that loses a race. */
const final = flow('final', 'p', {
  p: {
    type: 'parallel',
    label: 'Side by side',
    branches: [
      { name: 'letters', start: 'mail' },
      { name: 'bell', start: 'ring' },
    ],
    next: 'race',
  },
  mail: { type: 'action', label: 'Mail', action: 'mail', input: { letter: 1 }, next: 'file' },
  file: { type: 'action', label: 'File', action: 'file', input: { letter: { var: 'mail.of.letter' } } },
  ring: { type: 'action', label: 'Ring', action: 'ring', input: {}, next: 'rest' },
  rest: { type: 'wait', label: 'Rest', events: [{ name: 'over', after: 'PT10M', next: 'again' }] },
  again: { type: 'action', label: 'Mail', action: 'mail', input: { letter: 2 } },
  race: race('last'),
  quick: { type: 'action', label: 'Quick', action: 'mail', input: {} },
  slow: { type: 'action', label: 'Slow', action: 'file', input: {} },
  last: { type: 'action', label: 'Ring', action: 'ring', input: {}, next: 'over' },
  over: { type: 'note', label: 'Over', text: 'over' },
});

const undone = flow('undone', 'pay', {
  pay: { type: 'action', label: 'Pay', action: 'charge', input: {}, next: 'bookIt' },
  bookIt: { type: 'action', label: 'Book', action: 'book', input: {}, next: 'long' },
  long: { type: 'wait', label: 'Long', events: [{ name: 'over', after: 'P90D' }] },
});

const holding = flow('holding', 'hour', {
  hour: { type: 'wait', label: 'Hour', events: [{ name: 'over', after: 'PT1H', next: 'pay' }] },
  pay: { type: 'action', label: 'Pay', action: 'charge', input: {}, next: 'paid' },
  paid: { type: 'updateRecords', label: 'Paid', record: 'order', id: 'o2', fields: { status: 'paid' } },
});

/** Counts the saves of orders, and refuses bad ones. */
const counting = flow(
  'counting',
  'bad',
  {
    bad: {
      type: 'decision',
      label: 'Bad?',
      outcomes: [{ name: 'yes', when: { '===': [{ var: '$record.status' }, 'bad'] }, next: 'refuse' }],
      next: 'twice',
    },
    refuse: { type: 'raiseError', label: 'Refuse', message: 'Bad' },
    twice: {
      type: 'action',
      label: 'Twice',
      action: 'double',
      input: { value: { var: ['$recordPrior.count', 0] } },
      next: 'count',
    },
    count: {
      type: 'assignment',
      label: 'Count',
      assignments: [
        { target: '$record.twice', value: { var: 'twice' } },
        { target: '$record.count', operator: 'add', value: 1 },
      ],
    },
  },
  {
    start: {
      trigger: { type: 'recordChange', record: 'order', on: ['create', 'update'], before: true },
      next: 'bad',
    },
  },
);

const status = (label: string, next?: string) => ({
  type: 'updateRecords',
  label,
  record: 'order',
  id: 'o1',
  fields: { status: label },
  ...(next === undefined ? {} : { next }),
});

const saving = flow('saving', 'first', {
  first: status('first', 'pay'),
  pay: { type: 'action', label: 'Pay', action: 'charge', input: {}, next: 'second' },
  second: status('second', 'refused'),
  refused: { ...status('bad', 'pay'), onFault: { next: 'told' } },
  told: { type: 'note', label: 'Told', text: 'refused', next: 'made' },
  made: {
    type: 'createRecords',
    label: 'Made',
    record: 'order',
    fields: { id: 'made', status: 'made' },
    next: 'rest',
  },
  rest: { type: 'wait', label: 'Rest', events: [{ name: 'over', after: 'PT10M', next: 'last' }] },
  last: status('last'),
});

const isStatus =
  (status: RunState['status']) =>
  (run: RunState): boolean =>
    run.status === status;

/** Together with those of the kernel they use every element. */
export const elementScenarios: readonly CrashScenario[] = [
  {
    name: 'screens left, paused and gone back to, a task claimed and given back, an approval by two',
    flows: [people],
    starts: [{ flow: 'people' }],
    acts: answers('people', [
      { element: 'first', payload: { go: 'pause', values } },
      { element: 'first', payload: { values } },
      { element: 'second', payload: { go: 'back', values } },
      { element: 'first', visit: 2, payload: { values } },
      { element: 'second', visit: 2, payload: { values } },
      { element: 'work', name: 'claim', by: 'ada' },
      { element: 'work', name: 'release', by: 'ada' },
      { element: 'work', name: 'claim', by: 'bob' },
      { element: 'work', by: 'bob' },
      { element: 'allow', name: 'claim', by: 'cy' },
      { element: 'allow', by: 'cy', payload: { approved: true } },
      { element: 'allow', name: 'claim', by: 'ada' },
      { element: 'allow', by: 'ada', payload: { approved: true } },
    ]),
  },
  {
    name: 'lists, a path of two, records made, matched and deleted, a roll-back, an error raised, a mail, an event that starts a flow',
    flows: [listener, lists],
    starts: [{ flow: 'lists' }],
    acts: [],
  },
  {
    name: 'events that one run takes, one after the other, and another does not',
    flows: [hearer, deaf, teller],
    starts: [{ flow: 'hearer' }, { flow: 'deaf' }, { flow: 'teller' }],
    acts: [],
  },
  {
    name: 'a call tried again, a call refused, and a race whose loser answers late',
    flows: [troubled],
    starts: [{ flow: 'troubled' }],
    acts: [],
    racing: [':quick:', ':slow:'],
    prepare({ provider }) {
      const tried = new Set<string>();
      provider.script('charge', ({ key }) => {
        if (key.includes(':refused:')) throw recordErrors.error('unknown', 'no such account');
        if (key.includes(':flaky:') && !tried.has(key)) {
          tried.add(key);
          throw runErrors.error('overloaded', 'later');
        }
        return { ok: true };
      });
      provider.script('book', async () => {
        await new Promise((resolve) => setTimeout(resolve, 10));
        return { ok: true };
      });
    },
  },
  {
    name: 'calls that nobody asks for again, in a row, side by side, and in a race whose loser answers late',
    flows: [final],
    starts: [{ flow: 'final' }],
    acts: [],
    racing: [':quick:', ':slow:'],
    prepare({ provider }) {
      provider.script('file', async ({ key, input }) => {
        if (key.includes(':slow:')) await new Promise((resolve) => setTimeout(resolve, 10));
        return { ok: true, of: input };
      });
    },
  },
  {
    name: 'saves that a flow before them counts, and one that it refuses',
    flows: [counting, saving],
    starts: [{ flow: 'saving' }],
    acts: [],
  },
  {
    name: 'a run cancelled, and undone',
    flows: [undone],
    starts: [{ flow: 'undone' }],
    acts: [
      {
        run: 'undone',
        when: ({ root }) => root.activities['long'] !== undefined,
        act: ({ engine }) =>
          engine.cancel('undone', { by: 'operator', reason: 'not wanted' }, { compensate: true }),
        doneBy: ['run.ended', 'run.operation-refused'],
      },
    ],
  },
  {
    name: 'a hold on the subject, lifted after the wait was over',
    flows: [holding],
    starts: [{ flow: 'holding', subject: 'o2' }],
    acts: [
      {
        run: 'holding',
        when: isStatus('waiting'),
        act: (world) => world.putRecord('order', { id: 'o2', status: 'new', hold: true }),
      },
      {
        run: 'holding',
        when: isStatus('held'),
        async act(world) {
          const { value } = (await world.records.read('order', 'o2'))!;
          // Lifted once only: the run may have written the record since.
          if (value['hold'] === true) await world.putRecord('order', { id: 'o2', status: 'new' });
          await world.engine.release({ type: 'order', id: 'o2' });
        },
      },
    ],
  },
];
