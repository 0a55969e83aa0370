// Worker processes that share a thousand runs on one store over the wire server: no run is lost and none goes on twice, also
// when one of the workers is killed.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { FlowDefinition } from '../../engine/index.js';
import { openStore, type Store } from '../../store/embedded/index.js';
import { serveWire, type WireServer } from '../../store/embedded/wire/server.js';
import { openEngine } from '../support/engine-worker.js';
import { flow } from '../support/flows.js';
import { segmentsOf } from '../support/segments.js';

const runs = 1_000;
/** Starts that are made at once. */
const together = 50;
const program = fileURLToPath(new URL('../support/engine-worker.js', import.meta.url));

const shared: FlowDefinition = flow(
  'shared',
  'wait',
  {
    wait: { type: 'wait', label: 'Wait', events: [{ name: 'over', until: { var: 'at' }, next: 'pay' }] },
    pay: { type: 'action', label: 'Pay', action: 'charge', input: {}, next: 'book' },
    book: { type: 'action', label: 'Book', action: 'book', input: {} },
  },
  { variables: { at: { schema: { type: 'string' }, input: true } } },
);

/** The other side: answers a key it knows as before, and writes down who called. */
class Provider {
  readonly calls: { readonly key: string; readonly by: string }[] = [];
  /** Called with the number of calls so far. */
  onCall: (calls: number) => void = () => {};
  readonly #server: Server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://provider');
    this.calls.push({ key: decodeURIComponent(pathname), by: searchParams.get('by') ?? '' });
    this.onCall(this.calls.length);
    response.setHeader('content-type', 'application/json').end('{"ok":true}');
  });

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  get keys(): ReadonlySet<string> {
    return new Set(this.calls.map(({ key }) => key));
  }
}

describe('worker processes on one store over the wire', function () {
  this.timeout(300_000);
  let store: Store;
  let server: WireServer;
  let provider: Provider;
  let url: string;
  let workers: ChildProcess[];
  beforeEach(async () => {
    store = await openStore(':memory:');
    server = await serveWire(store, { port: 0 });
    provider = new Provider();
    url = await provider.listen();
    workers = [];
  });
  afterEach(async () => {
    for (const worker of workers) worker.kill('SIGKILL');
    provider.close();
    await server.close();
    await store.close();
  });

  const spawnWorker = async (name: string): Promise<ChildProcess> => {
    const worker = spawn(process.execPath, [program, server.uri, url, name], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    workers.push(worker);
    await once(worker.stdout!, 'data');
    return worker;
  };

  /** Starts the runs, lets the workers finish them, stops the workers that are left, and says how each run ended after how many segments. */
  async function share(names: readonly string[]): Promise<string[]> {
    // Starts the runs and looks at them; it is closed before there is anything to do for them.
    const { engine, close } = await openEngine(server.uri);
    engine.open();
    for (const each of [shared, { ...shared, name: 'never' }]) {
      const { name, version } = await engine.versions.save(each, 'test');
      await engine.versions.activate(name, version, 0, { id: 'test' });
    }
    const startAll = async (name: string, count: number, at: string): Promise<void> => {
      for (let n = 0; n < count; n += together) {
        const ids = Array.from({ length: together }, (_, of) => `${name}-${n + of}`);
        await Promise.all(
          ids.map((id) => engine.start({ flow: name, user: { id: 'test' }, id, input: { at } })),
        );
      }
    };
    // How long it takes here to start some that are never due says when those that count may be due.
    const begun = performance.now();
    await startAll('never', together, '9000-01-01T00:00:00.000Z');
    const startMs = 5_000 + 1.5 * (runs / together) * (performance.now() - begun);
    const at = new Date(Date.now() + startMs).toISOString();
    await startAll('shared', runs, at);
    await engine.close();
    assert.ok(new Date().toISOString() < at, 'starting the runs took too long');
    await Promise.all(names.map(spawnWorker));
    const open = async (): Promise<number> =>
      (await engine.runs({ flow: 'shared', limit: 2 * runs })).filter(({ status }) => status !== 'done')
        .length;
    while ((await open()) > 0) await new Promise((resolve) => setTimeout(resolve, 500));
    const alive = workers.filter(({ signalCode }) => signalCode === null);
    const ended = alive.map((worker) => once(worker, 'exit'));
    for (const worker of alive) worker.stdin?.end();
    assert.deepEqual(
      (await Promise.all(ended)).map(([code]) => code),
      alive.map(() => 0),
    );
    const ends: string[] = [];
    for (const { id, status } of await engine.runs({ flow: 'shared', limit: 2 * runs }))
      ends.push(`${status} ${await segmentsOf(engine, id)}`);
    await close();
    return ends;
  }

  /** The same for all runs: start, timer, two outcomes. A run that went on twice would have been committed more often. */
  function checkRuns(ends: readonly string[]): void {
    assert.equal(ends.length, runs);
    assert.deepEqual([...new Set(ends)], ['done 4']);
    assert.equal(provider.keys.size, 2 * runs);
  }

  it('two of them share the runs, and call nobody twice', async () => {
    checkRuns(await share(['one', 'two']));
    assert.equal(provider.calls.length, 2 * runs);
    const by = ['one', 'two'].map((name) => provider.calls.filter((call) => call.by === name).length);
    assert.ok(Math.min(...by) > 0, `one of them did all: ${by.join(' and ')}`);
  });

  it('two of three finish what the third was at when it was killed', async () => {
    let killedAt = 0;
    provider.onCall = (calls) => {
      if (killedAt > 0 || calls < runs / 2) return;
      killedAt = performance.now();
      workers[2]?.kill('SIGKILL');
    };
    checkRuns(await share(['one', 'two', 'three']));
    assert.ok(killedAt > 0);
    const callers = new Map<string, string[]>();
    for (const { key, by } of provider.calls) callers.set(key, [...(callers.get(key) ?? []), by]);
    // What it had in flight, and no more, is called again: once, under its key, by somebody else.
    for (const [first, ...again] of [...callers.values()].filter(({ length }) => length > 1)) {
      assert.equal(first, 'three');
      assert.equal(again.length, 1);
      assert.notEqual(again[0], 'three');
    }
  });
});
