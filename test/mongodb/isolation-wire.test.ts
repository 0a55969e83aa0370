// Isolation as a unit of the engine meets it: mongoose and the real driver, two clients, answers lost on the way.
import assert from 'node:assert/strict';
import { MongoError } from 'mongodb';
import mongoose, { type ClientSession, type Connection, type Model, Schema } from 'mongoose';
import { openStore, type Store } from '../../store/embedded/index.js';
import { serveWire } from '../../store/embedded/wire/server.js';
import { type LossyProxy, startLossyProxy } from './wire/lossy-proxy.js';

interface Entry {
  _id: string;
  n: number;
}

describe('isolation over the wire', () => {
  let store: Store;
  let server: Awaited<ReturnType<typeof serveWire>>;
  let proxy: LossyProxy;
  let connection: Connection;
  let other: Connection;

  before(async () => {
    store = await openStore(':memory:');
    server = await serveWire(store, { port: 0 });
    proxy = await startLossyProxy(server.port);
    connection = await connect(proxy.port);
    other = await connect(server.port);
  });
  after(async () => {
    await connection?.close();
    await other?.close();
    await proxy?.close();
    await server?.close();
    await store?.close();
  });
  beforeEach(async () => {
    proxy.lose('', 0);
    await entriesOn(other).deleteMany({});
    await entriesOn(other).insertMany([
      { _id: 'order', n: 0 },
      { _id: 'line', n: 0 },
    ]);
    proxy.seen.length = 0;
  });

  const connect = (port: number): Promise<Connection> =>
    new mongoose.Mongoose()
      .createConnection(
        `mongodb://127.0.0.1:${port}/isolation?directConnection=true&heartbeatFrequencyMS=500`,
      )
      .asPromise();
  const entriesOn = (at: Connection): Model<Entry> =>
    (at.models['Entry'] as Model<Entry> | undefined) ??
    at.model<Entry>('Entry', new Schema<Entry>({ _id: String, n: Number }), 'entries');
  const counted = async (_id: string): Promise<number | undefined> =>
    (await entriesOn(other).findById(_id).lean<Entry>())?.n;
  const commits = (): number => proxy.seen.filter((name) => name === 'commitTransaction').length;
  const bump = (session: ClientSession, _id: string) =>
    entriesOn(connection).bulkWrite([{ updateOne: { filter: { _id }, update: { $inc: { n: 1 } } } }], {
      session,
    });

  it('a conflict at commit is run again by the real driver', async () => {
    let runs = 0;
    await connection.transaction(async (session) => {
      runs++;
      await bump(session, 'line');
      await bump(session, 'order');
      if (runs === 1) await entriesOn(other).updateOne({ _id: 'order' }, { $inc: { n: 10 } });
    });
    assert.equal(runs, 2);
    assert.equal(commits(), 2);
    assert.deepEqual([await counted('order'), await counted('line')], [11, 1]);
  });

  it('a lost answer to a commit is asked for again, and the unit is applied once', async () => {
    proxy.lose('commitTransaction', 1);
    await connection.transaction((session) => bump(session, 'order'));
    assert.equal(commits(), 2);
    assert.equal(await counted('order'), 1);
  });

  it('an unknown outcome is labelled so, and the journal entry tells what happened', async () => {
    const session = await connection.startSession();
    session.startTransaction();
    await bump(session, 'order');
    await entriesOn(connection).bulkWrite([{ insertOne: { document: { _id: 'run:1', n: 1 } } }], { session });
    proxy.lose('commitTransaction', 2);
    const error = await session.commitTransaction().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof MongoError);
    assert.ok(error.hasErrorLabel('UnknownTransactionCommitResult'));
    assert.ok(!error.hasErrorLabel('TransientTransactionError'), 'it must not be run again');
    assert.equal(await counted('run:1'), 1);
    assert.equal(await counted('order'), 1);
    await session.endSession();
  });

  it('a guard that matched nothing aborts the unit whole', async () => {
    await assert.rejects(
      connection.transaction(async (session) => {
        await bump(session, 'line');
        const guarded = await entriesOn(connection).bulkWrite(
          [{ updateOne: { filter: { _id: 'order', n: 99 }, update: { $inc: { n: 1 } } } }],
          { session },
        );
        if (guarded.matchedCount !== 1) throw new Error('somebody was faster');
      }),
      /somebody was faster/,
    );
    assert.deepEqual([await counted('order'), await counted('line')], [0, 0]);
  });
});
