// Finds documents: follows the plan, filters, sorts, skips and limits. A generator that yields between pages, so that
// whoever drives it decides when others may run.
import { decode, type Document, encode } from '../bson/codec.js';
import { CommandError } from '../errors.js';
import { type Plan, planRead } from '../plan/planner.js';
import { compileFilter, type Filter } from '../query/filter.js';
import { compileProjection } from '../query/projection.js';
import { compileSort, type SortKey } from '../query/sort.js';
import { primaryOnly } from '../storage/catalog.js';
import type { CollectionSource, Row } from '../storage/collection-source.js';
import type { Bytes, FindQuery } from '../store.js';
import { candidates, type Examined } from './candidates.js';
import type { Overlay } from './overlay.js';
import { sortInSlices } from './sort-in-slices.js';

/** One collection as an operation sees it: what is stored and, over it, a transaction's own writes. */
export interface CollectionView {
  /** Absent if the collection isn't stored. */
  readonly source: CollectionSource | undefined;
  readonly overlay: Overlay | undefined;
}

/** A row that matched; decoded if matching needed it. */
export interface Found {
  readonly row: Row;
  document: Document | undefined;
}

/** As in MongoDB, what a sort in memory may hold. */
export const sortBytesMax = 100 * 1024 * 1024;

export interface CompiledFind {
  readonly filter: Filter;
  readonly plan: Plan;
  readonly query: FindQuery;
  readonly examined: Examined;
  /** The plan's order is the sort's. */
  readonly sorted: boolean;
}

/** Plans a query on a view. @throws {CommandError} for whatever in it is malformed or not supported. */
export function compileFind(view: CollectionView, asked: FindQuery): CompiledFind {
  const query = naturalAsHint(asked);
  const filter = compileFilter(query.filter);
  const hasSort = query.sort !== undefined && Object.keys(query.sort).length > 0;
  const plan = planRead(query, view.source?.entry.planned ?? primaryOnly);
  const buffered = view.overlay !== undefined && view.overlay.size > 0;
  const sorted = !hasSort || (!buffered && plan.kind === 'index' && plan.sorted);
  if (query.projection !== undefined) compileProjection(query.projection);
  if (hasSort) compileSort(query.sort ?? {});
  return { filter, plan, query, examined: { keys: 0, docs: 0 }, sorted };
}

/** `sort({ $natural: -1 })` is no sort but an order of reading. */
function naturalAsHint(query: FindQuery): FindQuery {
  if (query.sort === undefined || Object.keys(query.sort)[0] !== '$natural') return query;
  const { sort, ...rest } = query;
  return { ...rest, hint: sort };
}

export function documentOf(found: Found): Document {
  found.document ??= decode(found.row.body);
  return found.document;
}

/** Pages of matching rows in the plan's order; pages may be empty. */
function* matching(view: CollectionView, find: CompiledFind, size: number): Generator<Found[]> {
  const { filter, plan, examined } = find;
  const { source, overlay } = view;
  if (filter.never || plan.kind === 'empty') return;
  const exact = 'exact' in plan && plan.exact;
  const test = (row: Row): Found | undefined => {
    const document = decode(row.body);
    return filter.matches(document) ? { row, document } : undefined;
  };
  const keep = (row: Row): Found | undefined => {
    const buffered = overlay?.get(row.id);
    if (buffered === undefined) return exact ? { row, document: undefined } : test(row);
    // Only a scan comes by all of them, and finds each changed document in the place it has kept.
    if (plan.kind !== 'scan' || buffered.body === undefined) return undefined;
    return test({ ...row, body: buffered.body });
  };
  const isReverse = plan.kind === 'scan' && plan.reverse === true;
  const own = overlay === undefined ? [] : inPages(bufferedRows(overlay, plan));
  const stored = source === undefined ? [] : candidates(source, plan, examined, size);
  if (isReverse) for (const rows of own) yield keepAll(rows.toReversed(), test);
  for (const rows of stored) yield keepAll(rows, keep);
  if (!isReverse) for (const rows of own) yield keepAll(rows, test);
}

function keepAll(rows: readonly Row[], keep: (row: Row) => Found | undefined): Found[] {
  const kept: Found[] = [];
  for (const row of rows) {
    const found = keep(row);
    if (found !== undefined) kept.push(found);
  }
  return kept;
}

const bufferedPageSize = 256;

function* inPages(rows: readonly Row[]): Generator<Row[]> {
  for (let at = 0; at < rows.length; at += bufferedPageSize) yield rows.slice(at, at + bufferedPageSize);
}

/** The buffered rows that a plan doesn't find among the stored ones. */
function bufferedRows(overlay: Overlay, plan: Plan): Row[] {
  return plan.kind === 'id' ? overlay.rowsOf(plan.ids) : overlay.rows(plan.kind === 'scan');
}

/** Pages of the query's rows, in its order, after skip and limit. */
export function* findRows(view: CollectionView, find: CompiledFind): Generator<Found[]> {
  const { query, sorted } = find;
  const skip = query.skip ?? 0;
  const limit = query.limit === undefined || query.limit === 0 ? Number.POSITIVE_INFINITY : query.limit;
  const size = limit === Number.POSITIVE_INFINITY || !sorted ? 64 : Math.min(64, skip + limit);
  let position = 0;
  const pages = sorted ? matching(view, find, size) : sortedRows(view, find);
  for (const page of pages) {
    const from = Math.max(0, skip - position);
    const to = Math.min(page.length, skip + limit - position);
    position += page.length;
    yield from === 0 && to === page.length ? page : page.slice(from, Math.max(from, to));
    if (position >= skip + limit) return;
  }
}

function* sortedRows(view: CollectionView, find: CompiledFind): Generator<Found[]> {
  const { key, compareKeys } = compileSort(find.query.sort ?? {});
  const compare = (a: { key: SortKey }, b: { key: SortKey }): number => compareKeys(a.key, b.key);
  const { skip = 0, limit } = find.query;
  const wanted = limit === undefined || limit === 0 ? Number.POSITIVE_INFINITY : skip + limit;
  let all: { found: Found; key: SortKey }[] = [];
  let bytes = 0;
  for (const page of matching(view, find, 64)) {
    for (const found of page) {
      bytes += found.row.body.length;
      all.push({ found, key: key(documentOf(found)) });
    }
    // Of a short result, no more is held than it may need.
    if (all.length >= 2 * wanted + sortedAtLeast) {
      all = (yield* withoutPages(sortInSlices(all, compare))).slice(0, wanted);
      bytes = all.reduce((sum, { found }) => sum + found.row.body.length, 0);
    }
    if (bytes > sortBytesMax) {
      throw new CommandError(
        'QueryExceededMemoryLimitNoDiskUseAllowed',
        `sorting needs more than ${sortBytesMax} bytes: add an index for this sort, or a limit`,
      );
    }
    yield [];
  }
  all = yield* withoutPages(sortInSlices(all, compare));
  yield all.map(({ found }) => found);
}

/** Documents gathered before those beyond the limit are dropped. */
const sortedAtLeast = 2048;

/** A pause among pages is a page without rows. */
function* withoutPages<T>(steps: Generator<undefined, T>): Generator<Found[], T> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    yield [];
  }
}

/** Turns found rows into the documents that the caller gets. */
export function projector(find: CompiledFind): (found: Found) => Bytes {
  const { projection } = find.query;
  if (projection === undefined || Object.keys(projection).length === 0) return ({ row }) => row.body;
  const project = compileProjection(projection);
  return (found) => {
    const document = documentOf(found);
    return encode(project(document, find.filter.match(document).arrayIndex));
  };
}
