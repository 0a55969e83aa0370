// The cursors that clients have open, by id; and how their results are cut into replies.
import { randomBytes } from 'node:crypto';
import { Long } from 'bson';
import { CommandError } from '../errors.js';
import type { Bytes, Namespace, StoreCursor } from '../store.js';
import type { WireLimits } from './limits.js';
import { nested, type Raw, rawArray } from './reply.js';

/** Whose cursor it is: a client goes on reading in the session and transaction in which it began. */
export interface CursorOwner {
  readonly session?: string;
  /** Of the transaction. */
  readonly number?: number;
}

interface Batch {
  readonly documents: Bytes[];
  readonly done: boolean;
}

class OpenCursor {
  readonly ns: Namespace;
  readonly owner: CursorOwner;
  readonly #source: StoreCursor;
  readonly #limits: WireLimits;
  lastUsedMs = performance.now();
  isBusy = false;
  /** Read from the store, but too much for the last reply. */
  #waiting: Bytes[] = [];
  #exhausted = false;

  constructor(ns: Namespace, source: StoreCursor, owner: CursorOwner, limits: WireLimits) {
    this.ns = ns;
    this.owner = owner;
    this.#source = source;
    this.#limits = limits;
  }

  /** At most `size` documents and what a reply may hold, but at least one if there is one. */
  async batch(size: number): Promise<Batch> {
    const documents: Bytes[] = [];
    let bytes = 0;
    let isFull = false;
    while (!isFull && documents.length < size) {
      if (this.#waiting.length === 0) {
        if (this.#exhausted) break;
        await this.#read(size - documents.length, bytes, documents.length);
      }
      let taken = 0;
      for (const document of this.#waiting) {
        isFull = documents.length > 0 && bytes + document.length > this.#limits.batchBytesMax;
        if (isFull || documents.length === size) break;
        documents.push(document);
        bytes += document.length;
        taken += 1;
      }
      this.#waiting = this.#waiting.slice(taken);
    }
    return { documents, done: this.#exhausted && this.#waiting.length === 0 };
  }

  close(): void {
    this.#source.close();
  }

  /** Reads about as many as fit the reply, to go by those that are in it. */
  async #read(wanted: number, bytes: number, count: number): Promise<void> {
    const likely =
      count === 0 ? 16 : Math.ceil(((this.#limits.batchBytesMax - bytes) * count) / Math.max(bytes, 1));
    const { documents, done } = await this.#source.next(Math.min(wanted, Math.max(likely, 1), 4096));
    this.#waiting = documents;
    this.#exhausted = done;
  }
}

export class Cursors {
  readonly #open = new Map<string, OpenCursor>();
  readonly #limits: WireLimits;

  constructor(limits: WireLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#open.size;
  }

  /**
   * The `cursor` field of a reply with the first batch; what is left can be had with `getMore`.
   *
   * @param batchSize Undefined: MongoDB's default. 0: an empty batch, which only opens the cursor.
   */
  async first(
    ns: Namespace,
    source: StoreCursor,
    {
      batchSize,
      singleBatch = false,
      owner,
    }: { batchSize?: number | undefined; singleBatch?: boolean; owner: CursorOwner },
  ): Promise<Raw> {
    const cursor = new OpenCursor(ns, source, owner, this.#limits);
    try {
      const { documents, done } = await cursor.batch(batchSize ?? this.#limits.firstBatchDefault);
      const isOver = done || singleBatch;
      if (isOver) cursor.close();
      return toCursorField('firstBatch', documents, isOver ? Long.ZERO : this.#register(cursor), ns);
    } catch (error) {
      cursor.close();
      throw error;
    }
  }

  /** @throws {CommandError} `CursorNotFound`, `CursorInUse`, or what the read throws: the cursor is then gone. */
  async more(id: Long, ns: Namespace, batchSize: number | undefined, owner: CursorOwner): Promise<Raw> {
    const cursor = this.#open.get(id.toString());
    if (cursor === undefined || cursor.ns !== ns) {
      throw new CommandError('CursorNotFound', `cursor id ${id} not found`);
    }
    if (cursor.isBusy) throw new CommandError('CursorInUse', `cursor id ${id} is already in use`);
    if (cursor.owner.session !== owner.session || cursor.owner.number !== owner.number) {
      throw new CommandError(
        'BadValue',
        `cursor id ${id} was opened in another session or transaction than the one it is read in`,
      );
    }
    cursor.isBusy = true;
    try {
      const { documents, done } = await cursor.batch(batchSize ?? Number.MAX_SAFE_INTEGER);
      if (done) this.#close(id.toString());
      return toCursorField('nextBatch', documents, done ? Long.ZERO : id, ns);
    } catch (error) {
      this.#close(id.toString());
      throw error;
    } finally {
      cursor.isBusy = false;
      cursor.lastUsedMs = performance.now();
    }
  }

  /** Whether there was such a cursor. */
  kill(id: Long, ns: Namespace): boolean {
    return this.#open.get(id.toString())?.ns === ns && this.#close(id.toString());
  }

  /** Closes the cursors of a session, or of one of its transactions. */
  endSession(session: string, number?: number): void {
    for (const [id, { owner }] of this.#open) {
      if (owner.session === session && (number === undefined || owner.number === number)) this.#close(id);
    }
  }

  endIdle(): void {
    const before = performance.now() - this.#limits.cursorIdleMsMax;
    for (const [id, cursor] of this.#open) if (!cursor.isBusy && cursor.lastUsedMs < before) this.#close(id);
  }

  endAll(): void {
    for (const id of this.#open.keys()) this.#close(id);
  }

  #register(cursor: OpenCursor): Long {
    if (this.#open.size >= this.#limits.cursorsMax) {
      throw new CommandError('OperationFailed', `more than ${this.#limits.cursorsMax} cursors are open`);
    }
    for (;;) {
      // Positive and not to be guessed; 0 means "no cursor".
      const id = new Long(randomBytes(4).readInt32LE(), randomBytes(4).readInt32LE() & 0x7fffffff);
      if (id.isZero() || this.#open.has(id.toString())) continue;
      this.#open.set(id.toString(), cursor);
      return id;
    }
  }

  #close(id: string): boolean {
    const cursor = this.#open.get(id);
    if (cursor === undefined) return false;
    this.#open.delete(id);
    cursor.close();
    return true;
  }
}

function toCursorField(name: 'firstBatch' | 'nextBatch', documents: Bytes[], id: Long, ns: Namespace): Raw {
  return nested({ [name]: rawArray(documents), id, ns });
}

/** A cursor over documents that are all there. */
export function listCursor(documents: readonly Bytes[]): StoreCursor {
  let at = 0;
  return {
    next: async (size) => {
      const page = documents.slice(at, at + size);
      at += page.length;
      return { documents: page, done: at >= documents.length };
    },
    close: () => {
      at = documents.length;
    },
  };
}
