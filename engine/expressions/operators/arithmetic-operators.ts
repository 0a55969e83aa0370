// Arithmetic on exact decimals; sums, differences and extremes of money too.
import { order } from '../compare.js';
import { add, divide, multiply, remainder, roundNumber, subtract } from '../decimal.js';
import { type Extent, moneyExtent, numberExtent, summaryOf } from '../extent.js';
import { asInteger, asNumber, asMoney, unexpected } from '../operands.js';
import type { Call, Estimating, ExpressionType, Operand, Operator } from '../operator.js';
import { isMoney, subtractMoney, sumMoney } from '../../money/money.js';

const amount: Operand = { name: 'amount', kind: 'amount' };
const number: Operand = { name: 'number', kind: 'number' };

function amountType(types: readonly ExpressionType[]): ExpressionType {
  if (types.includes('money')) return 'money';
  return types.some((type) => type === 'unknown' || type === 'list') ? 'unknown' : 'number';
}

/** Steps that a decimal that is no whole number costs: measured, as long as five lookups take; a division twenty. */
const steps = 5;
const divisionSteps = 20;

/** JsonLogic lets one operand stand for all: `{"+": {"var": "prices"}}`. */
function spread(operands: readonly unknown[], call: Call): readonly unknown[] {
  const [only] = operands;
  const all = operands.length === 1 && Array.isArray(only) ? (only as readonly unknown[]) : operands;
  call.spend(all.length + steps * all.filter((operand) => !Number.isSafeInteger(operand)).length);
  return all;
}

/** A number or money. */
const amountExtent: Extent = { ...summaryOf(moneyExtent), chars: numberExtent.chars };

function estimateSpread(operands: readonly Extent[], at: Estimating): Extent {
  const [only] = operands;
  const listed = operands.length === 1 ? only!.length * (1 + steps) : 0;
  const whole = operands.filter(({ value }) => Number.isSafeInteger(value)).length;
  at.spend(Math.max(listed, operands.length + steps * (operands.length - whole)));
  return amountExtent;
}

function estimateDivision(operands: readonly Extent[], at: Estimating): Extent {
  at.spend(operands.length * divisionSteps);
  return numberExtent;
}

function fold(step: (left: number, right: number) => number, operands: readonly unknown[]): number {
  const [first, ...more] = operands;
  return more.reduce<number>((total, operand) => step(total, asNumber(operand)), asNumber(first));
}

function extreme(name: 'min' | 'max', sign: 1 | -1): Operator {
  return {
    name,
    group: 'Arithmetic',
    summary: `The ${name === 'min' ? 'least' : 'greatest'} of numbers or of money; one list may stand for all.`,
    operands: [amount],
    rest: amount,
    result: amountType,
    evaluate(operands, call) {
      const all = spread(operands, call).map((operand) => (isMoney(operand) ? operand : asNumber(operand)));
      if (all.length === 0) throw unexpected('at least one amount', operands[0]);
      return all.reduce((best, operand) => (order(operand, best, call) * sign < 0 ? operand : best));
    },
    estimate: estimateSpread,
    example: { rule: { [name]: [3, 1, 2] }, result: name === 'min' ? 1 : 3 },
  };
}

export const arithmeticOperators: readonly Operator[] = [
  {
    name: '+',
    group: 'Arithmetic',
    summary: 'The sum of numbers (exact decimals) or of money of one currency; one list may stand for all.',
    operands: [],
    rest: amount,
    result: amountType,
    evaluate(operands, call) {
      const all = spread(operands, call);
      if (all.some(isMoney)) return sumMoney(all.map(asMoney));
      return all.reduce<number>((sum, operand) => add(sum, asNumber(operand)), 0);
    },
    estimate: estimateSpread,
    example: { rule: { '+': [0.1, 0.2] }, result: 0.3 },
  },
  {
    name: '-',
    group: 'Arithmetic',
    summary: 'The first less the others, of numbers or of money; of one operand, its negative.',
    operands: [amount],
    rest: amount,
    result: amountType,
    evaluate(operands, call) {
      const all = spread(operands, call);
      if (all.length === 0) throw unexpected('at least one amount', operands[0]);
      if (all.some(isMoney)) {
        const [first, ...more] = all.map(asMoney);
        if (more.length === 0) return subtractMoney({ amount: '0', currency: first!.currency }, first!);
        return more.reduce(subtractMoney, first!);
      }
      return all.length === 1 ? subtract(0, asNumber(all[0])) : fold(subtract, all);
    },
    estimate: estimateSpread,
    example: { rule: { '-': [1, 0.9] }, result: 0.1 },
  },
  {
    name: '*',
    group: 'Arithmetic',
    summary: 'The product of numbers; for money use `money.multiply`, which rounds to the currency.',
    operands: [amount],
    rest: number,
    result: 'number',
    evaluate(operands, call) {
      const all = spread(operands, call);
      const money = all.find(isMoney);
      if (money !== undefined) throw unexpected('numbers (money is multiplied by money.multiply)', money);
      return all.length === 0 ? 1 : fold(multiply, all);
    },
    estimate: estimateSpread,
    example: { rule: { '*': [1.1, 1.1] }, result: 1.21 },
  },
  {
    name: '/',
    group: 'Arithmetic',
    summary: 'The first divided by the others, to 15 significant digits; division by zero is an error.',
    operands: [number, number],
    rest: number,
    result: 'number',
    evaluate(operands, call) {
      call.spend(operands.length * divisionSteps);
      return fold(divide, operands);
    },
    estimate: estimateDivision,
    example: { rule: { '/': [1, 8] }, result: 0.125 },
  },
  {
    name: '%',
    group: 'Arithmetic',
    summary: 'What is left of a division, with the sign of the first number.',
    operands: [number, number],
    rest: number,
    result: 'number',
    evaluate(operands, call) {
      call.spend(operands.length * divisionSteps);
      return fold(remainder, operands);
    },
    estimate: estimateDivision,
    example: { rule: { '%': [5.5, 2] }, result: 1.5 },
  },
  extreme('min', 1),
  extreme('max', -1),
  {
    name: 'round',
    group: 'Arithmetic',
    summary: 'Rounds to a number of decimals (0 if left out, at most 15), a half away from zero.',
    operands: [number, { name: 'decimals', kind: 'number', optional: true }],
    result: 'number',
    evaluate: ([value, decimals]) => roundNumber(asNumber(value), asInteger(decimals ?? 0, 0, 15)),
    example: { rule: { round: [1.005, 2] }, result: 1.01 },
  },
];
