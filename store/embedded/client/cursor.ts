// A cursor as the driver's: read by document, batch, array, iterator or stream. It opens at the first read, keeps its
// snapshot until it is exhausted or closed, and belongs to the transaction it was opened in.
import { EventEmitter } from 'node:events';
import { Readable } from 'node:stream';
import type { Document } from 'bson';
import {
  BSON,
  Long,
  MongoAPIError,
  MongoCursorExhaustedError,
  MongoCursorInUseError,
  MongoInvalidArgumentError,
} from 'mongodb';
import { CommandError, unsupported } from '../errors.js';
import type { Bytes, Store, StoreCursor, Transaction } from '../store.js';
import { toDriverError } from './errors-out.js';
import type { Executor } from './executor.js';
import { type BsonOptions, type Options, toResult } from './values.js';

/** Documents fetched at a time unless the caller says. */
const batchSizeDefault = 1000;

/** The driver's flags that ask for something a single store has no use for. */
const harmlessFlags = new Set(['noCursorTimeout', 'partial', 'oplogReplay', 'exhaust']);
const refusedFlags = new Set(['tailable', 'awaitData']);

let lastId = 0;

export abstract class EmbeddedCursor<T = Document> extends EventEmitter {
  readonly client: Executor;
  readonly bson: BsonOptions;
  protected readonly options: Record<string, unknown>;
  #source: StoreCursor | undefined;
  #transaction: Transaction | undefined;
  #fetching: Promise<void> | undefined;
  #batch: Bytes[] = [];
  #position = 0;
  #id: Long | undefined;
  #initialized = false;
  #finished = false;
  #killed = false;
  #transform: ((document: Document) => unknown) | undefined;

  constructor(client: Executor, options: Options, bson: BsonOptions) {
    super();
    this.client = client;
    this.options = { ...options };
    this.bson = bson;
  }

  /** Opens the result in the store. */
  protected abstract open(store: Store, transaction: Transaction | undefined): Promise<StoreCursor>;

  get id(): Long | undefined {
    return this.#id;
  }

  get closed(): boolean {
    return this.#finished && this.bufferedCount() === 0;
  }

  get killed(): boolean {
    return this.#killed;
  }

  get session(): unknown {
    return this.options['session'];
  }

  bufferedCount(): number {
    return this.#batch.length - this.#position;
  }

  /** The documents already fetched, at most `number`, untransformed. */
  readBufferedDocuments(number = this.bufferedCount()): Document[] {
    const documents: Document[] = [];
    while (documents.length < number && this.bufferedCount() > 0) documents.push(this.#shift());
    return documents;
  }

  async hasNext(): Promise<boolean> {
    if (this.#killed) return false;
    while (this.bufferedCount() === 0 && !this.#finished) await this.#fetch();
    return this.bufferedCount() > 0;
  }

  async next(): Promise<T | null> {
    if (this.#killed) throw new MongoCursorExhaustedError();
    while (this.bufferedCount() === 0) {
      if (this.#finished) return null;
      await this.#fetch();
    }
    const document = this.#shift();
    return this.#transform === undefined ? (document as T) : this.#transformed(document);
  }

  /** As `next`: nothing can follow the end of a result here. */
  async tryNext(): Promise<T | null> {
    return this.next();
  }

  async toArray(): Promise<T[]> {
    const result: T[] = [];
    if (this.#killed) return result;
    for (;;) {
      while (this.bufferedCount() > 0) {
        const document = this.#shift();
        result.push(this.#transform === undefined ? (document as T) : await this.#transformed(document));
      }
      if (this.#finished) return result;
      await this.#fetch();
    }
  }

  /** Stops when the callback returns false. */
  async forEach(iterator: (document: T) => unknown): Promise<void> {
    if (typeof iterator !== 'function') {
      throw new MongoInvalidArgumentError('Argument "iterator" must be a function');
    }
    for await (const document of this) {
      if (iterator(document) === false) break;
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    if (this.closed) return;
    try {
      while (!this.#killed) {
        const document = await this.next();
        if (document === null) return;
        yield document;
      }
    } finally {
      await this.close();
    }
  }

  stream(): Readable {
    return Readable.from(this, { objectMode: true });
  }

  async close(): Promise<void> {
    if (this.#source !== undefined && !this.#finished) {
      this.#killed = true;
      this.#id = Long.ZERO;
    }
    this.#finish();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Starts over: the next read opens the result again. */
  rewind(): void {
    if (!this.#initialized) return;
    this.#finish();
    this.#batch = [];
    this.#position = 0;
    this.#id = undefined;
    this.#initialized = false;
    this.#finished = false;
    this.#killed = false;
    this.#transaction = undefined;
  }

  map<U>(transform: (document: T) => U): EmbeddedCursor<U> {
    this.refuseInUse();
    const before = this.#transform as ((document: Document) => T) | undefined;
    this.#transform =
      before === undefined
        ? (transform as (document: Document) => unknown)
        : (document) => transform(before(document));
    return this as unknown as EmbeddedCursor<U>;
  }

  batchSize(value: number): this {
    return this.setNumber('batchSize', value);
  }

  maxTimeMS(value: number): this {
    return this.setNumber('maxTimeMS', value);
  }

  comment(value: unknown): this {
    return this.set('comment', value);
  }

  hint(value: unknown): this {
    return this.set('hint', value);
  }

  withReadPreference(value: unknown): this {
    return this.set('readPreference', value);
  }

  withReadConcern(value: unknown): this {
    return this.set('readConcern', value);
  }

  addCursorFlag(flag: string, value: boolean): this {
    if (typeof value !== 'boolean') {
      throw new MongoInvalidArgumentError(`Flag ${flag} must be a boolean value`);
    }
    if (harmlessFlags.has(flag)) return this;
    if (!refusedFlags.has(flag)) {
      const known = [...harmlessFlags, ...refusedFlags];
      throw new MongoInvalidArgumentError(`Flag ${flag} is not one of ${known}`);
    }
    return this.set(flag, value);
  }

  protected set(name: string, value: unknown): this {
    this.refuseInUse();
    this.options[name] = value;
    return this;
  }

  protected setNumber(name: string, value: number): this {
    if (typeof value !== 'number') {
      throw new MongoInvalidArgumentError(`Operation "${name}" requires an integer`);
    }
    return this.set(name, value);
  }

  protected refuseInUse(): void {
    if (this.#initialized) throw new MongoCursorInUseError();
  }

  #shift(): Document {
    const bytes = this.#batch[this.#position] as Bytes;
    this.#position += 1;
    return toResult(bytes, this.bson);
  }

  async #transformed(document: Document): Promise<T> {
    let result: unknown;
    try {
      result = await this.#transform?.(document);
    } catch (error) {
      await this.close();
      throw error;
    }
    if (result === null) {
      await this.close();
      throw new MongoAPIError(
        'Cursor returned a `null` document, but the cursor is not exhausted.  Mapping documents to `null` is not supported in the cursor transform.',
      );
    }
    return result as T;
  }

  /** One fetch at a time, however many readers wait for it. */
  #fetch(): Promise<void> {
    this.#fetching ??= this.#fetchBatch().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #fetchBatch(): Promise<void> {
    this.#initialized = true;
    try {
      const size = toBatchSize(this.options['batchSize']);
      const { documents, done } = await this.client.run(
        this.options['session'],
        async (store, transaction) => {
          if (this.#source === undefined) {
            this.#source = await this.open(store, transaction);
            this.#transaction = transaction;
            lastId += 1;
            this.#id = Long.fromNumber(lastId);
            this.client.track(this);
          } else if (this.#transaction !== transaction) {
            throw new CommandError('CursorNotFound', 'the cursor belongs to a transaction that has ended');
          }
          return this.#source.next(size);
        },
      );
      // What arrives after it was closed is dropped.
      if (this.#finished) return;
      this.#batch = documents;
      this.#position = 0;
      if (done) {
        this.#id = Long.fromNumber(0);
        this.#finish();
      }
    } catch (error) {
      if (this.#finished) return;
      this.#finish();
      throw error;
    } finally {
      if (this.#finished) this.#letGo();
    }
  }

  #letGo(): void {
    this.#source?.close();
    this.#source = undefined;
    this.client.untrack(this);
  }

  #finish(): void {
    // A read that is cut short would abort its transaction: there, it comes to its end first.
    if (this.#fetching === undefined || this.#transaction === undefined) this.#letGo();
    if (this.#finished) return;
    this.#finished = true;
    this.emit('close');
  }
}

function toBatchSize(value: unknown): number {
  const size = Number(value ?? 0);
  if (Number.isSafeInteger(size) && size >= 0) return size || batchSizeDefault;
  throw toDriverError(
    new CommandError('BadValue', `'batchSize' must be a whole number, not ${String(value)}`),
  );
}

/** Rows that are known already, as a cursor of the store. */
export function rowsCursor(rows: readonly Document[]): StoreCursor {
  const documents = rows.map((row) => BSON.serialize(row));
  return {
    next: async (size) => ({ documents: documents.splice(0, size), done: documents.length === 0 }),
    close: () => undefined,
  };
}

/** A cursor over a short list that the store answers at once, such as the indexes of a collection. */
export class ListCursor extends EmbeddedCursor {
  readonly #list: (store: Store) => Promise<Document[]>;

  constructor(
    client: Executor,
    options: Options,
    bson: BsonOptions,
    list: (store: Store) => Promise<Document[]>,
  ) {
    super(client, options, bson);
    this.#list = list;
  }

  protected override async open(store: Store, transaction: Transaction | undefined): Promise<StoreCursor> {
    if (transaction !== undefined) throw unsupported('listing collections or indexes in a transaction');
    return rowsCursor(await this.#list(store));
  }
}
