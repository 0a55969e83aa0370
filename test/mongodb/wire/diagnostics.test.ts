// What shells and graphical tools ask a server before they show anything.
import assert from 'node:assert/strict';
import { type Served, serveInMemory } from './serving.js';

describe('wire: questions of shells and tools', () => {
  let served: Served;
  before(async () => {
    served = await serveInMemory();
    await served.client.db('shop').collection('orders').insertMany([{}, {}]);
  });
  after(() => served.close());
  const ask = (command: object) => served.client.db('shop').command(command);

  for (const command of [
    { ping: 1 },
    { hostInfo: 1 },
    { getCmdLineOpts: 1 },
    { getParameter: 1, featureCompatibilityVersion: 1 },
    { connectionStatus: 1, showPrivileges: true },
    { isMaster: 1 },
    { refreshSessions: [] },
    { endSessions: [] },
  ]) {
    it(`answers ${Object.keys(command)[0]}`, async () => {
      assert.equal((await ask(command))['ok'], 1);
    });
  }

  it('warns a shell of what it is', async () => {
    const { log } = await ask({ getLog: 'startupWarnings' });
    assert.match(JSON.parse(log[0]).msg, /not MongoDB.*loopback only and has no authentication/);
  });

  it('counts what it serves', async () => {
    const status = await ask({ serverStatus: 1 });
    assert.match(status['server'], /not MongoDB/);
    assert.ok(status['connections'].current >= 1);
    const stats = await ask({ dbStats: 1 });
    assert.deepEqual([stats['collections'], stats['objects'], stats['indexes']], [1, 2, 1]);
  });

  it('gives out sessions', async () => {
    const { id, timeoutMinutes } = await ask({ startSession: 1 });
    assert.equal(timeoutMinutes, 30);
    assert.equal((await ask({ refreshSessions: [id] }))['ok'], 1);
    assert.equal((await ask({ killSessions: [id] }))['ok'], 1);
  });
});
