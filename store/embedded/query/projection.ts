// Projections: what of a document a find gives back.
import type { Document } from 'bson';
import { isDocument, plainFields, setField } from '../bson/fields.js';
import { CommandError } from '../errors.js';
import type { Path } from './path.js';
import { type ElementMatch, type PathTree, parseProjection, type Slice } from './projection-parse.js';

export interface Projection {
  /** A new document, sharing values with the given one; `arrayIndex` comes from `Filter.match`. */
  (document: Document, arrayIndex?: number): Document;
  /** Uses `arrayIndex`: it holds `path.$`. */
  readonly positional: boolean;
}

/**
 * @throws {CommandError} `BadValue` for a malformed projection, `CommandNotSupported` for an expression; the
 *   projection itself throws `BadValue` if it is positional and no array element was matched.
 */
export function compileProjection(projection: Document): Projection {
  if (Object.keys(projection).length === 0) {
    return Object.assign((document: Document) => document, { positional: false });
  }
  const { mode, tree, slices, elementMatches, positional } = parseProjection(projection);
  const simple = mode === 'inclusion' ? include : exclude;

  function project(document: Document, arrayIndex?: number): Document {
    let projected = simple(document, tree);
    if (positional !== undefined) {
      projected = narrowed(projected, positional, 0, arrayIndex) as Document;
    }
    for (const each of slices) projected = sliced(projected, each, 0) as Document;
    for (const each of elementMatches) projected = withElement(projected, document, each, mode);
    return projected;
  }

  return Object.assign(project, { positional: positional !== undefined });
}

function include(document: Document, tree: PathTree): Document {
  const fields = plainFields(document);
  const projected: Document = {};
  for (const name of Object.keys(fields)) {
    const below = tree.get(name);
    if (below === undefined) continue;
    const value: unknown = fields[name];
    if (below === true) {
      setField(projected, name, value);
    } else if (isContainer(value)) {
      setField(projected, name, includeWithin(value, below));
    }
  }
  return projected;
}

/** Of an array only documents and arrays are left: nothing else has the fields that are to be kept. */
function includeWithin(value: Document | unknown[], tree: PathTree): unknown {
  if (!Array.isArray(value)) return include(value, tree);
  return value.filter(isContainer).map((item) => includeWithin(item, tree));
}

function exclude(document: Document, tree: PathTree): Document {
  const fields = plainFields(document);
  const projected: Document = {};
  for (const name of Object.keys(fields)) {
    const below = tree.get(name);
    if (below === true) continue;
    const value: unknown = fields[name];
    setField(projected, name, below === undefined ? value : excludeWithin(value, below));
  }
  return projected;
}

function excludeWithin(value: unknown, tree: PathTree): unknown {
  if (Array.isArray(value)) return (value as unknown[]).map((item) => excludeWithin(item, tree));
  return isDocument(value) ? exclude(value, tree) : value;
}

function isContainer(value: unknown): value is Document | unknown[] {
  return Array.isArray(value) || isDocument(value);
}

/** The first array on the path, cut down to the element that the filter matched. */
function narrowed(value: unknown, path: Path, depth: number, arrayIndex: number | undefined): unknown {
  if (Array.isArray(value)) {
    if (arrayIndex === undefined) {
      throw new CommandError(
        'BadValue',
        "positional operator '.$' couldn't find a matching element in the array",
      );
    }
    if (arrayIndex >= value.length) {
      throw new CommandError('BadValue', "positional operator '.$' element mismatch");
    }
    return [value[arrayIndex]];
  }
  const name = path[depth];
  if (name === undefined || !isDocument(value)) return value;
  return replaced(value, name, (field) => narrowed(field, path, depth + 1, arrayIndex));
}

function sliced(value: unknown, slice: Slice, depth: number): unknown {
  const name = slice.path[depth];
  if (name === undefined) return Array.isArray(value) ? sliceOf(value, slice) : value;
  if (Array.isArray(value)) return (value as unknown[]).map((item) => sliced(item, slice, depth));
  return isDocument(value) ? replaced(value, name, (field) => sliced(field, slice, depth + 1)) : value;
}

function sliceOf(array: readonly unknown[], { skip, limit }: Slice): unknown[] {
  if (skip === undefined) return limit < 0 ? array.slice(limit) : array.slice(0, limit);
  const start = skip < 0 ? Math.max(array.length + skip, 0) : skip;
  return array.slice(start, start + limit);
}

/** A copy with one field changed, in its place; as it is if there is no such field. */
function replaced(document: Document, name: string, change: (value: unknown) => unknown): Document {
  const fields = plainFields(document);
  if (!Object.hasOwn(fields, name)) return document;
  const copy: Document = {};
  for (const key of Object.keys(fields)) {
    setField(copy, key, key === name ? change(fields[key]) : fields[key]);
  }
  return copy;
}

/** The first matching element as an array of one. An inclusion puts it behind the other fields, as MongoDB does. */
function withElement(
  projected: Document,
  document: Document,
  { field, test }: ElementMatch,
  mode: 'inclusion' | 'exclusion',
): Document {
  const array: unknown = Object.hasOwn(document, field) ? document[field] : undefined;
  const index = Array.isArray(array) ? (array as unknown[]).findIndex(test) : -1;
  const element = index === -1 ? undefined : [(array as unknown[])[index]];
  if (element !== undefined && mode === 'exclusion') return replaced(projected, field, () => element);
  const copy: Document = {};
  for (const key of Object.keys(projected)) if (key !== field) setField(copy, key, projected[key]);
  if (element !== undefined) setField(copy, field, element);
  return copy;
}
