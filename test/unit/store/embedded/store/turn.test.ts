// What one turn of the event loop shares: a snapshot for all that begin to read in it, and one look-up for the documents
// that a statement list inserts.
import assert from 'node:assert/strict';
import { serialize } from 'bson';
import { canonical } from '../../../../../store/embedded/bson/codec.js';
import { CommandError } from '../../../../../store/embedded/errors.js';
import { openStore, type Store, type WriteStatement } from '../../../../../store/embedded/index.js';

const ns = 't.a';

const insert = (_id: string, n = 0): WriteStatement => ({
  type: 'insert',
  ns,
  document: serialize({ _id, n }),
  decoded: canonical({ _id, n }),
});

describe('one turn of the event loop', () => {
  let store: Store;
  beforeEach(async () => {
    store = await openStore(':memory:');
    await store.write([insert('a')], { ordered: true });
  });
  afterEach(() => store.close());

  const count = () => store.count(ns, { filter: canonical({}) });
  const countIn = (transaction: ReturnType<Store['begin']>) =>
    store.count(ns, { filter: canonical({}) }, { transaction });

  it('reads what was acknowledged before, though others have read in it already', async () => {
    const before = count();
    await store.write([insert('b')], { ordered: true });
    // The answer has come in this very turn; a snapshot of its beginning would not have it.
    const reader = store.begin();
    const seen = Promise.all([count(), countIn(reader)]);
    assert.equal(await before, 1);
    assert.deepEqual(await seen, [2, 2]);
    await reader.abort();
  });

  it('sees its own acknowledged writes at once, though others read all the time', async () => {
    let reading = true;
    const readOn = (): void => {
      if (!reading) return;
      void count();
      setImmediate(readOn);
    };
    readOn();
    for (let n = 2; n < 60; n += 1) {
      await store.write([insert(`n${n}`)], { ordered: true });
      assert.equal(await count(), n);
    }
    reading = false;
  });

  it('keeps a transaction on its snapshot while others, of the same turn, have let go of it', async () => {
    const [older, reader] = [store.begin(), store.begin()];
    assert.deepEqual(await Promise.all([countIn(older), countIn(reader), count()]), [1, 1, 1]);
    await reader.abort();
    await store.write([insert('b')], { ordered: true });
    assert.equal(await countIn(older), 1);
    await older.abort();
    assert.equal(await count(), 2);
  });

  it('can be the last one: what was shared in it does not keep the store open', async () => {
    const other = await openStore(':memory:');
    assert.equal(await other.count(ns, { filter: canonical({}) }), 0);
    await other.close();
    await assert.rejects(other.count(ns, { filter: canonical({}) }), CommandError);
  });
});

describe('documents inserted together in a transaction', () => {
  let store: Store;
  beforeEach(async () => {
    store = await openStore(':memory:');
    await store.write([insert('a')], { ordered: true });
  });
  afterEach(() => store.close());

  it('are all there, more than one look-up takes', async () => {
    const transaction = store.begin();
    const statements = Array.from({ length: 100 }, (_, n) => insert(`n${n}`));
    const outcomes = await store.write(statements, { ordered: true, transaction });
    assert.equal(outcomes.filter((outcome) => !(outcome instanceof CommandError)).length, 100);
    await transaction.commit();
    assert.equal(await store.count(ns, { filter: canonical({}) }), 101);
  });

  it('are refused at the one whose id is stored, or that comes twice', async () => {
    for (const statements of [
      [insert('b'), insert('a'), insert('c')],
      [insert('b'), insert('c'), insert('b')],
    ]) {
      const transaction = store.begin();
      const outcomes = await store.write(statements, { ordered: true, transaction });
      const refused = outcomes.find((outcome) => outcome instanceof CommandError);
      assert.equal((refused as CommandError).codeName, 'DuplicateKey');
      assert.equal(transaction.state, 'aborted');
    }
    assert.equal(await store.count(ns, { filter: canonical({}) }), 1);
  });

  it('can take an id that the transaction has deleted before', async () => {
    const transaction = store.begin();
    await store.write([{ type: 'delete', ns, q: canonical({ _id: 'a' }) }, insert('a', 1), insert('b')], {
      ordered: true,
      transaction,
    });
    await transaction.commit();
    assert.equal(await store.count(ns, { filter: canonical({ _id: 'a', n: 1 }) }), 1);
  });

  it('conflict with one that somebody has inserted meanwhile', async () => {
    const transaction = store.begin();
    await store.write([insert('b'), insert('c')], { ordered: true, transaction });
    await store.write([insert('c', 1)], { ordered: true });
    await assert.rejects(transaction.commit(), { codeName: 'WriteConflict' });
    assert.equal(await store.count(ns, { filter: canonical({}) }), 2);
  });
});
