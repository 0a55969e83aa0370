// What is sent again because its answer was lost happens once: also when the server was killed in between.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type ClientSession, MongoClient, MongoError } from 'mongodb';
import { type LossyProxy, startLossyProxy } from './lossy-proxy.js';
import { type ServerProcess, startServerProcess } from './server-process.js';
import { directUri } from './serving.js';

interface Counter {
  _id: string;
  n: number;
}

describe('wire: lost answers', () => {
  let directory: string;
  let server: ServerProcess;
  let proxy: LossyProxy;
  let client: MongoClient;
  before(async () => {
    directory = await mkdtemp(path.join(os.tmpdir(), 'recourse-wire-'));
    server = await startServerProcess(directory);
    proxy = await startLossyProxy(server.port);
    client = new MongoClient(directUri(proxy.port), { retryWrites: true, serverSelectionTimeoutMS: 15_000 });
    await counters().insertOne({ _id: 'warm', n: 0 });
  });
  after(async () => {
    await client.close();
    await proxy.close();
    await server.end();
    await rm(directory, { recursive: true });
  });
  beforeEach(async () => {
    proxy.lose('', 0);
    await counters().deleteMany({});
    await counters().insertOne({ _id: 'a', n: 0 });
    proxy.seen.length = 0;
  });
  const counters = () => client.db('t').collection<Counter>('counters');
  const counted = async (_id: string) => (await counters().findOne({ _id }))?.n;
  const times = (command: string) => proxy.seen.filter((name) => name === command).length;

  async function killAndRestart(): Promise<void> {
    await server.end('SIGKILL');
    server = await startServerProcess(directory);
    proxy.target = server.port;
  }

  const between: [string, (() => Promise<void>) | undefined][] = [
    ['', undefined],
    [', the server killed in between', killAndRestart],
  ];
  for (const [how, meanwhile] of between) {
    it(`inserts once${how}`, async () => {
      proxy.lose('insert', 1, meanwhile);
      await counters().insertOne({ _id: 'b', n: 1 });
      assert.equal(times('insert'), 2);
      assert.equal(await counters().countDocuments(), 2);
    });

    it(`increments once${how}`, async () => {
      proxy.lose('update', 1, meanwhile);
      const { modifiedCount } = await counters().updateOne({ _id: 'a' }, { $inc: { n: 1 } });
      assert.equal(times('update'), 2);
      assert.equal(modifiedCount, 1);
      assert.equal(await counted('a'), 1);
    });

    it(`answers findAndModify with the document it changed the first time${how}`, async () => {
      proxy.lose('findAndModify', 1, meanwhile);
      const after = await counters().findOneAndUpdate(
        { _id: 'a' },
        { $inc: { n: 1 } },
        { returnDocument: 'after' },
      );
      assert.equal(times('findAndModify'), 2);
      assert.equal(after?.n, 1);
      assert.equal(await counted('a'), 1);
    });

    it(`answers a refused insert with the same refusal${how}`, async () => {
      proxy.lose('insert', 1, meanwhile);
      await assert.rejects(
        counters().insertMany([
          { _id: 'c', n: 1 },
          { _id: 'a', n: 1 },
        ]),
        { code: 11000, message: /a/ },
      );
      assert.equal(times('insert'), 2);
      assert.equal(await counted('c'), 1);
      assert.equal(await counted('a'), 0);
    });

    it(`commits once${how}`, async () => {
      const session = client.startSession();
      session.startTransaction();
      await counters().updateOne({ _id: 'a' }, { $inc: { n: 1 } }, { session });
      proxy.lose('commitTransaction', 1, meanwhile);
      await session.commitTransaction();
      assert.equal(times('commitTransaction'), 2);
      assert.equal(await counted('a'), 1);
      await session.endSession();
    });
  }

  it('calls a commit unknown whose answers are all lost, and knows it later', async () => {
    const session = client.startSession();
    session.startTransaction();
    await counters().updateOne({ _id: 'a' }, { $inc: { n: 1 } }, { session });
    proxy.lose('commitTransaction', 2);
    const error = await session.commitTransaction().catch((cause: unknown) => cause);
    assert.ok(error instanceof MongoError);
    assert.ok(error.hasErrorLabel('UnknownTransactionCommitResult'));
    assert.ok(!error.hasErrorLabel('TransientTransactionError'));
    await session.commitTransaction();
    assert.equal(await counted('a'), 1);
    await session.endSession();
  });

  it('does not run the callback again when withTransaction has to commit again', async () => {
    const session = client.startSession();
    let runs = 0;
    proxy.lose('commitTransaction', 3);
    await session.withTransaction(async () => {
      runs += 1;
      await counters().updateOne({ _id: 'a' }, { $inc: { n: 1 } }, { session });
    });
    assert.equal(runs, 1);
    assert.equal(times('commitTransaction'), 4);
    assert.equal(await counted('a'), 1);
    await session.endSession();
  });

  it('re-runs the callback when the server is killed before the commit', async () => {
    const session = client.startSession();
    let runs = 0;
    await session.withTransaction(async (current: ClientSession) => {
      runs += 1;
      await counters().updateOne({ _id: 'a' }, { $inc: { n: 1 } }, { session: current });
      if (runs === 1) await killAndRestart();
    });
    assert.equal(runs, 2);
    assert.equal(await counted('a'), 1);
    await session.endSession();
  });
});
