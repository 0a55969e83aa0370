// Transactions that change, by `_id`, what was committed last: without a read, and with the same answers as with one.
import assert from 'node:assert/strict';
import { serialize } from 'bson';
import { canonical } from '../../../../../store/embedded/bson/codec.js';
import { idBytes } from '../../../../../store/embedded/bson/key-bytes.js';
import { RecentRows } from '../../../../../store/embedded/execute/recent-rows.js';
import { openStore, type Store, type WriteStatement } from '../../../../../store/embedded/index.js';
import type { BufferedWrite } from '../../../../../store/embedded/writer/requests.js';

const replace = (n: number, more: object = {}): WriteStatement => ({
  type: 'update',
  ns: 't.a',
  q: canonical({ _id: 1, ...more }),
  u: canonical({ n }),
});

describe('documents that were committed last', () => {
  let store: Store;
  beforeEach(async () => {
    store = await openStore(':memory:');
    await store.write([{ type: 'insert', ns: 't.a', document: serialize({ _id: 1, n: 0 }) }], {
      ordered: true,
    });
    await commit(1, {});
  });
  afterEach(() => store.close());

  const commit = async (n: number, more: object): Promise<number> => {
    const transaction = store.begin();
    const [outcome] = await store.write([replace(n, more)], { ordered: true, transaction });
    await transaction.commit();
    return (outcome as { n: number }).n;
  };
  const stored = (n: number) => store.count('t.a', { filter: canonical({ _id: 1, n }) });

  it('are found by what they are now, and not by what they were', async () => {
    assert.equal(await commit(2, { n: 1 }), 1);
    assert.equal(await commit(3, { n: 1 }), 0);
    assert.equal(await commit(4, { n: 2 }), 1);
    assert.equal(await stored(4), 1);
  });

  it('are read again after a write outside of a transaction, whatever its filter', async () => {
    for (const q of [{ _id: 1 }, { n: { $gt: 0 } }]) {
      const update: WriteStatement = {
        type: 'update',
        ns: 't.a',
        q: canonical(q),
        u: canonical({ $set: { n: 10 } }),
      };
      await store.write([update], { ordered: true });
      assert.equal(await commit(11, { n: 10 }), 1);
      await commit(1, {});
    }
  });

  it('are not seen by a transaction whose snapshot is older', async () => {
    const older = store.begin();
    await (await store.find('t.a', { filter: {} }, { transaction: older })).next(1);
    await commit(2, { n: 1 });
    const [outcome] = await store.write([replace(3, { n: 2 })], { ordered: true, transaction: older });
    assert.equal((outcome as { n: number }).n, 0);
    await older.abort();
    const late = store.begin();
    await (await store.find('t.a', { filter: {} }, { transaction: late })).next(1);
    await commit(5, { n: 2 });
    await store.write([replace(6)], { ordered: true, transaction: late });
    await assert.rejects(late.commit(), { codeName: 'WriteConflict' });
    assert.equal(await stored(5), 1);
  });

  it('are forgotten when they are deleted, or when a commit is refused', async () => {
    const [first, second] = [store.begin(), store.begin()];
    await store.write([replace(2)], { ordered: true, transaction: first });
    await store.write([replace(3)], { ordered: true, transaction: second });
    await first.commit();
    await assert.rejects(second.commit(), { codeName: 'WriteConflict' });
    assert.equal(await commit(4, { n: 2 }), 1);
    const last = store.begin();
    await store.write([{ type: 'delete', ns: 't.a', q: canonical({ _id: 1 }) }], {
      ordered: true,
      transaction: last,
    });
    await last.commit();
    assert.equal(await commit(5, {}), 0);
  });

  it('are not taken for unchanged while a write that has been flushed is not yet acknowledged here', async () => {
    const set = (n: number): WriteStatement => ({
      type: 'update',
      ns: 't.a',
      q: canonical({ _id: 1 }),
      u: canonical({ $set: { n } }),
    });
    const writing = store.write([set(2)], { ordered: true });
    await new Promise((resolve) => setImmediate(resolve));
    // The writer thread flushes meanwhile; its answer waits for the event loop.
    const end = performance.now() + 200;
    while (performance.now() < end);
    const transaction = store.begin();
    await store.write([set(1)], { ordered: true, transaction });
    await transaction.commit();
    await writing;
    assert.equal(await stored(1), 1);
  });
});

describe('the rows that are remembered', () => {
  const writesOf = (commit: number, count: number): BufferedWrite[] =>
    Array.from({ length: count }, (_, index) => {
      const document = canonical({ _id: `${commit}:${index}` });
      return {
        ns: `t.${index % 3}`,
        id: idBytes(document['_id']),
        body: serialize(document),
        document,
      } as unknown as BufferedWrite;
    });
  const remembered = (rows: RecentRows, writes: readonly BufferedWrite[]): number =>
    writes.filter(({ ns, id }) => rows.get(ns, id, rows.commits) !== undefined).length;

  it('are bounded, however many each commit writes', () => {
    const rows = new RecentRows();
    const all: BufferedWrite[] = [];
    for (let commit = 0; commit < 20; commit += 1) {
      const writes = writesOf(commit, 1_000);
      rows.remember(writes, 1);
      all.push(...writes);
    }
    assert.ok(remembered(rows, all) <= 2_048, `${remembered(rows, all)} rows are remembered`);
    assert.ok(remembered(rows, all) > 1_500, `only ${remembered(rows, all)} rows are remembered`);
  });
});
