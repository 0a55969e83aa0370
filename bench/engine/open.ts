// An engine as a server has it: the engine store on the embedded driver in a directory, the wall clock, no other adapter.
import { randomBytes } from 'node:crypto';
import { Mongoose } from 'mongoose';
import {
  createActionRegistry,
  createElementRegistry,
  createEngine,
  type Engine,
  type EngineStore,
  type FlowDefinition,
} from '../../engine/index.js';
import { actionElement } from '../../engine/elements/action.js';
import { waitElement } from '../../engine/elements/wait.js';
import { openEngineStore } from '../../store/engine-store.js';
import { embeddedDriver } from '../../store/embedded/index.js';
import { bindCollection } from '../../store/record-binding.js';
import {
  entryType,
  externalStep,
  parking,
  peersWorkload,
  recordStep,
  watchedStep,
  watchedType,
  watching,
} from './flows.js';

export const user = { id: 'bench', permissions: ['entries'] };

export interface BenchEngine {
  readonly engine: Engine;
  readonly store: EngineStore;
  close(): Promise<void>;
}

/** Opens an engine on the store in a directory, made if it isn't there, with the flows published. */
export async function openBenchEngine(
  directory: string,
  wrap: (store: EngineStore) => EngineStore = (store) => store,
): Promise<BenchEngine> {
  const mongoose = new Mongoose();
  mongoose.setDriver(embeddedDriver);
  await mongoose.connect(`embedded:${directory}`, { autoIndex: false, autoCreate: false });
  const { connection } = mongoose;
  const made = await connection.listCollections();
  const bindings = [entryType, watchedType].map((type) =>
    bindCollection(type, connection.collection(`records_${type.name}`)),
  );
  for (const { type } of bindings) {
    const collection = `records_${type.name}`;
    if (!made.some(({ name }) => name === collection)) await connection.createCollection(collection);
  }
  const { store: stored, records } = await openEngineStore(connection, bindings);
  const store = wrap(stored);
  const life = `${Date.now().toString(36)}${randomBytes(4).toString('hex')}`;
  let ids = 0;
  const engine = createEngine({
    store,
    records,
    elements: createElementRegistry([actionElement, waitElement]),
    actions: createActionRegistry([externalStep, recordStep, watchedStep]),
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
        return `${life}${String(ids).padStart(10, '0')}`;
      },
    },
    random: { next: Math.random },
    alone: true,
  });
  for (const flow of [
    peersWorkload('external', externalStep),
    peersWorkload('records', recordStep),
    peersWorkload('watched', watchedStep),
    watching,
    parking,
  ])
    await publish(engine, flow);
  engine.open();
  return {
    engine,
    store,
    async close() {
      await engine.close();
      await mongoose.disconnect();
    },
  };
}

async function publish({ versions }: Engine, flow: FlowDefinition): Promise<void> {
  const { name, version } = await versions.save(flow, user.id);
  const active = (await versions.active(name))?.version ?? 0;
  if (active !== version) await versions.activate(name, version, active, user);
}

/** Starts a run; resolves when it waits for its event. */
export async function startUntilWait({ engine }: BenchEngine, flow: string, n: number): Promise<string> {
  const { id } = await engine.start({ flow, user, input: { order: `order-${n}`, amount: n % 1000 } });
  const { status } = await engine.settled(id, 60_000);
  if (status !== 'waiting') throw new Error(`the run ${id} is ${status} and not waiting`);
  return id;
}

/** Sends the event; resolves when the run has ended. */
export async function signalUntilDone({ engine }: BenchEngine, id: string): Promise<void> {
  await engine.signal(id, 'received', { parcel: id }, { id: `${id}:received`, by: user.id });
  const { status } = await engine.settled(id, 60_000);
  if (status !== 'done') throw new Error(`the run ${id} is ${status} and not done`);
}
