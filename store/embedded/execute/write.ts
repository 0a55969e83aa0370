// Runs one write statement on a view: finds its documents, changes them, hands each change to the view. The same
// code serves the writer thread, which changes the file, and a transaction, which fills its buffer.
import { ObjectId } from 'bson';
import { decode, depthMax, type Document, encode, refuseDeep, sized } from '../bson/codec.js';
import { idBytes } from '../bson/key-bytes.js';
import { CommandError } from '../errors.js';
import { compileProjection } from '../query/projection.js';
import type { Row } from '../storage/collection-source.js';
import type { Bytes, FindQuery, Namespace, WriteResult, WriteStatement } from '../store.js';
import { upsertDocument } from '../update/upsert.js';
import { compileUpdate, type Update } from '../update/update.js';
import {
  type CollectionView,
  type CompiledFind,
  compileFind,
  documentOf,
  type Found,
  findRows,
} from './find.js';

/** A new version of a document, in both forms. */
export interface Version {
  readonly id: Uint8Array;
  readonly document: Document;
  readonly body: Bytes;
}

/** A view that takes writes; each is atomic. @throws {CommandError} `DuplicateKey` before anything is changed. */
export interface WriteView extends CollectionView {
  /** The document of an `_id` as it was committed last, if that is at hand; a commit is refused if it isn't so any more. */
  recent?(id: Uint8Array): Found | undefined;
  insert(version: Version): void;
  replace(row: Row, before: Document, version: Version): void;
  remove(row: Row, before: Document): void;
}

export interface WriteScope {
  /** The collection; made if `create` is set and it isn't there. */
  view(ns: Namespace, create: boolean): WriteView;
  readonly now: Date;
}

/** Runs a statement; yields between pages. @throws {CommandError} what MongoDB would answer. */
export function* runStatement(
  statement: WriteStatement,
  scope: WriteScope,
): Generator<undefined, WriteResult> {
  if (statement.type === 'insert') return insert(statement, scope);
  if (statement.type === 'update') return yield* update(statement, scope);
  if (statement.type === 'delete') return yield* remove(statement, scope);
  return yield* modify(statement, scope);
}

type Of<T extends WriteStatement['type']> = Extract<WriteStatement, { type: T }>;

function insert({ ns, document, decoded: known }: Of<'insert'>, scope: WriteScope): WriteResult {
  const view = scope.view(ns, true);
  const body = sized(document);
  const decoded = known ?? decode(body);
  view.insert(Object.keys(decoded)[0] === '_id' ? toVersion(decoded, body) : toVersion(idFirst(decoded)));
  return { n: 1, nModified: 0 };
}

function* update(statement: Of<'update'>, scope: WriteScope): Generator<undefined, WriteResult> {
  const { ns, q, u, multi = false, upsert = false, arrayFilters, sort, hint } = statement;
  const change = compileUpdate(u, arrayFilters === undefined ? {} : { arrayFilters });
  if (multi && change.kind === 'replacement') {
    throw new CommandError('FailedToParse', 'multi update is not supported for replacement-style update');
  }
  const view = scope.view(ns, upsert);
  const targets = yield* find(view, toQuery(q, sort, hint, multi ? 0 : 1), (target) =>
    changed(target, change, scope.now),
  );
  let nModified = 0;
  for (const target of targets) {
    if (changeOne(view, target, change, scope.now) !== undefined) nModified += 1;
    yield undefined;
  }
  if (targets.length > 0 || !upsert) return { n: targets.length, nModified };
  const created = toVersion(upsertDocument(q, change, scope.now));
  view.insert(created);
  return { n: 1, nModified: 0, upsertedId: created.document['_id'] };
}

function* remove(
  { ns, q, multi = false, hint }: Of<'delete'>,
  scope: WriteScope,
): Generator<undefined, WriteResult> {
  const view = scope.view(ns, false);
  const targets = yield* find(view, toQuery(q, undefined, hint, multi ? 0 : 1), () => true);
  for (const target of targets) {
    view.remove(target.row, documentOf(target));
    yield undefined;
  }
  return { n: targets.length, nModified: 0 };
}

function* modify(statement: Of<'modify'>, scope: WriteScope): Generator<undefined, WriteResult> {
  const { ns, q, u, upsert = false, arrayFilters, sort, hint, fields } = statement;
  if ((u === undefined) === (statement.remove !== true)) {
    throw new CommandError(
      'FailedToParse',
      'either an update or remove=true must be specified, and not both',
    );
  }
  const view = scope.view(ns, upsert);
  const project = fields === undefined ? undefined : compileProjection(fields);
  const change = u && compileUpdate(u, arrayFilters === undefined ? {} : { arrayFilters });
  const [target] = yield* find(
    view,
    toQuery(q, sort, hint, 1),
    (found) => change === undefined || changed(found, change, scope.now),
  );
  const shown = (document: Document, arrayIndex?: number): Bytes =>
    encode(project === undefined ? document : project(document, arrayIndex));
  if (change === undefined) {
    if (target === undefined) return { n: 0, nModified: 0, value: null };
    const before = documentOf(target);
    view.remove(target.row, before);
    return { n: 1, nModified: 0, value: shown(before, target.arrayIndex) };
  }
  if (target !== undefined) {
    const before = documentOf(target);
    const after = changeOne(view, target, change, scope.now);
    const value = statement.new === true ? (after ?? before) : before;
    return { n: 1, nModified: after === undefined ? 0 : 1, value: shown(value, target.arrayIndex) };
  }
  if (!upsert) return { n: 0, nModified: 0, value: null };
  const created = toVersion(upsertDocument(q, change, scope.now));
  view.insert(created);
  const value = statement.new === true ? shown(created.document) : null;
  return { n: 1, nModified: 0, upsertedId: created.document['_id'], value };
}

interface Target extends Found {
  /** Which element a positional `$` means. */
  readonly arrayIndex: number | undefined;
  /** The document after the statement's change, once that was made. */
  after?: Document;
}

/**
 * All targets are found before the first is changed: a change must not bring a document before the scan again.
 *
 * @param willWrite whether the statement writes this target: only then is its commit refused if it was out of date
 */
function* find(
  view: WriteView,
  query: FindQuery,
  willWrite: (target: Target) => boolean,
): Generator<undefined, Target[]> {
  const compiled = compileFind(view, query);
  const recent = findRecent(view, compiled);
  if (recent !== undefined && willWrite(recent)) return [recent];
  const targets: Target[] = [];
  for (const page of findRows(view, compiled)) {
    for (const found of page) {
      const { arrayIndex } = compiled.filter.match(documentOf(found));
      targets.push({ ...found, arrayIndex });
    }
    yield undefined;
  }
  return targets;
}

/** The target without a read. Only a match counts: a row that is out of date may have come to match since. */
function findRecent(view: WriteView, { plan, filter }: CompiledFind): Target | undefined {
  if (plan.kind !== 'id' || plan.ids.length !== 1) return undefined;
  const id = plan.ids[0] as Uint8Array;
  const found = view.overlay?.has(id) === true ? undefined : view.recent?.(id);
  if (found === undefined) return undefined;
  const { matched, arrayIndex } = filter.match(documentOf(found));
  return matched ? { ...found, arrayIndex } : undefined;
}

function applied(target: Target, change: Update, now: Date): Document {
  const { arrayIndex } = target;
  target.after ??= change.apply(documentOf(target), arrayIndex === undefined ? { now } : { arrayIndex, now });
  return target.after;
}

/** False too if the change is refused, which a newer version may not be. */
function changed(target: Target, change: Update, now: Date): boolean {
  try {
    return applied(target, change, now) !== documentOf(target);
  } catch {
    return false;
  }
}

/** The document after the change; undefined if nothing changed. */
function changeOne(view: WriteView, target: Target, change: Update, now: Date): Document | undefined {
  const before = documentOf(target);
  const after = applied(target, change, now);
  if (after === before) return undefined;
  const body = encode(after);
  refuseTooDeep(after, body);
  view.replace(target.row, before, { id: target.row.id, document: after, body });
  return after;
}

function toQuery(
  filter: Document,
  sort: Document | undefined,
  hint: string | Document | undefined,
  limit: number,
): FindQuery {
  return { filter, limit, ...(sort !== undefined && { sort }), ...(hint !== undefined && { hint }) };
}

function idFirst(document: Document): Document {
  const { _id = new ObjectId(), ...rest } = document;
  return { _id, ...rest };
}

/** Nesting costs at least this many bytes a level, so that a smaller document can't be too deep. */
const levelBytes = 8;

export function refuseTooDeep(document: Document, body: Bytes): void {
  if (body.length > depthMax * levelBytes) refuseDeep(document);
}

function toVersion(document: Document, given?: Bytes): Version {
  const body = given ?? encode(document);
  refuseTooDeep(document, body);
  const id: unknown = document['_id'];
  if (Array.isArray(id)) {
    throw new CommandError('InvalidIdField', "The '_id' value cannot be of type array");
  }
  const type = (id as { _bsontype?: string } | null | undefined)?._bsontype;
  if (type === 'BSONRegExp' || id === undefined) {
    throw new CommandError(
      'InvalidIdField',
      `The '_id' value cannot be of type ${type ? 'regex' : 'undefined'}`,
    );
  }
  if (type === undefined && id !== null && typeof id === 'object' && !(id instanceof Date)) {
    const refused = Object.keys(id).find((key) => key.startsWith('$'));
    if (refused !== undefined) {
      throw new CommandError(
        'DollarPrefixedFieldName',
        `The dollar ($) prefixed field '${refused}' in '_id' is not valid for storage.`,
      );
    }
  }
  return { id: idBytes(id), document, body };
}
