// What shares a flush doesn't share its fate: refused statements, conflicts and records of `once` in one batch.
import assert from 'node:assert/strict';
import { Long, serialize } from 'bson';
import { canonical } from '../../../../../store/embedded/bson/codec.js';
import { CommandError } from '../../../../../store/embedded/errors.js';
import { openStore } from '../../../../../store/embedded/open.js';
import type { Store, WriteOutcome, WriteStatement } from '../../../../../store/embedded/store.js';

const insert = (document: object): WriteStatement => ({
  type: 'insert',
  ns: 't.a',
  document: serialize(document),
});
const update = (q: object, u: object): WriteStatement => ({
  type: 'update',
  ns: 't.a',
  q: canonical(q),
  u: canonical(u),
});
const codeOf = (outcome: WriteOutcome | undefined): string =>
  outcome instanceof CommandError ? outcome.codeName : 'ok';

describe('a batch of writes', () => {
  let store: Store;

  beforeEach(async () => {
    store = await openStore(':memory:');
  });

  afterEach(() => store.close());

  it('carries 64 submissions in few commits, each with its own outcome', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 64 }, (_, n) => store.write([insert({ _id: n >> 1 })], { ordered: true })),
    );
    const codes = outcomes.map(([outcome]) => codeOf(outcome));
    assert.equal(codes.filter((code) => code === 'ok').length, 32);
    assert.equal(codes.filter((code) => code === 'DuplicateKey').length, 32);
    assert.ok(store.stats.batches < 16, `${store.stats.batches} batches`);
  });

  it('lets a conflicting transaction fail alone', async () => {
    await store.write([insert({ _id: 0, n: 0 })], { ordered: true });
    const transactions = Array.from({ length: 20 }, () => store.begin());
    for (const [n, transaction] of transactions.entries()) {
      const target = n < 10 ? 0 : n;
      const statements = [insert({ _id: `x${n}` }), update({ _id: target }, { $inc: { n: 1 } })];
      await store.write(statements, { ordered: true, transaction });
    }
    const settled = await Promise.allSettled(transactions.map((transaction) => transaction.commit()));
    const failures = settled.filter((result) => result.status === 'rejected');
    assert.equal(failures.length, 9);
    for (const { reason } of failures) {
      assert.equal((reason as CommandError).codeName, 'WriteConflict');
      assert.deepEqual((reason as CommandError).labels, ['TransientTransactionError']);
    }
    assert.equal(await store.count('t.a', { filter: canonical({ _id: { $gte: 'x' } }) }), 11);
  });

  it('stops an ordered list at its first error and carries an unordered one to its end', async () => {
    const list = [insert({ _id: 1 }), insert({ _id: 1 }), insert({ _id: 2 })];
    const ordered = await store.write(list, { ordered: true });
    assert.deepEqual(ordered.map(codeOf), ['ok', 'DuplicateKey']);
    const unordered = await store.write(list, { ordered: false });
    assert.deepEqual(unordered.map(codeOf), ['DuplicateKey', 'DuplicateKey', 'ok']);
  });

  it('does once what is submitted twice under one key, and answers the same', async () => {
    const once = { session: 's', number: 7 };
    const statements = [
      insert({ _id: 1, n: Long.fromNumber(5) }),
      { ...update({ _id: 9 }, { $set: { a: 1 } }), upsert: true } as WriteStatement,
      insert({ _id: 1 }),
    ];
    const first = await store.write(statements, { ordered: false, once });
    const again = await store.write(statements, { ordered: false, once });
    assert.deepEqual(again.map(codeOf), first.map(codeOf));
    assert.deepEqual(again[1], first[1]);
    assert.deepEqual(await store.outcomeOf(once), again);
    assert.equal(await store.outcomeOf({ session: 's', number: 8 }), undefined);
    await assert.rejects(store.write(statements, { ordered: false, once: { session: 's', number: 6 } }), {
      codeName: 'TransactionTooOld',
    });
    assert.equal(await store.count('t.a', { filter: {} }), 2);
  });

  it('records a commit under its key together with its writes', async () => {
    const once = { session: 's', number: 1 };
    const transaction = store.begin();
    await store.write([insert({ _id: 1 })], { ordered: true, transaction });
    assert.equal(await store.outcomeOf(once), undefined);
    await transaction.commit(once);
    assert.equal((await store.outcomeOf(once))?.length, 1);
  });

  it('refuses a document that is nested too deep, and its neighbours never notice', async () => {
    const nested = (levels: number): object => {
      let value: object = {};
      for (let level = 0; level < levels; level += 1) value = { a: value };
      return value;
    };
    const outcomes = await store.write(
      [insert({ _id: 1, ...nested(190) }), insert({ _id: 2, ...nested(2000) }), insert({ _id: 3 })],
      { ordered: false },
    );
    assert.deepEqual(outcomes.map(codeOf), ['ok', 'Overflow', 'ok']);
  });

  it('moves a unique key from one document to another in one transaction', async () => {
    await store.createIndexes('t.a', [{ name: 'k_1', key: [['k', 1]], unique: true, sparse: false }]);
    await store.write([insert({ _id: 1, k: 'a' }), insert({ _id: 2, k: 'b' })], { ordered: true });
    const transaction = store.begin();
    const swap = [
      update({ _id: 1 }, { $set: { k: 'spare' } }),
      update({ _id: 2 }, { $set: { k: 'a' } }),
      update({ _id: 1 }, { $set: { k: 'b' } }),
    ];
    assert.deepEqual((await store.write(swap, { ordered: true, transaction })).map(codeOf), [
      'ok',
      'ok',
      'ok',
    ]);
    await transaction.commit();
    assert.equal(await store.count('t.a', { filter: canonical({ _id: 2, k: 'a' }) }), 1);
    const [outcome] = await store.write([insert({ _id: 3, k: 'b' })], { ordered: true });
    assert.equal(codeOf(outcome), 'DuplicateKey');
  });
});
