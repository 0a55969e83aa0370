// Pages of lists: one row more than asked for tells whether there is a next page.

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
