// Sessions and transactions over the wire, by the rules of MongoDB's driver specification.
import assert from 'node:assert/strict';
import { type ClientSession, Long, MongoServerError, UUID } from 'mongodb';
import { rawClient } from './raw-client.js';
import { type Served, serveInMemory } from './serving.js';

interface Account {
  _id: string;
  amount: number;
}

describe('wire: transactions', () => {
  let served: Served;
  let session: ClientSession;
  before(async () => {
    served = await serveInMemory();
  });
  after(() => served.close());
  beforeEach(async () => {
    await accounts().deleteMany({});
    await accounts().insertMany([
      { _id: 'a', amount: 10 },
      { _id: 'b', amount: 0 },
    ]);
    session = served.client.startSession();
  });
  afterEach(() => session.endSession());
  const accounts = () => served.client.db('bank').collection<Account>('accounts');
  const amounts = async () =>
    (await accounts().find().sort({ _id: 1 }).toArray()).map(({ amount }) => amount);

  it('shows its writes to nobody before the commit, to itself at once', async () => {
    session.startTransaction();
    await accounts().updateOne({ _id: 'a' }, { $inc: { amount: -3 } }, { session });
    await accounts().updateOne({ _id: 'b' }, { $inc: { amount: 3 } }, { session });
    assert.equal((await accounts().findOne({ _id: 'b' }, { session }))?.amount, 3);
    assert.deepEqual(await amounts(), [10, 0]);
    await session.commitTransaction();
    assert.deepEqual(await amounts(), [7, 3]);
  });

  it('leaves nothing of an aborted transaction', async () => {
    session.startTransaction();
    await accounts().deleteMany({}, { session });
    assert.equal(await accounts().countDocuments({}, { session }), 0);
    await session.abortTransaction();
    assert.deepEqual(await amounts(), [10, 0]);
  });

  it('reads one snapshot, over several batches of a cursor', async () => {
    session.startTransaction();
    const cursor = accounts().find({}, { session, batchSize: 1 });
    assert.equal((await cursor.next())?.amount, 10);
    await accounts().updateMany({}, { $set: { amount: 99 } });
    assert.deepEqual(
      (await cursor.toArray()).map(({ amount }) => amount),
      [0],
    );
    assert.equal((await accounts().findOne({ _id: 'a' }, { session }))?.amount, 10);
    await session.commitTransaction();
  });

  it('answers a commit that is sent again', async () => {
    session.startTransaction();
    await accounts().updateOne({ _id: 'a' }, { $inc: { amount: 1 } }, { session });
    await session.commitTransaction();
    await session.commitTransaction();
    assert.deepEqual(await amounts(), [11, 0]);
  });

  it('fails the later of two conflicting commits as transient', async () => {
    const other = served.client.startSession();
    session.startTransaction();
    other.startTransaction();
    await accounts().updateOne({ _id: 'a' }, { $inc: { amount: 1 } }, { session });
    await accounts().updateOne({ _id: 'a' }, { $inc: { amount: 2 } }, { session: other });
    await session.commitTransaction();
    const error = await other.commitTransaction().catch((cause: unknown) => cause);
    assert.ok(error instanceof MongoServerError);
    assert.equal(error.codeName, 'WriteConflict');
    assert.ok(error.hasErrorLabel('TransientTransactionError'));
    assert.ok(!error.hasErrorLabel('UnknownTransactionCommitResult'));
    assert.deepEqual(await amounts(), [11, 0]);
    await other.endSession();
  });

  it('re-runs withTransaction after a conflict', async () => {
    let runs = 0;
    await session.withTransaction(async () => {
      runs += 1;
      const found = await accounts().findOne({ _id: 'a' }, { session });
      // Somebody else commits in between, the first time.
      if (runs === 1) await accounts().updateOne({ _id: 'a' }, { $inc: { amount: 100 } });
      await accounts().updateOne({ _id: 'a' }, { $set: { amount: found!.amount + 1 } }, { session });
    });
    assert.equal(runs, 2);
    assert.deepEqual(await amounts(), [111, 0]);
  });

  it('is aborted by an error within it', async () => {
    session.startTransaction();
    await accounts().updateOne({ _id: 'a' }, { $inc: { amount: 5 } }, { session });
    await assert.rejects(accounts().insertOne({ _id: 'b', amount: 1 }, { session }), { code: 11000 });
    const error = await accounts()
      .findOne({}, { session })
      .catch((cause: unknown) => cause);
    assert.ok(error instanceof MongoServerError);
    assert.equal(error.codeName, 'NoSuchTransaction');
    assert.ok(error.hasErrorLabel('TransientTransactionError'));
    await assert.rejects(session.commitTransaction(), { codeName: 'NoSuchTransaction' });
    assert.deepEqual(await amounts(), [10, 0]);
  });

  it('refuses commands that have no place in a transaction, and aborts', async () => {
    session.startTransaction();
    await accounts().updateOne({ _id: 'a' }, { $inc: { amount: 5 } }, { session });
    await assert.rejects(accounts().estimatedDocumentCount({ session }), {
      codeName: 'OperationNotSupportedInTransaction',
    });
    await assert.rejects(session.commitTransaction(), { codeName: 'NoSuchTransaction' });
  });

  it('keeps to the order of transaction numbers', async () => {
    const raw = await rawClient(served.server.port);
    const lsid = { id: new UUID().toBinary() };
    const at = (number: number, fields: object) =>
      raw.command({ ...fields, $db: 'bank', lsid, txnNumber: Long.fromNumber(number), autocommit: false });
    const start = { find: 'accounts', startTransaction: true };
    assert.equal((await at(5, start))['ok'], 1);
    assert.equal((await at(4, start))['codeName'], 'TransactionTooOld');
    assert.equal((await at(4, { commitTransaction: 1 }))['codeName'], 'TransactionTooOld');
    assert.equal((await at(5, start))['codeName'], 'ConflictingOperationInProgress');
    assert.equal((await at(6, { find: 'accounts' }))['codeName'], 'NoSuchTransaction');
    assert.equal((await at(5, { commitTransaction: 1 }))['ok'], 1);
    assert.equal((await at(5, { find: 'accounts' }))['codeName'], 'TransactionCommitted');
    assert.equal((await at(5, { abortTransaction: 1 }))['codeName'], 'TransactionCommitted');
    const later = await at(6, { commitTransaction: 1 });
    assert.equal(later['codeName'], 'NoSuchTransaction');
    assert.deepEqual(later['errorLabels'], ['TransientTransactionError']);
    raw.close();
  });

  it('aborts the open transaction when the next one starts', async () => {
    const raw = await rawClient(served.server.port);
    const lsid = { id: new UUID().toBinary() };
    const at = (number: number, fields: object) =>
      raw.command({ ...fields, $db: 'bank', lsid, txnNumber: Long.fromNumber(number), autocommit: false });
    const updates = [{ q: { _id: 'a' }, u: { $inc: { amount: 5 } } }];
    assert.equal((await at(1, { update: 'accounts', updates, startTransaction: true }))['n'], 1);
    assert.equal((await at(2, { find: 'accounts', startTransaction: true }))['ok'], 1);
    assert.equal((await at(1, { commitTransaction: 1 }))['codeName'], 'TransactionTooOld');
    assert.equal((await at(2, { commitTransaction: 1 }))['ok'], 1);
    assert.deepEqual(await amounts(), [10, 0]);
    raw.close();
  });

  it('does once what arrives twice at the same time', async () => {
    const [one, two] = await Promise.all([rawClient(served.server.port), rawClient(served.server.port)]);
    const lsid = { id: new UUID().toBinary() };
    const stamp = (number: number) => ({ $db: 'bank', lsid, txnNumber: Long.fromNumber(number) });
    const updates = [{ q: { _id: 'a' }, u: { $inc: { amount: 5 } } }];
    const write = { update: 'accounts', updates, ...stamp(1) };
    const written = await Promise.all([one.command(write), two.command(write)]);
    assert.deepEqual(
      written.map(({ nModified }) => nModified),
      [1, 1],
    );
    assert.deepEqual(await amounts(), [15, 0]);
    const begin = { update: 'accounts', updates, ...stamp(2), startTransaction: true, autocommit: false };
    assert.equal((await one.command(begin))['nModified'], 1);
    const commit = { commitTransaction: 1, ...stamp(2), autocommit: false };
    const committed = await Promise.all([one.command(commit), two.command(commit)]);
    assert.deepEqual(
      committed.map(({ ok }) => ok),
      [1, 1],
    );
    assert.deepEqual(await amounts(), [20, 0]);
    for (const client of [one, two]) client.close();
  });

  it('refuses fields of a session that do not go together', async () => {
    const raw = await rawClient(served.server.port);
    const lsid = { id: new UUID().toBinary() };
    const one = Long.fromNumber(1);
    for (const fields of [
      { autocommit: false },
      { txnNumber: one },
      { lsid, txnNumber: one, autocommit: true },
      { lsid, txnNumber: one, startTransaction: true },
      { lsid, txnNumber: Long.fromNumber(-1), autocommit: false },
      { lsid: { id: 'text' } },
      { lsid, txnNumber: one },
    ]) {
      assert.equal(
        (await raw.command({ find: 'accounts', $db: 'bank', ...fields }))['codeName'],
        'InvalidOptions',
      );
    }
    raw.close();
  });

  it('aborts with the session', async () => {
    session.startTransaction();
    await accounts().updateOne({ _id: 'a' }, { $inc: { amount: 5 } }, { session });
    await served.client.db('bank').command({ endSessions: [session.id] });
    await assert.rejects(session.commitTransaction(), { codeName: 'NoSuchTransaction' });
    assert.deepEqual(await amounts(), [10, 0]);
  });
});

describe('wire: a transaction that is left open', () => {
  it('is aborted when its time is over', async () => {
    const served = await serveInMemory({ limits: { transactionLifeMsMax: 30 } });
    try {
      const stock = served.client.db('t').collection('stock');
      await stock.insertOne({ n: 1 });
      const session = served.client.startSession();
      session.startTransaction();
      await stock.updateOne({}, { $inc: { n: 1 } }, { session });
      const open = async () =>
        (await served.client.db('t').command({ serverStatus: 1 }))['transactions'].currentOpen;
      while ((await open()) > 0) await new Promise((resolve) => setTimeout(resolve, 5));
      const error = await session.commitTransaction().catch((cause: unknown) => cause);
      assert.ok(error instanceof MongoServerError);
      assert.equal(error.codeName, 'NoSuchTransaction');
      assert.ok(error.hasErrorLabel('TransientTransactionError'));
      assert.equal((await stock.findOne())?.['n'], 1);
      await session.endSession();
    } finally {
      await served.close();
    }
  });
});
