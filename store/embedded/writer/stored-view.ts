// Writes of the writer thread: straight to the tables, inside the batch's transaction. Whatever can be refused is
// refused before the first change, so that a refused document needs no undoing.
import type { Document } from '../bson/codec.js';
import { duplicateId, duplicateKeyOf } from '../execute/duplicate-key.js';
import { keyText } from '../execute/overlay.js';
import type { Version, WriteView } from '../execute/write.js';
import { prefixRange } from '../plan/bounds.js';
import { valueBytes } from '../plan/index-keys.js';
import type { CollectionEntry, IndexEntry } from '../storage/catalog.js';
import { CollectionSource, type Row } from '../storage/collection-source.js';
import type { Cell, Connection } from '../storage/connection.js';
import { collectionTable, indexTable } from '../storage/layout.js';
import { WholeVersion } from './whole-version.js';

/** What a view needs from the thread it lives in. */
export interface WriterState {
  readonly connection: Connection;
  /** A number that no snapshot has seen on any document. */
  nextRev(): number;
  /** The index has got its first document with an array on an indexed path. */
  becomeMultikey(index: IndexEntry): void;
}

/** What must be known of a stored document to write over it. */
export interface Stored {
  readonly rid: number;
  readonly rev: number;
  /** Its keys in each index of the collection. */
  readonly keys: readonly (readonly Uint8Array[])[];
  /** What of it decides them; undefined: not at hand. */
  readonly keySource: string | undefined;
}

/** Documents of a collection that were written last, and need not be read before they are written again. */
const rememberedMax = 4096;

/** A statement is prepared for each number of them. */
const rowsPerStatement = 32;

/** `(?,?),(?,?)`, for so many rows. */
const rowsOf = (columns: number, rows: number): string => {
  const row = `(${new Array(columns).fill('?').join()})`;
  return new Array(rows).fill(row).join();
};

export class StoredView implements WriteView {
  readonly overlay = undefined;
  readonly source: CollectionSource;
  readonly #entry: CollectionEntry;
  readonly #state: WriterState;
  readonly #table: string;
  /** Indexes that this view has made multikey: its entry is as it was before. */
  readonly #multikey = new Set<number>();
  readonly #remembered = new Map<string, Stored>();
  readonly #hasUnique: boolean;
  /** What of a document its keys take, and what names it in an error; undefined: all of it, or nothing. */
  readonly #fields: ReadonlySet<string> | undefined;

  constructor(entry: CollectionEntry, state: WriterState) {
    this.#entry = entry;
    this.#hasUnique = entry.indexes.some(({ spec }) => spec.unique);
    const fields = entry.indexes.map(({ index }) => index.fields);
    this.#fields =
      fields.length === 0 || fields.includes(undefined)
        ? undefined
        : new Set(['_id', ...fields.flatMap((each) => each!)]);
    this.#state = state;
    this.#table = collectionTable(entry.id);
    this.source = new CollectionSource(state.connection, entry);
  }

  /** The document as it is stored now. */
  stored(id: Uint8Array): Stored | undefined {
    const known = this.#remembered.get(keyText(id));
    if (known !== undefined) return known;
    const row = this.source.byId(id);
    if (row === undefined) return undefined;
    const version = this.version(id, row.body);
    return { rid: row.rid, rev: row.rev, keys: this.#keysOf(version), keySource: version.keySource };
  }

  /** Whether an index has a document whose value of its first field is this one; true if there is no such index. */
  has(index: string, value: string): boolean {
    const entry = this.#entry.indexes.find(({ spec }) => spec.name === index);
    if (entry === undefined) return true;
    const [, direction] = entry.spec.key[0]!;
    return this.source.has(entry, prefixRange(valueBytes(value, direction)));
  }

  version(id: Uint8Array, body: Uint8Array, isFinal = false): WholeVersion {
    return new WholeVersion(id, body, this.#fields, isFinal);
  }

  /** After a roll-back: what was written last isn't there. */
  forget(): void {
    this.#remembered.clear();
  }

  insert(version: Version): void {
    const { id, body } = version;
    const keys = this.#keysOf(version);
    if (this.#hasUnique) {
      if (this.source.byId(id) !== undefined) throw duplicateId(this.#entry.ns, version.document);
      this.#refuseTaken(keys, version.document, undefined);
    }
    const rev = this.#state.nextRev();
    const { changes, lastInsertRowid } = this.#state.connection.run(
      `INSERT OR IGNORE INTO ${this.#table} (id, rev, body) VALUES (?, ?, ?)`,
      [id, rev, body],
    );
    if (changes === 0) throw duplicateId(this.#entry.ns, version.document);
    for (const [position, entry] of this.#entry.indexes.entries()) {
      this.#addKeys(entry, keys[position] ?? [], lastInsertRowid, version);
    }
    this.#remember(version, { rid: lastInsertRowid, rev, keys });
  }

  /**
   * As {@link insert}, of several, in order. @throws {CommandError} `DuplicateKey` when one of them is there; others may be written
   * by then.
   */
  insertAll(versions: readonly WholeVersion[]): void {
    if (versions.length === 1 || this.#hasUnique) {
      for (const version of versions) this.insert(version);
      return;
    }
    for (let at = 0; at < versions.length; at += rowsPerStatement)
      this.#insertTogether(versions.slice(at, at + rowsPerStatement));
  }

  #insertTogether(versions: readonly WholeVersion[]): void {
    const revs = versions.map(() => this.#state.nextRev());
    const { changes, lastInsertRowid } = this.#state.connection.run(
      `INSERT OR IGNORE INTO ${this.#table} (id, rev, body) VALUES ${rowsOf(3, versions.length)}`,
      versions.flatMap(({ id, body }, at): Cell[] => [id, revs[at]!, body]),
    );
    if (changes < versions.length) throw duplicateId(this.#entry.ns, versions[0]!.document);
    // Each row lies behind the one before.
    const firstRid = lastInsertRowid - versions.length + 1;
    const keys = versions.map((version) => this.#keysOf(version));
    for (const [position, entry] of this.#entry.indexes.entries()) {
      const rows = keys.flatMap((each, at) =>
        (each[position] ?? []).map((key): Cell[] => [key, firstRid + at]),
      );
      for (let at = 0; at < rows.length; at += rowsPerStatement) {
        const some = rows.slice(at, at + rowsPerStatement);
        this.#state.connection.run(
          `INSERT INTO ${indexTable(entry.id)} (key, rid) VALUES ${rowsOf(2, some.length)}`,
          some.flat(),
        );
      }
      for (const version of versions) this.#noteMultikey(entry, version);
    }
    for (const [at, version] of versions.entries())
      this.#remember(version, { rid: firstRid + at, rev: revs[at]!, keys: keys[at]! });
  }

  replace(row: Row, before: Document, version: Version): void {
    this.overwrite(this.#toStored(row, before), version);
  }

  remove(row: Row, before: Document): void {
    this.delete(row.id, this.#toStored(row, before));
  }

  /** As {@link replace}, of a document known by {@link stored}. */
  overwrite(before: Stored, version: Version): void {
    const { rid } = before;
    const isSame = before.keySource !== undefined && before.keySource === keySourceOf(version);
    const keys = isSame ? before.keys : this.#keysOf(version);
    const changes = isSame
      ? []
      : keys.map((after, position) => keyChanges(before.keys[position] ?? [], after));
    if (this.#hasUnique) {
      this.#refuseTaken(
        changes.map(({ added }) => added),
        version.document,
        rid,
      );
    }
    const rev = this.#state.nextRev();
    this.#state.connection.run(`UPDATE ${this.#table} SET rev = ?, body = ? WHERE rid = ?`, [
      rev,
      version.body,
      rid,
    ]);
    for (const [position, { removed, added }] of changes.entries()) {
      const entry = this.#entry.indexes[position]!;
      this.#removeKeys(entry, removed, rid);
      this.#addKeys(entry, added, rid, version);
    }
    this.#remember(version, { rid, rev, keys });
  }

  /** As {@link remove}, of a document known by {@link stored}. */
  delete(id: Uint8Array, { rid, keys }: Stored): void {
    this.#state.connection.run(`DELETE FROM ${this.#table} WHERE rid = ?`, [rid]);
    for (const [position, entry] of this.#entry.indexes.entries())
      this.#removeKeys(entry, keys[position] ?? [], rid);
    this.#remembered.delete(keyText(id));
  }

  /**
   * Lets go of the unique keys that a version about to be written (undefined: a deletion) no longer has, so that
   * another document of the same transaction can take them.
   */
  releaseKeys({ rid, keys }: Stored, after: Version | undefined): void {
    if (!this.#hasUnique) return;
    const kept = after === undefined ? [] : this.#keysOf(after);
    for (const [position, entry] of this.#entry.indexes.entries()) {
      if (!entry.spec.unique) continue;
      this.#removeKeys(entry, keyChanges(keys[position] ?? [], kept[position] ?? []).removed, rid);
    }
  }

  #keysOf(version: Pick<Version, 'document'>): readonly (readonly Uint8Array[])[] {
    return this.#entry.indexes.map(({ index }) => index.keys(version.document));
  }

  #toStored({ id, rid, rev }: Row, document: Document): Stored {
    const known = this.#remembered.get(keyText(id));
    if (known?.rev === rev) return known;
    return { rid, rev, keys: this.#keysOf({ document }), keySource: undefined };
  }

  #remember(version: Version, stored: Omit<Stored, 'keySource'>): void {
    const key = keyText(version.id);
    if (version instanceof WholeVersion && version.isFinal) {
      this.#remembered.delete(key);
      return;
    }
    if (this.#remembered.size >= rememberedMax) this.#remembered.clear();
    this.#remembered.set(key, { ...stored, keySource: keySourceOf(version) });
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

  #addKeys(entry: IndexEntry, keys: readonly Uint8Array[], rid: number, version: Version): void {
    for (const key of keys) {
      this.#state.connection.run(`INSERT INTO ${indexTable(entry.id)} (key, rid) VALUES (?, ?)`, [key, rid]);
    }
    this.#noteMultikey(entry, version);
  }

  #noteMultikey(entry: IndexEntry, version: Version): void {
    if (entry.multikey || this.#multikey.has(entry.id) || !entry.index.isMultikey(version.document)) return;
    this.#multikey.add(entry.id);
    this.#state.becomeMultikey(entry);
  }

  #removeKeys(entry: IndexEntry, keys: readonly Uint8Array[], rid: number): void {
    for (const key of keys) {
      this.#state.connection.run(`DELETE FROM ${indexTable(entry.id)} WHERE key = ? AND rid = ?`, [key, rid]);
    }
  }
}

const keySourceOf = (version: Version): string | undefined =>
  version instanceof WholeVersion ? version.keySource : undefined;

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
