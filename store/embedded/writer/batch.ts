// Carries out requests inside one transaction of the file: the writer thread's work between two flushes.
import { decode } from '../bson/codec.js';
import { CommandError } from '../errors.js';
import { duplicateKeyOf } from '../execute/duplicate-key.js';
import { runStatement, type WriteScope, type WriteView } from '../execute/write.js';
import { reconcileIndexes } from '../plan/index-spec.js';
import {
  bumpCatalog,
  type Catalog,
  type CollectionEntry,
  catalogVersion,
  type IndexEntry,
  readCatalog,
  specBytes,
  toIndexEntry,
} from '../storage/catalog.js';
import type { Connection } from '../storage/connection.js';
import { collectionTable, createCollectionTable, createIndexTable, indexTable } from '../storage/layout.js';
import type { Indexed, IndexSpec, Namespace, OnceKey, WriteOutcome, WriteStatement } from '../store.js';
import { Unpacker } from './packing.js';
import {
  type Answer,
  type BufferedWrite,
  type PackedOutcome,
  packAnswers,
  packError,
  packOutcome,
  type Request,
  unpackAnswer,
} from './requests.js';
import { type Stored, StoredView, type WriterState } from './stored-view.js';
import type { WholeVersion } from './whole-version.js';

const emptyView: WriteView = {
  source: undefined,
  overlay: undefined,
  insert: absent,
  replace: absent,
  remove: absent,
};

function absent(): never {
  throw new Error('a write reached a collection that is not there');
}

export class Batch implements WriterState {
  readonly connection: Connection;
  #catalog: Catalog;
  #views = new Map<Namespace, StoredView>();
  #rev: number;

  /** Opens a new epoch, so that no `rev` is given out twice over the life of the file. */
  constructor(connection: Connection) {
    this.connection = connection;
    connection.run("UPDATE meta SET value = value + 1 WHERE name = 'epoch'");
    const epoch = connection.get("SELECT value FROM meta WHERE name = 'epoch'")?.[0] as number;
    this.#rev = epoch * 2 ** 32;
    this.#catalog = readCatalog(connection);
  }

  /** Forgets what it knew of the tables: after a roll-back. */
  reload(): void {
    this.#catalog = readCatalog(this.connection);
    this.#views.clear();
  }

  nextRev(): number {
    this.#rev += 1;
    return this.#rev;
  }

  becomeMultikey(index: IndexEntry): void {
    this.connection.run('UPDATE indexes SET multikey = 1 WHERE id = ?', [index.id]);
    this.#changeCatalog();
  }

  /**
   * Carries out one request. Throws only if the file failed, or we did, or if it is refused and has no neighbours: then the whole
   * batch is rolled back.
   */
  answer(request: Request, hasNeighbours: boolean): Answer {
    if (request.kind === 'write')
      return this.#once(request.once, () => this.#write(request.statements, request.ordered));
    if (request.kind === 'commit')
      return this.#once(request.once, () => {
        const commit = () => this.#commit(request.writes);
        return hasNeighbours ? this.#guarded(commit) : { outcomes: commit() };
      });
    if (request.kind === 'recall') {
      const fault = new CommandError(
        'NoSuchTransaction',
        'nothing was recorded under this session and number',
      );
      const latest = this.#latestRecord(request.once.session);
      if (latest?.number === request.once.number) return unpackAnswer(new Unpacker(latest.outcome));
      return { outcomes: [], fault: packError(fault) };
    }
    return this.#guarded(() => {
      if (request.kind === 'createCollection') this.#create(request.ns);
      else if (request.kind === 'dropCollection') return this.#drop(request.ns);
      else if (request.kind === 'createIndexes') this.#createIndexes(request.ns, request.specs);
      else this.#dropIndex(request.ns, request.name);
      return [];
    });
  }

  #write(statements: readonly WriteStatement[], ordered: boolean): Answer {
    const scope: WriteScope = { view: (ns, create) => this.#view(ns, create), now: new Date() };
    const outcomes: PackedOutcome[] = [];
    for (const statement of statements) {
      const outcome = this.#run(statement, scope);
      outcomes.push(packOutcome(outcome));
      if (ordered && outcome instanceof CommandError) break;
    }
    return { outcomes };
  }

  #run(statement: WriteStatement, scope: WriteScope): WriteOutcome {
    const run = runStatement(statement, scope);
    try {
      for (;;) {
        const step = run.next();
        if (step.done === true) return step.value;
      }
    } catch (error) {
      if (error instanceof CommandError) return error;
      throw error;
    }
  }

  #view(ns: Namespace, create: boolean): WriteView {
    const known = this.#views.get(ns);
    if (known !== undefined) return known;
    let entry = this.#catalog.collections.get(ns);
    if (entry === undefined) {
      if (!create) return emptyView;
      this.#create(ns);
      entry = this.#catalog.collections.get(ns) as CollectionEntry;
    }
    const view = new StoredView(entry, this);
    this.#views.set(ns, view);
    return view;
  }

  /** Answers from the record if this was done before; else does it and records the answer in the same commit. */
  #once(once: OnceKey | undefined, work: () => Answer): Answer {
    if (once === undefined) return work();
    const { session, number } = once;
    const latest = this.#latestRecord(session);
    if (latest?.number === number) return unpackAnswer(new Unpacker(latest.outcome));
    if (latest !== undefined && latest.number > number) {
      const text = `number ${number} of this session is too old: ${latest.number} has been done since`;
      return { outcomes: [], fault: packError(new CommandError('TransactionTooOld', text)) };
    }
    const answer = work();
    if (answer.fault === undefined) {
      this.connection.run('INSERT OR REPLACE INTO once (session, number, outcome, at) VALUES (?, ?, ?, ?)', [
        session,
        number,
        packAnswers([answer]),
        Date.now(),
      ]);
    }
    return answer;
  }

  #latestRecord(session: string): { number: number; outcome: Uint8Array } | undefined {
    const row = this.connection.get('SELECT number, outcome FROM once WHERE session = ?', [session]);
    return row && { number: row[0] as number, outcome: row[1] as Uint8Array };
  }

  /** All of the work or, if it is refused, none of it: its neighbours in the batch never notice. */
  #guarded(work: () => PackedOutcome[]): Answer {
    this.connection.run('SAVEPOINT request');
    try {
      const outcomes = work();
      this.connection.run('RELEASE request');
      return { outcomes };
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      this.connection.run('ROLLBACK TO request');
      this.connection.run('RELEASE request');
      for (const view of this.#views.values()) view.forget();
      if (catalogVersion(this.connection) !== this.#catalog.version) this.reload();
      return { outcomes: [], fault: packError(error) };
    }
  }

  /**
   * First committer wins: each document must still have the `rev` of the transaction's snapshot. Old keys go before
   * new ones come, so that a unique key can move from one document of the transaction to another. Answers the `rev` of
   * the first document written; the others have the next ones, in order.
   */
  #commit(writes: readonly BufferedWrite[]): PackedOutcome[] {
    const firstRev = this.#rev + 1;
    for (const write of writes) if (write.isCheck === true) this.#check(write);
    this.#apply(writes.filter(({ ifAny, isCheck }) => ifAny === undefined && isCheck !== true));
    this.#apply(writes.filter(({ ifAny }) => ifAny?.some((wanted) => this.#has(wanted))));
    return [[firstRev, 0]];
  }

  #check({ ns, id, base }: BufferedWrite): void {
    const view = this.#view(ns, false);
    const stored = view instanceof StoredView ? view.stored(id) : undefined;
    if (stored?.rev !== base) throw writeConflict(ns);
  }

  #has({ ns, index, value }: Indexed): boolean {
    const view = this.#view(ns, false);
    return !(view instanceof StoredView) || view.has(index, value);
  }

  #apply(writes: readonly BufferedWrite[]): void {
    const changes = writes.map((write): Change => {
      const { ns, id, base, body, isFinal } = write;
      const view = this.#view(ns, body !== undefined);
      if (!(view instanceof StoredView)) throw writeConflict(ns);
      // One that is new is refused by the insert if it is there by now.
      const before = base === undefined ? undefined : view.stored(id);
      if (before?.rev !== base) throw writeConflict(ns);
      return { view, ns, id, before, after: body && view.version(id, body, isFinal) };
    });
    for (const { view, before, after } of changes) {
      if (changes.length > 1 && before !== undefined) view.releaseKeys(before, after);
    }
    for (const [change, ...inserts] of inRuns(changes)) {
      try {
        if (inserts.length === 0) put(change);
        else change.view.insertAll([change, ...inserts].map(({ after }) => after!));
      } catch (error) {
        // The key was free in the snapshot: somebody has taken it since.
        if (error instanceof CommandError && error.codeName === 'DuplicateKey')
          throw writeConflict(change.ns);
        throw error;
      }
    }
  }

  #create(ns: Namespace): void {
    if (this.#catalog.collections.has(ns)) {
      throw new CommandError('NamespaceExists', `a collection '${ns}' already exists`);
    }
    this.connection.run('INSERT INTO collections (ns) VALUES (?)', [ns]);
    const id = this.connection.get('SELECT id FROM collections WHERE ns = ?', [ns])?.[0] as number;
    createCollectionTable(this.connection, id);
    this.#changeCatalog();
  }

  #drop(ns: Namespace): PackedOutcome[] {
    const entry = this.#catalog.collections.get(ns);
    if (entry === undefined) return [[0, 0]];
    for (const { id } of entry.indexes) this.connection.exec(`DROP TABLE ${indexTable(id)}`);
    this.connection.exec(`DROP TABLE ${collectionTable(entry.id)}`);
    this.connection.run('DELETE FROM indexes WHERE collection = ?', [entry.id]);
    this.connection.run('DELETE FROM collections WHERE id = ?', [entry.id]);
    this.connection.forgetStatements();
    this.#changeCatalog();
    return [[1, 0]];
  }

  #createIndexes(ns: Namespace, specs: readonly IndexSpec[]): void {
    if (!this.#catalog.collections.has(ns)) this.#create(ns);
    const entry = this.#catalog.collections.get(ns) as CollectionEntry;
    const existing = entry.indexes.map(({ spec }) => spec);
    const missing = reconcileIndexes(existing, specs);
    for (const spec of missing) this.#createIndex(entry, spec);
    if (missing.length > 0) this.#changeCatalog();
  }

  #createIndex(collection: CollectionEntry, spec: IndexSpec): void {
    this.connection.run('INSERT INTO indexes (collection, spec, multikey) VALUES (?, ?, 0)', [
      collection.id,
      specBytes(spec),
    ]);
    const id = this.connection.get('SELECT max(id) FROM indexes')?.[0] as number;
    createIndexTable(this.connection, id, spec.unique);
    const entry = toIndexEntry(id, spec, false);
    const { source } = new StoredView(collection, this);
    let multikey = false;
    let after: number | undefined;
    for (;;) {
      const rows = source.page(after, false, 256);
      for (const { rid, body } of rows) {
        const document = decode(body);
        multikey ||= entry.index.isMultikey(document);
        for (const key of entry.index.keys(document)) {
          const { changes } = this.connection.run(
            `INSERT OR IGNORE INTO ${indexTable(id)} (key, rid) VALUES (?, ?)`,
            [key, rid],
          );
          if (changes === 0) throw duplicateKeyOf(collection.ns, spec, document);
        }
      }
      if (rows.length < 256) break;
      after = rows.at(-1)?.rid;
    }
    if (multikey) this.connection.run('UPDATE indexes SET multikey = 1 WHERE id = ?', [id]);
  }

  #dropIndex(ns: Namespace, name: string): void {
    const entry = this.#catalog.collections.get(ns);
    if (entry === undefined) throw new CommandError('NamespaceNotFound', `ns not found ${ns}`);
    const index = entry.indexes.find(({ spec }) => spec.name === name);
    if (index === undefined) throw new CommandError('IndexNotFound', `index not found with name [${name}]`);
    this.connection.exec(`DROP TABLE ${indexTable(index.id)}`);
    this.connection.run('DELETE FROM indexes WHERE id = ?', [index.id]);
    this.connection.forgetStatements();
    this.#changeCatalog();
  }

  #changeCatalog(): void {
    bumpCatalog(this.connection);
    this.reload();
  }
}

function writeConflict(ns: Namespace): CommandError {
  return new CommandError(
    'WriteConflict',
    `Write conflict in ${ns}: a document or unique key was changed since this transaction's snapshot. Please retry your operation or multi-document transaction.`,
    { labels: ['TransientTransactionError'] },
  );
}

/** A write of a transaction with what it meets. */
interface Change {
  readonly view: StoredView;
  readonly ns: Namespace;
  readonly id: Uint8Array;
  readonly before: Stored | undefined;
  readonly after: WholeVersion | undefined;
}

/** The changes in their order; inserts into one collection that follow each other are together, all else is alone. */
function inRuns(changes: readonly Change[]): [Change, ...Change[]][] {
  const runs: [Change, ...Change[]][] = [];
  for (const change of changes) {
    const run = runs.at(-1);
    const joins = run !== undefined && isInsert(change) && isInsert(run[0]) && run[0].view === change.view;
    if (joins) run.push(change);
    else runs.push([change]);
  }
  return runs;
}

const isInsert = ({ before, after }: Change): boolean => before === undefined && after !== undefined;

function put({ view, id, before, after }: Change): void {
  if (after === undefined) {
    if (before !== undefined) view.delete(id, before);
  } else if (before === undefined) view.insert(after);
  else view.overwrite(before, after);
}
