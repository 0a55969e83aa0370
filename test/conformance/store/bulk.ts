// bulkWrite, ordered and unordered, and what it says when a part fails.
import assert from 'node:assert/strict';
import { MongoBulkWriteError } from 'mongodb';
import { refused, theme } from './theme.js';

export const bulk = theme('bulk write', (it) => {
  it('counts what each kind of operation did', async (at) => {
    await at.given({ _id: 1, a: 1 }, { _id: 2, a: 1 }, { _id: 3, a: 3 });
    const result = await at.collection.bulkWrite([
      { insertOne: { document: { _id: 4, a: 4 } } },
      { updateMany: { filter: { a: 1 }, update: { $set: { a: 2 } } } },
      { replaceOne: { filter: { _id: 3 }, replacement: { b: 3 } } },
      { deleteOne: { filter: { _id: 1 } } },
      { updateOne: { filter: { _id: 5 }, update: { $set: { a: 5 } }, upsert: true } },
    ]);
    assert.deepEqual(
      [
        result.insertedCount,
        result.matchedCount,
        result.modifiedCount,
        result.deletedCount,
        result.upsertedCount,
      ],
      [1, 3, 3, 1, 1],
    );
    await at.holds({ _id: 2, a: 2 }, { _id: 3, b: 3 }, { _id: 4, a: 4 }, { _id: 5, a: 5 });
  });

  it('runs in order', async (at) => {
    await at.collection.bulkWrite([
      { insertOne: { document: { _id: 1, a: 1 } } },
      { updateOne: { filter: { _id: 1 }, update: { $inc: { a: 1 } } } },
      { deleteOne: { filter: { a: 1 } } },
      { updateOne: { filter: { a: 2 }, update: { $set: { b: 'seen' } } } },
    ]);
    await at.holds({ _id: 1, a: 2, b: 'seen' });
  });

  it('answers ids of inserts and upserts by position', async (at) => {
    const result = await at.collection.bulkWrite([
      { insertOne: { document: { _id: 'i' } } },
      { updateOne: { filter: { _id: 'u' }, update: { $set: { a: 1 } }, upsert: true } },
    ]);
    assert.equal(result.insertedIds[0], 'i');
    assert.equal(result.upsertedIds[1], 'u');
  });

  it('ordered: stops at the first error and tells what was done', async (at) => {
    await at.given({ _id: 1 });
    const error = await refused(
      at.collection.bulkWrite([
        { insertOne: { document: { _id: 2 } } },
        { insertOne: { document: { _id: 1 } } },
        { insertOne: { document: { _id: 3 } } },
      ]),
      11000,
    );
    assert.ok(error instanceof MongoBulkWriteError);
    assert.equal(error.result.insertedCount, 1);
    assert.equal([error.writeErrors].flat()[0]?.index, 1);
    await at.holds({ _id: 1 }, { _id: 2 });
  });

  it('unordered: goes on after errors and lists them all', async (at) => {
    await at.given({ _id: 1 });
    const error = await refused(
      at.collection.bulkWrite(
        [
          { insertOne: { document: { _id: 1 } } },
          { insertOne: { document: { _id: 2 } } },
          { insertOne: { document: { _id: 1 } } },
          { deleteOne: { filter: { _id: 1 } } },
        ],
        { ordered: false },
      ),
      11000,
    );
    assert.ok(error instanceof MongoBulkWriteError);
    assert.deepEqual(
      [error.writeErrors].flat().map((one) => one.index),
      [0, 2],
    );
    assert.deepEqual([error.result.insertedCount, error.result.deletedCount], [1, 1]);
    await at.holds({ _id: 2 });
  });

  it('an error of an update stops an ordered bulk too', async (at) => {
    await at.given({ _id: 1, a: 'x' }, { _id: 2, a: 1 });
    const error = await refused(
      at.collection.bulkWrite([
        { updateOne: { filter: { _id: 2 }, update: { $inc: { a: 1 } } } },
        { updateOne: { filter: { _id: 1 }, update: { $inc: { a: 1 } } } },
        { updateOne: { filter: { _id: 2 }, update: { $inc: { a: 1 } } } },
      ]),
      14,
    );
    assert.ok(error instanceof MongoBulkWriteError);
    assert.equal([error.writeErrors].flat()[0]?.index, 1);
    await at.holds({ _id: 1, a: 'x' }, { _id: 2, a: 2 });
  });

  it('deleteMany deletes all that match', async (at) => {
    await at.given({ _id: 1, a: 1 }, { _id: 2, a: 1 }, { _id: 3 });
    const result = await at.collection.bulkWrite([{ deleteMany: { filter: { a: 1 } } }]);
    assert.equal(result.deletedCount, 2);
    await at.holds({ _id: 3 });
  });

  it('takes array filters', async (at) => {
    await at.given({ _id: 1, a: [1, 2] });
    await at.collection.bulkWrite([
      { updateOne: { filter: {}, update: { $set: { 'a.$[x]': 0 } }, arrayFilters: [{ x: 2 }] } },
    ]);
    await at.holds({ _id: 1, a: [1, 0] });
  });

  it('a match that changes nothing is matched and not modified', async (at) => {
    await at.given({ _id: 1, a: 1 });
    const result = await at.collection.bulkWrite([
      { updateOne: { filter: { _id: 1 }, update: { $set: { a: 1 } } } },
      { updateOne: { filter: { _id: 9 }, update: { $set: { a: 1 } } } },
    ]);
    assert.deepEqual([result.matchedCount, result.modifiedCount], [1, 0]);
  });

  it('of nothing is refused', async (at) => {
    await refused(at.collection.bulkWrite([]));
  });

  it('an unknown operation is refused and nothing is done', async (at) => {
    await refused(
      at.collection.bulkWrite([{ insertOne: { document: { _id: 1 } } }, { upsertOne: {} } as never]),
    );
    assert.equal(await at.collection.countDocuments(), 0);
  });

  it('inserts without _id get one each', async (at) => {
    await at.collection.bulkWrite([
      { insertOne: { document: { a: 1 } } },
      { insertOne: { document: { a: 2 } } },
    ]);
    assert.equal((await at.collection.distinct('_id')).length, 2);
  });

  it('an upsert by replacement', async (at) => {
    const result = await at.collection.bulkWrite([
      { replaceOne: { filter: { _id: 1 }, replacement: { a: 1 }, upsert: true } },
    ]);
    assert.equal(result.upsertedCount, 1);
    await at.holds({ _id: 1, a: 1 });
  });

  it('1,500 operations in one call', async (at) => {
    const result = await at.collection.bulkWrite(
      Array.from({ length: 1500 }, (_, index) => ({ insertOne: { document: { _id: index } } })),
    );
    assert.equal(result.insertedCount, 1500);
    assert.equal(await at.collection.countDocuments(), 1500);
  });

  it('a unique key met in the middle names the key', async (at) => {
    await at.collection.createIndex({ k: 1 }, { unique: true });
    const error = await refused(
      at.collection.bulkWrite([
        { insertOne: { document: { _id: 1, k: 'x' } } },
        { updateOne: { filter: { _id: 2 }, update: { $set: { k: 'x' } }, upsert: true } },
      ]),
      11000,
    );
    assert.match(error.message, /k_1/);
  });
});
