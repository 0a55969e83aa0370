// A worker in a process of its own, on a store behind a MongoDB connection string; its external actions call the provider
// that the test runs. Usage: engine-worker <uri> <provider> <name>; ends when its standard input does.
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Mongoose } from 'mongoose';
import {
  type Action,
  createActionRegistry,
  createElementRegistry,
  createEngine,
  type Engine,
} from '../../engine/index.js';
import { openEngineStore } from '../../store/engine-store.js';
import { kernelElements } from './engine-world.js';

const [, , uri = '', provider = '', name = ''] = process.argv;

const toAction = (action: string): Action => ({
  name: action,
  title: action,
  description: `Calls the provider as ${action}.`,
  input: { type: 'object' },
  output: { type: 'object' },
  effect: 'external',
  repeat: 'keyed',
  keyLifetimeMs: 86_400_000,
  async perform({ key, signal }) {
    const url = new URL(`/${action}/${encodeURIComponent(key)}?by=${name}`, provider);
    return (await (await fetch(url, { method: 'POST', signal })).json()) as { ok: boolean };
  },
});

/** An engine on the store, with the wall clock. */
export async function openEngine(uri: string): Promise<{ engine: Engine; close: () => Promise<void> }> {
  const mongoose = new Mongoose();
  await mongoose.connect(uri, { autoIndex: false, autoCreate: false });
  const { store, records } = await openEngineStore(mongoose.connection, []);
  const life = randomBytes(6).toString('hex');
  let ids = 0;
  const engine = createEngine({
    store,
    records,
    elements: createElementRegistry(kernelElements),
    actions: createActionRegistry([toAction('charge'), toAction('book')]),
    clock: {
      now: Date.now,
      alarm(ms, wake) {
        const timer = setTimeout(wake, ms);
        return () => clearTimeout(timer);
      },
    },
    ids: {
      next() {
        ids += 1;
        return `${life}${String(ids).padStart(8, '0')}`;
      },
    },
    random: { next: Math.random },
    pollMs: 250,
  });
  return { engine, close: () => mongoose.disconnect() };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { engine, close } = await openEngine(uri);
  engine.open();
  process.stdout.write('ready\n');
  process.stdin.resume();
  process.stdin.on('end', () => {
    void engine.close().then(close);
  });
}
