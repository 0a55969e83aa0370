// Rounding several exact amounts so that they add up to one whole.
import type { Minor } from '../records/money-fields.js';
import { type Fraction, plus, zero } from './fraction.js';
import { type RoundingMode, roundBy, roundSum } from './rounding.js';

/**
 * Integers that add up to `whole`, by default the rounded exact sum.
 *
 * With `preferred` (the order-level adjustment) each is rounded by itself and the rest goes there; without it they are
 * rounded down and the rest goes to the largest remainders, ties to the earlier one.
 */
export function roundTogether(
  exact: readonly Fraction[],
  mode: RoundingMode,
  preferred?: number,
  whole: Minor = roundSum(mode, exact.reduce(plus, zero)),
): Minor[] {
  if (preferred !== undefined) {
    const rounded = exact.map((each) => roundBy(mode, each));
    rounded[preferred]! += whole - rounded.reduce((left, right) => left + right, 0n);
    return rounded;
  }
  const floors = exact.map(({ num, over }) => (num - (((num % over) + over) % over)) / over);
  const left = Number(whole - floors.reduce((a, b) => a + b, 0n));
  const order = exact
    .map(({ num, over }, index) => ({ index, rest: ((num % over) + over) % over, over }))
    .sort((a, b) => {
      const difference = b.rest * a.over - a.rest * b.over;
      return difference === 0n ? a.index - b.index : difference > 0n ? 1 : -1;
    });
  for (let given = 0; given < left; given += 1) floors[order[given % order.length]!.index]! += 1n;
  for (let taken = 0; taken < -left; taken += 1) floors[order.at(-1 - (taken % order.length))!.index]! -= 1n;
  return floors;
}
