// replaceOne, deletes, and findOneAndUpdate, findOneAndReplace, findOneAndDelete.
import assert from 'node:assert/strict';
import { assertSame } from './same.js';
import { refused, theme } from './theme.js';

export const replaceDelete = theme('replace, delete, findOneAnd', (it) => {
  it('replaceOne leaves nothing but the _id', async (at) => {
    await at.given({ _id: 1, a: 1, b: 2 });
    const result = await at.collection.replaceOne({ a: 1 }, { c: 3 });
    assert.deepEqual([result.matchedCount, result.modifiedCount], [1, 1]);
    await at.holds({ _id: 1, c: 3 });
  });

  it('replaceOne by the same document modifies nothing', async (at) => {
    await at.given({ _id: 1, a: 1 });
    const result = await at.collection.replaceOne({ _id: 1 }, { a: 1 });
    assert.deepEqual([result.matchedCount, result.modifiedCount], [1, 0]);
  });

  it('replaceOne with another _id is refused', async (at) => {
    await at.given({ _id: 1, a: 1 });
    await refused(at.collection.replaceOne({ a: 1 }, { _id: 2, a: 2 } as object), 66);
    await at.holds({ _id: 1, a: 1 });
  });

  it('replaceOne with operators is refused', async (at) => {
    await at.given({ _id: 1, a: 1 });
    await refused(at.collection.replaceOne({ _id: 1 }, { $set: { a: 2 } }));
    await at.holds({ _id: 1, a: 1 });
  });

  it('replaceOne without a match does nothing', async (at) => {
    const result = await at.collection.replaceOne({ _id: 1 }, { a: 1 });
    assert.deepEqual([result.matchedCount, result.upsertedCount], [0, 0]);
    assert.equal(await at.collection.countDocuments(), 0);
  });

  it('deleteOne deletes one of many', async (at) => {
    await at.given({ _id: 1, a: 1 }, { _id: 2, a: 1 });
    assert.equal((await at.collection.deleteOne({ a: 1 })).deletedCount, 1);
    assert.equal(await at.collection.countDocuments(), 1);
  });

  it('deleteMany deletes all that match', async (at) => {
    await at.given({ _id: 1, a: 1 }, { _id: 2, a: 1 }, { _id: 3, a: 2 });
    assert.equal((await at.collection.deleteMany({ a: 1 })).deletedCount, 2);
    await at.holds({ _id: 3, a: 2 });
  });

  it('deleteMany of everything', async (at) => {
    await at.given({ _id: 1 }, { _id: 2 });
    assert.equal((await at.collection.deleteMany({})).deletedCount, 2);
    await at.holds();
  });

  it('a delete without a match deletes nothing', async (at) => {
    await at.given({ _id: 1 });
    assert.equal((await at.collection.deleteOne({ _id: 2 })).deletedCount, 0);
    await at.holds({ _id: 1 });
  });

  it('a deleted _id may be inserted again', async (at) => {
    await at.given({ _id: 1, a: 1 });
    await at.collection.deleteOne({ _id: 1 });
    await at.given({ _id: 1, a: 2 });
    await at.holds({ _id: 1, a: 2 });
  });

  it('findOneAndUpdate answers the document before', async (at) => {
    await at.given({ _id: 1, a: 1 });
    assertSame(await at.collection.findOneAndUpdate({ _id: 1 }, { $set: { a: 2 } }), { _id: 1, a: 1 });
    await at.holds({ _id: 1, a: 2 });
  });

  it('findOneAndUpdate answers the document after, if asked', async (at) => {
    await at.given({ _id: 1, a: 1 });
    const after = await at.collection.findOneAndUpdate(
      { _id: 1 },
      { $inc: { a: 1 } },
      { returnDocument: 'after' },
    );
    assertSame(after, { _id: 1, a: 2 });
  });

  it('findOneAndUpdate without a match answers null', async (at) => {
    assert.equal(await at.collection.findOneAndUpdate({ _id: 1 }, { $set: { a: 1 } }), null);
  });

  it('findOneAndUpdate takes the first of the sort', async (at) => {
    await at.given({ _id: 1, a: 1 }, { _id: 2, a: 2 });
    const before = await at.collection.findOneAndUpdate({}, { $set: { hit: true } }, { sort: { a: -1 } });
    assert.equal(before?._id, 2);
  });

  it('findOneAndUpdate projects its answer', async (at) => {
    await at.given({ _id: 1, a: 1, b: 2 });
    const before = await at.collection.findOneAndUpdate(
      {},
      { $inc: { a: 1 } },
      { projection: { b: 1, _id: 0 } },
    );
    assertSame(before, { b: 2 });
  });

  it('findOneAndUpdate upserts: null before', async (at) => {
    const before = await at.collection.findOneAndUpdate({ _id: 1 }, { $set: { a: 1 } }, { upsert: true });
    assert.equal(before, null);
    await at.holds({ _id: 1, a: 1 });
  });

  it('findOneAndUpdate upserts: the document after', async (at) => {
    const after = await at.collection.findOneAndUpdate(
      { _id: 1, k: 2 },
      { $set: { a: 1 } },
      { upsert: true, returnDocument: 'after' },
    );
    assertSame(after, { _id: 1, k: 2, a: 1 });
  });

  it('findOneAndUpdate takes array filters', async (at) => {
    await at.given({ _id: 1, a: [1, 2] });
    const after = await at.collection.findOneAndUpdate(
      {},
      { $set: { 'a.$[x]': 0 } },
      { arrayFilters: [{ x: 2 }], returnDocument: 'after' },
    );
    assertSame(after, { _id: 1, a: [1, 0] });
  });

  it('findOneAndUpdate tells whether it updated, if asked', async (at) => {
    await at.given({ _id: 1, a: 1 });
    const answer = await at.collection.findOneAndUpdate(
      { _id: 1 },
      { $inc: { a: 1 } },
      { includeResultMetadata: true },
    );
    assertSame(answer.value, { _id: 1, a: 1 });
    assert.equal(answer.lastErrorObject?.['updatedExisting'], true);
    assert.equal(answer.lastErrorObject?.['n'], 1);
  });

  it('findOneAndUpdate tells the id it upserted, if asked', async (at) => {
    const answer = await at.collection.findOneAndUpdate(
      { _id: 'x' },
      { $set: { a: 1 } },
      { upsert: true, includeResultMetadata: true },
    );
    assert.equal(answer.lastErrorObject?.['updatedExisting'], false);
    assert.equal(answer.lastErrorObject?.['upserted'], 'x');
  });

  it('findOneAndUpdate that meets a unique key changes nothing', async (at) => {
    await at.collection.createIndex({ a: 1 }, { unique: true });
    await at.given({ _id: 1, a: 1 }, { _id: 2, a: 2 });
    await refused(at.collection.findOneAndUpdate({ _id: 2 }, { $set: { a: 1 } }), 11000);
    await at.holds({ _id: 1, a: 1 }, { _id: 2, a: 2 });
  });

  it('findOneAndReplace answers before or after', async (at) => {
    await at.given({ _id: 1, a: 1 });
    assertSame(await at.collection.findOneAndReplace({ _id: 1 }, { b: 2 }), { _id: 1, a: 1 });
    const after = await at.collection.findOneAndReplace({ _id: 1 }, { c: 3 }, { returnDocument: 'after' });
    assertSame(after, { _id: 1, c: 3 });
  });

  it('findOneAndReplace upserts', async (at) => {
    const options = { upsert: true, returnDocument: 'after' } as const;
    assertSame(await at.collection.findOneAndReplace({ _id: 1 }, { b: 2 }, options), { _id: 1, b: 2 });
  });

  it('findOneAndDelete answers what it deleted', async (at) => {
    await at.given({ _id: 1, a: 1 }, { _id: 2, a: 2 });
    assertSame(await at.collection.findOneAndDelete({}, { sort: { a: -1 } }), { _id: 2, a: 2 });
    await at.holds({ _id: 1, a: 1 });
  });

  it('findOneAndDelete projects its answer', async (at) => {
    await at.given({ _id: 1, a: 1, b: 2 });
    assertSame(await at.collection.findOneAndDelete({}, { projection: { a: 1 } }), { _id: 1, a: 1 });
  });

  it('findOneAndDelete without a match answers null', async (at) => {
    assert.equal(await at.collection.findOneAndDelete({ _id: 9 }), null);
  });
});
