// Mistakes by their codes, each with where it stands, and beside them what looks like one and is sound.
import type { FlowProblemCode } from '../../../../engine/definition/flow-problems.js';
import { type Edits, textOf } from './edit-flow.js';
import { soundFlow } from './sample-elements.js';

export interface Mistake {
  /** Edits of the sound flow, or a whole text. */
  readonly edits?: Edits;
  readonly text?: string;
  readonly pointer: string;
  /** Snippets of the text, each after the one before: the problem stands at the beginning of the last. */
  readonly at: readonly string[];
  readonly didYouMean?: string;
}

export interface MistakeCase {
  readonly mistakes: readonly [Mistake, Mistake, Mistake, ...Mistake[]];
  /** Sound, also without a warning of this code. */
  readonly nearMiss: { readonly edits?: Edits; readonly text?: string };
}

const E = '/elements';
const V = '/variables';
const text = (edits: Edits = {}) => textOf(soundFlow, edits);
const replaced = (from: string, to: string): string => {
  const whole = text();
  if (!whole.includes(from)) throw new Error(`nothing to replace: ${from}`);
  return whole.replace(from, () => to);
};
const step = (more: object = {}) => ({ type: 'set', label: 'Step', target: 'count', value: 1, ...more });
const stop = { type: 'stop', label: 'Stop' };
const note = { '/elements/sorry/value': 'x' };
const reading = (rule: unknown): Edits => ({ [`${E}/tell/inputs/text`]: rule });
const manySteps = (count: number) => ({
  ...Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `s${index}`,
      step(index === count - 1 ? {} : { next: `s${index + 1}` }),
    ]),
  ),
});
const only = (elements: object, next: string, more: Edits = {}): Edits => ({
  [E]: elements,
  '/start/next': next,
  '/signals': undefined,
  ...more,
});

/** The flow as one that runs before a save. */
const saving = (more: object = {}): Edits => ({
  '/start/trigger': { type: 'recordChange', record: 'order', on: ['update'], before: true, ...more },
});
/** … without what can't be done then. */
const atOnce: Edits = {
  ...saving(),
  '/signals': undefined,
  [`${E}/hold`]: { type: 'call', label: 'Ask', action: 'orders.load', inputs: { id: 'x' }, next: 'both' },
  [`${E}/refund`]: step({ next: 'tell', onFault: { next: 'sorry' } }),
  [`${E}/mail`]: undefined,
  [`${V}/note/default`]: '',
};

/** The flow as one that starts by itself. */
const byItself: Edits = {
  '/start/trigger': { type: 'schedule', cron: '0 6 * * *' },
  '/start/conditions': [],
};

const kinds: Edits = { [`${V}/kind`]: { schema: { enum: ['return', 'exchange'] }, default: 'return' } };

const list60 = Array.from({ length: 60 }, (_, index) => index);
const nestedMaps = (levels: number): unknown =>
  levels === 0 ? 1 : { map: [list60, nestedMaps(levels - 1)] };
/** Each line against each. */
const linesSquared = (maxItems: number): Edits => ({
  [`${V}/lines/schema/maxItems`]: maxItems,
  [`${E}/check/when`]: {
    some: [{ var: 'lines' }, { some: [{ var: '$root.lines' }, { '==': [{ var: 'sku' }, 1] }] }],
  },
});

export const mistakeCases: Readonly<Partial<Record<FlowProblemCode, MistakeCase>>> = {
  'flow.file-too-large': {
    mistakes: [
      { text: `{"x": "${'a'.repeat(1_048_570)}"}`, pointer: '', at: ['{'] },
      { text: ' '.repeat(1_048_577), pointer: '', at: [' '] },
      // The bound is one of bytes, not of characters.
      { text: `"${'ü'.repeat(524_288)}"`, pointer: '', at: ['"'] },
    ],
    nearMiss: { text: `${text()}${' '.repeat(1_000_000)}` },
  },
  'flow.too-deep': {
    mistakes: [
      { text: '['.repeat(65), pointer: '', at: ['['.repeat(64), '['] },
      { text: `{"a":${'['.repeat(100_000)}`, pointer: '', at: [`{"a":${'['.repeat(63)}`, '['] },
      { text: '{"a":'.repeat(65), pointer: '', at: ['{"a":'.repeat(64), '{'] },
    ],
    nearMiss: { text: text({ '/constants/deep': JSON.parse('['.repeat(61) + ']'.repeat(61)) }) },
  },
  'flow.json-syntax': {
    mistakes: [
      { text: replaced('"limit": 3', '"limit": 1e999'), pointer: '/constants/limit', at: ['1e999'] },
      {
        text: replaced('"limit": 3', '"limit": 9007199254740993'),
        pointer: '/constants/limit',
        at: ['9007199254740993'],
      },
      {
        text: replaced('"label": "Cancel order",', '"label": "Cancel order"'),
        pointer: '/start',
        at: ['"label"', '"start"'],
      },
      { text: replaced('"format": 1', '"format": one'), pointer: '/format', at: ['one'] },
      { text: replaced('"limit": 3', '"limit": 3,,'), pointer: '/constants', at: ['3,', ','] },
      { text: `${text()}}`, pointer: '', at: ['Finish', '}\n  }\n}\n', '}'] },
    ],
    nearMiss: { text: `\n\t ${text()}\r\n` },
  },
  'flow.json-comment': {
    mistakes: [
      { text: `// our flow\n${text()}`, pointer: '', at: ['//'] },
      { text: replaced('"limit": 3', '/* days */ "limit": 3'), pointer: '/constants', at: ['/*'] },
      { text: replaced('"format": 1,', '"format": 1, // first'), pointer: '', at: ['//'] },
    ],
    nearMiss: { edits: { '/description': '// no comment, /* but a text */' } },
  },
  'flow.key-duplicate': {
    mistakes: [
      {
        text: replaced('"format": 1,', '"format": 1, "format": 1,'),
        pointer: '/format',
        at: ['"format"', '"format"'],
      },
      {
        text: replaced('"limit": 3', '"limit": 3, "limit": 4'),
        pointer: '/constants/limit',
        at: ['"limit"', '"limit"'],
      },
      {
        text: replaced('"target": "count"', '"target": "count", "target": "note"'),
        pointer: '/elements/treat/target',
        at: ['"target": "count"', '"target"'],
      },
    ],
    nearMiss: { text: replaced('"limit": 3', '"limit": 3, "Limit": 4') },
  },
  'flow.name-reserved': {
    mistakes: [
      {
        edits: { [`${V}/toString`]: { schema: { type: 'string' } } },
        pointer: `${V}/toString`,
        at: ['"toString"'],
      },
      { edits: { '/constants/valueOf': 1 }, pointer: '/constants/valueOf', at: ['"valueOf"'] },
      { edits: { '/formulas/current': { expression: 1 } }, pointer: '/formulas/current', at: ['"current"'] },
      {
        text: replaced('"limit": 3', '"limit": 3, "__proto__": {"a": 1}'),
        pointer: '/constants/__proto__',
        at: ['"__proto__"'],
      },
      {
        text: replaced('"label": "Finish"', '"label": "Finish", "constructor": 1'),
        pointer: '/elements/finish/constructor',
        at: ['"constructor"'],
      },
    ],
    nearMiss: { edits: { '/constants/toText': 1, '/constants/proto': 2 } },
  },
  'flow.property-unknown': {
    mistakes: [
      { edits: { '/lable': 'x' }, pointer: '/lable', at: ['"lable"'], didYouMean: 'label' },
      {
        edits: { [`${E}/treat/targt`]: 'x' },
        pointer: `${E}/treat/targt`,
        at: ['"targt"'],
        didYouMean: 'target',
      },
      {
        edits: { [`${V}/count/inptu`]: true },
        pointer: `${V}/count/inptu`,
        at: ['"inptu"'],
        didYouMean: 'input',
      },
      { edits: { '/start/trigger/cron': '* * * * *' }, pointer: '/start/trigger/cron', at: ['"cron"'] },
    ],
    nearMiss: { edits: { '/$schema': '../flow.schema.json' } },
  },
  'flow.property-missing': {
    mistakes: [
      { edits: { '/label': undefined }, pointer: '/label', at: ['{'] },
      { edits: { [`${E}/treat/target`]: undefined }, pointer: `${E}/treat/target`, at: ['"treat": {'] },
      { edits: { [`${V}/note/schema`]: undefined }, pointer: `${V}/note/schema`, at: ['"note": {'] },
      { edits: { [`${E}/finish/type`]: undefined }, pointer: `${E}/finish/type`, at: ['"finish": {'] },
    ],
    nearMiss: { edits: { '/constants': undefined, [`${E}/refund/inputs/amount`]: 3 } },
  },
  'flow.property-invalid': {
    mistakes: [
      { edits: { '/format': 2 }, pointer: '/format', at: ['2,'] },
      { edits: { [`${E}/treat/label`]: 7 }, pointer: `${E}/treat/label`, at: ['7,'] },
      { edits: { '/name': 'Cancel order' }, pointer: '/name', at: ['"name": ', '"Cancel order"'] },
      {
        edits: { [`${E}/refund/retry`]: { attempts: 0, delayMs: 1 } },
        pointer: `${E}/refund/retry/attempts`,
        at: ['"attempts": ', '0'],
      },
      {
        edits: { '/start/trigger/type': 'acton' },
        pointer: '/start/trigger/type',
        at: ['"acton"'],
        didYouMean: 'action',
      },
    ],
    nearMiss: { edits: { [`${E}/refund/retry`]: { attempts: 1, delayMs: 0 } } },
  },
  'flow.name-invalid': {
    mistakes: [
      {
        edits: { [`${V}/order no`]: { schema: { type: 'string' } } },
        pointer: `${V}/order no`,
        at: ['"order no"'],
      },
      { edits: { '/constants/1st': 1 }, pointer: '/constants/1st', at: ['"1st"'] },
      { edits: { '/formulas/$total': { expression: 1 } }, pointer: '/formulas/$total', at: ['"$total"'] },
      {
        edits: { [`/texts/${'x'.repeat(65)}`]: 'long' },
        pointer: `/texts/${'x'.repeat(65)}`,
        at: [`"${'x'.repeat(65)}"`],
      },
    ],
    nearMiss: { edits: { [`/texts/${'x'.repeat(64)}`]: 'long', '/constants/first_1': 1 } },
  },
  'flow.name-taken': {
    mistakes: [
      { edits: { '/constants/count': 1 }, pointer: '/constants/count', at: ['"constants"', '"count"'] },
      { edits: { '/texts/limit': 'x' }, pointer: '/texts/limit', at: ['"texts"', '"limit"'] },
      {
        edits: { [`${V}/finish`]: { schema: { type: 'string' } } },
        pointer: `${E}/finish`,
        at: ['"elements"', '"finish": {'],
      },
      {
        edits: {
          '/stages': [
            { name: 'one', label: 'One' },
            { name: 'one', label: 'Two' },
          ],
        },
        pointer: '/stages/1/name',
        at: ['"stages"', '"one"', '"name": ', '"one"'],
      },
    ],
    nearMiss: { edits: { '/choices': { count: { label: 'A', value: 1 } } } },
  },
  'flow.too-many-elements': {
    mistakes: [
      { edits: only(manySteps(2_001), 's0'), pointer: E, at: ['"elements"'] },
      { edits: only(manySteps(2_500), 's0'), pointer: E, at: ['"elements"'] },
      { edits: only({ ...manySteps(2_000), last: stop }, 's0'), pointer: E, at: ['"elements"'] },
    ],
    nearMiss: { edits: only(manySteps(2_000), 's0') },
  },
  'flow.element-type-unknown': {
    mistakes: [
      {
        edits: { [`${E}/treat/type`]: 'sett' },
        pointer: `${E}/treat/type`,
        at: ['"sett"'],
        didYouMean: 'set',
      },
      { edits: { [`${E}/check/type`]: 'decision' }, pointer: `${E}/check/type`, at: ['"decision"'] },
      { edits: { [`${E}/finish/type`]: 'toString' }, pointer: `${E}/finish/type`, at: ['"toString"'] },
    ],
    nearMiss: { edits: { [`${E}/treat/label`]: 'decision' } },
  },
  'flow.schema-invalid': {
    mistakes: [
      {
        edits: { [`${V}/note/schema`]: { type: 'txt' } },
        pointer: `${V}/note/schema`,
        at: ['"note"', '"schema"'],
      },
      {
        edits: { [`${V}/count/schema/minimun`]: 1 },
        pointer: `${V}/count/schema`,
        at: ['"count"', '"schema"'],
      },
      {
        edits: { '/signals/scanned/schema': { type: 'object', properties: [] } },
        pointer: '/signals/scanned/schema',
        at: ['"scanned"', '"schema"'],
      },
    ],
    nearMiss: { edits: { [`${V}/count/schema`]: { type: ['number', 'null'], minimum: 0 } } },
  },
  'flow.variable-untyped': {
    mistakes: [
      { edits: { [`${V}/note/schema`]: {} }, pointer: `${V}/note/schema`, at: ['"note"', '"schema"'] },
      {
        edits: { [`${V}/note/schema`]: { maxLength: 5 } },
        pointer: `${V}/note/schema`,
        at: ['"note"', '"schema"'],
      },
      {
        edits: { [`${V}/note/schema`]: { anyOf: [{ type: 'string' }, {}] } },
        pointer: `${V}/note/schema`,
        at: ['"note"', '"schema"'],
      },
    ],
    nearMiss: { edits: { [`${V}/note/schema`]: { anyOf: [{ type: 'string' }, { const: null }] } } },
  },
  'flow.default-invalid': {
    mistakes: [
      { edits: { [`${V}/count/default`]: '0' }, pointer: `${V}/count/default`, at: ['"default": ', '"0"'] },
      {
        edits: { [`${V}/lines/default`]: [{ sku: 7 }] },
        pointer: `${V}/lines/default/0/sku`,
        at: ['"sku": ', '7'],
      },
      { edits: { [`${V}/note/default`]: null }, pointer: `${V}/note/default`, at: ['"default": ', 'null'] },
    ],
    nearMiss: { edits: { [`${V}/lines/default`]: [{ sku: 'A' }], [`${V}/count/default`]: 0.5 } },
  },
  'flow.reason-missing': {
    mistakes: [
      { edits: { '/mode': { system: {} } }, pointer: '/mode/system/reason', at: ['"system"'] },
      { edits: { '/mode': { system: { reason: '' } } }, pointer: '/mode/system/reason', at: ['""'] },
      {
        edits: { '/mode': { system: { reason: null } } },
        pointer: '/mode/system/reason',
        at: ['"reason": ', 'null'],
      },
    ],
    nearMiss: { edits: { '/mode': { system: { reason: 'Agents may not see payments.' } } } },
  },
  'flow.system-mode': {
    mistakes: [
      {
        edits: { '/mode': { system: { reason: 'Agents may not see payments.' } } },
        pointer: '/mode/system',
        at: ['"system"'],
      },
      {
        edits: { '/mode': { system: { reason: 'Night work' } }, '/start/trigger/permission': undefined },
        pointer: '/mode/system',
        at: ['"system"'],
      },
      {
        edits: {
          '/mode': { system: { reason: 'nobody is signed in' } },
          '/start/trigger': { type: 'recordChange', record: 'order', on: ['update'] },
        },
        pointer: '/mode/system',
        at: ['"system"'],
      },
    ],
    nearMiss: { edits: { '/mode': 'user' } },
  },
  'flow.sentence-missing': {
    mistakes: [
      {
        edits: { '/start/conditions/0/otherwise': undefined },
        pointer: '/start/conditions/0/otherwise',
        at: ['"conditions"', '{'],
      },
      {
        edits: { '/start/conditions/0/otherwise': '' },
        pointer: '/start/conditions/0/otherwise',
        at: ['""'],
      },
      {
        edits: { '/start/conditions': [{ when: true, otherwise: 'x' }, { when: true }] },
        pointer: '/start/conditions/1/otherwise',
        at: ['"otherwise": "x"\n      },\n      ', '{'],
      },
    ],
    nearMiss: { edits: { '/start/conditions': [] } },
  },
  'flow.input-not-given': {
    mistakes: [
      only({ a: step() }, 'a', byItself),
      only({ a: step() }, 'a', {
        '/start/trigger': { type: 'recordChange', record: 'order', on: ['update'] },
      }),
      {
        ...only({ a: step() }, 'a', byItself),
        [`${V}/note`]: { schema: { type: ['string', 'null'] }, input: true },
      },
    ].map((edits) => ({
      edits,
      pointer: `${V}/note/input`,
      at: ['"note": {', '"input": ', 'true'],
    })) as unknown as MistakeCase['mistakes'],
    nearMiss: { edits: only({ a: step() }, 'a', { ...byItself, [`${V}/note/default`]: '' }) },
  },
  'flow.cron-invalid': {
    mistakes: ['every day', '* * * *', '61 * * * *'].map((cron) => ({
      edits: only({ a: step() }, 'a', {
        '/start/trigger': { type: 'schedule', cron },
        '/start/conditions': [],
      }),
      pointer: '/start/trigger/cron',
      at: [JSON.stringify(cron)],
    })) as unknown as MistakeCase['mistakes'],
    nearMiss: {
      edits: only({ a: step() }, 'a', {
        [`${V}/note/default`]: '',
        '/start/trigger': { type: 'schedule', cron: '*/5 6-18 * * 1-5', timeZone: 'Europe/Berlin' },
        '/start/conditions': [],
      }),
    },
  },
  'flow.schedule-never': {
    mistakes: ['0 0 30 2 *', '0 0 31 2,4,6 *', '0 12 31 11 *'].map((cron) => ({
      edits: only({ a: step() }, 'a', { ...byItself, '/start/trigger': { type: 'schedule', cron } }),
      pointer: '/start/trigger/cron',
      at: [JSON.stringify(cron)],
    })) as unknown as MistakeCase['mistakes'],
    nearMiss: {
      edits: only({ a: step() }, 'a', {
        ...byItself,
        [`${V}/note/default`]: '',
        '/start/trigger': { type: 'schedule', cron: '0 0 29 2 *' },
      }),
    },
  },
  'flow.time-zone-unknown': {
    mistakes: [
      {
        edits: { '/timeZone': 'Europe/Berlyn' },
        pointer: '/timeZone',
        at: ['"Europe/Berlyn"'],
        didYouMean: 'Europe/Berlin',
      },
      { edits: { '/timeZone': '' }, pointer: '/timeZone', at: ['""'] },
      {
        edits: only({ a: step() }, 'a', {
          '/start/trigger': { type: 'schedule', cron: '* * * * *', timeZone: 'CEST+1' },
          '/start/conditions': [],
        }),
        pointer: '/start/trigger/timeZone',
        at: ['"CEST+1"'],
      },
    ],
    nearMiss: { edits: { '/timeZone': 'America/Argentina/Buenos_Aires' } },
  },
  'flow.calendar-unknown': {
    mistakes: [
      {
        edits: { '/formulas/then': { expression: { 'business.addDays': [{ var: '$now' }, 1, 'ofice'] } } },
        pointer: '/formulas/then/expression/business.addDays/2',
        at: ['"ofice"'],
        didYouMean: 'office',
      },
      {
        edits: { '/formulas/open': { expression: { 'business.isOpen': [{ var: '$now' }, ''] } } },
        pointer: '/formulas/open/expression/business.isOpen/1',
        at: ['"business.isOpen": [', '""'],
      },
      {
        edits: {
          '/formulas/late': { expression: { '!': [{ 'business.isOpen': [{ var: '$now' }, 'toString'] }] } },
        },
        pointer: '/formulas/late/expression/!/0/business.isOpen/1',
        at: ['"toString"'],
      },
    ],
    nearMiss: {
      edits: { '/formulas/then': { expression: { 'business.addDays': [{ var: '$now' }, 1, 'office'] } } },
    },
  },
  'flow.element-unknown': {
    mistakes: [
      {
        edits: { '/formulas/tried': { expression: { hasError: 'refnd' } } },
        pointer: '/formulas/tried/expression/hasError',
        at: ['"refnd"'],
        didYouMean: 'refund',
      },
      {
        edits: { '/elements/check/when': { wasVisited: ['hold_', false] } },
        pointer: '/elements/check/when/wasVisited/0',
        at: ['"hold_"'],
        didYouMean: 'hold',
      },
      {
        edits: { '/elements/check/when': { conditions: [{ left: 'count', operator: 'wasVisited' }] } },
        pointer: '/elements/check/when/conditions/0/left',
        at: ['"left": ', '"count"'],
      },
    ],
    nearMiss: {
      edits: {
        '/elements/check/when': { conditions: [{ left: 'mail', operator: 'wasVisited', right: false }] },
        '/formulas/tried': { expression: { hasError: { cat: ['re', 'fund'] } } },
      },
    },
  },
  'flow.permission-unknown': {
    mistakes: [
      {
        edits: { '/start/trigger/permission': 'orders.cancl' },
        pointer: '/start/trigger/permission',
        at: ['"orders.cancl"'],
        didYouMean: 'orders.cancel',
      },
      { edits: { '/start/trigger/permission': '' }, pointer: '/start/trigger/permission', at: ['""'] },
      {
        edits: { '/start/trigger/permission': 'toString' },
        pointer: '/start/trigger/permission',
        at: ['"toString"'],
      },
      {
        edits: { '/formulas/may': { expression: { var: '$permission.orders.cancl' } } },
        pointer: '/formulas/may/expression/var',
        at: ['"$permission.orders.cancl"'],
        didYouMean: '$permission.orders.cancel',
      },
    ],
    nearMiss: {
      edits: {
        '/start/trigger/permission': 'orders.read',
        '/formulas/may': { expression: { var: '$permission.orders.cancel' } },
      },
    },
  },
  'flow.record-type-unknown': {
    mistakes: [
      {
        edits: { '/start/trigger/record': 'oder' },
        pointer: '/start/trigger/record',
        at: ['"oder"'],
        didYouMean: 'order',
      },
      {
        edits: { '/start/trigger': { type: 'recordChange', record: 'parcel', on: ['create'] } },
        pointer: '/start/trigger/record',
        at: ['"parcel"'],
      },
      {
        edits: { '/choices': { all: { record: 'orders', label: 'id', value: 'id' } } },
        pointer: '/choices/all/record',
        at: ['"orders"'],
        didYouMean: 'order',
      },
    ],
    nearMiss: { edits: { '/choices': { all: { record: 'order', label: 'id', value: 'id' } } } },
  },
  'flow.target-unknown': {
    mistakes: [
      { edits: { '/start/next': 'chek' }, pointer: '/start/next', at: ['"chek"'], didYouMean: 'check' },
      { edits: { [`${E}/treat/next`]: 'nowhere' }, pointer: `${E}/treat/next`, at: ['"nowhere"'] },
      {
        edits: { [`${E}/refund/onFault/next`]: 'sory' },
        pointer: `${E}/refund/onFault/next`,
        at: ['"sory"'],
        didYouMean: 'sorry',
      },
      {
        edits: { [`${E}/both/left`]: 'left' },
        pointer: `${E}/both/left`,
        at: ['"left": ', '"left"'],
        didYouMean: 'left_',
      },
      { edits: { [`${E}/mail/next`]: 'toString' }, pointer: `${E}/mail/next`, at: ['"toString"'] },
    ],
    nearMiss: { edits: { [`${E}/tell/next`]: undefined } },
  },
  'flow.element-unreachable': {
    mistakes: [
      { edits: { [`${E}/lost`]: step() }, pointer: `${E}/lost`, at: ['"lost"'] },
      { edits: { [`${E}/refund/onFault`]: undefined }, pointer: `${E}/sorry`, at: ['"sorry": {'] },
      { edits: { '/start/next': undefined }, pointer: '/start', at: ['"start"'] },
      {
        edits: { [`${E}/one`]: step({ next: 'two' }), [`${E}/two`]: step({ next: 'one' }) },
        pointer: `${E}/two`,
        at: ['"two": {'],
      },
    ],
    nearMiss: {
      edits: {
        [`${E}/refund/onFault/next`]: 'finish',
        [`${E}/check/when`]: { '>': [1, 2] },
        [`${E}/hold/late`]: 'sorry',
        ...note,
      },
    },
  },
  'flow.endless-cycle': {
    mistakes: [
      { edits: { [`${E}/tell/next`]: 'mail' }, pointer: `${E}/mail`, at: ['"mail": {'] },
      { edits: { [`${E}/sorry/next`]: 'sorry' }, pointer: `${E}/sorry`, at: ['"sorry": {'] },
      {
        edits: only(
          { a: step({ next: 'b' }), b: { type: 'pick', label: 'B', when: true, yes: 'a', next: 'b' } },
          'a',
        ),
        pointer: `${E}/a`,
        at: ['"a": {'],
      },
      {
        edits: only(
          { a: { type: 'fork', label: 'A', left: 'b', right: 'c', next: 'a' }, b: step(), c: step() },
          'a',
        ),
        pointer: `${E}/a`,
        at: ['"a": {'],
      },
    ],
    nearMiss: {
      edits: only(
        { a: { type: 'fork', label: 'A', left: 'b', right: 'c', next: 'a' }, b: step(), c: stop },
        'a',
      ),
    },
  },
  'flow.loop-body-open': {
    mistakes: [
      {
        edits: { [`${E}/treat/next`]: undefined },
        pointer: `${E}/lines_/body`,
        at: ['"lines_"', '"body": ', '"treat"'],
      },
      {
        edits: { [`${E}/lines_/body`]: undefined, [`${E}/hold/late`]: 'treat' },
        pointer: `${E}/lines_/body`,
        at: ['"lines_": {'],
      },
      {
        edits: { [`${E}/treat/next`]: 'finish' },
        pointer: `${E}/lines_/body`,
        at: ['"lines_"', '"body": ', '"treat"'],
      },
    ],
    nearMiss: { edits: { [`${E}/treat/next`]: 'more', [`${E}/more`]: step({ next: 'lines_' }) } },
  },
  'flow.loop-body-ends': {
    mistakes: [
      {
        edits: {
          [`${E}/treat/next`]: 'odd',
          [`${E}/odd`]: { type: 'pick', label: 'Odd', when: { '>': [{ var: 'count' }, 1] }, yes: 'lines_' },
        },
        pointer: `${E}/odd/next`,
        at: ['"odd": {'],
      },
      {
        edits: {
          [`${E}/treat/next`]: 'odd',
          [`${E}/odd`]: { type: 'pick', label: 'Odd', when: true, next: 'lines_' },
        },
        pointer: `${E}/odd/yes`,
        at: ['"odd": {'],
      },
      {
        edits: {
          [`${E}/treat/next`]: 'odd',
          [`${E}/odd`]: { type: 'pick', label: 'Odd', when: true, next: 'lines_', yes: 'more' },
          [`${E}/more`]: step(),
        },
        pointer: `${E}/more/next`,
        at: ['"more": {'],
      },
    ],
    nearMiss: {
      edits: {
        [`${E}/treat/next`]: 'odd',
        [`${E}/odd`]: { type: 'pick', label: 'Odd', when: true, next: 'lines_', yes: 'stopped' },
        [`${E}/stopped`]: stop,
      },
    },
  },
  'flow.branch-shared': {
    mistakes: [
      { edits: { [`${E}/left_/next`]: 'right_' }, pointer: `${E}/right_`, at: ['"right_": {'] },
      { edits: { [`${E}/left_/next`]: 'mail' }, pointer: `${E}/mail`, at: ['"mail": {'] },
      { edits: { [`${E}/hold/late`]: 'right_' }, pointer: `${E}/right_`, at: ['"right_": {'] },
      {
        edits: { [`${E}/both/right`]: 'left_', [`${E}/hold/late`]: 'right_' },
        pointer: `${E}/left_`,
        at: ['"left_": {'],
      },
    ],
    nearMiss: { edits: { [`${E}/left_/next`]: 'left2', [`${E}/left2`]: step() } },
  },
  'flow.branches-assign': {
    mistakes: [
      {
        edits: { [`${E}/right_/target`]: 'note' },
        pointer: `${E}/right_/target`,
        at: ['"right_": {', '"target": ', '"note"'],
      },
      {
        edits: {
          [`${E}/left_/next`]: 'left2',
          [`${E}/left2`]: step({ target: 'customer.email', value: 'a@b.c' }),
        },
        pointer: `${E}/right_/target`,
        at: ['"right_": {', '"target": ', '"customer.name"'],
      },
      {
        edits: {
          [`${E}/right_/next`]: 'inner',
          [`${E}/inner`]: { type: 'fork', label: 'Inner', left: 'deep', right: 'deep2' },
          [`${E}/deep`]: step({ target: 'note', value: 'x' }),
          [`${E}/deep2`]: step(),
        },
        pointer: `${E}/deep/target`,
        at: ['"deep": {', '"target": ', '"note"'],
      },
      {
        edits: {
          ...atOnce,
          [`${E}/left_/target`]: '$record.status',
          [`${E}/right_/target`]: '$record.status',
        },
        pointer: `${E}/right_/target`,
        at: ['"right_": {', '"target": ', '"$record.status"'],
      },
    ],
    nearMiss: {
      edits: { [`${E}/left_/next`]: 'left2', [`${E}/left2`]: step({ target: 'note', value: 'x' }) },
    },
  },
  'flow.outcome-unhandled': {
    mistakes: [
      { edits: { [`${E}/check/next`]: undefined }, pointer: `${E}/check/next`, at: ['"check": {'] },
      { edits: { [`${E}/hold/late`]: undefined }, pointer: `${E}/hold/late`, at: ['"hold": {'] },
      {
        edits: {
          [`${E}/tell/next`]: 'last',
          [`${E}/last`]: { type: 'pick', label: 'L', when: { '==': [1, 1] } },
        },
        pointer: `${E}/last/yes`,
        at: ['"last": {'],
      },
    ],
    // Always true: the other way is never taken.
    nearMiss: { edits: { [`${E}/check/next`]: undefined, [`${E}/check/when`]: true } },
  },
  'flow.variable-unknown': {
    mistakes: [
      {
        edits: reading({ var: 'custmer.name' }),
        pointer: `${E}/tell/inputs/text/var`,
        at: ['"custmer.name"'],
        didYouMean: 'customer.name',
      },
      {
        edits: { '/texts/greeting': 'Dear {{nobody}}' },
        pointer: '/texts/greeting',
        at: ['"Dear {{nobody}}"'],
      },
      {
        edits: { [`${E}/treat/target`]: 'cuont' },
        pointer: `${E}/treat/target`,
        at: ['"cuont"'],
        didYouMean: 'count',
      },
      {
        edits: { '/start/conditions/0/when': { '==': [{ var: 'statu' }, 1] } },
        pointer: '/start/conditions/0/when/==/0/var',
        at: ['"statu"'],
      },
      {
        edits: { [`${E}/check/when`]: { some: [{ var: 'lines' }, { '==': [{ var: '$root.limits' }, 3] }] } },
        pointer: `${E}/check/when/some/1/==/0/var`,
        at: ['"$root.limits"'],
        didYouMean: 'limit',
      },
    ],
    nearMiss: {
      edits: {
        [`${E}/check/when`]: { some: [{ var: 'lines' }, { '==': [{ var: 'sku' }, { var: '$root.note' }] }] },
      },
    },
  },
  'flow.path-unknown': {
    mistakes: [
      {
        edits: reading({ var: 'customer.nmae' }),
        pointer: `${E}/tell/inputs/text/var`,
        at: ['"customer.nmae"'],
        didYouMean: 'customer.name',
      },
      {
        edits: { '/start/conditions/0/when': { '==': [{ var: '$record.stauts' }, 'open'] } },
        pointer: '/start/conditions/0/when/==/0/var',
        at: ['"$record.stauts"'],
        didYouMean: '$record.status',
      },
      {
        edits: { [`${E}/left_/value`]: { var: 'load.stat' } },
        pointer: `${E}/left_/value/var`,
        at: ['"load.stat"'],
      },
      {
        edits: reading({ var: 'shop.county' }),
        pointer: `${E}/tell/inputs/text/var`,
        at: ['"shop.county"'],
        didYouMean: 'shop.country',
      },
      {
        edits: { [`${E}/right_/target`]: 'customer.phone' },
        pointer: `${E}/right_/target`,
        at: ['"customer.phone"'],
      },
      {
        edits: reading({ var: '$visits.lod' }),
        pointer: `${E}/tell/inputs/text/var`,
        at: ['"$visits.lod"'],
        didYouMean: '$visits.load',
      },
      {
        edits: reading({ var: 'lines.00.sku' }),
        pointer: `${E}/tell/inputs/text/var`,
        at: ['"lines.00.sku"'],
      },
      { edits: reading({ var: 'note.length' }), pointer: `${E}/tell/inputs/text/var`, at: ['"note.length"'] },
    ],
    nearMiss: { edits: reading({ var: ['lines.0.sku', 'none'] }) },
  },
  'flow.expression-costly': {
    mistakes: [
      // F3 of reliability.md, 60⁴; the innermost operator that is too much by itself.
      {
        edits: reading(nestedMaps(4)),
        pointer: `${E}/tell/inputs/text/map/1/map`,
        at: ['"tell"', '"map"', '"map"'],
      },
      { edits: linesSquared(142), pointer: `${E}/check/when/some`, at: ['"some"'] },
      // A hundred lines are assumed where no schema says how many there may be.
      {
        edits: {
          [`${E}/check/when`]: {
            some: [{ var: 'lines' }, { count: [{ var: '$root.lines' }, { isBlank: { var: 'sku' } }] }],
          },
        },
        pointer: `${E}/check/when/some`,
        at: ['"some"'],
      },
      {
        edits: {
          [`${V}/lines/schema/maxItems`]: 20_000,
          '/formulas/twice/expression': { sum: [{ var: 'lines' }, { length: [{ var: 'sku' }] }] },
        },
        pointer: '/formulas/twice/expression/sum',
        at: ['"sum"'],
      },
      // Text that doubles costs what copying it does.
      {
        edits: reading({
          reduce: [{ var: 'lines' }, { cat: [{ var: 'accumulator' }, { var: 'accumulator' }] }, 'x'],
        }),
        pointer: `${E}/tell/inputs/text/reduce`,
        at: ['"reduce"'],
      },
    ],
    // 99,831 steps.
    nearMiss: { edits: linesSquared(141) },
  },
  'flow.value-never': {
    mistakes: [
      {
        edits: { ...kinds, [`${E}/check/when`]: { '==': [{ var: 'kind' }, 'Retrun'] } },
        pointer: `${E}/check/when/==/1`,
        at: ['"Retrun"'],
        didYouMean: 'return',
      },
      {
        edits: { ...kinds, [`${E}/check/when`]: { in: [{ var: 'kind' }, ['return', 'exchnage']] } },
        pointer: `${E}/check/when/in/1/1`,
        at: ['"exchnage"'],
        didYouMean: 'exchange',
      },
      {
        edits: {
          [`${E}/check/when`]: {
            conditions: [{ left: { var: 'count' }, operator: 'notEqualTo', right: true }],
          },
        },
        pointer: `${E}/check/when/conditions/0/right`,
        at: ['"conditions"', '"right": ', 'true'],
      },
      {
        edits: { [`${E}/check/when`]: { some: [{ var: 'lines' }, { '==': [{ var: 'sku' }, false] }] } },
        pointer: `${E}/check/when/some/1/==/1`,
        at: ['"some"', 'false'],
      },
    ],
    // A number equals the text of it, and null is what has no value yet.
    nearMiss: {
      edits: {
        ...kinds,
        [`${E}/check/when`]: {
          or: [
            { '==': [{ var: 'kind' }, null] },
            { '!=': [{ var: 'kind' }, 'return'] },
            { in: [{ var: 'count' }, ['1', 2]] },
            { '==': [{ var: ['kind', 'none'] }, 'none'] },
          ],
        },
      },
    },
  },
  'flow.global-unknown': {
    mistakes: [
      { edits: reading({ var: '$today' }), pointer: `${E}/tell/inputs/text/var`, at: ['"$today"'] },
      {
        edits: reading({ var: '$usr.id' }),
        pointer: `${E}/tell/inputs/text/var`,
        at: ['"$usr.id"'],
        didYouMean: '$user.id',
      },
      {
        edits: { '/texts/greeting': 'It is {{$Now}}' },
        pointer: '/texts/greeting',
        at: ['"It is {{$Now}}"'],
        didYouMean: '$now',
      },
    ],
    nearMiss: { edits: reading({ cat: [{ var: '$now' }, { var: '$user.id' }, { var: '$flow.run' }] }) },
  },
  'flow.record-missing': {
    mistakes: [
      {
        edits: { '/start/trigger/record': undefined },
        pointer: '/start/conditions/0/when/==/0/var',
        at: ['"$record.status"'],
      },
      {
        edits: reading({ var: '$recordPrior.status' }),
        pointer: `${E}/tell/inputs/text/var`,
        at: ['"$recordPrior.status"'],
      },
      {
        edits: reading({ var: '$event.country' }),
        pointer: `${E}/tell/inputs/text/var`,
        at: ['"$event.country"'],
      },
    ],
    nearMiss: {
      edits: {
        [`${V}/note/default`]: '',
        '/start/trigger': {
          type: 'recordChange',
          record: 'order',
          on: ['update'],
          when: { '!=': [{ var: '$recordPrior.status' }, { var: '$record.status' }] },
        },
      },
    },
  },
  'flow.output-unset': {
    mistakes: [
      {
        edits: { [`${E}/check/when`]: { '==': [{ var: 'load.status' }, 'open'] } },
        pointer: `${E}/check/when/==/0/var`,
        at: ['"load.status"'],
      },
      {
        edits: { '/start/conditions/0/when': { '==': [{ var: 'load.status' }, 'open'] } },
        pointer: '/start/conditions/0/when/==/0/var',
        at: ['"load.status"'],
      },
      {
        edits: reading({ var: '$error.code' }),
        pointer: `${E}/tell/inputs/text/var`,
        at: ['"tell": {', '"$error.code"'],
      },
      {
        edits: { '/formulas/twice/expression': { '*': [{ var: 'lines_.index' }, 2] } },
        pointer: `${E}/check/when/>/0/var`,
        at: ['"twice"', '"twice"'],
      },
      {
        edits: { '/start/conditions/0/when': { '==': [{ var: '$visits.load' }, 0] } },
        pointer: '/start/conditions/0/when/==/0/var',
        at: ['"$visits.load"'],
      },
      {
        edits: { '/runLabel': 'Order {{load.status}}' },
        pointer: '/runLabel',
        at: ['"runLabel": ', '"Order'],
      },
    ],
    nearMiss: {
      edits: {
        '/runLabel': 'Order {{$record.status}}, {{note}}',
        [`${E}/check/when`]: { isNull: [{ var: 'load.status' }] },
        '/start/conditions/0/when': { '==': [{ var: ['$visits.load', 0] }, 0] },
      },
    },
  },
  'flow.output-maybe-unset': {
    mistakes: [
      {
        edits: { [`${E}/check/next`]: 'tell', ...reading({ var: 'load.status' }) },
        pointer: `${E}/tell/inputs/text/var`,
        at: ['"tell": {', '"load.status"'],
      },
      {
        edits: {
          [`${E}/both/right`]: 'ask',
          [`${E}/ask`]: {
            type: 'call',
            label: 'Ask',
            action: 'orders.load',
            inputs: { id: 'x' },
            next: 'right_',
          },
          [`${E}/left_/value`]: { var: 'ask.status' },
        },
        pointer: `${E}/left_/value/var`,
        at: ['"ask.status"'],
      },
      {
        edits: {
          [`${E}/both/any`]: true,
          [`${E}/left_/next`]: 'ask',
          [`${E}/ask`]: { type: 'call', label: 'Ask', action: 'orders.load', inputs: { id: 'x' } },
          ...reading({ var: 'ask.status' }),
        },
        pointer: `${E}/tell/inputs/text/var`,
        at: ['"ask.status"'],
      },
      {
        edits: { [`${E}/sorry/next`]: 'mail', [`${E}/mail/variables/name`]: { var: 'refund.id' } },
        pointer: `${E}/mail/variables/name/var`,
        at: ['"refund.id"'],
      },
    ],
    // Both branches have ended when control goes on.
    nearMiss: {
      edits: {
        [`${E}/left_/next`]: 'ask',
        [`${E}/ask`]: { type: 'call', label: 'Ask', action: 'orders.load', inputs: { id: 'x' } },
        ...reading({ var: 'ask.status' }),
      },
    },
  },
  'flow.output-none': {
    mistakes: [
      {
        edits: reading({ var: 'left_' }),
        pointer: `${E}/tell/inputs/text/var`,
        at: ['"tell": {', '"left_"'],
      },
      { edits: reading({ var: 'treat.value' }), pointer: `${E}/tell/inputs/text/var`, at: ['"treat.value"'] },
      {
        edits: { '/formulas/twice/expression': { var: 'sorry.x' } },
        pointer: '/formulas/twice/expression/var',
        at: ['"sorry.x"'],
      },
    ],
    nearMiss: { edits: reading({ var: 'load.status' }) },
  },
  'flow.assignment-to-constant': {
    mistakes: [
      { edits: { [`${E}/treat/target`]: 'limit' }, pointer: `${E}/treat/target`, at: ['"treat"', '"limit"'] },
      { edits: { [`${E}/treat/target`]: 'twice' }, pointer: `${E}/treat/target`, at: ['"treat"', '"twice"'] },
      {
        edits: { [`${E}/treat/target`]: 'greeting' },
        pointer: `${E}/treat/target`,
        at: ['"treat"', '"greeting"'],
      },
      {
        edits: { [`${E}/treat/target`]: 'load.status' },
        pointer: `${E}/treat/target`,
        at: ['"treat"', '"load.status"'],
      },
    ],
    nearMiss: { edits: { [`${E}/treat/value`]: { var: 'limit' } } },
  },
  'flow.assignment-type': {
    mistakes: [
      {
        edits: { [`${E}/treat/value`]: 'many' },
        pointer: `${E}/treat/target`,
        at: ['"treat"', '"target": ', '"count"'],
      },
      {
        edits: { [`${E}/right_/value`]: { var: 'lines' } },
        pointer: `${E}/right_/target`,
        at: ['"customer.name"'],
      },
      {
        edits: { [`${E}/sorry/value`]: { '>': [{ var: 'count' }, 1] } },
        pointer: `${E}/sorry/target`,
        at: ['"sorry": {', '"note"'],
      },
      {
        edits: { [`${E}/treat/value`]: null },
        pointer: `${E}/treat/target`,
        at: ['"treat"', '"target": ', '"count"'],
      },
      {
        edits: { ...atOnce, [`${E}/treat/target`]: '$record.status', [`${E}/treat/value`]: 3 },
        pointer: `${E}/treat/target`,
        at: ['"treat": {', '"$record.status"'],
      },
    ],
    nearMiss: {
      edits: {
        [`${V}/count/schema`]: { type: ['number', 'null'] },
        [`${E}/treat/value`]: null,
        '/formulas': {},
        [`${E}/check/when`]: true,
      },
    },
  },
  'flow.formula-circle': {
    mistakes: [
      {
        edits: { '/formulas/twice/expression': { '+': [{ var: 'twice' }, 1] } },
        pointer: '/formulas/twice',
        at: ['"twice"'],
      },
      {
        edits: { '/formulas': { twice: { expression: { var: 'b' } }, b: { expression: { var: 'twice' } } } },
        pointer: '/formulas/twice',
        at: ['"twice"'],
      },
      {
        edits: { '/texts/other': '{{third}}', '/texts/third': '{{other}}' },
        pointer: '/texts/other',
        at: ['"other": ', '"{{third}}"'],
      },
    ],
    nearMiss: {
      edits: {
        '/formulas': { twice: { expression: { '+': [{ var: 'b' }, { var: 'b' }] } }, b: { expression: 1 } },
      },
    },
  },
  'flow.action-unknown': {
    mistakes: [
      {
        edits: { [`${E}/refund/action`]: 'payment.refnd' },
        pointer: `${E}/refund/action`,
        at: ['"payment.refnd"'],
        didYouMean: 'payment.refund',
      },
      { edits: { [`${E}/refund/action`]: '' }, pointer: `${E}/refund/action`, at: ['"action": ', '""'] },
      { edits: { [`${E}/load/action`]: 'constructor' }, pointer: `${E}/load/action`, at: ['"constructor"'] },
    ],
    nearMiss: {
      edits: { [`${E}/load/action`]: 'orders.total', [`${E}/load/inputs`]: {}, [`${E}/left_/value`]: 'x' },
    },
  },
  'flow.input-unknown': {
    mistakes: [
      {
        edits: { [`${E}/refund/inputs/amuont`]: 5 },
        pointer: `${E}/refund/inputs/amuont`,
        at: ['"amuont": ', '5'],
        didYouMean: 'amount',
      },
      {
        edits: { [`${E}/tell/inputs/loud`]: true },
        pointer: `${E}/tell/inputs/loud`,
        at: ['"loud": ', 'true'],
      },
      {
        edits: { [`${E}/mail/variables/naem`]: 'x' },
        pointer: `${E}/mail/variables/naem`,
        at: ['"naem": ', '"x"'],
        didYouMean: 'name',
      },
    ],
    nearMiss: {
      edits: {
        [`${E}/refund/inputs/reason`]: 'late',
        [`${E}/tell/inputs/urgent`]: true,
        [`${E}/mail/variables/days`]: 2,
      },
    },
  },
  'flow.input-missing': {
    mistakes: [
      { edits: { [`${E}/refund/inputs`]: {} }, pointer: `${E}/refund/inputs`, at: ['"refund"', '"inputs"'] },
      {
        edits: { [`${E}/tell/inputs`]: { urgent: true } },
        pointer: `${E}/tell/inputs`,
        at: ['"tell": {', '"inputs"'],
      },
      {
        edits: { [`${E}/mail/variables`]: { days: 2 } },
        pointer: `${E}/mail/variables`,
        at: ['"mail": {', '"variables"'],
      },
    ],
    nearMiss: { edits: { [`${E}/mail/template`]: 'apology', [`${E}/mail/variables`]: {} } },
  },
  'flow.input-type': {
    mistakes: [
      {
        edits: { [`${E}/refund/inputs/amount`]: 'much' },
        pointer: `${E}/refund/inputs/amount`,
        at: ['"much"'],
      },
      {
        edits: { [`${E}/refund/inputs/amount`]: -1 },
        pointer: `${E}/refund/inputs/amount`,
        at: ['"amount": ', '-1'],
      },
      { edits: reading({ var: 'lines' }), pointer: `${E}/tell/inputs/text`, at: ['"tell": {', '"text"'] },
      { edits: { [`${E}/mail/variables/days`]: 1.5 }, pointer: `${E}/mail/variables/days`, at: ['1.5'] },
      {
        edits: { [`${E}/refund/inputs/reason`]: 'lost' },
        pointer: `${E}/refund/inputs/reason`,
        at: ['"lost"'],
      },
    ],
    nearMiss: {
      edits: {
        [`${E}/refund/inputs/amount`]: { '*': [{ var: 'count' }, 2] },
        [`${E}/refund/inputs/reason`]: { var: 'note' },
      },
    },
  },
  'flow.subflow-unknown': {
    mistakes: [
      {
        edits: { [`${E}/tell/flow`]: 'notfy' },
        pointer: `${E}/tell/flow`,
        at: ['"notfy"'],
        didYouMean: 'notify',
      },
      { edits: { [`${E}/tell/flow`]: '' }, pointer: `${E}/tell/flow`, at: ['"flow": ', '""'] },
      { edits: { [`${E}/tell/flow`]: 'valueOf' }, pointer: `${E}/tell/flow`, at: ['"valueOf"'] },
    ],
    nearMiss: { edits: { [`${E}/tell/flow`]: 'sleep', [`${E}/tell/inputs`]: {} } },
  },
  'flow.subflow-inactive': {
    mistakes: [
      {
        edits: { [`${E}/tell/flow`]: 'old', [`${E}/tell/inputs`]: {} },
        pointer: `${E}/tell/flow`,
        at: ['"old"'],
      },
      {
        edits: { [`${E}/tell/flow`]: 'draft', [`${E}/tell/inputs`]: {} },
        pointer: `${E}/tell/flow`,
        at: ['"draft"'],
      },
      {
        edits: {
          [`${E}/mail/next`]: 'more',
          [`${E}/more`]: { type: 'sub', label: 'More', flow: 'old', inputs: {}, next: 'tell' },
        },
        pointer: `${E}/more/flow`,
        at: ['"old"'],
      },
    ],
    nearMiss: { edits: { [`${E}/tell/flow`]: 'maybe', [`${E}/tell/inputs`]: {} } },
  },
  'flow.subflow-endless': {
    mistakes: [
      {
        edits: only({ a: { type: 'sub', label: 'A', flow: 'cancel-order', inputs: {} } }, 'a'),
        pointer: `${E}/a`,
        at: ['"a": {'],
      },
      {
        edits: only({ a: { type: 'sub', label: 'A', flow: 'ping', inputs: {} } }, 'a'),
        pointer: `${E}/a`,
        at: ['"a": {'],
      },
      {
        edits: only(
          {
            a: { type: 'pick', label: 'A', when: { '==': [{ var: 'count' }, 1] }, yes: 'b', next: 'c' },
            b: step({ next: 'd' }),
            c: step({ next: 'd' }),
            d: { type: 'sub', label: 'D', flow: 'pong', inputs: {} },
          },
          'a',
        ),
        pointer: `${E}/d`,
        at: ['"d": {'],
      },
    ],
    nearMiss: {
      edits: only(
        {
          a: { type: 'pick', label: 'A', when: { '==': [{ var: 'count' }, 1] }, yes: 'b', next: 'c' },
          b: { type: 'sub', label: 'B', flow: 'cancel-order', inputs: {}, next: 'c' },
          c: { type: 'sub', label: 'C', flow: 'maybe', inputs: {} },
        },
        'a',
      ),
    },
  },
  'flow.template-unknown': {
    mistakes: [
      {
        edits: { [`${E}/mail/template`]: 'canceld' },
        pointer: `${E}/mail/template`,
        at: ['"canceld"'],
        didYouMean: 'canceled',
      },
      { edits: { [`${E}/mail/template`]: 'toString' }, pointer: `${E}/mail/template`, at: ['"toString"'] },
      { edits: { [`${E}/mail/template`]: '' }, pointer: `${E}/mail/template`, at: ['"template": ', '""'] },
    ],
    nearMiss: { edits: { [`${E}/mail/template`]: 'apology', [`${E}/mail/variables`]: {} } },
  },
  'flow.signal-unknown': {
    mistakes: [
      {
        edits: { [`${E}/hold/signal`]: 'scaned' },
        pointer: `${E}/hold/signal`,
        at: ['"scaned"'],
        didYouMean: 'scanned',
      },
      { edits: { '/signals': undefined }, pointer: `${E}/hold/signal`, at: ['"signal": ', '"scanned"'] },
      { edits: { [`${E}/hold/signal`]: 'toString' }, pointer: `${E}/hold/signal`, at: ['"toString"'] },
    ],
    nearMiss: { edits: { '/signals/toRemind': { schema: {} }, [`${E}/hold/signal`]: 'toRemind' } },
  },
  'flow.signal-unused': {
    mistakes: [
      { edits: { '/signals/other': { schema: {} } }, pointer: '/signals/other', at: ['"other"'] },
      { edits: { [`${E}/hold`]: step({ next: 'both' }) }, pointer: '/signals/scanned', at: ['"scanned"'] },
      {
        edits: { '/signals/scannedTwice': { schema: {}, buffered: true } },
        pointer: '/signals/scannedTwice',
        at: ['"scannedTwice"'],
      },
    ],
    nearMiss: { edits: { '/signals/scanned/buffered': true } },
  },
  'flow.before-save': {
    mistakes: [
      ...['hold', 'refund', 'tell'].map((name) => ({
        edits: { ...saving(), [`${E}/tell/flow`]: 'doze', [`${E}/tell/inputs`]: {} },
        pointer: `${E}/${name}`,
        at: [`"${name}": {`],
      })),
      {
        edits: { ...atOnce, [`${V}/note/default`]: undefined },
        pointer: `${V}/note/input`,
        at: ['"note": {', '"input": ', 'true'],
      },
      {
        edits: { ...atOnce, [`${E}/load/retry`]: { attempts: 3, delayMs: 1 } },
        pointer: `${E}/load/retry`,
        at: ['"load": {', '"retry"'],
      },
      {
        edits: { ...atOnce, [`${E}/load/onFault`]: { next: 'sorry', rollBack: true } },
        pointer: `${E}/load/onFault/rollBack`,
        at: ['"load": {', '"rollBack": ', 'true'],
      },
    ] as unknown as MistakeCase['mistakes'],
    nearMiss: { edits: { ...atOnce, [`${E}/load/onFault`]: { next: 'sorry', rollBack: false } } },
  },
  'flow.record-read-only': {
    mistakes: [
      // After the save, and where nothing is saved.
      {
        edits: { [`${E}/treat/target`]: '$record.status' },
        pointer: `${E}/treat/target`,
        at: ['"treat": {', '"$record.status"'],
      },
      {
        edits: { ...atOnce, ...saving({ on: ['delete'] }), [`${E}/treat/target`]: '$record.status' },
        pointer: `${E}/treat/target`,
        at: ['"treat": {', '"$record.status"'],
      },
      // Not a field, one that never changes, what was, and what only actions change.
      ...['$record', '$record.id', '$recordPrior.status'].map((target) => ({
        edits: { ...atOnce, [`${E}/treat/target`]: target },
        pointer: `${E}/treat/target`,
        at: ['"treat": {', `"${target}"`],
      })),
      {
        edits: { ...atOnce, ...saving({ record: 'ledger' }), [`${E}/treat/target`]: '$record.status' },
        pointer: `${E}/treat/target`,
        at: ['"treat": {', '"$record.status"'],
      },
      {
        edits: { [`${E}/tell/flow`]: 'stamp', [`${E}/tell/inputs`]: {} },
        pointer: `${E}/tell/flow`,
        at: ['"tell": {', '"flow": ', '"stamp"'],
      },
    ] as unknown as MistakeCase['mistakes'],
    nearMiss: {
      edits: {
        ...atOnce,
        [`${E}/left_`]: step({ target: '$record.status', value: 'open', next: undefined }),
        [`${E}/right_`]: step({ target: '$record.total', value: 1, next: undefined }),
        [`${E}/tell/flow`]: 'stamp',
        [`${E}/tell/inputs`]: {},
      },
    },
  },
  'flow.record-field-unknown': {
    mistakes: [
      {
        edits: { ...atOnce, [`${E}/treat/target`]: '$record.stauts' },
        pointer: `${E}/treat/target`,
        at: ['"treat": {', '"$record.stauts"'],
        didYouMean: '$record.status',
      },
      {
        edits: { ...atOnce, [`${E}/treat/target`]: '$record.currency' },
        pointer: `${E}/treat/target`,
        at: ['"treat": {', '"$record.currency"'],
      },
      {
        edits: { ...atOnce, [`${E}/treat/target`]: '$record.status.code' },
        pointer: `${E}/treat/target`,
        at: ['"treat": {', '"$record.status.code"'],
      },
    ],
    nearMiss: { edits: { ...atOnce, [`${E}/treat/target`]: '$record.total' } },
  },
  'flow.retry-useless': {
    mistakes: [
      {
        edits: { [`${E}/treat/retry`]: { attempts: 3, delayMs: 1 } },
        pointer: `${E}/treat/retry`,
        at: ['"retry"'],
      },
      {
        edits: {
          [`${E}/refund/action`]: 'parcel.send',
          [`${E}/refund/inputs`]: {},
          [`${E}/refund/retry`]: { attempts: 3, delayMs: 1 },
        },
        pointer: `${E}/refund/retry`,
        at: ['"retry"'],
      },
      {
        edits: {
          [`${E}/refund/action`]: 'orders.total',
          [`${E}/refund/inputs`]: {},
          [`${E}/refund/retry`]: { attempts: 3, delayMs: 1 },
        },
        pointer: `${E}/refund/retry`,
        at: ['"retry"'],
      },
    ],
    nearMiss: { edits: { [`${E}/load/retry`]: { attempts: 3, delayMs: 1 } } },
  },
  'flow.fault-unhandled': {
    mistakes: [
      {
        edits: { [`${E}/refund/onFault`]: undefined, [`${E}/hold/late`]: 'sorry', ...note },
        pointer: `${E}/refund`,
        at: ['"refund": {'],
      },
      {
        edits: { [`${E}/load/action`]: 'parcel.send', [`${E}/load/inputs`]: {} },
        pointer: `${E}/load`,
        at: ['"load": {'],
      },
      {
        edits: { [`${E}/load/action`]: 'payment.refund', [`${E}/load/inputs`]: { amount: 1 } },
        pointer: `${E}/load`,
        at: ['"load": {'],
      },
    ],
    nearMiss: {
      edits: {
        [`${E}/load/action`]: 'parcel.send',
        [`${E}/load/inputs`]: {},
        [`${E}/load/onFault`]: { next: 'sorry' },
      },
    },
  },
  'flow.too-many-problems': {
    mistakes: [1_001, 1_200, 1_500].map((count) => ({
      edits: Object.fromEntries(Array.from({ length: count }, (_, index) => [`${E}/lost${index}`, stop])),
      pointer: '',
      at: ['{'],
    })) as unknown as MistakeCase['mistakes'],
    nearMiss: {
      edits: Object.fromEntries(Array.from({ length: 999 }, (_, index) => [`/constants/c${index}`, 1])),
    },
  },
};
