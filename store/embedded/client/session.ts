// A client session: the driver's state machine of transactions over the store's optimistic ones. It refuses what the
// driver leaves undefined: two operations of one transaction at a time.
import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Binary,
  MongoError,
  MongoExpiredSessionError,
  MongoInvalidArgumentError,
  MongoRuntimeError,
  MongoServerError,
  MongoTransactionError,
  UUID,
} from 'mongodb';
import { CommandError, codes } from '../errors.js';
import type { OnceKey, Store, Transaction } from '../store.js';
import { toDriverError } from './errors-out.js';
import { checkOptions } from './options.js';
import type { Options } from './values.js';

/** Named as in the driver, because callers read them. */
export type TransactionState =
  | 'NO_TRANSACTION'
  | 'STARTING_TRANSACTION'
  | 'TRANSACTION_IN_PROGRESS'
  | 'TRANSACTION_COMMITTED'
  | 'TRANSACTION_COMMITTED_EMPTY'
  | 'TRANSACTION_ABORTED';

/** What a session shows of its transaction. */
export class SessionTransaction {
  state: TransactionState;
  readonly options: Options;

  constructor(state: TransactionState, options: Options = {}) {
    this.state = state;
    this.options = options;
  }

  get isStarting(): boolean {
    return this.state === 'STARTING_TRANSACTION';
  }

  get isActive(): boolean {
    return this.state === 'STARTING_TRANSACTION' || this.state === 'TRANSACTION_IN_PROGRESS';
  }

  /** True of an aborted one too, as in the driver. */
  get isCommitted(): boolean {
    return (
      this.state === 'TRANSACTION_COMMITTED' ||
      this.state === 'TRANSACTION_COMMITTED_EMPTY' ||
      this.state === 'TRANSACTION_ABORTED'
    );
  }
}

/** What a session needs of its client. */
export interface SessionOwner {
  readonly store: Store;
  readonly ignoredOptions: ReadonlySet<string>;
  forget(session: EmbeddedSession): void;
}

const retryMsMax = 120_000;
const backoffMsFirst = 5;
const backoffMsMax = 500;
const backoffGrowth = 1.5;
/** A store that doesn't know what it wrote learns it at once, or when it is opened again: asking for 120 s is of no use. */
const commitAttemptsMax = 3;

const backoffMs = (attempt: number): number =>
  Math.random() * Math.min(backoffMsFirst * backoffGrowth ** attempt, backoffMsMax);

export class EmbeddedSession extends EventEmitter {
  // mongoose's debug printer knows a session by its class's name, and fails on one it doesn't know.
  static override readonly name: string = 'ClientSession';

  readonly client: SessionOwner;
  readonly id: { readonly id: Binary } = { id: new UUID().toBinary() };
  readonly explicit = true;
  readonly supports = { causalConsistency: true };
  readonly snapshotEnabled = false;
  readonly defaultTransactionOptions: Options;
  transaction = new SessionTransaction('NO_TRANSACTION');
  hasEnded = false;
  #number = 0;
  #buffer: Transaction | undefined;
  #running: Promise<unknown> | undefined;
  #wrote = false;
  #outcomeUnknown = false;

  constructor(client: SessionOwner, options: Options = {}) {
    super();
    checkOptions('startSession', options, client.ignoredOptions);
    this.client = client;
    const defaults = (options['defaultTransactionOptions'] ?? {}) as Options;
    checkOptions('startTransaction', defaults, client.ignoredOptions);
    this.defaultTransactionOptions = { ...defaults };
  }

  inTransaction(): boolean {
    return this.transaction.isActive;
  }

  startTransaction(options?: Options): void {
    if (this.hasEnded) throw new MongoExpiredSessionError('Use of expired sessions is not permitted');
    if (this.inTransaction()) throw new MongoTransactionError('Transaction already in progress');
    const resolved = { ...this.defaultTransactionOptions, ...options };
    if ((resolved['writeConcern'] as { w?: unknown } | undefined)?.w === 0) {
      throw new MongoTransactionError('Transactions do not support unacknowledged write concern');
    }
    checkOptions('startTransaction', resolved, this.client.ignoredOptions);
    this.#number += 1;
    this.#buffer = undefined;
    this.#wrote = false;
    this.#outcomeUnknown = false;
    this.transaction = new SessionTransaction('STARTING_TRANSACTION', resolved);
  }

  /**
   * Runs one operation, in the session's transaction if one is active. An error of the store, and a result that
   * `write.failed` calls so, abort the transaction, as MongoDB does.
   *
   * @throws {MongoTransactionError} if another operation of the transaction is still running.
   * @throws {MongoServerError} `NoSuchTransaction` if an earlier operation aborted the transaction.
   */
  async run<T>(
    operation: (store: Store, transaction: Transaction | undefined) => Promise<T>,
    write?: { readonly failed: (result: T) => boolean },
  ): Promise<T> {
    if (this.hasEnded) throw new MongoExpiredSessionError('Use of expired sessions is not permitted');
    const { store } = this.client;
    if (!this.inTransaction()) {
      if (this.transaction.isCommitted) this.transaction = new SessionTransaction('NO_TRANSACTION');
      try {
        return await operation(store, undefined);
      } catch (error) {
        throw toDriverError(error);
      }
    }
    this.#refuseConcurrent();
    if (this.transaction.isStarting) {
      this.transaction.state = 'TRANSACTION_IN_PROGRESS';
      this.#buffer = store.begin();
    }
    const buffer = this.#buffer;
    if (buffer === undefined || buffer.state !== 'open') throw this.#noSuchTransaction();
    // Async, so that what the store throws at once is a failed operation like any other.
    const running = (async () => operation(store, buffer))();
    if (write !== undefined) this.#wrote = true;
    this.#running = running;
    try {
      const result = await running;
      if (write?.failed(result)) await this.#abortBuffer();
      return result;
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      await this.#abortBuffer();
      throw labelled(error);
    } finally {
      this.#running = undefined;
    }
  }

  async commitTransaction(): Promise<void> {
    const { transaction } = this;
    switch (transaction.state) {
      case 'NO_TRANSACTION':
        throw new MongoTransactionError('No transaction started');
      case 'TRANSACTION_ABORTED':
        throw new MongoTransactionError('Cannot call commitTransaction after calling abortTransaction');
      case 'STARTING_TRANSACTION':
      case 'TRANSACTION_COMMITTED_EMPTY':
        transaction.state = 'TRANSACTION_COMMITTED_EMPTY';
        return;
      default:
    }
    this.#refuseConcurrent();
    transaction.state = 'TRANSACTION_COMMITTED';
    const running = this.#outcomeUnknown ? this.#askOutcome() : this.#submit();
    this.#running = running;
    try {
      await running;
      this.#outcomeUnknown = false;
    } catch (error) {
      const out = error instanceof CommandError ? labelled(error) : error;
      this.#outcomeUnknown = isLabelled(out, 'UnknownTransactionCommitResult');
      throw out;
    } finally {
      this.#running = undefined;
    }
  }

  async #submit(): Promise<void> {
    const buffer = this.#buffer;
    // A commit that is sent again after its success is answered like the first.
    if (buffer?.state === 'committed') return;
    if (buffer === undefined || buffer.state === 'aborted') throw this.#noSuchTransaction();
    // Nothing to be done once if nothing was written: without a key such a commit costs no flush.
    await buffer.commit(this.#wrote ? this.#onceKey() : undefined);
  }

  /** Sent again after an unknown outcome: the store recorded the commit under its key, or it didn't happen. */
  async #askOutcome(): Promise<void> {
    const outcomes = await this.client.store.outcomeOf(this.#onceKey());
    if (outcomes === undefined) throw this.#noSuchTransaction();
  }

  #onceKey(): OnceKey {
    return { session: this.id.id.toString('hex'), number: this.#number };
  }

  async abortTransaction(): Promise<void> {
    const { transaction } = this;
    switch (transaction.state) {
      case 'NO_TRANSACTION':
        throw new MongoTransactionError('No transaction started');
      case 'TRANSACTION_ABORTED':
        throw new MongoTransactionError('Cannot call abortTransaction twice');
      case 'TRANSACTION_COMMITTED':
      case 'TRANSACTION_COMMITTED_EMPTY':
        throw new MongoTransactionError('Cannot call abortTransaction after calling commitTransaction');
      default:
    }
    transaction.state = 'TRANSACTION_ABORTED';
    // An operation that is still on its way must find the buffer as it left it.
    await this.#running?.catch(() => undefined);
    await this.#abortBuffer();
  }

  /**
   * Runs `callback` in a transaction and commits it. Runs it again after a transient error, and sends a commit of
   * unknown outcome again, for at most 120 s (MongoDB's specification of the convenient API for transactions).
   */
  async withTransaction<T>(
    callback: (session: EmbeddedSession) => Promise<T>,
    options?: Options,
  ): Promise<T> {
    const deadline = performance.now() + retryMsMax;
    let lastError: unknown;
    for (let attempt = 0; ; attempt += 1) {
      if (attempt > 0) {
        const waitMs = backoffMs(attempt);
        if (performance.now() + waitMs >= deadline) throw lastError;
        await sleep(waitMs);
      }
      this.startTransaction(options);
      let result: T;
      try {
        const promise: unknown = callback(this);
        if (typeof (promise as PromiseLike<T> | undefined)?.then !== 'function') {
          throw new MongoInvalidArgumentError('Function provided to `withTransaction` must return a Promise');
        }
        result = await (promise as Promise<T>);
      } catch (error) {
        if (this.inTransaction()) await this.abortTransaction();
        if (!isLabelled(error, 'TransientTransactionError')) throw error;
        lastError = error;
        if (performance.now() >= deadline) throw error;
        continue;
      }
      // The callback ended the transaction by itself.
      if (!this.inTransaction() && this.transaction.state !== 'TRANSACTION_COMMITTED_EMPTY') return result;
      const commitError = await this.#commitUntilKnown();
      if (commitError === undefined) return result;
      if (!isLabelled(commitError, 'TransientTransactionError')) throw commitError;
      lastError = commitError;
    }
  }

  /** Commits, and again while the outcome is unknown; the error that settles it, or undefined. */
  async #commitUntilKnown(): Promise<unknown> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.commitTransaction();
        return undefined;
      } catch (error) {
        if (!isLabelled(error, 'UnknownTransactionCommitResult')) return error;
        if (error.code === codes.MaxTimeMSExpired || attempt === commitAttemptsMax) return error;
        await sleep(backoffMs(attempt));
      }
    }
  }

  /** Aborts an open transaction; its failure is of no consequence, since nothing was submitted. */
  async endSession(): Promise<void> {
    if (this.hasEnded) return;
    try {
      if (this.inTransaction()) await this.abortTransaction();
    } finally {
      this.hasEnded = true;
      this.client.forget(this);
      this.emit('ended', this);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.endSession();
  }

  equals(other: unknown): boolean {
    return other instanceof EmbeddedSession && this.id.id.toString('hex') === other.id.id.toString('hex');
  }

  /** A session among a document's fields is a mistake of the caller's. */
  toBSON(): never {
    throw new MongoRuntimeError('ClientSession cannot be serialized to BSON.');
  }

  async #abortBuffer(): Promise<void> {
    if (this.#buffer?.state === 'open') await this.#buffer.abort();
  }

  #refuseConcurrent(): void {
    if (this.#running === undefined) return;
    throw new MongoTransactionError(
      'Another operation of this transaction is still running: await each one before the next',
    );
  }

  #noSuchTransaction(): unknown {
    return toDriverError(
      new CommandError(
        'NoSuchTransaction',
        `Transaction with { txnNumber: ${this.#number} } has been aborted.`,
        { labels: ['TransientTransactionError'] },
      ),
    );
  }
}

/** The driver's error; a write conflict inside a transaction is always worth another run of it. */
function labelled(error: CommandError): unknown {
  const out = toDriverError(error);
  if (error.code === codes.WriteConflict && out instanceof MongoServerError) {
    out.addErrorLabel('TransientTransactionError');
  }
  return out;
}

function isLabelled(error: unknown, label: string): error is MongoError {
  return error instanceof MongoError && error.hasErrorLabel(label);
}
