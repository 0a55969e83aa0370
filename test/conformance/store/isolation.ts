// Isolation between sessions: snapshot, first committer wins per document and unique key; what it allows, too.
import assert from 'node:assert/strict';
import type { ClientSession } from 'mongodb';
import { Schema } from 'mongoose';
import { type Case, theme } from './theme.js';

const sessionsAtOnce = 64;

type Run = (at: Case, one: ClientSession, two: ClientSession) => Promise<void>;

/** Two sessions, each in a transaction. */
async function twoSessions(at: Case, run: Run): Promise<void> {
  const sessions = await Promise.all(
    [1, 2].map(async () => (await at.connection.startSession()) as unknown as ClientSession),
  );
  const [one, two] = sessions as [ClientSession, ClientSession];
  one.startTransaction();
  two.startTransaction();
  try {
    await run(at, one, two);
  } finally {
    for (const session of sessions) {
      if (session.inTransaction()) await session.abortTransaction().catch(() => {});
      await session.endSession();
    }
  }
}

/** The writes and the commit after them: MongoDB refuses the write at once, an optimistic store the commit. */
async function conflicts(session: ClientSession, write: () => Promise<unknown>): Promise<void> {
  const error = await write()
    .then(() => session.commitTransaction())
    .then(
      () => undefined,
      (reason: unknown) => reason as Error & { code?: number; hasErrorLabel(label: string): boolean },
    );
  assert.ok(error !== undefined, 'no conflict');
  assert.ok(error.hasErrorLabel('TransientTransactionError'), `not labelled transient: ${error}`);
  assert.equal(error.code, 112);
}

export const isolation = theme('isolation', (it) => {
  const runs = (title: string, run: Run): void =>
    it.needing('transactions', title, async (at) => {
      await at.given({ _id: 'a', n: 0 }, { _id: 'b', n: 0 });
      await twoSessions(at, run);
    });
  const read = async (at: Case, _id: string, session?: ClientSession): Promise<number> =>
    (await at.collection.findOne({ _id }, session === undefined ? {} : { session }))?.['n'];

  runs(
    'no dirty read: neither a transaction nor anybody else sees uncommitted writes',
    async (at, one, two) => {
      await at.collection.updateOne({ _id: 'a' }, { $set: { n: 1 } }, { session: one });
      assert.equal(await read(at, 'a', two), 0);
      assert.equal(await read(at, 'a'), 0);
      await one.abortTransaction();
      assert.equal(await read(at, 'a'), 0);
    },
  );

  runs(
    'no non-repeatable read: a committed change is not seen by an older snapshot',
    async (at, one, two) => {
      assert.equal(await read(at, 'a', two), 0);
      await at.collection.updateOne({ _id: 'a' }, { $set: { n: 1 } }, { session: one });
      await one.commitTransaction();
      assert.equal(await read(at, 'a', two), 0);
      await two.commitTransaction();
      assert.equal(await read(at, 'a'), 1);
    },
  );

  runs('the snapshot holds for every document and collection, read or not', async (at, one, two) => {
    const other = at.another();
    await other.insertOne({ _id: 'x', n: 0 });
    assert.equal(await read(at, 'a', two), 0);
    await at.collection.updateOne({ _id: 'b' }, { $set: { n: 1 } }, { session: one });
    await other.updateOne({ _id: 'x' }, { $set: { n: 1 } }, { session: one });
    await one.commitTransaction();
    assert.equal(await read(at, 'b', two), 0);
    assert.equal((await other.findOne({ _id: 'x' }, { session: two }))?.['n'], 0);
  });

  runs('no phantom: an insert and a delete are not seen by an older snapshot', async (at, _one, two) => {
    assert.equal(await at.collection.countDocuments({ n: 0 }, { session: two }), 2);
    await at.collection.insertOne({ _id: 'c', n: 0 });
    await at.collection.deleteOne({ _id: 'a' });
    assert.equal(await at.collection.countDocuments({ n: 0 }, { session: two }), 2);
    assert.equal(await at.collection.countDocuments({ n: 0 }), 2);
    assert.equal(await read(at, 'a', two), 0);
  });

  runs('no lost update: of two that read and wrote one document, the second fails', async (at, one, two) => {
    const [first, second] = [await read(at, 'a', one), await read(at, 'a', two)];
    await at.collection.updateOne({ _id: 'a' }, { $set: { n: first + 1 } }, { session: one });
    await one.commitTransaction();
    await conflicts(two, () =>
      at.collection.updateOne({ _id: 'a' }, { $set: { n: second + 10 } }, { session: two }),
    );
    assert.equal(await read(at, 'a'), 1);
  });

  it('control: the same reads and writes without transactions lose an update', async (at) => {
    await at.given({ _id: 'a', n: 0 });
    const [first, second] = [await read(at, 'a'), await read(at, 'a')];
    await at.collection.updateOne({ _id: 'a' }, { $set: { n: first + 1 } });
    await at.collection.updateOne({ _id: 'a' }, { $set: { n: second + 10 } });
    assert.equal(await read(at, 'a'), 10);
  });

  runs('two that wrote one document before either committed: one wins', async (at, one, two) => {
    await at.collection.updateOne({ _id: 'a' }, { $inc: { n: 1 } }, { session: one });
    const losing = conflicts(two, async () => {
      await at.collection.updateOne({ _id: 'a' }, { $inc: { n: 1 } }, { session: two });
      await one.commitTransaction();
    });
    await losing;
    if (one.inTransaction()) await one.commitTransaction();
    assert.equal(await read(at, 'a'), 1);
  });

  runs('a write outside of any transaction wins over an older snapshot', async (at, one) => {
    assert.equal(await read(at, 'a', one), 0);
    await at.collection.updateOne({ _id: 'a' }, { $set: { n: 5 } });
    await conflicts(one, () => at.collection.updateOne({ _id: 'a' }, { $set: { n: 1 } }, { session: one }));
    assert.equal(await read(at, 'a'), 5);
  });

  runs('an update of a document deleted meanwhile conflicts', async (at, one) => {
    assert.equal(await read(at, 'a', one), 0);
    await at.collection.deleteOne({ _id: 'a' });
    await conflicts(one, () => at.collection.updateOne({ _id: 'a' }, { $set: { n: 1 } }, { session: one }));
    await at.answers({}, ['b']);
  });

  runs('a delete of a document changed meanwhile conflicts', async (at, one) => {
    assert.equal(await read(at, 'a', one), 0);
    await at.collection.updateOne({ _id: 'a' }, { $set: { n: 1 } });
    await conflicts(one, () => at.collection.deleteOne({ _id: 'a' }, { session: one }));
    assert.equal(await read(at, 'a'), 1);
  });

  runs('a document deleted and made again meanwhile conflicts', async (at, one) => {
    assert.equal(await read(at, 'a', one), 0);
    await at.collection.deleteOne({ _id: 'a' });
    await at.collection.insertOne({ _id: 'a', n: 0 });
    await conflicts(one, () => at.collection.updateOne({ _id: 'a' }, { $set: { n: 1 } }, { session: one }));
  });

  runs('a conflict in one document undoes the writes to all others', async (at, one) => {
    assert.equal(await read(at, 'a', one), 0);
    await at.collection.updateOne({ _id: 'a' }, { $set: { n: 5 } });
    await conflicts(one, async () => {
      await at.collection.updateOne({ _id: 'b' }, { $set: { n: 1 } }, { session: one });
      await at.collection.insertOne({ _id: 'c', n: 1 }, { session: one });
      await at.collection.updateOne({ _id: 'a' }, { $set: { n: 1 } }, { session: one });
    });
    await at.holds({ _id: 'a', n: 5 }, { _id: 'b', n: 0 });
  });

  runs('a document that was only read does not conflict', async (at, one) => {
    assert.equal(await read(at, 'a', one), 0);
    await at.collection.updateOne({ _id: 'a' }, { $set: { n: 5 } });
    await at.collection.updateOne({ _id: 'b' }, { $set: { n: 1 } }, { session: one });
    await one.commitTransaction();
    await at.holds({ _id: 'a', n: 5 }, { _id: 'b', n: 1 });
  });

  runs('two transactions on two documents both commit', async (at, one, two) => {
    await at.collection.updateOne({ _id: 'a' }, { $set: { n: 1 } }, { session: one });
    await at.collection.updateOne({ _id: 'b' }, { $set: { n: 2 } }, { session: two });
    await Promise.all([one.commitTransaction(), two.commitTransaction()]);
    await at.holds({ _id: 'a', n: 1 }, { _id: 'b', n: 2 });
  });

  runs('write skew is possible: each decides on what the other changes', async (at, one, two) => {
    const total = async (session: ClientSession) =>
      (await read(at, 'a', session)) + (await read(at, 'b', session));
    if ((await total(one)) === 0)
      await at.collection.updateOne({ _id: 'a' }, { $inc: { n: 1 } }, { session: one });
    if ((await total(two)) === 0)
      await at.collection.updateOne({ _id: 'b' }, { $inc: { n: 1 } }, { session: two });
    await one.commitTransaction();
    await two.commitTransaction();
    await at.holds({ _id: 'a', n: 1 }, { _id: 'b', n: 1 });
  });

  runs('write skew is guarded by a version that both bump', async (at, one, two) => {
    await at.given({ _id: 'aggregate', version: 1 });
    const bump = (session: ClientSession) =>
      at.collection.updateOne({ _id: 'aggregate' }, { $inc: { version: 1 } }, { session });
    assert.equal((await read(at, 'a', one)) + (await read(at, 'b', one)), 0);
    assert.equal((await read(at, 'a', two)) + (await read(at, 'b', two)), 0);
    await at.collection.updateOne({ _id: 'a' }, { $inc: { n: 1 } }, { session: one });
    await bump(one);
    await one.commitTransaction();
    await conflicts(two, async () => {
      await at.collection.updateOne({ _id: 'b' }, { $inc: { n: 1 } }, { session: two });
      await bump(two);
    });
    await at.holds({ _id: 'a', n: 1 }, { _id: 'aggregate', version: 2 }, { _id: 'b', n: 0 });
  });

  runs('a version guard that finds no match tells that somebody was faster', async (at, one) => {
    await at.collection.updateOne({ _id: 'a' }, { $set: { n: 1 } });
    const guarded = await at.collection.updateOne({ _id: 'a', n: 0 }, { $set: { n: 2 } }, { session: one });
    assert.equal(guarded.matchedCount, 0);
  });

  runs('phantom by unique key: of two that insert one value, one wins', async (at, one, two) => {
    const unique = at.another();
    await unique.createIndex({ k: 1 }, { unique: true });
    assert.equal(await unique.countDocuments({ k: 1 }, { session: one }), 0);
    assert.equal(await unique.countDocuments({ k: 1 }, { session: two }), 0);
    await unique.insertOne({ _id: 1, k: 1 }, { session: one });
    await one.commitTransaction();
    await conflicts(two, () => unique.insertOne({ _id: 2, k: 1 }, { session: two }));
    assert.equal(await unique.countDocuments({ k: 1 }), 1);
  });

  runs('phantom by _id: of two that insert one _id, one wins', async (at, one, two) => {
    assert.equal(await read(at, 'c', two), undefined);
    await at.collection.insertOne({ _id: 'c', n: 1 }, { session: one });
    await one.commitTransaction();
    await conflicts(two, () => at.collection.insertOne({ _id: 'c', n: 2 }, { session: two }));
    assert.equal(await read(at, 'c'), 1);
  });

  runs('a unique value freed meanwhile is taken in the older snapshot', async (at, one) => {
    const unique = at.another();
    await unique.createIndex({ k: 1 }, { unique: true });
    await unique.insertOne({ _id: 1, k: 1 });
    assert.equal(await unique.countDocuments({}, { session: one }), 1);
    await unique.deleteOne({ _id: 1 });
    const failed = await unique.insertOne({ _id: 2, k: 1 }, { session: one }).then(
      () =>
        one.commitTransaction().then(
          () => false,
          () => true,
        ),
      () => true,
    );
    assert.ok(failed, 'the snapshot still holds the value');
  });

  it.needing('transactions', 'a conflict is run again by withTransaction, to the right sum', async (at) => {
    await at.given({ _id: 'a', n: 0 });
    const session = (await at.connection.startSession()) as unknown as ClientSession;
    let attempts = 0;
    await session.withTransaction(async () => {
      attempts++;
      const n = await read(at, 'a', session);
      if (attempts === 1) await at.collection.updateOne({ _id: 'a' }, { $set: { n: 100 } });
      await at.collection.updateOne({ _id: 'a' }, { $set: { n: n + 1 } }, { session });
    });
    await session.endSession();
    assert.equal(attempts, 2);
    assert.equal(await read(at, 'a'), 101);
  });

  it.needing('transactions', `${sessionsAtOnce} sessions on one document lose nothing`, async (at) => {
    await at.given({ _id: 'a', n: 0 });
    await Promise.all(
      Array.from({ length: sessionsAtOnce }, async () => {
        const session = (await at.connection.startSession()) as unknown as ClientSession;
        await session.withTransaction(async () => {
          const n = await read(at, 'a', session);
          await at.collection.updateOne({ _id: 'a' }, { $set: { n: n + 1 } }, { session });
        });
        await session.endSession();
      }),
    );
    assert.equal(await read(at, 'a'), sessionsAtOnce);
  });

  it(`${sessionsAtOnce} increments at once without transactions lose nothing`, async (at) => {
    await at.given({ _id: 'a', n: 0 });
    await Promise.all(
      Array.from({ length: sessionsAtOnce }, () => at.collection.updateOne({ _id: 'a' }, { $inc: { n: 1 } })),
    );
    assert.equal(await read(at, 'a'), sessionsAtOnce);
  });

  it('of many that insert one unique value at once, one wins', async (at) => {
    await at.collection.createIndex({ k: 1 }, { unique: true });
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) => at.collection.insertOne({ _id: n, k: 1 })),
    );
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
    assert.equal(await at.collection.countDocuments(), 1);
  });

  it('of many that claim one document at once, one gets it', async (at) => {
    await at.given({ _id: 'a', n: 0 });
    const claims = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        at.collection.findOneAndUpdate(
          { _id: 'a', n: 0 },
          { $set: { n: n + 1 } },
          { returnDocument: 'after' },
        ),
      ),
    );
    assert.equal(claims.filter((claim) => claim !== null).length, 1);
  });

  it.needing(
    'transactions',
    'trap: save in a callback run again after a conflict at commit writes nothing',
    async (at) => {
      const Item = await at.model('Item', new Schema({ n: Number }));
      const { _id } = await Item.create({ n: 0 });
      const stale = await Item.findById(_id);
      let attempts = 0;
      await at.connection
        .transaction(async (session) => {
          attempts++;
          stale!['n'] = 7;
          await stale!.save({ session });
          // Only an optimistic store lets this pass: MongoDB makes it wait for the transaction, so it comes before there.
          if (attempts === 1) await Item.collection.updateOne({ _id: _id as never }, { $inc: { other: 1 } });
        })
        .catch(() => {});
      assert.ok(attempts >= 2, 'the conflict came at commit');
      assert.notEqual((await Item.findById(_id).lean())?.['n'], 7);
    },
  );
});
