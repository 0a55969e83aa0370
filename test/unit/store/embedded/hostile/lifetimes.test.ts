// Cursors, transactions and stores that end while something is still under way: nothing hangs, and nothing is
// answered from another snapshot or cut short without a word.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { deserialize, serialize } from 'bson';
import { canonical } from '../../../../../store/embedded/bson/codec.js';
import { CommandError } from '../../../../../store/embedded/errors.js';
import { openStore } from '../../../../../store/embedded/open.js';
import type { Bytes, Store, Transaction, WriteStatement } from '../../../../../store/embedded/store.js';

const ns = 't.a';
const all = { filter: {} };
const insert = (document: object): WriteStatement => ({ type: 'insert', ns, document: serialize(document) });
const set = (q: object, fields: object): WriteStatement => ({
  type: 'update',
  ns,
  q: canonical(q),
  u: canonical({ $set: fields }),
});
const idsOf = (documents: readonly Bytes[]): unknown[] => documents.map((bytes) => deserialize(bytes)['_id']);
const withCode =
  (...names: string[]) =>
  (error: unknown) =>
    error instanceof CommandError && names.includes(error.codeName);

describe('a cursor of a transaction', () => {
  let store: Store;
  let transaction: Transaction;
  const write = (...statements: WriteStatement[]) => store.write(statements, { ordered: true, transaction });

  beforeEach(async () => {
    store = await openStore(':memory:');
    const statements = Array.from({ length: 10 }, (_, _id) => insert({ _id, n: 0 }));
    await store.write(statements, { ordered: true });
    transaction = store.begin();
  });

  afterEach(() => store.close());

  it('gives each document once, although the transaction changes those it was given', async () => {
    await write(set({ _id: 9 }, { n: 1 }));
    const cursor = await store.find(ns, all, { transaction });
    const ids: unknown[] = [];
    for (let done = false; !done; ) {
      const batch = await cursor.next(2);
      done = batch.done;
      for (const id of idsOf(batch.documents)) {
        ids.push(id);
        await write(set({ _id: id }, { n: 2 }));
        await write(insert({ n: 3 }));
      }
    }
    assert.deepEqual(ids, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.equal(await store.count(ns, { filter: canonical({ n: 2 }) }, { transaction }), 10);
  });

  it('keeps the order of insertion of documents that the transaction has changed', async () => {
    await write(set({ _id: 0 }, { n: 1 }), insert({ _id: 10 }), set({ _id: 5 }, { n: 1 }));
    await write({ type: 'delete', ns, q: canonical({ _id: 1 }) });
    const read = async (query: object) =>
      idsOf((await (await store.find(ns, { filter: {}, ...query }, { transaction })).next(20)).documents);
    assert.deepEqual(await read({}), [0, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    assert.deepEqual(await read({ sort: canonical({ $natural: -1 }) }), [10, 9, 8, 7, 6, 5, 4, 3, 2, 0]);
    // The same document again, as it would be outside a transaction.
    await write(set({}, { n: 7 }), set({}, { n: 8 }));
    const changed = await store.find(ns, { filter: canonical({ n: { $in: [7, 8] } }) }, { transaction });
    assert.deepEqual(idsOf((await changed.next(9)).documents), [0]);
  });
});

describe('what ends while it is read', () => {
  let store: Store;
  const many = 20_000;

  beforeEach(async () => {
    store = await openStore(':memory:');
    const statements = Array.from({ length: many }, (_, _id) => insert({ _id, n: 0, text: 'x'.repeat(50) }));
    await store.write(statements, { ordered: true });
  });

  afterEach(() => store.close());

  it('does not pass for a whole result when its cursor is closed', async () => {
    const cursor = await store.find(ns, { filter: canonical({ text: 'absent' }) });
    const reading = cursor.next(100);
    setImmediate(() => cursor.close());
    await assert.rejects(reading, withCode('CursorNotFound'));
  });

  it('keeps its snapshot when its transaction is aborted, and is refused in the end', async () => {
    for (const round of [1, 2, 3]) {
      const transaction = store.begin();
      const counting = store.count(ns, { filter: canonical({ n: { $lt: round } }) }, { transaction });
      setImmediate(() => void transaction.abort());
      await assert.rejects(counting, withCode('NoSuchTransaction'));
      assert.equal(transaction.state, 'aborted');
    }
    // Each took a snapshot, and gave it back.
    await assert.doesNotReject(
      Promise.all(Array.from({ length: 900 }, async () => (await store.find(ns, all)).close())),
    );
  });

  it('is not lost when an aggregation looks into another collection after the abort', async () => {
    await store.write([{ type: 'insert', ns: 't.b', document: serialize({ _id: 1 }) }], { ordered: true });
    const pipeline = [{ $lookup: { from: 'b', localField: 'n', foreignField: '_id', as: 'found' } }];
    const transaction = store.begin();
    const cursor = await store.aggregate(ns, pipeline, {}, { transaction });
    const reading = cursor.next(1);
    setImmediate(() => void transaction.abort());
    await assert.rejects(reading, withCode('NoSuchTransaction'));
  });
});

describe('a store that is closed', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'hostile-'));
  });

  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('refuses reads as well as writes', async () => {
    const store = await openStore(directory, { flush: 'never' });
    await store.write([insert({ _id: 1 })], { ordered: true });
    await store.close();
    const closed = withCode('InterruptedAtShutdown');
    await assert.rejects(store.find(ns, all), closed);
    await assert.rejects(store.count(ns, all), closed);
    await assert.rejects(store.listCollections('t'), closed);
    await assert.rejects(store.write([insert({ _id: 2 })], { ordered: true }), closed);
    await assert.rejects(store.count(ns, all, { transaction: store.begin() }), closed);
  });

  it('commits nothing that was left open, and can be opened again at once', async () => {
    const store = await openStore(directory, { flush: 'never' });
    await store.write([insert({ _id: 1 }), insert({ _id: 2 })], { ordered: true });
    const cursor = await store.find(ns, all);
    await cursor.next(1);
    const transaction = store.begin();
    await store.write([insert({ _id: 3 })], { ordered: true, transaction });
    await store.close();
    await assert.rejects(transaction.commit(), withCode('InterruptedAtShutdown'));
    const again = await openStore(directory, { flush: 'never' });
    assert.equal(await again.count(ns, all), 2);
    cursor.close();
    await again.close();
  });

  it('has written what it acknowledged, and rejected the rest', async () => {
    const store = await openStore(directory, { flush: 'never' });
    const writes = Array.from({ length: 300 }, (_, _id) => store.write([insert({ _id })], { ordered: true }));
    const closing = store.close();
    const late = Array.from({ length: 50 }, (_, n) =>
      store.write([insert({ _id: -1 - n })], { ordered: true }),
    );
    const settled = await Promise.allSettled([...writes, ...late]);
    await closing;
    const acknowledged = settled.filter(({ status }) => status === 'fulfilled').length;
    const again = await openStore(directory, { flush: 'never' });
    assert.equal(await again.count(ns, all), acknowledged);
    assert.ok(acknowledged >= 300);
    await again.close();
  });
});

describe('a writer thread that dies', () => {
  it('fails what is pending and what comes after, and lets the store be closed', async () => {
    let thread: Worker | undefined;
    process.once('worker', (worker) => {
      thread = worker;
    });
    const store = await openStore(':memory:');
    await store.write([insert({ _id: 1 })], { ordered: true });
    const pending = Array.from({ length: 20 }, (_, n) =>
      store.write([insert({ _id: n + 2 })], { ordered: true }),
    );
    const settled = Promise.allSettled(pending);
    setImmediate(() => void thread?.terminate());
    for (const result of await settled) {
      if (result.status === 'fulfilled') continue;
      assert.deepEqual((result.reason as CommandError).labels, ['UnknownTransactionCommitResult']);
    }
    const refused = await store
      .write([insert({ _id: 99 })], { ordered: true })
      .catch((error: unknown) => error);
    assert.ok(refused instanceof CommandError);
    // Nothing of it was sent, so nothing about it is unknown.
    assert.deepEqual(refused.labels, []);
    const transaction = store.begin();
    await store.write([insert({ _id: 100 })], { ordered: true, transaction });
    await assert.rejects(transaction.commit(), withCode('OperationFailed'));
    await store.close();
  });
});
