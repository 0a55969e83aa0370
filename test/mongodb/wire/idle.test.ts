// What clients leave behind: idle sessions and cursors end, remembered sessions are bounded, a stop loses nothing.
import assert from 'node:assert/strict';
import { serialize } from 'bson';
import { MongoClient } from 'mongodb';
import { openStore } from '../../../store/embedded/open.js';
import type { Store } from '../../../store/embedded/store.js';
import { Cursors, listCursor } from '../../../store/embedded/wire/cursors.js';
import { wireLimits } from '../../../store/embedded/wire/limits.js';
import { serveWire } from '../../../store/embedded/wire/server.js';
import { type Session, Sessions } from '../../../store/embedded/wire/sessions.js';

describe('wire: what is left behind', () => {
  let store: Store;
  before(async () => {
    store = await openStore(':memory:');
  });
  after(() => store.close());

  const begin = (session: Session) =>
    session.toTransaction({ session: session.id, number: 1, kind: 'transaction', starts: true }, true);

  it('aborts the transaction of an idle session, and ends its cursors', async () => {
    const ended: string[] = [];
    const sessions = new Sessions(
      store,
      { ...wireLimits, sessionIdleMinutesMax: -1 },
      { ended: (session, number) => ended.push(`${session} ${number}`) },
    );
    const transaction = await begin(sessions.use('a'));
    assert.equal(sessions.openTransactions, 1);
    await sessions.endIdle();
    assert.equal(transaction.state, 'aborted');
    assert.deepEqual(ended, ['a 1']);
    assert.equal(sessions.size, 0);
  });

  it('forgets the sessions that were used longest ago, but none with an open transaction', async () => {
    const sessions = new Sessions(store, { ...wireLimits, sessionsMax: 2 }, { ended: () => {} });
    const open = sessions.use('open');
    await begin(open);
    const early = sessions.use('early');
    sessions.use('late');
    assert.equal(sessions.size, 2);
    assert.equal(sessions.use('open'), open);
    assert.notEqual(sessions.use('early'), early);
    await sessions.endAll();
  });

  it('closes an idle cursor', async () => {
    const cursors = new Cursors({ ...wireLimits, cursorIdleMsMax: -1 });
    const documents = [1, 2, 3].map((n) => serialize({ n }));
    await cursors.first('t.c', listCursor(documents), { batchSize: 1, owner: {} });
    assert.equal(cursors.size, 1);
    cursors.endIdle();
    assert.equal(cursors.size, 0);
  });

  it('ends the commands it is carrying out before it stops', async () => {
    const server = await serveWire(store);
    const client = new MongoClient(server.uri, { retryWrites: false, serverSelectionTimeoutMS: 500 });
    const numbers = client.db('t').collection<{ _id: number }>('numbers');
    await numbers.insertOne({ _id: -1 });
    const inserts = Array.from({ length: 40 }, (_, _id) => numbers.insertOne({ _id }));
    const ended = Promise.allSettled(inserts);
    await inserts[0];
    await server.close();
    const acknowledged = (await ended).filter(({ status }) => status === 'fulfilled').length;
    const stored = await store.count('t.numbers', { filter: { _id: { $gte: 0 } } });
    assert.ok(acknowledged >= 1 && acknowledged <= stored);
    await client.close();
  });
});
