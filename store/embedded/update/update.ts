// An update in MongoDB's terms, compiled once and applied to any number of documents. Pure: documents in canonical
// form go in and come out, nothing is changed in place. Pipelines as updates are refused.
import type { Document } from 'bson';
import { isDocument, plainFields, setField } from '../bson/fields.js';
import { typeOf } from '../bson/type-of.js';
import { CommandError, unsupported } from '../errors.js';
import { bitOperator, incOperator, maxOperator, minOperator, mulOperator } from './arithmetic.js';
import { addToSetOperator, popOperator, pullAllOperator, pullOperator } from './array-elements.js';
import { compileArrayFilters, type ElementTest } from './array-filters.js';
import { currentDateOperator, setOnInsertOperator, setOperator, unsetOperator } from './assign.js';
import { updateAt } from './at-path.js';
import type { FieldOperator, FieldUpdate } from './field-update.js';
import { commonPath, comparePaths, isPositional, type Path, parsePath } from './path.js';
import { concretePaths } from './positions.js';
import { pushOperator } from './push.js';
import { parseRename, renameAt } from './rename.js';
import { sameValue } from './same-value.js';
import { show, showField } from './show.js';

export interface UpdateTarget {
  /** The array position that the query matched, for `$`. */
  readonly arrayIndex?: number | undefined;
  /** True while an upsert builds the document it inserts: `$setOnInsert` acts. */
  readonly insert?: boolean;
  readonly now: Date;
}

export interface Update {
  readonly kind: 'operators' | 'replacement';
  /**
   * The document after the update; the same reference if nothing changed.
   *
   * New fields are appended in MongoDB's order (5.0 and later): by path, lexicographically, positions by number.
   *
   * @throws {CommandError} as MongoDB: `ImmutableField`, `PathNotViable`, `TypeMismatch`, `BadValue`, …
   */
  apply(document: Document, at: UpdateTarget): Document;
}

const operators: ReadonlyMap<string, FieldOperator> = new Map([
  ['$set', setOperator],
  ['$unset', unsetOperator],
  ['$inc', incOperator],
  ['$mul', mulOperator],
  ['$min', minOperator],
  ['$max', maxOperator],
  ['$push', pushOperator],
  ['$pull', pullOperator],
  ['$pullAll', pullAllOperator],
  ['$addToSet', addToSetOperator],
  ['$pop', popOperator],
  ['$setOnInsert', setOnInsertOperator],
  ['$currentDate', currentDateOperator],
  ['$bit', bitOperator],
]);

/** The update operators there are; any other is refused as MongoDB refuses an unknown one. */
export const supportedUpdateOperators: readonly string[] = [...operators.keys(), '$rename'].sort();

/** What is done at one path. */
type Change =
  | { readonly path: Path; readonly update: FieldUpdate }
  | { readonly path: Path; readonly from: Path };

/**
 * An update from a document of operators or a replacement, in canonical form.
 *
 * @throws {CommandError} `FailedToParse` (unknown operator or modifier), `ConflictingUpdateOperators`, and the codes
 *   of malformed paths and arguments; `CommandNotSupported` for a pipeline.
 */
export function compileUpdate(
  update: Document,
  { arrayFilters = [] }: { readonly arrayFilters?: readonly Document[] | undefined } = {},
): Update {
  if (Array.isArray(update)) throw unsupported('an aggregation pipeline as an update');
  const first = Object.keys(update)[0];
  if (first?.startsWith('$')) return compileOperators(update, arrayFilters);
  if (arrayFilters.length > 0) {
    throw new CommandError('FailedToParse', 'arrayFilters may not be specified for a replacement');
  }
  return compileReplacement(update);
}

function compileReplacement(replacement: Document): Update {
  const dollar = Object.keys(replacement).find((name) => name.startsWith('$'));
  if (dollar !== undefined) {
    throw new CommandError(
      'DollarPrefixedFieldName',
      `The dollar ($) prefixed field '${dollar}' in '${dollar}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.`,
    );
  }
  return {
    kind: 'replacement',
    apply(document) {
      const kept = Object.hasOwn(document, '_id');
      const given = Object.hasOwn(replacement, '_id');
      if (kept && given && !sameValue(document['_id'], replacement['_id'])) {
        throw new CommandError(
          'ImmutableField',
          `After applying the update, the (immutable) field '_id' was found to have been altered to _id: ${show(replacement['_id'])}`,
        );
      }
      const next = idFirst(kept ? { ...replacement, _id: document['_id'] } : replacement);
      return sameValue(next, document) ? document : next;
    },
  };
}

/** The document with `_id`, if it has one, as its first field. */
export function idFirst(document: Document): Document {
  if (!Object.hasOwn(document, '_id')) return document;
  const ordered: Document = { _id: document['_id'] };
  for (const name of Object.keys(document)) setField(ordered, name, document[name]);
  return ordered;
}

function compileOperators(update: Document, arrayFilters: readonly Document[]): Update {
  const filters = compileArrayFilters(arrayFilters);
  const changes = Object.keys(update).flatMap((operator) => parseOperator(operator, update[operator]));
  changes.sort((a, b) => comparePaths(a.path, b.path));
  refuseConflicts(
    changes.flatMap((change) => ('from' in change ? [change.path, change.from] : [change.path])),
    'Updating the path',
    'would create a conflict at',
  );
  checkFilters(changes, filters, update);
  const positional = changes.some(({ path }) => path.some(isPositional));

  return {
    kind: 'operators',
    apply(document, { arrayIndex, insert = false, now }) {
      const concrete = positional ? concreteChanges(changes, document, filters, arrayIndex) : changes;
      let next = document;
      for (const change of concrete) {
        const context = { path: change.path.join('.'), document, insert, now };
        next =
          'from' in change
            ? renameAt(next, change.from, change.path, context)
            : updateAt(next, change.path, change.update, context);
      }
      refuseChangedId(document, next, concrete);
      return next;
    },
  };
}

function parseOperator(operator: string, argument: unknown): Change[] {
  const make = operators.get(operator);
  if (make === undefined && operator !== '$rename') {
    throw new CommandError(
      'FailedToParse',
      `Unknown modifier: ${operator}. Expected a valid update modifier or pipeline-style update specified as an array`,
    );
  }
  if (!isDocument(argument)) {
    throw new CommandError(
      'FailedToParse',
      `Modifiers operate on fields but we found type ${typeOf(argument)} instead. For example: {$mod: {<field>: ...}} not ${showField(operator, argument)}`,
    );
  }
  return Object.entries(plainFields(argument)).map(([path, value]): Change => {
    if (make !== undefined) return { path: parsePath(path), update: make(value, path) };
    const { from, to } = parseRename(path, value);
    return { path: to, from };
  });
}

/** Sorted, a path stands right before those it leads to, if nothing else comes between. */
function refuseConflicts(paths: readonly Path[], verb: string, consequence: string): void {
  const sorted = paths.toSorted(comparePaths);
  for (const [index, path] of sorted.entries()) {
    const next = sorted[index + 1];
    const common = next === undefined ? undefined : commonPath(path, next);
    if (common !== undefined) {
      throw new CommandError(
        'ConflictingUpdateOperators',
        `${verb} '${next!.join('.')}' ${consequence} '${common.join('.')}'`,
      );
    }
  }
  refuseMixedArrayAccess(paths);
}

/** `a.$[]` beside `a.0` or `a.b`: MongoDB holds that for a conflict before it looks at any document. */
function refuseMixedArrayAccess(paths: readonly Path[]): void {
  const kinds = new Map<string, boolean>();
  for (const path of paths) {
    for (let length = 1; length < path.length; length += 1) {
      const parent = path.slice(0, length).join('.');
      const elements = path[length]!.startsWith('$[');
      if ((kinds.get(parent) ?? elements) !== elements) {
        throw new CommandError(
          'ConflictingUpdateOperators',
          `Updating the path '${path.join('.')}' would create a conflict at '${parent}'`,
        );
      }
      kinds.set(parent, elements);
    }
  }
}

function checkFilters(
  changes: readonly Change[],
  filters: ReadonlyMap<string, ElementTest>,
  update: Document,
): void {
  const used = new Set<string>();
  for (const { path } of changes) {
    for (const part of path) {
      if (!part.startsWith('$[') || part === '$[]') continue;
      const name = part.slice(2, -1);
      if (!filters.has(name)) {
        throw new CommandError(
          'BadValue',
          `No array filter found for identifier '${name}' in path '${path.join('.')}'`,
        );
      }
      used.add(name);
    }
  }
  for (const name of filters.keys()) {
    if (!used.has(name)) {
      throw new CommandError(
        'FailedToParse',
        `The array filter for identifier '${name}' was not used in the update ${show(update)}`,
      );
    }
  }
}

function concreteChanges(
  changes: readonly Change[],
  document: Document,
  filters: ReadonlyMap<string, ElementTest>,
  arrayIndex: number | undefined,
): Change[] {
  const concrete = changes.flatMap((change) =>
    concretePaths(document, change.path, { filters, arrayIndex }).map(
      (path): Change => ({ ...change, path }),
    ),
  );
  concrete.sort((a, b) => comparePaths(a.path, b.path));
  for (const [index, { path }] of concrete.entries()) {
    const next = concrete[index + 1]?.path;
    if (next !== undefined && commonPath(path, next) !== undefined) {
      throw new CommandError(
        'ConflictingUpdateOperators',
        `Update created a conflict at '${commonPath(path, next)!.join('.')}'`,
      );
    }
  }
  return concrete;
}

function refuseChangedId(before: Document, after: Document, changes: readonly Change[]): void {
  if (!Object.hasOwn(before, '_id') || before['_id'] === after['_id']) return;
  const culprit = changes.find((change) =>
    [change.path, 'from' in change ? change.from : []].some((path) => path[0] === '_id'),
  );
  const path = culprit?.path.join('.') ?? '_id';
  throw new CommandError(
    'ImmutableField',
    `Performing an update on the path '${path}' would modify the immutable field '_id'`,
  );
}
