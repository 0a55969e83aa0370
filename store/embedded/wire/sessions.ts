// Sessions of the clients, and in each the latest transaction: MongoDB's rules of numbers, over the store's
// optimistic transactions. What was committed or written once is the store's to remember, also across restarts.
import { CommandError } from '../errors.js';
import type { OnceKey, Store, Transaction } from '../store.js';
import type { WireLimits } from './limits.js';

/** What a command says of its session, checked. */
export interface Stamp {
  /** Hexadecimal. */
  readonly session: string;
  readonly number: number;
  /** `transaction` with `autocommit: false`, else a write that may be sent again. */
  readonly kind: 'transaction' | 'retryable';
  readonly starts: boolean;
}

export interface SessionEvents {
  /** A transaction has ended, and its cursors with it. */
  ended(session: string, number: number): void;
}

export class Session {
  readonly id: string;
  lastUsedMs = 0;
  #number = -1;
  #kind: Stamp['kind'] = 'retryable';
  #transaction: Transaction | undefined;
  #committed = false;
  #hasWrites = false;
  #deadline: NodeJS.Timeout | undefined;
  #last: Promise<unknown> = Promise.resolve();
  readonly #store: Store;
  readonly #limits: WireLimits;
  readonly #events: SessionEvents;

  constructor(id: string, store: Store, limits: WireLimits, events: SessionEvents) {
    this.id = id;
    this.#store = store;
    this.#limits = limits;
    this.#events = events;
  }

  get isOpen(): boolean {
    return this.#transaction?.state === 'open';
  }

  /** Runs commands of one session one after the other, as MongoDB does, also if they come on several connections. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /**
   * The key under which the store runs a write once. A number higher than the latest ends the transaction that is open.
   *
   * @throws {CommandError} `TransactionTooOld`; `ConflictingOperationInProgress` if the number is a transaction's.
   */
  async toOnce(stamp: Stamp): Promise<OnceKey> {
    await this.#moveTo(stamp);
    if (this.#kind === 'transaction') throw this.#conflict(`is a transaction's, not a retryable write's`);
    return { session: this.id, number: stamp.number };
  }

  /**
   * The transaction that a command belongs to, begun if the command starts it.
   *
   * @throws {CommandError} `NoSuchTransaction` if it isn't open, `TransactionCommitted`, `TransactionTooOld`,
   *   `ConflictingOperationInProgress` if it was started before.
   */
  async toTransaction(stamp: Stamp, writes: boolean): Promise<Transaction> {
    if (stamp.starts) {
      if (stamp.number === this.#number) throw this.#conflict('was used before');
      await this.#moveTo(stamp);
      this.#begin();
    }
    const transaction = this.#current(stamp);
    this.#refuseCommitted(stamp);
    if (transaction === undefined || transaction.state !== 'open') throw noSuchTransaction(stamp.number);
    if (writes) this.#hasWrites = true;
    return transaction;
  }

  /**
   * Commits; a commit that is sent again is answered from memory or, after a restart, from the store's record.
   *
   * @throws {CommandError} `NoSuchTransaction` if nothing was or will be committed under this number.
   */
  async commit(stamp: Stamp): Promise<void> {
    const transaction = this.#current(stamp);
    if (this.#isCommitted(stamp)) return;
    const once: OnceKey = { session: this.id, number: stamp.number };
    if (transaction === undefined || transaction.state !== 'open') {
      if ((await this.#store.outcomeOf(once)) === undefined) throw noSuchTransaction(stamp.number);
      return;
    }
    try {
      // A transaction that only read leaves no record: run again, it does no harm.
      await transaction.commit(this.#hasWrites ? once : undefined);
      this.#committed = true;
    } finally {
      this.#forget();
    }
  }

  /** @throws {CommandError} `NoSuchTransaction` if none is open under this number, `TransactionCommitted`. */
  async abort(stamp: Stamp): Promise<void> {
    const transaction = this.#current(stamp);
    this.#refuseCommitted(stamp);
    if (transaction === undefined || transaction.state !== 'open') throw noSuchTransaction(stamp.number);
    await this.end();
  }

  /** Aborts the open transaction, if there is one. */
  async end(): Promise<void> {
    const transaction = this.#transaction;
    if (transaction === undefined) return;
    this.#forget();
    if (transaction.state === 'open') await transaction.abort();
  }

  /** The transaction of this number, if this process knows it. @throws {CommandError} `TransactionTooOld`. */
  #current({ number }: Stamp): Transaction | undefined {
    if (number < this.#number) throw this.#tooOld(number);
    if (number > this.#number) return undefined;
    return this.#transaction;
  }

  #isCommitted({ number }: Stamp): boolean {
    return this.#committed && number === this.#number;
  }

  #refuseCommitted(stamp: Stamp): void {
    if (!this.#isCommitted(stamp)) return;
    throw new CommandError('TransactionCommitted', `Transaction ${stamp.number} has been committed.`);
  }

  async #moveTo({ number, kind }: Stamp): Promise<void> {
    if (number < this.#number) throw this.#tooOld(number);
    if (number === this.#number) return;
    await this.end();
    this.#number = number;
    this.#kind = kind;
    this.#committed = false;
  }

  #begin(): void {
    const transaction = this.#store.begin();
    this.#transaction = transaction;
    this.#hasWrites = false;
    this.#deadline = setTimeout(() => {
      this.inTurn(async () => {
        if (this.#transaction === transaction) await this.end();
      });
    }, this.#limits.transactionLifeMsMax).unref();
  }

  #forget(): void {
    clearTimeout(this.#deadline);
    this.#transaction = undefined;
    this.#events.ended(this.id, this.#number);
  }

  #tooOld(number: number): CommandError {
    return new CommandError(
      'TransactionTooOld',
      `Cannot use transaction ${number} in session ${this.id} because a newer transaction with txnNumber ${this.#number} has already started on this session.`,
    );
  }

  #conflict(why: string): CommandError {
    return new CommandError(
      'ConflictingOperationInProgress',
      `the transaction number ${this.#number} of session ${this.id} ${why}`,
    );
  }
}

function noSuchTransaction(number: number): CommandError {
  return new CommandError(
    'NoSuchTransaction',
    `Given transaction number ${number} does not match any in-progress transactions.`,
  );
}

/** The sessions that have used a transaction number; the others need no memory. */
export class Sessions {
  readonly #sessions = new Map<string, Session>();
  readonly #store: Store;
  readonly #limits: WireLimits;
  readonly #events: SessionEvents;

  constructor(store: Store, limits: WireLimits, events: SessionEvents) {
    this.#store = store;
    this.#limits = limits;
    this.#events = events;
  }

  get size(): number {
    return this.#sessions.size;
  }

  get openTransactions(): number {
    return [...this.#sessions.values()].filter((session) => session.isOpen).length;
  }

  use(id: string): Session {
    const session = this.#sessions.get(id) ?? new Session(id, this.#store, this.#limits, this.#events);
    session.lastUsedMs = performance.now();
    // Last in the map is the one used last.
    this.#sessions.delete(id);
    this.#sessions.set(id, session);
    if (this.#sessions.size > this.#limits.sessionsMax) this.#evict();
    return session;
  }

  /** Notes that a session is in use; only a session with a number is known. */
  touch(id: string): void {
    if (this.#sessions.has(id)) this.use(id);
  }

  /** Forgets a session and aborts what it left open. */
  async end(id: string): Promise<void> {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    this.#sessions.delete(id);
    await session.inTurn(() => session.end());
  }

  /** Ends the sessions that have not been used for the announced time. */
  async endIdle(): Promise<void> {
    const before = performance.now() - this.#limits.sessionIdleMinutesMax * 60_000;
    const idle = [...this.#sessions.values()].filter((session) => session.lastUsedMs < before);
    await Promise.all(idle.map(({ id }) => this.end(id)));
  }

  async endAll(): Promise<void> {
    await Promise.all([...this.#sessions.keys()].map((id) => this.end(id)));
  }

  /** Forgetting a session without an open transaction loses nothing that the store doesn't know. */
  #evict(): void {
    for (const [id, session] of this.#sessions) {
      if (session.isOpen) continue;
      this.#sessions.delete(id);
      return;
    }
  }
}
