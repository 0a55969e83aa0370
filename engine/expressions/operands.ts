// Reading evaluated operands as what an operator needs, or saying exactly what stood there instead.
import { isDateText, toInstant } from '../calendar/instant.js';
import { type Money, isMoney } from '../money/money.js';
import { numberOfText, numberText } from './decimal.js';
import { expressionErrors } from './expression-errors.js';
import { isPlainObject } from './plain-data.js';

/** A number, or text that is one (JsonLogic: `{"+": "1"}`); never minus zero. @throws {RecourseError} `expression.operand-invalid` */
export function asNumber(value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value + 0;
  const number = typeof value === 'string' ? numberOfText(value) : undefined;
  if (number === undefined) throw unexpected('a number', value);
  return number + 0;
}

/** A whole number within the bounds. @throws {RecourseError} `expression.operand-invalid` */
export function asInteger(value: unknown, least = -1_000_000_000, most = 1_000_000_000): number {
  const number = asNumber(value);
  if (!Number.isInteger(number) || number < least || number > most) {
    throw unexpected(`a whole number from ${least} to ${most}`, value);
  }
  return number;
}

export function asText(value: unknown): string {
  if (typeof value !== 'string') throw unexpected('text', value);
  return value;
}

/** Text of a scalar or money: null is empty, a number has plain digits, money is `12.30 EUR`. @throws {RecourseError} `expression.operand-invalid` */
export function toText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'boolean') return String(value);
  if (isMoney(value)) return `${value.amount} ${value.currency}`;
  throw unexpected('text, a number, money, true, false or null', value);
}

export function asList(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw unexpected('a list', value);
  return value;
}

export function asMoney(value: unknown): Money {
  if (!isMoney(value)) throw unexpected('money such as {"amount": "12.30", "currency": "EUR"}', value);
  return value;
}

/** A point in time, which a date is not. @throws {RecourseError} `expression.operand-invalid`, `calendar.date-invalid` */
export function asInstant(value: unknown) {
  const text = asText(value);
  if (isDateText(text)) throw unexpected('a point in time such as 2026-11-22T10:00:00Z', value);
  return toInstant(text);
}

/** The value itself, if it is one of the texts. @throws {RecourseError} `expression.operand-invalid` */
export function asOneOf<Text extends string>(value: unknown, texts: readonly Text[]): Text {
  const found = texts.find((text) => text === value);
  if (found === undefined) throw unexpected(`one of ${texts.join(', ')}`, value);
  return found;
}

export function unexpected(expected: string, value: unknown) {
  return expressionErrors.error('operand-invalid', `expected ${expected}, got ${describe(value)}`, {
    data: { expected },
  });
}

/** What a value is, in a few words. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'nothing';
  if (typeof value === 'string')
    return `text ${JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)}`;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (isMoney(value)) return 'money';
  return isPlainObject(value) ? 'an object' : typeof value;
}
