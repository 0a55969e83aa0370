// The server with MONGODB_URI set: mongoose's own driver against our wire server, in processes of their own. The same
// code, the same orders, nothing in the data directory but what is this machine's.
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { openStore, type Store } from '../../store/embedded/index.js';
import { serveWire } from '../../store/embedded/wire/index.js';
import { orderNumbers, passwordIn, signIn, Workbench } from '../start/server-process.js';
import { startJavaServer } from '../support/java-server.js';
import { skip } from '../support/skip.js';
import { Unavailable } from '../support/unavailable.js';

describe('the server on MongoDB', () => {
  let bench: Workbench;
  let store: Store;
  let wire: Awaited<ReturnType<typeof serveWire>>;

  beforeEach(async () => {
    bench = new Workbench();
    store = await openStore(':memory:');
    wire = await serveWire(store, { port: 0 });
  });

  afterEach(async () => {
    await bench.close();
    await wire.close();
    await store.close();
  });

  it('loads the sample orders, and two processes on one database show the same', async () => {
    const [one, two] = [await bench.directory(), await bench.directory()];
    const first = bench.run(['serve'], { DATA_DIR: one, MONGODB_URI: wire.uri });
    const url = await first.url();
    assert.match(first.stdout, /830 orders loaded/);
    const second = bench.run(['serve'], { DATA_DIR: two, MONGODB_URI: wire.uri });
    const other = await second.url();
    assert.doesNotMatch(second.stdout, /orders loaded/);

    const token = await signIn(url, 'agent', await passwordIn(one, 'agent'));
    const numbers = await orderNumbers(url, token!);
    assert.equal(numbers.length, 830);
    assert.deepEqual(await orderNumbers(other, token!), numbers);
    const [there, here] = await Promise.all(
      [url, other].map(async (base) => {
        const headers = { authorization: token! };
        return (await fetch(`${base}/api/v1/orders/${numbers[0]}`, { headers })).json();
      }),
    );
    assert.deepEqual(there, here);
    assert.ok(!(await readdir(one)).includes('store'));
    assert.equal((await first.stop()).code, 0);
    assert.equal((await second.stop()).code, 0);
  });

  it('refuses a standalone server, which has no transactions', async function () {
    const java = await startJavaServer().catch((error: unknown) => {
      if (error instanceof Unavailable) skip(this, error.message);
      throw error;
    });
    try {
      const { uri } = java;
      const ended = await bench
        .run(['serve'], { DATA_DIR: await bench.directory(), MONGODB_URI: uri })
        .ended();
      assert.notEqual(ended.code, 0);
      assert.match(ended.stderr, /standalone MongoDB server, which has no transactions/);
      assert.doesNotMatch(ended.stderr, /\n\s+at /);
    } finally {
      await java.stop();
    }
  });
});
