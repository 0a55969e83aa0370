// Without authentication the server is for this machine alone.
import assert from 'node:assert/strict';
import { openStore } from '../../../store/embedded/open.js';
import type { Store } from '../../../store/embedded/store.js';
import { serveWire } from '../../../store/embedded/wire/server.js';

describe('wire: where it listens', () => {
  let store: Store;
  before(async () => {
    store = await openStore(':memory:');
  });
  after(() => store.close());

  for (const host of [
    '0.0.0.0',
    '::',
    '10.0.0.1',
    '192.168.1.1',
    'localhost',
    'example.org',
    '128.0.0.1',
    '',
  ]) {
    it(`refuses ${JSON.stringify(host)}`, async () => {
      await assert.rejects(serveWire(store, { host }), {
        codeName: 'CommandNotSupported',
        message: /loopback only/,
      });
    });
  }

  it('accepts addresses of 127.0.0.0/8, and a free port only', async () => {
    const server = await serveWire(store, { host: '127.0.0.2' });
    assert.equal(server.uri, `mongodb://127.0.0.2:${server.port}/?replicaSet=recourse`);
    await assert.rejects(serveWire(store, { host: '127.0.0.2', port: server.port }), { code: 'EADDRINUSE' });
    await server.close();
  });
});
