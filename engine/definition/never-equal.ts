// Values that those of a schema never equal: the type or the values that it lists say so.
import { numberOfText } from '../expressions/decimal.js';
import type { Suggestions } from '../expressions/did-you-mean.js';
import { describe } from '../expressions/operands.js';
import { describeSchema } from './check-inputs.js';
import type { Schema } from './flow.js';

/** Why comparing for equality with a value says the same for all values of a schema; undefined: it may not. */
export function neverEqual(
  what: string,
  schema: Schema,
  value: unknown,
  suggestions: Suggestions,
):
  | {
      readonly code: string;
      readonly detail: string;
      readonly expected: string;
      readonly didYouMean?: string;
    }
  | undefined {
  if (mayEqual(schema, value)) return undefined;
  const { texts, expected } = listedBy(schema);
  const near = typeof value === 'string' ? suggestions.for(value, texts) : undefined;
  return {
    code: 'flow.value-never',
    detail: `${what} is never ${describe(value)}`,
    expected,
    ...(near === undefined ? {} : { didYouMean: near }),
  };
}

/** Null is what has no value yet, whatever its schema says. */
function mayEqual(schema: Schema, value: unknown): boolean {
  if (value === null) return true;
  const { type, enum: values, anyOf, oneOf } = schema;
  if (type !== undefined && ![type].flat().some((one) => mayBeOfType(one, value))) return false;
  if (Array.isArray(values) && !keysOf(values).has(keyOf(value))) return false;
  if ('const' in schema && keyOf(schema['const']) !== keyOf(value)) return false;
  return [anyOf, oneOf].every(
    (alternatives) =>
      !Array.isArray(alternatives) ||
      alternatives.some((one) => typeof one !== 'object' || mayEqual(one as Schema, value)),
  );
}

/** Values with different keys are never equal: a number equals the text of it, lists and objects are not compared here. */
function keyOf(value: unknown): string {
  if (typeof value === 'string') return String(numberOfText(value) ?? value);
  if (typeof value === 'number') return String(value);
  return typeof value === 'boolean' ? `is ${value}` : 'an object';
}

// Long lists are compared with many values: each is looked at once.
const keys = new WeakMap<readonly unknown[], ReadonlySet<string>>();
const lists = new WeakMap<Schema, { readonly texts: ReadonlySet<string>; readonly expected: string }>();

function keysOf(values: readonly unknown[]): ReadonlySet<string> {
  const known = keys.get(values) ?? new Set(values.map(keyOf));
  keys.set(values, known);
  return known;
}

function listedBy(schema: Schema) {
  const known = lists.get(schema);
  if (known !== undefined) return known;
  const values = valuesOf(schema);
  const listed = {
    texts: new Set(values.filter((one) => typeof one === 'string')),
    expected: describeSchema(values.length === 0 ? schema : { enum: values }),
  };
  lists.set(schema, listed);
  return listed;
}

/** A number equals the text of it. Of lists it may be an item that is asked for. */
function mayBeOfType(type: unknown, value: unknown): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string' || typeof value === 'number';
    case 'number':
    case 'integer':
      return typeof value === 'number' || (typeof value === 'string' && numberOfText(value) !== undefined);
    case 'boolean':
      return typeof value === 'boolean';
    case 'object':
      return typeof value === 'object' && !Array.isArray(value);
    default:
      return type !== 'null';
  }
}

/** The values that a schema lists. */
function valuesOf({ enum: values, anyOf, oneOf, ...schema }: Schema): readonly unknown[] {
  const alternatives = [anyOf, oneOf].filter(Array.isArray).flat() as Schema[];
  return [
    ...('const' in schema ? [schema['const']] : []),
    ...(Array.isArray(values) ? values : []),
    ...alternatives.flatMap(valuesOf),
  ];
}
