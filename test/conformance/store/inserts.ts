// Inserts: ids, what is stored, duplicates, ordered and unordered.
import assert from 'node:assert/strict';
import { Binary, Long, type ObjectId } from 'mongodb';
import { MongoBulkWriteError } from 'mongodb';
import { assertSame } from './same.js';
import { refused, theme } from './theme.js';

export const inserts = theme('insert', (it) => {
  it('insertOne answers the id it was given', async (at) => {
    const result = await at.collection.insertOne({ _id: 'x', a: 1 });
    assert.deepEqual({ ...result }, { acknowledged: true, insertedId: 'x' });
    await at.holds({ _id: 'x', a: 1 });
  });

  it('insertOne makes an ObjectId and puts it into the document given', async (at) => {
    const document: { _id?: ObjectId; a: number } = { a: 1 };
    const { insertedId } = await at.collection.insertOne(document);
    assert.ok(insertedId instanceof at.mongoose.Types.ObjectId);
    assert.ok(document._id?.equals(insertedId));
    await at.answers({ _id: insertedId }, [insertedId]);
  });

  it('_id is stored first', async (at) => {
    await at.collection.insertOne({ a: 1, _id: 5, b: 2 });
    await at.holds({ _id: 5, a: 1, b: 2 });
  });

  it('fields keep their order', async (at) => {
    await at.given({ _id: 1, z: 1, a: { y: 1, b: 2 }, m: 3 });
    await at.holds({ _id: 1, z: 1, a: { y: 1, b: 2 }, m: 3 });
  });

  it('an undefined value is stored as null', async (at) => {
    await at.given({ _id: 1, a: undefined });
    await at.holds({ _id: 1, a: null });
  });

  it('an empty field name, spaces and other scripts are kept', async (at) => {
    await at.given({ _id: 1, '': 1, 'a b': 2, größe: 'ü', 数: '四' });
    await at.holds({ _id: 1, '': 1, 'a b': 2, größe: 'ü', 数: '四' });
  });

  it('a string may hold a zero byte', async (at) => {
    await at.given({ _id: 1, a: 'x\0y' });
    await at.answers({ a: 'x\0y' }, [1]);
  });

  it('a duplicate _id is refused, with the key in the error', async (at) => {
    await at.given({ _id: 7, a: 1 });
    const error = await refused(at.collection.insertOne({ _id: 7, a: 2 }), 11000);
    assert.match(error.message, /E11000 duplicate key/);
    await at.holds({ _id: 7, a: 1 });
  });

  it('a duplicate error tells key pattern and value', async (at) => {
    await at.given({ _id: 7 });
    const error = await refused(at.collection.insertOne({ _id: 7 }), 11000);
    assertSame((error as { keyPattern?: unknown }).keyPattern, { _id: 1 });
    assertSame((error as { keyValue?: unknown }).keyValue, { _id: 7 });
  });

  it('_ids that are equal across numeric types are duplicates', async (at) => {
    await at.given({ _id: 7 });
    await refused(at.collection.insertOne({ _id: Long.fromNumber(7) }), 11000);
  });

  it('an array as _id is refused', async (at) => {
    await refused(at.collection.insertOne({ _id: [1, 2] }), 2, 53);
  });

  it('a regular expression as _id is refused', async (at) => {
    await refused(at.collection.insertOne({ _id: /x/ }), 2, 53);
  });

  it('binary _ids of other subtypes are other ids', async (at) => {
    const bytes = Buffer.from('same');
    await at.given({ _id: new Binary(bytes, 0) }, { _id: new Binary(bytes, 128) });
    assert.equal(await at.collection.countDocuments(), 2);
  });

  it('insertMany answers the ids by position', async (at) => {
    const result = await at.collection.insertMany([{ _id: 'a' }, { _id: 'b' }]);
    assert.equal(result.insertedCount, 2);
    assert.deepEqual({ ...result.insertedIds }, { 0: 'a', 1: 'b' });
  });

  it('insertMany stops at the first error', async (at) => {
    const error = await refused(at.collection.insertMany([{ _id: 1 }, { _id: 1, a: 1 }, { _id: 2 }]), 11000);
    assert.ok(error instanceof MongoBulkWriteError);
    assert.equal(error.result.insertedCount, 1);
    await at.holds({ _id: 1 });
  });

  it('insertMany unordered goes on and names each error by its position', async (at) => {
    const error = await refused(
      at.collection.insertMany([{ _id: 1 }, { _id: 1 }, { _id: 2 }, { _id: 2 }, { _id: 3 }], {
        ordered: false,
      }),
      11000,
    );
    assert.ok(error instanceof MongoBulkWriteError);
    const writeErrors = [error.writeErrors].flat();
    assert.deepEqual(
      writeErrors.map((one) => one.index),
      [1, 3],
    );
    await at.holds({ _id: 1 }, { _id: 2 }, { _id: 3 });
  });

  it('insertMany of nothing is refused', async (at) => {
    await refused(at.collection.insertMany([]));
  });

  it('a document of more than 16 MiB is refused and nothing stored', async (at) => {
    await refused(at.collection.insertOne({ _id: 1, a: 'x'.repeat(16 * 1024 * 1024) }));
    assert.equal(await at.collection.countDocuments(), 0);
  });

  it('a document of nearly 16 MiB is stored', async (at) => {
    const text = 'x'.repeat(16 * 1024 * 1024 - 200);
    await at.collection.insertOne({ _id: 1, a: text });
    assert.equal((await at.collection.findOne({ _id: 1 }))?.['a'].length, text.length);
  });

  it('the document given is not changed by a later one', async (at) => {
    const document = { _id: 1, a: { b: 1 } };
    await at.collection.insertOne(document);
    document.a.b = 2;
    await at.holds({ _id: 1, a: { b: 1 } });
  });
});
