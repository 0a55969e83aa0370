// Money as JSON `{"amount": "12.30", "currency": "EUR"}` outside and integer minor units inside; no floats anywhere.
import { digitsOf } from './currency.js';
import { moneyErrors } from './money-errors.js';
import { toRate } from './rate.js';
import { roundHalfUp } from './round.js';

/** An amount of money in JSON; `amount` is a decimal string with at most the currency's decimals. */
export interface Money {
  readonly amount: string;
  readonly currency: string;
}

/** Digits before the point. */
const wholeDigitsMax = 30;
const amountShape = /^-?\d{1,30}(?:\.\d{1,3})?$/;

/** Whether a value has exactly the shape of money: own string properties `amount` and `currency`, nothing else. */
export function isMoney(value: unknown): value is Money {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  if (!Object.hasOwn(value, 'amount') || !Object.hasOwn(value, 'currency')) return false;
  const { amount, currency } = value as Money;
  return typeof amount === 'string' && typeof currency === 'string' && Object.keys(value).length === 2;
}

/**
 * The amount in minor units (cents, yen, fils).
 *
 * @throws {RecourseError} `money.invalid` also when the amount has more decimals than the currency; `money.currency-unknown`
 */
export function toMinor(money: Money): bigint {
  const digits = digitsOf(money.currency);
  const [whole = '', fraction = ''] = money.amount.split('.');
  if (!amountShape.test(money.amount) || fraction.length > digits) {
    throw moneyErrors.error(
      'invalid',
      `${JSON.stringify(money.amount).slice(0, 40)} is not an amount of ${money.currency}, which has ${digits} decimals`,
    );
  }
  return BigInt(whole + fraction.padEnd(digits, '0'));
}

/**
 * Money from minor units, in canonical form: all decimals of the currency, no `-0`.
 *
 * @throws {RecourseError} `money.currency-unknown`; `money.invalid` if it is too large to be read again
 */
export function fromMinor(minor: bigint, currency: string): Money {
  const digits = digitsOf(currency);
  const sign = minor < 0n ? '-' : '';
  const text = (minor < 0n ? -minor : minor).toString().padStart(digits + 1, '0');
  if (text.length - digits > wholeDigitsMax) {
    throw moneyErrors.error('invalid', `an amount has at most ${wholeDigitsMax} digits before the point`);
  }
  const amount = digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
  return { amount: sign + amount, currency };
}

/**
 * Adds amounts of one currency.
 *
 * @throws {RecourseError} `money.currency-mixed`, `money.invalid`; an empty list too is `money.invalid`, as it has no currency
 */
export function sumMoney(amounts: readonly Money[]): Money {
  const [first] = amounts;
  if (first === undefined)
    throw moneyErrors.error('invalid', 'an empty list has no currency, so it has no sum');
  let minor = 0n;
  for (const money of amounts) minor += toMinorOf(money, first.currency);
  return fromMinor(minor, first.currency);
}

/** `left - right`. @throws {RecourseError} `money.currency-mixed`, `money.invalid` */
export function subtractMoney(left: Money, right: Money): Money {
  return fromMinor(toMinor(left) - toMinorOf(right, left.currency), left.currency);
}

/** The amount with the opposite sign. @throws {RecourseError} `money.invalid` */
export function negateMoney(money: Money): Money {
  return fromMinor(-toMinor(money), money.currency);
}

/** A text that is the same for equal amounts; undefined for what is no money, or only looks like it. */
export function moneyKey(value: unknown): string | undefined {
  if (!isMoney(value)) return undefined;
  try {
    return `money ${value.currency} ${toMinor(value)}`;
  } catch {
    return undefined;
  }
}

/** -1, 0 or 1. @throws {RecourseError} `money.currency-mixed`, `money.invalid` */
export function compareMoney(left: Money, right: Money): -1 | 0 | 1 {
  const difference = toMinor(left) - toMinorOf(right, left.currency);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/**
 * The amount times a decimal rate, rounded half-up to the minor unit once, at the end.
 *
 * @throws {RecourseError} `money.rate-invalid`, `money.invalid`
 */
export function multiplyMoney(money: Money, rate: string | number): Money {
  const { digits, scale } = toRate(rate);
  return fromMinor(roundHalfUp(toMinor(money) * digits, 10n ** BigInt(scale)), money.currency);
}

function toMinorOf(money: Money, currency: string): bigint {
  if (money.currency !== currency) {
    throw moneyErrors.error('currency-mixed', `${money.currency} can't be combined with ${currency}`);
  }
  return toMinor(money);
}
