// Rounding several exact amounts so that they add up to their rounded sum.
import type { Minor } from '../records/money-fields.js';
import { type Fraction, plus, zero } from './fraction.js';
import { type RoundingMode, roundBy } from './rounding.js';

/**
 * Integers that add up to the rounded exact sum.
 *
 * With `preferred` (the order-level adjustment) each is rounded by itself and the rest goes there; without it they are
 * rounded down and the rest goes to the largest remainders, ties to the earlier one.
 */
export function roundTogether(exact: readonly Fraction[], mode: RoundingMode, preferred?: number): Minor[] {
  const sum = roundBy(mode, exact.reduce(plus, zero));
  if (preferred !== undefined) {
    const rounded = exact.map((each) => roundBy(mode, each));
    rounded[preferred]! += sum - rounded.reduce((left, right) => left + right, 0n);
    return rounded;
  }
  const floors = exact.map(({ num, over }) => (num - (((num % over) + over) % over)) / over);
  const left = Number(sum - floors.reduce((a, b) => a + b, 0n));
  const order = exact
    .map(({ num, over }, index) => ({ index, rest: ((num % over) + over) % over, over }))
    .sort((a, b) => {
      const difference = b.rest * a.over - a.rest * b.over;
      return difference === 0n ? a.index - b.index : difference > 0n ? 1 : -1;
    });
  for (const { index } of order.slice(0, left)) floors[index]! += 1n;
  return floors;
}
