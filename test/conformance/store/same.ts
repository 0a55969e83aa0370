// Equality of BSON documents as MongoDB sees it: types and the order of fields count.
import assert from 'node:assert/strict';
import { EJSON } from 'bson';

/** Fails unless both have the same values, BSON types and order of fields. */
export function assertSame(actual: unknown, expected: unknown, message?: string): void {
  assert.equal(shown(actual), shown(expected), message);
}

/** Like `assertSame`, whatever the order of fields. */
export function assertSameFields(actual: unknown, expected: unknown): void {
  assert.deepEqual(JSON.parse(shown(actual)), JSON.parse(shown(expected)));
}

/** A value as canonical extended JSON, one line a member. */
export function shown(value: unknown): string {
  return value === undefined ? 'undefined' : EJSON.stringify(value, undefined, 1, { relaxed: false });
}
