// The store's statements for updates, replacements and deletes, with the checks that the driver makes before it
// sends anything.
import type { Document } from 'bson';
import { MongoInvalidArgumentError } from 'mongodb';
import { unsupported } from '../errors.js';
import type { Namespace, WriteStatement } from '../store.js';
import { toDriverError } from './errors-out.js';
import { present } from './options.js';
import { type BsonOptions, type Options, toCanonical, toHint, toInserted, toSort } from './values.js';

/** Whether a document is made of update operators: its first key tells, as in the driver. */
function hasOperators(document: object): boolean {
  return Object.keys(document)[0]?.[0] === '$';
}

/** An update of operators, in canonical form. @throws {MongoInvalidArgumentError} for anything else. */
export function toUpdate(update: unknown, bson: BsonOptions): Document {
  if (update === null || typeof update !== 'object') {
    throw new MongoInvalidArgumentError('Argument "update" must be an object');
  }
  if (Array.isArray(update)) throw toDriverError(unsupported('an aggregation pipeline as an update'));
  if (bson.ignoreUndefined && Object.values(update).every((value) => value === undefined)) {
    throw new MongoInvalidArgumentError(
      'Update operations require that all atomic operators have defined values, but none were provided.',
    );
  }
  if (!hasOperators(update)) {
    throw new MongoInvalidArgumentError('Update document requires atomic operators');
  }
  return toCanonical(update, bson, 'Argument "update"');
}

/** A replacement, in canonical form. @throws {MongoInvalidArgumentError} if it holds operators. */
export function toReplacement(replacement: unknown, bson: BsonOptions): Document {
  if (replacement === null || typeof replacement !== 'object') {
    throw new MongoInvalidArgumentError('Argument "replacement" must be an object');
  }
  if (hasOperators(replacement)) {
    throw new MongoInvalidArgumentError('Replacement document must not contain atomic operators');
  }
  return toCanonical(replacement, bson, 'Argument "replacement"');
}

/** Array filters in canonical form. */
export function toArrayFilters(filters: unknown, bson: BsonOptions): Document[] | undefined {
  if (filters === undefined || filters === null) return undefined;
  if (!Array.isArray(filters)) throw new MongoInvalidArgumentError('Option "arrayFilters" must be an array');
  return filters.map((filter) => toCanonical(filter, bson, 'An array filter'));
}

/** `isBuffered`: for the buffer of a transaction. */
export const toInsertStatement = (
  ns: Namespace,
  document: Document,
  bson: BsonOptions,
  isBuffered: boolean,
): WriteStatement => ({ type: 'insert', ns, ...toInserted(document, bson, isBuffered) });

export function toUpdateStatement(
  ns: Namespace,
  filter: unknown,
  update: unknown,
  options: Options,
  bson: BsonOptions,
  multi: boolean,
): WriteStatement {
  return present({
    type: 'update' as const,
    ns,
    q: toCanonical(filter, bson, 'Selector'),
    u: toUpdate(update, bson),
    multi,
    upsert: options['upsert'] === true ? true : undefined,
    arrayFilters: toArrayFilters(options['arrayFilters'], bson),
    sort: multi ? undefined : toSort(options['sort']),
    hint: toHint(options['hint']),
  });
}

export function toReplaceStatement(
  ns: Namespace,
  filter: unknown,
  replacement: unknown,
  options: Options,
  bson: BsonOptions,
): WriteStatement {
  return present({
    type: 'update' as const,
    ns,
    q: toCanonical(filter, bson, 'Selector'),
    u: toReplacement(replacement, bson),
    upsert: options['upsert'] === true ? true : undefined,
    sort: toSort(options['sort']),
    hint: toHint(options['hint']),
  });
}

export function toDeleteStatement(
  ns: Namespace,
  filter: unknown,
  options: Options,
  bson: BsonOptions,
  multi: boolean,
): WriteStatement {
  return present({
    type: 'delete' as const,
    ns,
    q: toCanonical(filter, bson, 'Selector'),
    multi,
    hint: toHint(options['hint']),
  });
}
