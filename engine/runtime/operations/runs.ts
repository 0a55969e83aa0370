// Reading runs: one or many, their journal, and the work that is open in them.
import type { AssigneePort } from '../../ports/assignees.js';
import type { Clock } from '../../ports/clock.js';
import type { EngineStore, JournalChunk, RunFilter } from '../../ports/engine-store.js';
import { runErrors } from '../run-errors.js';
import type { RunState, RunUser } from '../run-state.js';
import { assigneeOf, type OpenWork, openWorkOf, workKeysFor } from '../work.js';
import { within } from '../within.js';
import type { Worker } from '../worker.js';

export interface Runs {
  /** @throws {RecourseError} `run.unknown` */
  run(id: string): Promise<RunState>;
  runs(filter: RunFilter): Promise<RunState[]>;
  /** Work that a user may do or claim, after a run, of at most `limit` runs. */
  tasks(user: RunUser, page: WorkPage): Promise<{ work: OpenWork[]; next: string | undefined }>;
  /** Tasks and approvals that are given to one of these, such as `group:agent`; as `tasks`. */
  tasksFor(
    assignees: readonly string[],
    page: WorkPage,
  ): Promise<{ work: OpenWork[]; next: string | undefined }>;
  journal(run: string, after?: number, limit?: number): Promise<JournalChunk[]>;
  /** The run once it is not active any more, or as it is after `timeoutMs`. */
  settled(id: string, timeoutMs: number): Promise<RunState>;
}

export interface WorkPage {
  readonly after?: string;
  readonly limit: number;
}

const underWay: ReadonlySet<string> = new Set(['active', 'compensating']);

/** How often it is looked whether another worker has brought a run on. */
const lookMs = 1_000;

export function createRuns(
  store: EngineStore,
  worker: Worker,
  clock: Clock,
  assignees: AssigneePort | undefined,
): Runs {
  const run = async (id: string): Promise<RunState> => {
    const found = await store.loadRun(id);
    if (found === undefined) throw runErrors.error('unknown', `there is no run ${id}`);
    return found;
  };
  const workOf = async (keys: readonly string[], { after, limit }: WorkPage) => {
    // One more than asked for tells whether there is a next page.
    const found = await store.runsWithWork(keys, limit + 1, after);
    const runs = found.slice(0, limit);
    return {
      work: runs.flatMap(openWorkOf),
      next: found.length > limit ? runs.at(-1)?.id : undefined,
    };
  };
  /** Asks whether whoever has claimed it may do it still, once of each; nobody else can claim it then. */
  const toIsHeld = () => {
    const known = new Map<string, boolean>();
    return async ({ assignee, claimedBy }: OpenWork): Promise<boolean> => {
      if (claimedBy === null) return false;
      const key = `${assignee} ${claimedBy}`;
      const isHeld =
        known.get(key) ?? (await assignees?.includes(...assigneeOf(assignee), claimedBy)) ?? true;
      known.set(key, isHeld);
      return isHeld;
    };
  };
  return {
    run,

    runs: (filter) => store.listRuns(filter),

    async tasks(user, page) {
      const keys = workKeysFor(user);
      const { work, next } = await workOf(keys, page);
      const isHeld = toIsHeld();
      const mine: OpenWork[] = [];
      for (const each of work) {
        const isFree = keys.includes(each.assignee) && !(await isHeld(each));
        if (each.claimedBy === user.id || isFree) mine.push(each);
      }
      return { work: mine, next };
    },

    async tasksFor(wanted, page) {
      const { work, next } = await workOf(wanted, page);
      const given = new Set(wanted);
      return { work: work.filter(({ kind, assignee }) => kind !== 'screen' && given.has(assignee)), next };
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
