// Rounding of exact fractions of integers.

/**
 * `numerator / denominator` to the nearest integer; a half goes away from zero, so that a reversal rounds as its original did.
 *
 * @throws {RangeError} when the denominator is zero.
 */
export function roundHalfUp(numerator: bigint, denominator: bigint): bigint {
  const negative = numerator < 0n !== denominator < 0n;
  const over = numerator < 0n ? -numerator : numerator;
  const under = denominator < 0n ? -denominator : denominator;
  const rounded = (2n * over + under) / (2n * under);
  return negative ? -rounded : rounded;
}
