// Reads the rows of one collection over one connection: by `_id`, by range of an index, or all of them; always a
// bounded page at a time, so that no statement stays open between pages.
import type { CollectionEntry, IndexEntry } from './catalog.js';
import type { Cell, Connection } from './connection.js';
import { collectionTable, indexTable } from './layout.js';

/** A stored document and where it lies. */
export interface Row {
  /** Position in order of insertion. */
  readonly rid: number;
  /** Key bytes of `_id`. */
  readonly id: Uint8Array;
  /** Changes with every write of the document. */
  readonly rev: number;
  readonly body: Uint8Array;
}

/** A row found through an index, with the key that led to it. */
export interface IndexedRow extends Row {
  readonly key: Uint8Array;
}

export interface KeyRange {
  /** Inclusive. */
  readonly low: Uint8Array;
  /** Exclusive. */
  readonly high: Uint8Array;
}

/** A statement is prepared for each number of them. */
export const idsPerQuery = 32;

export class CollectionSource {
  readonly #connection: Connection;
  readonly #table: string;
  readonly entry: CollectionEntry;

  constructor(connection: Connection, entry: CollectionEntry) {
    this.#connection = connection;
    this.#table = collectionTable(entry.id);
    this.entry = entry;
  }

  byId(id: Uint8Array): Row | undefined {
    const cells = this.#connection.get(`SELECT rid, rev, body FROM ${this.#table} WHERE id = ?`, [id]);
    return cells && { rid: cells[0] as number, id, rev: cells[1] as number, body: cells[2] as Uint8Array };
  }

  /** The rows of these `_id` key bytes, at most {@link idsPerQuery}, in ascending order of them. */
  byIds(ids: readonly Uint8Array[]): Row[] {
    const sql =
      `SELECT rid, id, rev, body FROM ${this.#table} ` +
      `WHERE id IN (${ids.map(() => '?').join()}) ORDER BY id`;
    return this.#connection.all(sql, [...ids]).map(toRow);
  }

  /** Those of these `_id` key bytes that are stored. */
  present(ids: readonly Uint8Array[]): Uint8Array[] {
    const found: Uint8Array[] = [];
    for (let at = 0; at < ids.length; at += idsPerQuery) {
      const asked = ids.slice(at, at + idsPerQuery);
      const sql = `SELECT id FROM ${this.#table} WHERE id IN (${asked.map(() => '?').join()})`;
      for (const [id] of this.#connection.all(sql, asked)) found.push(id as Uint8Array);
    }
    return found;
  }

  /** The next rows in order of insertion, or in reverse, after the given position. */
  page(after: number | undefined, reverse: boolean, limit: number): Row[] {
    const [beyond, order] = reverse ? ['<', 'DESC'] : ['>', 'ASC'];
    const start = after ?? (reverse ? Number.MAX_SAFE_INTEGER : -1);
    return this.#connection
      .all(
        `SELECT rid, id, rev, body FROM ${this.#table} WHERE rid ${beyond} ? ORDER BY rid ${order} LIMIT ?`,
        [start, limit],
      )
      .map(toRow);
  }

  /** The next rows of a range of an index (of `_id` if none is given) in its order, or in reverse, after a row. */
  range(
    index: IndexEntry | undefined,
    { low, high }: KeyRange,
    after: IndexedRow | undefined,
    reverse: boolean,
    limit: number,
  ): IndexedRow[] {
    const order = reverse ? 'DESC' : 'ASC';
    const beyond = reverse ? '<' : '>';
    const bounds: Cell[] = after === undefined ? [low, high] : [low, high, after.key, after.rid];
    const continued = after === undefined ? '' : ` AND (i.key, i.rid) ${beyond} (?, ?)`;
    const sql =
      index === undefined
        ? `SELECT rid, id, rev, body, id FROM ${this.#table} WHERE id >= ? AND id < ?` +
          `${after === undefined ? '' : ` AND id ${beyond} ?`} ORDER BY id ${order} LIMIT ?`
        : `SELECT c.rid, c.id, c.rev, c.body, i.key FROM ${indexTable(index.id)} i ` +
          `CROSS JOIN ${this.#table} c ON c.rid = i.rid WHERE i.key >= ? AND i.key < ?${continued} ` +
          `ORDER BY i.key ${order}, i.rid ${order} LIMIT ?`;
    if (index === undefined) bounds.length = Math.min(bounds.length, 3);
    return this.#connection
      .all(sql, [...bounds, limit])
      .map((cells) => ({ key: cells[4] as Uint8Array, ...toRow(cells) }));
  }

  /** Whether an index has a key in a range. */
  has(index: IndexEntry, { low, high }: KeyRange): boolean {
    const sql = `SELECT 1 FROM ${indexTable(index.id)} WHERE key >= ? AND key < ? LIMIT 1`;
    return this.#connection.get(sql, [low, high]) !== undefined;
  }

  /** How many documents there are. */
  size(): number {
    return this.#connection.get(`SELECT count(*) FROM ${this.#table}`)?.[0] as number;
  }

  /** The row that holds a key of a unique index. */
  holder(index: IndexEntry, key: Uint8Array): number | undefined {
    return this.#connection.get(`SELECT rid FROM ${indexTable(index.id)} WHERE key = ?`, [key])?.[0] as
      | number
      | undefined;
  }

  /** The `_id` key bytes of a row. */
  idOf(rid: number): Uint8Array | undefined {
    return this.#connection.get(`SELECT id FROM ${this.#table} WHERE rid = ?`, [rid])?.[0] as
      | Uint8Array
      | undefined;
  }
}

function toRow(cells: Cell[]): Row {
  return {
    rid: cells[0] as number,
    id: cells[1] as Uint8Array,
    rev: cells[2] as number,
    body: cells[3] as Uint8Array,
  };
}
