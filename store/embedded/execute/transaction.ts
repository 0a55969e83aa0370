// A transaction: a snapshot taken at its first operation and a buffer of its own writes, submitted whole at commit.
import { CommandError } from '../errors.js';
import { toStoreFault } from '../storage/connection.js';
import type { Snapshot } from '../storage/snapshots.js';
import type { Namespace, OnceKey, Transaction } from '../store.js';
import type { BufferedWrite } from '../writer/requests.js';
import { BufferedView } from './buffered-view.js';
import type { CollectionView } from './find.js';
import { keyText, Overlay } from './overlay.js';
import type { RecentRows } from './recent-rows.js';

/** As in MongoDB (`transactionLifetimeLimitSeconds`): an abandoned transaction must not hold its snapshot for ever. */
export const transactionLifeMsMax = 60_000;

export interface TransactionHost {
  readonly recent: RecentRows;
  takeSnapshot(): Snapshot;
  commit(writes: readonly BufferedWrite[], once: OnceKey | undefined): Promise<void>;
}

export class OpenTransaction implements Transaction {
  readonly #host: TransactionHost;
  readonly #overlays = new Map<Namespace, Overlay>();
  /** Ids, as text, that are free in the snapshot. */
  readonly #free = new Map<Namespace, Set<string>>();
  /** What the commit takes along: see {@link add}. */
  readonly #added: BufferedWrite[] = [];
  #snapshot: Snapshot | undefined;
  /** Commits that are in the snapshot. */
  #commits = 0;
  #state: Transaction['state'] = 'open';
  #busy = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(host: TransactionHost) {
    this.#host = host;
  }

  get state(): Transaction['state'] {
    return this.#state;
  }

  /**
   * Runs one operation of the transaction; an operation that fails ends it, as in MongoDB.
   *
   * @throws {CommandError} `IllegalOperation` if another one is running, `NoSuchTransaction` if it has ended.
   */
  async run<T>(operation: () => Promise<T>): Promise<T> {
    this.#enter();
    try {
      const result = await operation();
      // Ended meanwhile, by its time limit or an abort: nothing of it counts any more.
      if (this.#state !== 'open') throw this.#noSuchTransaction();
      return result;
    } catch (error) {
      this.#end('aborted');
      throw error;
    } finally {
      this.#busy = false;
      if (this.#state !== 'open') this.#letGo();
    }
  }

  /** The collection as this transaction sees it, for reading. */
  readView(ns: Namespace): CollectionView {
    return { source: this.#snapshotNow().source(ns), overlay: this.#overlays.get(ns) };
  }

  /** As {@link readView}, for a cursor: what the transaction writes after it was opened stays out of its result. */
  cursorView(ns: Namespace): CollectionView {
    return { source: this.#snapshotNow().source(ns), overlay: this.#overlays.get(ns)?.copy() };
  }

  /** Asks at once which ids of documents about to be inserted are free, instead of one by one. */
  lookAhead(ns: Namespace, ids: readonly Uint8Array[]): void {
    const free = this.#free.get(ns) ?? new Set();
    this.#free.set(ns, free);
    for (const id of ids) free.add(keyText(id));
    try {
      for (const id of this.#snapshotNow().source(ns)?.present(ids) ?? []) free.delete(keyText(id));
    } catch (error) {
      throw toStoreFault(error);
    }
  }

  /** The collection as this transaction sees it, for writing into the buffer. */
  writeView(ns: Namespace): BufferedView {
    let overlay = this.#overlays.get(ns);
    if (overlay === undefined) {
      overlay = new Overlay();
      this.#overlays.set(ns, overlay);
    }
    const { source } = this.#snapshotNow();
    return new BufferedView(ns, source(ns), overlay, {
      recent: (id) => this.#host.recent.get(ns, id, this.#commits),
      isFree: (id) => this.#free.get(ns)?.has(keyText(id)) === true,
    });
  }

  /** Adds what is looked at when the transaction is committed: documents that may be left out, and such as must be unchanged. */
  add(writes: readonly BufferedWrite[]): void {
    this.#added.push(...writes);
  }

  async commit(once?: OnceKey): Promise<void> {
    this.#enter();
    const writes = this.#writes();
    this.#busy = false;
    this.#end('committed');
    try {
      if (writes.length > 0 || once !== undefined) await this.#host.commit(writes, once);
    } catch (error) {
      this.#state = 'aborted';
      throw error;
    }
  }

  abort(): Promise<void> {
    if (this.#state === 'open') this.#end('aborted');
    return Promise.resolve();
  }

  #enter(): void {
    if (this.#busy) {
      throw new CommandError(
        'IllegalOperation',
        'another operation of this transaction is still running: await each operation before the next',
      );
    }
    if (this.#state !== 'open') throw this.#noSuchTransaction();
    this.#busy = true;
  }

  #noSuchTransaction(): CommandError {
    return new CommandError('NoSuchTransaction', `this transaction has been ${this.#state}`, {
      labels: ['TransientTransactionError'],
    });
  }

  #snapshotNow(): Snapshot {
    if (this.#snapshot === undefined) {
      this.#commits = this.#host.recent.commits;
      this.#snapshot = this.#host.takeSnapshot();
      this.#timer = setTimeout(() => this.#end('aborted'), transactionLifeMsMax).unref();
    }
    return this.#snapshot;
  }

  #end(state: Transaction['state']): void {
    this.#state = state;
    if (!this.#busy) this.#letGo();
  }

  /** Not before the running operation is over: it reads the snapshot, whose connection others would take over. */
  #letGo(): void {
    clearTimeout(this.#timer);
    this.#snapshot?.release();
    this.#snapshot = undefined;
    this.#overlays.clear();
    this.#free.clear();
  }

  #writes(): BufferedWrite[] {
    const writes: BufferedWrite[] = [];
    for (const [ns, overlay] of this.#overlays) {
      for (const buffered of overlay.values()) {
        // Inserted and deleted again: nothing to do, and nothing to guard.
        if (buffered.base !== undefined || buffered.body !== undefined) writes.push({ ns, ...buffered });
      }
    }
    writes.push(...this.#added);
    return writes;
  }
}
