// Sorting documents as MongoDB does: of an array the least element counts ascending, the greatest descending.
import type { Document } from 'bson';
import { compareValues } from '../bson/compare.js';
import { isNumber, nearestDouble } from '../bson/numbers.js';
import { CommandError, unsupported } from '../errors.js';
import type { Directions } from '../store.js';
import { keyTuples } from './key-tuples.js';
import { parsePath } from './path.js';

/** One value per field of the sort. */
export type SortKey = readonly unknown[];

export interface Sort {
  readonly directions: Directions;
  /** What decides the document's place, so that a long sort reads each document once. */
  key(document: Document): SortKey;
  compareKeys(a: SortKey, b: SortKey): number;
  compare(a: Document, b: Document): number;
}

/** @throws {CommandError} `BadValue` for a direction other than 1 and -1, `CommandNotSupported` for `$meta`. */
export function compileSort(sort: Document): Sort {
  const directions = sortDirections(sort);
  const paths = directions.map(([path]) => parsePath(path));

  function compareKeys(a: SortKey, b: SortKey): number {
    for (let field = 0; field < directions.length; field += 1) {
      const order = compareValues(a[field], b[field]);
      if (order !== 0) return order * directions[field]![1];
    }
    return 0;
  }

  function key(document: Document): SortKey {
    const { tuples } = keyTuples(document, paths);
    return tuples.reduce((first, tuple) => (compareKeys(tuple, first) < 0 ? tuple : first));
  }

  return { directions, key, compareKeys, compare: (a, b) => compareKeys(key(a), key(b)) };
}

function sortDirections(sort: Document): Directions {
  return Object.keys(sort).map((path) => {
    const value: unknown = sort[path];
    if (path === '$natural') throw unsupported('$natural in a sort');
    if (path === '' || path.startsWith('$')) {
      throw new CommandError(
        'BadValue',
        `FieldPath field names may not be empty or start with '$': "${path}"`,
      );
    }
    if (value !== null && typeof value === 'object' && Object.hasOwn(value, '$meta')) {
      throw unsupported('$meta in a sort');
    }
    if (!isNumber(value)) throw new CommandError('BadValue', `Illegal key in $sort specification: ${path}`);
    const direction = nearestDouble(value);
    if (direction !== 1 && direction !== -1) {
      throw new CommandError(
        'BadValue',
        '$sort key ordering must be 1 (for ascending) or -1 (for descending)',
      );
    }
    return [path, direction] as const;
  });
}
