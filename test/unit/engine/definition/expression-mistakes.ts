// Mistakes in the expressions of a flow: each with its place in the file, and what looks like one and is sound.
import { type Edits, textOf } from './edit-flow.js';
import type { MistakeCase } from './mistakes.js';
import { soundFlow } from './sample-elements.js';

const E = '/elements';
const text = `${E}/tell/inputs/text`;
const when = `${E}/check/when`;
const nested = (levels: number): unknown => (levels === 0 ? 1 : { '!': [nested(levels - 1)] });
const ones = (count: number): number[] => Array.from({ length: count }, () => 1);
const conditions = (list: readonly unknown[], logic?: unknown) => ({
  [when]: { conditions: list, ...(logic === undefined ? {} : { logic }) },
});
/** The sound flow with a number that no JSON can hold, where there is another now. */
const beyond = (edits: Edits): string => textOf(soundFlow, edits).replace('987654321', '1e999');
const V = '/variables';
const day = { schema: { type: 'string', format: 'date' }, default: '2026-11-22' };
/** Operators with operands that each may be right, and never are together. */
const together: readonly (readonly [string, readonly unknown[]])[] = [
  ['date.part', ['2026-11-22', 'hour']],
  ['date.part', [{ var: 'day' }, 'minute', 'Europe/Berlin']],
  ['date.add', [{ var: 'day' }, 'PT2H']],
  ['date.add', [{ var: '$now' }, 'P1D']],
  ['date.before', [{ var: 'day' }, { var: '$now' }]],
  ['date.diff', [{ var: 'day' }, '2026-11-22', 'hours']],
  ['date.weekday', [{ var: '$now' }]],
  ['date.of', [{ var: 'day' }, 'Europe/Berlin']],
  ['business.addTime', [{ var: 'day' }, 'PT2H', 'office']],
  ['business.addTime', [{ var: '$now' }, 'P2D', 'office']],
  ['business.between', [{ var: 'day' }, { var: '$now' }, 'hours', 'office']],
  ['duration.total', ['P1M', 'days']],
  [
    'money.add',
    [
      { amount: '1.00', currency: 'EUR' },
      { amount: '1.00', currency: 'USD' },
    ],
  ],
];
const early = { left: { var: 'note' }, operator: 'equalTo', right: 'early' };
const late = { left: { var: 'note' }, operator: 'equalTo', right: 'late' };

/** By code; `expression.*` is found in any flow, whatever its elements. */
export const expressionMistakes: Readonly<Record<string, MistakeCase>> = {
  'expression.operator-unknown': {
    mistakes: [
      {
        edits: { [text]: { uper: { var: 'note' } } },
        pointer: `${text}/uper`,
        at: ['"uper"'],
        didYouMean: 'upper',
      },
      {
        edits: { [when]: { some: [{ var: 'lines' }, { startWith: [{ var: 'sku' }, 'A'] }] } },
        pointer: `${when}/some/1/startWith`,
        at: ['"startWith"'],
        didYouMean: 'startsWith',
      },
      {
        edits: { '/formulas/twice/expression': { constructor_: [1] } },
        pointer: '/formulas/twice/expression/constructor_',
        at: ['"constructor_"'],
      },
    ],
    nearMiss: { edits: { [text]: { upper: { var: 'note' } } } },
  },
  'expression.operator-refused': {
    mistakes: [
      { edits: { [text]: { log: 'x' } }, pointer: `${text}/log`, at: ['"log"', '"x"'] },
      {
        edits: { [text]: { method: [{ var: 'note' }, 'trim'] } },
        pointer: `${text}/method`,
        at: ['"method"'],
      },
      {
        edits: { [when]: { and: [true, { try: [{ var: 'note' }, false] }] } },
        pointer: `${when}/and/1/try`,
        at: ['"try"'],
      },
    ],
    nearMiss: { edits: { [text]: { preserve: 'log' } } },
  },
  'expression.operand-count': {
    mistakes: [
      { edits: { [when]: { '==': [1] } }, pointer: `${when}/==`, at: ['"check"', '"=="'] },
      { edits: { [when]: { if: true } }, pointer: `${when}/if`, at: ['"if"', 'true'] },
      { edits: { [text]: { upper: ['a', 'b'] } }, pointer: `${text}/upper`, at: ['"upper"'] },
    ],
    nearMiss: { edits: { [when]: { '==': [1, 1, 1] } } },
  },
  'expression.operand-invalid': {
    mistakes: [
      { edits: { [when]: { '>': [{ size: [7] }, 1] } }, pointer: `${when}/>/0/size/0`, at: ['"size"', '7'] },
      {
        edits: { [text]: { 'date.add': ['2026-02-30', 'P1D'] } },
        pointer: `${text}/date.add/0`,
        at: ['"2026-02-30"'],
      },
      {
        edits: { [when]: { matches: [{ var: 'note' }, '(?=a)'] } },
        pointer: `${when}/matches/1`,
        at: ['"(?=a)"'],
      },
      {
        edits: { '/formulas/twice/expression': { size: [{ var: 'note' }] } },
        pointer: '/formulas/twice/expression/size/0',
        at: ['"twice"', '"size"', '{'],
      },
      ...together.map(([operator, operands]) => ({
        edits: { [`${V}/day`]: day, [text]: { [operator]: operands } },
        pointer: `${text}/${operator}`,
        at: [`"${operator}"`],
      })),
      {
        edits: { [when]: { isChanged: { var: 'note' } } },
        pointer: `${when}/isChanged`,
        at: ['"isChanged"'],
      },
      {
        edits: conditions([
          early,
          { left: { 'date.part': ['2026-11-22', 'hour'] }, operator: 'equalTo', right: 3 },
        ]),
        pointer: `${when}/conditions/1/left/date.part`,
        at: ['"date.part"'],
      },
    ],
    nearMiss: {
      edits: {
        [when]: { matches: [{ var: 'note' }, '^[a-z]{1,20}$'] },
        [`${V}/day`]: day,
        '/formulas/twice/expression': [
          { 'date.part': [{ var: 'note' }, 'hour'] },
          { 'date.part': [{ var: '$now' }, 'hour', 'Europe/Berlin'] },
          { 'date.diff': [{ var: 'day' }, { 'date.of': [{ var: '$now' }, 'Europe/Berlin'] }, 'days'] },
          { 'business.addTime': [{ var: '$now' }, 'PT2H', 'office'] },
          { if: [{ var: 'count' }, { '/': [1, { var: 'count' }] }, { '/': [1, 0] }] },
        ],
      },
    },
  },
  'expression.variable-invalid': {
    mistakes: [
      { edits: { [text]: { var: 'note.constructor' } }, pointer: `${text}/var`, at: ['"note.constructor"'] },
      { edits: { [text]: { var: `note.${'x'.repeat(260)}` } }, pointer: `${text}/var`, at: ['"note.x'] },
      {
        edits: { [when]: { missing: ['note', '__proto__'] } },
        pointer: `${when}/missing`,
        at: ['"missing"'],
      },
      { edits: { [text]: { var: 'lines.*.sku' } }, pointer: `${text}/var`, at: ['"lines.*.sku"'] },
      {
        edits: { '/texts/greeting': '{{lines.*.sku}}' },
        pointer: '/texts/greeting',
        at: ['"{{lines.*.sku}}"'],
      },
      {
        edits: { [when]: { reduce: [{ var: 'lines' }, { '+': [{ var: 'count' }, 1] }, 0] } },
        pointer: `${when}/reduce/1/+/0/var`,
        at: ['"reduce"', '"var"', '"var": ', '"count"'],
        didYouMean: '$root.count',
      },
    ],
    nearMiss: {
      edits: {
        [when]: {
          reduce: [{ var: 'lines' }, { '+': [{ var: 'accumulator' }, { var: '$root.count' }] }, 0],
        },
        [text]: { cat: { map: [{ var: 'lines' }, { var: 'sku' }] } },
      },
    },
  },
  'expression.data-invalid': {
    mistakes: [
      { text: beyond({ [when]: { '==': [987654321, 1] } }), pointer: `${when}/==/0`, at: ['1e999'] },
      {
        text: beyond({ '/formulas/twice/expression': 987654321 }),
        pointer: '/formulas/twice/expression',
        at: ['1e999'],
      },
      {
        text: beyond({ [text]: { preserve: { a: [987654321] } } }),
        pointer: `${text}/preserve/a/0`,
        at: ['1e999'],
      },
    ],
    nearMiss: { edits: { [when]: { '==': [1e308, 1] } } },
  },
  'expression.logic-in-literal': {
    mistakes: [
      {
        edits: { [text]: { preserve: 1, also: { var: 'note' } } },
        pointer: `${text}/also`,
        at: ['"also"'],
      },
      {
        edits: { [`${E}/right_/value`]: { name: { upper: { var: 'note' } }, email: 'x' } },
        pointer: `${E}/right_/value/name`,
        at: ['"right_": {', '"value"', '"name"'],
      },
      {
        edits: { '/formulas/twice/expression': { a: 1, b: [{ '+': [1, 2] }] } },
        pointer: '/formulas/twice/expression/b/0',
        at: ['"b"', '{'],
      },
    ],
    nearMiss: { edits: { '/formulas/twice/expression': { object: ['a', 1, 'b', [{ '+': [1, 2] }]] } } },
  },
  'expression.too-many-nodes': {
    mistakes: [
      { edits: { [when]: { '>': [{ '+': ones(499) }, 1] } }, pointer: when, at: ['"check"', '"when"'] },
      {
        edits: { '/formulas/twice/expression': ones(500) },
        pointer: '/formulas/twice/expression',
        at: ['"twice"', '"expression"'],
      },
      { edits: { [text]: { cat: ones(500) } }, pointer: text, at: ['"tell": {', '"text"'] },
    ],
    nearMiss: { edits: { [when]: { '>': [{ '+': ones(497) }, 1] } } },
  },
  'expression.too-deep': {
    mistakes: [
      {
        edits: { [when]: nested(21) },
        pointer: `${when}${'/!/0'.repeat(21)}`,
        at: [...Array.from({ length: 21 }, () => '"!"'), '1'],
      },
      {
        edits: { '/formulas/twice/expression': nested(22) },
        pointer: `/formulas/twice/expression${'/!/0'.repeat(21)}`,
        at: [...Array.from({ length: 21 }, () => '"!"'), '{'],
      },
      {
        edits: { [text]: { preserve: JSON.parse(`${'['.repeat(21)}1${']'.repeat(21)}`) } },
        pointer: `${text}/preserve${'/0'.repeat(20)}`,
        at: ['"preserve"', '[', ...Array.from({ length: 20 }, () => '[')],
      },
    ],
    nearMiss: { edits: { [when]: nested(20) } },
  },
  'expression.text-too-long': {
    mistakes: [
      { edits: { [text]: 'x'.repeat(4_097) }, pointer: text, at: ['"tell"', '"text"', '"x'] },
      {
        edits: { [when]: { '==': [{ var: 'note' }, 'y'.repeat(5_000)] } },
        pointer: `${when}/==/1`,
        at: ['"y'],
      },
      {
        edits: { [text]: { preserve: 'z'.repeat(4_097) } },
        pointer: `${text}/preserve`,
        at: ['"preserve"', '"z'],
      },
    ],
    nearMiss: { edits: { [text]: 'x'.repeat(4_096) } },
  },
  'expression.condition-invalid': {
    mistakes: [
      {
        edits: conditions([{ ...early, operator: 'equalsTo' }]),
        pointer: `${when}/conditions/0/operator`,
        at: ['"equalsTo"'],
        didYouMean: 'equalTo',
      },
      {
        edits: conditions([early, { left: 1, operator: 'lessThan' }]),
        pointer: `${when}/conditions/1`,
        at: ['"early"', '{'],
      },
      { edits: conditions([]), pointer: `${when}/conditions`, at: ['"check"', '"conditions"'] },
      {
        edits: conditions([{ ...early, operator: 'none' }]),
        pointer: `${when}/conditions/0/operator`,
        at: ['"none"'],
      },
    ],
    nearMiss: { edits: conditions([{ left: { var: 'note' }, operator: 'isBlank' }]) },
  },
  'expression.logic-invalid': {
    mistakes: [
      { edits: conditions([early, late], '1 AND 3'), pointer: `${when}/logic`, at: ['"1 AND 3"'] },
      {
        edits: conditions([early, late, late], '1 AND 2 OR 3'),
        pointer: `${when}/logic`,
        at: ['"1 AND 2 OR 3"'],
      },
      { edits: conditions([early, late], '1'), pointer: `${when}/logic`, at: ['"1"'] },
      { edits: conditions([early, late], 'any'), pointer: `${when}/logic`, at: ['"any"'] },
    ],
    nearMiss: { edits: conditions([early, late, late], '1 and (2 OR not 3)') },
  },
  'expression.template-invalid': {
    mistakes: [
      { edits: { '/texts/greeting': 'Dear {{customer.name' }, pointer: '/texts/greeting', at: ['"Dear {{'] },
      { edits: { '/runLabel': 'For {{note' }, pointer: '/runLabel', at: ['"For {{'] },
      { edits: { '/texts/greeting': 'Dear {{}}' }, pointer: '/texts/greeting', at: ['"Dear {{'] },
      { edits: { '/texts/greeting': '{{#if note}}x{{/if}}' }, pointer: '/texts/greeting', at: ['"{{#if'] },
    ],
    nearMiss: { edits: { '/texts/greeting': 'Dear { {customer.name} } {{ customer.name }}' } },
  },
};
