// $push with $each, $position, $slice and $sort. MongoDB's order: insert, then sort, then slice.
import type { Document } from 'bson';
import { compareValues } from '../bson/compare.js';
import { isDocument, plainFields } from '../bson/fields.js';
import { typeOf } from '../bson/type-of.js';
import { CommandError } from '../errors.js';
import { absent, type FieldOperator } from './field-update.js';
import { integerOf } from './integer.js';
import { showId } from './show.js';

interface Modifiers {
  readonly each: readonly unknown[];
  readonly position?: number;
  readonly slice?: number;
  readonly compare?: (a: unknown, b: unknown) => number;
}

export const pushOperator: FieldOperator = (argument) => {
  const modifiers = parseModifiers(argument);
  return {
    blocked: 'fail',
    next(current, { document, path }) {
      if (current === absent) return pushed([], modifiers);
      if (!Array.isArray(current)) {
        throw new CommandError(
          'BadValue',
          `The field '${path}' must be an array but is of type ${typeOf(current)} in document ${showId(document)}`,
        );
      }
      return pushed(current, modifiers);
    },
  };
};

function pushed(current: readonly unknown[], { each, position, slice, compare }: Modifiers): unknown[] {
  const at = position ?? current.length;
  const array = current.toSpliced(at, 0, ...each);
  if (compare !== undefined) array.sort(compare);
  if (slice === undefined) return array;
  if (slice === 0) return [];
  return slice > 0 ? array.slice(0, slice) : array.slice(slice);
}

function parseModifiers(argument: unknown): Modifiers {
  if (!isDocument(argument)) return { each: [argument] };
  const fields = plainFields(argument);
  if (!Object.hasOwn(fields, '$each')) {
    const first = Object.keys(fields)[0];
    if (first !== undefined && ['$position', '$slice', '$sort'].includes(first)) {
      throw new CommandError(
        'DollarPrefixedFieldName',
        `The dollar ($) prefixed field '${first}' is not valid for storage: $push takes ${first} together with $each only.`,
      );
    }
    return { each: [argument] };
  }
  let modifiers: Modifiers = { each: [] };
  for (const [name, value] of Object.entries(fields)) modifiers = { ...modifiers, ...modifier(name, value) };
  return modifiers;
}

function modifier(name: string, value: unknown): Partial<Modifiers> {
  switch (name) {
    case '$each':
      if (!Array.isArray(value)) {
        throw new CommandError(
          'BadValue',
          `The argument to $each in $push must be an array but it was of type: ${typeOf(value)}`,
        );
      }
      return { each: value };
    case '$position':
      return { position: integerModifier(name, value) };
    case '$slice':
      return { slice: integerModifier(name, value) };
    case '$sort':
      return { compare: elementOrder(value) };
    default:
      throw new CommandError('BadValue', `Unrecognized clause in $push: ${name}`);
  }
}

function integerModifier(name: string, value: unknown): number {
  const integer = integerOf(value);
  if (integer === undefined) {
    throw new CommandError(
      'BadValue',
      `The value for ${name} must be an integer value but was given type: ${typeOf(value)}`,
    );
  }
  return integer;
}

type Order = (a: unknown, b: unknown) => number;

function elementOrder(spec: unknown): Order {
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
