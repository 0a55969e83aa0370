// Numbers across BSON's four numeric types: exact values, exact comparison, and the arithmetic of $inc and $mul.
import { Decimal128, Double, Int32, Long } from 'bson';
import { CommandError } from '../errors.js';
import { type BsonType, typeOf } from './type-of.js';

/** A BSON number, or a JS number or bigint that stands for one. */
export type NumericValue = Int32 | Double | Long | Decimal128 | number | bigint;

/** `coefficient × 10^exponent`, not normalized. */
export interface Finite {
  readonly coefficient: bigint;
  readonly exponent: number;
}

/** A number without its type: every BSON number has exactly one value, -0 being 0. */
export type Exact = Finite | 'NaN' | 'Infinity' | '-Infinity';

/** Significant digits of a Decimal128. */
export const decimalDigitsMax = 34;

const coefficientMax = 10n ** 34n - 1n;
const exponentMax = 6111;
const exponentMin = -6176;

export function isNumber(value: unknown): value is NumericValue {
  switch (typeof value) {
    case 'number':
    case 'bigint':
      return true;
    case 'object':
      return value !== null && numericTypes.has(typeOf(value));
    default:
      return false;
  }
}

const numericTypes: ReadonlySet<BsonType> = new Set<BsonType>(['int', 'double', 'long', 'decimal']);

// By name, not by class: mongoose loads bson as CommonJS, which makes a second set of classes.
function isInt32(value: NumericValue): value is Int32 {
  return (value as Int32)._bsontype === 'Int32';
}

function isDoubleObject(value: NumericValue): value is Double {
  return (value as Double)._bsontype === 'Double';
}

function isLongObject(value: NumericValue): value is Long {
  return (value as Long)._bsontype === 'Long';
}

function isDecimal(value: NumericValue): value is Decimal128 {
  return (value as Decimal128)._bsontype === 'Decimal128';
}

/** The value as a JS number if no digit is lost by that and no big arithmetic is needed to know it. */
export function quickDouble(value: NumericValue): number | undefined {
  if (typeof value === 'number') return value;
  if (isInt32(value) || isDoubleObject(value)) return value.value;
  if (isLongObject(value)) {
    return value.high >= -0x200000 && value.high < 0x200000 ? value.toNumber() : undefined;
  }
  return undefined;
}

/** The nearest double, ties to even; a Decimal128 beyond the doubles becomes an infinity. */
export function nearestDouble(value: NumericValue): number {
  const quick = quickDouble(value);
  if (quick !== undefined) return quick;
  if (isLongObject(value)) return value.toNumber();
  return Number(value.toString());
}

export function toExact(value: NumericValue): Exact {
  if (isDecimal(value)) return exactDecimal(value).exact;
  if (isLongObject(value)) return { coefficient: longToBigInt(value), exponent: 0 };
  if (typeof value === 'bigint') return { coefficient: value, exponent: 0 };
  return exactDouble(typeof value === 'number' ? value : value.value);
}

/** From the bits: `Long.toBigInt` goes through decimal text, at many times the price. */
function longToBigInt(value: Long): bigint {
  return (BigInt(value.high) << 32n) | BigInt(value.low >>> 0);
}

function exactDouble(value: number): Exact {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Infinity) return 'Infinity';
  if (value === -Infinity) return '-Infinity';
  if (Number.isInteger(value)) return { coefficient: BigInt(value), exponent: 0 };
  let binaryPlaces = 0;
  let scaled = value;
  // Doubling is exact until the fraction is gone; a denormal needs at most 1074 steps.
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    binaryPlaces += 1;
  }
  return { coefficient: BigInt(scaled) * 5n ** BigInt(binaryPlaces), exponent: -binaryPlaces };
}

/** Reads the 16 bytes: `-0` and the exponent of a zero show only in `negative` and `exponent`. */
function exactDecimal(value: Decimal128): { exact: Exact; negative: boolean } {
  const { bytes } = value;
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  const low = view.getBigUint64(0, true);
  const high = view.getBigUint64(8, true);
  const negative = high >> 63n === 1n;
  const combination = Number((high >> 58n) & 31n);
  if (combination === 31) return { exact: 'NaN', negative };
  if (combination === 30) return { exact: negative ? '-Infinity' : 'Infinity', negative };
  // The form with an implied high digit always exceeds 34 digits: IEEE 754 reads it as zero.
  const implied = combination >= 24;
  const biased = Number((high >> (implied ? 47n : 49n)) & 0x3fffn);
  const written = implied ? 0n : ((high & 0x1ffffffffffffn) << 64n) | low;
  const magnitude = written > coefficientMax ? 0n : written;
  return {
    exact: { coefficient: negative ? -magnitude : magnitude, exponent: biased + exponentMin },
    negative,
  };
}

/** -1, 0 or 1 by value alone, whatever the types; NaN equals itself and is below every other number. */
export function compareNumbers(a: NumericValue, b: NumericValue): number {
  const quickA = quickDouble(a);
  const quickB = quickDouble(b);
  if (quickA !== undefined && quickB !== undefined) return compareDoubles(quickA, quickB);
  return compareExact(toExact(a), toExact(b));
}

function compareDoubles(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return 0;
  return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
}

const specialRank = { NaN: -2, '-Infinity': -1, Infinity: 1 } as const;

export function compareExact(a: Exact, b: Exact): number {
  if (typeof a === 'string' || typeof b === 'string') {
    const rankA = typeof a === 'string' ? specialRank[a] : 0;
    const rankB = typeof b === 'string' ? specialRank[b] : 0;
    return Math.sign(rankA - rankB);
  }
  const signA = sign(a.coefficient);
  const signB = sign(b.coefficient);
  if (signA !== signB || signA === 0) return Math.sign(signA - signB);
  const orderA = digitsOf(a.coefficient).length + a.exponent;
  const orderB = digitsOf(b.coefficient).length + b.exponent;
  if (orderA !== orderB) return orderA < orderB ? -signA : signA;
  const exponent = Math.min(a.exponent, b.exponent);
  return sign(scaledTo(a, exponent) - scaledTo(b, exponent));
}

function sign(value: bigint): -1 | 0 | 1 {
  return value < 0n ? -1 : value > 0n ? 1 : 0;
}

/** The decimal digits of the magnitude; "0" for zero. */
export function digitsOf(coefficient: bigint): string {
  return (coefficient < 0n ? -coefficient : coefficient).toString();
}

function scaledTo(value: Finite, exponent: number): bigint {
  return value.coefficient * 10n ** BigInt(value.exponent - exponent);
}

type Operation = 'add' | 'multiply';

/**
 * `a + b` as `$inc` does it: int stays int or becomes long, any double makes a double, any decimal a decimal.
 *
 * @throws {CommandError} `BadValue` if a long overflows.
 */
export function addNumbers(a: NumericValue, b: NumericValue): NumericValue {
  return combine('add', a, b);
}

/**
 * `a × b` as `$mul` does it, with the types of `addNumbers`.
 *
 * @throws {CommandError} `BadValue` if a long overflows.
 */
export function multiplyNumbers(a: NumericValue, b: NumericValue): NumericValue {
  return combine('multiply', a, b);
}

function combine(operation: Operation, a: NumericValue, b: NumericValue): NumericValue {
  if (isDecimal(a) || isDecimal(b)) return combineDecimals(operation, a, b);
  if (isDouble(a) || isDouble(b)) {
    const left = nearestDouble(a);
    const right = nearestDouble(b);
    return new Double(operation === 'add' ? left + right : left * right);
  }
  const left = BigInt(integerText(a));
  const right = BigInt(integerText(b));
  const result = operation === 'add' ? left + right : left * right;
  if (!isLong(a) && !isLong(b) && BigInt.asIntN(32, result) === result) return new Int32(Number(result));
  if (BigInt.asIntN(64, result) !== result) {
    throw new CommandError(
      'BadValue',
      `Failed to apply $${operation === 'add' ? 'inc' : 'mul'} operations to current value: (NumberLong)${left} overflows 64 bits`,
    );
  }
  return Long.fromBigInt(result);
}

function isDouble(value: NumericValue): boolean {
  return (
    isDoubleObject(value) || (typeof value === 'number' && (value !== (value | 0) || Object.is(value, -0)))
  );
}

function isLong(value: NumericValue): boolean {
  return isLongObject(value) || typeof value === 'bigint';
}

function integerText(value: NumericValue): string {
  return isInt32(value) ? String(value.value) : value.toString();
}

function combineDecimals(operation: Operation, a: NumericValue, b: NumericValue): Decimal128 {
  const left = asDecimal(a);
  const right = asDecimal(b);
  if (typeof left.exact === 'string' || typeof right.exact === 'string') {
    // A finite operand counts by its sign alone, and zero times infinity is NaN, as among doubles.
    const x = specialDouble(left);
    const y = specialDouble(right);
    return Decimal128.fromString(String(operation === 'add' ? x + y : x * y));
  }
  const x = left.exact;
  const y = right.exact;
  if (operation === 'multiply') {
    return toDecimal(
      { coefficient: x.coefficient * y.coefficient, exponent: x.exponent + y.exponent },
      left.negative !== right.negative,
    );
  }
  if (x.coefficient === 0n || y.coefficient === 0n) {
    const [zero, other] = x.coefficient === 0n ? [x, y] : [y, x];
    // Keeps the smaller exponent as far as 34 digits allow, without 12,000-digit intermediates.
    const room = decimalDigitsMax - digitsOf(other.coefficient).length;
    const exponent = Math.min(other.exponent, Math.max(zero.exponent, other.exponent - Math.max(room, 0)));
    return toDecimal({ coefficient: scaledTo(other, exponent), exponent }, left.negative && right.negative);
  }
  const exponent = Math.min(x.exponent, y.exponent);
  return toDecimal(
    { coefficient: scaledTo(x, exponent) + scaledTo(y, exponent), exponent },
    left.negative && right.negative,
  );
}

/** A double becomes the decimal of its 15 significant digits, as MongoDB converts it. */
function asDecimal(value: NumericValue): { exact: Exact; negative: boolean } {
  if (isDecimal(value)) return exactDecimal(value);
  if (isDouble(value)) {
    const number = nearestDouble(value);
    if (!Number.isFinite(number)) return { exact: toExact(number), negative: number < 0 };
    return exactDecimal(Decimal128.fromString(number === 0 ? '0' : number.toPrecision(15)));
  }
  const coefficient = BigInt(integerText(value));
  return { exact: { coefficient, exponent: 0 }, negative: coefficient < 0n };
}

function specialDouble({ exact }: { exact: Exact }): number {
  return typeof exact === 'string' ? Number(exact) : sign(exact.coefficient);
}

/** The nearest Decimal128, half to even. `negativeZero` decides only the sign of a zero. */
function toDecimal({ coefficient, exponent }: Finite, negativeZero: boolean): Decimal128 {
  let magnitude = coefficient < 0n ? -coefficient : coefficient;
  let power = exponent;
  const excess = Math.max(digitsOf(magnitude).length - decimalDigitsMax, exponentMin - power);
  if (excess > 0) {
    magnitude = roundHalfEven(magnitude, excess);
    power += excess;
    if (magnitude > coefficientMax) {
      magnitude /= 10n;
      power += 1;
    }
  }
  const minus = coefficient < 0n || (coefficient === 0n && negativeZero) ? '-' : '';
  if (magnitude === 0n) power = Math.min(power, exponentMax);
  while (power > exponentMax && digitsOf(magnitude).length < decimalDigitsMax) {
    magnitude *= 10n;
    power -= 1;
  }
  if (power > exponentMax) return Decimal128.fromString(`${minus}Infinity`);
  return Decimal128.fromString(`${minus}${magnitude}E${power}`);
}

function roundHalfEven(magnitude: bigint, places: number): bigint {
  const text = digitsOf(magnitude);
  if (places > text.length) return 0n;
  const unit = 10n ** BigInt(places);
  const quotient = magnitude / unit;
  const twice = (magnitude % unit) * 2n;
  return twice > unit || (twice === unit && quotient % 2n === 1n) ? quotient + 1n : quotient;
}
