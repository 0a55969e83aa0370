// The peers' workload on an engine: 5 external steps, a wait for a signal, 2 more steps; many flows in flight.
import { randomUUID } from 'node:crypto';
import { Mongoose } from 'mongoose';
import {
  type Action,
  createActionRegistry,
  createElementRegistry,
  createEngine,
  type Engine,
  type RunState,
} from '../../engine/index.js';
import { embeddedDriver } from '../../store/embedded/index.js';
import { openEngineStore } from '../../store/engine-store.js';
import { kernelElements } from './engine-world.js';
import { flow } from './flows.js';
import { temporaryDirectory } from './temporary.js';

const step: Action = {
  name: 'step',
  title: 'Step',
  description: 'One step.',
  input: {
    type: 'object',
    properties: { n: { type: 'integer' } },
    required: ['n'],
    additionalProperties: false,
  },
  output: {
    type: 'object',
    properties: { n: { type: 'integer' } },
    required: ['n'],
    additionalProperties: false,
  },
  effect: 'external',
  repeat: 'keyed',
  keyLifetimeMs: 86_400_000,
  perform: async ({ input }) => ({ n: (input as { n: number }).n + 1 }),
};

const steps = (names: readonly string[], then?: string) =>
  Object.fromEntries(
    names.map((name, index) => [
      name,
      {
        type: 'action',
        label: name,
        action: 'step',
        input: { n: index },
        ...((names[index + 1] ?? then) === undefined ? {} : { next: names[index + 1] ?? then! }),
      },
    ]),
  );

/** Opens an engine on a directory of its own. */
export async function openLoad(): Promise<{ engine: Engine; close: () => Promise<void> }> {
  const mongoose = new Mongoose();
  mongoose.setDriver(embeddedDriver);
  await mongoose.connect(`embedded:${temporaryDirectory('load')}`, { autoIndex: false, autoCreate: false });
  const { store, records } = await openEngineStore(mongoose.connection, []);
  let n = 0;
  const prefix = randomUUID().slice(0, 8);
  const engine = createEngine({
    store,
    records,
    elements: createElementRegistry(kernelElements),
    actions: createActionRegistry([step]),
    clock: {
      now: () => Date.now(),
      alarm: (ms, wake) => {
        const timer = setTimeout(wake, ms);
        return () => clearTimeout(timer);
      },
    },
    ids: {
      next: () => {
        n += 1;
        return `${prefix}${String(n).padStart(9, '0')}`;
      },
    },
    random: { next: () => Math.random() },
  });
  engine.open();
  const definition = flow(
    'peer',
    's1',
    {
      ...steps(['s1', 's2', 's3', 's4', 's5'], 'received'),
      received: {
        type: 'wait',
        label: 'Received',
        events: [{ name: 'received', signal: 'received', next: 's6' }],
      },
      ...steps(['s6', 's7']),
    },
    { signals: { received: { schema: { type: 'object' } } } },
  );
  const { version } = await engine.versions.save(definition, 'bench');
  await engine.versions.activate('peer', version, 0, { id: 'bench' });
  return {
    engine,
    close: async () => {
      await engine.close();
      await mongoose.disconnect();
    },
  };
}

/** One flow from its start to its end; the two latencies in milliseconds. */
export async function oneFlow(engine: Engine): Promise<{ toWaiting: number; toDone: number }> {
  const begun = performance.now();
  const { id } = await engine.start({ flow: 'peer', user: { id: 'bench' } });
  await until(engine, id, 'waiting');
  const waiting = performance.now();
  await engine.signal(id, 'received', {}, { by: 'bench' });
  await until(engine, id, 'done');
  return { toWaiting: waiting - begun, toDone: performance.now() - waiting };
}

async function until(engine: Engine, id: string, status: RunState['status']): Promise<void> {
  const run = await engine.settled(id, 60_000);
  if (run.status !== status) throw new Error(`${id} is ${run.status}, not ${status}`);
}
