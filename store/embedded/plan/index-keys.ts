// The keys under which a document is in an index. As MongoDB's multikey indexes: one key for each element of the
// array that a path runs through, and a document without the field has null there.
import type { Document } from 'bson';
import { compareBytes } from '../bson/compare.js';
import { isDocument, plainFields } from '../bson/fields.js';
import { keyBytes } from '../bson/key-bytes.js';
import { CommandError } from '../errors.js';
import { compileFilter } from '../query/filter.js';
import { missing, type Path, parsePath } from '../query/path.js';
import type { IndexSpec } from '../store.js';

export interface Index {
  readonly spec: IndexSpec;
  /** Top-level fields that decide its keys; undefined: all may. */
  readonly fields: readonly string[] | undefined;
  /**
   * Sorted, without repeats; none if the document isn't in this sparse or partial index.
   *
   * @throws {CommandError} `CannotIndexParallelArrays` if two of its fields are arrays that don't lie in each other.
   */
  keys(document: Document): Uint8Array[];
  /**
   * Whether an array lies on an indexed path, be it of one element or empty. Once such a document is in the index,
   * the planner must be told: orders and combined conditions no longer hold key by key.
   */
  isMultikey(document: Document): boolean;
}

const emptyArray = Symbol('empty array');

/**
 * What stands for a value in a key. An empty array, which has no elements to find it by, takes the place of
 * `undefined`; `undefined` itself is found as null.
 */
function toKeyValue(value: unknown): unknown {
  if (value === emptyArray) return undefined;
  return value === missing || value === undefined ? null : value;
}

/** The part of a key that an empty array has, in a field of that direction. */
export function emptyArrayBytes(direction: 1 | -1): Uint8Array {
  return keyBytes([undefined], [direction]);
}

/** The part of a key that a value has, in a field of that direction: for arrays, those inside an array. */
export function valueBytes(value: unknown, direction: 1 | -1): Uint8Array {
  return keyBytes([toKeyValue(value)], [direction]);
}

/** Prepares an index's paths and filter. @throws {CommandError} what `compileFilter` throws for its filter. */
export function compileIndex(spec: IndexSpec): Index {
  const paths = spec.key.map(([path]) => parsePath(path));
  const directions = spec.key.map(([, direction]) => direction);
  const filter = spec.partial && compileFilter(spec.partial);

  const toBytes = (values: readonly unknown[]) => keyBytes(values.map(toKeyValue), directions);

  return {
    spec,
    fields: fieldsOf(spec),
    keys(document) {
      if (filter !== undefined && !filter.matches(document)) return [];
      const tuples: unknown[][] = [];
      collectTuples(
        paths.map((parts) => walk(document, parts, 0, false)),
        paths,
        tuples,
      );
      const found = spec.sparse
        ? tuples.filter((values) => values.some((value) => value !== missing))
        : tuples;
      return found.length === 1 ? [toBytes(found[0]!)] : sortedSet(found.map(toBytes));
    },
    isMultikey(document) {
      return paths.some((parts) => walk(document, parts, 0, false).array !== undefined);
    },
  };
}

function fieldsOf({ key, partial = {} }: IndexSpec): readonly string[] | undefined {
  const names = Object.keys(partial);
  if (names.some((name) => name.startsWith('$'))) return undefined;
  return [...key.map(([path]) => path), ...names].map((path) => path.split('.')[0]!);
}

/** How far a path has been followed: to a value, or to an array whose elements have to be looked at one by one. */
interface Reached {
  readonly value: unknown;
  readonly array?: readonly unknown[];
  /** The parts of the path already behind. */
  readonly depth: number;
}

/** An element of an array is no array to be expanded again: `[[1]]` has the key `[1]`. */
function walk(from: unknown, parts: Path, depthBefore: number, element: boolean): Reached {
  let value = from;
  let depth = depthBefore;
  for (let isElement = element; ; isElement = false) {
    if (Array.isArray(value) && !isElement) return { value: missing, array: value, depth };
    if (depth === parts.length) return { value, depth };
    if (!isDocument(value)) return { value: missing, depth };
    const fields = plainFields(value);
    const part = parts[depth]!;
    if (!Object.hasOwn(fields, part)) return { value: missing, depth };
    value = fields[part];
    depth += 1;
  }
}

/** Adds the tuples of values that these paths lead to. */
function collectTuples(reached: readonly Reached[], paths: readonly Path[], tuples: unknown[][]): void {
  const array = sharedArray(reached, paths);
  if (array === undefined) {
    tuples.push(reached.map(({ value }) => value));
  } else if (array.length === 0) {
    const atEnd = ({ depth }: Reached, at: number) => depth === paths[at]!.length;
    tuples.push(
      reached.map((state, at) =>
        state.array === undefined ? state.value : atEnd(state, at) ? emptyArray : missing,
      ),
    );
  } else {
    for (const element of array) {
      const next = reached.map((state, at) =>
        state.array === undefined ? state : walk(element, paths[at]!, state.depth, true),
      );
      collectTuples(next, paths, tuples);
    }
  }
}

function sharedArray(reached: readonly Reached[], paths: readonly Path[]): readonly unknown[] | undefined {
  let first: number | undefined;
  for (const [at, { array }] of reached.entries()) {
    if (array === undefined) continue;
    if (first === undefined) {
      first = at;
    } else if (array !== reached[first]!.array) {
      const names = [at, first].map((field) => `[${paths[field]!.slice(0, reached[field]!.depth).at(-1)}]`);
      throw new CommandError('CannotIndexParallelArrays', `cannot index parallel arrays ${names.join(' ')}`);
    }
  }
  return first === undefined ? undefined : reached[first]!.array;
}

function sortedSet(keys: Uint8Array[]): Uint8Array[] {
  keys.sort(compareBytes);
  return keys.filter((key, at) => at === 0 || compareBytes(key, keys[at - 1]!) !== 0);
}
