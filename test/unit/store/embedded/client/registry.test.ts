// One open store per directory and process: shared by its clients, closed by the last of them.
import assert from 'node:assert/strict';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedClient } from '../../../../../store/embedded/client/client.js';
import { acquireStore } from '../../../../../store/embedded/client/registry.js';

describe('acquireStore', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'embedded-registry-'));
  });

  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  it('gives one store to all of a directory, whatever path names it', async () => {
    const link = join(directory, 'link');
    const data = join(directory, 'data');
    const first = await acquireStore(data);
    await symlink(data, link);
    const [second, third] = await Promise.all([acquireStore(link), acquireStore(`${data}/../data`)]);
    assert.equal(second.store, first.store);
    assert.equal(third.store, first.store);
    await Promise.all([first.release(), second.release(), third.release()]);
  });

  it('keeps the store open until its last user leaves; leaving twice counts once', async () => {
    const first = await acquireStore(directory);
    const second = await acquireStore(directory);
    await first.release();
    await first.release();
    await second.store.createCollection('test.a');
    assert.deepEqual(await second.store.listCollections('test'), ['a']);
    await second.release();
    await assert.rejects(second.store.createCollection('test.b'));
  });

  it('opens the store again while the last user is still closing it', async () => {
    const first = await acquireStore(directory);
    await first.store.createCollection('test.a');
    const closing = first.release();
    const second = await acquireStore(directory);
    await closing;
    assert.notEqual(second.store, first.store);
    assert.deepEqual(await second.store.listCollections('test'), ['a']);
    await second.release();
  });

  it('gives a fresh store in memory to each', async () => {
    const first = await acquireStore(':memory:');
    const second = await acquireStore(':memory:');
    await first.store.createCollection('test.a');
    assert.deepEqual(await second.store.listCollections('test'), []);
    await Promise.all([first.release(), second.release()]);
  });
});

describe('EmbeddedClient', () => {
  it('closes once, ends its sessions and cursors, and refuses operations from then on', async () => {
    const client = await EmbeddedClient.connect(':memory:');
    const orders = client.db().collection('orders');
    await orders.insertMany([{ n: 1 }, { n: 2 }]);
    const session = client.startSession();
    session.startTransaction();
    await orders.insertOne({ n: 3 }, { session });
    const cursor = orders.find({}, { batchSize: 1 });
    await cursor.next();
    await Promise.all([client.close(), client.close()]);
    assert.equal(session.hasEnded, true);
    assert.equal(cursor.killed, true);
    await assert.rejects(orders.findOne(), { name: 'MongoClientClosedError' });
    await client.close();
  });

  it('refuses operations before it is connected', async () => {
    const client = new EmbeddedClient(':memory:');
    await assert.rejects(client.db().collection('a').findOne(), { name: 'MongoNotConnectedError' });
  });

  it('opens again after it was closed', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'embedded-client-'));
    try {
      const client = await EmbeddedClient.connect(directory);
      await client.db().collection('a').insertOne({ _id: 1 });
      await client.close();
      await client.connect();
      assert.equal(await client.db().collection('a').countDocuments(), 1);
      await client.close();
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});
