// The bugs that the simulation must find: each is made of a changed port, element or store around the sound engine.
import { parallelElement } from '../../engine/elements/parallel.js';
import type {
  Action,
  EffectState,
  ElementType,
  Json,
  OutboxRow,
  RunState,
  Unit,
} from '../../engine/index.js';
import { toChunkId } from '../../engine/runtime/journal-entry.js';
import { MemoryEngineStore } from './memory-engine-store.js';
import { type PlantedBug, storeWith } from './planted-bug.js';
import { saveAndRaceBugs } from './save-and-race-bugs.js';
import { type World, start } from './world.js';

/** The call is made before its intent is committed; the engine's own call gets the answer that came then. */
const effectBeforeIntent: PlantedBug = {
  name: 'effect before intent',
  process: ({ store, actions, life, world }) => {
    const answers = new Map<string, Promise<Json>>();
    const call = (effect: EffectState): Promise<Json> => {
      const action = actions.find(({ name }) => name === effect.action)!;
      const answer = action.perform({
        input: effect.input,
        key: effect.id,
        attempt: 1,
        run: effect.run,
        now: new Date(world.wall).toISOString(),
        user: effect.user as { id: string },
        signal: new AbortController().signal,
      });
      answer.catch(() => undefined);
      return answer;
    };
    return {
      life,
      store: storeWith(store, {
        commit: async (unit) => {
          for (const intent of unit.intents) {
            if (!answers.has(intent.id)) answers.set(intent.id, call(intent));
          }
          return store.commit(unit);
        },
      }),
      actions: actions.map((action) => ({
        ...action,
        perform: (given) => {
          const known = answers.get(given.key);
          answers.delete(given.key);
          return known ?? action.perform(given);
        },
      })),
    };
  },
};

/** An effect that is taken over stays in flight in its run, too. */
const takenOverTwice: PlantedBug = {
  name: 'taken over, and still in flight',
  memory: (types) => new ForgettingNothing(types),
};

class ForgettingNothing extends MemoryEngineStore {
  override commit(unit: Unit): Promise<'committed' | 'conflict'> {
    const { run, detached } = unit;
    const before = this.runOf(run.id)?.inFlight ?? [];
    const taken = before.filter(({ id }) => detached.some((effect) => effect.id === id && effect.lost > 0));
    if (taken.length === 0) return super.commit(unit);
    const { inFlightUntil = taken[0]!.claimAt!, inFlight = [] } = run;
    return super.commit({ ...unit, run: { ...run, inFlight: [...inFlight, ...taken], inFlightUntil } });
  }
}

/** A unit is committed whatever the sequence of the stored run is. */
const fenceIgnored: PlantedBug = {
  name: 'fence ignored',
  memory: (types) => new UnfencedStore(types),
};

class UnfencedStore extends MemoryEngineStore {
  override commit(unit: Unit): Promise<'committed' | 'conflict'> {
    const stored = this.runs.get(unit.run.id)?.seq;
    if (stored === undefined || unit.expected === undefined || stored === unit.expected)
      return super.commit(unit);
    const seq = stored + 1;
    return super.commit({
      ...unit,
      expected: stored,
      run: { ...unit.run, seq },
      journal: unit.journal.map((chunk) => ({ ...chunk, seq, id: toChunkId(chunk.run, seq, chunk.n) })),
      settlements: unit.settlements.map((effect) => ({
        ...effect,
        token: (this.effects.get(effect.id)?.token ?? 0) + 1,
      })),
    });
  }
}

/** Whoever claims a timer removes it; what it leads to is committed later. */
const timerDeletedFirst: PlantedBug = {
  name: 'timer deleted before its commit',
  memory: (types) => new ForgetfulTimers(types),
};

class ForgetfulTimers extends MemoryEngineStore {
  override async claimDue(...asked: Parameters<MemoryEngineStore['claimDue']>): Promise<RunState[]> {
    const claimed = await super.claimDue(...asked);
    for (const { id } of claimed) this.runs.get(id)!.dueAt = undefined;
    return claimed;
  }
}

/** Every attempt has a key of its own. */
const attemptInKey: PlantedBug = {
  name: 'attempt number in the key',
  process: ({ actions }) => ({
    actions: actions.map((action) => ({
      ...action,
      perform: (call) =>
        action.perform(call.attempt > 1 ? { ...call, key: `${call.key}#${call.attempt}` } : call),
    })),
  }),
};

/** The engine hears that a unit is committed while it is still being written. */
const acknowledgedEarly: PlantedBug = {
  name: 'acknowledged before flush',
  process: ({ store, memory }) => ({
    store: storeWith(store, {
      commit: async (unit) => {
        if (memory.runs.get(unit.run.id)?.seq !== unit.expected) return 'conflict';
        store.commit(unit).catch(() => undefined);
        return 'committed';
      },
    }),
  }),
};

/** After a recovery the journal says twice what the outcome was. */
const journaledTwice: PlantedBug = {
  name: 'outcome journaled twice',
  process: ({ store }) => ({
    store: storeWith(store, {
      commit: (unit) => {
        const again = unit.settlements.some(({ state, lost, undo }) => state === 'done' && lost > 0 && !undo);
        if (!again) return store.commit(unit);
        const journal = unit.journal.map((chunk) => ({
          ...chunk,
          entries: chunk.entries.flatMap((entry) =>
            (entry as { on?: string }).on === 'outcome' ? [entry, entry] : [entry],
          ),
        }));
        return store.commit({ ...unit, journal });
      },
    }),
  }),
};

/** A branch that ends counts once when it ends, and once more for the one that ended before it. */
const joinedTwice: PlantedBug = {
  name: 'join counted twice',
  elements: [
    {
      ...parallelElement,
      compile: (properties, at) => {
        const sound = parallelElement.compile(properties as never, at);
        return {
          ...sound,
          resume: (visit, event) =>
            sound.resume!(
              visit,
              event.kind === 'branchEnded' && event.ended > 1 ? { ...event, ended: event.ended + 1 } : event,
            ),
        };
      },
    } as ElementType<never>,
  ],
};

/** A signal that nothing waits for yet is acknowledged and not kept. */
const signalLost: PlantedBug = {
  name: 'signal lost before the wait',
  process: ({ store }) => ({
    store: storeWith(store, {
      enqueue: (item) =>
        item.body.kind === 'signal' ? Promise.resolve('new' as const) : store.enqueue(item),
    }),
  }),
};

/** An undoing that is repeated is a new undoing. */
const undoneTwice: PlantedBug = {
  name: 'compensation twice',
  process: ({ actions, life }) => {
    let calls = 0;
    return {
      actions: actions.map((action): Action => {
        const { undo } = action;
        if (typeof undo !== 'function') return action;
        return {
          ...action,
          undo: (call) => {
            calls += 1;
            return undo({ ...call, key: `${call.key}#${life.name.replace(/\D/g, '')}${calls}` });
          },
        };
      }),
    };
  },
};

/** A row of the outbox is taken without a lease. */
const outboxUnleased: PlantedBug = {
  name: 'outbox unleased',
  memory: (types) => new UnleasedOutbox(types),
};

class UnleasedOutbox extends MemoryEngineStore {
  override async claimOutbox(now: string, _until: string, limit: number): Promise<OutboxRow[]> {
    return super.claimOutbox(now, now, limit);
  }
}

/** Whether a timer has fired is told from the clock: set back, the clock has it fire again. */
const firesAgain: PlantedBug = {
  name: 'clock set back fires again',
  memory: (types, world) => new ClockBoundTimers(types, world),
};

class ClockBoundTimers extends MemoryEngineStore {
  readonly #world: () => World;
  /** Runs as they were before a timer was taken, with the time at which it was. */
  readonly #before = new Map<string, { readonly at: number; readonly root: RunState['root'] }>();

  constructor(types: ConstructorParameters<typeof MemoryEngineStore>[0], world: () => World) {
    super(types);
    this.#world = world;
  }

  override async commit(unit: Unit): Promise<'committed' | 'conflict'> {
    const before = this.runOf(unit.run.id);
    const result = await super.commit(unit);
    const timer = unit.journal[0]?.entries.some((entry) => (entry as { kind?: string }).kind === 'timer');
    if (result === 'committed' && timer === true && before !== undefined)
      this.#before.set(unit.run.id, { at: this.#world().wall, root: before.root });
    return result;
  }

  override async claimDue(...asked: Parameters<MemoryEngineStore['claimDue']>): Promise<RunState[]> {
    for (const [id, { at, root }] of this.#before) {
      const run = this.runOf(id);
      const stored = this.runs.get(id);
      if (run === undefined || stored === undefined || this.#world().wall >= at) continue;
      this.#before.delete(id);
      if (run.endedAt !== undefined) continue;
      stored.state = JSON.stringify({ ...run, root });
      stored.dueAt = new Date(start).toISOString();
    }
    return super.claimDue(...asked);
  }
}

/** A process goes on with the run as it read it first. */
const staleVersion: PlantedBug = {
  name: 'stale version cached',
  process: ({ store }) => {
    const cache = new Map<string, RunState>();
    return {
      store: storeWith(store, {
        loadRun: async (id) => {
          const known = cache.get(id) ?? (await store.loadRun(id));
          if (known !== undefined) cache.set(id, known);
          return known;
        },
      }),
    };
  },
};

export const plantedBugs: readonly PlantedBug[] = [
  effectBeforeIntent,
  takenOverTwice,
  fenceIgnored,
  timerDeletedFirst,
  attemptInKey,
  acknowledgedEarly,
  journaledTwice,
  joinedTwice,
  signalLost,
  undoneTwice,
  outboxUnleased,
  firesAgain,
  staleVersion,
  ...saveAndRaceBugs,
];
