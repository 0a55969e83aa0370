// What the references of a schema come to, counted before ajv follows them: it follows each one each time.
import type { Schema } from '../definition/flow.js';
import { fromPointer } from '../errors/json-pointer.js';

const schemasMax = 10_000;
const inARowMax = 100;

/** Keywords whose schemas are for the value itself. */
const ofTheSame = ['allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else', 'dependentSchemas'];
const ofParts = [
  'properties',
  'patternProperties',
  'additionalProperties',
  'unevaluatedProperties',
  'propertyNames',
  'items',
  'prefixItems',
  'contains',
  'unevaluatedItems',
];
const byName = new Set(['properties', 'patternProperties', 'dependentSchemas']);

/**
 * Refuses a schema whose references never end for one value, or that is too large once each is followed. One that is
 * met again further down in a value, as in a tree, counts once.
 *
 * @throws {Error} saying what is wrong
 */
export function checkReferences(schema: Schema): void {
  new References(schema, ofTheSame, (reference) => {
    throw new Error(`${reference} leads back to itself for the same value`);
  }).count();
  new References(schema, [...ofTheSame, ...ofParts], () => 1).count();
}

class References {
  readonly #root: Schema;
  readonly #keywords: readonly string[];
  readonly #ofCircle: (reference: string) => number;
  readonly #known = new Map<Schema, number>();
  readonly #open = new Set<Schema>();

  constructor(root: Schema, keywords: readonly string[], ofCircle: (reference: string) => number) {
    this.#root = root;
    this.#keywords = keywords;
    this.#ofCircle = ofCircle;
    this.#open.add(root);
  }

  count(): number {
    return this.#sizeOf(this.#root, this.#root);
  }

  /** `outer` is what references begin at, unless the schema has an `$id` of its own. */
  #sizeOf(schema: unknown, outer: Schema): number {
    if (!isSchema(schema)) return 0;
    const base = hasId(schema) ? schema : outer;
    let size = 1;
    for (const keyword of this.#keywords) {
      for (const part of partsOf(schema, keyword)) size += this.#sizeOf(part, base);
    }
    for (const keyword of ['$ref', '$dynamicRef']) size += this.#sizeAt(schema[keyword], base);
    if (size > schemasMax) {
      throw new Error(`it has more than ${schemasMax} parts when all of its references are followed`);
    }
    return size;
  }

  #sizeAt(reference: unknown, from: Schema): number {
    const [target, base] = typeof reference === 'string' ? this.#target(reference, from) : [undefined, from];
    if (!isSchema(target)) return 0;
    const known = this.#known.get(target);
    if (known !== undefined) return known;
    if (this.#open.has(target)) return this.#ofCircle(reference as string);
    if (this.#open.size > inARowMax) throw new Error(`more than ${inARowMax} references lead to one another`);
    this.#open.add(target);
    const size = this.#sizeOf(target, base);
    this.#open.delete(target);
    this.#known.set(target, size);
    return size;
  }

  /** What a reference leads to, if it is in this schema, and what those in it begin at. */
  #target(reference: string, base: Schema): readonly [unknown, Schema] {
    const [schema = '', fragment = ''] = reference.split('#');
    if (schema !== '' && schema !== base['$id']) {
      if (find(this.#root, hasId) === undefined) return [undefined, base];
      // What it leads to depends on how the two are joined, and may be a part of this schema, too.
      throw new Error(`${reference} has to begin with # or with the $id`);
    }
    const place = decodeURIComponent(fragment);
    if (place === '' || place.startsWith('/')) return partAt(base, place);
    return [find(base, (one) => one['$anchor'] === place || one['$dynamicAnchor'] === place), base];
  }
}

function partsOf(schema: Schema, keyword: string): readonly unknown[] {
  if (!Object.hasOwn(schema, keyword)) return [];
  const held = schema[keyword];
  return byName.has(keyword) && isSchema(held) ? Object.values(held) : [held].flat();
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
