// Mistakes that only the standard elements can have: tables, records and fields, joins, events of waits.
import type { FlowDefinition } from '../../../../engine/definition/flow.js';
import type { FlowProblemCode } from '../../../../engine/definition/flow-problems.js';
import type { MistakeCase } from './mistakes.js';
import { sampleFlows } from './sample-flows.js';

const [, refund, parcel, tidy, people] = sampleFlows as readonly [
  FlowDefinition,
  FlowDefinition,
  FlowDefinition,
  FlowDefinition,
  FlowDefinition,
];
const R = '/elements/judge/rules';
const late = { field: 'status', operator: 'equalTo', value: 'late' };
/** A second filter, and a logic over both. */
const joining = (logic: string) => ({
  edits: { '/elements/read/where/1': late, '/elements/read/logic': logic },
  pointer: '/elements/read/logic',
  at: [JSON.stringify(logic)],
});
const small = { status: 'open', due: { lessThan: 100 } };
const large = { status: 'open', due: { greaterThanOrEqualTo: 100 } };

const one = (start: string) => ({ name: start, start });
const again = { type: 'end', label: 'End' };
const rollingBack = { next: 'again', rollBack: true };
const telling = (next?: string) => ({
  type: 'emitEvent',
  label: 'Tell',
  event: 'parcel.expected',
  payload: {},
  ...(next === undefined ? {} : { next }),
});

const asking = {
  '/choices': { reasons: { label: 'Too late', value: 'late' } },
  '/start/next': 'ask',
  '/elements/ask': {
    type: 'screen',
    label: 'Ask',
    fields: [{ name: 'reason', label: 'Why?', schema: { type: 'string' }, choices: 'reasons' }],
    next: 'load',
  },
};

const A = '/elements/set/assignments/0';
const changing = (target: string, operator: string, value: unknown) => ({ [A]: { target, operator, value } });

const work = {
  type: 'task',
  label: 'Look',
  subject: 'Look at it',
  assignee: { group: 'agent' },
  next: 'forget',
};

const seeing = { type: 'screen', label: 'See', next: 'forget' };

/** A table that leads on by its one rule. */
const judging = (more: object) => ({
  type: 'decisionTable',
  label: 'Judge',
  inputs: [{ name: 'size', value: 1, schema: { type: 'number' } }],
  rules: [{ when: {}, next: 'forget' }],
  ...more,
});

const lookingAt = (next: string) => ({ ...work, assignee: { group: 'agents' }, next });
/** Paths of these percentages instead of the first decision. */
const splitting = (...percents: readonly number[]) => ({
  '/elements/found': {
    type: 'experiment',
    label: 'Split',
    paths: percents.map((percent, index) => ({ name: `p${index}`, percent, next: 'judge' })),
  },
});
const told = { type: 'event', event: 'order.shipped' };

const saving = {
  '/start/trigger': { type: 'recordChange', record: 'order', on: ['create', 'update'], before: true },
};

/** A table of so many inputs, each cut at some values by rules of its own, and a last rule for everything. */
const wide = (inputs: number, type: 'number' | 'string', cuts: number) => {
  const names = Array.from({ length: inputs }, (_, index) => `i${index}`);
  const operator = type === 'number' ? 'lessThan' : 'equalTo';
  const rules = names.flatMap((name) =>
    Array.from({ length: cuts }, (_, cut) => ({
      when: { [name]: { [operator]: type === 'number' ? cut : `v${cut}` } },
      next: 'set',
    })),
  );
  return {
    '/elements/judge/hitPolicy': 'first',
    '/elements/judge/inputs': names.map((name) => ({
      name,
      value: { var: type === 'number' ? 'due' : 'load.status' },
      schema: { type },
    })),
    [R]: [...rules, { when: {}, output: 'none', next: 'set' }],
  };
};

const calling = (flow: string) => ({ type: 'subflow', label: 'Call', flow });
const posting = { type: 'action', label: 'Post', action: 'refund', input: { amount: 1, order: 'o1' } };

export const standardMistakes: Readonly<
  Partial<
    Record<FlowProblemCode | 'expression.logic-invalid', MistakeCase & { readonly flow: FlowDefinition }>
  >
> = {
  'flow.table-gap': {
    flow: refund,
    mistakes: [
      { edits: { [`${R}/1/when/due`]: { greaterThan: 100 } }, pointer: R, at: ['"rules"'] },
      { edits: { [`${R}/2/when/status`]: 'closed' }, pointer: R, at: ['"rules"'] },
      {
        edits: {
          [R]: [
            { when: small, next: 'set' },
            { when: large, next: 'refuse' },
          ],
        },
        pointer: R,
        at: ['"rules"'],
      },
    ],
    nearMiss: { edits: { [`${R}/1/when/due`]: { greaterThan: 100 }, '/elements/judge/next': 'refuse' } },
  },
  'flow.table-gap-shared': {
    flow: refund,
    mistakes: [
      {
        edits: {
          [R]: [
            { when: small, output: 1 },
            { when: large, next: 'set' },
          ],
          '/elements/judge/next': 'refuse',
        },
        pointer: R,
        at: ['"rules"'],
      },
      {
        edits: { [R]: [{ when: { due: { lessThan: 5 } }, output: 'few' }], '/elements/judge/next': 'set' },
        pointer: R,
        at: ['"rules"'],
      },
      {
        edits: {
          [R]: [{ when: { status: 'open' }, output: { fast: true } }],
          '/elements/judge/next': 'set',
          '/elements/judge/hitPolicy': 'unique',
        },
        pointer: R,
        at: ['"rules"'],
      },
    ],
    nearMiss: {
      edits: {
        [R]: [
          { when: small, output: 1 },
          { when: {}, output: 2 },
        ],
        '/elements/judge/next': 'set',
        '/elements/judge/hitPolicy': 'first',
      },
    },
  },
  'flow.percents-sum': {
    flow: refund,
    mistakes: [
      [50, 49],
      [99.9, 0.11],
      [0, 0],
      [33.3, 33.3, 33.3],
      [60, 50],
    ].map((percents) => ({
      edits: splitting(...percents),
      pointer: '/elements/found/paths',
      at: ['"found": {', '"paths"'],
    })) as unknown as MistakeCase['mistakes'],
    nearMiss: { edits: splitting(33.3, 33.3, 33.4, 0) },
  },
  'flow.right-missing': {
    flow: tidy,
    mistakes: [
      {
        edits: { '/start/trigger': told },
        pointer: '/elements/read/record',
        at: ['"read": {', '"record": ', '"order"'],
      },
      {
        edits: { '/start/trigger': { type: 'schedule', cron: '0 6 * * *' } },
        pointer: '/elements/write/record',
        at: ['"write": {', '"record": ', '"order"'],
      },
      {
        edits: {
          '/start/trigger': told,
          '/elements/forget/next': 'look',
          '/elements/look': lookingAt('keepSum'),
        },
        pointer: '/elements/forget/record',
        at: ['"forget": {', '"record": ', '"order"'],
      },
    ],
    nearMiss: {
      edits: { '/start/trigger': told, '/start/next': 'look', '/elements/look': lookingAt('read') },
    },
  },
  'flow.assignee-unknown': {
    flow: people,
    mistakes: [
      {
        edits: { '/elements/check/assignee/user': 'adda' },
        pointer: '/elements/check/assignee/user',
        at: ['"user": ', '"adda"'],
        didYouMean: 'ada',
      },
      {
        edits: { '/elements/check/escalation/to/group': 'supervisers' },
        pointer: '/elements/check/escalation/to/group',
        at: ['"supervisers"'],
        didYouMean: 'supervisors',
      },
      {
        edits: { '/elements/allow/assignee': { queue: 'refunds' } },
        pointer: '/elements/allow/assignee/queue',
        at: ['"refunds"'],
      },
    ],
    nearMiss: {
      edits: {
        '/elements/check/assignee': { queue: 'returns' },
        '/elements/allow/assignee': { user: { var: '$user.id' } },
      },
    },
  },
  'flow.late-effect': {
    flow: parcel,
    mistakes: [
      {
        edits: { '/elements/both/join': 'any', '/elements/print': posting },
        pointer: '/elements/print',
        at: ['"print": {'],
      },
      {
        edits: { '/elements/both/join': 1, '/elements/count_': { ...posting, next: 'each_' } },
        pointer: '/elements/count_',
        at: ['"count_": {'],
      },
      {
        edits: {
          '/elements/both/join': 'any',
          '/elements/print/next': 'repay',
          '/elements/repay': posting,
        },
        pointer: '/elements/repay',
        at: ['"repay": {'],
      },
      {
        edits: { '/elements/both/join': 'any', '/elements/print': calling('post-letter') },
        pointer: '/elements/print',
        at: ['"print": {'],
      },
      {
        edits: { '/elements/both/join': 'any', '/elements/print': calling('remind') },
        pointer: '/elements/print',
        at: ['"print": {'],
      },
    ],
    nearMiss: {
      edits: {
        '/elements/both/join': 2,
        '/elements/print': posting,
        '/elements/count_': { ...calling('remind'), next: 'each_' },
      },
    },
  },
  'flow.roll-back-beside': {
    flow: parcel,
    mistakes: [
      {
        edits: {
          '/elements/both/branches/0/start': 'tell',
          '/elements/tell': telling('arrive'),
          '/elements/print/onFault': rollingBack,
          '/elements/again': again,
        },
        pointer: '/elements/print/onFault/rollBack',
        at: ['"print": {', '"rollBack": ', 'true'],
      },
      {
        edits: {
          '/elements/both/branches/0/start': 'tell',
          '/elements/tell': telling('arrive'),
          '/elements/print/next': 'bad',
          '/elements/bad': { ...telling(), onFault: rollingBack },
          '/elements/again': again,
        },
        pointer: '/elements/bad/onFault/rollBack',
        at: ['"bad": {', '"rollBack": ', 'true'],
      },
      {
        edits: {
          '/elements/report/next': 'inner',
          '/elements/inner': {
            type: 'parallel',
            label: 'Inner',
            branches: [one('bad'), one('tell')],
          },
          '/elements/bad': { type: 'parallel', label: 'Bad', branches: [one('deep'), one('calm')] },
          '/elements/deep': { type: 'raiseError', label: 'Bad', message: 'no', onFault: rollingBack },
          '/elements/calm': again,
          '/elements/tell': telling(),
          '/elements/again': again,
        },
        pointer: '/elements/deep/onFault/rollBack',
        at: ['"deep": {', '"rollBack": ', 'true'],
      },
    ],
    nearMiss: {
      edits: {
        '/elements/arrive/next': 'tell',
        '/elements/tell': telling('each_'),
        '/elements/print/onFault': rollingBack,
        '/elements/again': again,
      },
    },
  },
  'flow.roll-back-loop': {
    flow: parcel,
    mistakes: [
      {
        edits: { '/elements/count_/onFault': { next: 'each_', rollBack: true } },
        pointer: '/elements/count_/onFault/rollBack',
        at: ['"count_": {', '"rollBack": ', 'true'],
      },
      {
        edits: { '/elements/treat/onFault': { next: 'count_', rollBack: true } },
        pointer: '/elements/treat/onFault/rollBack',
        at: ['"treat": {', '"rollBack": ', 'true'],
      },
      {
        edits: { '/elements/treat/onFault': rollingBack, '/elements/again': telling('each_') },
        pointer: '/elements/treat/onFault/rollBack',
        at: ['"treat": {', '"rollBack": ', 'true'],
      },
    ],
    nearMiss: {
      edits: {
        '/elements/treat/onFault': { next: 'later', rollBack: true },
        '/elements/later': {
          type: 'wait',
          label: 'Later',
          events: [{ name: 'day', after: 'P1D', next: 'each_' }],
        },
      },
    },
  },
  'flow.table-overlap': {
    flow: refund,
    mistakes: [
      {
        edits: { [`${R}/1/when/due`]: { greaterThanOrEqualTo: 99.99 } },
        pointer: `${R}/1`,
        at: ['"small"', '},', '{'],
      },
      { edits: { [`${R}/2/when`]: {} }, pointer: `${R}/2`, at: ['"large"', '},', '{'] },
      {
        edits: { [`${R}/2/when/status`]: { in: ['open', 'closed'] }, '/elements/judge/next': 'refuse' },
        pointer: `${R}/2`,
        at: ['"large"', '},', '{'],
      },
    ],
    nearMiss: { edits: { [`${R}/2/when`]: {}, '/elements/judge/hitPolicy': 'first' } },
  },
  'flow.table-rule-unused': {
    flow: refund,
    mistakes: [
      {
        edits: {
          '/elements/judge/hitPolicy': 'first',
          [`${R}/1/when`]: { status: 'open', due: { lessThan: 50 } },
          '/elements/judge/next': 'refuse',
        },
        pointer: `${R}/1`,
        at: ['"small"', '},', '{'],
      },
      {
        edits: { '/elements/judge/hitPolicy': 'first', [`${R}/0/when`]: {} },
        pointer: `${R}/2`,
        at: ['"large"', '},', '{'],
      },
      // Covered by two rules together, and by neither alone.
      {
        edits: {
          '/elements/judge/hitPolicy': 'first',
          [`${R}/2/when`]: { status: 'open', due: { greaterThan: 50, lessThan: 150 } },
          '/elements/judge/next': 'refuse',
        },
        pointer: `${R}/2`,
        at: ['"large"', '},', '{'],
      },
    ],
    nearMiss: {
      edits: {
        '/elements/judge/hitPolicy': 'first',
        [`${R}/0/when`]: { status: 'open', due: { lessThan: 50 } },
        [`${R}/1/when`]: { status: 'open', due: { lessThan: 100 } },
        '/elements/judge/next': 'refuse',
      },
    },
  },
  'flow.table-unchecked': {
    flow: refund,
    mistakes: [
      { edits: wide(12, 'number', 4), pointer: R, at: ['"rules"'] },
      { edits: wide(10, 'string', 3), pointer: R, at: ['"rules"'] },
      { edits: wide(12, 'number', 2), pointer: R, at: ['"rules"'] },
    ],
    nearMiss: { edits: wide(5, 'number', 4) },
  },
  'flow.table-cell-invalid': {
    flow: refund,
    mistakes: [
      {
        edits: { [`${R}/0/when/due`]: { lessThan: 'many' } },
        pointer: `${R}/0/when/due`,
        at: ['"rules"', '"due": {'],
      },
      { edits: { [`${R}/0/when/du`]: 5 }, pointer: `${R}/0/when/du`, at: ['"du": ', '5'], didYouMean: 'due' },
      {
        edits: { [`${R}/0/when/due`]: { lessThan: 10, greaterThan: 20 } },
        pointer: `${R}/0/when/due`,
        at: ['"rules"', '"due": {'],
      },
      {
        edits: { [`${R}/0/when/status`]: null },
        pointer: `${R}/0/when/status`,
        at: ['"rules"', '"status": ', 'null'],
      },
    ],
    nearMiss: { edits: { [`${R}/0/when/due`]: { lessThan: 100, greaterThanOrEqualTo: 0 } } },
  },
  'flow.record-field-unknown': {
    flow: tidy,
    mistakes: [
      {
        edits: { '/elements/read/where/0/field': 'stauts' },
        pointer: '/elements/read/where/0/field',
        at: ['"stauts"'],
        didYouMean: 'status',
      },
      {
        edits: { '/elements/read/sort/0/field': 'placedAt' },
        pointer: '/elements/read/sort/0/field',
        at: ['"placedAt"'],
      },
      {
        edits: { '/elements/touch/fields/nte': 'x' },
        pointer: '/elements/touch/fields/nte',
        at: ['"nte": ', '"x"'],
        didYouMean: 'note',
      },
      {
        edits: { '/elements/write/match/by/0': 'total' },
        pointer: '/elements/write/match/by/0',
        at: ['"by"', '"total"'],
      },
      {
        edits: { '/choices': { all: { record: 'order', label: 'nobody', value: 'id' } } },
        pointer: '/choices/all/label',
        at: ['"choices"', '"nobody"'],
      },
    ],
    nearMiss: { edits: { '/elements/read/sort/0/field': 'id' } },
  },
  'flow.record-order': {
    flow: tidy,
    mistakes: [
      {
        edits: { '/elements/read/sort/0/field': 'paid' },
        pointer: '/elements/read/sort/0/field',
        at: ['"paid"'],
      },
      {
        edits: { '/elements/read/where/0': { field: 'paid', operator: 'lessThan', value: 5 } },
        pointer: '/elements/read/where/0/field',
        at: ['"paid"'],
      },
      {
        edits: {
          '/choices': { all: { record: 'order', label: 'id', value: 'id', sort: [{ field: 'paid' }] } },
        },
        pointer: '/choices/all/sort/0/field',
        at: ['"choices"', '"paid"'],
      },
    ],
    nearMiss: {
      edits: {
        '/elements/read/sort/0/field': 'paid.currency',
        '/elements/read/where/0': { field: 'paid', operator: 'isNull', value: true },
      },
    },
  },
  'flow.record-incomplete': {
    flow: tidy,
    mistakes: [{ note: 'x' }, { email: 'x@shop.example' }, { total: 3, note: null }].map((fields) => ({
      edits: { '/elements/write/fields': fields, '/elements/write/match': undefined },
      pointer: '/elements/write/fields',
      at: ['"write": {', '"fields"'],
    })) as unknown as MistakeCase['mistakes'],
    nearMiss: {
      edits: { '/elements/write/fields': { status: 'open' }, '/elements/write/match': undefined },
    },
  },
  'flow.property-useless': {
    flow: tidy,
    mistakes: [
      {
        edits: { '/elements/read/sort': undefined, '/elements/read/id': 'A-1' },
        pointer: '/elements/read/where',
        at: ['"read": {', '"where"'],
      },
      {
        edits: { '/elements/touch/logic': 'and' },
        pointer: '/elements/touch/logic',
        at: ['"touch": {', '"logic": ', '"and"'],
      },
      {
        edits: { '/elements/write/match/sort': [{ field: 'id' }] },
        pointer: '/elements/write/match/sort',
        at: ['"match"', '"sort"'],
      },
      {
        edits: { '/elements/sum_/fields': { sku: { var: 'one.sku' } } },
        pointer: '/elements/sum_/fields',
        at: ['"sum_": {', '"fields"'],
      },
      {
        edits: {
          '/start/next': 'split',
          '/elements/split': {
            type: 'experiment',
            label: 'Split',
            next: 'read',
            paths: ['a', 'b'].map((name) => ({ name, percent: 50, next: 'read' })),
          },
        },
        pointer: '/elements/split/next',
        at: ['"split": {', '"b"', '"next": ', '"next": ', '"read"'],
      },
      {
        edits: { ...saving, '/runLabel': 'Save {{$record.id}}' },
        pointer: '/runLabel',
        at: ['"runLabel": ', '"Save'],
      },
      {
        edits: { '/start/trigger': { type: 'recordChange', record: 'order', on: ['update'], order: 10 } },
        pointer: '/start/trigger/order',
        at: ['"order": ', '10'],
      },
      {
        edits: {
          '/elements/touch': {
            type: 'raiseError',
            label: 'No',
            message: 'No',
            messages: [{ message: 'No' }],
          },
        },
        pointer: '/elements/touch',
        at: ['"touch": {'],
      },
      {
        edits: {
          '/elements/touch': {
            type: 'raiseError',
            label: 'No',
            messages: [{ message: 'No', field: 'status' }],
            field: 'note',
          },
        },
        pointer: '/elements/touch/field',
        at: ['"touch": {', '"note"'],
      },
      {
        edits: { '/elements/touch/fields': { id: 'other', note: 'checked' } },
        pointer: '/elements/touch/fields/id',
        at: ['"other"'],
      },
      {
        edits: { '/elements/touch/where': [{ field: 'status', operator: 'equalTo', value: 'open' }] },
        pointer: '/elements/touch',
        at: ['"touch": {'],
      },
      {
        edits: { '/elements/touch': { ...judging({ hitPolicy: 'collect' }), next: 'forget' } },
        pointer: '/elements/touch/rules/0/next',
        at: ['"touch": {', '"next": ', '"forget"'],
      },
      {
        edits: { '/elements/touch': { ...work, late: 'forget' } },
        pointer: '/elements/touch/late',
        at: ['"late": ', '"forget"'],
      },
      {
        edits: { '/elements/touch': { ...seeing, inputsOnNext: 'reset' } },
        pointer: '/elements/touch/inputsOnNext',
        at: ['"reset"'],
      },
    ],
    nearMiss: {
      edits: {
        '/elements/read': { type: 'getRecords', label: 'One', record: 'order', id: 'A-1', next: 'keep' },
        '/elements/write/next': 'see',
        '/elements/see': { ...seeing, back: 'touch', inputsOnNext: 'reset', next: 'touch' },
        '/elements/write/match/many': 'updateLatest',
        '/elements/write/match/sort': [{ field: 'id' }],
        '/elements/sum_/operation': 'map',
        '/elements/sum_/value': undefined,
        '/elements/sum_/fields': { sku: { var: 'one.sku' } },
        '/elements/touch': { ...work, due: 'P1D', late: 'forget' },
      },
    },
  },
  'flow.property-missing': {
    flow: tidy,
    mistakes: [
      {
        edits: { '/elements/write/match/many': 'updateLatest' },
        pointer: '/elements/write/match',
        at: ['"match"'],
      },
      {
        edits: { '/elements/touch': { type: 'raiseError', label: 'Refuse', code: 'refused' } },
        pointer: '/elements/touch',
        at: ['"touch": {'],
      },
      { edits: { '/elements/touch/id': undefined }, pointer: '/elements/touch', at: ['"touch": {'] },
      { edits: { '/elements/forget/where': undefined }, pointer: '/elements/forget', at: ['"forget": {'] },
    ],
    nearMiss: {
      edits: {
        '/elements/write/match/many': 'updateLatest',
        '/elements/write/match/sort': [{ field: 'id' }],
        '/elements/touch': {
          type: 'raiseError',
          label: 'Refuse',
          messages: [{ message: 'No' }, { message: 'Not {{total}}', field: 'total' }],
          onFault: { next: 'forget' },
        },
      },
    },
  },
  'expression.logic-invalid': {
    flow: tidy,
    mistakes: [
      joining('1 AND 3'),
      joining('1'),
      joining('1 AND 2 AND'),
      joining('all'),
      {
        edits: { '/elements/read/where': undefined, '/elements/read/logic': 'or' },
        pointer: '/elements/read/logic',
        at: ['"logic": ', '"or"'],
      },
      {
        edits: { '/elements/write/match/logic': '1 OR 2' },
        pointer: '/elements/write/match/logic',
        at: ['"1 OR 2"'],
      },
      {
        edits: {
          '/choices': { all: { record: 'order', label: 'status', value: 'id', where: [late], logic: '2' } },
        },
        pointer: '/choices/all/logic',
        at: ['"choices"', '"logic": ', '"2"'],
      },
    ],
    nearMiss: {
      edits: {
        '/elements/read/where/1': late,
        '/elements/read/where/2': late,
        '/elements/read/logic': '1 or (2 and not 3)',
        '/elements/write/match/logic': '1',
        '/choices': { all: { record: 'order', label: 'status', value: 'id', where: [late], logic: 'or' } },
      },
    },
  },
  'flow.value-invalid': {
    flow: tidy,
    mistakes: [
      {
        edits: { '/elements/touch': { ...work, due: '2 days' } },
        pointer: '/elements/touch/due',
        at: ['"2 days"'],
      },
      {
        edits: { '/elements/touch': { ...work, assignee: { group: null } } },
        pointer: '/elements/touch/assignee/group',
        at: ['"group": ', 'null'],
      },
      {
        edits: {
          '/elements/touch': {
            ...work,
            fields: [{ name: 'count', label: 'How many?', schema: { type: 'integer' }, default: 'two' }],
          },
        },
        pointer: '/elements/touch/fields/0/default',
        at: ['"two"'],
      },
      {
        edits: { '/elements/read/where/0': { field: 'status', operator: 'in', value: 'open' } },
        pointer: '/elements/read/where/0/value',
        at: ['"value": ', '"open"'],
      },
      {
        edits: {
          '/elements/touch': {
            type: 'wait',
            label: 'W',
            events: [{ name: 'then', until: 'tomorrow', next: 'forget' }],
            next: 'forget',
          },
        },
        pointer: '/elements/touch/events/0/until',
        at: ['"tomorrow"'],
      },
    ],
    nearMiss: {
      edits: {
        '/elements/read/where/0': { field: 'status', operator: 'in', value: ['open'] },
        '/elements/touch': {
          ...work,
          due: { cat: ['P', { var: 'total' }, 'D'] },
          fields: [{ name: 'count', label: 'How many?', schema: { type: 'integer' }, default: 2 }],
        },
      },
    },
  },
  'flow.before-save': {
    flow: tidy,
    mistakes: ['write', 'touch', 'forget', 'keep'].map((name) => ({
      edits: {
        ...saving,
        ...(name === 'keep' ? { '/elements/keep': { type: 'rollBack', label: 'Back' } } : {}),
      },
      pointer: `/elements/${name}`,
      at: ['"elements"', `"${name}": {`],
    })) as unknown as MistakeCase['mistakes'],
    nearMiss: {
      edits: {
        ...saving,
        '/elements/sum_/next': 'keepSum',
        '/elements/write': undefined,
        '/elements/touch': undefined,
        '/elements/forget': undefined,
        '/elements/keepSum/assignments/1': { target: '$record.note', value: 'summed up' },
        '/start/trigger/order': 2_000,
      },
    },
  },
  'flow.choices-unknown': {
    flow: refund,
    mistakes: ['reasns', 'toString', 'due'].map((choices) => ({
      edits: { ...asking, '/elements/ask/fields/0/choices': choices },
      pointer: '/elements/ask/fields/0/choices',
      at: ['"choices": {', '"choices": ', JSON.stringify(choices)],
      ...(choices === 'reasns' ? { didYouMean: 'reasons' } : {}),
    })) as unknown as MistakeCase['mistakes'],
    nearMiss: { edits: asking },
  },
  'flow.stage-unknown': {
    flow: refund,
    mistakes: ['chek', 'toString', 'load'].map((stage) => ({
      edits: { '/stages': [{ name: 'check', label: 'Check' }], '/elements/load/stage': stage },
      pointer: '/elements/load/stage',
      at: ['"stage": ', JSON.stringify(stage)],
      ...(stage === 'chek' ? { didYouMean: 'check' } : {}),
    })) as unknown as MistakeCase['mistakes'],
    nearMiss: {
      edits: { '/stages': [{ name: 'check', label: 'Check' }], '/elements/load/stage': 'check' },
    },
  },
  'flow.choice-invalid': {
    flow: refund,
    mistakes: [1, null, ['late']].map((value) => ({
      edits: { ...asking, '/choices/reasons/value': value },
      pointer: '/elements/ask/fields/0/choices',
      at: ['"choices": {', '"choices": ', '"reasons"'],
    })) as unknown as MistakeCase['mistakes'],
    nearMiss: {
      edits: {
        ...asking,
        '/choices/reasons/value': 1,
        '/elements/ask/fields/0/schema': { type: 'array', items: { type: 'integer' } },
        '/elements/ask/fields/0/choices': ['reasons'],
      },
    },
  },
  'flow.assignment-operator': {
    flow: refund,
    mistakes: [
      { edits: changing('amount', 'addItem', 1), pointer: `${A}/operator`, at: ['"addItem"'] },
      { edits: changing('note', 'removePosition', 1), pointer: `${A}/operator`, at: ['"removePosition"'] },
      { edits: changing('amount', 'add', 'ten'), pointer: `${A}/value`, at: ['"add"', '"ten"'] },
      {
        edits: { ...changing('done', 'subtract', 1), '/variables/done': { schema: { type: 'boolean' } } },
        pointer: `${A}/operator`,
        at: ['"subtract"'],
      },
      {
        edits: {
          ...changing('to', 'addAtStart', 'x'),
          '/variables/to': { schema: { enum: ['a'], type: 'string' } },
        },
        pointer: `${A}/operator`,
        at: ['"addAtStart"'],
      },
      {
        edits: { ...changing('all', 'removePosition', 'x'), '/variables/all': { schema: { type: 'array' } } },
        pointer: `${A}/value`,
        at: ['"removePosition"', '"x"'],
      },
    ],
    nearMiss: {
      edits: {
        ...changing('note', 'add', { var: 'load.status' }),
        '/variables/all': { schema: { type: ['array', 'null'], items: { type: 'string' } } },
        [`${A.slice(0, -2)}/1`]: { target: 'all', operator: 'addItem', value: { var: 'note' } },
        [`${A.slice(0, -2)}/2`]: { target: 'amount', operator: 'assignCount', value: { var: 'all' } },
      },
    },
  },
  'flow.join-impossible': {
    flow: parcel,
    mistakes: [3, 5, 20].map((join) => ({
      edits: { '/elements/both/join': join },
      pointer: '/elements/both/join',
      at: ['"join": ', String(join)],
    })) as unknown as MistakeCase['mistakes'],
    nearMiss: { edits: { '/elements/both/join': 2 } },
  },
  'flow.path-unknown': {
    flow: parcel,
    mistakes: [
      {
        edits: { '/elements/arrive/events/0/when': { '!!': [{ var: '$event.lnes' }] } },
        pointer: '/elements/arrive/events/0/when/!!/0/var',
        at: ['"when": ', '"$event.lnes"'],
        didYouMean: '$event.lines',
      },
      {
        edits: { '/elements/arrive/events/0/when': { '==': [{ var: '$event.lines.0.skus' }, 'a'] } },
        pointer: '/elements/arrive/events/0/when/==/0/var',
        at: ['"when": ', '"$event.lines.0.skus"'],
        didYouMean: '$event.lines.0.sku',
      },
      {
        edits: {
          '/signals/scanned/schema': { type: 'string' },
          '/elements/arrive/events/0/when': { '!!': [{ var: '$event.lines' }] },
        },
        pointer: '/elements/arrive/events/0/when/!!/0/var',
        at: ['"when": ', '"$event.lines"'],
      },
    ],
    nearMiss: {
      edits: { '/elements/arrive/events/0/when': { '==': [{ var: '$event.lines.0.sku' }, 'a'] } },
    },
  },
  'flow.wait-event-invalid': {
    flow: parcel,
    mistakes: [
      {
        edits: { '/elements/arrive/events/1/signal': 'scanned' },
        pointer: '/elements/arrive/events/1',
        at: ['"scanned"', '"each_"', '{'],
      },
      {
        edits: { '/elements/arrive/events/1/after': undefined },
        pointer: '/elements/arrive/events/1',
        at: ['"name": "scanned"', '"each_"', '{'],
      },
      {
        edits: { '/elements/arrive/events/1/until': '2026-11-22T10:00:00Z' },
        pointer: '/elements/arrive/events/1',
        at: ['"name": "scanned"', '"each_"', '{'],
      },
      {
        edits: { '/elements/arrive/events/1/event': 'parcel.received' },
        pointer: '/elements/arrive/events/1',
        at: ['"name": "scanned"', '"each_"', '{'],
      },
      {
        edits: { '/elements/arrive/events/1/key': 'o1' },
        pointer: '/elements/arrive/events/1/key',
        at: ['"name": "late"', '"key": ', '"o1"'],
      },
    ],
    nearMiss: {
      edits: {
        '/elements/arrive/events/1/when': true,
        '/elements/arrive/events/2': {
          name: 'told',
          event: 'parcel.received',
          key: { cat: ['o', 1] },
          when: { '==': [{ var: '$event.country' }, 'DE'] },
        },
      },
    },
  },
};
