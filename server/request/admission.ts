// How many starts of flows are worked on at once. More of them would only wait, take memory, and be answered after their callers
// have given up: they are refused at once, and come again. How many is right, the work itself tells. Out of the blue come as
// many as a second or two will do; while more keep coming than a busy event loop gets done, as many as half a second does; and
// while it has time to spare, because they wait for something outside, more and more.
import { type EventLoopUtilization, performance } from 'node:perf_hooks';
import { runErrors } from '../../engine/runtime/run-errors.js';

export const admissionLimits = {
  least: 8,
  calm: 40,
  most: 128,
  growth: 1.5,
  patienceMs: 500,
  windowMs: 500,
  /** The share of its time that the event loop works from which on it is busy. */
  busy: 0.5,
} as const;
/** The share of a new window in what a start is taken to cost. */
const weight = 0.3;

/** Time, and what the event loop has done. */
export interface Load {
  /** In ms, from any beginning. */
  now(): number;
  /** Of the time since an earlier reading. */
  utilization(since?: EventLoopUtilization): EventLoopUtilization;
}

const processLoad: Load = {
  now: () => performance.now(),
  utilization: (since) => performance.eventLoopUtilization(since),
};

export class Admission {
  readonly #load: Load;
  #limit: number = admissionLimits.calm;
  /** By key; what is the same is done once, and takes one place. */
  readonly #underWay = new Map<string, number>();
  #costMs: number | undefined;
  #window: { since: number; load: EventLoopUtilization; ended: number; peak: number; refused: number };

  constructor(load: Load = processLoad) {
    this.#load = load;
    this.#window = this.#newWindow();
  }

  get limit(): number {
    return this.#limit;
  }

  /** @throws {RecourseError} `run.overloaded`; otherwise what the work throws */
  async admit<T>(key: string, work: () => Promise<T>): Promise<T> {
    if (this.#load.now() - this.#window.since >= admissionLimits.windowMs) this.#adapt();
    const underWay = this.#underWay;
    const same = underWay.get(key) ?? 0;
    if (same === 0 && underWay.size >= this.#limit) {
      this.#window.refused += 1;
      throw runErrors.error('overloaded', `${underWay.size} starts are being worked on`);
    }
    underWay.set(key, same + 1);
    this.#window.peak = Math.max(this.#window.peak, underWay.size);
    try {
      return await work();
    } finally {
      const left = (underWay.get(key) ?? 1) - 1;
      if (left === 0) underWay.delete(key);
      else underWay.set(key, left);
      this.#window.ended += 1;
    }
  }

  #adapt(): void {
    const { least, calm, most, growth, patienceMs, busy } = admissionLimits;
    const { load, ended, peak, refused } = this.#window;
    const { active, utilization } = this.#load.utilization(load);
    this.#window = this.#newWindow();
    if (utilization < busy) {
      this.#limit = Math.min(most, Math.round(Math.max(Math.min(calm, this.#limit * growth), peak * growth)));
    } else if (refused > 0 && ended > 0) {
      const costMs = active / ended;
      this.#costMs = this.#costMs === undefined ? costMs : this.#costMs + weight * (costMs - this.#costMs);
      this.#limit = Math.min(most, Math.max(least, Math.round(patienceMs / this.#costMs)));
    }
  }

  #newWindow() {
    const since = this.#load.now();
    return { since, load: this.#load.utilization(), ended: 0, peak: this.#underWay.size, refused: 0 };
  }
}
