// Cursors over the wire: batches by number and by size, ends, owners.
import assert from 'node:assert/strict';
import { Long } from 'mongodb';
import { type Served, serveInMemory } from './serving.js';

describe('wire: cursors', () => {
  let served: Served;
  const commands: string[] = [];
  before(async () => {
    served = await serveInMemory({ client: { monitorCommands: true }, limits: { cursorsMax: 20 } });
    served.client.on('commandStarted', ({ commandName }) => commands.push(commandName));
    await served.client
      .db('t')
      .collection('many')
      .insertMany(Array.from({ length: 1000 }, (_, n) => ({ n })));
  });
  beforeEach(() => {
    commands.length = 0;
  });
  after(() => served.close());
  const many = () => served.client.db('t').collection('many');

  it('reads a result in batches of the size asked for', async () => {
    const found = await many()
      .find({}, { sort: { n: 1 }, batchSize: 300 })
      .toArray();
    assert.deepEqual(
      found.map(({ n }) => n),
      Array.from({ length: 1000 }, (_, n) => n),
    );
    assert.deepEqual(commands, ['find', 'getMore', 'getMore', 'getMore']);
  });

  it('begins with 101 documents and goes on with all that fit', async () => {
    assert.equal((await many().find().toArray()).length, 1000);
    assert.deepEqual(commands, ['find', 'getMore']);
  });

  it('closes a limited and a single-batch result at once', async () => {
    assert.equal((await many().find().limit(50).toArray()).length, 50);
    assert.deepEqual(commands, ['find']);
    const reply = await served.client.db('t').command({ find: 'many', singleBatch: true, batchSize: 3 });
    assert.equal(reply['cursor'].firstBatch.length, 3);
    assert.equal(Number(reply['cursor'].id), 0);
  });

  it('opens a cursor with an empty batch', async () => {
    const { cursor } = await served.client
      .db('t')
      .command({ aggregate: 'many', pipeline: [], cursor: { batchSize: 0 } });
    assert.deepEqual(cursor.firstBatch, []);
    const more = await served.client.db('t').command({ getMore: toLong(cursor.id), collection: 'many' });
    assert.equal(more['cursor'].nextBatch.length, 1000);
    assert.equal(Number(more['cursor'].id), 0);
  });

  it('cuts batches at 16 MiB', async () => {
    const large = served.client.db('t').collection('large');
    const text = 'x'.repeat(1024 * 1024);
    for (let n = 0; n < 20; n += 1) await large.insertOne({ n, text });
    commands.length = 0;
    const found = await large.find({}, { batchSize: 100 }).toArray();
    assert.deepEqual(
      found.map(({ n }) => n),
      Array.from({ length: 20 }, (_, n) => n),
    );
    assert.deepEqual(commands, ['find', 'getMore']);
  });

  it('keeps reading the snapshot in which it began', async () => {
    const moving = served.client.db('t').collection('moving');
    await moving.insertMany(Array.from({ length: 10 }, (_, n) => ({ n, state: 'old' })));
    const cursor = moving.find({}, { batchSize: 2 });
    await cursor.next();
    await moving.updateMany({}, { $set: { state: 'new' } });
    assert.deepEqual(new Set((await cursor.toArray()).map(({ state }) => state)), new Set(['old']));
  });

  it('forgets a cursor that is killed, in another collection, or was never there', async () => {
    const db = served.client.db('t');
    const { cursor } = await db.command({ find: 'many', batchSize: 1 });
    const id = toLong(cursor.id);
    await assert.rejects(db.command({ getMore: id, collection: 'other' }), {
      codeName: 'CursorNotFound',
      code: 43,
    });
    const killed = await db.command({ killCursors: 'many', cursors: [id, Long.fromNumber(7)] });
    assert.deepEqual(killed['cursorsKilled'].map(Number), [Number(id)]);
    assert.deepEqual(killed['cursorsNotFound'].map(Number), [7]);
    await assert.rejects(db.command({ getMore: id, collection: 'many' }), { codeName: 'CursorNotFound' });
  });

  it('ends cursors with their session, and reads them in no other', async () => {
    const session = served.client.startSession();
    const other = served.client.startSession();
    const db = served.client.db('t');
    const { cursor } = await db.command({ find: 'many', batchSize: 1 }, { session });
    const more = { getMore: toLong(cursor.id), collection: 'many', batchSize: 1 };
    await assert.rejects(db.command(more, { session: other }), { codeName: 'BadValue' });
    assert.equal((await db.command(more, { session }))['cursor'].nextBatch.length, 1);
    await db.command({ endSessions: [session.id] });
    await assert.rejects(db.command(more, { session }), { codeName: 'CursorNotFound' });
    await session.endSession();
    await other.endSession();
  });

  it('refuses more open cursors than it keeps', async () => {
    const cursors = Array.from({ length: 20 }, () => many().find({}, { batchSize: 1 }));
    const opened = await Promise.allSettled(cursors.map((cursor) => cursor.next()));
    await assert.rejects(many().find({}, { batchSize: 1 }).next(), /cursors are open/);
    assert.ok(opened.some(({ status }) => status === 'fulfilled'));
    await Promise.all(cursors.map((cursor) => cursor.close()));
    assert.equal((await many().find({}, { batchSize: 400 }).toArray()).length, 1000);
  });
});

function toLong(id: unknown): Long {
  return Long.fromString(String(id));
}
