// Exact fractions of integers: how much of a line or delivery is still there. Never a float.

/** `over` is positive. */
export interface Fraction {
  readonly num: bigint;
  readonly over: bigint;
}

export const zero: Fraction = { num: 0n, over: 1n };
export const one: Fraction = { num: 1n, over: 1n };

/** A fraction in lowest terms. @throws {RangeError} when the denominator is not positive. */
export function fraction(num: bigint, over: bigint): Fraction {
  if (over <= 0n) throw new RangeError('the denominator of a fraction is positive');
  const shared = greatestDivisor(num < 0n ? -num : num, over);
  return { num: num / shared, over: over / shared };
}

export const plus = (left: Fraction, right: Fraction): Fraction =>
  fraction(left.num * right.over + right.num * left.over, left.over * right.over);

export const minus = (left: Fraction, right: Fraction): Fraction =>
  fraction(left.num * right.over - right.num * left.over, left.over * right.over);

export const times = (left: Fraction, right: Fraction): Fraction =>
  fraction(left.num * right.num, left.over * right.over);

export const fractionText = ({ num, over }: Fraction): string => (over === 1n ? `${num}` : `${num}/${over}`);

function greatestDivisor(left: bigint, right: bigint): bigint {
  let [big, small] = [left, right];
  while (small !== 0n) [big, small] = [small, big % small];
  return big === 0n ? 1n : big;
}
