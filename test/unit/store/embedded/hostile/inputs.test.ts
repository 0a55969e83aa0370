// Names and numbers that no server takes are refused by what is wrong with them, and nothing hangs over them.
import assert from 'node:assert/strict';
import { MongoServerError } from 'mongodb';
import { EmbeddedClient } from '../../../../../store/embedded/client/client.js';
import type { EmbeddedCollection } from '../../../../../store/embedded/client/collection.js';

const refusedAs = (codeName: string) => (error: unknown) =>
  error instanceof MongoServerError && error.codeName === codeName;

describe('hostile input', () => {
  let client: EmbeddedClient;
  let collection: EmbeddedCollection;

  before(async () => {
    client = await EmbeddedClient.connect(':memory:');
    collection = client.db('t').collection('a');
    await collection.insertMany([{ _id: 1 }, { _id: 2 }, { _id: 3 }]);
  });

  after(() => client.close());

  for (const name of ['', '.a', '$cmd', 'a\0b', 'x'.repeat(300)]) {
    it(`refuses ${JSON.stringify(name.slice(0, 9))} as a collection's name`, async () => {
      assert.throws(() => client.db('t').collection(name), refusedAs('InvalidNamespace'));
      await assert.rejects(client.db('t').createCollection(name), refusedAs('InvalidNamespace'));
    });
  }

  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 1.5, 1e300]) {
    it(`refuses ${value} as limit, skip and batchSize`, async () => {
      for (const option of ['limit', 'skip', 'batchSize']) {
        await assert.rejects(collection.find({}, { [option]: value }).toArray(), refusedAs('BadValue'));
      }
    });
  }

  it('refuses a negative batchSize, which would never come to an end', async () => {
    await assert.rejects(collection.find({}).batchSize(-1).toArray(), refusedAs('BadValue'));
    await assert.rejects(collection.aggregate([], { batchSize: -1 }).toArray(), refusedAs('BadValue'));
  });

  it('keeps fields named as members of every object to themselves', async () => {
    const given = JSON.parse('{"_id":"p","__proto__":{"x":1},"constructor":{"prototype":1}}') as object;
    await collection.insertOne({ ...given });
    const fields = JSON.parse('{"__proto__.polluted":1}') as object;
    await collection.updateOne({ _id: 'p' }, { $set: fields });
    await collection.updateOne({ _id: 1 }, { $set: { 'constructor.prototype.polluted': 1 } });
    await collection.aggregate([{ $addFields: JSON.parse('{"__proto__":{"polluted":1}}') }]).toArray();
    const found = await collection.findOne({ _id: 'p' });
    assert.deepEqual(Object.keys(found ?? {}), ['_id', '__proto__', 'constructor']);
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
  });
});
