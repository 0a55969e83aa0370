// How documents lie in the SQLite file. A collection is a table `c<n>` (rid in order of insertion, id = key bytes of
// `_id`, rev, body = BSON); a secondary index is a table `i<n>` (key bytes, rid) without rowid, so that a range of
// the index is a range of its key.
import type { Connection } from './connection.js';

/** Raised when the layout changes; a file of another format is refused, not guessed at. */
export const formatVersion = 1;

/** Creates the tables that every store has, if the file is new. */
export function layOut(connection: Connection): void {
  connection.exec(`
    CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS collections (id INTEGER PRIMARY KEY AUTOINCREMENT, ns TEXT NOT NULL UNIQUE);
    CREATE TABLE IF NOT EXISTS indexes (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      collection INTEGER NOT NULL,
      spec BLOB NOT NULL,
      multikey INTEGER NOT NULL
    );
    CREATE TABLE IF NOT EXISTS once (
      session TEXT PRIMARY KEY, number INTEGER NOT NULL, outcome BLOB NOT NULL, at INTEGER NOT NULL
    ) WITHOUT ROWID;
    INSERT OR IGNORE INTO meta VALUES ('format', ${formatVersion}), ('catalog', 0), ('epoch', 0);
  `);
}

export const collectionTable = (id: number): string => `c${id}`;
export const indexTable = (id: number): string => `i${id}`;

export function createCollectionTable(connection: Connection, id: number): void {
  connection.exec(
    `CREATE TABLE ${collectionTable(id)} (rid INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, rev INTEGER NOT NULL, body BLOB NOT NULL)`,
  );
}

export function createIndexTable(connection: Connection, id: number, unique: boolean): void {
  const primaryKey = unique ? 'PRIMARY KEY (key)' : 'PRIMARY KEY (key, rid)';
  connection.exec(
    `CREATE TABLE ${indexTable(id)} (key BLOB NOT NULL, rid INTEGER NOT NULL, ${primaryKey}) WITHOUT ROWID`,
  );
}
