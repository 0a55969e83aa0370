// Delivers rows of the outbox: at least once, in order per key, under their stable id.
import { engineLimits } from '../limits.js';
import type { Clock } from '../ports/clock.js';
import type { EngineStore, OutboxRow } from '../ports/engine-store.js';
import type { Logger } from '../ports/logger.js';
import type { Driver } from './drive.js';
import { toIso } from './instants.js';
import { within } from './within.js';

/** Takes a row; what throws is tried again later, so the receiver drops what it has seen by the row's id. */
export type OutboxHandler = (row: OutboxRow) => Promise<void>;

export interface OutboxParts {
  readonly store: EngineStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly driver: Driver;
  readonly handlers: ReadonlyMap<string, readonly OutboxHandler[]>;
}

export class OutboxDispatcher {
  readonly #parts: OutboxParts;
  readonly #inFlight = new Set<string>();
  #running = false;
  #again = false;
  #stopped = false;

  constructor(parts: OutboxParts) {
    this.#parts = parts;
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Delivers what is due, soon. */
  kick(): void {
    if (this.#stopped) return;
    this.#again = true;
    if (this.#running) return;
    this.#running = true;
    this.#parts.driver.inBackground(
      this.#run().finally(() => {
        this.#running = false;
      }),
      'the outbox',
    );
  }

  async #run(): Promise<void> {
    const { store, clock } = this.#parts;
    while (this.#again && !this.#stopped) {
      this.#again = false;
      const room = engineLimits.claimBatch - this.#inFlight.size;
      if (room <= 0) return;
      const now = clock.now();
      const rows = await store.claimOutbox(toIso(now), toIso(now + engineLimits.leaseMs), room);
      // One whose lease has ended is still being delivered here; it is looked again when it is gone.
      const fresh = rows.filter(({ id }) => !this.#inFlight.has(id));
      await this.#patiently(fresh);
      // The next row of a key can be claimed once the one before is gone.
      if (fresh.length > 0) this.#again = true;
    }
  }

  /** Delivers rows, and leaves behind those that take long: they must not hold up the rows of other keys. */
  async #patiently(rows: readonly OutboxRow[]): Promise<void> {
    const { clock, driver } = this.#parts;
    if (rows.length === 0) return;
    const delivered = Promise.all(rows.map((row) => this.#begin(row)));
    const inTime = await within(clock, engineLimits.outboxPatienceMs, delivered);
    if (inTime === undefined) driver.inBackground(delivered, 'the outbox');
  }

  /** When a row is gone that others were not kept waiting for, there may be room, and another one of its key. */
  async #begin(row: OutboxRow): Promise<void> {
    this.#inFlight.add(row.id);
    try {
      await this.#deliver(row);
    } finally {
      this.#inFlight.delete(row.id);
      this.kick();
    }
  }

  async #deliver(row: OutboxRow): Promise<void> {
    const { store, clock, handlers, log } = this.#parts;
    try {
      for (const handle of handlers.get(row.topic) ?? []) await handle(row);
    } catch (error) {
      const delayMs = Math.min(
        engineLimits.outboxDelayMsMin * 2 ** row.attempt,
        engineLimits.outboxDelayMsMax,
      );
      log.warn(
        { row: row.id, topic: row.topic, error: error instanceof Error ? error.message : String(error) },
        'not delivered',
      );
      await store.delayOutbox(row.id, toIso(clock.now() + delayMs));
      return;
    }
    await store.ackOutbox(row.id);
  }
}
