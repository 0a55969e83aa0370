// A clock that stands still until the test moves it, back as well as forth; alarms fire in order of their time.
import { ScenarioClock } from '../../scenarios/scenario-clock.js';

export class VirtualClock extends ScenarioClock {
  constructor(start = Date.UTC(2026, 0, 1, 12)) {
    super(start);
  }

  /** Forgets all alarms: whoever set them is gone. */
  forget(): void {
    this.alarms.clear();
  }

  /** Sets the time without firing anything, back or forth. */
  set(ms: number): void {
    this.current = ms;
  }

  /** Time of the next alarm, if there is one until `until`. */
  nextAlarm(until: number): number | undefined {
    let next: number | undefined;
    for (const { at } of this.alarms) if (at <= until && (next === undefined || at < next)) next = at;
    return next;
  }

  /** Goes to `ms` and fires the alarms that are due by then; the answer says whether any did. */
  goTo(ms: number): boolean {
    this.current = Math.max(this.current, ms);
    const due = this.dueBy(this.current);
    for (const alarm of due) {
      if (this.alarms.delete(alarm)) alarm.wake();
    }
    return due.length > 0;
  }
}
