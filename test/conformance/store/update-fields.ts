// Operators on fields: $set, $unset, $inc, $mul, $min, $max, $rename, $setOnInsert, $currentDate.
import assert from 'node:assert/strict';
import { Decimal128, Double, Int32, Long } from 'mongodb';
import { assertSame } from './same.js';
import { type Case, refused, theme } from './theme.js';

async function refuses(at: Case, before: object, update: object, ...codes: number[]): Promise<void> {
  await at.given({ _id: 1, ...before });
  await refused(at.collection.updateOne({ _id: 1 }, update), ...codes);
  await at.holds({ _id: 1, ...before });
}

export const updateFields = theme('field update', (it) => {
  it('$set changes a field in its place', (at) =>
    at.updates({ a: 1, b: 2 }, { $set: { a: 9 } }, { a: 9, b: 2 }));

  it('$set adds a new field at the end', (at) => at.updates({ b: 1 }, { $set: { a: 2 } }, { b: 1, a: 2 }));

  it('$set adds several new fields in the order of their names', (at) =>
    at.updates({ m: 1 }, { $set: { z: 1, a: 2 } }, { m: 1, a: 2, z: 1 }));

  it('$set on a dotted path makes the documents between', (at) =>
    at.updates({}, { $set: { 'a.b.c': 1 } }, { a: { b: { c: 1 } } }));

  it('$set on a dotted path keeps the neighbours', (at) =>
    at.updates({ a: { x: 1, b: 2 } }, { $set: { 'a.b': 3 } }, { a: { x: 1, b: 3 } }));

  it('$set of a whole document replaces it', (at) =>
    at.updates({ a: { b: 1, c: 1 } }, { $set: { a: { d: 1 } } }, { a: { d: 1 } }));

  it('$set at a position of an array', (at) =>
    at.updates({ a: [1, 2, 3] }, { $set: { 'a.1': 9 } }, { a: [1, 9, 3] }));

  it('$set beyond the end of an array fills with null', (at) =>
    at.updates({ a: [1] }, { $set: { 'a.3': 4 } }, { a: [1, null, null, 4] }));

  it('$set of a field of an element', (at) =>
    at.updates({ a: [{ b: 1 }, { b: 2 }] }, { $set: { 'a.1.b': 9 } }, { a: [{ b: 1 }, { b: 9 }] }));

  it('$set under a missing field with a number makes a document, not an array', (at) =>
    at.updates({}, { $set: { 'a.0': 1 } }, { a: { 0: 1 } }));

  it('$set under a scalar is refused', (at) => refuses(at, { a: 1 }, { $set: { 'a.b': 1 } }, 28));

  it('$set under null is refused', (at) => refuses(at, { a: null }, { $set: { 'a.b': 1 } }, 28));

  it('$set of a named field in an array is refused', (at) =>
    refuses(at, { a: [1] }, { $set: { 'a.b': 1 } }, 28));

  it('$set to null keeps the field', (at) => at.updates({ a: 1 }, { $set: { a: null } }, { a: null }));

  it('$set of the same value matches and modifies nothing', async (at) => {
    await at.given({ _id: 1, a: 1 });
    const { matchedCount, modifiedCount } = await at.collection.updateOne({ _id: 1 }, { $set: { a: 1 } });
    assert.deepEqual([matchedCount, modifiedCount], [1, 0]);
  });

  it('$set of another order of fields modifies', async (at) => {
    await at.given({ _id: 1, a: { b: 1, c: 2 } });
    const { modifiedCount } = await at.collection.updateOne({ _id: 1 }, { $set: { a: { c: 2, b: 1 } } });
    assert.equal(modifiedCount, 1);
    await at.holds({ _id: 1, a: { c: 2, b: 1 } });
  });

  it('$set of the same number in another type changes the type', async (at) => {
    await at.given({ _id: 1, a: new Int32(1) });
    await at.collection.updateOne({ _id: 1 }, { $set: { a: Long.fromNumber(1) } });
    await at.answers({ a: { $type: 'long' } }, [1]);
  });

  it('$set of nothing is allowed', (at) => at.updates({ a: 1 }, { $set: {} }, { a: 1 }));

  it('$set of another _id is refused', (at) => refuses(at, { a: 1 }, { $set: { _id: 2 } }, 66));

  it('$set of the same _id is allowed', (at) => at.updates({ a: 1 }, { $set: { _id: 1, a: 2 } }, { a: 2 }));

  it('two operators on one path are refused', (at) =>
    refuses(at, { a: 1 }, { $set: { a: 2 }, $inc: { a: 1 } }, 40));

  it('a path and one under it are refused', (at) =>
    refuses(at, { a: {} }, { $set: { a: { c: 1 } }, $inc: { 'a.b': 1 } }, 40));

  it('operators on different paths work together', (at) =>
    at.updates(
      { a: 1, b: 1, c: 1 },
      { $inc: { a: 1 }, $set: { b: 'x' }, $unset: { c: '' } },
      { a: 2, b: 'x' },
    ));

  it('an unknown update operator is refused', (at) => refuses(at, { a: 1 }, { $increase: { a: 1 } }, 9));

  it('an empty path is refused', (at) => refuses(at, { a: 1 }, { $set: { '': 1 } }, 56));

  it('a path with an empty part is refused', (at) => refuses(at, { a: {} }, { $set: { 'a..b': 1 } }, 56));

  it('updateOne without operators is refused', async (at) => {
    await at.given({ _id: 1, a: 1 });
    await refused(at.collection.updateOne({ _id: 1 }, { a: 2 }));
    await at.holds({ _id: 1, a: 1 });
  });

  it('$unset removes a field', (at) => at.updates({ a: 1, b: 2 }, { $unset: { a: '' } }, { b: 2 }));

  it('$unset of a dotted path', (at) =>
    at.updates({ a: { b: 1, c: 2 } }, { $unset: { 'a.b': 1 } }, { a: { c: 2 } }));

  it('$unset of an element leaves null in its place', (at) =>
    at.updates({ a: [1, 2, 3] }, { $unset: { 'a.1': '' } }, { a: [1, null, 3] }));

  it('$unset of a missing field modifies nothing', async (at) => {
    await at.given({ _id: 1, a: 1 });
    const { matchedCount, modifiedCount } = await at.collection.updateOne(
      { _id: 1 },
      { $unset: { 'z.y': '' } },
    );
    assert.deepEqual([matchedCount, modifiedCount], [1, 0]);
  });

  it('$unset of _id is refused', (at) => refuses(at, { a: 1 }, { $unset: { _id: '' } }, 66));

  it('$inc adds, also a negative number', (at) => at.updates({ a: 5 }, { $inc: { a: -2 } }, { a: 3 }));

  it('$inc of a missing field sets it', (at) => at.updates({}, { $inc: { 'a.b': 3 } }, { a: { b: 3 } }));

  it('$inc of an int by a double makes a double', async (at) => {
    await at.updates({ a: 1 }, { $inc: { a: 0.5 } }, { a: 1.5 });
    await at.answers({ a: { $type: 'double' } }, [1]);
  });

  it('$inc of an int beyond 32 bits makes a long', async (at) => {
    await at.given({ _id: 1, a: new Int32(2147483647) });
    await at.collection.updateOne({ _id: 1 }, { $inc: { a: new Int32(1) } });
    await at.answers({ a: Long.fromString('2147483648') }, [1]);
    await at.answers({ a: { $type: 'long' } }, [1]);
  });

  it('$inc of a long by an int stays a long', async (at) => {
    await at.given({ _id: 1, a: Long.fromNumber(1) });
    await at.collection.updateOne({ _id: 1 }, { $inc: { a: new Int32(1) } });
    await at.answers({ a: { $type: 'long', $eq: 2 } }, [1]);
  });

  it('$inc of a long beyond 2^53 is exact', async (at) => {
    await at.given({ _id: 1, a: Long.fromString('9007199254740993') });
    await at.collection.updateOne({ _id: 1 }, { $inc: { a: 1 } });
    await at.answers({ a: Long.fromString('9007199254740994') }, [1]);
  });

  it('$inc of a long beyond 64 bits is refused', (at) =>
    refuses(at, { a: Long.MAX_VALUE }, { $inc: { a: Long.fromNumber(1) } }, 2));

  it('$inc of a decimal is exact', (at) =>
    at.updates(
      { a: Decimal128.fromString('0.10') },
      { $inc: { a: Decimal128.fromString('0.20') } },
      { a: Decimal128.fromString('0.30') },
    ));

  it('$inc of an int by a decimal makes a decimal', (at) =>
    at.updates({ a: 1 }, { $inc: { a: Decimal128.fromString('0.1') } }, { a: Decimal128.fromString('1.1') }));

  it('$inc of a string is refused', (at) => refuses(at, { a: '1' }, { $inc: { a: 1 } }, 14));

  it('$inc of null is refused', (at) => refuses(at, { a: null }, { $inc: { a: 1 } }, 14));

  it('$inc by something else than a number is refused', (at) =>
    refuses(at, { a: 1 }, { $inc: { a: '1' } }, 14));

  it('$mul multiplies', (at) => at.updates({ a: 5 }, { $mul: { a: 3 } }, { a: 15 }));

  it('$mul of a missing field sets zero of the type of the factor', async (at) => {
    await at.given({ _id: 1 });
    await at.collection.updateOne({ _id: 1 }, { $mul: { a: new Double(2.5), b: Long.fromNumber(2) } });
    await at.answers({ a: { $type: 'double', $eq: 0 }, b: { $type: 'long', $eq: 0 } }, [1]);
  });

  it('$mul of an int beyond 32 bits makes a long', async (at) => {
    await at.given({ _id: 1, a: new Int32(65536) });
    await at.collection.updateOne({ _id: 1 }, { $mul: { a: new Int32(65536) } });
    await at.answers({ a: { $type: 'long', $eq: 4294967296 } }, [1]);
  });

  it('$mul of a decimal is exact', (at) =>
    at.updates(
      { a: Decimal128.fromString('9.99') },
      { $mul: { a: new Int32(3) } },
      { a: Decimal128.fromString('29.97') },
    ));

  it('$mul of a string is refused', (at) => refuses(at, { a: 'x' }, { $mul: { a: 2 } }, 14));

  it('$min keeps the lesser value', async (at) => {
    await at.updates({ a: 5, b: 5 }, { $min: { a: 3, b: 7 } }, { a: 3, b: 5 });
  });

  it('$max keeps the greater value', async (at) => {
    await at.updates({ a: 5, b: 5 }, { $max: { a: 3, b: 7 } }, { a: 5, b: 7 });
  });

  it('$min and $max set a missing field', (at) =>
    at.updates({}, { $min: { a: 3 }, $max: { b: 4 } }, { a: 3, b: 4 }));

  it('$max compares dates', (at) =>
    at.updates({ a: new Date(5) }, { $max: { a: new Date(9) } }, { a: new Date(9) }));

  it('$min and $max compare types by the order of BSON', (at) =>
    at.updates({ a: 'x', b: 1 }, { $min: { a: 7 }, $max: { b: 'y' } }, { a: 7, b: 'y' }));

  it('$min takes null as less than a number', (at) =>
    at.updates({ a: 5 }, { $min: { a: null } }, { a: null }));

  it('$rename moves a field to the end', (at) =>
    at.updates({ a: 1, b: 2 }, { $rename: { a: 'c' } }, { b: 2, c: 1 }));

  it('$rename takes the place of a field that is there', async (at) => {
    await at.given({ _id: 1, a: 1, b: 2 });
    await at.collection.updateOne({ _id: 1 }, { $rename: { a: 'b' } });
    await at.holds({ _id: 1, b: 1 });
  });

  it('$rename into a sub-document', (at) =>
    at.updates({ a: 1, b: { x: 1 } }, { $rename: { a: 'b.a' } }, { b: { x: 1, a: 1 } }));

  it('$rename of a missing field does nothing', (at) =>
    at.updates({ b: 1 }, { $rename: { a: 'c' } }, { b: 1 }));

  it('$rename to itself is refused', (at) => refuses(at, { a: 1 }, { $rename: { a: 'a' } }, 2));

  it('$rename through an array is refused', (at) =>
    refuses(at, { a: [{ b: 1 }] }, { $rename: { 'a.b': 'c' } }, 2, 28));

  it('$rename to something else than a string is refused', (at) =>
    refuses(at, { a: 1 }, { $rename: { a: 5 } }, 2));

  it('$bit computes and, or and exclusive or', (at) =>
    at.updates(
      { a: 13, b: 9, c: 12 },
      { $bit: { a: { and: 10 }, b: { or: 6 }, c: { xor: 10 } } },
      { a: 8, b: 15, c: 6 },
    ));

  it('$setOnInsert does nothing to a document that is there', (at) =>
    at.updates({ a: 1 }, { $set: { b: 1 }, $setOnInsert: { c: 1 } }, { a: 1, b: 1 }, { upsert: true }));

  it('$currentDate sets a date', async (at) => {
    await at.given({ _id: 1 });
    const earliest = Date.now() - 60_000;
    await at.collection.updateOne({ _id: 1 }, { $currentDate: { a: true as never, b: { $type: 'date' } } });
    await at.answers({ a: { $type: 'date' }, b: { $type: 'date' } }, [1]);
    await at.answers({ a: { $gt: new Date(earliest) } }, [1]);
  });

  it('$currentDate sets a timestamp', async (at) => {
    await at.given({ _id: 1 });
    await at.collection.updateOne({ _id: 1 }, { $currentDate: { a: { $type: 'timestamp' } } });
    await at.answers({ a: { $type: 'timestamp' } }, [1]);
  });

  it('$currentDate of another type is refused', (at) =>
    refuses(at, {}, { $currentDate: { a: { $type: 'string' } } }, 2));

  it('updateOne changes one of many', async (at) => {
    await at.given({ _id: 1, a: 1 }, { _id: 2, a: 1 });
    const result = await at.collection.updateOne({ a: 1 }, { $set: { a: 2 } });
    assert.deepEqual([result.matchedCount, result.modifiedCount], [1, 1]);
    assert.equal(await at.collection.countDocuments({ a: 2 }), 1);
  });

  it('updateMany changes all and counts what it changed', async (at) => {
    await at.given({ _id: 1, a: 1 }, { _id: 2, a: 2 }, { _id: 3, b: 1 });
    const result = await at.collection.updateMany({ a: { $exists: true } }, { $set: { a: 2 } });
    assert.deepEqual([result.matchedCount, result.modifiedCount], [2, 1]);
    await at.holds({ _id: 1, a: 2 }, { _id: 2, a: 2 }, { _id: 3, b: 1 });
  });

  it('an update without a match changes nothing', async (at) => {
    const result = await at.collection.updateMany({ a: 1 }, { $set: { a: 2 } });
    assertSame(
      { ...result },
      { acknowledged: true, modifiedCount: 0, upsertedId: null, upsertedCount: 0, matchedCount: 0 },
    );
  });
});
