// Pages of lists: one row more than asked for tells whether there is a next page.
import type { PageOf, Position } from '../../store/newest-first.js';
import type { Cursors } from '../cursor.js';
import type { Input } from '../input.js';
import { limit, limitDefault } from './inputs.js';

/** The rows of a page of at most `limit`, and where the next one begins; null if there is none. */
export function toPage<Row, Next>(
  found: readonly Row[],
  limit: number,
  nextAfter: (last: Row) => Next,
): { readonly rows: readonly Row[]; readonly next: Next | null } {
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  return { rows, next: found.length > limit && last !== undefined ? nextAfter(last) : null };
}

/** What every list of the newest first takes in its query string. */
export const pageParameters = {
  limit,
  cursor: { type: 'string', minLength: 1, maxLength: 600, description: '`next` of the page before' },
} as const;

/**
 * A page of the newest first, as the query string asks for it.
 *
 * @param list names the list and its filters: a cursor of another one is refused
 * @throws {RecourseError} `server.invalid-request`
 */
export async function newestFirst<Row>(
  { cursors, list, query }: { readonly cursors: Cursors; readonly list: string; readonly query: Input },
  find: (page: PageOf) => PromiseLike<readonly Row[]>,
  positionOf: (row: Row) => Position,
): Promise<{ readonly rows: readonly Row[]; readonly next: string | null }> {
  const { limit: count = limitDefault, cursor } = query;
  const after = cursor === undefined ? undefined : cursors.toPosition(String(cursor), list);
  const found = await find({ ...(after === undefined ? {} : { after }), limit: Number(count) + 1 });
  return toPage(found, Number(count), (last) => cursors.toCursor(positionOf(last), list));
}
