// Tells the runs that wait for an event that it has come. The row of the outbox that tells of it may come twice, also after
// a crash half-way; the id of each run's item follows from it, so a run takes it once.
import type { Json } from '../definition/flow.js';
import { RecourseError } from '../errors/recourse-error.js';
import { engineLimits } from '../limits.js';
import type { EngineStore, OutboxRow } from '../ports/engine-store.js';
import type { Logger } from '../ports/logger.js';
import type { Driver } from './drive.js';
import { eventKey } from './frames.js';
import type { InboxItem } from './run-state.js';
import { isStartedBy } from './triggers.js';

export interface EventWaitsParts {
  readonly store: EngineStore;
  readonly driver: Driver;
  readonly log: Logger;
}

export class EventWaits {
  readonly #parts: EventWaitsParts;

  constructor(parts: EventWaitsParts) {
    this.#parts = parts;
  }

  /** @throws {RecourseError} retryable ones, after all runs were tried: the row is to be delivered again */
  async eventCame(row: OutboxRow): Promise<void> {
    const { event, key } = toldBy(row);
    if (event === '') return;
    const failures: unknown[] = [];
    for (const waited of [eventKey(event), eventKey(event, key)]) {
      for await (const runs of this.#waitingOn(waited)) {
        const told = await Promise.allSettled(runs.map((run) => this.#tell(run, row)));
        for (const one of told) if (one.status === 'rejected') failures.push(one.reason);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  /** Pages go on after an id: runs that have taken the event, or go on waiting, are not met again. */
  async *#waitingOn(key: string): AsyncGenerator<readonly string[]> {
    const { store } = this.#parts;
    let after: string | undefined;
    for (;;) {
      const runs = await store.runsWaitingOn(key, engineLimits.claimBatch, after);
      if (runs.length > 0) yield runs;
      after = runs.at(-1);
      if (runs.length < engineLimits.claimBatch) return;
    }
  }

  /** A run takes no event that it has told of itself or was started by. */
  async #tell(run: string, row: OutboxRow): Promise<void> {
    if (row.run === run || isStartedBy(run, row.id)) return;
    const { driver, log } = this.#parts;
    try {
      const item: InboxItem = {
        id: `${run}:event:${row.id}`,
        run,
        body: { kind: 'event', ...toldBy(row) },
        by: 'engine',
        at: driver.now,
      };
      await (row.attempt === 0 ? driver.deliver(item) : driver.recover(item));
    } catch (error) {
      if (!(error instanceof RecourseError) || error.retryable) throw error;
      log.error({ run, code: error.code, error: error.message }, 'a run could not be told of an event');
    }
  }
}

/** What a row tells. One from outside names its key; of one that a run tells, rows in order have it. */
function toldBy({ key: order, payload: told }: OutboxRow): { event: string; key: string; payload: Json } {
  const {
    event = '',
    key = order,
    payload = null,
  } = told as {
    readonly event?: string;
    readonly key?: string;
    readonly payload?: Json;
  };
  return { event, key, payload };
}
