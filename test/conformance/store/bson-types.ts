// What is stored comes back as it was: every BSON type, _id of any type, nesting.
import assert from 'node:assert/strict';
import {
  Binary,
  BSONRegExp,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
  UUID,
} from 'mongodb';
import { type Case, theme } from './theme.js';

async function keeps(at: Case, value: unknown): Promise<void> {
  await at.given({ _id: 1, a: value });
  await at.holds({ _id: 1, a: value });
}

export const bsonTypes = theme('BSON type', (it) => {
  it('a whole number is stored as an int', async (at) => {
    await at.given({ _id: 1, a: 5 });
    await at.answers({ a: { $type: 'int' } }, [1]);
  });

  it('a number with a fraction is stored as a double', async (at) => {
    await at.given({ _id: 1, a: 5.5 });
    await at.answers({ a: { $type: 'double' } }, [1]);
  });

  it('a whole number beyond 32 bits is stored as a double, exactly', async (at) => {
    await at.given({ _id: 1, a: 2 ** 40 });
    await at.answers({ a: { $type: 'double' } }, [1]);
    assert.equal((await at.collection.findOne({}))?.['a'], 2 ** 40);
  });

  it('Double keeps a whole number a double', async (at) => {
    await at.given({ _id: 1, a: new Double(5) });
    await at.answers({ a: { $type: 'double' } }, [1]);
  });

  it('Int32 comes back as a number', async (at) => {
    await at.given({ _id: 1, a: new Int32(5) });
    assert.equal((await at.collection.findOne({}))?.['a'], 5);
  });

  it('a Long within 2^53 comes back as a number', async (at) => {
    await at.given({ _id: 1, a: Long.fromNumber(2 ** 45) });
    assert.equal((await at.collection.findOne({}))?.['a'], 2 ** 45);
    await at.answers({ a: { $type: 'long' } }, [1]);
  });

  it('a Long beyond 2^53 comes back as a Long', (at) => keeps(at, Long.fromString('9007199254740993')));

  it('NaN and the infinities are kept', async (at) => {
    await keeps(at, [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  });

  it('minus zero is kept', async (at) => {
    await at.given({ _id: 1, a: new Double(-0) });
    assert.ok(Object.is((await at.collection.findOne({}))?.['a'], -0));
  });

  it('Decimal128 keeps its digits and its exponent', (at) => keeps(at, Decimal128.fromString('1.2300')));

  it('Decimal128 of 34 digits', (at) =>
    keeps(at, Decimal128.fromString('1234567890123456789012345678901234')));

  it('Decimal128 NaN and infinity', (at) =>
    keeps(at, [Decimal128.fromString('NaN'), Decimal128.fromString('-Infinity')]));

  it('a Date keeps its milliseconds', (at) => keeps(at, new Date('2026-01-02T03:04:05.678Z')));

  it('a Date before 1970', (at) => keeps(at, new Date(-1)));

  it('an ObjectId', (at) => keeps(at, new ObjectId('65f000000000000000000001')));

  it('a UUID', (at) => keeps(at, new UUID('0192f0c1-7a6b-7c3d-8e4f-001122334455')));

  it('binary data of any subtype', (at) => keeps(at, new Binary(Buffer.from([0, 255, 1]), 128)));

  it('a Buffer comes back as binary data', async (at) => {
    await at.given({ _id: 1, a: Buffer.from([1, 2, 3]) });
    const back = (await at.collection.findOne({}))?.['a'] as Binary;
    assert.deepEqual([...back.value()], [1, 2, 3]);
  });

  it('a regular expression keeps its flags', async (at) => {
    await at.given({ _id: 1, a: /a.b/im });
    const back = (await at.collection.findOne({}))?.['a'] as RegExp;
    assert.deepEqual([back.source, back.flags], ['a.b', 'im']);
  });

  it('a BSON regular expression matches itself as a value', async (at) => {
    await at.given({ _id: 1, a: new BSONRegExp('x', 'i') }, { _id: 2, a: 'y' });
    await at.answers({ a: { $type: 'regex' } }, [1]);
  });

  it('a Timestamp', (at) => keeps(at, new Timestamp({ t: 7, i: 3 })));

  it('MinKey and MaxKey', (at) => keeps(at, [new MinKey(), new MaxKey()]));

  it('null is kept apart from missing', async (at) => {
    await at.given({ _id: 1, a: null }, { _id: 2 });
    await at.holds({ _id: 1, a: null }, { _id: 2 });
  });

  it('empty strings, arrays and documents', (at) => keeps(at, ['', [], {}, [[]], { a: {} }]));

  it('nested arrays and documents of mixed types', (at) =>
    keeps(at, [1, [2, [3, { b: [null, true, 'x'] }]], { c: { d: [{ e: 1 }] } }]));

  it('strings of every plane', (at) => keeps(at, 'aß\u0000中\u{1F600}\u{10FFFF}'));

  it('fifty levels of nesting', (at) => {
    let value: unknown = 'deep';
    for (let level = 0; level < 50; level++) value = { in: [value] };
    return keeps(at, value);
  });

  it('_id may be a string, a number, a date, a boolean, a UUID, a document', async (at) => {
    const ids = ['x', 1.5, new Date(5), true, new UUID('0192f0c1-7a6b-7c3d-8e4f-001122334455'), { k: 1 }];
    await at.given(...ids.map((_id) => ({ _id })));
    for (const _id of ids) await at.answers({ _id }, [_id]);
  });

  it('_id may be a Decimal128 or a Long, found by any number equal to it', async (at) => {
    await at.given({ _id: Decimal128.fromString('2.50') }, { _id: Long.fromNumber(7) });
    assert.equal(await at.collection.countDocuments({ _id: 2.5 }), 1);
    assert.equal(await at.collection.countDocuments({ _id: 7 }), 1);
  });

  it('_ids of several types are told apart', async (at) => {
    await at.given({ _id: 1 }, { _id: '1' }, { _id: true }, { _id: { n: 1 } });
    await at.answers({ _id: '1' }, ['1']);
    await at.answers({ _id: 1 }, [1]);
  });
});
