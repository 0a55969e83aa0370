// The cursor of aggregate: stages given at once or one by one, batches, refusals in and outside a transaction, explain.
import assert from 'node:assert/strict';
import type { Document } from 'bson';
import { EmbeddedClient } from '../../../../../store/embedded/client/client.js';
import type { EmbeddedCollection } from '../../../../../store/embedded/client/collection.js';

describe('AggregationCursor', () => {
  let client: EmbeddedClient;
  let orders: EmbeddedCollection;

  before(async () => {
    client = await EmbeddedClient.connect(':memory:');
    orders = client.db().collection('orders');
    await orders.insertMany(Array.from({ length: 6 }, (_, n) => ({ _id: n, n, odd: n % 2 })) as Document[]);
    await orders.createIndex({ n: 1 });
  });

  after(async () => {
    await client.close();
  });

  it('runs the stages it was given and those added', async () => {
    const cursor = orders
      .aggregate([{ $match: { n: { $gt: 0 } } }], { cursor: { batchSize: 1 } })
      .group({ _id: '$odd', sum: { $sum: '$n' } })
      .sort({ _id: 1 });
    assert.deepEqual(await cursor.toArray(), [
      { _id: 0, sum: 6 },
      { _id: 1, sum: 9 },
    ]);
  });

  it('sees the writes of its transaction', async () => {
    const session = client.startSession();
    session.startTransaction();
    await orders.insertOne({ _id: 100, n: 100 }, { session });
    const count = [{ $match: { n: 100 } }, { $count: 'n' }];
    assert.deepEqual(await orders.aggregate(count, { session }).toArray(), [{ n: 1 }]);
    assert.deepEqual(await orders.aggregate(count).toArray(), []);
    await session.endSession();
  });

  it('refuses a stage by name when it is read, and that aborts the transaction', async () => {
    const session = client.startSession();
    session.startTransaction();
    const cursor = orders.aggregate([{ $out: 'copy' }], { session });
    await assert.rejects(cursor.toArray(), { codeName: 'CommandNotSupported', message: /\$out/ });
    await assert.rejects(session.commitTransaction(), { code: 251 });
    await session.endSession();
  });

  it('explains how its input is read', async () => {
    const explained = await orders
      .aggregate([{ $match: { n: 3 } }, { $group: { _id: null, n: { $sum: 1 } } }])
      .explain();
    const { winningPlan } = explained['stages'][0].$cursor.queryPlanner;
    assert.equal(winningPlan.inputStage.indexName, 'n_1');
    assert.equal(explained['executionStats'].totalDocsExamined, 1);
  });
});
