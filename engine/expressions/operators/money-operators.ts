// Operators on money: exact, one currency at a time, rounded only where the name says so.
import { allocate } from '../../money/allocate.js';
import {
  compareMoney,
  fromMinor,
  isMoney,
  type Money,
  multiplyMoney,
  negateMoney,
  subtractMoney,
  sumMoney,
  toMinor,
} from '../../money/money.js';
import { type Rate, toRate } from '../../money/rate.js';
import { roundToMoney, roundToStep } from '../../money/round-money.js';
import { listExtent, moneyExtent } from '../extent.js';
import { asList, asMoney, asText, unexpected } from '../operands.js';
import type { Operand, Operator } from '../operator.js';

const money: Operand = { name: 'money', kind: 'money' };
const rate: Operand = { name: 'rate', kind: 'number' };
/** Steps that reading or writing one amount costs. */
const steps = 5;
const eur = (amount: string): Money => ({ amount, currency: 'EUR' });

/** A decimal as text or as a JSON number, by its shortest decimal form. */
function asRate(value: unknown): string | number {
  if (typeof value === 'string' || typeof value === 'number') return value;
  throw unexpected('a decimal such as "0.19"', value);
}

/** Weights as integers of one scale: decimals, or money by its minor units. */
function toWeights(weights: readonly unknown[]): bigint[] {
  const rates = weights.map(
    (weight): Rate => (isMoney(weight) ? { digits: toMinor(weight), scale: 0 } : toRate(asRate(weight))),
  );
  const scale = Math.max(0, ...rates.map((one) => one.scale));
  return rates.map((one) => one.digits * 10n ** BigInt(scale - one.scale));
}

export const moneyOperators: readonly Operator[] = [
  {
    name: 'money.of',
    group: 'Money',
    summary: 'Money from a decimal and a currency, rounded half-up to its decimals.',
    operands: [
      { name: 'amount', kind: 'number' },
      { name: 'currency', kind: 'string' },
    ],
    result: 'money',
    evaluate: ([amount, currency]) => roundToMoney(asRate(amount), asText(currency)),
    example: { rule: { 'money.of': ['2.345', 'EUR'] }, result: eur('2.35') },
  },
  {
    name: 'money.add',
    group: 'Money',
    summary: 'The sum of amounts of one currency.',
    operands: [money],
    rest: money,
    result: 'money',
    evaluate: (operands) => sumMoney(operands.map(asMoney)),
    example: { rule: { 'money.add': [eur('0.10'), eur('0.20')] }, result: eur('0.30') },
  },
  {
    name: 'money.subtract',
    group: 'Money',
    summary: 'The first amount less the second.',
    operands: [money, money],
    result: 'money',
    evaluate: ([left, right]) => subtractMoney(asMoney(left), asMoney(right)),
    example: { rule: { 'money.subtract': [eur('1.00'), eur('1.20')] }, result: eur('-0.20') },
  },
  {
    name: 'money.multiply',
    group: 'Money',
    summary: 'The amount times a decimal rate, rounded half-up to the currency once.',
    operands: [money, rate],
    result: 'money',
    evaluate: ([amount, factor]) => multiplyMoney(asMoney(amount), asRate(factor)),
    example: { rule: { 'money.multiply': [eur('10.05'), '0.5'] }, result: eur('5.03') },
  },
  {
    name: 'money.negate',
    group: 'Money',
    summary: 'The amount with the opposite sign.',
    operands: [money],
    result: 'money',
    evaluate: ([amount]) => negateMoney(asMoney(amount)),
    example: { rule: { 'money.negate': [eur('3.00')] }, result: eur('-3.00') },
  },
  {
    name: 'money.sum',
    group: 'Money',
    summary: 'The sum of a list of amounts; the currency is that of the sum of an empty list.',
    operands: [
      { name: 'list', kind: 'list' },
      { name: 'currency', kind: 'string', optional: true },
    ],
    result: 'money',
    evaluate([list, currency], call) {
      const amounts = asList(list).map(asMoney);
      call.spend(amounts.length * steps);
      return sumMoney(currency === undefined ? amounts : [fromMinor(0n, asText(currency)), ...amounts]);
    },
    estimate([list], at) {
      at.spend(list!.length * steps);
      return moneyExtent;
    },
    example: { rule: { 'money.sum': [[], 'EUR'] }, result: eur('0.00') },
  },
  {
    name: 'money.compare',
    group: 'Money',
    summary: '-1, 0 or 1 as the first amount is less than, equal to or greater than the second.',
    operands: [money, money],
    result: 'number',
    evaluate: ([left, right]) => compareMoney(asMoney(left), asMoney(right)),
    example: { rule: { 'money.compare': [eur('1.5'), eur('1.50')] }, result: 0 },
  },
  {
    name: 'money.round',
    group: 'Money',
    summary: 'The amount rounded half-up to a multiple of a step, as for cash.',
    operands: [money, { name: 'step', kind: 'number' }],
    result: 'money',
    evaluate: ([amount, step]) => roundToStep(asMoney(amount), asRate(step)),
    example: {
      rule: { 'money.round': [{ amount: '1.03', currency: 'CHF' }, '0.05'] },
      result: { amount: '1.05', currency: 'CHF' },
    },
  },
  {
    name: 'money.allocate',
    group: 'Money',
    summary: 'Shares an amount out in proportion to weights, by largest remainder; the parts add up to it.',
    operands: [money, { name: 'weights', kind: 'list' }],
    result: 'list',
    evaluate([amount, weights], call) {
      const shares = asList(weights);
      call.spend(shares.length * 2 * steps);
      const total = asMoney(amount);
      return allocate(toMinor(total), toWeights(shares)).map((part) => fromMinor(part, total.currency));
    },
    estimate([, weights], at) {
      at.spend(weights!.length * 2 * steps);
      return listExtent(weights!.length, moneyExtent);
    },
    example: {
      rule: { 'money.allocate': [eur('1.00'), [1, 1, 1]] },
      result: [eur('0.34'), eur('0.33'), eur('0.33')],
    },
  },
];
