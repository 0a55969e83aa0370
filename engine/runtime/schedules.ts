// Starts scheduled flows. The time of the next occurrence is stored: each occurrence starts its flow once, whichever
// worker comes first, and those missed while no worker was there are made up for.
import { Cron } from 'croner';
import { RecourseError } from '../errors/recourse-error.js';
import { engineLimits } from '../limits.js';
import type { Schedule } from '../ports/engine-store.js';
import { toIso, toMs } from './instants.js';
import type { TriggeredFlow } from './active-triggers.js';
import { toTriggeredId, type TriggerParts, type Triggers } from './triggers.js';

export interface ScheduleParts extends Pick<TriggerParts, 'store' | 'active' | 'clock' | 'log' | 'user'> {
  readonly triggers: Triggers;
}

/** The first occurrence after an instant; undefined: there is none. */
export function nextOccurrence(
  cron: string,
  timeZone: string | undefined,
  after: string,
): string | undefined {
  // A pattern that is paused is only read: croner sets no timer for it.
  const pattern = new Cron(cron, { paused: true, mode: '5-part', timezone: timeZone ?? 'UTC' });
  const next = pattern.nextRun(new Date(toMs(after)));
  return next === null ? undefined : toIso(next.getTime());
}

export class Schedules {
  readonly #parts: ScheduleParts;

  constructor(parts: ScheduleParts) {
    this.#parts = parts;
  }

  /** Starts what is due; answers when the next occurrence is. */
  async run(): Promise<string | undefined> {
    const { active, log } = this.#parts;
    let least: string | undefined;
    for (const flow of await active.flows()) {
      if (flow.trigger.type !== 'schedule') continue;
      try {
        const next = await this.#runOne(flow, flow.trigger.cron, flow.trigger.timeZone);
        if (next !== undefined && (least === undefined || next < least)) least = next;
      } catch (error) {
        if (!(error instanceof RecourseError) || !error.retryable) throw error;
        log.warn({ flow: flow.ref.name, error: error.message }, 'an occurrence is started later');
      }
    }
    return least;
  }

  async #runOne(
    flow: TriggeredFlow,
    cron: string,
    timeZone: string | undefined,
  ): Promise<string | undefined> {
    const { store, clock, triggers, user } = this.#parts;
    const { name } = flow.ref;
    const pattern = `${cron} ${timeZone ?? 'UTC'}`;
    let schedule = await store.loadSchedule(name);
    const now = toIso(clock.now());
    if (schedule === undefined || schedule.pattern !== pattern) {
      return this.#put({ flow: name, pattern, nextAt: nextOccurrence(cron, timeZone, now) }, schedule);
    }
    schedule = await this.#withoutOldest(schedule, cron, timeZone, now);
    while (schedule?.nextAt !== undefined && schedule.nextAt <= now) {
      const at: string = schedule.nextAt;
      // The run first: a worker that dies here leaves the occurrence to the next one, which finds the run.
      const id = toTriggeredId(name, at);
      await triggers.startOnce({ flow: name, user, id, depth: 0, postpones: true });
      const next: Schedule = { flow: name, pattern, nextAt: nextOccurrence(cron, timeZone, at) };
      // Another worker has been faster; it goes on.
      if (!(await store.saveSchedule(next, schedule))) return (await store.loadSchedule(name))?.nextAt;
      schedule = next;
    }
    return schedule?.nextAt;
  }

  /** Of very many missed occurrences only the last ones are made up for. */
  async #withoutOldest(
    schedule: Schedule,
    cron: string,
    timeZone: string | undefined,
    now: string,
  ): Promise<Schedule | undefined> {
    const { store, log } = this.#parts;
    const kept: string[] = [];
    let missed = 0;
    for (let at = schedule.nextAt; at !== undefined && at <= now; at = nextOccurrence(cron, timeZone, at)) {
      kept.push(at);
      if (kept.length > engineLimits.missedOccurrencesMax) {
        kept.shift();
        missed += 1;
      }
    }
    if (missed === 0) return schedule;
    const { flow, pattern } = schedule;
    log.warn({ flow, missed }, 'occurrences were missed too long ago to be made up for');
    const next: Schedule = { flow, pattern, nextAt: kept[0] };
    return (await store.saveSchedule(next, schedule)) ? next : store.loadSchedule(flow);
  }

  async #put(next: Schedule, before: Schedule | undefined): Promise<string | undefined> {
    const { store } = this.#parts;
    if (await store.saveSchedule(next, before)) return next.nextAt;
    return (await store.loadSchedule(next.flow))?.nextAt;
  }
}
