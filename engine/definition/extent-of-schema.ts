// How large the values of a schema can be. Bounds that a schema does not give are those that are assumed of all data.
import {
  booleanExtent,
  type Extent,
  expressionLimits,
  extentOfValue,
  joined,
  listExtent,
  nullExtent,
  numberExtent,
  objectExtent,
  unknownExtent,
  unknownItem,
} from '../expressions/index.js';
import type { Schema } from './flow.js';

/** Schemas of lists in lists, and so on, are looked at so far. */
const depthMax = 12;

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A bound on every value that a schema accepts; `open` bounds what it says nothing of. */
export function extentOfSchema(schema: unknown, open: Extent = unknownExtent, depth = 0): Extent {
  if (!isSchema(schema) || depth > depthMax) return open;
  // A variable is null before it is set, whatever its schema says.
  if ('const' in schema) return joined(extentOfValue(schema['const']), nullExtent);
  const { enum: values, type, anyOf, oneOf } = schema;
  if (Array.isArray(values)) return values.map(extentOfValue).reduce(joined, nullExtent);
  if (type !== undefined) {
    return [type]
      .flat()
      .map((one) => extentOfType(one, schema, open, depth))
      .reduce(joined);
  }
  const alternatives = Array.isArray(anyOf) ? anyOf : Array.isArray(oneOf) ? oneOf : [];
  if (alternatives.length === 0) return open;
  return alternatives.map((one) => extentOfSchema(one, open, depth + 1)).reduce(joined);
}

function extentOfType(type: unknown, schema: Schema, open: Extent, depth: number): Extent {
  switch (type) {
    case 'string':
      return textOf(schema);
    case 'number':
    case 'integer':
      return numberExtent;
    case 'boolean':
      return booleanExtent;
    case 'null':
      return nullExtent;
    case 'array':
      return listOf(schema, depth);
    case 'object':
      return objectOf(schema, open, depth);
    default:
      return open;
  }
}

function textOf({ maxLength }: Schema): Extent {
  // A schema counts characters, a text may need two units for each.
  const chars = typeof maxLength === 'number' ? 2 * maxLength : expressionLimits.assumed.textChars;
  return { chars, items: 0, length: 0, parts: 1, isText: true };
}

function listOf({ maxItems, items, prefixItems }: Schema, depth: number): Extent {
  const length = typeof maxItems === 'number' ? maxItems : expressionLimits.assumed.listItems;
  return listExtent(
    length,
    prefixItems === undefined ? extentOfSchema(items, unknownItem, depth + 1) : unknownItem,
  );
}

function objectOf(
  { properties, additionalProperties, patternProperties }: Schema,
  open: Extent,
  depth: number,
): Extent {
  const known = Object.entries(isSchema(properties) ? properties : {}).map(([name, property]) => [
    name,
    extentOfSchema(property, open, depth + 1),
  ]);
  const isClosed = additionalProperties === false && patternProperties === undefined;
  return objectExtent(Object.fromEntries(known) as Record<string, Extent>, isClosed ? undefined : open);
}
