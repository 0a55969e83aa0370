// Sharing out an amount so that the parts always add up to it.
import { moneyErrors } from './money-errors.js';

/**
 * Shares out minor units in proportion to the weights, by largest remainder; ties go to the earlier weight.
 *
 * The parts add up to the total exactly, each is within one unit of its exact share, and a negative total gives the
 * negated parts of the positive one.
 *
 * @throws {RecourseError} `money.weights-invalid`
 */
export function allocate(total: bigint, weights: readonly bigint[]): bigint[] {
  const sum = weights.reduce((left, right) => left + right, 0n);
  if (sum <= 0n || weights.some((weight) => weight < 0n)) {
    throw moneyErrors.error('weights-invalid', 'at least one weight must be positive and none negative');
  }
  const size = total < 0n ? -total : total;
  const parts = weights.map((weight) => (size * weight) / sum);
  const left = Number(size - parts.reduce((a, b) => a + b, 0n));
  const order = weights
    .map((weight, index) => ({ index, remainder: (size * weight) % sum }))
    .sort((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1));
  for (const { index } of order.slice(0, left)) parts[index]! += 1n;
  return total < 0n ? parts.map((part) => -part) : parts;
}
