// Plays a scenario with engines that die at given points, as clients and operators would who try again until they have
// an answer; and says what came of it.
import assert from 'node:assert/strict';
import { standardElements } from '../../../engine/elements/standard-elements.js';
import {
  type Action,
  type ElementType,
  type FlowDefinition,
  type JournalChunk,
  type OutboxRow,
  type RunState,
  runErrors,
  SchemaCompiler,
  type SubjectPort,
} from '../../../engine/index.js';
import type { Outcome } from '../../../engine/elements/element.js';
import { endedStatuses } from '../../../engine/runtime/run-state.js';
import { type CrashPoint, CrashPoints } from '../../support/crash-points.js';
import { agent, type EngineWorld, openWorld } from '../../support/engine-world.js';
import { minute } from '../../support/flows.js';
import { insist } from '../../support/insist.js';
import { noteElement } from '../../support/note-element.js';

/** What a client or an operator does, once, as soon as it can be done. */
export interface Act {
  readonly run: string;
  when(run: RunState): boolean;
  /** Done again if the engine dies before it answers. */
  act(world: EngineWorld): Promise<unknown>;
  /** Codes by which a repetition learns that the first try was enough. */
  readonly doneBy?: readonly string[];
}

export interface CrashScenario {
  readonly name: string;
  readonly flows: readonly FlowDefinition[];
  /** A run is named after its flow. */
  readonly starts: readonly { readonly flow: string; readonly subject?: string }[];
  /** In this order. */
  readonly acts: readonly Act[];
  /** How the provider behaves. */
  readonly prepare?: (world: EngineWorld) => void;
  /** Keys of calls of which some may be left out after a death, since branches race. */
  readonly racing?: readonly string[];
}

/** What must be the same however often the engine died. */
export interface Result {
  readonly runs: readonly unknown[];
  readonly records: readonly unknown[];
  readonly outbox: readonly string[];
  readonly happened: readonly string[];
  readonly undone: readonly string[];
  readonly keptEffects: number;
}

export interface Attempt {
  readonly result: Result;
  /** The points that the first engine passed. */
  readonly points: readonly CrashPoint[];
  readonly deaths: number;
  readonly doubts: number;
  /** How often the row was delivered that was delivered most often. */
  readonly deliveries: number;
  /** Calls of racing branches that were made, each as often as it was. */
  readonly raced: readonly string[];
}

/** Types of the elements that control came to. */
export const visited = new Set<string>();
/** What happened to elements, and to runs, in words. */
export const seen = new Set<string>();

/** The element, writing down that control came to it, what came to it, and how it was left. */
const watched = (element: ElementType): ElementType => ({
  ...element,
  compile(properties, at) {
    const behaviour = element.compile(properties, at);
    const { resume } = behaviour;
    const { join = 'all' } = properties as { readonly join?: unknown };
    const see = async (asked: Outcome | Promise<Outcome>): Promise<Outcome> => {
      const outcome = await asked;
      if (outcome.kind === 'go' && element.type === 'parallel') seen.add(`parallel joins ${String(join)}`);
      seen.add(`${element.type}: ${outcome.kind}${'outlet' in outcome ? ` ${outcome.outlet}` : ''}`);
      return outcome;
    };
    return {
      ...behaviour,
      enter(visit) {
        visited.add(element.type);
        return see(behaviour.enter(visit));
      },
      ...(resume === undefined
        ? {}
        : {
            resume(visit, event) {
              seen.add(`${element.type} takes ${event.kind}${'name' in event ? ` ${event.name}` : ''}`);
              return see(resume.call(behaviour, visit, event));
            },
          }),
    };
  },
});

/** Writes down what the journal of a run tells of retries, faults, doubts and undoings. */
function look(chunks: readonly JournalChunk[], flows: readonly FlowDefinition[]): void {
  for (const entry of chunks.flatMap(({ entries }) => entries) as readonly Told[]) {
    if (entry.retry !== undefined) seen.add('a segment is tried again');
    if (entry.late === true) seen.add(`late ${entry.on}`);
    if (entry.outcome === 'undone') seen.add('an effect is undone');
    if (entry.held !== undefined) seen.add('a run is held');
    if (entry.incident !== undefined) seen.add(`incident ${entry.incident} ${entry.code}`);
    if (entry.error === undefined) continue;
    for (const { elements } of flows) {
      const onFault = elements[entry.element ?? '']?.onFault;
      if (onFault === undefined) continue;
      seen.add(onFault.rollBack === true ? 'a fault is rolled back' : 'a fault takes its path');
    }
  }
}

/** An entry of the journal. */
interface Told {
  readonly element?: string;
  readonly on?: string;
  readonly outcome?: string;
  readonly retry?: number;
  readonly late?: boolean;
  readonly held?: string;
  readonly incident?: string;
  readonly code?: string;
  readonly error?: unknown;
}

export const crashElements: readonly ElementType[] = [
  ...(standardElements as unknown as readonly ElementType[]),
  noteElement as unknown as ElementType,
].map(watched);

/** A question that is not answered the first time. */
function toMoody(): Action {
  let asked = 0;
  return {
    name: 'moody',
    title: 'Moody',
    description: 'Answers the second time.',
    input: { type: 'object' },
    output: {},
    effect: 'query',
    async perform() {
      asked += 1;
      if (asked === 1) throw runErrors.error('overloaded', 'later');
      return asked > 1;
    },
  };
}

const schemas = new SchemaCompiler();
/** Enough for all waits, for the leases that must end after a death, and for the sweeps. */
const stepsMax = 120;
const stepMs = 30 * minute;

/** Plays a scenario; the nth engine dies at the nth point of `dieAt`, counted from its own beginning. */
export async function play(scenario: CrashScenario, dieAt: readonly number[] = []): Promise<Attempt> {
  const subjects: SubjectPort = {
    async stateOf({ type, id }) {
      const found = await world.records.read(type, id);
      if (found === undefined) return {};
      return {
        guard: { kind: 'touch', type, id, version: found.version },
        ...(found.value['hold'] === true ? { hold: { reason: 'on hold' } } : {}),
      };
    },
  };
  const world = await openWorld({
    elements: crashElements,
    engine: { schemas, subjects },
    // Changes of records are not among them: those that nobody waits for are left out.
    topics: ['note', 'event', 'mail'],
    actions: [toMoody()],
  });
  scenario.prepare?.(world);
  try {
    return await new Player(world, scenario, dieAt).play();
  } finally {
    await world.engine.close();
    await world.close();
  }
}

class Player {
  readonly #world: EngineWorld;
  readonly #scenario: CrashScenario;
  readonly #dieAt: number[];
  #deaths = 0;
  #doubts = 0;

  constructor(world: EngineWorld, scenario: CrashScenario, dieAt: readonly number[]) {
    this.#world = world;
    this.#scenario = scenario;
    this.#dieAt = [...dieAt];
  }

  async play(): Promise<Attempt> {
    const world = this.#world;
    const { flows, starts } = this.#scenario;
    const acts = [...this.#scenario.acts];
    await world.publish(...flows);
    for (const id of ['o1', 'o2', 'o3']) await world.putRecord('order', { id, status: 'new' });
    await world.engine.close();
    const first = new CrashPoints(this.#dieAt.shift());
    world.begin(first);
    for (const { flow, subject } of starts) {
      const more = subject === undefined ? {} : { subject: { type: 'order', id: subject } };
      await this.#insist(() => world.engine.start({ flow, user: agent, id: flow, ...more }), ['run.exists']);
    }
    let steps = 0;
    for (; steps < stepsMax; steps += 1) {
      await world.leap(steps === 0 ? minute : stepMs);
      await this.#revive();
      await this.#resolveDoubts();
      await this.#act(acts);
      if (acts.length === 0 && (await this.#isOver())) break;
    }
    assert.ok(steps < stepsMax, `not over: ${await this.#state()}, ${acts.length} acts left`);
    return { ...(await this.#outcome()), points: first.passed, deaths: this.#deaths, doubts: this.#doubts };
  }

  /** Begins a new engine whenever there is only a dead one. */
  async #revive(): Promise<void> {
    while (this.#world.points.dead) {
      this.#deaths += 1;
      await this.#world.points.rest();
      this.#world.begin(new CrashPoints(this.#dieAt.shift()));
      await this.#world.calm();
    }
  }

  #insist(ask: () => Promise<unknown>, doneBy: readonly string[]): Promise<void> {
    return insist(ask, doneBy, { death: () => this.#world.points.death, revive: () => this.#revive() });
  }

  async #act(acts: Act[]): Promise<void> {
    for (let next = acts[0]; next !== undefined; next = acts[0]) {
      const { act, run, when, doneBy = [] } = next;
      const state = await this.#world.store.loadRun(run);
      if (state === undefined || !when(state)) return;
      await this.#insist(() => act(this.#world), doneBy);
      acts.shift();
      await this.#world.calm();
      await this.#revive();
    }
  }

  async #isOver(): Promise<boolean> {
    const runs = await this.#runs();
    if (!runs.every(({ status }) => endedStatuses.has(status))) return false;
    const effects = (await Promise.all(runs.map(({ id }) => this.#world.store.effectsOf(id)))).flat();
    if (effects.some(({ claimAt }) => claimAt !== undefined)) return false;
    if (runs.some(({ inFlight }) => inFlight !== undefined)) return false;
    return (await this.#world.connection.collection('outbox').countDocuments({})) === 0;
  }

  #runs(): Promise<RunState[]> {
    return this.#world.store.listRuns({ limit: 100 });
  }

  async #state(): Promise<string> {
    return (await this.#runs())
      .map(({ id, status, incident }) => `${id} ${status} ${JSON.stringify(incident?.error) ?? ''}`)
      .join(', ');
  }

  /** Does what an operator does: asks the other side, and says whether it happened. */
  async #resolveDoubts(): Promise<void> {
    const { store, provider } = this.#world;
    const stopped = await store.listRuns({ status: 'incident', limit: 10 });
    // One that has ended is among them for what it has left open.
    for (const { id, seq, incident: stop, leftOpen } of stopped) {
      const incident = stop ?? leftOpen?.[0];
      if (incident?.error.code === 'action.undo-failed') {
        const again = { by: 'operator', reason: 'try again', seq };
        await this.#insist(() => this.#world.engine.retry(id, again), ['run.operation-refused']);
        await this.#world.calm();
        await this.#revive();
        continue;
      }
      assert.equal(incident?.kind, 'inDoubt', `${id}: ${JSON.stringify(incident?.error)}`);
      const effect = (await store.loadEffect(incident.effect!))!;
      const output =
        effect.undo === undefined
          ? provider.answerTo(effect.action, effect.id)
          : provider.happened.includes(`${effect.action}:${effect.id}:undo`)
            ? null
            : undefined;
      const truth =
        output === undefined ? ({ happened: false } as const) : ({ happened: true, output } as const);
      const who = { by: 'operator', reason: 'asked the other side' };
      await this.#insist(
        () => this.#world.engine.resolveInDoubt(id, effect.id, truth, who),
        ['run.operation-refused'],
      );
      this.#doubts += 1;
      await this.#world.calm();
      await this.#revive();
    }
  }

  async #outcome(): Promise<Pick<Attempt, 'result' | 'deliveries' | 'raced'>> {
    const { connection, provider, delivered, store } = this.#world;
    const { racing = [] } = this.#scenario;
    const races = (call: string): boolean => racing.some((part) => call.includes(part));
    const runs = await this.#runs();
    let keptEffects = 0;
    for (const { id } of runs) {
      look(await store.journalOf(id, 0, 10_000), this.#scenario.flows);
      const effects = (await store.effectsOf(id)).filter((effect) => !races(effect.id));
      // Of one that can't be undone there is a document only where a worker was lost.
      keptEffects += effects.filter(({ action }) => this.#world.canUndo(action)).length;
    }
    const counts = new Map<string, number>();
    for (const { id } of delivered) counts.set(id, (counts.get(id) ?? 0) + 1);
    const stored = await connection.collection('records_order').find({}).sort({ _id: 1 }).toArray();
    const undos = provider.log.filter(({ kind }) => kind === 'undo').map(({ key }) => key);
    return {
      result: {
        runs: runs.map(({ id, status, outputs, root }) => ({
          id,
          status,
          outputs,
          variables: root.variables,
        })),
        records: stored.map(({ value }) => value as unknown),
        outbox: [...new Map(delivered.map((row) => [row.id, row])).values()].map(toText).sort(),
        happened: provider.happened.filter((call) => !races(call)).sort(),
        undone: [...new Set(undos)].filter((key) => !races(key)),
        keptEffects,
      },
      deliveries: Math.max(0, ...counts.values()),
      raced: provider.happened.filter(races),
    };
  }
}

/** What a row tells. Its id holds the sequence of the run, which a hold may raise by one more. */
const toText = ({ topic, key, payload }: OutboxRow): string => `${topic} ${key} ${JSON.stringify(payload)}`;

/** What holds of every attempt, beside that its result is that of the undisturbed one. */
export function checkAttempt(attempt: Attempt, undisturbed: Attempt, at: string): void {
  assert.deepEqual(attempt.result, undisturbed.result, at);
  // At least once, and no more often than engines lived.
  assert.ok(attempt.deliveries <= attempt.deaths + 1, `${at}: ${attempt.deliveries} deliveries of one row`);
  // A call is in doubt at most once more for one death.
  assert.ok(attempt.doubts <= undisturbed.doubts + attempt.deaths, `${at}: ${attempt.doubts} doubts`);
  for (const calls of [attempt.result.happened, attempt.raced]) {
    assert.equal(new Set(calls).size, calls.length, `${at}: a call had its effect twice`);
  }
  assert.equal(attempt.raced.length > 0, undisturbed.raced.length > 0, at);
}
