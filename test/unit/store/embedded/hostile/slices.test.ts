// What is cut into slices or short cuts, so that the event loop turns and time grows with the data, gives the same
// answers as the plain way: long sorts, short results of long sorts, $lookup; and the log shrinks again.
import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Document, deserialize, Long, serialize } from 'bson';
import { canonical } from '../../../../../store/embedded/bson/codec.js';
import { sortInSlices } from '../../../../../store/embedded/execute/sort-in-slices.js';
import { openStore } from '../../../../../store/embedded/open.js';
import type { FindQuery, Store, StoreCursor, WriteStatement } from '../../../../../store/embedded/store.js';
import { Random } from '../../../../conformance/store/random.js';

const insert = (ns: string, document: object): WriteStatement => ({
  type: 'insert',
  ns,
  document: serialize(document),
});

async function read(cursor: StoreCursor): Promise<Document[]> {
  const found: Document[] = [];
  for (let done = false; !done; ) {
    const batch = await cursor.next(1000);
    done = batch.done;
    found.push(...batch.documents.map((bytes) => deserialize(bytes)));
  }
  return found;
}

describe('a sort in slices', () => {
  it('is stable and gives what a plain one gives, of any length', () => {
    const random = new Random(7);
    for (const length of [0, 1, 2047, 2048, 2049, 6200, 10_001]) {
      const items = Array.from({ length }, (_, at) => ({ at, key: random.below(50) }));
      const compare = (a: { key: number }, b: { key: number }): number => a.key - b.key;
      const steps = sortInSlices(items, compare);
      let step = steps.next();
      while (step.done !== true) step = steps.next();
      assert.deepEqual(step.value, items.toSorted(compare));
    }
  });
});

describe('a store with many documents', () => {
  const documents = Array.from({ length: 9_000 }, (_, _id) => ({ _id, n: (_id * 7919) % 600 }));
  const sorted = documents.toSorted((a, b) => a.n - b.n || a._id - b._id);
  let store: Store;

  before(async () => {
    store = await openStore(':memory:');
    await store.write(
      documents.map((document) => insert('t.a', document)),
      { ordered: true },
    );
  });

  after(() => store.close());

  for (const [skip, limit] of [
    [0, 0],
    [0, 5],
    [100, 3],
    [4_000, 2_000],
    [8_999, 10],
  ] as const) {
    it(`sorts, skips ${skip} and limits to ${limit}, also in a transaction`, async () => {
      const query: FindQuery = { filter: {}, sort: canonical({ n: 1 }), skip, limit };
      const wanted = sorted.slice(skip, limit === 0 ? undefined : skip + limit);
      assert.deepEqual(await read(await store.find('t.a', query)), wanted);
      const transaction = store.begin();
      assert.deepEqual(await read(await store.find('t.a', query, { transaction })), wanted);
      await transaction.abort();
    });
  }

  it('makes an index multikey in the middle of an update, which then finds all', async () => {
    await store.createIndexes('t.a', [{ name: 'n', key: [['n', 1]], unique: false, sparse: false }]);
    const q = canonical({ _id: { $gte: 6_000 } });
    const u = canonical({ $set: { n: [-1, -2] } });
    await store.write([{ type: 'update', ns: 't.a', q, u, multi: true }], { ordered: true });
    assert.equal(await store.count('t.a', { filter: canonical({ n: { $lt: 0 } }) }), 3_000);
    const { isMultiKey } = await store.explain('t.a', { filter: canonical({ n: -1 }) });
    assert.equal(isMultiKey, true);
  });
});

describe('$lookup by equality', () => {
  it('finds what a filter finds, whatever the values', async () => {
    const values = [
      1,
      1.5,
      Long.fromNumber(1),
      Number.NaN,
      'a',
      '',
      null,
      true,
      new Date(0),
      [1, 'a'],
      [],
      [[1]],
    ];
    const nested = [{ x: 1 }, { x: [1, 2] }, [{ x: 1 }, { x: 'a' }], [], { y: 1 }];
    const foreign: Document[] = [
      ...values.map((v) => ({ v })),
      ...nested.map((v) => ({ v })),
      { other: 1 },
      { v: /a/ },
    ].map((document, _id) => ({ _id, ...document }));
    const store = await openStore(':memory:');
    const local = [...values, ...nested].map((value, _id) => insert('t.l', { _id, value }));
    await store.write([...local, ...foreign.map((document) => insert('t.f', document))], { ordered: true });
    for (const foreignField of ['v', 'v.x', 'v.0', 'v.0.x']) {
      const lookup = { from: 'f', localField: 'value', foreignField, as: 'found' };
      const rows = await read(await store.aggregate('t.l', [{ $lookup: lookup }]));
      for (const { value, found } of rows) {
        const wanted = new Set<number>();
        for (const each of Array.isArray(value) ? value : [value]) {
          const query = { filter: canonical({ [foreignField]: { $eq: each } }) };
          for (const { _id } of await read(await store.find('t.f', query))) wanted.add(_id);
        }
        const ids = (found as Document[]).map(({ _id }) => _id);
        assert.deepEqual(
          ids,
          [...wanted].sort((a, b) => a - b),
          `${foreignField} ${JSON.stringify(value)}`,
        );
      }
    }
    await store.close();
  });
});

describe('the write-ahead log', () => {
  const mebi = 1024 * 1024;

  it('is cut back after a long-held cursor is closed, and gone when the store is closed', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'hostile-'));
    const log = join(directory, 'store.db-wal');
    const sizeOf = async (file: string): Promise<number> =>
      (await stat(file).catch(() => ({ size: 0 }))).size;
    try {
      const store = await openStore(directory, { flush: 'never' });
      const large = { _id: 1, text: 'x'.repeat(12 * mebi) };
      await store.write([insert('t.a', large), insert('t.a', { _id: 2 })], { ordered: true });
      const cursor = await store.find('t.a', { filter: {} });
      await cursor.next(1);
      const set = async (_id: number, text: string): Promise<void> => {
        const [q, u] = [canonical({ _id }), canonical({ $set: { text } })];
        await store.write([{ type: 'update', ns: 't.a', q, u }], { ordered: true });
      };
      for (let round = 0; round < 7; round += 1) await set(1, `${round}`.repeat(12 * mebi));
      assert.ok((await sizeOf(log)) > 70 * mebi, String(await sizeOf(log)));
      cursor.close();
      for (let round = 0; round < 4; round += 1) await set(2, `${round}`);
      assert.ok((await sizeOf(log)) <= 64 * mebi, String(await sizeOf(log)));
      await store.close();
      assert.equal(await sizeOf(log), 0);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});
