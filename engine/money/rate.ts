// Rates (tax, discount, share) as exact decimal fractions, never as binary floats.
import { moneyErrors } from './money-errors.js';

/** An exact decimal: `digits / 10^scale`. */
export interface Rate {
  readonly digits: bigint;
  readonly scale: number;
}

const decimal = /^\s*([+-]?)(?=\.?\d)(\d{0,40})(?:\.(\d{0,40}))?(?:[eE]([+-]?\d{1,3}))?\s*$/;
const digitsMax = 20;

/**
 * Reads a decimal string such as `"0.19"`, in all forms that text may have where a number is expected; a JSON number is read
 * by its shortest decimal form. At most 20 digits on each side of the point.
 *
 * @throws {RecourseError} `money.rate-invalid`
 */
export function toRate(value: unknown): Rate {
  const text = typeof value === 'number' ? String(value) : value;
  const match = typeof text === 'string' ? decimal.exec(text) : null;
  if (match === null) throw invalid();
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const shift = fraction.length - Number(exponent);
  const digits = whole + fraction + '0'.repeat(Math.max(0, -shift));
  const scale = Math.max(0, shift);
  if (scale > digitsMax || digits.length - scale > digitsMax) throw invalid();
  return { digits: BigInt(`${sign}${digits}`), scale };
}

function invalid() {
  return moneyErrors.error('rate-invalid', 'a rate is a decimal string such as "0.19"');
}
