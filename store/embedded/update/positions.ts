// From a path with `$`, `$[]` or `$[name]` to the concrete paths it means in one document.
import type { Document } from 'bson';
import { CommandError } from '../errors.js';
import type { ElementTest } from './array-filters.js';
import { valueAt } from './at-path.js';
import { absent } from './field-update.js';
import { isPositional, type Path } from './path.js';
import { show } from './show.js';

export interface Positions {
  readonly filters: ReadonlyMap<string, ElementTest>;
  /** Where the query matched, for `$`. */
  readonly arrayIndex?: number | undefined;
}

/**
 * The paths to update, without positional parts; none if no element is meant.
 *
 * @throws {CommandError} `BadValue` if `$` has no match, or an array update meets something else than an array.
 */
export function concretePaths(document: Document, path: Path, positions: Positions): Path[] {
  const at = path.findIndex(isPositional);
  if (at === -1) return [path];
  const before = path.slice(0, at);
  const after = path.slice(at + 1);
  const part = path[at]!;
  if (part === '$') {
    if (positions.arrayIndex === undefined) {
      throw new CommandError(
        'BadValue',
        'The positional operator did not find the match needed from the query.',
      );
    }
    return concretePaths(document, [...before, String(positions.arrayIndex), ...after], positions);
  }
  const array = valueAt(document, before);
  if (array === absent) {
    throw new CommandError(
      'BadValue',
      `The path '${before.join('.')}' must exist in the document in order to apply array updates.`,
    );
  }
  if (!Array.isArray(array)) {
    throw new CommandError(
      'BadValue',
      `Cannot apply array updates to non-array element ${before.at(-1)!}: ${show(array)}`,
    );
  }
  const name = part.slice(2, -1);
  const test = name === '' ? () => true : positions.filters.get(name)!;
  return array.flatMap((element, index) =>
    test(element) ? concretePaths(document, [...before, String(index), ...after], positions) : [],
  );
}
