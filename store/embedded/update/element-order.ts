// The order of array elements for $push with $sort and for $sortArray: by whole value, or by fields of sub-documents.
import type { Document } from 'bson';
import { compareValues } from '../bson/compare.js';
import { isDocument, plainFields } from '../bson/fields.js';
import { CommandError } from '../errors.js';
import { integerOf } from './integer.js';

type Order = (a: unknown, b: unknown) => number;

/**
 * From 1 or -1, or a document of paths and directions. Arrays are compared whole here, unlike when documents are sorted.
 *
 * @throws {CommandError} `BadValue` if it is neither.
 */
export function elementOrder(spec: unknown): Order {
  if (!isDocument(spec)) {
    const sign = direction(spec);
    return (a, b) => sign * compareValues(a, b);
  }
  const keys = Object.entries(spec).map(([path, sign]) => ({
    parts: sortPath(path),
    sign: direction(sign),
  }));
  if (keys.length === 0) {
    throw new CommandError('BadValue', 'The $sort pattern is empty when it should be a set of fields.');
  }
  return (a, b) => {
    for (const { parts, sign } of keys) {
      const order = sign * compareValues(sortKey(a, parts), sortKey(b, parts));
      if (order !== 0) return order;
    }
    return 0;
  };
}

function sortPath(path: string): string[] {
  const parts = path.split('.');
  if (parts.includes('')) {
    throw new CommandError(
      'BadValue',
      path === ''
        ? 'The $sort field cannot be empty'
        : `The $sort field is a dotted field but has an empty part: ${path}`,
    );
  }
  return parts;
}

function direction(value: unknown): 1 | -1 {
  const integer = integerOf(value);
  if (integer === 1 || integer === -1) return integer;
  throw new CommandError(
    'BadValue',
    'The $sort is invalid: use 1/-1 to sort the whole element, or {field:1/-1} to sort embedded fields',
  );
}

/** An element that is no document, or lacks the field, sorts as null. */
function sortKey(element: unknown, parts: readonly string[]): unknown {
  let value = element;
  for (const part of parts) {
    if (!isDocument(value) && !Array.isArray(value)) return null;
    const fields: Document = Array.isArray(value) ? value : plainFields(value);
    if (!Object.hasOwn(fields, part)) return null;
    value = fields[part];
  }
  return value;
}
