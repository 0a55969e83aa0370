// Wakes runs for whom something has changed outside: a record that they wait for, or a hold that has ended.
import type { Json } from '../../definition/flow.js';
import { engineLimits } from '../../limits.js';
import type { EngineStore, OutboxRow } from '../../ports/engine-store.js';
import type { Subject, SubjectPort } from '../../ports/subjects.js';
import { awake } from '../units.js';
import type { Driver } from '../drive.js';
import type { RunChanges } from './run-changes.js';

export interface WakeUpsParts {
  readonly store: EngineStore;
  readonly driver: Driver;
  readonly changes: RunChanges;
  readonly subjects: SubjectPort | undefined;
}

export interface WakeUps {
  /** Wakes the runs that were held because of a record. */
  release(subject: Subject): Promise<number>;
  /** A record has changed, outside the engine or in another run. */
  recordChanged(type: string, id: string): Promise<void>;
  /** The engine's own part in a `record.changed` row. */
  wakeWaiting(row: OutboxRow): Promise<void>;
}

export function createWakeUps({ store, driver, changes, subjects }: WakeUpsParts): WakeUps {
  const release = async (subject: Subject): Promise<number> => {
    const runs = await store.listRuns({ status: 'held', subject, limit: engineLimits.claimBatch });
    for (const { id } of runs) {
      await driver.change(id, async (run) =>
        changes.noted(
          run.status === 'held' ? { ...awake(run), held: undefined } : run,
          { by: 'engine', reason: 'the hold has ended' },
          { released: true },
        ),
      );
      await driver.drainInbox(id);
    }
    return runs.length;
  };

  /** Wakes the held runs of a record once nothing holds it any more. */
  const releaseIfFree = async (subject: Subject): Promise<void> => {
    if (!(await store.hasHeld(subject))) return;
    const record = () => driver.records.read(subject.type, subject.id);
    if ((await subjects?.stateOf(subject, record))?.hold !== undefined) return;
    while ((await release(subject)) === engineLimits.claimBatch);
  };

  const tell = async (type: string, id: string, attempt: number): Promise<void> => {
    let after: string | undefined;
    for (;;) {
      const runs = await store.runsWaitingOn(`${type}:${id}`, engineLimits.claimBatch, after);
      for (const run of runs) {
        const item = driver.recordItem(run, type, id);
        await (attempt === 0 ? driver.deliver(item) : driver.recover(item));
      }
      after = runs.at(-1);
      if (runs.length < engineLimits.claimBatch) break;
    }
    await releaseIfFree({ type, id });
  };

  return {
    release,
    recordChanged: (type, id) => tell(type, id, 0),
    async wakeWaiting({ payload, attempt }) {
      const { type, id } = payload as { readonly [name: string]: Json };
      if (typeof type === 'string' && typeof id === 'string') await tell(type, id, attempt);
    },
  };
}
