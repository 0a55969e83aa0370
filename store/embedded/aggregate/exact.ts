// Exact arithmetic beyond sums and products: division, remainder and rounding of Decimal128, sums of many numbers.
import { Decimal128, Double, Int32, Long } from 'bson';
import {
  addNumbers,
  type Finite,
  isNumber,
  nearestDouble,
  type NumericValue,
  toExact,
} from '../bson/numbers.js';
import { unsupported } from '../errors.js';

/** Digits kept beyond the 34 of a Decimal128, so that rounding sees whether anything follows. */
const guardDigits = 40;

/** So many 32-bit integers add up within the safe integers. */
const quickTermsMax = 2 ** 21;

export type Rounding = 'halfEven' | 'down' | 'floor' | 'ceiling';

/** `a / b` as a Decimal128; `b` isn't zero. */
export function divideDecimals(a: NumericValue, b: NumericValue): Decimal128 {
  const x = toExact(asDecimal(a));
  const y = toExact(asDecimal(b));
  if (typeof x === 'string' || typeof y === 'string') {
    return Decimal128.fromString(String(nearestDouble(a) / nearestDouble(b)));
  }
  const preferred = x.exponent - y.exponent;
  const scale = BigInt(digits(y.coefficient) + guardDigits);
  const numerator = x.coefficient * 10n ** scale;
  let coefficient = numerator / y.coefficient;
  let exponent = preferred - Number(scale);
  if (numerator % y.coefficient !== 0n) {
    // A digit that stands for the rest: never a tie, never exact.
    coefficient = coefficient * 10n + (numerator < 0n !== y.coefficient < 0n ? -1n : 1n);
    exponent -= 1;
  } else {
    while (exponent < preferred && coefficient % 10n === 0n) {
      coefficient /= 10n;
      exponent += 1;
    }
  }
  return toDecimal({ coefficient, exponent });
}

/** The remainder with the sign of the dividend, of which at least one is a Decimal128; `b` isn't zero. */
export function remainderOfDecimals(a: NumericValue, b: NumericValue): Decimal128 {
  const x = toExact(asDecimal(a));
  const y = toExact(asDecimal(b));
  if (typeof x === 'string' || typeof y === 'string') {
    throw unsupported('$mod of an infinite or not-a-number Decimal128');
  }
  const exponent = Math.min(x.exponent, y.exponent);
  if (Math.max(x.exponent, y.exponent) - exponent > 1000)
    throw unsupported('$mod of such distant magnitudes');
  return toDecimal({ coefficient: scaled(x, exponent) % scaled(y, exponent), exponent });
}

/** The number rounded at `10^-place`, in its own type; a long that overflows is refused. */
export function roundNumber(value: NumericValue, place: number, rounding: Rounding): NumericValue {
  const exact = toExact(value);
  if (typeof exact === 'string') return value;
  const quantum = -place;
  if (exact.exponent >= quantum) {
    if (!(value instanceof Decimal128)) return value;
    // A decimal is quantized: it shows its zeros, as far as 34 digits allow.
    const padded = digits(exact.coefficient) + exact.exponent - quantum;
    return padded > 34 ? value : toDecimal({ coefficient: scaled(exact, quantum), exponent: quantum });
  }
  const unit = 10n ** BigInt(quantum - exact.exponent);
  const rounded = { coefficient: divideRounded(exact.coefficient, unit, rounding), exponent: quantum };
  if (value instanceof Decimal128) return toDecimal(rounded);
  if (value instanceof Double) {
    const number = Number(`${rounded.coefficient}E${rounded.exponent}`);
    return new Double(number === 0 && isNegative(value.value) ? -0 : number);
  }
  const integer = scaled(rounded, 0);
  return integerValue(integer, value instanceof Long);
}

/** Int32 if it fits and nothing wider was given, else Long, else the nearest double. */
export function integerValue(value: bigint, wide = false): Int32 | Long | Double {
  if (!wide && BigInt.asIntN(32, value) === value) return new Int32(Number(value));
  return BigInt.asIntN(64, value) === value ? Long.fromBigInt(value) : new Double(Number(value));
}

/**
 * The sum as `$sum` makes it: integers stay integers (a long overflow becomes a double), doubles are rounded once at
 * the end, decimals stay decimal.
 *
 * @throws {CommandError} `CommandNotSupported` for decimals together with doubles: MongoDB's conversion of a
 *   compensated double sum isn't reproduced here.
 */
export function sumNumbers(values: readonly unknown[]): NumericValue {
  const numbers = values.filter(isNumber);
  if (numbers.length <= quickTermsMax && numbers.every((value) => value instanceof Int32)) {
    return integerValue(BigInt(numbers.reduce<number>((total, { value }) => total + value, 0)));
  }
  const hasDouble = numbers.some((value) => value instanceof Double);
  if (numbers.some((value) => value instanceof Decimal128)) {
    if (hasDouble) throw unsupported('a sum or average of Decimal128 together with Double');
    return numbers.reduce<NumericValue>(addNumbers, Decimal128.fromString('0'));
  }
  const finite: Finite[] = [];
  for (const value of numbers) {
    const exact = toExact(value);
    if (typeof exact === 'string') {
      return new Double(numbers.reduce<number>((total, each) => total + nearestDouble(each), 0));
    }
    finite.push(exact);
  }
  const exponent = finite.reduce((least, each) => Math.min(least, each.exponent), 0);
  const total = finite.reduce((sum, each) => sum + scaled(each, exponent), 0n);
  if (hasDouble) return new Double(Number(`${total}E${exponent}`));
  return integerValue(
    total,
    numbers.some((value) => value instanceof Long),
  );
}

/** The average of the numbers among the values; null if there are none. */
export function averageNumbers(values: readonly unknown[]): NumericValue | null {
  const count = values.filter(isNumber).length;
  if (count === 0) return null;
  const sum = sumNumbers(values);
  if (sum instanceof Decimal128) return divideDecimals(sum, new Int32(count));
  return new Double(nearestDouble(sum) / count);
}

function asDecimal(value: NumericValue): Decimal128 {
  return value instanceof Decimal128 ? value : (addNumbers(Decimal128.fromString('0'), value) as Decimal128);
}

/** Rounded to 34 digits, half to even. */
function toDecimal({ coefficient, exponent }: Finite): Decimal128 {
  const excess = digits(coefficient) - 34;
  if (excess <= 0) return Decimal128.fromString(`${coefficient}E${exponent}`);
  let rounded = divideRounded(coefficient, 10n ** BigInt(excess), 'halfEven');
  let power = exponent + excess;
  if (digits(rounded) > 34) {
    rounded /= 10n;
    power += 1;
  }
  return Decimal128.fromString(`${rounded}E${power}`);
}

function divideRounded(value: bigint, unit: bigint, rounding: Rounding): bigint {
  const quotient = value / unit;
  const rest = value % unit;
  if (rest === 0n) return quotient;
  const away = value < 0n ? -1n : 1n;
  switch (rounding) {
    case 'down':
      return quotient;
    case 'floor':
      return value < 0n ? quotient - 1n : quotient;
    case 'ceiling':
      return value > 0n ? quotient + 1n : quotient;
    case 'halfEven': {
      const twice = 2n * (rest < 0n ? -rest : rest);
      return twice > unit || (twice === unit && quotient % 2n !== 0n) ? quotient + away : quotient;
    }
  }
}

function scaled(value: Finite, exponent: number): bigint {
  return value.coefficient * 10n ** BigInt(value.exponent - exponent);
}

function digits(coefficient: bigint): number {
  return (coefficient < 0n ? -coefficient : coefficient).toString().length;
}

function isNegative(value: number): boolean {
  return value < 0 || Object.is(value, -0);
}
