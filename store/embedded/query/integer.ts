// Numbers as 64-bit integers, for the operators that count in them.
import { type NumericValue, quickDouble, toExact } from '../bson/numbers.js';

const longMin = -(2n ** 63n);
const longMax = 2n ** 63n - 1n;

/** The number without its fraction, or `undefined` for NaN, infinities and what no long holds. */
export function truncatedLong(value: NumericValue): bigint | undefined {
  const quick = quickDouble(value);
  if (quick !== undefined && Math.abs(quick) < 2 ** 53) return BigInt(Math.trunc(quick));
  const exact = toExact(value);
  // 20 powers of ten are more than a long; without this bound 1E6144 would be written out.
  if (typeof exact === 'string' || exact.exponent > 20) return undefined;
  const whole =
    exact.exponent >= 0
      ? exact.coefficient * 10n ** BigInt(exact.exponent)
      : exact.coefficient / 10n ** BigInt(-exact.exponent);
  return whole < longMin || whole > longMax ? undefined : whole;
}

/** The number if it is an integer that a long holds. */
export function exactLong(value: NumericValue): bigint | undefined {
  const whole = truncatedLong(value);
  if (whole === undefined) return undefined;
  const quick = quickDouble(value);
  if (quick !== undefined) return Number.isInteger(quick) ? whole : undefined;
  const exact = toExact(value);
  if (typeof exact === 'string') return undefined;
  return exact.exponent >= 0 || exact.coefficient % 10n ** BigInt(-exact.exponent) === 0n ? whole : undefined;
}
