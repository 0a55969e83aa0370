// The time of a scenario: it stands still, and goes on only when the scenario says so.
import type { Clock } from '../engine/index.js';

interface Alarm {
  readonly at: number;
  readonly order: number;
  readonly wake: () => void;
}

export class ScenarioClock implements Clock {
  protected current: number;
  #order = 0;
  protected readonly alarms = new Set<Alarm>();

  constructor(start: number) {
    this.current = start;
  }

  now(): number {
    return this.current;
  }

  alarm(ms: number, wake: () => void): () => void {
    this.#order += 1;
    const alarm = { at: this.current + Math.max(0, ms), order: this.#order, wake };
    this.alarms.add(alarm);
    return () => {
      this.alarms.delete(alarm);
    };
  }

  /** Goes to the next alarm until `until`, fires it and says so; else goes to `until`. */
  step(until: number): boolean {
    const [next] = this.dueBy(until);
    if (next === undefined) {
      this.current = Math.max(this.current, until);
      return false;
    }
    this.current = Math.max(this.current, next.at);
    this.alarms.delete(next);
    next.wake();
    return true;
  }

  /** Alarms until then, in the order of their time. */
  protected dueBy(until: number): Alarm[] {
    return [...this.alarms]
      .filter(({ at }) => at <= until)
      .sort((left, right) => left.at - right.at || left.order - right.order);
  }
}
