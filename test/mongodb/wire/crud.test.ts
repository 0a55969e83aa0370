// The wire server through the real driver: reads, writes, indexes, and refusals by name.
import assert from 'node:assert/strict';
import { Decimal128, Long, MongoServerError, ObjectId } from 'mongodb';
import { type Served, serveInMemory } from './serving.js';

for (const direct of [false, true]) {
  describe(`wire: commands, ${direct ? 'connected directly' : 'as a replica set'}`, () => {
    let served: Served;
    before(async () => {
      served = await serveInMemory({ direct });
    });
    after(() => served.close());
    const db = () => served.client.db('shop');

    it('is a replica set of one, and says what it is', async () => {
      const hello = await db().admin().command({ hello: 1 });
      assert.equal(hello['setName'], 'recourse');
      assert.deepEqual(hello['hosts'], [`127.0.0.1:${served.server.port}`]);
      assert.equal(hello['isWritablePrimary'], true);
      const info = await db().admin().command({ buildInfo: 1 });
      assert.match(info['server'], /Recourse.*not MongoDB/);
    });

    it('inserts, finds, updates, deletes', async () => {
      const orders = db().collection('orders');
      await orders.insertOne({ number: 1, total: Decimal128.fromString('12.30') });
      const many = await orders.insertMany([{ number: 2 }, { number: 3, tags: ['a', 'b'] }]);
      assert.ok(many.insertedIds[0] instanceof ObjectId);
      const updated = await orders.updateMany({ number: { $gte: 2 } }, { $set: { seen: true } });
      assert.deepEqual([updated.matchedCount, updated.modifiedCount], [2, 2]);
      const upserted = await orders.updateOne({ number: 4 }, { $set: { seen: false } }, { upsert: true });
      assert.equal(upserted.upsertedCount, 1);
      assert.equal((await orders.findOne({ _id: upserted.upsertedId! }))?.['number'], 4);
      const before = await orders.findOneAndUpdate({ number: 3 }, { $push: { tags: 'c' } } as object);
      assert.deepEqual(before?.['tags'], ['a', 'b']);
      const gone = await orders.findOneAndDelete({ number: 3 }, { projection: { _id: 0, tags: 1 } });
      assert.deepEqual(gone, { tags: ['a', 'b', 'c'] });
      assert.equal((await orders.deleteMany({ number: { $gt: 1 } })).deletedCount, 2);
      const [left] = await orders.find().toArray();
      assert.equal(String(left?.['total']), '12.30');
      assert.equal(await orders.countDocuments({ number: 1 }), 1);
      assert.equal(await orders.estimatedDocumentCount(), 1);
      assert.deepEqual(await orders.distinct('number'), [1]);
    });

    it('keeps the BSON types of inserted documents', async () => {
      const types = db().collection('types');
      const document = {
        _id: new ObjectId(),
        long: Long.fromString('9007199254740993'),
        at: new Date(5),
        nothing: null,
      };
      await types.insertOne(document);
      const found = await types.findOne({}, { promoteLongs: false });
      assert.deepEqual(found, document);
    });

    it('answers a bulk write with its counts and errors', async () => {
      const lines = db().collection<{ _id: number; n: number }>('lines');
      await lines.insertOne({ _id: 1, n: 1 });
      const failed = await lines
        .bulkWrite(
          [
            { insertOne: { document: { _id: 2, n: 2 } } },
            { insertOne: { document: { _id: 1, n: 0 } } },
            { updateOne: { filter: { _id: 2 }, update: { $inc: { n: 5 } } } },
          ],
          { ordered: false },
        )
        .catch((error: unknown) => error as { code: number; writeErrors: { index: number }[] });
      assert.ok('code' in failed);
      assert.equal(failed.code, 11000);
      assert.deepEqual(
        (failed.writeErrors as { index: number }[]).map(({ index }) => index),
        [1],
      );
      assert.equal((await lines.findOne({ _id: 2 }))?.n, 7);
    });

    it('names the duplicate key', async () => {
      const users = db().collection('users');
      await users.createIndex({ mail: 1 }, { unique: true });
      await users.insertOne({ mail: 'a' });
      const error = await users.insertOne({ mail: 'a' }).catch((cause: unknown) => cause);
      assert.ok(error instanceof MongoServerError);
      assert.equal(error.code, 11000);
      assert.deepEqual(error['keyPattern'], { mail: 1 });
      assert.deepEqual(error['keyValue'], { mail: 'a' });
    });

    it('aggregates, and explains what a read used', async () => {
      const stock = db().collection('stock');
      await stock.insertMany([1, 2, 3].map((n) => ({ n })));
      await stock.createIndex({ n: 1 });
      const [sum] = await stock
        .aggregate([{ $match: { n: { $gt: 1 } } }, { $group: { _id: null, n: { $sum: '$n' } } }])
        .toArray();
      assert.equal(sum?.['n'], 5);
      const { queryPlanner, executionStats } = await stock.find({ n: 2 }).explain();
      assert.equal(queryPlanner.winningPlan.inputStage.indexName, 'n_1');
      assert.equal(executionStats.totalDocsExamined, 1);
      const explained = await stock.aggregate([{ $match: { n: 2 } }, { $limit: 1 }]).explain();
      assert.deepEqual(explained['stages'][1], { $limit: 1 });
      assert.equal(explained['stages'][0].$cursor.queryPlanner.winningPlan.inputStage.indexName, 'n_1');
    });

    it('makes, lists and drops collections, indexes and databases', async () => {
      const other = served.client.db('other');
      await other.createCollection('made');
      await assert.rejects(other.createCollection('made'), { codeName: 'NamespaceExists' });
      await other.collection('made').createIndex({ a: 1, b: -1 });
      await other.collection('second').insertOne({});
      assert.deepEqual(
        (await other.listCollections({ name: 'made' }, { nameOnly: true }).toArray()).map(({ name }) => name),
        ['made'],
      );
      const indexes = await other.collection('made').indexes();
      assert.deepEqual(
        indexes.map(({ name }) => name),
        ['_id_', 'a_1_b_-1'],
      );
      await other.collection('made').dropIndex('a_1_b_-1');
      await assert.rejects(other.collection('made').dropIndex('a_1_b_-1'), { codeName: 'IndexNotFound' });
      await other.collection('made').drop();
      const names = (await other.admin().listDatabases({ nameOnly: true })).databases.map(({ name }) => name);
      assert.ok(names.includes('other'));
      await other.dropDatabase();
      assert.deepEqual(await other.listCollections().toArray(), []);
    });

    it('refuses by name what would change the answer', async () => {
      const orders = db().collection('orders');
      const refusals: [() => Promise<unknown>, RegExp][] = [
        [() => orders.find({}, { collation: { locale: 'de' } }).toArray(), /option "collation" of find/],
        [() => orders.find({}, { min: { a: 1 }, hint: { a: 1 } }).toArray(), /option "min" of find/],
        [() => orders.find({}, { returnKey: true }).toArray(), /option "returnKey" of find/],
        [() => orders.find({}, { tailable: true }).toArray(), /option "tailable" of find/],
        [() => orders.find({}, { let: { a: 1 } }).toArray(), /option "let" of find/],
        [() => orders.updateOne({}, [{ $set: { a: 1 } }]), /pipeline as an update/],
        [
          () => orders.updateOne({}, { $set: { a: 1 } }, { collation: { locale: 'de' } }),
          /option "collation" of update/,
        ],
        [() => orders.insertOne({}, { writeConcern: { w: 3 } }), /write concern w: 3/],
        [() => db().createCollection('capped', { capped: true, size: 5 }), /option "capped" of create/],
        [() => db().createCollection('seen', { viewOn: 'orders' }), /option "viewOn" of create/],
        [() => db().command({ saslStart: 1, mechanism: 'PLAIN', payload: '' }), /authentication/],
        [() => db().command({ explain: { update: 'orders', updates: [] } }), /explain of "update"/],
      ];
      for (const [act, reason] of refusals) {
        await assert.rejects(act, (error: MongoServerError) => {
          assert.match(error.message, reason);
          assert.equal(error.codeName, 'CommandNotSupported');
          return true;
        });
      }
    });

    it('knows no other command', async () => {
      await assert.rejects(db().command({ mapReduce: 'orders' }), {
        code: 59,
        codeName: 'CommandNotFound',
        message: "no such command: 'mapReduce'",
      });
    });

    it('carries out an unacknowledged write, without an answer', async () => {
      const quiet = db().collection<{ _id: number }>('quiet');
      await quiet.insertOne({ _id: 1 }, { writeConcern: { w: 0 } });
      for (let tries = 0; tries < 200 && (await quiet.findOne({ _id: 1 })) === null; tries += 1);
      assert.deepEqual(await quiet.findOne({ _id: 1 }), { _id: 1 });
    });
  });
}
