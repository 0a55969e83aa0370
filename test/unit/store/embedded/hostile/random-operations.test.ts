// Thousands of random operations on one store: single writes, bulks that fail midway, transactions that commit, abort
// and conflict, catalogue changes. After every few of them each index table is compared with the keys computed anew
// from the documents, reads are compared with full scans, and transactions with a model of them.
// A failure names its seed: HOSTILE_SEED=<seed> runs it again, HOSTILE_MS=<ms> runs longer.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Document, serialize } from 'bson';
import { canonical, decode, encode } from '../../../../../store/embedded/bson/codec.js';
import { CommandError } from '../../../../../store/embedded/errors.js';
import { openStore } from '../../../../../store/embedded/open.js';
import { toIndexSpec } from '../../../../../store/embedded/plan/index-spec.js';
import { compileFilter } from '../../../../../store/embedded/query/filter.js';
import { compileSort } from '../../../../../store/embedded/query/sort.js';
import { readCatalog } from '../../../../../store/embedded/storage/catalog.js';
import { Connection } from '../../../../../store/embedded/storage/connection.js';
import { collectionTable, indexTable } from '../../../../../store/embedded/storage/layout.js';
import type {
  FindQuery,
  ReadContext,
  Store,
  WriteOutcome,
  WriteStatement,
} from '../../../../../store/embedded/store.js';
import { Random } from '../../../../conformance/store/random.js';

const budgetMs = Number(process.env['HOSTILE_MS'] ?? 5_000);
const seed = Number(process.env['HOSTILE_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const namespaces = ['t.a', 't.b'];

const indexChoices: readonly { key: Document; options: Document }[] = [
  { key: { a: 1 }, options: {} },
  { key: { a: -1, b: 1 }, options: {} },
  { key: { 'a.x': 1, b: -1 }, options: {} },
  { key: { tags: 1 }, options: {} },
  { key: { tags: 1, a: 1 }, options: { sparse: true } },
  { key: { b: 1 }, options: { partialFilterExpression: { a: { $gt: 1 } } } },
  { key: { u: 1 }, options: { unique: true, sparse: true } },
  { key: { tags: 1, u: 1 }, options: { unique: true, partialFilterExpression: { u: { $exists: true } } } },
  { key: { v: 1, a: 1 }, options: { unique: true, partialFilterExpression: { v: { $gte: 0 } } } },
];

const specOf = ({ key, options }: (typeof indexChoices)[number]) =>
  toIndexSpec(canonical(key), canonical(options));

class Run {
  readonly #random: Random;
  readonly #store: Store;
  readonly #file: string;
  readonly count = new Map<string, number>();

  constructor(random: Random, store: Store, file: string) {
    this.#random = random;
    this.#store = store;
    this.#file = file;
  }

  #note(what: string): void {
    this.count.set(what, (this.count.get(what) ?? 0) + 1);
  }

  #scalar(): unknown {
    const random = this.#random;
    return random.pick<() => unknown>([
      () => random.below(4),
      () => random.below(4) + 0.5,
      () => null,
      () => random.pick(['p', 'q', 'pq']),
      () => random.below(2) === 0,
    ])();
  }

  #value(): unknown {
    const random = this.#random;
    if (random.chance(65)) return this.#scalar();
    if (random.chance(40)) return random.list(3, () => this.#scalar());
    const nested = () => ({ x: random.chance(80) ? this.#scalar() : random.list(2, () => this.#scalar()) });
    return random.chance(50) ? nested() : random.list(2, nested);
  }

  #document(): Document {
    const random = this.#random;
    const document: Document = { _id: random.below(60) };
    if (random.chance(80)) document['a'] = this.#value();
    if (random.chance(60)) document['b'] = this.#scalar();
    if (random.chance(50))
      document['tags'] = random.chance(80) ? random.list(3, () => random.below(6)) : this.#scalar();
    if (random.chance(40))
      document['u'] = random.chance(80) ? random.below(40) : random.list(3, () => random.below(40));
    if (random.chance(40)) document['v'] = random.below(20) - 4;
    return document;
  }

  filter(): Document {
    const random = this.#random;
    const test = () =>
      random.pick<() => unknown>([
        () => this.#scalar(),
        () => ({ $gt: random.below(3) }),
        () => ({ $gte: random.below(4), $lt: 3 + random.below(3) }),
        () => ({ $in: random.list(3, () => this.#scalar(), 1) }),
        () => ({ $exists: random.chance(50) }),
        () => ({ $ne: this.#scalar() }),
        () => random.list(2, () => this.#scalar()),
        () => ({ $elemMatch: { $gte: random.below(4), $lt: 4 } }),
      ])();
    const one = (): Document =>
      random.chance(25)
        ? { _id: random.chance(60) ? random.below(60) : { $in: random.list(4, () => random.below(60)) } }
        : { [random.pick(['a', 'a.x', 'b', 'tags', 'u', 'v'])]: test() };
    if (random.chance(5)) return {};
    if (random.chance(15)) return { $or: random.list(3, one, 1) };
    return random.chance(60) ? one() : { ...one(), ...one() };
  }

  #update(): Document {
    const random = this.#random;
    const path = () => random.pick(['a', 'a.x', 'b', 'tags', 'u', 'v']);
    return random.pick<() => Document>([
      () => ({ $set: { [path()]: this.#value() } }),
      () => ({ $set: { u: random.below(40) } }),
      () => ({ $inc: { v: random.below(3) - 1 } }),
      () => ({ $unset: { [path()]: 1 } }),
      () => ({ $push: { tags: random.below(6) } }),
      () => ({ $addToSet: { tags: { $each: random.list(3, () => random.below(6)) } } }),
      () => ({ $pull: { tags: random.below(6) } }),
      () => ({ $pop: { tags: 1 } }),
      () => ({ $set: { u: random.list(3, () => random.below(40)) } }),
      () => ({ $rename: { b: 'v' } }),
    ])();
  }

  #statement(): WriteStatement {
    const random = this.#random;
    const ns = random.pick(namespaces);
    const q = canonical(this.filter());
    return random.pick<() => WriteStatement>([
      () => ({ type: 'insert', ns, document: serialize(this.#document()) }),
      () => ({ type: 'insert', ns, document: serialize(this.#document()) }),
      () => ({
        type: 'update',
        ns,
        q,
        u: canonical(this.#update()),
        multi: random.chance(30),
        upsert: random.chance(20),
      }),
      () => ({ type: 'update', ns, q, u: canonical(this.#update()), multi: random.chance(30) }),
      () => {
        const { _id, ...replacement } = this.#document();
        return {
          type: 'update',
          ns,
          q: canonical({ _id }),
          u: canonical(replacement),
          upsert: random.chance(50),
        };
      },
      () => ({ type: 'delete', ns, q, multi: random.chance(15) }),
      () => ({
        type: 'modify',
        ns,
        q,
        u: canonical(this.#update()),
        new: random.chance(50),
        sort: canonical({ a: 1, _id: 1 }),
      }),
      () => ({ type: 'modify', ns, q, remove: true }),
    ])();
  }

  /** One write outside transactions, of one or several statements. */
  async write(): Promise<void> {
    const statements = this.#random.list(5, () => this.#statement(), 1);
    const outcomes = await this.#store.write(statements, { ordered: this.#random.chance(50) });
    for (const outcome of outcomes) this.#note(codeOf(outcome));
  }

  async changeCatalog(): Promise<void> {
    const ns = this.#random.pick(namespaces);
    try {
      if (this.#random.chance(8)) await this.#store.dropCollection(ns);
      else if (this.#random.chance(60))
        await this.#store.createIndexes(ns, [specOf(this.#random.pick(indexChoices))]);
      else await this.#store.dropIndex(ns, specOf(this.#random.pick(indexChoices)).name);
      this.#note('catalogue');
    } catch (error) {
      this.#note(refusal(error));
    }
  }

  /** A transaction in which every statement and read is compared with what the same does to plain lists. */
  async transaction(isAlone: boolean): Promise<void> {
    const transaction = this.#store.begin();
    for (const ns of namespaces) await this.checkReads(ns, { transaction });
    let ended = false;
    for (let left = 1 + this.#random.below(6); left > 0 && !ended; left -= 1) {
      const [outcome] = await this.#store.write([this.#statement()], { ordered: true, transaction });
      this.#note(`in transaction ${codeOf(outcome)}`);
      ended = outcome instanceof CommandError;
      if (!ended) for (const ns of namespaces) await this.checkReads(ns, { transaction });
    }
    if (ended) {
      assert.equal(transaction.state, 'aborted');
      return;
    }
    const seen: Document[][] = [];
    for (const ns of namespaces) seen.push(await this.#all(ns, { transaction }));
    if (this.#random.chance(30)) {
      await transaction.abort();
      this.#note('aborted');
      return;
    }
    try {
      await transaction.commit();
      this.#note('committed');
    } catch (error) {
      assert.ok(
        !isAlone || !(error instanceof CommandError) || error.codeName !== 'WriteConflict',
        'conflict with nobody',
      );
      this.#note(`at commit ${refusal(error)}`);
      return;
    }
    if (!isAlone) return;
    for (const [at, ns] of namespaces.entries()) {
      assert.deepEqual(
        shown(await this.#all(ns, {})),
        shown(seen[at]!),
        'as it was seen in the transaction, in order',
      );
    }
  }

  async #all(ns: string, context: ReadContext, query: FindQuery = { filter: {} }): Promise<Document[]> {
    const cursor = await this.#store.find(ns, query, context);
    const found: Document[] = [];
    for (let done = false; !done; ) {
      const batch = await cursor.next(1 + this.#random.below(20));
      done = batch.done;
      found.push(...batch.documents.map((bytes) => decode(bytes)));
    }
    return found;
  }

  /** Whatever plan a query has, it finds what looking at all documents finds. */
  async checkReads(ns: string, context: ReadContext): Promise<void> {
    const random = this.#random;
    const everything = await this.#all(ns, context, { filter: {}, hint: canonical({ $natural: 1 }) });
    for (let left = 2; left > 0; left -= 1) {
      const given = canonical(this.filter());
      const filter = compileFilter(given);
      const wanted = everything.filter((document) => filter.matches(document));
      const found = await this.#all(ns, context, { filter: given });
      assert.deepEqual(shown(found).sort(), shown(wanted).sort(), JSON.stringify(given));
      assert.equal(await this.#store.count(ns, { filter: given }, context), wanted.length);
      const order = canonical(
        random.pick<Document>([{ _id: 1 }, { b: 1, _id: 1 }, { v: -1, _id: -1 }, { u: 1, _id: 1 }]),
      );
      const sorting = compileSort(order);
      const sorted = wanted
        .map((document) => ({ document, key: sorting.key(document) }))
        .sort((x, y) => sorting.compareKeys(x.key, y.key))
        .map(({ document }) => document);
      const [skip, limit] = [random.below(3), random.below(6)];
      const page = await this.#all(ns, context, { filter: given, sort: order, skip, limit });
      const end = limit === 0 ? undefined : skip + limit;
      assert.deepEqual(
        shown(page),
        shown(sorted.slice(skip, end)),
        `${JSON.stringify(given)} ${JSON.stringify(order)}`,
      );
      const pipeline = [{ $match: given }, { $sort: order }, { $limit: 3 }];
      const rows = await (await this.#store.aggregate(ns, pipeline, {}, context)).next(10);
      assert.deepEqual(shown(rows.documents.map((bytes) => decode(bytes))), shown(sorted.slice(0, 3)));
    }
  }

  /** Each index holds the keys of the documents, all of them and no others, as the file has them. */
  checkIndexes(): number {
    const connection = new Connection(this.#file);
    let keys = 0;
    try {
      connection.run('BEGIN');
      for (const { id, indexes, ns } of readCatalog(connection).collections.values()) {
        const rows = connection.all(`SELECT rid, body FROM ${collectionTable(id)}`);
        for (const { id: indexId, index, spec, multikey } of indexes) {
          const documents = rows.map(([rid, body]) => ({ rid, document: decode(body as Uint8Array) }));
          const wanted = documents.flatMap(({ rid, document }) =>
            index.keys(document).map((key) => `${Buffer.from(key).toString('hex')} ${rid}`),
          );
          const stored = connection
            .all(`SELECT key, rid FROM ${indexTable(indexId)}`)
            .map(([key, rid]) => `${Buffer.from(key as Uint8Array).toString('hex')} ${rid}`);
          assert.deepEqual(stored.sort(), wanted.sort(), `${ns} ${spec.name}`);
          if (spec.unique)
            assert.equal(new Set(stored.map((entry) => entry.split(' ')[0])).size, stored.length);
          if (!multikey)
            assert.ok(
              documents.every(({ document }) => !index.isMultikey(document)),
              spec.name,
            );
          keys += stored.length;
        }
      }
      connection.run('COMMIT');
    } finally {
      connection.close();
    }
    return keys;
  }

  async step(): Promise<void> {
    const random = this.#random;
    const kind = random.below(100);
    if (kind < 45) await this.write();
    else if (kind < 70) await this.transaction(true);
    else if (kind < 80)
      await Promise.all([this.transaction(false), this.transaction(false), this.write(), this.write()]);
    else if (kind < 86)
      await Promise.all([this.transaction(false), this.changeCatalog(), this.write(), this.changeCatalog()]);
    else if (kind < 92) await this.changeCatalog();
    else await this.checkReads(random.pick(namespaces), {});
  }
}

function codeOf(outcome: WriteOutcome | undefined): string {
  return outcome instanceof CommandError ? refusal(outcome) : 'written';
}

/** What may be refused; everything else is a fault. */
const expected = new Set([
  'CannotIndexParallelArrays',
  'DuplicateKey',
  'IndexNotFound',
  'NamespaceNotFound',
  'PathNotViable',
  'TypeMismatch',
  'BadValue',
  'ConflictingUpdateOperators',
  'NotSingleValueField',
  'WriteConflict',
  'NoSuchTransaction',
]);

function refusal(error: unknown): string {
  assert.ok(error instanceof CommandError, String((error as Error).stack));
  assert.ok(expected.has(error.codeName), `${error.codeName}: ${error.message}`);
  return error.codeName;
}

const shown = (documents: readonly Document[]): string[] =>
  documents.map((document) => Buffer.from(encode(document)).toString('latin1'));

describe('random operations', () => {
  let directory: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'hostile-'));
  });

  after(() => rm(directory, { recursive: true, force: true }));

  it(`leave indexes, plans and transactions in agreement (seed ${seed})`, async function () {
    this.timeout(budgetMs * 4 + 20_000);
    const store = await openStore(directory, { flush: 'never' });
    const run = new Run(new Random(seed), store, join(directory, 'store.db'));
    const end = performance.now() + budgetMs;
    let keys = 0;
    try {
      for (let steps = 0; performance.now() < end; steps += 1) {
        await run.step();
        if (steps % 10 === 0) keys += run.checkIndexes();
      }
    } catch (error) {
      (error as Error).message = `HOSTILE_SEED=${seed}: ${(error as Error).message}`;
      throw error;
    } finally {
      await store.close();
    }
    run.checkIndexes();
    for (const what of ['written', 'DuplicateKey', 'committed', 'aborted', 'catalogue']) {
      assert.ok(run.count.has(what), `no ${what}: ${[...run.count]}`);
    }
    assert.ok(keys > 100);
    if (process.env['HOSTILE_MS']) console.log(Object.fromEntries(run.count), { keys });
  });
});
