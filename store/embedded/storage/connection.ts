// One connection to the SQLite file. Keeps prepared statements, and keeps clear of three traps of libsql: a single
// Buffer as parameter ends the process (always pass an array), `get` after `all` on one statement answers from the
// earlier run (so each has its own statement), and an iterator that is left early holds its snapshot (never iterate).
import Database from 'libsql';
import { CommandError } from '../errors.js';

export type Cell = number | string | null | Uint8Array;

export interface RunInfo {
  readonly changes: number;
  readonly lastInsertRowid: number;
}

interface Prepared {
  run(parameters: Cell[]): RunInfo;
  get(parameters: Cell[]): Cell[] | undefined;
  all(parameters: Cell[]): Cell[][];
  raw(): Prepared;
}

/** What SQLite said: `code` such as `SQLITE_FULL`, `rawCode` the extended number. */
interface SqliteFault extends Error {
  readonly code: string;
  readonly rawCode: number;
}

/** A connection; every method throws what SQLite throws, see {@link toStoreFault}. */
export class Connection {
  readonly #database: Database.Database;
  readonly #run = new Map<string, Prepared>();
  readonly #get = new Map<string, Prepared>();
  readonly #all = new Map<string, Prepared>();

  constructor(file: string) {
    this.#database = new Database(file);
    this.exec('PRAGMA busy_timeout = 0');
  }

  exec(sql: string): void {
    this.#database.exec(sql);
  }

  /** Runs a statement that returns no rows. */
  run(sql: string, parameters: Cell[] = []): RunInfo {
    return this.#statement(this.#run, sql, false).run(parameters);
  }

  get(sql: string, parameters: Cell[] = []): Cell[] | undefined {
    return this.#statement(this.#get, sql, true).get(parameters);
  }

  all(sql: string, parameters: Cell[] = []): Cell[][] {
    return this.#statement(this.#all, sql, true).all(parameters);
  }

  get inTransaction(): boolean {
    return this.#database.inTransaction;
  }

  /** Drops the prepared statements: after a table they name is gone. */
  forgetStatements(): void {
    this.#run.clear();
    this.#get.clear();
    this.#all.clear();
  }

  close(): void {
    this.forgetStatements();
    this.#database.close();
  }

  #statement(cache: Map<string, Prepared>, sql: string, rows: boolean): Prepared {
    let statement = cache.get(sql);
    if (statement === undefined) {
      const prepared = this.#database.prepare(sql) as unknown as Prepared;
      statement = rows ? prepared.raw() : prepared;
      cache.set(sql, statement);
    }
    return statement;
  }
}

const ioErrorFsync = 1034;

/** True for what SQLite itself refused, as against a mistake of ours. */
export function isSqliteFault(error: unknown): error is SqliteFault {
  return error instanceof Error && typeof (error as Partial<SqliteFault>).rawCode === 'number';
}

/** True if a flush failed: what is on the device is then unknown until the file is opened anew. */
export function isFlushFault(error: unknown): boolean {
  return isSqliteFault(error) && error.rawCode === ioErrorFsync;
}

/** A fault of the file as callers are told it: disk full by its own code, all else as a failed operation. */
export function toStoreFault(error: unknown): unknown {
  if (!isSqliteFault(error)) return error;
  if (error.code === 'SQLITE_FULL') {
    return new CommandError(
      'OutOfDiskSpace',
      'the disk is full: nothing was written; free space and try again',
    );
  }
  return new CommandError('OperationFailed', `the store's file failed: ${error.message} (${error.code})`);
}
