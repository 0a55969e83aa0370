// Sort, skip, limit and reading a cursor in batches.
import assert from 'node:assert/strict';
import {
  Binary,
  BSONRegExp,
  Decimal128,
  type Document,
  Double,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'mongodb';
import { type Case, refused, theme } from './theme.js';

async function sorted(at: Case, sort: Document, ids: unknown[], options: Document = {}): Promise<void> {
  const found = await at.collection.find({}, { sort, ...options } as object).toArray();
  assert.deepEqual(
    found.map((document) => document._id),
    ids,
  );
}

async function many(at: Case, count: number): Promise<void> {
  await at.given(...Array.from({ length: count }, (_, index) => ({ _id: index, a: index % 7 })));
}

export const cursors = theme('sort and cursor', (it) => {
  it('sorts up and down', async (at) => {
    await at.given({ _id: 1, a: 2 }, { _id: 2, a: 3 }, { _id: 3, a: 1 });
    await sorted(at, { a: 1 }, [3, 1, 2]);
    await sorted(at, { a: -1 }, [2, 1, 3]);
  });

  it('sorts by several fields, each with its direction', async (at) => {
    await at.given({ _id: 1, a: 1, b: 1 }, { _id: 2, a: 1, b: 2 }, { _id: 3, a: 0, b: 3 });
    await sorted(at, { a: 1, b: -1 }, [3, 2, 1]);
  });

  it('sorts by a dotted path', async (at) => {
    await at.given({ _id: 1, a: { b: 2 } }, { _id: 2, a: { b: 1 } }, { _id: 3 });
    await sorted(at, { 'a.b': 1 }, [3, 2, 1]);
  });

  it('null and missing fields come first and are equal', async (at) => {
    await at.given({ _id: 1, a: 1 }, { _id: 2, a: null }, { _id: 3 });
    await sorted(at, { a: 1, _id: -1 }, [3, 2, 1]);
  });

  it('BSON types have an order of their own', async (at) => {
    await at.given(
      { _id: 'max', a: new MaxKey() },
      { _id: 'regex', a: new BSONRegExp('x') },
      { _id: 'timestamp', a: new Timestamp({ t: 1, i: 1 }) },
      { _id: 'date', a: new Date(0) },
      { _id: 'bool', a: false },
      { _id: 'oid', a: new ObjectId() },
      { _id: 'binary', a: new Binary(Buffer.from('x')) },
      { _id: 'object', a: { b: 1 } },
      { _id: 'string', a: '' },
      { _id: 'number', a: 1e9 },
      { _id: 'null', a: null },
      { _id: 'min', a: new MinKey() },
    );
    await sorted(at, { a: 1 }, [
      'min',
      'null',
      'number',
      'string',
      'object',
      'binary',
      'oid',
      'bool',
      'date',
      'timestamp',
      'regex',
      'max',
    ]);
  });

  it('numbers of all types are sorted together', async (at) => {
    await at.given(
      { _id: 1, a: Decimal128.fromString('2.5') },
      { _id: 2, a: Long.fromNumber(2) },
      { _id: 3, a: new Double(1.5) },
      { _id: 4, a: 3 },
    );
    await sorted(at, { a: 1 }, [3, 2, 1, 4]);
  });

  it('NaN comes before all other numbers', async (at) => {
    await at.given({ _id: 1, a: Number.NEGATIVE_INFINITY }, { _id: 2, a: Number.NaN }, { _id: 3, a: null });
    await sorted(at, { a: 1 }, [3, 2, 1]);
  });

  it('strings are sorted by their bytes', async (at) => {
    await at.given(
      { _id: 1, a: 'b' },
      { _id: 2, a: 'B' },
      { _id: 3, a: 'a' },
      { _id: 4, a: '10' },
      { _id: 5, a: '9' },
    );
    await sorted(at, { a: 1 }, [4, 5, 2, 3, 1]);
  });

  it('an array sorts upwards by its least element', async (at) => {
    await at.given({ _id: 1, a: [9, 2] }, { _id: 2, a: [1, 100] }, { _id: 3, a: 3 });
    await sorted(at, { a: 1 }, [2, 1, 3]);
  });

  it('an array sorts downwards by its greatest element', async (at) => {
    await at.given({ _id: 1, a: [9, 2] }, { _id: 2, a: [1, 100] }, { _id: 3, a: 50 });
    await sorted(at, { a: -1 }, [2, 3, 1]);
  });

  it('an empty array comes before null', async (at) => {
    await at.given({ _id: 1, a: null }, { _id: 2, a: [] }, { _id: 3, a: 0 });
    await sorted(at, { a: 1 }, [2, 1, 3]);
  });

  it('documents are sorted field by field: value after type and name', async (at) => {
    await at.given(
      { _id: 1, a: { b: 2 } },
      { _id: 2, a: { b: 1, c: 1 } },
      { _id: 3, a: { b: 1 } },
      { _id: 4, a: { a: 9 } },
    );
    await sorted(at, { a: 1 }, [4, 3, 2, 1]);
  });

  it('sorts by an array of documents on a dotted path', async (at) => {
    await at.given({ _id: 1, a: [{ b: 5 }, { b: 1 }] }, { _id: 2, a: [{ b: 3 }] });
    await sorted(at, { 'a.b': 1 }, [1, 2]);
    await sorted(at, { 'a.b': -1 }, [1, 2]);
  });

  it('sorts by a field that the projection leaves out', async (at) => {
    await at.given({ _id: 1, a: 2 }, { _id: 2, a: 1 });
    await sorted(at, { a: 1 }, [2, 1], { projection: { _id: 1 } });
  });

  it('limit takes the first, skip leaves them out', async (at) => {
    await many(at, 5);
    await sorted(at, { _id: 1 }, [0, 1], { limit: 2 });
    await sorted(at, { _id: 1 }, [3, 4], { skip: 3 });
    await sorted(at, { _id: 1 }, [1, 2], { skip: 1, limit: 2 });
  });

  it('limit 0 is no limit', async (at) => {
    await many(at, 3);
    await sorted(at, { _id: 1 }, [0, 1, 2], { limit: 0 });
  });

  it('a negative limit is that limit', async (at) => {
    await many(at, 3);
    await sorted(at, { _id: 1 }, [0, 1], { limit: -2 });
  });

  it('skip beyond the end answers nothing', async (at) => {
    await many(at, 3);
    await sorted(at, { _id: 1 }, [], { skip: 10 });
  });

  it('a negative skip is refused', async (at) => {
    await many(at, 1);
    await refused(at.collection.find({}, { skip: -1 }).toArray());
  });

  it('findOne takes the first of the sort', async (at) => {
    await at.given({ _id: 1, a: 2 }, { _id: 2, a: 1 });
    assert.equal((await at.collection.findOne({}, { sort: { a: 1 } }))?._id, 2);
  });

  it('findOne without a match answers null', async (at) => {
    assert.equal(await at.collection.findOne({ _id: 9 }), null);
  });

  it('reads 1,000 documents in small batches, each once', async (at) => {
    await many(at, 1000);
    const ids = new Set<unknown>();
    for await (const document of at.collection.find({}, { batchSize: 7 })) ids.add(document._id);
    assert.equal(ids.size, 1000);
  });

  it('keeps the sort over batches', async (at) => {
    await many(at, 300);
    const ids = (await at.collection.find({}, { batchSize: 11, sort: { a: 1, _id: -1 } }).toArray()).map(
      (document) => [document['a'], document._id] as [number, number],
    );
    const expected = [...ids].sort(([a, x], [b, y]) => a - b || y - x);
    assert.deepEqual(ids, expected);
  });

  it('keeps the limit over batches', async (at) => {
    await many(at, 100);
    assert.equal((await at.collection.find({}, { batchSize: 7, limit: 20 }).toArray()).length, 20);
  });

  it('next answers null at the end, hasNext says so before', async (at) => {
    await many(at, 1);
    const cursor = at.collection.find();
    assert.equal(await cursor.hasNext(), true);
    assert.equal((await cursor.next())?._id, 0);
    assert.equal(await cursor.hasNext(), false);
    assert.equal(await cursor.next(), null);
  });

  it('a cursor closed midway gives no more', async (at) => {
    await many(at, 50);
    const cursor = at.collection.find({}, { batchSize: 5 });
    await cursor.next();
    await cursor.close();
    assert.equal(cursor.killed, true);
  });

  it('sort, skip, limit and project can be chained', async (at) => {
    await many(at, 20);
    const found = await at.collection
      .find()
      .sort({ _id: -1 })
      .skip(2)
      .limit(2)
      .project({ a: 1, _id: 0 })
      .toArray();
    assert.deepEqual(found, [{ a: 17 % 7 }, { a: 16 % 7 }]);
  });

  it('map transforms each document', async (at) => {
    await many(at, 3);
    const ids = await at.collection
      .find()
      .sort({ _id: 1 })
      .map((document) => document._id)
      .toArray();
    assert.deepEqual(ids, [0, 1, 2]);
  });

  it('a collection that does not exist is empty', async (at) => {
    assert.deepEqual(await at.db.collection('never-made').find().toArray(), []);
  });

  it('documents written after the first batch do not disturb the reading of the others', async (at) => {
    await many(at, 60);
    const cursor = at.collection.find({ _id: { $lt: 60 as unknown as number } }, { batchSize: 10 });
    const ids = [(await cursor.next())?._id];
    await at.collection.insertOne({ _id: 1000 });
    for await (const document of cursor) ids.push(document._id);
    assert.equal(new Set(ids).size, 60);
  });
});
