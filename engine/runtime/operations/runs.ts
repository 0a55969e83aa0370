// Reading runs: one or many, their journal, and the work that is open in them.
import type { Clock } from '../../ports/clock.js';
import type { EngineStore, JournalChunk, RunFilter } from '../../ports/engine-store.js';
import { runErrors } from '../run-errors.js';
import type { RunState, RunUser } from '../run-state.js';
import { type OpenWork, openWorkOf, workKeysFor } from '../work.js';
import { within } from '../within.js';
import type { Worker } from '../worker.js';

export interface Runs {
  /** @throws {RecourseError} `run.unknown` */
  run(id: string): Promise<RunState>;
  runs(filter: RunFilter): Promise<RunState[]>;
  /** Work that a user may do or claim, after a run, of at most `limit` runs. */
  tasks(
    user: RunUser,
    page: { readonly after?: string; readonly limit: number },
  ): Promise<{ work: OpenWork[]; next: string | undefined }>;
  journal(run: string, after?: number, limit?: number): Promise<JournalChunk[]>;
  /** The run once it is not active any more, or as it is after `timeoutMs`. */
  settled(id: string, timeoutMs: number): Promise<RunState>;
}

const underWay: ReadonlySet<string> = new Set(['active', 'compensating']);

/** How often it is looked whether another worker has brought a run on. */
const lookMs = 1_000;

export function createRuns(store: EngineStore, worker: Worker, clock: Clock): Runs {
  const run = async (id: string): Promise<RunState> => {
    const found = await store.loadRun(id);
    if (found === undefined) throw runErrors.error('unknown', `there is no run ${id}`);
    return found;
  };
  return {
    run,

    runs: (filter) => store.listRuns(filter),

    async tasks(user, { after, limit }) {
      const keys = workKeysFor(user);
      // One more than asked for tells whether there is a next page.
      const found = await store.listRuns({
        work: keys,
        limit: limit + 1,
        ...(after === undefined ? {} : { after }),
      });
      const runs = found.slice(0, limit);
      return {
        work: runs.flatMap(openWorkOf).filter(({ assignee, claimedBy }) => {
          return claimedBy === null ? keys.includes(assignee) : claimedBy === user.id;
        }),
        next: found.length > limit ? runs.at(-1)?.id : undefined,
      };
    },

    journal: (id, after = 0, limit = 1_000) => store.journalOf(id, after, limit),

    async settled(id, timeoutMs) {
      let isOver = false;
      let cancel = (): void => {};
      const over = new Promise<undefined>((resolve) => {
        cancel = clock.alarm(timeoutMs, () => {
          isOver = true;
          resolve(undefined);
        });
      });
      let unwatch = (): void => {};
      const here = new Promise<RunState>((resolve) => {
        unwatch = worker.watch(id, (changed) => {
          if (!underWay.has(changed.status)) resolve(changed);
        });
      });
      try {
        // What this worker is driving will tell of itself; others may be driving it, too, and don't.
        const known = worker.known(id);
        let now = known !== undefined && underWay.has(known.status) ? known : await run(id);
        while (underWay.has(now.status) && !isOver) {
          now = (await within(clock, lookMs, Promise.race([here, over]))) ?? (await run(id));
        }
        return now;
      } finally {
        cancel();
        unwatch();
      }
    },
  };
}
