// Removes what nobody asks for any more: consumed items and settled effects of runs that ended long ago, and events that came
// long ago, a bounded number each time. Runs and their journal stay.
import { engineLimits } from '../limits.js';
import type { Clock } from '../ports/clock.js';
import type { EngineStore } from '../ports/engine-store.js';
import { toIso } from './instants.js';

const swept = ['inbox', 'effects', 'events'] as const;

export class Retention {
  readonly #store: EngineStore;
  readonly #clock: Clock;
  readonly #retentionMs: number;
  /** Where the last look ended. */
  readonly #after: Partial<Record<(typeof swept)[number], string | undefined>> = {};
  #sweptAt: number;

  constructor(store: EngineStore, clock: Clock, retentionMs: number) {
    this.#store = store;
    this.#clock = clock;
    this.#retentionMs = retentionMs;
    this.#sweptAt = clock.now();
  }

  /** Looks at the next ones, unless it has done so a short while ago; answers how many were removed. */
  async run(): Promise<number> {
    const now = this.#clock.now();
    if (Math.abs(now - this.#sweptAt) < engineLimits.retentionSweepMs) return 0;
    this.#sweptAt = now;
    const before = toIso(now - this.#retentionMs);
    let removed = 0;
    for (const what of swept) {
      const looked = await this.#store.sweep(what, before, this.#after[what], engineLimits.retentionBatch);
      this.#after[what] = looked.next;
      removed += looked.removed;
    }
    return removed;
  }
}
