// JsonLogic's logic and comparison. `if`, `and` and `or` are evaluated by json-logic-js itself.
import { isTruthy, looselyEqual, order, strictlyEqual } from '../compare.js';
import { equalitySteps, orderSteps } from '../comparison-steps.js';
import { booleanExtent, type Extent, joined, nullExtent } from '../extent.js';
import type { Call, Estimating, ExpressionType, Operand, Operator } from '../operator.js';

const value: Operand = { name: 'value', kind: 'any' };
const pair: readonly Operand[] = [
  { name: 'left', kind: 'any' },
  { name: 'right', kind: 'any' },
];

/** The type that all have in common, or unknown. */
function commonType(types: readonly ExpressionType[]): ExpressionType {
  const known = new Set(types.filter((type) => type !== 'null'));
  return known.size === 1 ? (types.find((type) => type !== 'null') ?? 'unknown') : 'unknown';
}

function branchType(types: readonly ExpressionType[]): ExpressionType {
  return commonType(types.filter((_, index) => index % 2 === 1 || index === types.length - 1));
}

/** True if the relation holds between all neighbours. */
function chain(
  name: string,
  summary: string,
  holds: (left: unknown, right: unknown, call: Call) => boolean,
  steps: (left: Extent, right: Extent) => number,
  example: Operator['example'],
): Operator {
  return {
    name,
    group: 'Comparison',
    summary,
    operands: pair,
    rest: value,
    result: 'boolean',
    evaluate: (operands, call) =>
      operands.every((right, index) => index === 0 || holds(operands[index - 1], right, call)),
    estimate(operands, at) {
      for (const [index, right] of operands.slice(1).entries()) at.spend(steps(operands[index]!, right));
      return booleanExtent;
    },
    example,
  };
}

function branches(name: string, summary: string): Operator {
  return {
    name,
    group: 'Logic',
    summary,
    operands: [],
    rest: value,
    lazy: true,
    result: branchType,
    estimateLazy(operands, at) {
      const isCondition = (index: number) => index % 2 === 0 && index < operands.length - 1;
      for (const [index, operand] of operands.entries()) if (isCondition(index)) at.evaluate(operand);
      return joined(nullExtent, at.dearestOf(operands.filter((_, index) => !isCondition(index))));
    },
    example: { rule: { [name]: [{ '>': [3, 1] }, 'yes', 'no'] }, result: 'yes' },
  };
}

const oneAfterTheOther = (operands: readonly unknown[], at: Estimating): Extent =>
  operands.map((operand) => at.evaluate(operand)).reduce(joined);

export const logicOperators: readonly Operator[] = [
  branches(
    'if',
    'The value after the first condition that is true, otherwise the last value, otherwise null.',
  ),
  branches('?:', 'The same as `if`.'),
  {
    name: 'and',
    group: 'Logic',
    summary: 'The first operand that is false, otherwise the last; the rest is not evaluated.',
    operands: [value],
    rest: value,
    lazy: true,
    result: commonType,
    estimateLazy: oneAfterTheOther,
    example: { rule: { and: [true, { '>': [3, 1] }] }, result: true },
  },
  {
    name: 'or',
    group: 'Logic',
    summary: 'The first operand that is true, otherwise the last; the rest is not evaluated.',
    operands: [value],
    rest: value,
    lazy: true,
    result: commonType,
    estimateLazy: oneAfterTheOther,
    example: { rule: { or: [false, { '>': [3, 1] }] }, result: true },
  },
  {
    name: '!',
    group: 'Logic',
    summary: 'Whether the operand is false, null, 0, empty text or an empty list.',
    operands: [{ ...value, optional: true }],
    result: 'boolean',
    evaluate: ([operand]) => !isTruthy(operand),
    example: { rule: { '!': [[]] }, result: true },
  },
  {
    name: '!!',
    group: 'Logic',
    summary: 'Whether the operand is anything but false, null, 0, empty text or an empty list.',
    operands: [{ ...value, optional: true }],
    result: 'boolean',
    evaluate: ([operand]) => isTruthy(operand),
    example: { rule: { '!!': ['0'] }, result: true },
  },
  chain(
    '==',
    'Equal: a number also equals the text of it; null equals null only; lists, objects and money by value.',
    looselyEqual,
    equalitySteps,
    { rule: { '==': [1, '1'] }, result: true },
  ),
  chain('===', 'Equal in kind and value.', strictlyEqual, equalitySteps, {
    rule: { '===': [1, '1'] },
    result: false,
  }),
  chain(
    '!=',
    'Not equal as `==` sees it.',
    (left, right, call) => !looselyEqual(left, right, call),
    equalitySteps,
    {
      rule: { '!=': [1, 2] },
      result: true,
    },
  ),
  chain(
    '!==',
    'Not equal as `===` sees it.',
    (left, right, call) => !strictlyEqual(left, right, call),
    equalitySteps,
    {
      rule: { '!==': [1, '1'] },
      result: true,
    },
  ),
  chain(
    '<',
    'Less: numbers, money of one currency, or two texts by their characters. Null, true, false and lists are errors.',
    (left, right, call) => order(left, right, call) < 0,
    orderSteps,
    { rule: { '<': [1, { var: 'days' }, 30] }, scope: { days: 14 }, result: true },
  ),
  chain('<=', 'Less or equal; as `<`.', (left, right, call) => order(left, right, call) <= 0, orderSteps, {
    rule: { '<=': [2, 2] },
    result: true,
  }),
  chain('>', 'Greater; as `<`.', (left, right, call) => order(left, right, call) > 0, orderSteps, {
    rule: {
      '>': [
        { amount: '10.00', currency: 'EUR' },
        { amount: '9.99', currency: 'EUR' },
      ],
    },
    result: true,
  }),
  chain('>=', 'Greater or equal; as `<`.', (left, right, call) => order(left, right, call) >= 0, orderSteps, {
    rule: { '>=': [2, 3] },
    result: false,
  }),
];
