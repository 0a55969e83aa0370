// What the contract suite runs on: one mongoose connection, wherever its data is kept.
import type { Db } from 'mongodb';
import type { Connection, Mongoose } from 'mongoose';

/** What only some back ends can do; a case that needs more is skipped with the reason. */
export type Ability =
  /** Sessions and transactions. */
  | 'transactions'
  /** `explain()` with stage names of MongoDB. */
  | 'explain'
  /** Indexes with `partialFilterExpression`. */
  | 'partialIndexes'
  /** `$expr` in a filter and computed fields in a projection. */
  | 'expressions'
  | 'graphLookup'
  /** Functions reach the back end, so that it can refuse them. */
  | 'functions'
  /** What our closed list refuses: MongoDB and its imitations answer instead. */
  | 'refusals';

export interface Opened {
  /** An instance of its own: its driver and models touch no other back end. */
  readonly mongoose: Mongoose;
  readonly connection: Connection;
  /** Shaped like the mongodb driver's. */
  readonly db: Db;
  /** Disconnects; on a server that outlives the tests, drops the database first. */
  close(): Promise<void>;
}

export interface Backend {
  readonly name: 'embedded' | 'wire' | 'java' | 'mongodb';
  readonly abilities: ReadonlySet<Ability>;
  /** @throws {Unavailable} with the reason why it can't be had here. */
  start(): Promise<void>;
  /** An empty database. */
  open(database: string): Promise<Opened>;
  stop(): Promise<void>;
}
