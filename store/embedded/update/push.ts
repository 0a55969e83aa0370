// $push with $each, $position, $slice and $sort. MongoDB's order: insert, then sort, then slice.
import { isDocument, plainFields } from '../bson/fields.js';
import { typeOf } from '../bson/type-of.js';
import { CommandError } from '../errors.js';
import { elementOrder } from './element-order.js';
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
