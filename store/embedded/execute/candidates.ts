// Follows a plan to the rows that may match: in pages, so that the caller can stop early or let others run.
import type { IndexPlan, Plan } from '../plan/planner.js';
import type { IndexEntry } from '../storage/catalog.js';
import {
  type CollectionSource,
  idsPerQuery,
  type IndexedRow,
  type Row,
} from '../storage/collection-source.js';

/** What a query has looked at so far. */
export interface Examined {
  keys: number;
  docs: number;
}

const pageMax = 256;
const pageBytesMax = 1024 * 1024;

/** Size of the next page: doubles while pages are small, so that a find of one document reads few rows. */
function nextSize(size: number, rows: readonly Row[]): number {
  let bytes = 0;
  for (const row of rows) bytes += row.body.length;
  return bytes > pageBytesMax ? Math.max(1, size >> 1) : Math.min(pageMax, size * 2);
}

/** Pages of rows in the plan's order; no row twice. `size` is that of the first page. */
export function* candidates(
  source: CollectionSource,
  plan: Plan,
  examined: Examined,
  size: number,
): Generator<Row[], void> {
  if (plan.kind === 'id') {
    yield* byIds(source, plan.ids, examined, size);
  } else if (plan.kind === 'scan') {
    yield* scan(source, plan.reverse === true, examined, size);
  } else if (plan.kind === 'index') {
    const index = source.entry.indexes.find(({ spec }) => spec.name === plan.spec.name);
    const pages = ranges(source, index, plan, examined, size);
    yield* index?.multikey === true ? withoutRepeats(pages) : pages;
  } else if (plan.kind === 'or') {
    yield* withoutRepeats(union(source, plan.plans, examined, size));
  }
}

function* byIds(
  source: CollectionSource,
  ids: readonly Uint8Array[],
  examined: Examined,
  first: number,
): Generator<Row[]> {
  let size = first;
  for (let at = 0; at < ids.length; ) {
    const asked = ids.slice(at, at + Math.min(size, idsPerQuery));
    const rows = source.byIds(asked);
    examined.keys += asked.length;
    examined.docs += rows.length;
    if (rows.length > 0) yield rows;
    at += asked.length;
    size = nextSize(size, rows);
  }
}

function* scan(
  source: CollectionSource,
  reverse: boolean,
  examined: Examined,
  first: number,
): Generator<Row[]> {
  let after: number | undefined;
  for (let size = first; ; ) {
    const rows = source.page(after, reverse, size);
    examined.docs += rows.length;
    if (rows.length > 0) yield rows;
    if (rows.length < size) return;
    after = rows.at(-1)?.rid;
    size = nextSize(size, rows);
  }
}

/** `index` is absent for the one on `_id`, which lies in the collection's own table. */
function* ranges(
  source: CollectionSource,
  index: IndexEntry | undefined,
  { ranges: wanted, reverse }: IndexPlan,
  examined: Examined,
  first: number,
): Generator<Row[]> {
  let size = first;
  for (const range of reverse ? wanted.toReversed() : wanted) {
    let after: IndexedRow | undefined;
    for (;;) {
      const rows = source.range(index, range, after, reverse, size);
      examined.keys += rows.length;
      examined.docs += rows.length;
      if (rows.length > 0) yield rows;
      if (rows.length < size) break;
      after = rows.at(-1);
      size = nextSize(size, rows);
    }
  }
}

function* union(
  source: CollectionSource,
  plans: readonly Plan[],
  examined: Examined,
  size: number,
): Generator<Row[]> {
  for (const plan of plans) yield* candidates(source, plan, examined, size);
}

function* withoutRepeats(pages: Iterable<Row[]>): Generator<Row[]> {
  const seen = new Set<number>();
  for (const rows of pages) {
    const fresh = rows.filter(({ rid }) => !seen.has(rid) && seen.add(rid));
    if (fresh.length > 0) yield fresh;
  }
}
