// Dotted paths through documents and arrays, as MongoDB's matcher walks them: arrays on the way are looked into,
// a number names an element as well as a field.
import type { Document } from 'bson';
import { isDocument, plainFields } from '../bson/fields.js';

/** What a path leads to where there is no field; null is something else. */
export const missing: unique symbol = Symbol('missing');

export type Path = readonly string[];

export function parsePath(path: string): Path {
  return path.split('.');
}

/** What to yield for an array at the end of a path: its elements and then itself, or only itself. */
export type LeafArrays = 'elements' | 'whole';

/**
 * Takes one value; true stops the walk. `arrayIndex` is the position in the outermost array that was looked into.
 */
export type Visit = (value: unknown, arrayIndex: number | undefined) => boolean;

/**
 * Visits every value the path leads to, `missing` where a document on the way lacks the field. Nothing is visited
 * for an array on the way that holds no documents. True if a visit stopped the walk.
 */
export function walkPath(document: Document, path: Path, leafArrays: LeafArrays, visit: Visit): boolean {
  return walkDocument(document, path, 0, leafArrays, undefined, visit);
}

function walkDocument(
  document: Document,
  path: Path,
  start: number,
  leafArrays: LeafArrays,
  outer: number | undefined,
  visit: Visit,
): boolean {
  let current = document;
  for (let depth = start; ; depth += 1) {
    const fields = plainFields(current);
    const name = path[depth]!;
    if (!Object.hasOwn(fields, name)) return visit(missing, outer);
    const value: unknown = fields[name];
    const last = depth + 1 === path.length;
    if (Array.isArray(value)) {
      return last
        ? visitLeafArray(value, leafArrays, outer, visit)
        : walkArray(value, path, depth + 1, leafArrays, outer, visit);
    }
    if (last) return visit(value, outer);
    if (!isDocument(value)) return visit(missing, outer);
    current = value;
  }
}

function visitLeafArray(
  array: readonly unknown[],
  leafArrays: LeafArrays,
  outer: number | undefined,
  visit: Visit,
): boolean {
  if (leafArrays === 'elements') {
    for (let index = 0; index < array.length; index += 1) {
      if (visit(array[index], outer ?? index)) return true;
    }
  }
  return visit(array, outer);
}

/** The rest of the path, from `depth`, in each document of the array; a number also in the element it names. */
function walkArray(
  array: readonly unknown[],
  path: Path,
  depth: number,
  leafArrays: LeafArrays,
  outer: number | undefined,
  visit: Visit,
): boolean {
  const named = arrayIndexOf(path[depth]!);
  const last = depth + 1 === path.length;
  for (let index = 0; index < array.length; index += 1) {
    const item = array[index];
    const position = outer ?? index;
    const document = isDocument(item);
    if (document && walkDocument(item, path, depth, leafArrays, position, visit)) return true;
    if (index !== named) continue;
    // An element named outright is not taken apart when the path ends in it.
    if (last) {
      if (visit(item, position)) return true;
    } else if (document) {
      if (walkDocument(item, path, depth + 1, leafArrays, outer, visit)) return true;
    } else if (Array.isArray(item)) {
      if (walkArray(item, path, depth + 1, leafArrays, position, visit)) return true;
    }
  }
  return false;
}

/** The position that a path component names, or -1: decimal digits without leading zeros. */
export function arrayIndexOf(name: string): number {
  const index = Number(name);
  return Number.isInteger(index) && index >= 0 && String(index) === name ? index : -1;
}
