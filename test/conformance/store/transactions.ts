// Transactions: what a session sees, what commit and abort do, and what ends them.
import assert from 'node:assert/strict';
import type { ClientSession } from 'mongodb';
import { assertSame } from './same.js';
import { type Case, refused, theme } from './theme.js';

type Run = (at: Case, session: ClientSession) => Promise<void>;

/** A session of the native shape, in a transaction; ended whatever happens. */
async function inTransaction(at: Case, run: Run): Promise<void> {
  const session = (await at.connection.startSession()) as unknown as ClientSession;
  session.startTransaction();
  try {
    await run(at, session);
  } finally {
    if (session.inTransaction()) await session.abortTransaction().catch(() => {});
    await session.endSession();
  }
}

export const transactions = theme('transaction', (it) => {
  const runs = (title: string, run: Run): void =>
    it.needing('transactions', title, async (at) => {
      // MongoDB makes collections outside of transactions with less ado.
      await at.given({ _id: 0, n: 0 });
      await inTransaction(at, run);
    });

  runs('writes are seen by others after the commit, not before', async (at, session) => {
    await at.collection.insertOne({ _id: 1 }, { session });
    await at.answers({}, [0]);
    await session.commitTransaction();
    await at.answers({}, [0, 1]);
  });

  runs('an aborted transaction leaves nothing', async (at, session) => {
    await at.collection.insertOne({ _id: 1 }, { session });
    await at.collection.updateOne({ _id: 0 }, { $set: { n: 1 } }, { session });
    await session.abortTransaction();
    await at.holds({ _id: 0, n: 0 });
  });

  runs('find sees inserts, updates and deletes of its own', async (at, session) => {
    await at.given({ _id: 5, n: 5 });
    await at.collection.insertOne({ _id: 1, n: 1 }, { session });
    await at.collection.updateOne({ _id: 0 }, { $set: { n: 9 } }, { session });
    await at.collection.deleteOne({ _id: 5 }, { session });
    assertSame(await at.collection.find({}, { session, sort: { _id: 1 } }).toArray(), [
      { _id: 0, n: 9 },
      { _id: 1, n: 1 },
    ]);
  });

  runs('an update of its own moves a document in and out of a filter', async (at, session) => {
    await at.collection.updateOne({ _id: 0 }, { $set: { n: 7 } }, { session });
    assert.equal(await at.collection.countDocuments({ n: 7 }, { session }), 1);
    assert.equal(await at.collection.countDocuments({ n: 0 }, { session }), 0);
  });

  runs('a sort and an index take writes of its own into account', async (at, session) => {
    await at.collection.createIndex({ n: 1 });
    await at.given({ _id: 1, n: 10 }, { _id: 2, n: 20 });
    await at.collection.updateOne({ _id: 2 }, { $set: { n: 5 } }, { session });
    await at.collection.insertOne({ _id: 3, n: 15 }, { session });
    const found = await at.collection.find({ n: { $gt: 0 } }, { session, sort: { n: 1 } }).toArray();
    assert.deepEqual(
      found.map(({ _id }) => _id),
      [2, 1, 3],
    );
  });

  runs('distinct and aggregate see writes of its own', async (at, session) => {
    await at.collection.insertOne({ _id: 1, n: 4 }, { session });
    assert.deepEqual((await at.collection.distinct('n', {}, { session })).sort(), [0, 4]);
    const [sum] = await at.collection
      .aggregate([{ $group: { _id: null, n: { $sum: '$n' } } }], { session })
      .toArray();
    assertSame(sum, { _id: null, n: 4 });
  });

  runs('$lookup sees writes of its own', async (at, session) => {
    const others = at.another();
    await others.insertOne({ _id: 'there' });
    await others.insertOne({ _id: 'mine', k: 0 }, { session });
    const [joined] = await at.collection
      .aggregate(
        [{ $lookup: { from: others.collectionName, localField: '_id', foreignField: 'k', as: 'o' } }],
        {
          session,
        },
      )
      .toArray();
    assert.ok(JSON.stringify(joined).includes('mine'));
  });

  runs('an update may change a document of its own', async (at, session) => {
    await at.collection.insertOne({ _id: 1, n: 1 }, { session });
    await at.collection.updateOne({ _id: 1 }, { $inc: { n: 1 } }, { session });
    await at.collection.updateMany({}, { $inc: { n: 10 } }, { session });
    await session.commitTransaction();
    await at.holds({ _id: 0, n: 10 }, { _id: 1, n: 12 });
  });

  runs('an insert deleted again leaves nothing', async (at, session) => {
    await at.collection.insertOne({ _id: 1 }, { session });
    await at.collection.deleteOne({ _id: 1 }, { session });
    await session.commitTransaction();
    await at.answers({}, [0]);
  });

  runs('findOneAndUpdate and an upsert take part', async (at, session) => {
    const options = { session, returnDocument: 'after' } as const;
    assertSame(await at.collection.findOneAndUpdate({ _id: 0 }, { $inc: { n: 1 } }, options), {
      _id: 0,
      n: 1,
    });
    await at.collection.updateOne({ _id: 1 }, { $set: { n: 2 } }, { session, upsert: true });
    await session.abortTransaction();
    await at.holds({ _id: 0, n: 0 });
  });

  runs('bulkWrite takes part', async (at, session) => {
    await at.collection.bulkWrite(
      [{ insertOne: { document: { _id: 1 } } }, { deleteOne: { filter: { _id: 0 } } }],
      { session },
    );
    await at.answers({}, [0]);
    await session.commitTransaction();
    await at.answers({}, [1]);
  });

  runs('several collections change at once', async (at, session) => {
    const other = at.another();
    await other.insertOne({ _id: 0 });
    await at.collection.insertOne({ _id: 1 }, { session });
    await other.insertOne({ _id: 1 }, { session });
    assert.equal(await other.countDocuments(), 1);
    await session.commitTransaction();
    assert.deepEqual([await other.countDocuments(), await at.collection.countDocuments()], [2, 2]);
  });

  runs('a cursor reads its snapshot to the end', async (at, session) => {
    await at.given(...Array.from({ length: 50 }, (_, n) => ({ _id: n + 1, n })));
    const cursor = at.collection.find({}, { session, batchSize: 5 });
    await cursor.next();
    await at.collection.deleteMany({ _id: { $gt: 25 as unknown as number } });
    let seen = 1;
    while ((await cursor.next()) !== null) seen++;
    assert.equal(seen, 51);
  });

  runs('the snapshot is taken by the first operation', async (at, session) => {
    await at.collection.updateOne({ _id: 0 }, { $set: { n: 1 } });
    assert.equal((await at.collection.findOne({ _id: 0 }, { session }))?.['n'], 1);
  });

  runs('a duplicate key within it is refused and ends it', async (at, session) => {
    await at.collection.insertOne({ _id: 1 }, { session });
    await refused(at.collection.insertOne({ _id: 0 }, { session }), 11000);
    await refused(session.commitTransaction(), 251);
    await at.answers({}, [0]);
  });

  runs('two inserts of one unique value within it are refused', async (at, session) => {
    await at.collection.createIndex({ k: 1 }, { unique: true });
    await at.collection.insertOne({ _id: 1, k: 1 }, { session });
    await refused(at.collection.insertOne({ _id: 2, k: 1 }, { session }), 11000);
  });

  runs('a unique value freed within it may be taken within it', async (at, session) => {
    await at.collection.createIndex({ n: 1 }, { unique: true });
    await at.collection.deleteOne({ _id: 0 }, { session });
    await at.collection.insertOne({ _id: 1, n: 0 }, { session });
    await session.commitTransaction();
    await at.holds({ _id: 1, n: 0 });
  });

  runs('two documents may swap a unique value by way of a third', async (at, session) => {
    await at.collection.createIndex({ n: 1 }, { unique: true });
    await at.given({ _id: 1, n: 1 });
    await at.collection.updateOne({ _id: 0 }, { $set: { n: -1 } }, { session });
    await at.collection.updateOne({ _id: 1 }, { $set: { n: 0 } }, { session });
    await at.collection.updateOne({ _id: 0 }, { $set: { n: 1 } }, { session });
    await session.commitTransaction();
    await at.holds({ _id: 0, n: 1 }, { _id: 1, n: 0 });
  });

  runs('a transaction without operations commits', async (at, session) => {
    await session.commitTransaction();
    await at.holds({ _id: 0, n: 0 });
  });

  runs('a commit may be sent again', async (at, session) => {
    await at.collection.insertOne({ _id: 1 }, { session });
    await session.commitTransaction();
    await session.commitTransaction();
    await at.answers({}, [0, 1]);
  });

  runs('after the commit the session is used without a transaction', async (at, session) => {
    await at.collection.insertOne({ _id: 1 }, { session });
    await session.commitTransaction();
    await at.collection.insertOne({ _id: 2 }, { session });
    await at.answers({}, [0, 1, 2]);
  });

  runs('a session may run one transaction after another', async (at, session) => {
    await at.collection.insertOne({ _id: 1 }, { session });
    await session.commitTransaction();
    session.startTransaction();
    await at.collection.insertOne({ _id: 2 }, { session });
    await session.abortTransaction();
    await at.answers({}, [0, 1]);
  });

  runs('a second start is refused', async (_at, session) => {
    assert.throws(() => session.startTransaction(), /in progress/i);
  });

  runs('abort after commit is refused', async (at, session) => {
    await at.collection.insertOne({ _id: 1 }, { session });
    await session.commitTransaction();
    await refused(session.abortTransaction());
    await at.answers({}, [0, 1]);
  });

  runs('the end of a session aborts', async (at, session) => {
    await at.collection.insertOne({ _id: 1 }, { session });
    await session.endSession();
    await at.answers({}, [0]);
  });

  it.needing('transactions', 'withTransaction commits and answers what the callback does', async (at) => {
    await at.given({ _id: 0 });
    const session = (await at.connection.startSession()) as unknown as ClientSession;
    const answer = await session.withTransaction(async () => {
      await at.collection.insertOne({ _id: 1 }, { session });
      return 'done';
    });
    await session.endSession();
    assert.equal(answer, 'done');
    await at.answers({}, [0, 1]);
  });

  it.needing('transactions', 'withTransaction aborts when the callback throws', async (at) => {
    await at.given({ _id: 0 });
    const session = (await at.connection.startSession()) as unknown as ClientSession;
    const error = await refused(
      session.withTransaction(async () => {
        await at.collection.insertOne({ _id: 1 }, { session });
        throw new Error('changed my mind');
      }),
    );
    await session.endSession();
    assert.match(error.message, /changed my mind/);
    await at.answers({}, [0]);
  });
});
