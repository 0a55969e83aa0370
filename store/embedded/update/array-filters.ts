// The `arrayFilters` of an update: which elements `$[name]` stands for.
import type { Document } from 'bson';
import { isDocument, plainFields } from '../bson/fields.js';
import { CommandError } from '../errors.js';
import { compileFilter } from '../query/filter.js';
import { show } from './show.js';

/** Says whether an array element is one that the name stands for. */
export type ElementTest = (element: unknown) => boolean;

/**
 * The filters by name.
 *
 * @throws {CommandError} `FailedToParse` or `BadValue` if a filter has no name, more than one, or one used before.
 */
export function compileArrayFilters(filters: readonly Document[]): Map<string, ElementTest> {
  const tests = new Map<string, ElementTest>();
  for (const filter of filters) {
    const names = new Set<string>();
    collectNames(filter, names);
    const [name, second] = [...names];
    if (name === undefined) {
      throw new CommandError(
        'FailedToParse',
        'Cannot use an expression without a top-level field name in arrayFilters',
      );
    }
    if (second !== undefined) {
      throw new CommandError(
        'FailedToParse',
        `Error parsing array filter :: caused by :: Expected a single top-level field name, found '${name}' and '${second}'`,
      );
    }
    if (!/^[a-z][a-zA-Z0-9]*$/.test(name)) {
      throw new CommandError(
        'BadValue',
        `Error parsing array filter :: caused by :: The top-level field name must be an alphanumeric string beginning with a lowercase letter, found '${name}'`,
      );
    }
    if (tests.has(name)) {
      throw new CommandError(
        'FailedToParse',
        `Found multiple array filters with the same top-level field name ${name}`,
      );
    }
    const compiled = compileFilter(filter);
    tests.set(name, (element) => compiled.matches({ [name]: element }));
  }
  return tests;
}

function collectNames(filter: unknown, names: Set<string>): void {
  if (!isDocument(filter)) {
    throw new CommandError('FailedToParse', `an array filter must be a document, found ${show(filter)}`);
  }
  for (const [key, value] of Object.entries(plainFields(filter))) {
    if (!key.startsWith('$')) {
      names.add(key.split('.', 1)[0]!);
    } else if (Array.isArray(value)) {
      for (const branch of value) collectNames(branch, names);
    }
  }
}
