// A clock that stands still until the test moves it; alarms fire in order of their time.
import type { Clock } from '../../engine/index.js';

interface Alarm {
  readonly at: number;
  readonly order: number;
  readonly wake: () => void;
}

export class VirtualClock implements Clock {
  #now: number;
  #order = 0;
  readonly #alarms = new Set<Alarm>();

  constructor(start = Date.UTC(2026, 0, 1, 12)) {
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

  /** Forgets all alarms: whoever set them is gone. */
  forget(): void {
    this.#alarms.clear();
  }

  /** Sets the time without firing anything, back or forth. */
  set(ms: number): void {
    this.#now = ms;
  }

  /** Time of the next alarm, if there is one until `until`. */
  nextAlarm(until: number): number | undefined {
    let next: number | undefined;
    for (const { at } of this.#alarms) if (at <= until && (next === undefined || at < next)) next = at;
    return next;
  }

  /** Goes to `ms` and fires the alarms that are due by then; the answer says whether any did. */
  goTo(ms: number): boolean {
    this.#now = Math.max(this.#now, ms);
    const due = [...this.#alarms]
      .filter(({ at }) => at <= this.#now)
      .sort((left, right) => left.at - right.at || left.order - right.order);
    for (const alarm of due) {
      if (this.#alarms.delete(alarm)) alarm.wake();
    }
    return due.length > 0;
  }
}
