// What cursors, collections and databases need of the client they came from.
import type { Store, Transaction, WriteOutcome, WriteStatement } from '../store.js';
import type { BsonOptions } from './values.js';

/** Runs operations on the open store, each in the transaction of the session it names. */
export interface Executor {
  /** @throws {MongoNotConnectedError} before `connect`; {MongoClientClosedError} after `close`. */
  readonly store: Store;
  readonly bsonOptions: BsonOptions;
  /** Options of the layer above that arrive here and mean nothing here, as `name` or `operation.name`. */
  readonly ignoredOptions: ReadonlySet<string>;

  /**
   * Runs one operation on the store, in the session's transaction if it has one.
   *
   * @param session A session of this client's, or nothing.
   * @param write Says of an operation that it writes, and which results abort the transaction like an error.
   * @throws {MongoServerError} for what the store refuses or fails.
   */
  run<T>(
    session: unknown,
    operation: (store: Store, transaction: Transaction | undefined) => Promise<T>,
    write?: { readonly failed: (result: T) => boolean },
  ): Promise<T>;

  /** One write of the store. A failed statement aborts the session's transaction, as in MongoDB. */
  write(statements: readonly WriteStatement[], ordered: boolean, session: unknown): Promise<WriteOutcome[]>;

  /** Runs a command that MongoDB or this store does not allow in a transaction. */
  outside<T>(command: string, session: unknown, work: () => Promise<T>): Promise<T>;

  /** Holds an open cursor until it is exhausted or closed, so that closing the client gives up its snapshot. */
  track(cursor: Closable): void;
  untrack(cursor: Closable): void;
}

export interface Closable {
  close(): Promise<void>;
}
