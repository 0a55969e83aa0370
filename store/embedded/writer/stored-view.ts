// Writes of the writer thread: straight to the tables, inside the batch's transaction. Whatever can be refused is
// refused before the first change, so that a refused document needs no undoing.
import { decode, type Document } from '../bson/codec.js';
import { duplicateId, duplicateKeyOf } from '../execute/duplicate-key.js';
import { keyText } from '../execute/overlay.js';
import type { Version, WriteView } from '../execute/write.js';
import type { CollectionEntry, IndexEntry } from '../storage/catalog.js';
import { CollectionSource, type Row } from '../storage/collection-source.js';
import type { Connection } from '../storage/connection.js';
import { collectionTable, indexTable } from '../storage/layout.js';

/** What a view needs from the thread it lives in. */
export interface WriterState {
  readonly connection: Connection;
  /** A number that no snapshot has seen on any document. */
  nextRev(): number;
  /** The index has got its first document with an array on an indexed path. */
  becomeMultikey(index: IndexEntry): void;
}

export class StoredView implements WriteView {
  readonly overlay = undefined;
  readonly source: CollectionSource;
  readonly #entry: CollectionEntry;
  readonly #state: WriterState;
  readonly #table: string;
  /** Indexes that this view has made multikey: its entry is as it was before. */
  readonly #multikey = new Set<number>();

  constructor(entry: CollectionEntry, state: WriterState) {
    this.#entry = entry;
    this.#state = state;
    this.#table = collectionTable(entry.id);
    this.source = new CollectionSource(state.connection, entry);
  }

  insert({ id, document, body }: Version): void {
    const keys = this.#entry.indexes.map(({ index }) => index.keys(document));
    if (this.#hasUnique) {
      if (this.source.byId(id) !== undefined) throw duplicateId(this.#entry.ns, document);
      this.#refuseTaken(keys, document, undefined);
    }
    const { changes, lastInsertRowid } = this.#state.connection.run(
      `INSERT OR IGNORE INTO ${this.#table} (id, rev, body) VALUES (?, ?, ?)`,
      [id, this.#state.nextRev(), body],
    );
    if (changes === 0) throw duplicateId(this.#entry.ns, document);
    for (const [position, entry] of this.#entry.indexes.entries()) {
      this.#addKeys(entry, keys[position] ?? [], lastInsertRowid, document);
    }
  }

  replace(row: Row, before: Document, { document, body }: Version): void {
    const changes = this.#entry.indexes.map(({ index }) =>
      keyChanges(index.keys(before), index.keys(document)),
    );
    if (this.#hasUnique) {
      this.#refuseTaken(
        changes.map(({ added }) => added),
        document,
        row.rid,
      );
    }
    this.#state.connection.run(`UPDATE ${this.#table} SET rev = ?, body = ? WHERE rid = ?`, [
      this.#state.nextRev(),
      body,
      row.rid,
    ]);
    for (const [position, entry] of this.#entry.indexes.entries()) {
      const { removed, added } = changes[position] ?? { removed: [], added: [] };
      this.#removeKeys(entry, removed, row.rid);
      this.#addKeys(entry, added, row.rid, document);
    }
  }

  remove(row: Row, before: Document): void {
    this.#state.connection.run(`DELETE FROM ${this.#table} WHERE rid = ?`, [row.rid]);
    for (const entry of this.#entry.indexes) this.#removeKeys(entry, entry.index.keys(before), row.rid);
  }

  /**
   * Lets go of the unique keys that a version about to be written no longer has, so that another document of the
   * same transaction can take them.
   */
  releaseKeys(row: Row, before: Document, after: Uint8Array | undefined): void {
    if (!this.#hasUnique) return;
    const document = after === undefined ? undefined : decode(after);
    for (const entry of this.#entry.indexes) {
      if (!entry.spec.unique) continue;
      const keys = document === undefined ? [] : entry.index.keys(document);
      this.#removeKeys(entry, keyChanges(entry.index.keys(before), keys).removed, row.rid);
    }
  }

  get #hasUnique(): boolean {
    return this.#entry.indexes.some(({ spec }) => spec.unique);
  }

  #refuseTaken(keys: readonly (readonly Uint8Array[])[], document: Document, self: number | undefined): void {
    for (const [position, entry] of this.#entry.indexes.entries()) {
      if (!entry.spec.unique) continue;
      for (const key of keys[position] ?? []) {
        const holder = this.source.holder(entry, key);
        if (holder !== undefined && holder !== self)
          throw duplicateKeyOf(this.#entry.ns, entry.spec, document);
      }
    }
  }

  #addKeys(entry: IndexEntry, keys: readonly Uint8Array[], rid: number, document: Document): void {
    for (const key of keys) {
      this.#state.connection.run(`INSERT INTO ${indexTable(entry.id)} (key, rid) VALUES (?, ?)`, [key, rid]);
    }
    if (entry.multikey || this.#multikey.has(entry.id) || !entry.index.isMultikey(document)) return;
    this.#multikey.add(entry.id);
    this.#state.becomeMultikey(entry);
  }

  #removeKeys(entry: IndexEntry, keys: readonly Uint8Array[], rid: number): void {
    for (const key of keys) {
      this.#state.connection.run(`DELETE FROM ${indexTable(entry.id)} WHERE key = ? AND rid = ?`, [key, rid]);
    }
  }
}

/** Which keys a new version of a document drops and which it brings. */
export function keyChanges(
  before: readonly Uint8Array[],
  after: readonly Uint8Array[],
): { removed: Uint8Array[]; added: Uint8Array[] } {
  if (before.length === 1 && after.length === 1 && Buffer.compare(before[0]!, after[0]!) === 0) {
    return { removed: [], added: [] };
  }
  const old = new Set(before.map(keyText));
  const fresh = new Set(after.map(keyText));
  return {
    removed: before.filter((key) => !fresh.has(keyText(key))),
    added: after.filter((key) => !old.has(keyText(key))),
  };
}
