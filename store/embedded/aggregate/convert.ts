// Conversions between BSON types, exact or refused.
import { Decimal128, Double, Int32, Long, ObjectId } from 'bson';
import { addNumbers, isNumber, nearestDouble, type NumericValue, toExact } from '../bson/numbers.js';
import { CommandError, unsupported } from '../errors.js';
import { roundNumber } from './exact.js';
import { isNullish, isTrue, listed, typeName } from './operands.js';
import type { OperatorTable } from './scope.js';

function failure(value: unknown, to: string, why = ''): CommandError {
  const shown = typeof value === 'string' ? ` '${value.slice(0, 100)}'` : '';
  return new CommandError('BadValue', `Cannot convert ${typeName(value)}${shown} to ${to}${why}`);
}

/** The text of a value. @throws {CommandError} for types without one; `CommandNotSupported` for a double of more than 15 digits. */
export function toText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (value instanceof Double) {
    const text = String(value.value);
    if (
      Number.isFinite(value.value) &&
      (text.includes('e') || Number(value.value.toPrecision(15)) !== value.value)
    ) {
      throw unsupported(`the text of the double ${text}, whose digits MongoDB chooses otherwise`);
    }
    return Object.is(value.value, -0) ? '-0' : text;
  }
  if (isNumber(value) || value instanceof ObjectId) return String(value);
  if (value instanceof Date) return value.toISOString();
  throw failure(value, 'string');
}

function toInteger(value: unknown, bits: 32 | 64): NumericValue {
  const to = bits === 32 ? 'int' : 'long';
  let integer: bigint;
  if (typeof value === 'boolean') integer = value ? 1n : 0n;
  else if (bits === 64 && value instanceof Date) integer = BigInt(value.getTime());
  else if (typeof value === 'string') {
    if (!/^[+-]?\d{1,20}$/.test(value)) throw failure(value, to);
    integer = BigInt(value.replace('+', ''));
  } else if (isNumber(value)) {
    const exact = toExact(roundNumber(value, 0, 'down'));
    if (typeof exact === 'string' || exact.exponent > 40) throw failure(value, to, ': out of range');
    integer =
      exact.exponent >= 0
        ? exact.coefficient * 10n ** BigInt(exact.exponent)
        : exact.coefficient / 10n ** BigInt(-exact.exponent);
  } else throw failure(value, to);
  if (BigInt.asIntN(bits, integer) !== integer) throw failure(value, to, ': out of range');
  return bits === 32 ? new Int32(Number(integer)) : Long.fromBigInt(integer);
}

const numberText = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,6})?$/;

function toDouble(value: unknown): Double {
  if (typeof value === 'boolean') return new Double(value ? 1 : 0);
  if (value instanceof Date) return new Double(value.getTime());
  if (typeof value === 'string' && value.length <= 1000 && numberText.test(value))
    return new Double(Number(value));
  if (isNumber(value)) return new Double(nearestDouble(value));
  throw failure(value, 'double');
}

function toDecimal(value: unknown): Decimal128 {
  if (value instanceof Decimal128) return value;
  if (typeof value === 'boolean') return Decimal128.fromString(value ? '1' : '0');
  if (value instanceof Date) return Decimal128.fromString(String(value.getTime()));
  if (typeof value === 'string' && value.length <= 1000 && numberText.test(value)) {
    return Decimal128.fromStringWithRounding(value);
  }
  if (value instanceof Double) return addNumbers(Decimal128.fromString('0'), value) as Decimal128;
  if (isNumber(value)) return Decimal128.fromString(String(value));
  throw failure(value, 'decimal');
}

const isoDate = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/;

function toDate(value: unknown): Date {
  if (value instanceof Date) return value;
  if (value instanceof ObjectId) return value.getTimestamp();
  let date: Date | undefined;
  if (typeof value === 'string') {
    if (!isoDate.test(value)) throw failure(value, 'date', ': only ISO 8601 with a time zone is supported');
    date = new Date(value);
    const day = new Date(`${value.slice(0, 10)}T00:00:00Z`);
    // JavaScript takes 30 February for 2 March.
    if (Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== value.slice(0, 10))
      throw failure(value, 'date');
  } else if (isNumber(value) && !(value instanceof Int32)) {
    date = new Date(Math.trunc(nearestDouble(value)));
  }
  if (date === undefined || Number.isNaN(date.getTime())) throw failure(value, 'date');
  return date;
}

function toObjectId(value: unknown): ObjectId {
  if (value instanceof ObjectId) return value;
  if (typeof value === 'string' && /^[0-9a-fA-F]{24}$/.test(value)) return new ObjectId(value);
  throw failure(value, 'objectId');
}

function conversion(convert: (value: unknown) => unknown) {
  return listed(1, 1, ([value]) => (isNullish(value) ? null : convert(value)));
}

export const typeOperators: OperatorTable = {
  $type: listed(1, 1, ([value]) => typeName(value)),
  $isNumber: listed(1, 1, ([value]) => isNumber(value)),
  $toString: conversion(toText),
  $toBool: conversion(isTrue),
  $toInt: conversion((value) => toInteger(value, 32)),
  $toLong: conversion((value) => toInteger(value, 64)),
  $toDouble: conversion(toDouble),
  $toDecimal: conversion(toDecimal),
  $toDate: conversion(toDate),
  $toObjectId: conversion(toObjectId),
};
