// What a schema says of a part of the values that it describes.
import type { Suggestions } from '../expressions/did-you-mean.js';
import type { Schema } from './flow.js';

/** The schema of a part; `unknown`: anything may be there; `missing`: nothing can be. */
export type PathSchema =
  | { readonly kind: 'known'; readonly schema: Schema }
  | { readonly kind: 'unknown' }
  | {
      readonly kind: 'missing';
      readonly detail: string;
      readonly expected: string;
      /** The whole path with the name that was probably meant. */
      readonly didYouMean?: string;
    };

const unknown: PathSchema = { kind: 'unknown' };
const composed = ['$ref', '$dynamicRef', 'anyOf', 'oneOf', 'allOf', 'if', 'patternProperties'];
const noProperties: Schema = {};
const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Follows the names of a path, `*` being each item of a list; with suggestions also of what names were meant. */
export function schemaAt(
  schema: Schema,
  path: readonly string[],
  from = '',
  suggestions?: Suggestions,
): PathSchema {
  let current: unknown = schema;
  for (const [index, name] of path.entries()) {
    if (!isSchema(current) || composed.some((keyword) => keyword in (current as Schema))) return unknown;
    const before = [from, ...path.slice(0, index)].filter((part) => part !== '').join('.');
    const step = stepInto(current, name, before, suggestions);
    if ('kind' in step) return step;
    current = step.schema;
  }
  return isSchema(current) ? { kind: 'known', schema: current } : unknown;
}

function stepInto(
  schema: Schema,
  name: string,
  before: string,
  suggestions: Suggestions | undefined,
): PathSchema | { readonly schema: unknown } {
  const { type, properties, additionalProperties, items } = schema;
  const types = type === undefined ? (isSchema(properties) ? ['object'] : []) : [type].flat();
  if (types.length === 0) return unknown;
  if (types.includes('object'))
    return stepIntoObject(properties, additionalProperties, name, before, suggestions);
  if (types.includes('array')) {
    if (name === '*' || /^(?:0|[1-9]\d*)$/.test(name)) return { schema: items };
    return {
      kind: 'missing',
      detail: `${before} is a list and has no ${name}`,
      expected: 'a position such as 0, or an operator such as map',
    };
  }
  return {
    kind: 'missing',
    detail: `${before} is a ${types.join(' or ')} and has no parts`,
    expected: before,
  };
}

function stepIntoObject(
  properties: unknown,
  additional: unknown,
  name: string,
  before: string,
  suggestions: Suggestions | undefined,
): PathSchema | { readonly schema: unknown } {
  const known = isSchema(properties) ? properties : noProperties;
  if (Object.hasOwn(known, name)) return { schema: known[name] };
  if (isSchema(additional)) return { schema: additional };
  const near = suggestions?.for(name, known);
  // An open object may have it; but a name next to a declared one is a slip of the pen.
  if (additional !== false && near === undefined) return unknown;
  return {
    kind: 'missing',
    detail: `${before} has no ${JSON.stringify(name)}`,
    expected: `one of ${Object.keys(known).join(', ') || 'nothing'}`,
    ...(near === undefined ? {} : { didYouMean: `${before}.${near}` }),
  };
}

/** Whether a schema says of what type its values are. */
export function isTyped(schema: unknown): boolean {
  if (!isSchema(schema)) return false;
  if (['type', 'enum', 'const', '$ref'].some((keyword) => keyword in schema)) return true;
  return ['anyOf', 'oneOf', 'allOf'].some(
    (keyword) =>
      Array.isArray(schema[keyword]) &&
      (schema[keyword] as unknown[])[keyword === 'allOf' ? 'some' : 'every'](isTyped),
  );
}
