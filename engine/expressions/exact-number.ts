// Which texts of JSON numbers can be read without a change: a number is held in 64 bits, and what does not fit is rounded.
import Big from 'big.js';

/** Whether a number is written again as the number that its text says; beyond 2^53 many are not. Digits after the point are not looked at. */
export function isHeld(text: string): boolean {
  const number = Number(text);
  return Math.abs(number) <= Number.MAX_SAFE_INTEGER || (Number.isFinite(number) && new Big(text).eq(number));
}
