// Where a schema leads: to its parts, and by references; for the same value, or for parts of it.
import type { Schema } from '../definition/flow.js';
import { fromPointer } from '../errors/json-pointer.js';

export interface SchemaLink {
  readonly to: Schema;
  /** What references in `to` begin at, unless it has an `$id` of its own. */
  readonly base: Schema;
  /** Absent: it stands there itself. */
  readonly reference?: string;
  /** The part of the value that it is for; absent: the value itself. */
  readonly place?: SchemaPlace;
}

/** Parts of a value: the one of that name, or several. */
export interface SchemaPlace {
  readonly of: 'properties' | 'items' | 'names';
  readonly name?: string;
  /** The schema whose keywords share the parts out among themselves, and whether it is for those that are left. */
  readonly sharedBy?: Schema;
  readonly isRest: boolean;
}

/** Keywords whose schemas are for the value itself. */
const ofTheSame = ['allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else', 'dependentSchemas'];
const ofParts = {
  properties: { of: 'properties', isNamed: true },
  patternProperties: { of: 'properties' },
  additionalProperties: { of: 'properties', isRest: true },
  unevaluatedProperties: { of: 'properties', isRest: true },
  propertyNames: { of: 'names' },
  prefixItems: { of: 'items', isNamed: true },
  items: { of: 'items', isRest: true },
  unevaluatedItems: { of: 'items', isRest: true },
  contains: { of: 'items' },
} as const;
const byName = new Set(['properties', 'patternProperties', 'dependentSchemas']);

/**
 * The schemas that one leads to; `outer` is what references in it begin at, unless it has an `$id` of its own.
 *
 * @throws {Error} for a reference of which that can't be said
 */
export function linksOf(schema: Schema, outer: Schema, root: Schema): readonly SchemaLink[] {
  const base = hasId(schema) ? schema : outer;
  const links: SchemaLink[] = [];
  for (const keyword of ofTheSame) {
    for (const [, to] of partsOf(schema, keyword)) links.push({ to, base });
  }
  for (const [keyword, kind] of Object.entries(ofParts)) {
    const isRest = 'isRest' in kind;
    for (const [name, to] of partsOf(schema, keyword)) {
      const place = {
        of: kind.of,
        isRest,
        ...('isNamed' in kind ? { name } : {}),
        ...(keyword === 'contains' ? {} : { sharedBy: schema }),
      };
      links.push({ to, base, place });
    }
  }
  for (const keyword of ['$ref', '$dynamicRef']) {
    const reference = schema[keyword];
    if (typeof reference !== 'string') continue;
    const [to, begin] = targetOf(reference, base, root);
    if (isSchema(to)) links.push({ to, base: begin, reference });
  }
  return links;
}

/** The schemas of a keyword by their names or positions. */
function partsOf(schema: Schema, keyword: string): readonly (readonly [string, Schema])[] {
  if (!Object.hasOwn(schema, keyword)) return [];
  const held = schema[keyword];
  const parts = Object.entries(byName.has(keyword) && isSchema(held) ? held : [held].flat());
  return parts.filter((part): part is [string, Schema] => isSchema(part[1]));
}

/** What a reference leads to, if it is in this schema, and what those in it begin at. */
function targetOf(reference: string, base: Schema, root: Schema): readonly [unknown, Schema] {
  const [schema = '', fragment = ''] = reference.split('#');
  if (schema !== '' && schema !== base['$id']) {
    if (find(root, hasId) === undefined) return [undefined, base];
    // What it leads to depends on how the two are joined, and may be a part of this schema, too.
    throw new Error(`${reference} has to begin with # or with the $id`);
  }
  const place = decodeURIComponent(fragment);
  if (place === '' || place.startsWith('/')) return partAt(base, place);
  return [find(base, (one) => one['$anchor'] === place || one['$dynamicAnchor'] === place), base];
}

/** What stands at a pointer, and the last schema with an `$id` on the way to it. */
function partAt(root: Schema, pointer: string): readonly [unknown, Schema] {
  let found: unknown = root;
  let base = root;
  for (const name of fromPointer(pointer)) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return [undefined, base];
    if (isSchema(found) && hasId(found)) base = found;
    found = (found as Record<string, unknown>)[name];
  }
  return [found, base];
}

function find(value: unknown, isWanted: (schema: Schema) => boolean): Schema | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (isSchema(value) && isWanted(value)) return value;
  for (const part of Object.values(value)) {
    const found = find(part, isWanted);
    if (found !== undefined) return found;
  }
  return undefined;
}

const hasId = (schema: Schema): boolean => typeof schema['$id'] === 'string';

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
