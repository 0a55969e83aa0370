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
import { toPointer } from '../errors/json-pointer.js';

/** Schemas of lists in lists, and so on, are looked at so far. */
const depthMax = 12;

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Where a schema stands: in the flow, by its JSON pointer, or only known by the name of what it describes. */
export type SchemaPlace = { readonly pointer: string } | { readonly name: string };

const propertyAt = (at: SchemaPlace | undefined, name: string): SchemaPlace | undefined => {
  if (at === undefined) return undefined;
  return 'pointer' in at
    ? { pointer: `${at.pointer}${toPointer(['properties', name])}` }
    : { name: `${at.name}.${name}` };
};

const within = (at: SchemaPlace | undefined, keyword: string): SchemaPlace | undefined =>
  at === undefined || 'name' in at ? at : { pointer: `${at.pointer}/${keyword}` };

const assumedOf = (at: SchemaPlace | undefined): Pick<Extent, 'assumedOf'> =>
  at === undefined ? {} : { assumedOf: 'pointer' in at ? at.pointer : at.name };

/** A bound on every value that a schema accepts; `open` bounds what it says nothing of, `at` is told of lists without one. */
export function extentOfSchema(
  schema: unknown,
  open: Extent = unknownExtent,
  depth = 0,
  at?: SchemaPlace,
): Extent {
  if (!isSchema(schema) || depth > depthMax) return { ...open, ...assumedOf(at) };
  // A variable is null before it is set, whatever its schema says.
  if ('const' in schema) return joined(extentOfValue(schema['const']), nullExtent);
  const { enum: values, type, anyOf, oneOf } = schema;
  if (Array.isArray(values)) return values.map(extentOfValue).reduce(joined, nullExtent);
  const types = type === undefined ? [] : [type].flat();
  if (types.length > 0) {
    return types.map((one) => extentOfType(one, schema, open, depth, at)).reduce(joined);
  }
  const [keyword, alternatives] = Array.isArray(anyOf)
    ? ['anyOf', anyOf]
    : ['oneOf', Array.isArray(oneOf) ? oneOf : []];
  if (alternatives.length === 0) return { ...open, ...assumedOf(at) };
  return alternatives
    .map((one, index) => extentOfSchema(one, open, depth + 1, within(at, `${keyword}/${index}`)))
    .reduce(joined);
}

function extentOfType(
  type: unknown,
  schema: Schema,
  open: Extent,
  depth: number,
  at: SchemaPlace | undefined,
): Extent {
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
      return listOf(schema, depth, at);
    case 'object':
      return objectOf(schema, open, depth, at);
    default:
      return open;
  }
}

function textOf({ maxLength }: Schema): Extent {
  // A schema counts characters, a text may need two units for each.
  const chars = typeof maxLength === 'number' ? 2 * maxLength : expressionLimits.assumed.textChars;
  return { chars, items: 0, length: 0, parts: 1, isText: true };
}

function listOf(
  { maxItems, items, prefixItems }: Schema,
  depth: number,
  at: SchemaPlace | undefined,
): Extent {
  const isBounded = typeof maxItems === 'number';
  const item =
    prefixItems === undefined
      ? extentOfSchema(items, unknownItem, depth + 1, within(at, 'items'))
      : unknownItem;
  return {
    ...listExtent(isBounded ? maxItems : expressionLimits.assumed.listItems, item),
    ...(isBounded ? {} : assumedOf(at)),
  };
}

function objectOf(
  { properties, additionalProperties, patternProperties }: Schema,
  open: Extent,
  depth: number,
  at: SchemaPlace | undefined,
): Extent {
  const known = Object.entries(isSchema(properties) ? properties : {}).map(([name, property]) => [
    name,
    extentOfSchema(property, open, depth + 1, propertyAt(at, name)),
  ]);
  const isClosed = additionalProperties === false && patternProperties === undefined;
  return objectExtent(Object.fromEntries(known) as Record<string, Extent>, isClosed ? undefined : open);
}
