// The client of one embedded store, shaped like the driver's MongoClient. Clients of the same directory share one
// open store; the last one that closes closes it.
import { EventEmitter } from 'node:events';
import { MongoClientClosedError, MongoInvalidArgumentError, MongoNotConnectedError } from 'mongodb';
import { CommandError, unsupported } from '../errors.js';
import type {
  GuardedCheck,
  GuardedWrite,
  InsertIfAny,
  Store,
  Transaction,
  WriteOutcome,
  WriteStatement,
} from '../store.js';
import { EmbeddedDb } from './db.js';
import { toDriverError } from './errors-out.js';
import type { Closable, Executor } from './executor.js';
import { checkOptions } from './options.js';
import { acquireStore, type StoreLease } from './registry.js';
import { EmbeddedSession } from './session.js';
import { type BsonOptions, bsonDefaults, bsonOptionsOf, type Options } from './values.js';

/** As in a connection string that names none. */
export const databaseNameDefault = 'test';

export interface ClientExtras {
  /** Options of the layer above that arrive here and mean nothing here, as `name` or `operation.name`. */
  readonly ignoredOptions?: ReadonlySet<string>;
}

export class EmbeddedClient extends EventEmitter implements Executor {
  readonly location: string;
  readonly options: Options;
  readonly bsonOptions: BsonOptions;
  readonly ignoredOptions: ReadonlySet<string>;
  #lease: StoreLease | undefined;
  #connecting: Promise<unknown> | undefined;
  #closed = false;
  readonly #sessions = new Set<EmbeddedSession>();
  readonly #cursors = new Set<Closable>();

  /** @param location A directory, or `:memory:` for a fresh store of this client's own. */
  constructor(location: string, options: Options = {}, { ignoredOptions = new Set() }: ClientExtras = {}) {
    super();
    checkOptions('connect', options, ignoredOptions);
    this.location = location;
    this.options = options;
    this.bsonOptions = bsonOptionsOf(options, bsonDefaults);
    this.ignoredOptions = ignoredOptions;
  }

  static async connect(location: string, options?: Options): Promise<EmbeddedClient> {
    return new EmbeddedClient(location, options).connect();
  }

  /** Opens the store, or joins the one that is open. */
  async connect(): Promise<this> {
    this.#closed = false;
    this.#connecting ??= acquireStore(this.location).then((lease) => {
      this.#lease = lease;
    });
    try {
      await this.#connecting;
    } catch (error) {
      this.#connecting = undefined;
      throw toDriverError(error);
    }
    return this;
  }

  get store(): Store {
    if (this.#lease === undefined) {
      throw this.#closed
        ? new MongoClientClosedError()
        : new MongoNotConnectedError('Client must be connected before running operations');
    }
    return this.#lease.store;
  }

  db(name: string = databaseNameDefault, options?: Options): EmbeddedDb {
    return new EmbeddedDb(this, name, options);
  }

  startSession(options?: Options): EmbeddedSession {
    const session = new EmbeddedSession(this, options);
    this.#sessions.add(session);
    return session;
  }

  async withSession<T>(
    optionsOrExecutor: Options | ((session: EmbeddedSession) => Promise<T>),
    executor?: (session: EmbeddedSession) => Promise<T>,
  ): Promise<T> {
    const work = typeof optionsOrExecutor === 'function' ? optionsOrExecutor : executor;
    if (work === undefined) {
      throw new MongoInvalidArgumentError('Missing required callback parameter');
    }
    const session = this.startSession(
      typeof optionsOrExecutor === 'function' ? undefined : optionsOrExecutor,
    );
    try {
      return await work(session);
    } finally {
      await session.endSession();
    }
  }

  async bulkWrite(): Promise<never> {
    throw toDriverError(unsupported('bulkWrite on a client or connection: use one bulkWrite per collection'));
  }

  watch(): never {
    throw toDriverError(unsupported('change streams (watch)'));
  }

  /** Ends sessions, whose open transactions are aborted, closes cursors, and gives up the store. Idempotent. */
  async close(): Promise<void> {
    await this.#connecting?.catch(() => undefined);
    const lease = this.#lease;
    if (lease === undefined) return;
    for (const cursor of [...this.#cursors]) await cursor.close();
    for (const session of [...this.#sessions]) await session.endSession();
    if (this.#lease === undefined) return;
    this.#closed = true;
    this.#lease = undefined;
    this.#connecting = undefined;
    await lease.release();
    this.emit('close');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async run<T>(
    session: unknown,
    operation: (store: Store, transaction: Transaction | undefined) => Promise<T>,
    write?: { readonly failed: (result: T) => boolean },
  ): Promise<T> {
    const own = this.#own(session);
    if (own !== undefined) return own.run(operation, write);
    try {
      return await operation(this.store, undefined);
    } catch (error) {
      throw toDriverError(error);
    }
  }

  async write(
    statements: readonly WriteStatement[],
    ordered: boolean,
    session: unknown,
  ): Promise<WriteOutcome[]> {
    return this.run(
      session,
      (store, transaction) =>
        store.write(statements, transaction === undefined ? { ordered } : { ordered, transaction }),
      { failed: (outcomes) => outcomes.some((outcome) => outcome instanceof CommandError) },
    );
  }

  /**
   * Writes whole documents, each under its guard: all, or none if one is not as expected (the answer is false then). The real
   * driver has no such thing; whoever uses it must be able to do the same in a transaction.
   */
  writeGuarded(writes: readonly GuardedWrite[], checks: readonly GuardedCheck[] = []): Promise<boolean> {
    return this.run(undefined, (store) => store.writeGuarded(writes, checks));
  }

  /** Adds new documents to the session's transaction, each left out if at the commit there is nothing that it is for. */
  insertIfAny(writes: readonly InsertIfAny[], session: unknown): Promise<void> {
    return this.run(session, async (store, transaction) => {
      if (transaction === undefined) throw new CommandError('BadValue', 'insertIfAny needs a transaction');
      await store.insertIfAny(writes, transaction);
    });
  }

  /** Has the session's transaction refused at its commit if one of these isn't as it was seen by then; false: one isn't now. */
  check(checks: readonly GuardedCheck[], session: unknown): Promise<boolean> {
    return this.run(session, async (store, transaction) => {
      if (transaction === undefined) throw new CommandError('BadValue', 'check needs a transaction');
      return store.check(checks, transaction);
    });
  }

  async outside<T>(command: string, session: unknown, work: () => Promise<T>): Promise<T> {
    return this.run(session, async (_store, transaction) => {
      if (transaction === undefined) return work();
      throw new CommandError(
        'OperationNotSupportedInTransaction',
        `Cannot run '${command}' in a multi-document transaction.`,
      );
    });
  }

  track(cursor: Closable): void {
    this.#cursors.add(cursor);
  }

  untrack(cursor: Closable): void {
    this.#cursors.delete(cursor);
  }

  forget(session: EmbeddedSession): void {
    this.#sessions.delete(session);
  }

  #own(session: unknown): EmbeddedSession | undefined {
    if (session === undefined || session === null) return undefined;
    if (!(session instanceof EmbeddedSession) || session.client !== this) {
      throw new MongoInvalidArgumentError('ClientSession must be from the same MongoClient');
    }
    return session;
  }
}
