// Sharing an amount out over lines or units by the rule that a shop has set; shares never exceed what a line can take.
import { allocate } from '../../engine/money/allocate.js';
import type { Minor } from '../records/money-fields.js';
import { fraction } from './fraction.js';
import { type RoundingMode, roundBy } from './rounding.js';

/** See the `distribution` part of the settings schema for what each choice means. */
export interface DistributionRule {
  readonly remainder: 'largest' | 'first-lines';
  readonly rounding: RoundingMode;
  readonly negative: 'mirrored' | 'floor';
  readonly zeroWeights: 'equal' | 'none';
}

const total = (amounts: readonly bigint[]): bigint => amounts.reduce((sum, amount) => sum + amount, 0n);

/**
 * Shares of `amount` in proportion to weights of zero or more; they add up to `amount`, except that nothing is given out
 * when all weights are zero and the rule says `none`, or when every line has reached its limit.
 *
 * @param limits the most that each line can take, as a size without sign; what goes beyond it is shared out over the
 *   other lines, by the same rule.
 */
export function distribute(
  amount: Minor,
  weights: readonly bigint[],
  rule: DistributionRule,
  limits?: readonly bigint[],
): Minor[] {
  if (limits === undefined) return sharesOf(amount, weights, rule);
  const shares = weights.map(() => 0n);
  const sign = amount < 0n ? -1n : 1n;
  let open = weights.map((_, index) => index);
  let left = amount;
  while (left !== 0n && open.length > 0) {
    const wanted = sharesOf(
      left,
      open.map((index) => weights[index]!),
      rule,
    );
    left = 0n;
    const asked = open;
    open = [];
    for (const [at, index] of asked.entries()) {
      const share = shares[index]! + wanted[at]!;
      const beyond = share * sign - limits[index]!;
      shares[index] = beyond >= 0n ? limits[index]! * sign : share;
      if (beyond < 0n) open.push(index);
      else left += beyond * sign;
    }
  }
  return shares;
}

/** Equal parts of an amount; the minor units left over go to the first parts, one each. */
export const splitEvenly = (amount: Minor, count: number): Minor[] =>
  allocate(
    amount,
    Array.from({ length: count }, () => 1n),
  );

function sharesOf(amount: Minor, weights: readonly bigint[], rule: DistributionRule): Minor[] {
  if (weights.length === 0) return [];
  let shareBy = weights;
  if (total(weights) === 0n) {
    if (rule.zeroWeights === 'none') return weights.map(() => 0n);
    shareBy = weights.map(() => 1n);
  }
  if (rule.remainder === 'first-lines') return roundedShares(amount, shareBy, rule.rounding);
  if (rule.negative === 'mirrored' || amount >= 0n) return allocate(amount, shareBy);
  return flooredShares(amount, shareBy);
}

/** Each share rounded by itself; what is missing or too much goes to the first lines, a minor unit each. */
function roundedShares(amount: Minor, weights: readonly bigint[], mode: RoundingMode): Minor[] {
  const sum = total(weights);
  const shares = weights.map((weight) => roundBy(mode, fraction(amount * weight, sum)));
  const missing = amount - total(shares);
  const step = missing < 0n ? -1n : 1n;
  for (let index = 0; BigInt(index) < missing * step; index += 1) shares[index % shares.length]! += step;
  return shares;
}

/** Shares of a negative amount, rounded down; the largest fraction above its floor gets a minor unit back first. */
function flooredShares(amount: Minor, weights: readonly bigint[]): Minor[] {
  const sum = total(weights);
  const parts = weights.map((weight, index) => {
    const exact = amount * weight;
    const over = ((exact % sum) + sum) % sum;
    return { index, floor: (exact - over) / sum, over };
  });
  const left = Number(amount - total(parts.map(({ floor }) => floor)));
  const shares = parts.map(({ floor }) => floor);
  const byFraction = [...parts].sort((a, b) =>
    a.over === b.over ? a.index - b.index : a.over > b.over ? -1 : 1,
  );
  for (const { index } of byFraction.slice(0, left)) shares[index]! += 1n;
  return shares;
}
