// Rounding a decimal to money, and money to a coarser step (cash rounding).
import { digitsOf } from './currency.js';
import { fromMinor, type Money, toMinor } from './money.js';
import { moneyErrors } from './money-errors.js';
import { toRate } from './rate.js';
import { roundHalfUp } from './round.js';

/** Money from a decimal of any precision, rounded half-up to the currency. @throws {RecourseError} `money.rate-invalid` */
export function roundToMoney(decimal: string | number, currency: string): Money {
  const { digits, scale } = toRate(decimal);
  return fromMinor(roundHalfUp(digits * 10n ** BigInt(digitsOf(currency)), 10n ** BigInt(scale)), currency);
}

/**
 * Rounds half-up to a multiple of a step, such as `"0.05"` for Swiss cash.
 *
 * @throws {RecourseError} `money.rate-invalid` when the step is not a positive multiple of the minor unit
 */
export function roundToStep(money: Money, step: string | number): Money {
  const { digits, scale } = toRate(step);
  const scaled = digits * 10n ** BigInt(digitsOf(money.currency));
  const unit = 10n ** BigInt(scale);
  if (scaled <= 0n || scaled % unit !== 0n) {
    throw moneyErrors.error(
      'rate-invalid',
      `${step} is not a positive multiple of the minor unit of ${money.currency}`,
    );
  }
  const stepMinor = scaled / unit;
  return fromMinor(roundHalfUp(toMinor(money), stepMinor) * stepMinor, money.currency);
}
