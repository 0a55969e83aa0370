// The closed list: every method of the driver's collection is there, and what the embedded one doesn't do is refused
// by its name before anything is written.
import assert from 'node:assert/strict';
import { Collection, MongoServerError } from 'mongodb';
import { EmbeddedClient } from '../../../../../store/embedded/client/client.js';
import { EmbeddedCollection } from '../../../../../store/embedded/client/collection.js';

describe('the closed list', () => {
  let client: EmbeddedClient;
  let orders: EmbeddedCollection;

  before(async () => {
    client = await EmbeddedClient.connect(':memory:');
    orders = client.db().collection('orders');
    await orders.insertOne({ _id: 1, n: 1 });
  });

  after(async () => {
    await client.close();
  });

  const refusal = (what: string) => (error: unknown) => {
    assert.ok(error instanceof MongoServerError, String(error));
    assert.equal(error.codeName, 'CommandNotSupported');
    assert.ok(error.message.includes(what), `${error.message} does not name ${what}`);
    return true;
  };

  it('has every method of the driver’s collection', () => {
    const ours = new Set(Object.getOwnPropertyNames(EmbeddedCollection.prototype));
    const missing = Object.entries(Object.getOwnPropertyDescriptors(Collection.prototype))
      .filter(([name, { value }]) => typeof value === 'function' && !ours.has(name))
      .map(([name]) => name);
    assert.deepEqual(missing, []);
  });

  type Call = (options: Record<string, unknown>) => Promise<unknown>;
  const calls: [name: string, call: Call][] = [
    ['insertOne', (options) => orders.insertOne({}, options)],
    ['insertMany', (options) => orders.insertMany([{}], options)],
    ['bulkWrite', (options) => orders.bulkWrite([{ insertOne: { document: {} } }], options)],
    ['updateOne', (options) => orders.updateOne({}, { $set: { n: 2 } }, options)],
    ['updateMany', (options) => orders.updateMany({}, { $set: { n: 2 } }, options)],
    ['replaceOne', (options) => orders.replaceOne({}, { n: 2 }, options)],
    ['deleteOne', (options) => orders.deleteOne({}, options)],
    ['deleteMany', (options) => orders.deleteMany({}, options)],
    ['findOneAndUpdate', (options) => orders.findOneAndUpdate({}, { $set: { n: 2 } }, options)],
    ['findOneAndReplace', (options) => orders.findOneAndReplace({}, { n: 2 }, options)],
    ['findOneAndDelete', (options) => orders.findOneAndDelete({}, options)],
    ['find', (options) => orders.find({}, options).toArray()],
    ['find (findOne)', (options) => orders.findOne({}, options)],
    ['aggregate', (options) => orders.aggregate([], options).toArray()],
    ['countDocuments', (options) => orders.countDocuments({}, options)],
    ['estimatedDocumentCount', (options) => orders.estimatedDocumentCount(options)],
    ['distinct', (options) => orders.distinct('n', {}, options)],
    ['createIndex', (options) => orders.createIndex({ n: 1 }, options)],
    ['createCollection', (options) => client.db().createCollection('new', options)],
  ];

  for (const [name, call] of calls) {
    it(`refuses collation, an unknown option and w: 0 in ${name}`, async () => {
      const operation = name.split(' ')[0];
      await assert.rejects(call({ collation: { locale: 'en' } }), refusal(`"collation" of ${operation}`));
      await assert.rejects(call({ shape: 'round' }), refusal(`"shape" of ${operation}`));
      await assert.rejects(call({ w: 0 }), refusal('w: 0'));
      await assert.rejects(call({ writeConcern: { w: 0 } }), refusal('w: 0'));
      assert.deepEqual(await orders.find().toArray(), [{ _id: 1, n: 1 }]);
      assert.deepEqual(await client.db().listCollections({}, { nameOnly: true }).toArray(), [
        { name: 'orders', type: 'collection' },
      ]);
    });
  }

  it('takes the concerns, and what asks for nothing', async () => {
    const options = {
      writeConcern: { w: 'majority', j: true },
      readConcern: { level: 'majority' },
      readPreference: 'primary',
      comment: 'why',
      collation: undefined,
      let: null,
      tailable: false,
    };
    assert.deepEqual(await orders.findOne({ _id: 1 }, options), { _id: 1, n: 1 });
  });

  it('refuses options of a bulk write’s models', async () => {
    const update = { updateOne: { filter: {}, update: { $set: { n: 2 } }, collation: { locale: 'en' } } };
    await assert.rejects(orders.bulkWrite([update]), refusal('"collation" of bulkWrite updateOne'));
  });

  it('refuses kinds of indexes and their options', async () => {
    await assert.rejects(orders.createIndex({ n: 'text' }), refusal('"text"'));
    await assert.rejects(orders.createIndex({ at: '2dsphere' }), refusal('"2dsphere"'));
    await assert.rejects(orders.createIndex({ '$**': 1 }), refusal('wildcard'));
    await assert.rejects(
      orders.createIndex({ n: 1 }, { expireAfterSeconds: 1 }),
      refusal('"expireAfterSeconds"'),
    );
    await assert.rejects(orders.createIndex({ n: 1 }, { hidden: true }), refusal('"hidden"'));
  });

  it('refuses kinds of collections', async () => {
    for (const option of [{ capped: true }, { timeseries: {} }, { viewOn: 'a' }, { validator: {} }]) {
      const [name] = Object.keys(option);
      await assert.rejects(client.db().createCollection('new', option), refusal(`"${name}"`));
    }
  });

  it('refuses methods', async () => {
    assert.throws(() => orders.watch(), refusal('watch'));
    assert.throws(() => client.watch(), refusal('watch'));
    assert.throws(() => orders.initializeOrderedBulkOp(), refusal('initializeOrderedBulkOp'));
    await assert.rejects(orders.rename(), refusal('renaming'));
    await assert.rejects(orders.createSearchIndex(), refusal('search indexes'));
    await assert.rejects(client.bulkWrite(), refusal('bulkWrite on a client'));
    await assert.rejects(client.db().command({ collMod: 'a' }), refusal('"collMod"'));
  });

  it('refuses pipelines as updates', async () => {
    const pipeline = [{ $set: { n: 2 } }];
    await assert.rejects(orders.updateOne({}, pipeline), refusal('pipeline'));
    await assert.rejects(orders.findOneAndUpdate({}, pipeline), refusal('pipeline'));
  });

  it('refuses cursors that wait', async () => {
    const cursor = orders.find().addCursorFlag('tailable', true);
    await assert.rejects(cursor.next(), refusal('"tailable" of find'));
  });

  it('refuses options of the connection that promise security', () => {
    for (const option of [
      { tls: true },
      { auth: { username: 'u' } },
      { autoEncryption: {} },
      { timeoutMS: 1 },
    ]) {
      const [name] = Object.keys(option);
      assert.throws(() => new EmbeddedClient(':memory:', option), refusal(`"${name}" of connect`));
    }
  });

  it('refuses functions, and says where', async () => {
    const error = { code: 2, message: /functions are not supported \(at "a\.b/ };
    const document = { a: { b: () => 1 } };
    await assert.rejects(orders.insertOne({ ...document }), error);
    await assert.rejects(orders.findOne(document), error);
    await assert.rejects(orders.findOne(document, { ignoreUndefined: true }), error);
    await assert.rejects(orders.insertOne({ ...document }, { ignoreUndefined: true }), error);
  });
});
