// Operators over lists. Those of JsonLogic that take a body are evaluated by json-logic-js; ours go through `call.each`.
import { isTruthy, orderOfMoments, strictlyEqual } from '../compare.js';
import { add } from '../decimal.js';
import {
  keysAStep,
  membershipSteps,
  momentOrderSteps,
  searchSteps,
  sortComparisons,
} from '../comparison-steps.js';
import { expressionLimits } from '../expression-limits.js';
import {
  atMost,
  booleanExtent,
  type Extent,
  extentOfValue,
  itemOf,
  joined,
  listExtent,
  moneyExtent,
  nullExtent,
  numberExtent,
  objectExtent,
} from '../extent.js';
import { asInteger, asList, asMoney, asNumber, asOneOf, toText, unexpected } from '../operands.js';
import type { Call, Estimating, ExpressionType, Operand, Operator } from '../operator.js';
import { boundList } from '../plain-data.js';
import { isMoney, sumMoney } from '../../money/money.js';

const list: Operand = { name: 'list', kind: 'list' };
const body: Operand = { name: 'body', kind: 'body' };
const optionalBody: Operand = { ...body, optional: true };
const numbers = [3, 1, 2];

/** An operator of JsonLogic with a body; null is no list here, so that a forgotten value is not an empty one. */
function iteration(
  name: string,
  summary: string,
  result: ExpressionType,
  estimate: (list: Extent, body: unknown, at: Estimating, initial: unknown) => Extent,
  example: Operator['example'],
  more: readonly Operand[] = [],
): Operator {
  return {
    name,
    group: 'Lists',
    summary,
    operands: [list, body, ...more],
    lazy: true,
    result,
    estimateLazy: ([items, each, initial], at) => estimate(at.evaluate(items), each, at, initial),
    example,
  };
}

/** The steps of a body for each item, of an operator that answers true or false. */
function estimateTest(items: Extent, condition: unknown, at: Estimating): Extent {
  at.each(items, condition);
  return booleanExtent;
}

/** As `listOf` and `valuesOf`: the list, and a bound on each value. */
function estimateValues(
  operand: unknown,
  bodyOperand: unknown,
  at: Estimating,
): { items: Extent; value: Extent } {
  const items = at.evaluate(operand);
  at.spend(items.length);
  return { items, value: bodyOperand === undefined ? itemOf(items) : at.each(items, bodyOperand) };
}

/** Some of the items, in whatever order. */
const someOf = (items: Extent): Extent => ({ ...items, part: () => itemOf(items) });

/** Two values of one object. */
const bothOf = (left: Extent, right: Extent): Extent => ({
  ...joined(left, right),
  parts: atMost(left.parts + right.parts),
});

const estimateFirst = ([items, condition]: readonly unknown[], at: Estimating): Extent =>
  joined(nullExtent, itemOf(estimateValues(items, condition, at).items));

function listOf(operand: unknown, call: Call): readonly unknown[] {
  const items = asList(call.evaluate(operand));
  call.spend(items.length);
  return items;
}

/** Each item's value in the body, or the item itself when there is no body. */
function valuesOf(items: readonly unknown[], bodyOperand: unknown, call: Call): unknown[] {
  if (bodyOperand === undefined) return [...items];
  const values: unknown[] = [];
  call.each(items, bodyOperand, (value) => values.push(value) > 0);
  return values;
}

function firstOf(items: readonly unknown[], condition: unknown, call: Call): unknown {
  if (condition === undefined) return items[0] ?? null;
  let found: unknown = null;
  call.each(items, condition, (value, item) => {
    if (!isTruthy(value)) return true;
    found = item;
    return false;
  });
  return found;
}

/** A position in a list or text as `slice` has it: negative counts from the end. */
function position(index: number, size: number): number {
  return index < 0 ? Math.max(0, size + index) : Math.min(index, size);
}

export const listOperators: readonly Operator[] = [
  iteration(
    'map',
    'The value of the body for each item; variables in the body are those of the item.',
    'list',
    (items, each, at) => listExtent(items.length, at.each(items, each)),
    {
      rule: { map: [{ var: 'lines' }, { var: 'sku' }] },
      scope: { lines: [{ sku: 'A' }, { sku: 'B' }] },
      result: ['A', 'B'],
    },
  ),
  iteration(
    'filter',
    'The items for which the body is true.',
    'list',
    (items, condition, at) => {
      at.each(items, condition);
      return someOf(items);
    },
    {
      rule: { filter: [numbers, { '>=': [{ var: '' }, 2] }] },
      result: [3, 2],
    },
  ),
  iteration(
    'reduce',
    'The body for each item in turn, with `current` and the `accumulator` so far, which starts as the last operand.',
    'unknown',
    (items, each, at, initial) => at.fold(items, each, at.evaluate(initial)),
    { rule: { reduce: [numbers, { '+': [{ var: 'accumulator' }, { var: 'current' }] }, 0] }, result: 6 },
    [{ name: 'initial', kind: 'any' }],
  ),
  iteration(
    'all',
    'Whether the body is true for every item; false for the empty list.',
    'boolean',
    estimateTest,
    {
      rule: { all: [numbers, { '>': [{ var: '' }, 0] }] },
      result: true,
    },
  ),
  iteration('some', 'Whether the body is true for an item.', 'boolean', estimateTest, {
    rule: { some: [numbers, { '==': [{ var: '' }, 2] }] },
    result: true,
  }),
  iteration(
    'none',
    'Whether the body is true for no item; true for the empty list.',
    'boolean',
    estimateTest,
    {
      rule: { none: [numbers, { '>': [{ var: '' }, 3] }] },
      result: true,
    },
  ),
  {
    name: 'merge',
    group: 'Lists',
    summary: 'One list of all items of the operands; an operand that is no list is an item.',
    operands: [],
    rest: { name: 'list', kind: 'any' },
    result: 'list',
    evaluate(operands, call) {
      call.spend(operands.reduce<number>((sum, part) => sum + (Array.isArray(part) ? part.length : 1), 0));
      return boundList(operands.flat(1));
    },
    estimate(operands, at) {
      const length = operands.reduce((sum, part) => sum + Math.max(1, part.length), 0);
      at.spend(length);
      const item = operands.map((part) => (part.length > 0 ? joined(part, itemOf(part)) : part));
      return {
        ...listExtent(Math.min(length, expressionLimits.listItemsMax), item.reduce(joined, nullExtent)),
        parts: atMost(operands.reduce((sum, { parts }) => sum + parts, 1)),
      };
    },
    example: { rule: { merge: [[1, 2], 3] }, result: [1, 2, 3] },
  },
  {
    name: 'in',
    group: 'Lists',
    summary: 'Whether the first is an item of the list, or a part of the text; false in null.',
    operands: [
      { name: 'value', kind: 'any' },
      { name: 'container', kind: 'any' },
    ],
    result: 'boolean',
    evaluate: ([value, container], call) => isIn(value, container, call),
    estimate([value, container], at) {
      at.spend(membershipSteps(value!, container!));
      return booleanExtent;
    },
    example: { rule: { in: ['B', ['A', 'B']] }, result: true },
  },
  {
    name: 'size',
    group: 'Lists',
    summary: 'The number of items.',
    operands: [list],
    result: 'number',
    evaluate: ([items]) => asList(items).length,
    example: { rule: { size: [numbers] }, result: 3 },
  },
  {
    name: 'count',
    group: 'Lists',
    summary: 'The number of items for which the body is true.',
    operands: [list, body],
    lazy: true,
    result: 'number',
    evaluate: ([items, condition], call) =>
      valuesOf(listOf(items, call), condition, call).filter(isTruthy).length,
    estimateLazy([items, condition], at) {
      estimateValues(items, condition, at);
      return numberExtent;
    },
    example: { rule: { count: [numbers, { '>': [{ var: '' }, 1] }] }, result: 2 },
  },
  {
    name: 'sum',
    group: 'Lists',
    summary:
      'The sum of the items, or of the body for each: numbers or money of one currency; 0 for the empty list.',
    operands: [list, optionalBody],
    lazy: true,
    result: 'unknown',
    evaluate([items, amount], call) {
      const amounts = valuesOf(listOf(items, call), amount, call);
      // Money and decimals cost as much as five lookups each.
      call.spend(5 * amounts.filter((value) => !Number.isSafeInteger(value)).length);
      if (amounts.some(isMoney)) return sumMoney(amounts.map(asMoney));
      return amounts.reduce<number>((sum, value) => add(sum, asNumber(value)), 0);
    },
    estimateLazy([items, amount], at) {
      at.spend(5 * estimateValues(items, amount, at).items.length);
      return joined(numberExtent, moneyExtent);
    },
    example: {
      rule: { sum: [{ var: 'lines' }, { '*': [{ var: 'quantity' }, 2] }] },
      scope: { lines: [{ quantity: 1 }, { quantity: 2 }] },
      result: 6,
    },
  },
  {
    name: 'first',
    group: 'Lists',
    summary: 'The first item, or the first for which the body is true; null if there is none.',
    operands: [list, optionalBody],
    lazy: true,
    result: 'unknown',
    evaluate: ([items, condition], call) => firstOf(listOf(items, call), condition, call),
    estimateLazy: estimateFirst,
    example: { rule: { first: [numbers, { '<': [{ var: '' }, 3] }] }, result: 1 },
  },
  {
    name: 'last',
    group: 'Lists',
    summary: 'The last item, or the last for which the body is true; null if there is none.',
    operands: [list, optionalBody],
    lazy: true,
    result: 'unknown',
    evaluate: ([items, condition], call) => firstOf([...listOf(items, call)].reverse(), condition, call),
    estimateLazy: estimateFirst,
    example: { rule: { last: [numbers] }, result: 2 },
  },
  {
    name: 'at',
    group: 'Lists',
    summary: 'The item at an index from 0, or from the end if negative; null if there is none.',
    operands: [list, { name: 'index', kind: 'number' }],
    result: 'unknown',
    evaluate: ([items, index]) => asList(items).at(asInteger(index)) ?? null,
    estimate: ([items]) => joined(nullExtent, itemOf(items!)),
    example: { rule: { at: [numbers, -1] }, result: 2 },
  },
  {
    name: 'slice',
    group: 'Lists',
    summary: 'The items from an index up to but without another; negative ones count from the end.',
    operands: [list, { name: 'from', kind: 'number' }, { name: 'to', kind: 'number', optional: true }],
    result: 'list',
    evaluate([items, from, to], call) {
      const all = asList(items);
      call.spend(Math.ceil(all.length / 16));
      return all.slice(
        position(asInteger(from), all.length),
        position(to === undefined ? all.length : asInteger(to), all.length),
      );
    },
    estimate([items], at) {
      at.spend(Math.ceil(items!.length / 16));
      return someOf(items!);
    },
    example: { rule: { slice: [numbers, 1] }, result: [1, 2] },
  },
  {
    name: 'sortBy',
    group: 'Lists',
    summary:
      'The items in order of the body: numbers, texts, money or points in time. Nulls come last; equal items keep their order.',
    operands: [list, body, { name: 'direction', kind: 'string', optional: true, oneOf: ['asc', 'desc'] }],
    lazy: true,
    result: 'list',
    evaluate([items, key, direction], call) {
      const all = listOf(items, call);
      const keys = valuesOf(all, key, call);
      const wanted = direction === undefined ? 'asc' : (call.evaluate(direction) ?? 'asc');
      const sign = asOneOf(wanted, ['asc', 'desc']) === 'asc' ? 1 : -1;
      return all
        .map((item, index) => ({ item, key: keys[index] }))
        .sort((left, right) => {
          call.spend(1);
          if (left.key === null || right.key === null)
            return Number(left.key === null) - Number(right.key === null);
          return sign * orderOfMoments(left.key, right.key, call);
        })
        .map(({ item }) => item);
    },
    estimateLazy([operand, key, direction], at) {
      const { items, value } = estimateValues(operand, key, at);
      if (direction !== undefined) at.evaluate(direction);
      at.spend(sortComparisons(items.length) * (1 + momentOrderSteps(value, value)));
      return someOf(items);
    },
    example: {
      rule: { sortBy: [{ var: 'lines' }, { var: 'price' }, 'desc'] },
      scope: { lines: [{ price: 1 }, { price: 3 }] },
      result: [{ price: 3 }, { price: 1 }],
    },
  },
  {
    name: 'distinct',
    group: 'Lists',
    summary: 'The items without repetitions, or the first for each value of the body.',
    operands: [list, optionalBody],
    lazy: true,
    result: 'list',
    evaluate([items, key], call) {
      const all = listOf(items, call);
      const keys = valuesOf(all, key, call);
      const scalars = new Set<unknown>();
      const objects: unknown[] = [];
      return all.filter((_, index) => {
        const value = keys[index];
        if (typeof value !== 'object' || value === null) return scalars.size < scalars.add(value).size;
        if (objects.some((seen) => strictlyEqual(seen, value, call))) return false;
        objects.push(value);
        return true;
      });
    },
    estimateLazy([operand, key], at) {
      const { items, value } = estimateValues(operand, key, at);
      // Keys that are objects are compared in pairs, each as far as the smaller of the two goes.
      const parts = key === undefined ? items.parts : items.length * value.parts;
      if (value.parts > 1) at.spend(Math.ceil(items.length * (parts / 2 + parts / keysAStep)));
      return someOf(items);
    },
    example: { rule: { distinct: [[1, 2, 1]] }, result: [1, 2] },
  },
  {
    name: 'object',
    group: 'Lists',
    summary: 'An object from names and values in turn.',
    operands: [],
    rest: { name: 'nameOrValue', kind: 'any' },
    result: 'object',
    evaluate(operands) {
      if (operands.length % 2 === 1) throw unexpected('a value for each name', operands.at(-1));
      const entries: [string, unknown][] = [];
      for (let index = 0; index < operands.length; index += 2) {
        const name = toText(operands[index]);
        if (name === '__proto__') throw unexpected('a name other than __proto__', name);
        entries.push([name, operands[index + 1]]);
      }
      return Object.fromEntries(entries);
    },
    estimate(operands) {
      const entries: [string, Extent][] = [];
      let rest: Extent | undefined;
      for (let index = 0; index + 1 < operands.length; index += 2) {
        const { value: name } = operands[index]!;
        const value = operands[index + 1]!;
        if (typeof name === 'string' && !entries.some(([known]) => known === name))
          entries.push([name, value]);
        else rest = rest === undefined ? value : bothOf(rest, value);
      }
      // A name that is computed, or given twice, may be any of the others.
      const known = entries.map(([name, value]) => [name, rest === undefined ? value : joined(value, rest)]);
      return objectExtent(Object.fromEntries(known) as Record<string, Extent>, rest);
    },
    example: {
      rule: { object: ['sku', 'A', 'quantity', { '+': [1, 1] }] },
      result: { sku: 'A', quantity: 2 },
    },
  },
  {
    name: 'preserve',
    group: 'Lists',
    summary: 'The operand as it stands, unevaluated: a literal object.',
    operands: [{ name: 'literal', kind: 'raw' }],
    lazy: true,
    result: 'unknown',
    evaluate: ([literal]) => literal,
    estimateLazy: ([literal]) => extentOfValue(literal),
    example: { rule: { preserve: { sku: 'A' } }, result: { sku: 'A' } },
  },
];

/** Whether a value is an item of a list or a part of text; nothing is in null. */
export function isIn(value: unknown, container: unknown, call: Call): boolean {
  if (container === null) return false;
  if (typeof container === 'string') {
    const searched = typeof value === 'object' ? undefined : toText(value);
    call.spend(searchSteps(container.length, searched?.length ?? 0));
    return searched !== undefined && container.includes(searched);
  }
  return asList(container).some((item) => strictlyEqual(item, value, call));
}
