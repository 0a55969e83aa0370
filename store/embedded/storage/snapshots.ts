// Snapshots: a read transaction of SQLite on a connection of its own, from a pool. What a snapshot reads is what had
// been flushed when it was taken, however long it is held. All that begin to read in one turn of the event loop share one.
import { CommandError } from '../errors.js';
import type { Namespace } from '../store.js';
import { type Catalog, catalogVersion, readCatalog } from './catalog.js';
import { CollectionSource } from './collection-source.js';
import { Connection, toStoreFault } from './connection.js';

/** Snapshots open at once; each holds a connection and keeps the write-ahead log from being cut. */
const openMax = 1000;
/** Connections kept for the next snapshots. */
const idleMax = 64;

export interface Snapshot {
  readonly catalog: Catalog;
  source(ns: Namespace): CollectionSource | undefined;
  release(): void;
}

export class Snapshots {
  readonly #file: string;
  readonly #idle: Connection[] = [];
  #catalog: Catalog | undefined;
  /** The snapshot of this turn, until something new is acknowledged. */
  #shared: SharedSnapshot | undefined;
  #open = 0;
  #closed = false;

  constructor(file: string) {
    this.#file = file;
  }

  /** @throws {CommandError} `OperationFailed` if too many are open, `InterruptedAtShutdown` once closed. */
  take(): Snapshot {
    if (this.#closed) throw new CommandError('InterruptedAtShutdown', 'the store is closed');
    if (this.#shared === undefined) {
      this.#shared = new SharedSnapshot(this.#begin());
      const shared = this.#shared;
      setImmediate(() => {
        if (this.#shared === shared) this.renew();
      });
    }
    return this.#shared.hold();
  }

  /** Something is about to be acknowledged: whoever begins to read from now on must see it. */
  renew(): void {
    this.#shared?.release();
    this.#shared = undefined;
  }

  #begin(): Snapshot {
    if (this.#open >= openMax) {
      throw new CommandError(
        'OperationFailed',
        `more than ${openMax} cursors and transactions are open: close some`,
      );
    }
    let connection: Connection | undefined;
    let catalog: Catalog;
    try {
      connection = this.#idle.pop() ?? this.#connect();
      connection.run('BEGIN');
      catalog = this.#catalogOf(connection);
    } catch (error) {
      connection?.close();
      throw toStoreFault(error);
    }
    return this.#snapshotOn(connection, catalog);
  }

  #snapshotOn(connection: Connection, catalog: Catalog): Snapshot {
    this.#open += 1;
    const sources = new Map<Namespace, CollectionSource>();
    return {
      catalog,
      source: (ns) => {
        const known = sources.get(ns);
        if (known !== undefined) return known;
        const entry = catalog.collections.get(ns);
        if (entry === undefined) return undefined;
        const source = new CollectionSource(connection, entry);
        sources.set(ns, source);
        return source;
      },
      release: () => {
        this.#open -= 1;
        if (ended(connection) && !this.#closed && this.#idle.length < idleMax) this.#idle.push(connection);
        else connection.close();
      },
    };
  }

  /** No more can be taken; those that are held can be read to their end. */
  close(): void {
    this.#closed = true;
    this.renew();
    for (const connection of this.#idle.splice(0)) connection.close();
  }

  #connect(): Connection {
    const connection = new Connection(this.#file);
    connection.exec('PRAGMA query_only = ON; PRAGMA cache_size = -1024');
    return connection;
  }

  #catalogOf(connection: Connection): Catalog {
    if (this.#catalog?.version !== catalogVersion(connection)) {
      connection.forgetStatements();
      const catalog = readCatalog(connection);
      // A snapshot taken earlier may still need the older one; it keeps its own.
      if (this.#catalog === undefined || catalog.version > this.#catalog.version) this.#catalog = catalog;
      return catalog;
    }
    return this.#catalog;
  }
}

/** A snapshot with several holders; the last one that lets go of it releases it. */
class SharedSnapshot {
  readonly #snapshot: Snapshot;
  #holders = 1;

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
  }

  hold(): Snapshot {
    this.#holders += 1;
    let released = false;
    return {
      catalog: this.#snapshot.catalog,
      source: (ns) => this.#snapshot.source(ns),
      release: () => {
        if (released) return;
        released = true;
        this.release();
      },
    };
  }

  release(): void {
    this.#holders -= 1;
    if (this.#holders === 0) this.#snapshot.release();
  }
}

/** Ends the read; false if the file has failed, so that the connection is of no more use. */
function ended(connection: Connection): boolean {
  try {
    connection.run('COMMIT');
    return true;
  } catch {
    return false;
  }
}
