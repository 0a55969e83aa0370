// Flows of the crash tests in which people are late, calls are never answered, a race is lost by more than one branch, and
// what was done is undone.
import { actionErrors, type RunState, runErrors } from '../../../engine/index.js';
import { flow } from '../../support/flows.js';
import type { Act, CrashScenario } from './crash-play.js';

const escalated = flow('escalated', 'work', {
  work: {
    type: 'task',
    label: 'Work',
    subject: 'Check',
    assignee: { queue: 'returns' },
    escalation: { after: 'PT1H', to: { group: 'bosses' } },
    next: 'allow',
  },
  allow: {
    type: 'approval',
    label: 'Allow',
    subject: 'May it be?',
    assignee: { user: 'bob' },
    escalation: { after: 'PT1H', to: { user: 'cy' } },
    next: 'ask',
  },
  ask: {
    type: 'approval',
    label: 'Ask',
    subject: 'May it be, soon?',
    assignee: { user: 'bob' },
    escalation: { after: 'PT1H', to: { user: 'cy' } },
    due: 'PT2H',
    late: 'mend',
    rejected: 'mend',
    next: 'mend',
  },
  mend: {
    type: 'task',
    label: 'Mend',
    subject: 'Mend it',
    assignee: { user: 'ada' },
    due: 'PT1H',
    next: 'remind',
  },
  remind: {
    type: 'task',
    label: 'Remind',
    subject: 'Remind them',
    assignee: { user: 'ada' },
    due: 'PT1H',
    late: 'thanks',
    next: 'thanks',
  },
  thanks: { type: 'note', label: 'Thanks', text: 'thanks' },
});

/** An answer as soon as the work has come to somebody, or is late. */
const answered = (
  element: string,
  by: string,
  {
    name = 'answer',
    payload = {},
    once,
  }: { name?: string; payload?: object; once: (memory: Memory) => boolean },
): Act => ({
  run: 'escalated',
  when({ root }: RunState) {
    const waits = root.activities[element]?.waits ?? [];
    const memory = root.memory[element] as unknown as Memory;
    return waits.some((wait) => 'name' in wait && wait.name === name) && once(memory);
  },
  act: ({ engine }) =>
    engine.answer('escalated', { frame: 'main', element, visit: 1, name }, payload as never, {
      id: `escalated-${element}-${name}`,
      by,
    }),
});

interface Memory {
  readonly assignee: { readonly name: string };
  readonly isLate: boolean;
}

const compensated = flow('compensated', 'pay', {
  pay: { type: 'action', label: 'Pay', action: 'charge', input: {}, next: 'bookIt' },
  bookIt: { type: 'action', label: 'Book', action: 'book', input: {}, next: 'send' },
  send: { type: 'action', label: 'Send', action: 'post', input: {}, next: 'undo' },
  undo: { type: 'compensate', label: 'Undo', next: 'told' },
  told: { type: 'note', label: 'Told', text: 'undone', next: 'payAgain' },
  payAgain: { type: 'action', label: 'Pay', action: 'charge', input: {}, next: 'mark' },
  mark: { type: 'updateRecords', label: 'Mark', record: 'order', id: 'o1', fields: { status: 'paid' } },
});

const unanswered = flow('unanswered', 'pay', {
  pay: { type: 'action', label: 'Pay', action: 'charge', input: {}, next: 'bookIt' },
  bookIt: { type: 'action', label: 'Book', action: 'book', input: {}, next: 'send' },
  send: { type: 'action', label: 'Send', action: 'post', input: {}, next: 'told' },
  told: { type: 'note', label: 'Told', text: 'told' },
});

const slow = flow('slow', 'later', {
  later: { type: 'wait', label: 'Later', events: [{ name: 'over', after: 'P5D', next: 'lost' }] },
  lost: { type: 'action', label: 'Lost', action: 'charge', input: {} },
});

const enough = flow(
  'enough',
  'ask',
  {
    ask: {
      type: 'action',
      label: 'Ask',
      action: 'moody',
      input: {},
      retry: { attempts: 3, delayMs: 60_000, jitter: 0 },
      next: 'p',
    },
    p: {
      type: 'parallel',
      label: 'Two of four',
      join: 2,
      branches: [
        { name: 'pay', start: 'pay' },
        { name: 'time', start: 'time' },
        { name: 'loop', start: 'each' },
        { name: 'person', start: 'task' },
      ],
      next: 'told',
    },
    pay: { type: 'action', label: 'Pay', action: 'charge', input: {} },
    time: { type: 'wait', label: 'Time', events: [{ name: 'over', after: 'PT10M' }] },
    each: { type: 'loop', label: 'Each', collection: [1, 2], item: 'item', body: 'call' },
    call: { type: 'subflow', label: 'Call', flow: 'slow', input: {}, next: 'each' },
    task: {
      type: 'task',
      label: 'Task',
      subject: 'Check',
      assignee: { user: 'ada' },
      escalation: { after: 'PT2H', to: { user: 'bob' } },
    },
    told: { type: 'note', label: 'Told', text: 'enough', next: 'rest' },
    // Longer than anything that the losers were waiting for.
    rest: { type: 'wait', label: 'Rest', events: [{ name: 'over', after: 'PT5H' }] },
  },
  { variables: { item: { schema: { type: ['number', 'null'] } } } },
);

export const troubleScenarios: readonly CrashScenario[] = [
  {
    name: 'work that is not done in time goes to somebody else, is late, or leaves by its late path',
    flows: [escalated],
    starts: [{ flow: 'escalated' }],
    acts: [
      answered('work', 'bo', { name: 'claim', once: ({ assignee }) => assignee.name === 'bosses' }),
      answered('work', 'bo', { once: () => true }),
      answered('allow', 'cy', {
        payload: { approved: true },
        once: ({ assignee }) => assignee.name === 'cy',
      }),
      answered('mend', 'ada', { once: ({ isLate }) => isLate }),
    ],
  },
  {
    name: 'a flow that undoes all that it did, one undoing tried again, one refused at first',
    flows: [compensated],
    starts: [{ flow: 'compensated' }],
    acts: [],
    prepare({ provider }) {
      provider.script('undo book', (_call, count) => {
        if (count === 1) throw runErrors.error('overloaded', 'later');
        return null;
      });
      provider.script('undo charge', (_call, count) => {
        if (count === 1) throw actionErrors.error('failed', 'it is on its way');
        return null;
      });
    },
  },
  {
    name: 'calls of each kind whose time is over before they are answered',
    flows: [unanswered],
    starts: [{ flow: 'unanswered' }],
    acts: [],
    prepare({ provider }) {
      for (const name of ['charge', 'book', 'post']) {
        provider.script(name, (_call, count) => {
          if (count === 1) throw actionErrors.error('timed-out', 'no answer');
          return { ok: true };
        });
      }
    },
  },
  {
    name: 'two of four branches are enough, after a segment was tried again',
    flows: [slow, enough],
    starts: [{ flow: 'enough' }],
    acts: [],
  },
];
