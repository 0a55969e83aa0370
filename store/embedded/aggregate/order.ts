// Equality and order in expressions: those of BSON values, and a missing value stands before null.
import { compareValues } from '../bson/compare.js';
import { keyBytes } from '../bson/key-bytes.js';
import { typeOf } from '../bson/type-of.js';

/** As `compareValues`, but missing is less than all values except MinKey, and equal to itself only. */
export function compareOperands(a: unknown, b: unknown): number {
  if (a === undefined || b === undefined) {
    if (a === b) return 0;
    const other = a === undefined ? b : a;
    const missingFirst = typeOf(other) === 'minKey' ? 1 : -1;
    return a === undefined ? missingFirst : -missingFirst;
  }
  return compareValues(a, b);
}

/** A string that is the same exactly for values that compare as equal: a key of groups and sets. */
export function equalityKey(value: unknown): string {
  return value === undefined ? '' : Buffer.from(keyBytes([value], [1])).toString('latin1');
}

/** The values without repeats, each as it came first. */
export function distinctValues(values: Iterable<unknown>): unknown[] {
  const seen = new Map<string, unknown>();
  for (const value of values) {
    const key = equalityKey(value);
    if (!seen.has(key)) seen.set(key, value);
  }
  return [...seen.values()];
}
