// Random rules that mostly evaluate, over random data; iterations in one another, and bodies that build things up.
import type { Operator, Scope } from '../../../../engine/expressions/index.js';
import { expressionLimits } from '../../../../engine/expressions/index.js';
import type { SeededRandom } from '../../../simulation/seeded-random.js';

type Kind = 'list' | 'number' | 'text' | 'boolean' | 'any' | 'date' | 'money' | 'object';

/** Where a rule stands: the names that a `var` finds there, by kind. */
type Names = Readonly<Partial<Record<Kind, readonly string[]>>>;

const money = (amount: string) => ({ amount, currency: 'EUR' });
const { assumed } = expressionLimits;

const outside: Names = {
  list: ['lines', 'numbers', 'words', 'amounts', 'objects', '$root.numbers'],
  number: ['count', 'zero'],
  text: ['text', 'digits'],
  boolean: ['yes'],
  date: ['day', 'moment'],
  money: ['total'],
  object: ['order'],
  any: ['order.lines', 'order', 'nothing', '$record.tags'],
};
const everywhere: Names = {
  list: ['$root.numbers', '$root.words', '$record.tags', '$root.lines'],
  number: ['$root.count'],
  text: ['$root.text'],
  boolean: ['$root.yes'],
  date: ['$root.day'],
  money: ['$root.total'],
  object: ['$root.order'],
};

/** Items of the lists of the scope, by what they are. */
const itemNames: Readonly<Record<string, Names>> = {
  number: { ...everywhere, number: ['', '$root.count'], any: [''] },
  text: { ...everywhere, text: ['', '$root.text'], any: [''] },
  money: { ...everywhere, money: [''], any: [''] },
  line: {
    ...everywhere,
    number: ['quantity'],
    text: ['sku'],
    money: ['price'],
    list: ['tags'],
    object: [''],
    any: [''],
  },
  any: { ...everywhere, any: [''] },
};
const lists: readonly (readonly [string, string])[] = [
  ['lines', 'line'],
  ['order.lines', 'line'],
  ['numbers', 'number'],
  ['words', 'text'],
  ['amounts', 'money'],
  ['objects', 'any'],
];

export class RandomRules {
  readonly #random: SeededRandom;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  /** Data within what an estimate assumes, and often at its edge. */
  scope(): Scope {
    const size = (most: number): number => this.#pick([0, 1, 3, this.#below(most + 1), most]);
    const text = (most: number): string =>
      this.#pick(['x', 'aX ', 'Straße, ']).repeat(most).slice(0, size(most));
    const tags = (): string[] => Array.from({ length: size(3) }, () => text(20));
    const line = () => ({ sku: text(30), quantity: this.#below(9), price: money('12.30'), tags: tags() });
    const numbers = (most: number) =>
      Array.from({ length: size(most) }, () => this.#pick([0, 1, 2.5, -3, 1e15, 0.1]));
    const items = Math.min(assumed.listItems, Math.floor((assumed.parts - 1) / 10));
    const lines = Array.from({ length: size(items) }, line);
    const entries = Array.from({ length: size(assumed.listItems) }, () =>
      this.#pick<unknown>([{ a: 1 }, [1, 2], 'x', null, 1]),
    );
    return {
      lines,
      order: { lines: lines.slice(0, items - 1), total: money('10.00') },
      numbers: numbers(assumed.listItems),
      words: Array.from({ length: size(assumed.listItems) }, () => text(assumed.textChars)),
      amounts: Array.from({ length: size(assumed.listItems) }, () => money(this.#pick(['0.10', '99999.99']))),
      objects: entries,
      count: this.#below(7),
      zero: 0,
      text: text(assumed.textChars),
      digits: '12.5',
      yes: true,
      nothing: null,
      day: '2026-03-29',
      moment: '2026-03-29T01:30:00Z',
      total: money('100.00'),
      $record: { tags: tags(), status: text(assumed.textChars) },
      $recordPrior: { tags: tags(), status: text(assumed.textChars) },
      $flow: { visited: ['ask', 'tell'], errors: { ask: 'x' } },
      $calendar: {
        support: {
          zone: 'Europe/Berlin',
          weekly: { monday: [['09:00', '17:00']], friday: [['09:00', '17:00']] },
        },
      },
    };
  }

  rule(): unknown {
    return this.#rule(
      this.#pick(['list', 'number', 'text', 'boolean', 'any', 'money', 'object']),
      outside,
      4,
    );
  }

  #below(most: number): number {
    return this.#random.between(0, Math.max(0, most - 1));
  }

  #pick<Value>(values: readonly Value[]): Value {
    return values[this.#below(values.length)]!;
  }

  #rule(kind: Kind, names: Names, depth: number): unknown {
    const named = names[kind] ?? [];
    if (depth <= 0 || this.#below(6) === 0) {
      return named.length > 0 && this.#below(3) > 0 ? { var: this.#pick(named) } : this.#literal(kind);
    }
    if (this.#below(12) === 0) return this.#choice(kind, names, depth - 1);
    return this.#operator(kind, names, depth - 1);
  }

  #literal(kind: Kind): unknown {
    switch (kind) {
      case 'list':
        return this.#pick<unknown>([
          [],
          [1, 2, 3],
          ['a', 'b'],
          Array.from({ length: this.#below(30) }, (_, one) => one),
        ]);
      case 'number':
        return this.#pick([0, 1, 2, 7, 0.1, '3']);
      case 'text':
        return this.#pick(['', 'x', 'ab ', 'Straße', '2026-03-29T01:30:00Z']);
      case 'boolean':
        return this.#below(2) === 0;
      case 'date':
        return this.#pick(['2026-03-29', '2026-03-29T01:30:00Z']);
      case 'money':
        return money('1.50');
      case 'object':
        return { a: 1, b: [1, 2] };
      default:
        return this.#literal(this.#pick(['number', 'text', 'list', 'boolean', 'money', 'object']));
    }
  }

  #choice(kind: Kind, names: Names, depth: number): unknown {
    const one = () => this.#rule(kind, names, depth);
    return this.#pick<() => unknown>([
      () => ({
        if: [this.#rule('boolean', names, depth), one(), this.#rule('any', names, depth), one(), one()],
      }),
      () => ({ '??': [{ var: 'nowhere' }, one()] }),
      () => ({ var: ['nowhere', one()] }),
      () => ({ or: [one(), one()] }),
      () => ({ and: [one(), one()] }),
      () => ({ at: [[one(), one()], 1] }),
      () => ({ '?:': [this.#rule('boolean', names, depth), one(), one()] }),
      () => ({ first: [[one()]] }),
    ])();
  }

  /** A list that an operator goes through, and the names that its body finds. */
  #iterated(names: Names, depth: number): readonly [unknown, Names] {
    if (this.#below(3) === 0) return [this.#rule('list', names, depth), itemNames['any']!];
    const [name, item] = this.#pick(lists);
    const path = names === outside ? name : `$root.${name}`;
    const list: unknown = { var: path };
    const narrowed = this.#below(5) === 0 ? { slice: [list, 0, this.#below(20)] } : list;
    return [narrowed, itemNames[item]!];
  }

  #operator(kind: Kind, names: Names, depth: number): unknown {
    const of = (wanted: Kind) => this.#rule(wanted, names, depth);
    const [list, inside] = this.#iterated(names, depth);
    const body = (wanted: Kind) => this.#rule(wanted, inside, depth);
    const pair = () => [of('any'), of('any')];
    const byKind: Readonly<Record<Kind, readonly (() => unknown)[]>> = {
      list: [
        () => ({ map: [list, body('any')] }),
        () => ({ map: [list, body('list')] }),
        () => ({ filter: [list, body('boolean')] }),
        () => ({ merge: [of('list'), of('any'), of('list')] }),
        () => ({ slice: [of('list'), 0, 5] }),
        () => [{ last: [list, body('boolean')] }, { last: [of('list')] }],
        () => ({
          sortBy: [
            list,
            body(this.#pick(['number', 'text', 'date'])),
            ...this.#pick<unknown[]>([
              [],
              ['desc'],
              [{ if: [this.#rule('boolean', names, depth), 'asc', 'desc'] }],
            ]),
          ],
        }),
        () => ({ distinct: this.#below(2) === 0 ? [list] : [list, body('any')] }),
        () => ({ split: [of('text'), this.#pick(['', ',', 'x'])] }),
        () => ({ missing: ['text', 'nowhere', { cat: ['order.', 'lines'] }] }),
        () => ({ missing_some: [1, ['text', 'nowhere']] }),
        () => [of('any'), of('any')],
        () => this.#reduction('list', list, names, depth),
        () => ({ 'money.allocate': [of('money'), [1, 2, 3]] }),
      ],
      number: [
        () => ({ [this.#pick(['+', '-', '*', 'min', 'max'])]: [of('number'), of('number'), of('number')] }),
        () => ({ '+': { var: names === outside ? 'numbers' : '$root.numbers' } }),
        () => ({ [this.#pick(['/', '%'])]: [of('number'), 3] }),
        () => ({ round: [of('number'), 1] }),
        () => ({ sum: [list, body('number')] }),
        () => ({ sum: [{ var: '$root.numbers' }] }),
        () => ({ count: [list, body('boolean')] }),
        () => ({ size: [of('list')] }),
        () => ({ length: [of('text')] }),
        () => ({ 'date.diff': ['2026-03-29', '2026-05-01', 'days'] }),
        () => ({ 'business.between': ['2026-03-01', '2026-11-01', 'days', 'support'] }),
        () => this.#reduction('number', list, names, depth),
        () => ({ 'money.compare': [of('money'), of('money')] }),
        () => ({ 'date.compare': ['2026-03-29', '2026-05-01'] }),
        () => ({ 'date.weekday': [of('date'), 'Europe/Berlin'] }),
        () => ({ 'date.part': [of('date'), 'year', 'Europe/Berlin'] }),
        () => ({ 'duration.total': ['P3D', 'hours'] }),
      ],
      text: [
        () => ({ cat: [of('text'), of('number'), of('text'), of('money')] }),
        () => ({ cat: [{ var: '$root.words' }] }),
        () => ({ [this.#pick(['upper', 'lower', 'trim'])]: [of('text')] }),
        () => ({ substr: [of('text'), 1, 20] }),
        () => ({ join: [{ var: '$root.words' }, of('text')] }),
        () => ({ join: [{ map: [list, body('text')] }, ', '] }),
        () => ({ replace: [of('text'), this.#pick(['x', 'a', '']), of('text')] }),
        () => this.#reduction('text', list, names, depth),
      ],
      boolean: [
        () => ({ [this.#pick(['==', '===', '!=', '!==', 'equalTo', 'notEqualTo', 'wasSelected'])]: pair() }),
        () => ({ [this.#pick(['<', '<=', '>'])]: [of('number'), of('number'), of('number')] }),
        () => ({ [this.#pick(['<', '>='])]: [of('text'), of('text')] }),
        () => ({
          [this.#pick(['greaterThan', 'greaterThanOrEqualTo', 'lessThan', 'lessThanOrEqualTo'])]: [
            of('text'),
            of('date'),
          ],
        }),
        () => ({ [this.#pick(['in', 'notIn'])]: [of('any'), of('list')] }),
        () => ({ contains: [of('list'), of('any')] }),
        () => ({ in: [of('text'), of('text')] }),
        () => ({ [this.#pick(['startsWith', 'endsWith'])]: [of('text'), of('text')] }),
        () => ({ [this.#pick(['all', 'some', 'none'])]: [list, body('boolean')] }),
        () => ({ [this.#pick(['isNull', 'wasSet'])]: [of('any')] }),
        () => ({ isBlank: [of('text'), false] }),
        () => ({ isEmpty: [of('list')] }),
        () => ({ isChanged: { var: this.#pick(['$record.status', '$record.tags']) } }),
        () => ({ wasVisited: 'ask' }),
        () => ({ hasError: of('text') }),
        () => ({ matches: [of('text'), this.#pick(['^a+', '(x|y){1,9}$', '[a-z]{40}'])] }),
        () => ({ matchesAny: [this.#pick([of('text'), { var: '$root.words' }]), ['^a+b', 'z{3}$']] }),
        () => ({ [this.#pick(['!', '!!'])]: [of('any')] }),
        () => ({ [this.#pick(['date.before', 'date.after'])]: ['2026-03-29', '2026-05-01'] }),
        () => ({ 'date.between': ['2026-03-29', '2026-01-01', '2026-05-01'] }),
        () => ({ 'business.isOpen': ['2026-03-30', 'support'] }),
        () => ({ exists: ['order', 'lines'] }),
      ],
      date: [
        () => ({ [this.#pick(['date.add', 'date.subtract'])]: ['2026-03-29', 'P1M'] }),
        () => ({ 'date.startOf': [of('date'), 'month', 'Europe/Berlin'] }),
        () => ({ [this.#pick(['date.of', 'date.inZone'])]: ['2026-03-29T10:00:00Z', 'Europe/Berlin'] }),
        () => ({ 'date.at': ['2026-03-29', '02:30', 'Europe/Berlin'] }),
        () => ({ 'business.addDays': ['2026-03-29', this.#pick([-3, 0, 4, 20]), 'support'] }),
        () => ({ 'business.addTime': ['2026-03-29T10:00:00Z', 'PT20H', 'support'] }),
      ],
      money: [
        () => ({ [this.#pick(['+', '-', 'money.add'])]: [of('money'), of('money')] }),
        () => ({ sum: [{ var: '$root.amounts' }] }),
        () => ({ 'money.sum': [{ var: '$root.amounts' }, 'EUR'] }),
        () => ({ 'money.multiply': [of('money'), '0.5'] }),
        () => ({ 'money.subtract': [of('money'), of('money')] }),
        () => ({ 'money.negate': [of('money')] }),
        () => ({ 'money.round': [of('money'), '0.05'] }),
        () => ({ 'money.of': [2.5, 'EUR'] }),
      ],
      object: [
        () => ({ object: ['a', of('any'), of('text'), of('any')] }),
        () => ({ first: [{ var: '$root.lines' }, this.#rule('boolean', itemNames['line']!, depth)] }),
        () => ({ preserve: { map: [1, { var: 'x' }] } }),
        () => this.#reduction('object', list, names, depth),
      ],
      any: [
        () => of(this.#pick(['list', 'number', 'text', 'boolean', 'money', 'object'])),
        () => ({ val: ['order', 'lines'] }),
        () => ({ val: [[2], 'lines'] }),
        () => ({ '??': [{ val: [[this.#pick([0, 1, 2, 4, -2])], 'words'] }, { val: [[2]] }] }),
        () => ({ '+': [{ val: [[1], 'index'] }, 1] }),
        () => ({ var: { cat: ['$root.', this.#pick(['text', 'order', 'words'])] } }),
      ],
    };
    return this.#pick(byKind[kind])();
  }

  /** Builds something up: the accumulator grows in each of the ways that it can. */
  #reduction(kind: Kind, list: unknown, names: Names, depth: number): unknown {
    const so = { var: 'accumulator' };
    const within: Names = { ...everywhere, any: ['current', 'accumulator'] };
    const other = (wanted: Kind) => this.#rule(wanted, within, depth - 1);
    const growing: Readonly<Partial<Record<Kind, readonly unknown[]>>> = {
      list: [
        { merge: [so, [{ var: 'current' }]] },
        { merge: [so, so] },
        [so, so],
        { merge: [so, other('list')] },
        { if: [{ in: [{ var: 'current' }, so] }, so, { merge: [so, [{ var: 'current' }]] }] },
      ],
      number: [
        { '+': [so, 1] },
        { '+': [so, { size: [{ merge: [[], { var: 'current' }] }] }] },
        { '+': [so, other('number')] },
      ],
      text: [
        { cat: [so, so] },
        { cat: [so, 'x', other('text')] },
        { replace: [so, 'x', 'xyx'] },
        { if: [{ '<': [{ length: [so] }, 100] }, { cat: [so, so] }, { substr: [so, 1] }] },
      ],
      object: [
        { object: ['a', so, 'b', 1] },
        { object: ['a', so, 'b', so] },
        { object: ['list', { merge: [{ var: ['accumulator.list', []] }, [1]] }, 'seen', { '==': [so, so] }] },
      ],
    };
    const first: Readonly<Partial<Record<Kind, unknown>>> = {
      list: [1],
      number: 0,
      text: 'x',
      object: { list: [] },
    };
    return {
      reduce: [
        list,
        this.#pick(growing[kind]!),
        this.#below(4) === 0 ? this.#rule(kind, names, 0) : first[kind],
      ],
    };
  }
}

/** The operators of a rule, by name. */
export function operatorsIn(
  rule: unknown,
  operators: ReadonlyMap<string, Operator>,
  found: Set<string>,
): void {
  if (typeof rule !== 'object' || rule === null) return;
  const [name, ...more] = Object.keys(rule);
  if (!Array.isArray(rule) && name !== undefined && more.length === 0 && operators.has(name)) found.add(name);
  for (const part of Object.values(rule)) operatorsIn(part, operators, found);
}
