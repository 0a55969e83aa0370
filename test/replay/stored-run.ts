// Stored runs as files: every document of a store at one moment, the rest of the history, and what must come of it.
import { type Json, type RunState, standardElements } from '../../engine/index.js';
import { agent, type EngineWorld, openWorld, type WorldOptions } from '../support/engine-world.js';
import { type History, historyActions, type Step } from './histories.js';

export interface StoredRun {
  readonly history: string;
  /** Steps that had been taken. */
  readonly taken: number;
  /** What the clock showed, in milliseconds since 1970. */
  readonly now: number;
  readonly collections: Readonly<Record<string, readonly Json[]>>;
  readonly left: readonly Step[];
  readonly end: End;
}

export interface End {
  readonly status: RunState['status'];
  readonly outputs: Json;
}

const id = 'r1';
const who = { by: 'operator', reason: 'it is in the history' };
const names = ['runs', 'journal', 'inbox', 'effects', 'outbox', 'schedules', 'flows', 'records_order'];

export const openHistoryWorld = (
  elements: NonNullable<WorldOptions['elements']> = standardElements,
): Promise<EngineWorld> => openWorld({ actions: historyActions, elements });

export async function beginHistory(world: EngineWorld, { flows, input = {} }: History): Promise<void> {
  await world.putRecord('order', { id: 'o1', status: 'new' });
  for (const flow of [...flows].reverse()) await world.publish(flow);
  await world.engine.start({ flow: flows[0]!.name, input, user: agent, id });
  await world.calm();
}

export async function takeStep(world: EngineWorld, step: Step): Promise<void> {
  const { engine } = world;
  if ('signal' in step) await engine.signal(id, step.signal, step.payload ?? null, { by: 'me' });
  else if ('event' in step)
    await engine.publish({ ...step, id: `${step.key}-${JSON.stringify(step.payload)}` });
  else if ('answer' in step) {
    const { answer: element, visit = 1, name = 'answer', by, payload = {} } = step;
    await engine.answer(id, { frame: 'main', element, visit, name }, payload, { by });
  } else if ('passMs' in step) await world.pass(step.passMs);
  else if ('edit' in step) await engine.editVariables(id, 'main', step.edit, who);
  else if ('status' in step) {
    await world.putRecord('order', { id: 'o1', status: step.status });
    await engine.recordChanged('order', 'o1');
  } else if ('resolve' in step) {
    const truth = step.happened
      ? ({ happened: true, output: null } as const)
      : ({ happened: false } as const);
    await engine.resolveInDoubt(id, `${id}:${step.resolve}`, truth, who);
  } else await operate(world, step.operate);
  await world.calm();
}

async function operate({ engine }: EngineWorld, what: Extract<Step, { operate: string }>['operate']) {
  if (what === 'skip') await engine.skip(id, { output: null }, who);
  else if (what === 'compensate') await engine.cancel(id, who, { compensate: true });
  else await engine[what](id, who);
}

export async function endOf(world: EngineWorld): Promise<End> {
  const { status, outputs = null } = await world.engine.run(id);
  return { status, outputs: outputs as Json };
}

export async function toCollections({ connection }: EngineWorld): Promise<StoredRun['collections']> {
  const all: Record<string, readonly Json[]> = {};
  for (const name of names) {
    const found = await connection
      .collection(name)
      .find({}, { sort: { _id: 1 } })
      .toArray();
    all[name] = found as unknown as Json[];
  }
  return all;
}

/** Puts the documents of a stored run into a new store, and an engine on it. */
export async function restore(world: EngineWorld, stored: StoredRun): Promise<void> {
  await world.engine.close();
  for (const [name, documents] of Object.entries(stored.collections)) {
    if (documents.length > 0) await world.connection.collection(name).insertMany(documents as never[]);
  }
  world.clock.set(stored.now);
  world.begin();
  await world.calm();
}
