// The keys a document has under a sort or an index: one tuple, or one per element of the array its paths meet.
import type { Document } from 'bson';
import { fieldOf, isDocument } from '../bson/fields.js';
import { CommandError } from '../errors.js';
import { arrayIndexOf, type Path } from './path.js';

/** What a tuple holds for a path: `value` undefined for an empty array, null where the field is missing. */
interface Found {
  readonly value: unknown;
  /** Components of the path behind an array that stopped it. */
  readonly rest: Path;
  readonly array?: readonly unknown[];
}

/** The tuples, and whether an array was taken apart for them. */
export interface KeyTuples {
  readonly tuples: readonly (readonly unknown[])[];
  readonly multikey: boolean;
}

/**
 * The tuples of a document, one value per path. A missing field is null, an empty array `undefined` (below null).
 * Not free of duplicates.
 *
 * @throws {CommandError} `BadValue` if the paths meet two different arrays: their elements have no common order.
 */
export function keyTuples(document: Document, paths: readonly Path[]): KeyTuples {
  return expand(paths.map((path) => find(document, path)));
}

function expand(found: readonly Found[]): KeyTuples {
  const array = found.find((each) => each.array !== undefined)?.array;
  if (array === undefined) return { tuples: [found.map(({ value }) => value)], multikey: false };
  if (found.some((each) => each.array !== undefined && each.array !== array)) {
    throw new CommandError('BadValue', 'cannot sort or index with keys that are parallel arrays');
  }
  const items = array.length === 0 ? [undefined] : array;
  const tuples = items.flatMap((item) => {
    const within = found.map((each) => (each.array === undefined ? each : findInItem(item, each.rest)));
    return expand(within).tuples;
  });
  return { tuples, multikey: true };
}

/** Where the path ends at an element, it ends: an array in an array is a value. */
function findInItem(item: unknown, rest: Path): Found {
  if (rest.length === 0) return { value: item, rest };
  return isDocument(item) ? find(item, rest) : { value: null, rest: [] };
}

function find(document: Document, path: Path): Found {
  let current: unknown = document;
  for (const [depth, name] of path.entries()) {
    if (Array.isArray(current)) {
      const index = arrayIndexOf(name);
      if (index === -1) return { value: null, rest: path.slice(depth), array: current };
      current = index < current.length ? current[index] : null;
    } else {
      current = isDocument(current) ? (fieldOf(current, name) ?? null) : null;
    }
  }
  return Array.isArray(current) ? { value: null, rest: [], array: current } : { value: current, rest: [] };
}
