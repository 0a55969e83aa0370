// Writes of an open transaction: into its buffer, over its snapshot. Unique keys are checked against both.
import type { Document } from '../bson/codec.js';
import type { CollectionSource, Row } from '../storage/collection-source.js';
import type { Namespace } from '../store.js';
import { duplicateKeyOf, duplicateId } from './duplicate-key.js';
import { keyText, type Overlay } from './overlay.js';
import type { Version, WriteView } from './write.js';

/** What is known of stored documents without reading them. */
interface Known {
  readonly recent: NonNullable<WriteView['recent']>;
  /** Whether an id is known to be free; false: it must be looked for. */
  isFree(id: Uint8Array): boolean;
}

export class BufferedView implements WriteView {
  readonly source: CollectionSource | undefined;
  readonly overlay: Overlay;
  readonly recent: Known['recent'];
  readonly #isFree: Known['isFree'];
  readonly #ns: Namespace;

  constructor(
    ns: Namespace,
    source: CollectionSource | undefined,
    overlay: Overlay,
    { recent, isFree }: Known,
  ) {
    this.#ns = ns;
    this.recent = recent;
    this.#isFree = isFree;
    this.source = source;
    this.overlay = overlay;
  }

  insert({ id, document, body }: Version): void {
    const buffered = this.overlay.get(id);
    const isStored = buffered === undefined && !this.#isFree(id) && this.source?.byId(id) !== undefined;
    if (isStored || buffered?.body !== undefined) throw duplicateId(this.#ns, document);
    this.#takeKeys(id, undefined, document);
    this.overlay.set({ id, base: buffered?.base, body, document });
  }

  replace(row: Row, before: Document, { id, document, body }: Version): void {
    this.#takeKeys(id, before, document);
    this.overlay.set({ id, base: this.#base(row), body, document });
  }

  remove(row: Row, before: Document): void {
    for (const entry of this.#unique()) {
      for (const key of entry.index.keys(before)) this.overlay.release(entry.id, key);
    }
    this.overlay.set({ id: row.id, base: this.#base(row), body: undefined });
  }

  #base(row: Row): number | undefined {
    const buffered = this.overlay.get(row.id);
    return buffered === undefined ? row.rev : buffered.base;
  }

  #unique() {
    return this.source?.entry.indexes.filter(({ spec }) => spec.unique) ?? [];
  }

  /** Checks all keys before it takes the first, so that a refused document changes nothing. */
  #takeKeys(id: Uint8Array, before: Document | undefined, after: Document): void {
    const taken = this.#unique().map((entry) => ({ entry, keys: entry.index.keys(after) }));
    for (const { entry, keys } of taken) {
      for (const key of keys) {
        if (this.#isTaken(entry, key, id)) throw duplicateKeyOf(this.#ns, entry.spec, after);
      }
    }
    for (const { entry, keys } of taken) {
      for (const key of before === undefined ? [] : entry.index.keys(before))
        this.overlay.release(entry.id, key);
      for (const key of keys) this.overlay.take(entry.id, key, id);
    }
  }

  #isTaken(entry: Parameters<CollectionSource['holder']>[0], key: Uint8Array, id: Uint8Array): boolean {
    const holder = this.overlay.holder(entry.id, key);
    if (holder !== undefined) return holder !== keyText(id);
    const rid = this.source?.holder(entry, key);
    const holderId = rid === undefined ? undefined : this.source?.idOf(rid);
    // A document that this transaction has written holds what it holds in the buffer.
    return holderId !== undefined && keyText(holderId) !== keyText(id) && !this.overlay.has(holderId);
  }
}
