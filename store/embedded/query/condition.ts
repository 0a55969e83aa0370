// What a filter asks of a field: a test of single values, and how it is applied along a path.
import type { Document } from 'bson';
import { type LeafArrays, missing, type Path, walkPath } from './path.js';

/** Where a match tells which element of an array it found; later matches overwrite it. */
export interface Found {
  arrayIndex?: number;
}

/** A test of a whole document. */
export type Matcher = (document: Document, found: Found | undefined) => boolean;

export interface Condition {
  /** On one value, or `missing`: no array is taken apart, as inside `$elemMatch`. */
  single(value: unknown, found: Found | undefined): boolean;
  /** On what a path leads to. */
  at(path: Path): Matcher;
  /** Nothing can match. */
  readonly never: boolean;
}

/** Holds if it holds for one value at the path. */
export function leaf(
  single: Condition['single'],
  { leafArrays = 'elements', never = false }: { leafArrays?: LeafArrays; never?: boolean } = {},
): Condition {
  return {
    single,
    never,
    at: (path) => (document, found) =>
      walkPath(document, path, leafArrays, (value, arrayIndex) => {
        if (!single(value, found)) return false;
        if (found !== undefined && arrayIndex !== undefined) found.arrayIndex = arrayIndex;
        return true;
      }),
  };
}

/** A leaf whose operand can't equal a missing field. */
export function presentLeaf(test: (value: unknown) => boolean): Condition {
  return leaf((value) => value !== missing && test(value));
}

export function all(conditions: readonly Condition[]): Condition {
  if (conditions.length === 1) return conditions[0]!;
  return {
    never: conditions.some(({ never }) => never),
    single: (value, found) => conditions.every((each) => each.single(value, found)),
    at: (path) => {
      const matchers = conditions.map((each) => each.at(path));
      return (document, found) => matchers.every((matches) => matches(document, found));
    },
  };
}

/** Holds where the other doesn't: for an array, if no element meets it. */
export function not(condition: Condition): Condition {
  return {
    never: false,
    single: (value) => !condition.single(value, undefined),
    at: (path) => {
      const matches = condition.at(path);
      return (document) => !matches(document, undefined);
    },
  };
}
