// Rates (tax, discount, share) as exact decimal fractions, never as binary floats.
import { moneyErrors } from './money-errors.js';

/** An exact decimal: `digits / 10^scale`. */
export interface Rate {
  readonly digits: bigint;
  readonly scale: number;
}

const decimal = /^-?\d{1,20}(?:\.\d{1,20})?$/;

/**
 * Reads a decimal string such as `"0.19"`; a JSON number is read by its shortest decimal form.
 *
 * @throws {RecourseError} `money.rate-invalid`
 */
export function toRate(value: unknown): Rate {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || !decimal.test(text)) {
    throw moneyErrors.error('rate-invalid', 'a rate is a decimal string such as "0.19"');
  }
  const [whole = '0', fraction = ''] = text.split('.');
  return { digits: BigInt(whole + fraction), scale: fraction.length };
}
