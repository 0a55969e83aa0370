// Arithmetic on JSON numbers as decimals (big.js), so that 0.1 + 0.2 is 0.3; never NaN, never Infinity.
// A result is exact to 15 significant digits, all that a JSON number can hold; a quotient is cut to 40 digits first.
import Big from 'big.js';
import { expressionErrors } from './expression-errors.js';
import { expressionLimits } from './expression-limits.js';

// Our own constructor: big.js settings live on the constructor, and others may change theirs.
const Decimal = Big();
Decimal.DP = 40;
Decimal.RM = 1;

const numeric = /^\s*[+-]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})(?:[eE][+-]?\d{1,3})?\s*$/;

/** The number that text stands for, or undefined: plain decimals with an optional exponent, nothing else. */
export function numberOfText(text: string): number | undefined {
  if (text.length > 100 || !numeric.test(text)) return undefined;
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
}

export function add(left: number, right: number): number {
  const sum = left + right;
  return integers(left, right, sum) ? sum + 0 : toNumber(new Decimal(left).plus(right));
}

export function subtract(left: number, right: number): number {
  const difference = left - right;
  return integers(left, right, difference) ? difference + 0 : toNumber(new Decimal(left).minus(right));
}

export function multiply(left: number, right: number): number {
  const product = left * right;
  return integers(left, right, product) ? product + 0 : toNumber(new Decimal(left).times(right));
}

/** @throws {RecourseError} `expression.division-by-zero` */
export function divide(left: number, right: number): number {
  if (right === 0) throw expressionErrors.error('division-by-zero', `${left} can't be divided by zero`);
  if (left === 0) return 0;
  // Decimals are counted from the point, so that very small quotients would lose digits: what they are scaled by comes after.
  const [over, under] = [new Decimal(left), new Decimal(right)];
  const scale = over.e - under.e;
  over.e = 0;
  under.e = 0;
  const quotient = over.div(under);
  quotient.e += scale;
  return toNumber(quotient);
}

/** What is left of a division, with the sign of the dividend. @throws {RecourseError} `expression.division-by-zero` */
export function remainder(left: number, right: number): number {
  if (right === 0) throw expressionErrors.error('division-by-zero', `${left} can't be divided by zero`);
  if (Number.isSafeInteger(left) && Number.isSafeInteger(right)) return (left % right) + 0;
  return toNumber(new Decimal(left).mod(right));
}

/** A number in plain digits, without an exponent. */
export function numberText(value: number): string {
  const text = String(value);
  return text.includes('e') ? new Decimal(value).toFixed() : text;
}

/** Rounds to decimals (0 to 20), a half away from zero. */
export function roundNumber(value: number, decimals: number): number {
  return toNumber(new Decimal(value).round(decimals, 1));
}

function integers(left: number, right: number, result: number): boolean {
  return Number.isSafeInteger(left) && Number.isSafeInteger(right) && Number.isSafeInteger(result);
}

function toNumber(value: Big): number {
  // Fifteen significant digits survive the way into a double and back; the sixteenth may not.
  const digits = value.c.length > 17 ? value.prec(17, 1) : value;
  const number = Number(digits.toString());
  if (!Number.isFinite(number) || Math.abs(digits.e) > expressionLimits.decimalDigitsMax) {
    if (digits.e < 0) return 0;
    throw expressionErrors.error('number-range', 'the result is too large for a number');
  }
  return number + 0;
}
