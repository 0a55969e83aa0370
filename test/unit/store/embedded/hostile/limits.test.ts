// Statements and answers of about 16 MiB: what is too large is refused by itself, and what fits is carried out.
import assert from 'node:assert/strict';
import { deserialize, serialize } from 'bson';
import { canonical } from '../../../../../store/embedded/bson/codec.js';
import { CommandError } from '../../../../../store/embedded/errors.js';
import { openStore } from '../../../../../store/embedded/open.js';
import type { Store, WriteOutcome, WriteStatement } from '../../../../../store/embedded/store.js';

const mebi = 1024 * 1024;
const ns = 't.a';

const insert = (document: object): WriteStatement => ({ type: 'insert', ns, document: serialize(document) });
const set = (q: object, fields: object): WriteStatement => ({
  type: 'update',
  ns,
  q: canonical(q),
  u: canonical({ $set: fields }),
});

const codeOf = (outcome: WriteOutcome | undefined): string =>
  outcome instanceof CommandError ? outcome.codeName : 'ok';

describe('statements of 16 MiB', () => {
  let store: Store;
  const write = (...statements: WriteStatement[]) => store.write(statements, { ordered: true });

  beforeEach(async () => {
    store = await openStore(':memory:');
    await write(insert({ _id: 1 }));
  });

  afterEach(() => store.close());

  it('refuses one that is too large, and carries out those submitted around it', async () => {
    const settled = await Promise.allSettled([
      write(insert({ _id: 2 })),
      write(set({ _id: 1 }, { text: 'x'.repeat(8.5 * mebi), more: 'x'.repeat(8 * mebi) })),
      write(insert({ _id: 3 }), insert({ _id: 4 })),
    ]);
    assert.deepEqual(
      settled.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    assert.equal(await store.count(ns, { filter: {} }), 4);
  });

  it('replaces a document by one of 16 MiB', async () => {
    const text = 'x'.repeat(16 * mebi - 40);
    const replacement: WriteStatement = { type: 'update', ns, q: canonical({ _id: 1 }), u: { text } };
    assert.deepEqual((await write(replacement)).map(codeOf), ['ok']);
  });

  it('answers a findAndModify with a document of 16 MiB, also when it is remembered', async () => {
    await write(insert({ _id: 2, text: 'x'.repeat(16 * mebi - 60) }));
    const modify: WriteStatement = {
      type: 'modify',
      ns,
      q: canonical({ _id: 2 }),
      u: canonical({ $set: { n: 1 } }),
      new: true,
    };
    for (const number of [1, 1, 2]) {
      const [outcome] = await store.write([modify], { ordered: true, once: { session: 's', number } });
      assert.ok(outcome !== undefined && 'value' in outcome && outcome.value, codeOf(outcome));
      assert.equal(deserialize(outcome.value)['n'], 1);
    }
  });

  it('remembers the answer to many refused statements', async () => {
    const statements = Array.from({ length: 60_000 }, () => insert({ _id: 1, note: 'a duplicate' }));
    const options = { ordered: false, once: { session: 's', number: 1 } };
    const outcomes = await store.write([...statements, insert({ _id: 5 })], options);
    assert.equal(outcomes.length, 60_001);
    assert.equal(codeOf(outcomes[0]), 'DuplicateKey');
    assert.equal(codeOf(outcomes.at(-1)), 'ok');
    assert.equal((await store.write([insert({ _id: 6 })], options)).length, 60_001);
  });

  it('names the index in the error of a unique key of 9 MiB', async () => {
    await store.createIndexes(ns, [{ name: 'k', key: [['k', 1]], unique: true, sparse: true }]);
    const k = 'k'.repeat(9 * mebi);
    const outcomes = await store.write([insert({ _id: 2, k }), insert({ _id: 3, k }), insert({ _id: 4 })], {
      ordered: false,
    });
    assert.deepEqual(outcomes.map(codeOf), ['ok', 'DuplicateKey', 'ok']);
    assert.match((outcomes[1] as CommandError).message, /index: k /);
  });
});
