// What a transaction has written to one collection and not yet committed.
import type { Document } from '../bson/codec.js';
import type { Row } from '../storage/collection-source.js';

/** A buffered version of a document. */
export interface Buffered {
  readonly id: Uint8Array;
  /** `rev` of the document in the snapshot; absent if it isn't there. The commit is refused if it has changed. */
  readonly base: number | undefined;
  /** Absent: deleted. */
  readonly body: Uint8Array | undefined;
  /** The body decoded, if it was at hand. */
  readonly document?: Document | undefined;
  /** The document as it was given, not in canonical form. */
  readonly given?: Document | undefined;
  /** Not expected to be written again. */
  readonly isFinal?: boolean;
}

// One key is asked for several times in a row, by one map after the other.
let lastBytes: Uint8Array | undefined;
let lastText = '';

/** Key bytes, which nobody changes, as a map's key. */
export function keyText(bytes: Uint8Array): string {
  if (bytes !== lastBytes) {
    lastBytes = bytes;
    lastText = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  }
  return lastText;
}

/** The buffered documents of one collection, by `_id`, in order of their first write. */
export class Overlay {
  readonly #documents = new Map<string, Buffered>();
  /** For each unique index, which document (by `_id` text) has taken a key here. */
  readonly #taken = new Map<number, Map<string, string>>();

  get size(): number {
    return this.#documents.size;
  }

  get(id: Uint8Array): Buffered | undefined {
    return this.#documents.get(keyText(id));
  }

  has(id: Uint8Array): boolean {
    return this.#documents.has(keyText(id));
  }

  set(buffered: Buffered): void {
    this.#documents.set(keyText(buffered.id), buffered);
  }

  /** The same documents, for reading only: what is written here later isn't in it. */
  copy(): Overlay {
    const copy = new Overlay();
    for (const [id, buffered] of this.#documents) copy.#documents.set(id, buffered);
    return copy;
  }

  values(): IterableIterator<Buffered> {
    return this.#documents.values();
  }

  /** The buffered documents that exist, as rows after all stored ones; only those not in the snapshot if `isNew`. */
  rows(isNew = false): Row[] {
    const rows: Row[] = [];
    for (const buffered of this.#documents.values()) {
      const row = isNew && buffered.base !== undefined ? undefined : toRow(buffered);
      if (row !== undefined) rows.push(row);
    }
    return rows;
  }

  /** The buffered documents among these that exist. */
  rowsOf(ids: readonly Uint8Array[]): Row[] {
    return ids.map((id) => toRow(this.get(id))).filter((row) => row !== undefined);
  }

  /** The `_id` text of the document here that holds a key of a unique index. */
  holder(index: number, key: Uint8Array): string | undefined {
    return this.#taken.get(index)?.get(keyText(key));
  }

  take(index: number, key: Uint8Array, id: Uint8Array): void {
    let keys = this.#taken.get(index);
    if (keys === undefined) {
      keys = new Map();
      this.#taken.set(index, keys);
    }
    keys.set(keyText(key), keyText(id));
  }

  release(index: number, key: Uint8Array): void {
    this.#taken.get(index)?.delete(keyText(key));
  }
}

/** Where a new document will lie isn't known before the commit: behind all others. */
function toRow(buffered: Buffered | undefined): Row | undefined {
  if (buffered?.body === undefined) return undefined;
  const { id, base, body } = buffered;
  return { rid: Number.MAX_SAFE_INTEGER, id, rev: base ?? 0, body };
}
