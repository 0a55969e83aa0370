// Operators over lists. Those of JsonLogic that take a body are evaluated by json-logic-js; ours go through `call.each`.
import { isTruthy, orderOfMoments, strictlyEqual } from '../compare.js';
import { add } from '../decimal.js';
import { asInteger, asList, asMoney, asNumber, asOneOf, toText, unexpected } from '../operands.js';
import type { Call, ExpressionType, Operand, Operator } from '../operator.js';
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
  example: Operator['example'],
  more: readonly Operand[] = [],
): Operator {
  return { name, group: 'Lists', summary, operands: [list, body, ...more], lazy: true, result, example };
}

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
    {
      rule: { map: [{ var: 'lines' }, { var: 'sku' }] },
      scope: { lines: [{ sku: 'A' }, { sku: 'B' }] },
      result: ['A', 'B'],
    },
  ),
  iteration('filter', 'The items for which the body is true.', 'list', {
    rule: { filter: [numbers, { '>=': [{ var: '' }, 2] }] },
    result: [3, 2],
  }),
  iteration(
    'reduce',
    'The body for each item in turn, with `current` and the `accumulator` so far, which starts as the last operand.',
    'unknown',
    { rule: { reduce: [numbers, { '+': [{ var: 'accumulator' }, { var: 'current' }] }, 0] }, result: 6 },
    [{ name: 'initial', kind: 'any' }],
  ),
  iteration('all', 'Whether the body is true for every item; false for the empty list.', 'boolean', {
    rule: { all: [numbers, { '>': [{ var: '' }, 0] }] },
    result: true,
  }),
  iteration('some', 'Whether the body is true for an item.', 'boolean', {
    rule: { some: [numbers, { '==': [{ var: '' }, 2] }] },
    result: true,
  }),
  iteration('none', 'Whether the body is true for no item; true for the empty list.', 'boolean', {
    rule: { none: [numbers, { '>': [{ var: '' }, 3] }] },
    result: true,
  }),
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
    example: { rule: { last: [numbers] }, result: 2 },
  },
  {
    name: 'at',
    group: 'Lists',
    summary: 'The item at an index from 0, or from the end if negative; null if there is none.',
    operands: [list, { name: 'index', kind: 'number' }],
    result: 'unknown',
    evaluate: ([items, index]) => asList(items).at(asInteger(index)) ?? null,
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
      const sign = asOneOf(direction ?? 'asc', ['asc', 'desc']) === 'asc' ? 1 : -1;
      const all = listOf(items, call);
      const keys = valuesOf(all, key, call);
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
    example: { rule: { preserve: { sku: 'A' } }, result: { sku: 'A' } },
  },
];

/** Whether a value is an item of a list or a part of text; nothing is in null. */
export function isIn(value: unknown, container: unknown, call: Call): boolean {
  if (container === null) return false;
  if (typeof container === 'string') {
    call.spend(Math.ceil(container.length / 64));
    return typeof value === 'object' ? false : container.includes(toText(value));
  }
  return asList(container).some((item) => strictlyEqual(item, value, call));
}
