// Arithmetic of expressions, with MongoDB's result types. A long that overflows is an error here, never a rounded sum.
import { Decimal128, Double, Int32, Long } from 'bson';
import { addNumbers, isNumber, multiplyNumbers, nearestDouble, type NumericValue } from '../bson/numbers.js';
import { CommandError } from '../errors.js';
import {
  averageNumbers,
  divideDecimals,
  integerValue,
  remainderOfDecimals,
  roundNumber,
  sumNumbers,
} from './exact.js';
import { compareOperands } from './order.js';
import { intOperand, isNullish, listed, typeName } from './operands.js';
import type { ExpressionOperator, OperatorTable } from './scope.js';

const minusOne = new Int32(-1);

function numberOperand(value: unknown, name: string): NumericValue {
  if (!isNumber(value)) {
    throw new CommandError('TypeMismatch', `${name} only supports numeric types, not ${typeName(value)}`);
  }
  return value;
}

/** Milliseconds to move a date by, as a whole number. */
function milliseconds(value: unknown, name: string): number {
  return Math.round(nearestDouble(numberOperand(value, name)));
}

function dateOf(time: number, name: string): Date {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) throw new CommandError('BadValue', `${name}: the date is out of range`);
  return date;
}

function add(operands: readonly unknown[], name: string): unknown {
  if (operands.some(isNullish)) return null;
  const dates = operands.filter((value) => value instanceof Date);
  if (dates.length > 1) throw new CommandError('BadValue', 'only one date allowed in an $add expression');
  const numbers = operands
    .filter((value) => !(value instanceof Date))
    .map((value) => numberOperand(value, name));
  const sum = numbers.reduce<NumericValue>(addNumbers, new Int32(0));
  const [date] = dates;
  return date === undefined ? sum : dateOf(date.getTime() + milliseconds(sum, name), name);
}

function subtract([a, b]: readonly unknown[], name: string): unknown {
  if (isNullish(a) || isNullish(b)) return null;
  if (a instanceof Date) {
    if (b instanceof Date) return Long.fromNumber(a.getTime() - b.getTime());
    return dateOf(a.getTime() - milliseconds(b, name), name);
  }
  const minuend = numberOperand(a, name);
  const subtrahend = numberOperand(b, name);
  if (subtrahend instanceof Double) return addNumbers(minuend, new Double(-subtrahend.value));
  return addNumbers(minuend, multiplyNumbers(minusOne, subtrahend));
}

function divide([a, b]: readonly unknown[], name: string): unknown {
  if (isNullish(a) || isNullish(b)) return null;
  const dividend = numberOperand(a, name);
  const divisor = numberOperand(b, name);
  if (nearestDouble(divisor) === 0) throw new CommandError('BadValue', "can't $divide by zero");
  if (dividend instanceof Decimal128 || divisor instanceof Decimal128)
    return divideDecimals(dividend, divisor);
  return new Double(nearestDouble(dividend) / nearestDouble(divisor));
}

function modulo([a, b]: readonly unknown[], name: string): unknown {
  if (isNullish(a) || isNullish(b)) return null;
  const dividend = numberOperand(a, name);
  const divisor = numberOperand(b, name);
  if (nearestDouble(divisor) === 0) throw new CommandError('BadValue', "can't $mod by zero");
  if (dividend instanceof Decimal128 || divisor instanceof Decimal128) {
    return remainderOfDecimals(dividend, divisor);
  }
  if (dividend instanceof Double || divisor instanceof Double) {
    return new Double(nearestDouble(dividend) % nearestDouble(divisor));
  }
  const wide = dividend instanceof Long || divisor instanceof Long;
  return integerValue(BigInt(String(dividend)) % BigInt(String(divisor)), wide);
}

function absolute([value]: readonly unknown[], name: string): unknown {
  if (isNullish(value)) return null;
  const number = numberOperand(value, name);
  if (number instanceof Double) return new Double(Math.abs(number.value));
  return nearestDouble(number) < 0 ? multiplyNumbers(minusOne, number) : number;
}

function rounding(mode: 'floor' | 'ceiling'): ExpressionOperator {
  return listed(1, 1, ([value], name) =>
    isNullish(value) ? null : roundNumber(numberOperand(value, name), 0, mode),
  );
}

function roundingAt(mode: 'halfEven' | 'down'): ExpressionOperator {
  return listed(1, 2, ([value, place = new Int32(0)], name) => {
    if (isNullish(value) || isNullish(place)) return null;
    const digits = intOperand(place, name);
    if (digits < -20 || digits > 100) {
      throw new CommandError('BadValue', `cannot apply ${name} with precision value ${digits}`);
    }
    return roundNumber(numberOperand(value, name), digits, mode);
  });
}

/** `$sum` and its kin as expressions: one array operand stands for its elements. */
function overOperands(reduce: (values: readonly unknown[]) => unknown): ExpressionOperator {
  return listed(0, Number.MAX_SAFE_INTEGER, (operands) => {
    const [only] = operands;
    return reduce(operands.length === 1 && Array.isArray(only) ? only : operands);
  });
}

/** The least (1) or greatest (-1) of the values that are neither null nor missing; null if there are none. */
export function extremeOf(values: readonly unknown[], sign: 1 | -1): unknown {
  let best: unknown;
  for (const value of values) {
    if (isNullish(value)) continue;
    if (best === undefined || sign * compareOperands(value, best) < 0) best = value;
  }
  return best ?? null;
}

export const arithmeticOperators: OperatorTable = {
  $add: listed(0, Number.MAX_SAFE_INTEGER, add),
  $subtract: listed(2, 2, subtract),
  $multiply: listed(0, Number.MAX_SAFE_INTEGER, (operands, name) =>
    operands.some(isNullish)
      ? null
      : operands.map((value) => numberOperand(value, name)).reduce(multiplyNumbers, new Int32(1)),
  ),
  $divide: listed(2, 2, divide),
  $mod: listed(2, 2, modulo),
  $abs: listed(1, 1, absolute),
  $ceil: rounding('ceiling'),
  $floor: rounding('floor'),
  $round: roundingAt('halfEven'),
  $trunc: roundingAt('down'),
  $sum: overOperands(sumNumbers),
  $avg: overOperands(averageNumbers),
  $min: overOperands((values) => extremeOf(values, 1)),
  $max: overOperands((values) => extremeOf(values, -1)),
};
