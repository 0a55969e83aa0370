// The paths of an update: dotted names, array positions, and the three positional parts `$`, `$[]` and `$[name]`.
import { CommandError } from '../errors.js';

/** Parts of one path, at most: deeper documents are no BSON that MongoDB takes either. */
export const pathPartsMax = 180;

export type Path = readonly string[];

/** True for `$`, `$[]` and `$[name]`. */
export function isPositional(part: string): boolean {
  return part === '$' || (part.startsWith('$[') && part.endsWith(']'));
}

/** An array position: digits without a leading zero. */
export function isPosition(part: string): boolean {
  return /^(?:0|[1-9]\d*)$/.test(part);
}

/**
 * The parts of an update's path.
 *
 * @throws {CommandError} `EmptyFieldName`, `DollarPrefixedFieldName` or `BadValue`, as in MongoDB.
 */
export function parsePath(path: string): Path {
  if (path === '') throw new CommandError('EmptyFieldName', 'An empty update path is not valid.');
  const parts = path.split('.');
  if (parts.length > pathPartsMax) {
    throw new CommandError('BadValue', `an update path has ${parts.length} parts, more than ${pathPartsMax}`);
  }
  if (parts.includes('')) {
    throw new CommandError(
      'EmptyFieldName',
      `The update path '${path}' contains an empty field name, which is not allowed.`,
    );
  }
  for (const part of parts) {
    if (part.startsWith('$') && !isPositional(part)) {
      throw new CommandError(
        'DollarPrefixedFieldName',
        `The dollar ($) prefixed field '${part}' in '${path}' is not valid for storage.`,
      );
    }
  }
  const first = parts[0]!;
  if (first === '$') {
    throw new CommandError(
      'BadValue',
      `Cannot have positional (i.e. '$') element in the first position in path '${path}'`,
    );
  }
  if (isPositional(first)) {
    throw new CommandError(
      'BadValue',
      `Cannot have array filter identifier (i.e. '$[<id>]') element in the first position in path '${path}'`,
    );
  }
  if (parts.filter((part) => part === '$').length > 1) {
    throw new CommandError('BadValue', `Too many positional (i.e. '$') elements found in path '${path}'`);
  }
  return parts;
}

/**
 * The order in which MongoDB (5.0 and later) applies updates, and so appends new fields: lexicographic part by part,
 * array positions by their number.
 */
export function comparePaths(a: Path, b: Path): number {
  const shared = Math.min(a.length, b.length);
  for (let index = 0; index < shared; index += 1) {
    const order = compareParts(a[index]!, b[index]!);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareParts(a: string, b: string): number {
  if (a === b) return 0;
  if (isPosition(a) && isPosition(b)) return a.length - b.length || (a < b ? -1 : 1);
  return a < b ? -1 : 1;
}

/** The shorter of the two if one path is, or leads to, the other. */
export function commonPath(a: Path, b: Path): Path | undefined {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  return short.every((part, index) => part === long[index]) ? short : undefined;
}
