// The time of a scenario: it stands still, and goes on only when the scenario says so.
import type { Clock } from '../engine/index.js';

interface Alarm {
  readonly at: number;
  readonly order: number;
  readonly wake: () => void;
}

export class ScenarioClock implements Clock {
  #now: number;
  #order = 0;
  readonly #alarms = new Set<Alarm>();

  constructor(start: number) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  alarm(ms: number, wake: () => void): () => void {
    this.#order += 1;
    const alarm = { at: this.#now + Math.max(0, ms), order: this.#order, wake };
    this.#alarms.add(alarm);
    return () => {
      this.#alarms.delete(alarm);
    };
  }

  /** Goes to the next alarm until `until`, fires it and says so; else goes to `until`. */
  step(until: number): boolean {
    const [next] = [...this.#alarms]
      .filter(({ at }) => at <= until)
      .sort((left, right) => left.at - right.at || left.order - right.order);
    if (next === undefined) {
      this.#now = Math.max(this.#now, until);
      return false;
    }
    this.#now = Math.max(this.#now, next.at);
    this.#alarms.delete(next);
    next.wake();
    return true;
  }
}
