// Whole numbers as arguments of update operators and stages.
import { isNumber, nearestDouble } from '../bson/numbers.js';

/** The value as a safe integer, whatever its BSON number type; `undefined` if it is none. */
export function integerOf(value: unknown): number | undefined {
  if (!isNumber(value)) return undefined;
  const number = nearestDouble(value);
  return Number.isSafeInteger(number) ? number : undefined;
}
