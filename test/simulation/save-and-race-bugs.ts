// Planted bugs in what runs before saves, in events that are told to all, and in who wins a race.
import { parallelElement } from '../../engine/elements/parallel.js';
import { updateRecordsElement } from '../../engine/elements/update-records.js';
import { waitElement } from '../../engine/elements/wait.js';
import type { ElementType, OutboxRow, Visit } from '../../engine/index.js';
import { MemoryEngineStore } from './memory-engine-store.js';
import { openGate } from './open-gate.js';
import { type PlantedBug, storeWith } from './planted-bug.js';
import { stampFlow } from './stamp-flow.js';

/** A process that is not the first on the store has not heard of the flow that runs before saves. */
const beforeSaveSkipped: PlantedBug = {
  name: 'before-save flow skipped after a restart',
  process: ({ store, life }) =>
    life.name.endsWith('.1')
      ? {}
      : {
          store: storeWith(store, {
            listFlows: async (filter) =>
              (await store.listFlows(filter)).filter(({ name }) => name !== stampFlow.name),
          }),
        },
};

/** What is saved is saved once more, with what runs before it. */
const beforeSaveTwice: PlantedBug = {
  name: 'before-save flow run twice',
  elements: [
    {
      ...updateRecordsElement,
      compile: (properties, at) => {
        const sound = updateRecordsElement.compile(properties as never, at);
        return {
          ...sound,
          enter: (visit) =>
            sound.enter(
              withRecords(visit, {
                ...visit.records,
                update: async (type, id, changes) => {
                  await visit.records.update(type, id, changes);
                  return visit.records.update(type, id, {});
                },
              }),
            ),
        };
      },
    } as ElementType<never>,
  ],
};

/** The visit with other records. */
const withRecords = (visit: Visit, records: Visit['records']): Visit =>
  new Proxy(visit, {
    get(target, name) {
      if (name === 'records') return records;
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });

/** Whether a run waits for a record is looked up before the unit that changes it is committed, not with it. */
const awaitedLookedUpBefore: PlantedBug = {
  name: 'change of an awaited record left out',
  process: ({ store, memory, world, life }) => ({
    store: storeWith(store, {
      commit: async (unit) => {
        if (unit.run.id !== openGate.name) return store.commit(unit);
        const outbox = unit.outbox.filter((row) => memory.isNeeded(row));
        await new Promise<void>((resolve) => world.after(60_000, resolve, life));
        return store.commit({ ...unit, outbox });
      },
    }),
  }),
};

/** An event that is told again, since its first telling was cut short, is another event. */
const eventToldTwice: PlantedBug = {
  name: 'event delivered to a run twice',
  memory: (types) => new RenamedEvents(types),
};

class RenamedEvents extends MemoryEngineStore {
  override async claimOutbox(now: string, until: string, limit: number): Promise<OutboxRow[]> {
    const rows = await super.claimOutbox(now, until, limit);
    return rows.map((row) =>
      row.topic === 'event' && row.attempt > 0 ? { ...row, id: `${row.id}#${row.attempt}` } : row,
    );
  }

  override ackOutbox(id: string): Promise<void> {
    return super.ackOutbox(toToldId(id));
  }

  override delayOutbox(id: string, claimAt: string): Promise<void> {
    return super.delayOutbox(toToldId(id), claimAt);
  }
}

const toToldId = (id: string): string => id.replace(/#\d+$/, '');

/** An event is forgotten when it is taken to be told, not when all have been told of it. */
const eventLost: PlantedBug = {
  name: 'event lost in the middle of its telling',
  memory: (types) => new ForgetfulEvents(types),
};

class ForgetfulEvents extends MemoryEngineStore {
  override async claimOutbox(now: string, until: string, limit: number): Promise<OutboxRow[]> {
    const rows = await super.claimOutbox(now, until, limit);
    for (const { id, topic } of rows) if (topic === 'event') this.outbox.delete(id);
    return rows;
  }
}

/** What has come in time is told of, in every way, as if the time had been over. */
const loserWins: PlantedBug = {
  name: 'loser declared the winner',
  elements: [
    {
      ...waitElement,
      compile: (properties, at) => {
        const sound = waitElement.compile(properties as never, at);
        const { events } = properties as { events: readonly { readonly name: string }[] };
        const hasTime = events.some(({ name }) => name === 'late');
        return {
          ...sound,
          resume: (visit, event) =>
            sound.resume!(
              visit,
              hasTime && event.kind === 'signal' ? { kind: 'timer', name: 'late' } : event,
            ),
        };
      },
    } as ElementType<never>,
  ],
};

/** Of two branches the one that has not ended is told of as the first. */
const loserJoins: PlantedBug = {
  name: 'loser declared the first of a join',
  elements: [
    {
      ...parallelElement,
      compile: (properties, at) => {
        const sound = parallelElement.compile(properties as never, at);
        const { branches, join } = properties as { branches: readonly { name: string }[]; join?: unknown };
        const other = (branch: string): string => branches.find(({ name }) => name !== branch)!.name;
        return {
          ...sound,
          resume: (visit, event) =>
            sound.resume!(
              visit,
              event.kind === 'branchEnded' && join === 'any'
                ? { ...event, branch: other(event.branch) }
                : event,
            ),
        };
      },
    } as ElementType<never>,
  ],
};

export const saveAndRaceBugs: readonly PlantedBug[] = [
  beforeSaveSkipped,
  beforeSaveTwice,
  awaitedLookedUpBefore,
  eventToldTwice,
  eventLost,
  loserWins,
  loserJoins,
];
