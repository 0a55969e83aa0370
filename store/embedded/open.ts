// Opens an embedded store. The public door of the engine: everything below is reached from here.
import { type Document, encode } from './bson/codec.js';
import { idBytes } from './bson/key-bytes.js';
import { CommandError } from './errors.js';
import { compilePipeline } from './aggregate/pipeline.js';
import { PagedCursor } from './execute/cursor.js';
import { drive, Slices } from './execute/drive.js';
import {
  type CollectionView,
  type CompiledFind,
  compileFind,
  documentOf,
  findRows,
  projector,
  sortBytesMax,
} from './execute/find.js';
import {
  type GuardedHost,
  toBufferedChecks,
  toBufferedIfAny,
  toBufferedWrites,
} from './execute/guarded-writes.js';
import { keyText } from './execute/overlay.js';
import { RecentRows } from './execute/recent-rows.js';
import { OpenTransaction } from './execute/transaction.js';
import { runStatement, type WriteScope } from './execute/write.js';
import { idIndex } from './plan/index-spec.js';
import { distinctValues } from './query/distinct.js';
import { backUp } from './storage/backup.js';
import { type StoreDirectory, takeDirectory } from './storage/directory.js';
import { Snapshots } from './storage/snapshots.js';
import type {
  Bytes,
  Explanation,
  FindQuery,
  GuardedCheck,
  GuardedWrite,
  InsertIfAny,
  IndexSpec,
  Namespace,
  OnceKey,
  ReadContext,
  Store,
  StoreCursor,
  StoreStats,
  Transaction,
  WriteOutcome,
  WriteStatement,
} from './store.js';
import type { BufferedWrite } from './writer/requests.js';
import { Writer } from './writer/writer.js';

/**
 * Opens the store in a directory, which is made if it isn't there, or a fresh one in memory (`:memory:`).
 *
 * The file's integrity is checked first. The directory is this process's until the store is closed.
 * An open store keeps the process alive.
 *
 * @throws {CommandError} `IllegalOperation` if another process has it open.
 * @throws {Error} if the file is damaged or of another format.
 */
export async function openStore(
  location: string,
  options: { flush?: 'always' | 'never' } = {},
): Promise<Store> {
  const directory = takeDirectory(location);
  try {
    const writer = await Writer.open({ file: directory.file, flush: options.flush ?? directory.flush });
    return new EmbeddedStore(directory, writer);
  } catch (error) {
    directory.release();
    throw error;
  }
}

class EmbeddedStore implements Store {
  readonly #directory: StoreDirectory;
  readonly #writer: Writer;
  readonly #snapshots: Snapshots;
  readonly #recent = new RecentRows();
  #closing: Promise<void> | undefined;

  constructor(directory: StoreDirectory, writer: Writer) {
    this.#directory = directory;
    this.#writer = writer;
    this.#snapshots = new Snapshots(directory.file);
    writer.beforeAnswers = () => this.#snapshots.renew();
  }

  find(ns: Namespace, query: FindQuery, context: ReadContext = {}): Promise<StoreCursor> {
    return this.#cursor(context, toSlices(query.maxTimeMS), (view) => {
      const own = view(ns);
      return pagesOf(own, compileFind(own, query));
    });
  }

  aggregate(
    ns: Namespace,
    pipeline: readonly Document[],
    { maxTimeMS, hint }: { maxTimeMS?: number; hint?: string | Document } = {},
    context: ReadContext = {},
  ): Promise<StoreCursor> {
    const compiled = compilePipeline([...pipeline]);
    const database = ns.slice(0, ns.indexOf('.'));
    const slices = toSlices(maxTimeMS);
    return this.#cursor(context, slices, function* (view) {
      const head: FindQuery = hint === undefined ? compiled.head : { ...compiled.head, hint };
      const documents = yield* collect(view(ns), head);
      const others = new Map<string, Document[]>();
      for (const name of compiled.lookups) {
        others.set(name, yield* collect(view(`${database}.${name}`), { filter: {} }));
      }
      yield compiled.run(documents, (name) => others.get(name) ?? [], { now: new Date() }).map(encode);
    });
  }

  count(ns: Namespace, query: FindQuery, context: ReadContext = {}): Promise<number> {
    return this.#read(context, toSlices(query.maxTimeMS), function* (view) {
      const own = view(ns);
      if (isEverything(query) && own.overlay === undefined) return own.source?.size() ?? 0;
      let count = 0;
      for (const page of findRows(own, compileFind(own, query))) {
        count += page.length;
        yield;
      }
      return count;
    });
  }

  distinct(ns: Namespace, field: string, query: FindQuery, context: ReadContext = {}): Promise<unknown[]> {
    return this.#read(context, toSlices(query.maxTimeMS), function* (view) {
      const own = view(ns);
      const values = new Map<string, unknown>();
      for (const page of findRows(own, compileFind(own, query))) {
        for (const found of page) {
          for (const value of distinctValues(field, documentOf(found))) {
            const key = keyText(idBytes(value));
            if (!values.has(key)) values.set(key, value);
          }
        }
        yield;
      }
      return [...values.values()];
    });
  }

  explain(ns: Namespace, query: FindQuery, context: ReadContext = {}): Promise<Explanation> {
    return this.#read(context, toSlices(query.maxTimeMS), function* (view) {
      const own = view(ns);
      const find = compileFind(own, query);
      let returned = 0;
      for (const page of findRows(own, find)) {
        returned += page.length;
        yield;
      }
      return explanation(own, find, returned);
    });
  }

  async write(
    statements: readonly WriteStatement[],
    { ordered, once, transaction }: { ordered: boolean; once?: OnceKey; transaction?: Transaction },
  ): Promise<WriteOutcome[]> {
    if (transaction === undefined) {
      return this.#writer
        .submit({ kind: 'write', statements, ordered, once })
        .finally(() => this.#recent.forgetChanged(statements));
    }
    return this.#writeBuffered(statements, ordered, own(transaction));
  }

  begin(): Transaction {
    return new OpenTransaction({
      recent: this.#recent,
      takeSnapshot: () => this.#snapshots.take(),
      commit: (writes, once) => this.#commit(writes, once),
    });
  }

  async insertIfAny(writes: readonly InsertIfAny[], transaction: Transaction): Promise<void> {
    const open = own(transaction);
    await open.run(async () => open.add(writes.map(toBufferedIfAny)));
  }

  async check(checks: readonly GuardedCheck[], transaction: Transaction): Promise<boolean> {
    const open = own(transaction);
    return open.run(async () => {
      const buffered = toBufferedChecks(checks, this.#guardedHost());
      if (buffered !== undefined) open.add(buffered);
      return buffered !== undefined;
    });
  }

  async writeGuarded(
    writes: readonly GuardedWrite[],
    checks: readonly GuardedCheck[] = [],
  ): Promise<boolean> {
    const host = this.#guardedHost();
    const buffered = toBufferedWrites(writes, host);
    const checked = buffered && toBufferedChecks(checks, host);
    if (buffered === undefined || checked === undefined) return false;
    try {
      await this.#commit([...checked, ...buffered], undefined);
      return true;
    } catch (error) {
      if (error instanceof CommandError && error.codeName === 'WriteConflict') return false;
      throw error;
    }
  }

  #guardedHost(): GuardedHost {
    return { recent: this.#recent, takeSnapshot: () => this.#snapshots.take() };
  }

  async #commit(writes: readonly BufferedWrite[], once: OnceKey | undefined): Promise<void> {
    const recent = this.#recent;
    try {
      const [first] = await this.#writer.submit({ kind: 'commit', writes, once });
      if (first !== undefined && 'n' in first) recent.remember(writes, first.n);
    } catch (error) {
      recent.forget(writes);
      throw error;
    }
  }

  async outcomeOf(once: OnceKey): Promise<WriteOutcome[] | undefined> {
    try {
      // Asked of the writer thread, so that the answer comes after whatever is still under way there.
      return await this.#writer.submit({ kind: 'recall', once });
    } catch (error) {
      if (error instanceof CommandError && error.codeName === 'NoSuchTransaction') return undefined;
      throw error;
    }
  }

  async createCollection(ns: Namespace): Promise<void> {
    await this.#writer.submit({ kind: 'createCollection', ns });
  }

  async dropCollection(ns: Namespace): Promise<boolean> {
    const [outcome] = await this.#writer.submit({ kind: 'dropCollection', ns });
    return outcome !== undefined && 'n' in outcome && outcome.n === 1;
  }

  async dropDatabase(database: string): Promise<void> {
    const names = await this.listCollections(database);
    await Promise.all(names.map((name) => this.dropCollection(`${database}.${name}`)));
  }

  async listCollections(database: string): Promise<string[]> {
    const prefix = `${database}.`;
    return this.#namespaces()
      .filter((ns) => ns.startsWith(prefix))
      .map((ns) => ns.slice(prefix.length));
  }

  async listDatabases(): Promise<string[]> {
    return [...new Set(this.#namespaces().map((ns) => ns.slice(0, ns.indexOf('.'))))];
  }

  async createIndexes(ns: Namespace, specs: readonly IndexSpec[]): Promise<string[]> {
    await this.#writer.submit({ kind: 'createIndexes', ns, specs });
    return specs.map(({ name }) => name);
  }

  async dropIndex(ns: Namespace, name: string): Promise<void> {
    if (name === '_id_') throw new CommandError('InvalidOptions', 'cannot drop _id index');
    await this.#writer.submit({ kind: 'dropIndex', ns, name });
  }

  async listIndexes(ns: Namespace): Promise<IndexSpec[]> {
    const snapshot = this.#snapshots.take();
    const entry = snapshot.catalog.collections.get(ns);
    snapshot.release();
    if (entry === undefined) throw new CommandError('NamespaceNotFound', `ns does not exist: ${ns}`);
    return [idIndex, ...entry.indexes.map(({ spec }) => spec)];
  }

  backup(file: string): Promise<{ bytes: number }> {
    return backUp(this.#directory.file, file);
  }

  get stats(): StoreStats {
    return { batches: this.#writer.batches, submissions: this.#writer.submissions };
  }

  close(): Promise<void> {
    if (this.#closing === undefined) {
      // Before the writer: the last connection to close cuts the log, and flushes, off the main thread.
      this.#snapshots.close();
      this.#closing = this.#writer.close().then(() => this.#directory.release());
    }
    return this.#closing;
  }

  #namespaces(): Namespace[] {
    const snapshot = this.#snapshots.take();
    const names = [...snapshot.catalog.collections.keys()];
    snapshot.release();
    return names;
  }

  async #writeBuffered(
    statements: readonly WriteStatement[],
    ordered: boolean,
    transaction: OpenTransaction,
  ): Promise<WriteOutcome[]> {
    const outcomes: WriteOutcome[] = [];
    const scope: WriteScope = { view: (ns) => transaction.writeView(ns), now: new Date() };
    try {
      await transaction.run(async () => {
        const slices = new Slices();
        for (const [ns, ids] of idsToInsert(statements)) transaction.lookAhead(ns, ids);
        for (const statement of statements) {
          outcomes.push(await drive(runStatement(statement, scope), slices));
        }
      });
    } catch (error) {
      if (!(error instanceof CommandError) || error.labels.length > 0) throw error;
      // One refused statement ends the transaction, and with it the statements after it, ordered or not.
      outcomes.push(error);
      if (!ordered) outcomes.push(...statements.slice(outcomes.length).map(() => error));
    }
    return outcomes;
  }

  /** Runs a read to its end, in its transaction or on a snapshot of its own. */
  async #read<T>(
    { transaction }: ReadContext,
    slices: Slices,
    steps: (view: (ns: Namespace) => CollectionView) => Generator<unknown, T>,
  ): Promise<T> {
    if (transaction !== undefined) {
      const open = own(transaction);
      return open.run(() =>
        drive(
          steps((ns) => open.readView(ns)),
          slices,
        ),
      );
    }
    const snapshot = this.#snapshots.take();
    try {
      return await drive(
        steps((ns) => ({ source: snapshot.source(ns), overlay: undefined })),
        slices,
      );
    } finally {
      snapshot.release();
    }
  }

  async #cursor(
    { transaction }: ReadContext,
    slices: Slices,
    pages: (view: (ns: Namespace) => CollectionView) => Iterator<Bytes[]>,
  ): Promise<StoreCursor> {
    if (transaction !== undefined) {
      const open = own(transaction);
      const cursor = await open.run(
        async () =>
          new PagedCursor(
            pages((ns) => open.cursorView(ns)),
            slices,
            () => {},
          ),
      );
      return { next: (size) => open.run(() => cursor.next(size)), close: () => cursor.close() };
    }
    const snapshot = this.#snapshots.take();
    try {
      const steps = pages((ns) => ({ source: snapshot.source(ns), overlay: undefined }));
      return new PagedCursor(steps, slices, () => snapshot.release());
    } catch (error) {
      snapshot.release();
      throw error;
    }
  }
}

function own(transaction: Transaction): OpenTransaction {
  if (transaction instanceof OpenTransaction) return transaction;
  throw new CommandError('BadValue', 'the transaction was not begun by this store');
}

/** The ids of documents that are to be inserted beside others; of one alone there is nothing to be asked at once. */
function idsToInsert(statements: readonly WriteStatement[]): Map<Namespace, Uint8Array[]> {
  const ids = new Map<Namespace, Uint8Array[]>();
  if (statements.length === 1) return ids;
  for (const statement of statements) {
    if (statement.type !== 'insert' || typeof statement.decoded?.['_id'] !== 'string') continue;
    const id = idBytes(statement.decoded['_id']);
    const others = ids.get(statement.ns);
    if (others === undefined) ids.set(statement.ns, [id]);
    else others.push(id);
  }
  return ids;
}

function isEverything({ filter, skip, limit, hint }: FindQuery): boolean {
  return Object.keys(filter).length === 0 && !skip && !limit && hint === undefined;
}

function toSlices(maxTimeMS: number | undefined): Slices {
  if (maxTimeMS === undefined || maxTimeMS === 0) return new Slices();
  const end = performance.now() + maxTimeMS;
  return new Slices(() => {
    if (performance.now() > end) {
      throw new CommandError('MaxTimeMSExpired', `operation exceeded time limit of ${maxTimeMS} ms`);
    }
  });
}

function* pagesOf(view: CollectionView, find: CompiledFind): Generator<Bytes[]> {
  const project = projector(find);
  for (const page of findRows(view, find)) yield page.map(project);
}

/** All documents of a query, decoded. @throws {CommandError} if they are more than a sort may hold. */
function* collect(view: CollectionView, query: FindQuery): Generator<Bytes[], Document[]> {
  const documents: Document[] = [];
  let bytes = 0;
  for (const page of findRows(view, compileFind(view, query))) {
    for (const found of page) {
      bytes += found.row.body.length;
      documents.push(documentOf(found));
    }
    if (bytes > sortBytesMax) {
      throw new CommandError(
        'QueryExceededMemoryLimitNoDiskUseAllowed',
        `the aggregation reads more than ${sortBytesMax} bytes: begin with a $match or $limit`,
      );
    }
    yield [];
  }
  return documents;
}

function explanation(view: CollectionView, find: CompiledFind, returned: number): Explanation {
  const { plan, examined, sorted } = find;
  const figures = {
    sortedByIndex: sorted && find.query.sort !== undefined,
    keysExamined: examined.keys,
    docsExamined: examined.docs,
    returned,
  };
  if (plan.kind === 'id') return { stage: 'IDHACK', indexName: '_id_', keyPattern: { _id: 1 }, ...figures };
  if (plan.kind === 'index') {
    const entry = view.source?.entry.indexes.find(({ spec }) => spec.name === plan.spec.name);
    return {
      stage: 'IXSCAN',
      indexName: plan.spec.name,
      keyPattern: Object.fromEntries(plan.spec.key),
      isMultiKey: entry?.multikey ?? false,
      ...figures,
    };
  }
  if (plan.kind === 'or') return { stage: 'IXSCAN', ...figures };
  return { stage: plan.kind === 'empty' ? 'EOF' : 'COLLSCAN', ...figures };
}
