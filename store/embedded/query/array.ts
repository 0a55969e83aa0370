// $size, $elemMatch and $all: conditions on an array as a whole.
import type { Document } from 'bson';
import { isDocument } from '../bson/fields.js';
import { isNumber } from '../bson/numbers.js';
import { CommandError } from '../errors.js';
import { all, type Condition, leaf, type Matcher } from './condition.js';
import { exactLong } from './integer.js';

/** @throws {CommandError} `BadValue` unless the operand is an integer of at least 0. */
export function hasSize(operand: unknown): Condition {
  const size = isNumber(operand) ? exactLong(operand) : undefined;
  if (size === undefined || size < 0n) {
    throw new CommandError('BadValue', 'Failed to parse $size. Expected a non-negative integer');
  }
  const length = Number(size);
  return leaf((value) => Array.isArray(value) && value.length === length, { leafArrays: 'whole' });
}

/** An array with an element that meets the condition. */
export function elementMeets(condition: Condition): Condition {
  return anyElement((item) => condition.single(item, undefined), condition.never);
}

/** An array with a document, or array taken as a document, that matches the filter. */
export function elementMatches(matches: Matcher, never: boolean): Condition {
  return anyElement((item) => {
    const document = Array.isArray(item) ? ({ ...item } as Document) : item;
    return isDocument(document) && matches(document, undefined);
  }, never);
}

function anyElement(test: (item: unknown) => boolean, never: boolean): Condition {
  return leaf(
    (value, found) => {
      if (!Array.isArray(value)) return false;
      const index = (value as unknown[]).findIndex(test);
      if (index >= 0 && found !== undefined) found.arrayIndex = index;
      return index >= 0;
    },
    { leafArrays: 'whole', never },
  );
}

/** Every one of the conditions, each by an element of its own or by the same; no conditions match nothing. */
export function hasAll(conditions: readonly Condition[]): Condition {
  return conditions.length === 0 ? leaf(() => false, { never: true }) : all(conditions);
}
