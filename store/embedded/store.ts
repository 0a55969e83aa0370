// What one open embedded store offers: MongoDB's operations on BSON documents, typed. The mongodb-shaped client,
// the mongoose driver and the wire server all stand on this and on nothing below it.
import type { Document } from 'bson';
import type { CommandError } from './errors.js';

/** `database.collection`. */
export type Namespace = string;

/** One BSON document, encoded. */
export type Bytes = Uint8Array;

/** A sort or an index key, in order: field path to direction. */
export type Directions = readonly (readonly [path: string, direction: 1 | -1])[];

export interface IndexSpec {
  readonly name: string;
  readonly key: Directions;
  readonly unique: boolean;
  readonly sparse: boolean;
  /** Only documents that match are in the index. */
  readonly partial?: Document;
}

export interface FindQuery {
  readonly filter: Document;
  readonly projection?: Document;
  readonly sort?: Document;
  readonly skip?: number;
  /** 0 or absent: no limit. */
  readonly limit?: number;
  /** An index by name or by key pattern. */
  readonly hint?: string | Document;
  readonly maxTimeMS?: number;
}

/** A result read in batches. Holds a snapshot until it is closed or exhausted. */
export interface StoreCursor {
  /** The next at most `size` documents; `done` once nothing follows. */
  next(size: number): Promise<{ documents: Bytes[]; done: boolean }>;
  close(): void;
}

/** What a write does to one collection; the members are named as in MongoDB's commands. */
export type WriteStatement =
  | {
      readonly type: 'insert';
      readonly ns: Namespace;
      readonly document: Bytes;
      /** The same document decoded, if it was at hand: a transaction need not decode it then. */
      readonly decoded?: Document;
    }
  | {
      readonly type: 'update';
      readonly ns: Namespace;
      readonly q: Document;
      /** Update operators, or a replacement document. A pipeline is refused. */
      readonly u: Document;
      readonly multi?: boolean;
      readonly upsert?: boolean;
      readonly arrayFilters?: Document[];
      readonly sort?: Document;
      readonly hint?: string | Document;
    }
  | {
      readonly type: 'delete';
      readonly ns: Namespace;
      readonly q: Document;
      readonly multi?: boolean;
      readonly hint?: string | Document;
    }
  | {
      /** findAndModify. */
      readonly type: 'modify';
      readonly ns: Namespace;
      readonly q: Document;
      readonly u?: Document;
      readonly remove?: boolean;
      readonly new?: boolean;
      readonly upsert?: boolean;
      readonly fields?: Document;
      readonly sort?: Document;
      readonly arrayFilters?: Document[];
      readonly hint?: string | Document;
    };

export interface WriteResult {
  /** Documents inserted, matched or deleted. */
  readonly n: number;
  readonly nModified: number;
  /** `_id` of the document an upsert inserted, in canonical form. */
  readonly upsertedId?: unknown;
  /** `modify` only: the document before or after, projected; null if there was none. */
  readonly value?: Bytes | null;
}

/** The outcome of each statement, in order; with `ordered`, nothing follows the first error. */
export type WriteOutcome = WriteResult | CommandError;

/** Makes a write happen once although its answer may be lost: the client's session and the number within it. */
export interface OnceKey {
  readonly session: string;
  readonly number: number;
}

/** A whole document, written if the stored one is as it was known. */
export interface GuardedWrite {
  readonly ns: Namespace;
  readonly document: Document;
  /** What a field of the stored document must be; absent: there must be none of this `_id`. */
  readonly guard?: { readonly field: string; readonly value: string | number };
  /** It is not expected to be written again: nothing of it need be remembered. */
  readonly isFinal?: boolean;
  /** It is new, and left out if, with all else that is written together, none of these is there. */
  readonly ifAny?: readonly Indexed[];
}

/** A document that must be as it was seen; nothing of it is written. */
export interface GuardedCheck {
  readonly ns: Namespace;
  readonly id: string;
  /** Some of its fields, as they were; absent: there was no document of this `_id`. */
  readonly seen?: Readonly<Record<string, unknown>>;
}

/** A new document that may be left out. */
export type InsertIfAny = Required<Pick<GuardedWrite, 'ns' | 'document' | 'ifAny'>>;

/** The documents of an index whose value of its first field is this one. */
export interface Indexed {
  readonly ns: Namespace;
  /** Its name; one that isn't there counts as having what is looked for. */
  readonly index: string;
  readonly value: string;
}

/**
 * A snapshot and the writes buffered on it. Reads see both; nobody else sees the buffer. Operations are run one at
 * a time: a second one at once is refused, as the real driver's documentation forbids it.
 */
export interface Transaction {
  readonly state: 'open' | 'committed' | 'aborted';
  /**
   * Submits the buffer whole. Resolves when it has been flushed.
   *
   * @throws {CommandError} `WriteConflict`, labelled `TransientTransactionError`, if a document or unique key was
   *   taken by somebody since the snapshot: nothing was written.
   */
  commit(once?: OnceKey): Promise<void>;
  abort(): Promise<void>;
}

export interface ReadContext {
  readonly transaction?: Transaction;
}

export interface Explanation {
  readonly stage: 'IDHACK' | 'IXSCAN' | 'COLLSCAN' | 'EOF';
  readonly indexName?: string;
  readonly keyPattern?: Document;
  readonly isMultiKey?: boolean;
  /** The sort comes from the index: nothing is sorted in memory. */
  readonly sortedByIndex: boolean;
  readonly keysExamined: number;
  readonly docsExamined: number;
  readonly returned: number;
}

export interface Store {
  find(ns: Namespace, query: FindQuery, context?: ReadContext): Promise<StoreCursor>;
  aggregate(
    ns: Namespace,
    pipeline: readonly Document[],
    options?: { readonly maxTimeMS?: number; readonly hint?: string | Document },
    context?: ReadContext,
  ): Promise<StoreCursor>;
  count(ns: Namespace, query: FindQuery, context?: ReadContext): Promise<number>;
  /** Distinct values in canonical form. */
  distinct(ns: Namespace, field: string, query: FindQuery, context?: ReadContext): Promise<unknown[]>;
  /** Runs the query to its end and says what was used. */
  explain(ns: Namespace, query: FindQuery, context?: ReadContext): Promise<Explanation>;

  /**
   * Runs the statements, in one flush if they fit one. Each is atomic by itself; outside a transaction they are not
   * atomic together, as in MongoDB. Resolves once the writes have been flushed.
   *
   * @throws {CommandError} for a fault of the store as a whole (`OutOfDiskSpace`, …): nothing was acknowledged.
   */
  write(
    statements: readonly WriteStatement[],
    options: { readonly ordered: boolean; readonly once?: OnceKey; readonly transaction?: Transaction },
  ): Promise<WriteOutcome[]>;
  begin(): Transaction;
  /**
   * Adds new documents to a transaction that may be left out as it is committed (`ifAny`); it doesn't see them itself.
   *
   * @throws {CommandError} `BSONObjectTooLarge`, `Overflow`; `NoSuchTransaction` once it has ended
   */
  insertIfAny(writes: readonly InsertIfAny[], transaction: Transaction): Promise<void>;
  /**
   * Adds documents to a transaction that must still be as they were seen when it is committed: else the commit is refused, as for
   * a document that it changes. False: one isn't now.
   *
   * @throws {CommandError} `NoSuchTransaction` once it has ended
   */
  check(checks: readonly GuardedCheck[], transaction: Transaction): Promise<boolean>;
  /**
   * Writes all of the documents, each under its guard, or none, also if one that is checked isn't as it was seen: what a transaction of inserts and guarded replacements would
   * do, for a fraction of its price; one with `ifAny` may be left out. Resolves once flushed; false: something was not as expected, and nothing was written.
   *
   * @throws {CommandError} for a fault of the store as a whole; `BSONObjectTooLarge`, `Overflow`
   */
  writeGuarded(writes: readonly GuardedWrite[], checks?: readonly GuardedCheck[]): Promise<boolean>;
  /** What became of a write or commit submitted under this key: kept across restarts, one an hour after its session's last. */
  outcomeOf(once: OnceKey): Promise<WriteOutcome[] | undefined>;

  createCollection(ns: Namespace): Promise<void>;
  /** False if there was none. */
  dropCollection(ns: Namespace): Promise<boolean>;
  dropDatabase(database: string): Promise<void>;
  listCollections(database: string): Promise<string[]>;
  listDatabases(): Promise<string[]>;
  /** Names of the indexes; one that exists with the same definition is left alone. */
  createIndexes(ns: Namespace, specs: readonly IndexSpec[]): Promise<string[]>;
  dropIndex(ns: Namespace, name: string): Promise<void>;
  /** The `_id_` index comes first. @throws {CommandError} `NamespaceNotFound`. */
  listIndexes(ns: Namespace): Promise<IndexSpec[]>;

  /** Writes a checked copy of the whole store to a new file, while it serves. */
  backup(file: string): Promise<{ bytes: number }>;
  readonly stats: StoreStats;
  close(): Promise<void>;
}

export interface StoreStats {
  /** Commits to the file, each with a device flush. */
  readonly batches: number;
  /** Write submissions and transactions they carried. */
  readonly submissions: number;
}
