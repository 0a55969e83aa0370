// What runs go through whose stored states are kept as fixtures: each history is cut after every step, and what is left
// of it must finish from there in every later release.
import type { Action, ActionCall, FlowDefinition, Json } from '../../engine/index.js';
import { actionErrors, runErrors } from '../../engine/index.js';
import { callsEach, flow, hour, minute } from '../support/flows.js';

export type Step =
  | { readonly signal: string; readonly payload?: Json }
  | { readonly event: string; readonly key: string; readonly payload: Json }
  | {
      readonly answer: string;
      readonly visit?: number;
      /** `answer` if left out. */
      readonly name?: string;
      readonly by: string;
      readonly payload?: Json;
    }
  | { readonly passMs: number }
  | { readonly operate: 'retry' | 'skip' | 'suspend' | 'resume' | 'cancel' | 'compensate' }
  | { readonly edit: Readonly<Record<string, Json>> }
  /** An effect by its place, `main:pay:1`. */
  | { readonly resolve: string; readonly happened: boolean }
  | { readonly status: string };

export interface History {
  readonly name: string;
  /** The first one is started. */
  readonly flows: readonly FlowDefinition[];
  readonly input?: Readonly<Record<string, Json>>;
  readonly steps: readonly Step[];
}

/** Half an hour after the clock of tests begins: until then the services of these actions are out of order. */
const repaired = '2026-01-01T12:30:00.000Z';

const external = (name: string, repeat: 'keyed' | 'never', error: () => Error, more = {}): Action => ({
  name,
  title: name,
  description: `Works from ${repaired} on.`,
  input: { type: 'object' },
  output: {},
  effect: 'external',
  repeat,
  ...(repeat === 'keyed' ? { keyLifetimeMs: 86_400_000 } : {}),
  perform: async ({ now }: ActionCall) => {
    if (now < repaired) throw error();
    return { ok: true };
  },
  undo: { none: 'nothing happens' },
  ...more,
});

export const historyActions: readonly Action[] = [
  external('lost', 'never', () => new Error('connection reset')),
  external('refused', 'keyed', () => actionErrors.error('failed', 'refused')),
  external('busy', 'keyed', () => runErrors.error('contended', 'busy'), {
    retry: { attempts: 20, delayMs: 10 * minute, factor: 1, jitter: 0 },
  }),
  external('bound', 'keyed', () => new Error('never'), {
    perform: async () => ({ ok: true }),
    undo: async ({ now }: ActionCall) => {
      if (now < repaired) throw actionErrors.error('failed', 'bound still');
      return null;
    },
  }),
];

const schema = {};
const signals = { go: { schema }, scan: { schema, buffered: true } };
const wait = (signal: string, next?: string) => ({
  type: 'wait',
  label: `Wait for ${signal}`,
  events: [{ name: 'came', signal, ...(next === undefined ? {} : { next }) }],
});
const act = (action: string, next?: string) => ({
  type: 'action',
  label: action,
  action,
  input: {},
  ...(next === undefined ? {} : { next }),
});

const inner = flow('inner', 'w', {
  w: { type: 'wait', label: 'W', events: [{ name: 'over', after: 'PT1H', next: 'sum' }] },
  sum: {
    type: 'assignment',
    label: 'S',
    assignments: [{ target: 'total', value: { '*': [{ var: 'n' }, 2] } }],
  },
});
const list = {
  list: { schema: { type: 'array' }, default: [1, 2, 3] },
  item: { schema: { type: ['number', 'null'] } },
};
const pass = { passMs: hour + minute };

const nested = flow(
  'nested',
  'first',
  { first: wait('go', 'each'), ...callsEach('after'), after: act('charge', 'last'), last: wait('go') },
  { signals, variables: list },
);

const parallel = (join: Json) =>
  flow(
    `parallel-${typeof join === 'string' ? join : 'some'}`,
    'p',
    {
      p: {
        type: 'parallel',
        label: 'P',
        join,
        branches: [
          { name: 'left', start: 'each' },
          { name: 'right', start: 'scan' },
          { name: 'far', start: 'book' },
        ],
        next: 'last',
      },
      ...callsEach('after'),
      after: { type: 'assignment', label: 'A', assignments: [{ target: 'n', value: 1 }] },
      scan: wait('scan', 'charge'),
      charge: act('charge'),
      book: act('book', 'slow'),
      slow: { type: 'wait', label: 'Slow', events: [{ name: 'over', after: 'PT5H' }] },
      last: wait('go'),
    },
    { signals, variables: list },
  );

const adding = (value: number) => ({
  type: 'assignment',
  label: `Add ${value}`,
  assignments: [{ target: 'total', operator: 'add', value }],
  next: 'again',
});

const outside = (action: string) =>
  flow(`outside-${action}`, 'a', { a: act(action, 'w'), w: wait('go') }, { signals });

const reason = [{ name: 'reason', label: 'Why?', schema: { type: 'string' }, required: true }];
const values = { reason: 'late' };

const people = flow('people', 'ask', {
  ask: { type: 'screen', label: 'Ask', fields: reason, pause: true, next: 'sure' },
  sure: { type: 'screen', label: 'Sure?', fields: [], back: 'ask', next: 'look' },
  look: {
    type: 'task',
    label: 'Look',
    subject: 'Why {{ask.reason}}?',
    assignee: { queue: 'returns' },
    due: 'P2D',
    escalation: { after: 'P1D', to: { user: 'boss' } },
    fields: reason,
    next: 'allow',
  },
  allow: {
    type: 'approval',
    label: 'Allow',
    subject: 'May it be?',
    assignee: { group: 'bosses' },
    approvers: 2,
    fourEyes: true,
    next: 'sum',
  },
  sum: {
    type: 'assignment',
    label: 'Sum',
    assignments: [{ target: 'total', value: { size: [{ var: 'allow.by' }] } }],
  },
});

const told = flow('told', 'hear', {
  hear: {
    type: 'wait',
    label: 'Hear',
    events: [
      {
        name: 'heard',
        event: 'parcel.scanned',
        key: 'o1',
        when: { '>': [{ var: '$event.grams' }, 0] },
        next: 'book',
      },
      { name: 'late', after: 'P9D' },
    ],
  },
  book: act('book', 'undo'),
  undo: { type: 'compensate', label: 'Undo', next: 'again' },
  again: { type: 'wait', label: 'Again', events: [{ name: 'heard', event: 'parcel.scanned', next: 'sum' }] },
  sum: {
    type: 'assignment',
    label: 'Sum',
    assignments: [
      { target: 'total', value: { '+': [{ var: 'hear.payload.grams' }, { var: 'again.payload.grams' }] } },
    ],
  },
});

export const histories: readonly History[] = [
  {
    name: 'people',
    flows: [people],
    steps: [
      { answer: 'ask', by: 'agent', payload: { go: 'pause', values } },
      { answer: 'ask', by: 'agent', payload: { values } },
      { answer: 'sure', by: 'agent', payload: { go: 'back', values: {} } },
      { answer: 'ask', visit: 2, by: 'agent', payload: { values } },
      { answer: 'sure', visit: 2, by: 'agent', payload: { values: {} } },
      { answer: 'look', name: 'claim', by: 'ada' },
      { passMs: 25 * hour },
      { passMs: 24 * hour },
      { answer: 'look', by: 'boss', payload: { values } },
      { answer: 'allow', name: 'claim', by: 'ada' },
      { answer: 'allow', by: 'ada', payload: { approved: true } },
      { answer: 'allow', name: 'claim', by: 'bob' },
      { answer: 'allow', by: 'bob', payload: { approved: true } },
    ],
  },
  {
    name: 'told',
    flows: [told],
    steps: [
      { event: 'parcel.scanned', key: 'o2', payload: { grams: 5 } },
      { event: 'parcel.scanned', key: 'o1', payload: { grams: 0 } },
      { event: 'parcel.scanned', key: 'o1', payload: { grams: 7 } },
      { event: 'parcel.scanned', key: 'o2', payload: { grams: 9 } },
    ],
  },
  {
    name: 'nested',
    flows: [nested, inner],
    steps: [{ signal: 'go' }, pass, pass, pass, { signal: 'go' }],
  },
  {
    name: 'parallel-all',
    flows: [parallel('all'), inner],
    steps: [{ signal: 'scan' }, pass, pass, pass, { passMs: 3 * hour }, { signal: 'go' }],
  },
  {
    name: 'parallel-any',
    flows: [parallel('any'), inner],
    steps: [pass, { signal: 'scan' }, { signal: 'go' }],
  },
  {
    name: 'buffered',
    flows: [
      flow('buffered', 'a', { a: wait('go', 'b'), b: wait('scan', 'c'), c: wait('scan') }, { signals }),
    ],
    steps: [{ signal: 'scan' }, { signal: 'scan' }, { signal: 'go' }],
  },
  {
    name: 'suspended',
    flows: [nested, inner],
    steps: [
      { signal: 'go' },
      { operate: 'suspend' },
      pass,
      { operate: 'resume' },
      pass,
      pass,
      pass,
      { signal: 'go' },
    ],
  },
  {
    name: 'in-doubt',
    flows: [outside('lost')],
    steps: [{ passMs: minute }, { resolve: 'main:a:1', happened: true }, { signal: 'go' }],
  },
  {
    name: 'in-doubt-again',
    flows: [outside('lost')],
    steps: [{ passMs: hour }, { resolve: 'main:a:1', happened: false }, { signal: 'go' }],
  },
  {
    name: 'refused',
    flows: [outside('refused')],
    steps: [{ passMs: hour }, { operate: 'retry' }, { signal: 'go' }],
  },
  {
    name: 'skipped',
    flows: [outside('refused')],
    steps: [{ passMs: minute }, { operate: 'skip' }, { signal: 'go' }],
  },
  {
    name: 'busy',
    flows: [outside('busy')],
    steps: [{ passMs: 15 * minute }, { passMs: hour }, { signal: 'go' }],
  },
  {
    name: 'fault',
    flows: [
      flow(
        'fault',
        'divide',
        {
          divide: {
            type: 'assignment',
            label: 'D',
            assignments: [{ target: 'total', value: { '/': [10, { var: 'n' }] } }],
            next: 'w',
          },
          w: wait('go'),
        },
        { signals },
      ),
    ],
    steps: [{ edit: { n: 5 } }, { operate: 'retry' }, { signal: 'go' }],
  },
  {
    name: 'not-undone',
    flows: [
      flow('not-undone', 'a', { a: act('charge', 'b'), b: act('bound', 'w'), w: wait('go') }, { signals }),
    ],
    steps: [{ operate: 'compensate' }, { passMs: hour }, { operate: 'retry' }],
  },
  {
    name: 'record',
    flows: [
      flow('record', 'w', {
        w: {
          type: 'wait',
          label: 'W',
          events: [
            {
              name: 'paid',
              record: { type: 'order', id: 'o1', when: { '==': [{ var: 'w.record.status' }, 'paid'] } },
              next: 'charge',
            },
            { name: 'late', after: 'P9D' },
          ],
        },
        charge: act('charge'),
      }),
    ],
    steps: [{ status: 'sent' }, { status: 'paid' }],
  },
  {
    name: 'experiment',
    flows: [
      flow(
        'experiment',
        'w',
        {
          w: wait('go', 'split'),
          split: {
            type: 'experiment',
            label: 'Split',
            paths: [
              { name: 'one', percent: 50, next: 'one' },
              { name: 'ten', percent: 50, next: 'ten' },
            ],
          },
          one: adding(1),
          ten: adding(10),
          again: {
            type: 'decision',
            label: 'Again?',
            outcomes: [{ name: 'yes', when: { '<': [{ var: '$visits.split' }, 4] }, next: 'w' }],
          },
        },
        { signals, runLabel: 'Adds to {{total}}' },
      ),
    ],
    steps: [{ signal: 'go' }, { signal: 'go' }, { signal: 'go' }, { signal: 'go' }],
  },
];
