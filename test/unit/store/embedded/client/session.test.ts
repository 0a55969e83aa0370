// Sessions of the embedded client: the state machine of transactions and its messages, what a failed operation does,
// the retries of withTransaction, and what is refused.
import assert from 'node:assert/strict';
import type { Document } from 'bson';
import { MongoInvalidArgumentError, MongoServerError, MongoTransactionError } from 'mongodb';
import { EmbeddedClient } from '../../../../../store/embedded/client/client.js';
import { CommandError } from '../../../../../store/embedded/errors.js';
import type { Transaction } from '../../../../../store/embedded/store.js';
import type { EmbeddedCollection } from '../../../../../store/embedded/client/collection.js';
import type { EmbeddedSession } from '../../../../../store/embedded/client/session.js';

describe('EmbeddedSession', () => {
  let client: EmbeddedClient;
  let orders: EmbeddedCollection;
  let session: EmbeddedSession;

  beforeEach(async () => {
    client = await EmbeddedClient.connect(':memory:');
    orders = client.db().collection('orders');
    await orders.insertMany([
      { _id: 'a', n: 0 },
      { _id: 'b', n: 0 },
    ] as Document[]);
    session = client.startSession();
  });

  afterEach(async () => {
    await client.close();
  });

  const n = async (id: string) => (await orders.findOne({ _id: id }))?.['n'] as unknown;

  describe('the state machine', () => {
    const message = (text: string) => (error: unknown) =>
      error instanceof MongoTransactionError && error.message === text;

    it('refuses commit and abort when nothing was started', async () => {
      await assert.rejects(session.commitTransaction(), message('No transaction started'));
      await assert.rejects(session.abortTransaction(), message('No transaction started'));
    });

    it('refuses a second start', () => {
      session.startTransaction();
      assert.throws(() => session.startTransaction(), message('Transaction already in progress'));
    });

    it('commits a transaction without operations, and again', async () => {
      session.startTransaction();
      assert.equal(session.transaction.state, 'STARTING_TRANSACTION');
      await session.commitTransaction();
      await session.commitTransaction();
      assert.equal(session.transaction.state, 'TRANSACTION_COMMITTED_EMPTY');
      await assert.rejects(
        session.abortTransaction(),
        message('Cannot call abortTransaction after calling commitTransaction'),
      );
    });

    it('answers a commit that is sent again like the first, and writes once', async () => {
      session.startTransaction();
      await orders.updateOne({ _id: 'a' }, { $inc: { n: 1 } }, { session });
      assert.equal(session.transaction.state, 'TRANSACTION_IN_PROGRESS');
      await session.commitTransaction();
      await session.commitTransaction();
      assert.equal(await n('a'), 1);
    });

    it('refuses commit after abort, and abort twice', async () => {
      session.startTransaction();
      await orders.updateOne({ _id: 'a' }, { $inc: { n: 1 } }, { session });
      await session.abortTransaction();
      await assert.rejects(
        session.commitTransaction(),
        message('Cannot call commitTransaction after calling abortTransaction'),
      );
      await assert.rejects(session.abortTransaction(), message('Cannot call abortTransaction twice'));
      assert.equal(await n('a'), 0);
    });

    it('leaves the transaction behind with the first operation after it', async () => {
      session.startTransaction();
      await orders.updateOne({ _id: 'a' }, { $inc: { n: 1 } }, { session });
      await session.commitTransaction();
      await orders.findOne({}, { session });
      assert.equal(session.transaction.state, 'NO_TRANSACTION');
    });

    it('reads its own writes, and shows them to nobody before the commit', async () => {
      session.startTransaction();
      await orders.insertOne({ _id: 'c', n: 3 }, { session });
      assert.deepEqual(await orders.findOne({ _id: 'c' }, { session }), { _id: 'c', n: 3 });
      assert.equal(await orders.findOne({ _id: 'c' }), null);
      await session.commitTransaction();
      assert.deepEqual(await orders.findOne({ _id: 'c' }), { _id: 'c', n: 3 });
    });

    it('costs no flush if it only read', async () => {
      const { batches } = client.store.stats;
      session.startTransaction();
      await orders.findOne({ _id: 'a' }, { session });
      await session.commitTransaction();
      assert.equal(client.store.stats.batches, batches);
    });

    it('aborts when the session ends', async () => {
      session.startTransaction();
      await orders.updateOne({ _id: 'a' }, { $inc: { n: 1 } }, { session });
      await session.endSession();
      assert.equal(session.transaction.state, 'TRANSACTION_ABORTED');
      assert.equal(await n('a'), 0);
      await assert.rejects(orders.findOne({}, { session }), { name: 'MongoExpiredSessionError' });
    });
  });

  describe('a failed operation', () => {
    const isNoSuchTransaction = (error: unknown) =>
      error instanceof MongoServerError &&
      error.code === 251 &&
      error.hasErrorLabel('TransientTransactionError');

    it('aborts the transaction: later operations and the commit find none', async () => {
      session.startTransaction();
      await orders.updateOne({ _id: 'b' }, { $inc: { n: 1 } }, { session });
      await assert.rejects(orders.insertOne({ _id: 'a' }, { session }), { code: 11000 });
      await assert.rejects(orders.findOne({}, { session }), isNoSuchTransaction);
      await assert.rejects(session.commitTransaction(), isNoSuchTransaction);
      assert.equal(await n('b'), 0);
    });

    it('aborts it from within a bulk write too, ordered or not', async () => {
      for (const ordered of [true, false]) {
        session.startTransaction();
        const models = [{ insertOne: { document: { _id: 'c' } } }, { insertOne: { document: { _id: 'a' } } }];
        await assert.rejects(orders.bulkWrite(models, { session, ordered }), {
          name: 'MongoBulkWriteError',
          code: 11000,
        });
        await assert.rejects(session.commitTransaction(), isNoSuchTransaction);
        assert.equal(await orders.findOne({ _id: 'c' }), null);
      }
    });

    it('of the driver, which never reached the store, does not', async () => {
      session.startTransaction();
      await assert.rejects(orders.updateOne({ _id: 'a' }, { n: 1 }, { session }), MongoInvalidArgumentError);
      await orders.updateOne({ _id: 'a' }, { $set: { n: 7 } }, { session });
      await session.commitTransaction();
      assert.equal(await n('a'), 7);
    });
  });

  describe('refuses', () => {
    it('two operations of one transaction at a time, and the first one is done', async () => {
      session.startTransaction();
      const [first, second, commit] = await Promise.allSettled([
        orders.updateOne({ _id: 'a' }, { $set: { n: 1 } }, { session }),
        orders.updateOne({ _id: 'b' }, { $set: { n: 1 } }, { session }),
        session.commitTransaction(),
      ]);
      assert.equal(first.status, 'fulfilled');
      for (const refused of [second, commit]) {
        assert.match(String(refused.status === 'rejected' && refused.reason), /still running: await each/);
      }
      await session.commitTransaction();
      assert.deepEqual([await n('a'), await n('b')], [1, 0]);
    });

    it('a session of another client', async () => {
      const other = await EmbeddedClient.connect(':memory:');
      try {
        await assert.rejects(
          orders.findOne({}, { session: other.startSession() }),
          /must be from the same MongoClient/,
        );
      } finally {
        await other.close();
      }
    });

    it('collections and indexes in a transaction', async () => {
      session.startTransaction();
      await assert.rejects(client.db().createCollection('x', { session }), { code: 263 });
    });

    it('snapshot sessions by name, and unacknowledged transactions', () => {
      assert.throws(() => client.startSession({ snapshot: true }), /"snapshot" of startSession/);
      assert.throws(
        () => session.startTransaction({ writeConcern: { w: 0 } }),
        /do not support unacknowledged/,
      );
    });

    it('to become a field of a document', async () => {
      await assert.rejects(orders.insertOne({ session }), /cannot be serialized to BSON/);
    });

    it('to go on with a cursor whose transaction has ended', async () => {
      session.startTransaction();
      const cursor = orders.find({}, { session, batchSize: 1 });
      await cursor.next();
      await session.commitTransaction();
      await assert.rejects(cursor.next(), { codeName: 'CursorNotFound' });
    });
  });

  describe('withTransaction', () => {
    it('commits, and returns what the callback returned', async () => {
      const result = await session.withTransaction(async (own) => {
        await orders.updateOne({ _id: 'a' }, { $inc: { n: 1 } }, { session: own });
        return 'done';
      });
      assert.equal(result, 'done');
      assert.equal(await n('a'), 1);
    });

    it('runs the callback again after a conflict at commit', async () => {
      let runs = 0;
      await session.withTransaction(async () => {
        runs += 1;
        const found = await orders.findOne({ _id: 'a' }, { session });
        await orders.updateOne({ _id: 'a' }, { $set: { n: Number(found?.['n']) + 1 } }, { session });
        if (runs === 1) await orders.updateOne({ _id: 'a' }, { $set: { n: 10 } });
      });
      assert.equal(runs, 2);
      assert.equal(await n('a'), 11);
    });

    it('runs it again after a transient error of an operation', async () => {
      let runs = 0;
      await session.withTransaction(async () => {
        runs += 1;
        await orders.findOne({ _id: 'b' }, { session });
        if (runs === 1) await orders.updateOne({ _id: 'a' }, { $set: { n: 10 } });
        await orders.updateOne({ _id: 'a' }, { $inc: { n: 1 } }, { session });
      });
      assert.equal(runs, 2);
      assert.equal(await n('a'), 11);
    });

    it('aborts and passes on any other error', async () => {
      await assert.rejects(
        session.withTransaction(async () => {
          await orders.updateOne({ _id: 'a' }, { $inc: { n: 1 } }, { session });
          throw new Error('no');
        }),
        /^Error: no$/,
      );
      assert.equal(session.inTransaction(), false);
      assert.equal(await n('a'), 0);
    });

    it('leaves a transaction alone that the callback aborted', async () => {
      await session.withTransaction(async () => {
        await orders.updateOne({ _id: 'a' }, { $inc: { n: 1 } }, { session });
        await session.abortTransaction();
      });
      assert.equal(await n('a'), 0);
    });

    it('refuses a callback that returns no promise', async () => {
      const callback = (() => 1) as unknown as () => Promise<unknown>;
      await assert.rejects(session.withTransaction(callback), /must return a Promise/);
      assert.equal(session.inTransaction(), false);
    });
  });

  describe('an unknown outcome of a commit', () => {
    /** Replaces what the next transaction does at commit; the store below is the real one. */
    function atNextCommit(commit: (buffer: Transaction, real: Transaction['commit']) => Promise<void>): void {
      const { store } = client;
      const begin = store.begin.bind(store);
      store.begin = () => {
        store.begin = begin;
        const buffer = begin();
        const real = buffer.commit.bind(buffer);
        buffer.commit = async (once) => commit(buffer, () => real(once));
        return buffer;
      };
    }

    const lost = () =>
      new CommandError('OperationFailed', 'the answer was lost', {
        labels: ['UnknownTransactionCommitResult'],
      });

    const increment = () => orders.updateOne({ _id: 'a' }, { $inc: { n: 1 } }, { session });

    it('is asked for again, and found to have been written', async () => {
      atNextCommit(async (_buffer, real) => {
        await real();
        throw lost();
      });
      let runs = 0;
      await session.withTransaction(async () => {
        runs += 1;
        await increment();
      });
      assert.equal(runs, 1);
      assert.equal(await n('a'), 1);
    });

    it('is asked for again, and the callback runs again if nothing was written', async () => {
      atNextCommit(async (buffer) => {
        await buffer.abort();
        throw lost();
      });
      let runs = 0;
      await session.withTransaction(async () => {
        runs += 1;
        await increment();
      });
      assert.equal(runs, 2);
      assert.equal(await n('a'), 1);
    });

    it('is told to who commits by hand, who may ask again', async () => {
      atNextCommit(async (_buffer, real) => {
        await real();
        throw lost();
      });
      session.startTransaction();
      await increment();
      await assert.rejects(
        session.commitTransaction(),
        (error) => error instanceof MongoServerError && error.hasErrorLabel('UnknownTransactionCommitResult'),
      );
      await session.commitTransaction();
      assert.equal(await n('a'), 1);
    });
  });
});
