// Upserts: what is inserted when nothing matches, and what is answered.
import assert from 'node:assert/strict';
import { refused, theme } from './theme.js';

export const upserts = theme('upsert', (it) => {
  it('inserts when nothing matches, and answers the id', async (at) => {
    const result = await at.collection.updateOne({ _id: 'x' }, { $set: { a: 1 } }, { upsert: true });
    assert.deepEqual(
      [result.matchedCount, result.modifiedCount, result.upsertedCount, result.upsertedId],
      [0, 0, 1, 'x'],
    );
    await at.holds({ _id: 'x', a: 1 });
  });

  it('updates when something matches', async (at) => {
    await at.given({ _id: 1, a: 1 });
    const result = await at.collection.updateOne({ _id: 1 }, { $set: { a: 2 } }, { upsert: true });
    assert.deepEqual([result.matchedCount, result.upsertedCount, result.upsertedId], [1, 0, null]);
    await at.holds({ _id: 1, a: 2 });
  });

  it('makes an ObjectId when the filter has no _id', async (at) => {
    const result = await at.collection.updateOne({ k: 1 }, { $set: { a: 1 } }, { upsert: true });
    assert.ok((result.upsertedId as unknown) instanceof at.mongoose.Types.ObjectId);
    await at.answers({ k: 1, a: 1 }, [result.upsertedId]);
  });

  it('takes equalities of the filter over into the document', async (at) => {
    await at.collection.updateOne({ _id: 1, k: 'x', n: { $eq: 5 } }, { $set: { a: 1 } }, { upsert: true });
    await at.answers({ k: 'x', n: 5, a: 1 }, [1]);
  });

  it('takes equalities out of $and', async (at) => {
    await at.collection.updateOne(
      { _id: 1, $and: [{ k: 'x' }, { n: 5 }] },
      { $set: { a: 1 } },
      { upsert: true },
    );
    await at.answers({ k: 'x', n: 5 }, [1]);
  });

  it('takes no ranges over', async (at) => {
    await at.collection.updateOne({ _id: 1, n: { $gt: 5 } }, { $set: { a: 1 } }, { upsert: true });
    await at.holds({ _id: 1, a: 1 });
  });

  it('takes nothing out of an $or of two', async (at) => {
    await at.collection.updateOne(
      { _id: 1, $or: [{ k: 1 }, { k: 2 }] },
      { $set: { a: 1 } },
      { upsert: true },
    );
    await at.holds({ _id: 1, a: 1 });
  });

  it('makes a nested document of a dotted equality', async (at) => {
    await at.collection.updateOne({ _id: 1, 'k.n': 5 }, { $set: { a: 1 } }, { upsert: true });
    await at.holds({ _id: 1, k: { n: 5 }, a: 1 });
  });

  it('applies operators to the values of the filter', async (at) => {
    await at.collection.updateOne({ _id: 1, n: 5 }, { $inc: { n: 2 } }, { upsert: true });
    await at.holds({ _id: 1, n: 7 });
  });

  it('$setOnInsert sets at insert', async (at) => {
    await at.collection.updateOne({ _id: 1 }, { $set: { a: 1 }, $setOnInsert: { b: 2 } }, { upsert: true });
    await at.holds({ _id: 1, a: 1, b: 2 });
  });

  it('$setOnInsert may give the _id', async (at) => {
    const result = await at.collection.updateOne(
      { k: 1 },
      { $setOnInsert: { _id: 'made' } },
      { upsert: true },
    );
    assert.equal(result.upsertedId, 'made');
    await at.holds({ _id: 'made', k: 1 });
  });

  it('$push and $addToSet make their arrays', async (at) => {
    await at.collection.updateOne({ _id: 1 }, { $push: { a: 1 }, $addToSet: { b: 2 } } as object, {
      upsert: true,
    });
    await at.holds({ _id: 1, a: [1], b: [2] });
  });

  it('two equalities of one field in the filter are refused', async (at) => {
    await refused(
      at.collection.updateOne({ _id: 1, $and: [{ k: 1 }, { k: 2 }] }, { $set: { a: 1 } }, { upsert: true }),
      54,
    );
  });

  it('updateMany inserts one', async (at) => {
    const result = await at.collection.updateMany({ k: 1 }, { $set: { a: 1 } }, { upsert: true });
    assert.equal(result.upsertedCount, 1);
    assert.equal(await at.collection.countDocuments(), 1);
  });

  it('replaceOne inserts the replacement with the _id of the filter, and nothing else of it', async (at) => {
    const result = await at.collection.replaceOne({ _id: 'x', k: 1 }, { a: 1 }, { upsert: true });
    assert.equal(result.upsertedId, 'x');
    await at.holds({ _id: 'x', a: 1 });
  });

  it('a null _id of the filter is kept', async (at) => {
    await at.collection.updateOne({ _id: null }, { $set: { a: 1 } }, { upsert: true });
    await at.holds({ _id: null, a: 1 });
  });

  it('an upsert that meets a unique key is refused', async (at) => {
    await at.collection.createIndex({ k: 1 }, { unique: true });
    await at.given({ _id: 1, k: 1 });
    await refused(at.collection.updateOne({ _id: 2 }, { $set: { k: 1 } }, { upsert: true }), 11000);
    await at.holds({ _id: 1, k: 1 });
  });
});
