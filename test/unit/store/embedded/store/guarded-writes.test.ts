// Whole documents under guards: all or none, with what a transaction of the same statements would come to.
import assert from 'node:assert/strict';
import { serialize } from 'bson';
import fc from 'fast-check';
import { canonical, decode } from '../../../../../store/embedded/bson/codec.js';
import {
  CommandError,
  type GuardedWrite,
  type InsertIfAny,
  openStore,
  type Store,
  type WriteStatement,
} from '../../../../../store/embedded/index.js';

const ns = 't.a';
const put = (id: string, seq: number, before?: number, isFinal = false): GuardedWrite => ({
  ns,
  document: { _id: id, seq, text: `${id} ${seq}` },
  ...(before === undefined ? {} : { guard: { field: 'seq', value: before } }),
  isFinal,
});

async function contents(store: Store, of = ns): Promise<Record<string, number>> {
  const cursor = await store.find(of, { filter: {}, sort: canonical({ _id: 1 }) });
  const { documents } = await cursor.next(1_000);
  const all = documents.map((bytes) => decode(bytes));
  return Object.fromEntries(all.map(({ _id, seq }) => [String(_id), Number(seq)]));
}

describe('guarded writes', () => {
  let store: Store;
  beforeEach(async () => {
    store = await openStore(':memory:');
  });
  afterEach(() => store.close());

  it('write documents that are not there, and those that are as they are expected', async () => {
    assert.equal(await store.writeGuarded([put('a', 1), put('b', 1)]), true);
    assert.equal(await store.writeGuarded([put('a', 2, 1), put('c', 1)]), true);
    assert.deepEqual(await contents(store), { a: 2, b: 1, c: 1 });
  });

  it('write nothing if one is there already, is not there, or is not as expected', async () => {
    await store.writeGuarded([put('a', 1)]);
    assert.equal(await store.writeGuarded([put('b', 1), put('a', 1)]), false);
    assert.equal(await store.writeGuarded([put('b', 1), put('x', 2, 1)]), false);
    assert.equal(await store.writeGuarded([put('b', 1), put('a', 3, 2)]), false);
    assert.deepEqual(await contents(store), { a: 1 });
  });

  it('see what others have written meanwhile, in whatever way', async () => {
    await store.writeGuarded([put('a', 1)]);
    const update: WriteStatement = {
      type: 'update',
      ns,
      q: canonical({ _id: 'a' }),
      u: canonical({ $set: { seq: 7 } }),
    };
    await store.write([update], { ordered: true });
    assert.equal(await store.writeGuarded([put('a', 2, 1)]), false);
    assert.equal(await store.writeGuarded([put('a', 8, 7)]), true);
    const transaction = store.begin();
    await store.write([{ ...update, u: canonical({ seq: 20 }) }], { ordered: true, transaction });
    await transaction.commit();
    assert.equal(await store.writeGuarded([put('a', 9, 8)]), false);
    assert.equal(await store.writeGuarded([put('a', 21, 20)]), true);
    await store.write([{ type: 'delete', ns, q: canonical({ _id: 'a' }) }], { ordered: true });
    assert.equal(await store.writeGuarded([put('a', 22, 21)]), false);
    assert.equal(await store.writeGuarded([put('a', 1)]), true);
    assert.deepEqual(await contents(store), { a: 1 });
  });

  it('refuse a transaction that has seen an earlier version, and are seen by one that begins later', async () => {
    await store.writeGuarded([put('a', 1)]);
    const change: WriteStatement = {
      type: 'update',
      ns,
      q: canonical({ _id: 'a' }),
      u: canonical({ $inc: { seq: 10 } }),
    };
    const before = store.begin();
    await store.write([change], { ordered: true, transaction: before });
    assert.equal(await store.writeGuarded([put('a', 2, 1)]), true);
    await assert.rejects(before.commit(), (error: CommandError) => error.codeName === 'WriteConflict');
    const later = store.begin();
    await store.write([change], { ordered: true, transaction: later });
    await later.commit();
    assert.deepEqual(await contents(store), { a: 12 });
  });

  it('let one of many at once win, final or not', async () => {
    await store.writeGuarded([put('a', 1, undefined, true)]);
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        store.writeGuarded([put('a', 2, 1), put(`b${n}`, 1, undefined, true)]),
      ),
    );
    assert.equal(results.filter(Boolean).length, 1);
    assert.equal(Object.keys(await contents(store)).length, 2);
  });

  it('are refused for a document that is too large or too deep, and write nothing', async () => {
    const large = { ns, document: { _id: 'l', text: 'x'.repeat(17 * 1024 * 1024) } };
    await assert.rejects(
      store.writeGuarded([put('a', 1), large]),
      (error: CommandError) => error.codeName === 'BSONObjectTooLarge',
    );
    let deep: object = {};
    for (let n = 0; n < 300; n += 1) deep = { deep };
    await assert.rejects(
      store.writeGuarded([put('a', 1), { ns, document: { _id: 'd', deep } }]),
      (error: CommandError) => error.codeName === 'Overflow',
    );
    assert.deepEqual(await contents(store), {});
  });

  it('keep unique keys and indexes of their documents', async () => {
    await store.createIndexes(ns, [{ name: 'seq', key: [['seq', 1]], unique: true, sparse: false }]);
    await store.writeGuarded([put('a', 1), put('b', 2)]);
    assert.equal(await store.writeGuarded([put('c', 2)]), false);
    assert.equal(await store.writeGuarded([put('a', 2, 1), put('b', 1, 2)]), true);
    assert.equal(await store.count(ns, { filter: canonical({ seq: 2, _id: 'a' }), hint: 'seq' }), 1);
  });

  it('of many new documents are in every index, in their order, and none is if one was there', async () => {
    await store.createIndexes(ns, [
      { name: 'seq', key: [['seq', 1]], unique: false, sparse: false },
      { name: 'tags', key: [['tags', 1]], unique: false, sparse: true },
    ]);
    const many = Array.from({ length: 75 }, (_, n): GuardedWrite => {
      const tags = n % 5 === 0 ? { tags: [`t${n}`, 'all'] } : {};
      return { ns, document: { _id: `d${String(n).padStart(2, '0')}`, seq: 100 - n, ...tags } };
    });
    assert.equal(await store.writeGuarded([put('x', 1), ...many]), true);
    const ids = async (filter: object, hint: string | object): Promise<string[]> => {
      const cursor = await store.find(ns, { filter: canonical(filter), hint: hint as string });
      const { documents } = await cursor.next(1_000);
      return documents.map((bytes) => String(decode(bytes)['_id']));
    };
    const inOrder = many.map(({ document }) => String(document['_id']));
    assert.deepEqual(await ids({}, canonical({ $natural: 1 })), ['x', ...inOrder]);
    assert.deepEqual(await ids({ seq: { $gt: 1 } }, 'seq'), inOrder.toReversed());
    assert.equal((await ids({ tags: 'all' }, 'tags')).length, 15);
    for (const { document } of many) assert.equal((await ids({ seq: document['seq'] }, 'seq')).length, 1);
    // Written again by what was remembered of them.
    const again = many.map(({ document }) => ({
      ns,
      document: { ...document, seq: Number(document['seq']) + 1_000 },
      guard: { field: 'seq', value: Number(document['seq']) },
    }));
    assert.equal(await store.writeGuarded(again), true);
    assert.equal((await ids({ seq: { $gt: 1_000 } }, 'seq')).length, 75);
    assert.equal((await ids({ seq: { $lt: 1_000 } }, 'seq')).length, 1);
    const others = Array.from({ length: 40 }, (_, n) => put(`e${n}`, n));
    assert.equal(await store.writeGuarded([...others, put('d07', 1), put('z', 1)]), false);
    assert.equal(await store.count(ns, { filter: {} }), 76);
    assert.equal((await ids({ seq: { $gte: 0 } }, 'seq')).length, 76);
  });

  describe('that may be left out', () => {
    const wanted = (value: string, index = 'tags') => ({ ns, index, value });
    const told = (id: string, ...ifAny: NonNullable<GuardedWrite['ifAny']>): GuardedWrite => ({
      ns: 't.told',
      document: { _id: id, seq: 0 },
      ifAny,
    });
    const tagged = (id: string, seq: number, tags?: string[], before?: number): GuardedWrite => ({
      ...put(id, seq, before),
      document: { _id: id, seq, ...(tags && { tags }) },
    });
    beforeEach(() =>
      store.createIndexes(ns, [
        {
          name: 'tags',
          key: [
            ['tags', 1],
            ['_id', 1],
          ],
          unique: false,
          sparse: true,
        },
        { name: 'late', key: [['tags', -1]], unique: false, sparse: false, partial: { seq: { $gt: 5 } } },
      ]),
    );

    it('are if no document has what is wanted, and are not if one has', async () => {
      await store.writeGuarded([tagged('a', 1, ['x', 'y'])]);
      const rows = [told('x', wanted('x')), told('y', wanted('z'), wanted('y')), told('z', wanted('z'))];
      assert.equal(await store.writeGuarded([put('b', 1), ...rows]), true);
      assert.deepEqual(await contents(store, 't.told'), { x: 0, y: 0 });
      // No prefix of another value, and of a partial index only what is in it.
      await store.writeGuarded([tagged('c', 1, ['xyz'])]);
      await store.writeGuarded([told('p', wanted('xy')), told('q', wanted('x', 'late'))]);
      await store.writeGuarded([tagged('d', 6, ['x'])]);
      await store.writeGuarded([told('r', wanted('x', 'late'))]);
      assert.deepEqual(await contents(store, 't.told'), { r: 0, x: 0, y: 0 });
    });

    it('count what is written and what ends with them, wherever they stand', async () => {
      await store.writeGuarded([tagged('a', 1, ['old'])]);
      const changed = tagged('a', 2, ['new'], 1);
      await store.writeGuarded([told('n', wanted('new')), told('o', wanted('old')), changed, put('z', 1)]);
      assert.deepEqual(await contents(store, 't.told'), { n: 0 });
      // The numbers of what was written with them are right.
      assert.equal(await store.writeGuarded([tagged('a', 3, undefined, 2), put('z', 2, 1)]), true);
      assert.equal(await store.writeGuarded([told('m', wanted('new'))]), true);
      assert.deepEqual(await contents(store, 't.told'), { n: 0 });
    });

    it('are written where the index or the collection is not there', async () => {
      await store.writeGuarded([
        told('i', wanted('x', 'none')),
        told('c', { ns: 't.none', index: 'i', value: 'x' }),
      ]);
      assert.deepEqual(await contents(store, 't.told'), { c: 0, i: 0 });
    });

    it('are refused with all others when they are there, and were not to be left out', async () => {
      await store.writeGuarded([tagged('a', 1, ['x']), told('t', wanted('x'))]);
      assert.equal(await store.writeGuarded([put('b', 1), told('t', wanted('x'))]), false);
      assert.equal(await store.writeGuarded([put('b', 1), told('t', wanted('w'))]), true);
      assert.deepEqual(await contents(store), { a: 1, b: 1 });
    });

    it('are added to a transaction in the same way, unseen by itself', async () => {
      await store.writeGuarded([tagged('a', 1, ['old'])]);
      const change: WriteStatement = {
        type: 'update',
        ns,
        q: canonical({ _id: 'a' }),
        u: canonical({ $set: { tags: ['new'] } }),
      };
      const rows = [told('n', wanted('new')), told('o', wanted('old'))] as InsertIfAny[];
      const transaction = store.begin();
      await store.insertIfAny(rows, transaction);
      await store.write([change], { ordered: true, transaction });
      assert.equal(await store.count('t.told', { filter: {} }, { transaction }), 0);
      await transaction.commit();
      assert.deepEqual(await contents(store, 't.told'), { n: 0 });
      await assert.rejects(
        store.insertIfAny(rows, transaction),
        (error: CommandError) => error.codeName === 'NoSuchTransaction',
      );
      const aborted = store.begin();
      await store.insertIfAny([told('x', wanted('new')) as InsertIfAny], aborted);
      await aborted.abort();
      assert.deepEqual(await contents(store, 't.told'), { n: 0 });
    });

    it('never miss a document that was acknowledged before, among many at once', async () => {
      await Promise.all(
        Array.from({ length: 60 }, async (_, n) => {
          if (n % 2 === 0) await store.writeGuarded([tagged(`w${n}`, 1, [`v${n}`])]);
          const early = store.writeGuarded([told(`t${n}`, wanted(`v${n}`))]);
          const late = n % 2 === 0 ? early : store.writeGuarded([tagged(`w${n}`, 1, [`v${n}`])]);
          assert.deepEqual(await Promise.all([early, late]), [true, true]);
        }),
      );
      const found = await contents(store, 't.told');
      for (let n = 0; n < 60; n += 1) assert.equal(found[`t${n}`], n % 2 === 0 ? 0 : undefined, `t${n}`);
    });
  });

  it('come to what transactions of the same statements come to', async () => {
    const write = fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd'),
      seq: fc.nat(3),
      before: fc.option(fc.nat(3), { nil: undefined }),
      isFinal: fc.boolean(),
    });
    const batch = fc.uniqueArray(write, { selector: ({ id }) => id, minLength: 1, maxLength: 4 });
    const other = fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd'), seq: fc.nat(3) });
    let name = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof({ weight: 4, arbitrary: batch }, other), { maxLength: 12 }),
        async (steps) => {
          name += 1;
          const [guarded, plain] = [`t.g${name}`, `t.p${name}`];
          for (const step of steps) {
            if (!Array.isArray(step)) {
              for (const each of [guarded, plain]) {
                const u = canonical({ $set: { seq: step.seq } });
                await store.write([{ type: 'update', ns: each, q: canonical({ _id: step.id }), u }], {
                  ordered: true,
                });
              }
              continue;
            }
            const writes = step.map(({ id, seq, before, isFinal }) => ({
              ...put(id, seq, before, isFinal),
              ns: guarded,
            }));
            assert.equal(await store.writeGuarded(writes), await inTransaction(store, plain, writes));
          }
          assert.deepEqual(await contents(store, guarded), await contents(store, plain));
        },
      ),
      { numRuns: 150 },
    );
  });
});

/** The same by statements in a transaction: whether all of them found what they expected. */
async function inTransaction(store: Store, of: string, writes: readonly GuardedWrite[]): Promise<boolean> {
  const transaction = store.begin();
  for (const { document, guard } of writes) {
    const statement: WriteStatement =
      guard === undefined
        ? { type: 'insert', ns: of, document: serialize(document) }
        : {
            type: 'update',
            ns: of,
            q: canonical({ _id: document['_id'], [guard.field]: guard.value }),
            u: canonical(document),
          };
    const [outcome] = await store.write([statement], { ordered: true, transaction });
    if (outcome instanceof CommandError || outcome?.n !== 1) {
      await transaction.abort();
      return false;
    }
  }
  await transaction.commit();
  return true;
}
