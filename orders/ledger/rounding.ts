// Rounding to the minor unit by the mode that a shop has set; symmetric, so that a reversal rounds as its original did.
import { roundHalfUp } from '../../engine/money/round.js';
import type { Minor } from '../records/money-fields.js';
import type { Fraction } from './fraction.js';

export const roundingModes = ['half-up', 'half-even', 'half-down'] as const;
/** Where an exact half goes: away from zero, to the even neighbour, or toward zero. */
export type RoundingMode = (typeof roundingModes)[number];

export function roundBy(mode: RoundingMode, { num, over }: Fraction): Minor {
  const isHalf = (2n * num) % over === 0n && num % over !== 0n;
  if (!isHalf || mode === 'half-up') return roundHalfUp(num, over);
  const towardZero = num / over;
  if (mode === 'half-down' || towardZero % 2n === 0n) return towardZero;
  return num < 0n ? towardZero - 1n : towardZero + 1n;
}

const floor = (num: bigint, over: bigint): bigint => (num - (((num % over) + over) % over)) / over;

/**
 * Rounds a sum of what is left. Its halves go up (or down) on both sides of zero, so that a whole amount added later
 * moves the rounded sum by exactly that amount; of sums above zero it says the same as `roundBy`.
 */
export function roundSum(mode: RoundingMode, { num, over }: Fraction): Minor {
  if (mode === 'half-up') return floor(2n * num + over, 2n * over);
  if (mode === 'half-down') return -floor(over - 2n * num, 2n * over);
  return roundBy(mode, { num, over });
}
