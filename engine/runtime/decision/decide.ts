// Decides what an item comes to: a unit to be committed, something to be kept, or a refusal. It writes nothing.
import type { FlowVersions } from '../../definition/versions.js';
import { engineLimits } from '../../limits.js';
import type { SeenRecord } from '../../ports/engine-store.js';
import type { Logger } from '../../ports/logger.js';
import type { SubjectPort, SubjectState } from '../../ports/subjects.js';
import { leaseUntil, toClaim } from '../claim.js';
import { type RecordChanges, toChangeRows } from './change-rows.js';
import type { Decision, EffectSituation, Situation, UnitDecision } from './decision.js';
import type { Refusal, Refused } from './delivery.js';
import { ofRun, toIncident, toTooLarge } from './incidents.js';
import { signalOf } from '../declared-signals.js';
import { toRefused } from './refused-fault.js';
import { derive } from '../frames.js';
import { toIso } from '../instants.js';
import { consumes, isOpen, isResolution, needsOperator, toKept } from './item-rules.js';
import { settleLate } from './late-effect.js';
import { withLeftOpen, withoutLeftOpen } from './left-open.js';
import { type LeftRetries, leaveRetries } from './left-retries.js';
import { moveRun, toLost } from './moved-run.js';
import { besideRetry, isSame } from '../retry.js';
import { runErrors } from '../run-errors.js';
import {
  endedStatuses,
  type InboxItem,
  type PendingRetry,
  type RunState,
  stoppedStatuses,
} from '../run-state.js';
import { canBeUndone } from '../segment/compensation.js';
import { isTaken, runSegment } from '../segment/segment.js';
import type { SegmentEnd, SegmentMoved, SegmentWorld } from '../segment/segment-task.js';
import { isLate, isSettledAlready, settle } from './settle-effect.js';
import {
  doubt,
  hold,
  keep,
  notUndone,
  type SegmentBase,
  stopAt,
  stopAtLimit,
  toDoubt,
  toNotUndone,
} from './stop-run.js';
import type { StartingChanges } from '../starting-changes.js';
import { awake, toItemEntry } from '../units.js';

export interface DeciderParts {
  readonly world: SegmentWorld;
  readonly versions: FlowVersions;
  readonly subjects: SubjectPort | undefined;
  readonly log: Logger;
  /** Name of this worker. */
  readonly owner: string;
  readonly refused?: (refusal: Refusal) => void;
  /** Changes of records that must be told, whether or not a run waits for them. @throws {RecourseError} `store.*` when it can't be read */
  readonly starts: () => StartingChanges | Promise<StartingChanges>;
}

/** The state of a subject, and its record if that was read to know it. */
interface SubjectSeen extends SubjectState {
  readonly seen?: SeenRecord;
}

export class Decider {
  readonly #parts: DeciderParts;

  constructor(parts: DeciderParts) {
    this.#parts = parts;
  }

  /** What an item comes to. @throws {RecourseError} `store.*` when the store can't be read */
  async decide(given: Omit<Situation, 'now'>): Promise<Decision> {
    const situation = { now: this.#now, ...given };
    const decision = await this.#decide(situation);
    if (decision.kind === 'stale') return this.#withoutRetry(situation, decision);
    return decision.kind === 'unit' ? this.told(situation.run, decision) : decision;
  }

  /** What a start would come to; nothing is written. @throws {RecourseError} what the start would be refused with */
  async preview(item: InboxItem, run: RunState): Promise<SegmentMoved> {
    const { hold, seen } = await this.#subjectOf(run);
    if (hold !== undefined) throw runErrors.error('held', hold.reason);
    const { owner } = this.#parts;
    const end = await runSegment(this.#parts.world, {
      run,
      item,
      ...(seen === undefined ? {} : { seen }),
      owner,
      leaseUntil: leaseUntil(this.#parts.world.clock),
    });
    switch (end.kind) {
      case 'moved':
        return end;
      case 'refused':
        throw end.error;
      case 'incident':
        throw toRefused(end) ?? runErrors.error('preview-failed', end.incident.error.detail);
      default:
        throw runErrors.error('preview-failed', 'what it asks can not be had now');
    }
  }

  async #decide(situation: Situation): Promise<Decision> {
    const { run, item, options } = situation;
    if (options.seq !== undefined && options.seq !== run.seq) return { kind: 'stale', run };
    const pending = options.retry;
    if (options.postpones === true) return postpone(situation);
    if (pending !== undefined && !run.retries.some((retry) => isSame(retry, pending)))
      return { kind: 'stale', run };
    if (hasEffect(situation)) {
      const decision = this.#decideEffect(situation);
      if (decision !== undefined) return decision;
    } else if (endedStatuses.has(run.status)) {
      return { kind: 'stale', run };
    } else if (stoppedStatuses.has(run.status) && !isResolution(run, item, undefined)) {
      return (await this.#beforeItIsKept(situation)) ?? keep(await this.#toKept(situation));
    } else if ('effect' in item.body) {
      return unknownEffect(situation, item.body.effect);
    }

    const subject = await this.#subjectOf(run);
    if (subject.hold !== undefined && options.refusesFaults === true && run.seq === 0)
      return { kind: 'refused', error: runErrors.error('held', subject.hold.reason) };
    if (subject.hold !== undefined && hasToMove(situation))
      return staysStopped(run, `it would be held, ${subject.hold.reason}`);
    if (subject.hold !== undefined)
      return (
        (await this.#beforeItIsKept(situation)) ??
        hold({ ...(await this.#toKept(situation)), now: this.#now }, subject)
      );
    if (run.seq >= engineLimits.segmentsPerRunMax) {
      if (hasToMove(situation)) return staysStopped(run, `it has had ${run.seq} segments`);
      return stopAtLimit({ ...situation, now: this.#now });
    }
    return this.#runSegment(situation, subject);
  }

  /** The situation with its item as the run keeps it. */
  async #toKept(situation: Situation): Promise<Situation> {
    const { run, item, options } = situation;
    if (options.kept === true) return situation;
    return { ...situation, item: toKept(run, item, await this.#isBuffered(run, item)) };
  }

  /** Whether an item is a signal that waits for its wait. */
  async #isBuffered(run: RunState, { body }: InboxItem): Promise<boolean> {
    if (body.kind !== 'signal') return false;
    return (await signalOf(this.#parts.versions, run, body.signal))?.buffered === true;
  }

  /**
   * What is decided at once of an item that comes while the run is stopped. An answer is refused: later there is nobody to
   * be told. Of signals and events only those are kept that would be taken; a buffered signal is kept by whoever has brought it.
   */
  async #beforeItIsKept({ run, item, options }: Situation): Promise<Decision | undefined> {
    const { kind } = item.body;
    // What is tried again has been taken.
    if (options.kept === true || options.retry !== undefined) return undefined;
    if (kind !== 'answer' && kind !== 'event' && kind !== 'signal') return undefined;
    const { owner, world } = this.#parts;
    const task = { run, item, owner, leaseUntil: leaseUntil(world.clock) };
    if (kind !== 'answer') return (await isTaken(world, task)) ? undefined : { kind: 'stale', run };
    const end = await runSegment(world, task);
    // An answer to what has been answered, which is to be tried again.
    if (end.kind === 'stale') return { kind: 'stale', run };
    return end.kind === 'refused' ? end : undefined;
  }

  /** What an effect's end comes to by itself; undefined: the run takes it. */
  #decideEffect(situation: EffectSituation): Decision | undefined {
    const { run, item, options, effect } = situation;
    const { body } = item;
    if (isSettledAlready(run, effect, item, options)) return { kind: 'stale', run };
    if (endedStatuses.has(run.status)) return this.#late(situation);
    if (isLate(run, effect, item) && !needsOperator(item)) return this.#late(situation);
    if (stoppedStatuses.has(run.status) && !isResolution(run, item, effect)) return keep(situation);
    if (body.kind === 'inDoubt') return doubt(situation, body.detail);
    if (body.kind === 'undone' && needsOperator(item))
      return notUndone(situation, body.detail ?? 'it could not be undone');
    return undefined;
  }

  /** Runs the segment that takes the item. */
  async #runSegment(before: Situation, subject: SubjectSeen): Promise<Decision> {
    const { run, item, options, effect } = before;
    const { retry: pending } = options;
    const { seen } = subject;
    const end = await runSegment(this.#parts.world, {
      run,
      item,
      ...(seen === undefined ? {} : { seen }),
      ...(effect === undefined ? {} : { effect }),
      ...(pending === undefined ? {} : { retry: pending }),
      owner: this.#parts.owner,
      leaseUntil: leaseUntil(this.#parts.world.clock),
    });
    const situation = { ...before, now: this.#now };
    const retries = besideRetry(run.retries, pending);
    const base = { retries, consumed: consumes(item, options) ? [item] : [] };
    switch (end.kind) {
      case 'stale':
        return { kind: 'stale', run };
      case 'refused':
        return end;
      case 'retry':
        if (hasToMove(situation))
          return staysStopped(run, `${end.retry.place.element} failed, and would be tried again`);
        return retryLater(situation, end, base);
      case 'incident':
        if (hasToMove(situation)) {
          const { place, error } = end.incident;
          return staysStopped(run, `${place.element} failed: ${error.detail}`);
        }
        if (options.refusesFaults === true) {
          const error = toRefused(end);
          if (error?.entry.who === 'caller') {
            this.#parts.refused?.({ run, error, trace: end.incident.trace });
            return { kind: 'refused', error };
          }
        }
        return stopAt(situation, end.incident, base);
      case 'moved': {
        const error = options.accepts?.(end);
        if (error !== undefined) return { kind: 'refused', error };
        const moved = moveRun(situation, end, base, {
          ...subject,
          ...(await this.#toChanges(situation, end)),
          left: await this.#leave(run, toLost(base.retries, end)),
        });
        if (!hasToMove(situation)) return moved;
        const { incident } = moved.changed;
        if (incident !== undefined) return staysStopped(run, incident.error.detail);
        const { detail } = toTooLarge(run, item, situation.now).error;
        return { ...moved, moved: { end, ifTooLarge: () => staysStopped(run, detail) } };
      }
    }
  }

  #leave(run: RunState, retries: readonly PendingRetry[]): Promise<LeftRetries> {
    return leaveRetries(retries, (item) => this.#isBuffered(run, item));
  }

  async #toChanges({ run, now }: Situation, { records }: SegmentMoved): Promise<RecordChanges> {
    const writes = records.writes(`${run.id}:${run.seq}`);
    if (writes.length === 0) return { writes, rows: [] };
    const { starts, world } = this.#parts;
    return { writes, rows: toChangeRows(run, writes, records, world.records.types, await starts(), now) };
  }

  /** The state of what a run acts on; flows that look after holds are not stopped by one. */
  async #subjectOf({ subject, flow }: RunState): Promise<SubjectSeen> {
    const { subjects, versions, world } = this.#parts;
    if (subject === undefined || subjects === undefined) return {};
    let seen: SubjectSeen['seen'];
    const { hold, ...state } = await subjects.stateOf(subject, async () => {
      const { type, id } = subject;
      seen = { type, id, seen: await world.records.read(type, id) };
      return seen.seen;
    });
    const free = seen === undefined ? state : { ...state, seen };
    if (hold === undefined) return free;
    const { trigger } = (await versions.compiled(flow)).definition.start;
    return trigger.type === 'action' && trigger.whileHeld === true ? free : { ...free, hold };
  }

  /** A retry that nobody waits for any more is forgotten, or it would be due for ever. */
  async #withoutRetry({ run, item, options: { retry } }: Situation, stale: Decision): Promise<Decision> {
    if (retry === undefined || stoppedStatuses.has(run.status)) return stale;
    const retries = besideRetry(run.retries, retry);
    if (retries.length === run.retries.length || endedStatuses.has(run.status)) return stale;
    const { kept, entries } = await this.#leave(run, [retry]);
    return {
      kind: 'unit',
      changed: awake({ ...run, retries }),
      parts: { now: this.#now, by: item.by, kept, entries },
    };
  }

  #late(situation: EffectSituation): Decision {
    const { run, item, effect } = situation;
    const { world, owner, log } = this.#parts;
    const undoes = canBeUndone(world.registries.actions.get(effect.action));
    const decision = settleLate(situation, undoes ? toClaim(world.clock, owner) : undefined);
    if (decision.kind !== 'unit') return decision;
    const settled = withoutLeftOpen(decision.changed as RunState, effect.id);
    if (!needsOperator(item)) return { ...decision, changed: settled };
    // A run that has ended can't stop at an incident.
    const { body } = item;
    const isDoubt = body.kind === 'inDoubt';
    const what = isDoubt ? 'in doubt' : 'could not be undone';
    log.error({ run: run.id, effect: effect.id }, `${what}, and its run has ended`);
    const detail = 'detail' in body ? (body.detail ?? '') : '';
    const incident = isDoubt
      ? toDoubt(situation, detail)
      : toNotUndone(situation, detail === '' ? 'it could not be undone' : detail);
    return { ...decision, changed: withLeftOpen(settled, incident) };
  }

  /** The decision, after the log was told of an incident that the run has not had before. */
  told(run: RunState, decision: UnitDecision): UnitDecision {
    const { incident } = decision.changed;
    if (incident !== undefined && incident !== run.incident) {
      this.#parts.log.warn(
        { run: run.id, flow: run.flow.name, code: incident.error.code, ...incident.place },
        'the run stopped at an incident',
      );
    }
    return decision;
  }

  get #now(): string {
    return toIso(this.#parts.world.clock.now());
  }
}

const hasEffect = (situation: Situation): situation is EffectSituation => situation.effect !== undefined;

/** What an operator gives instead of what has stopped the run: another incident must not hide that. */
const hasToMove = ({ run, options }: Situation): boolean =>
  options.accepts !== undefined && run.incident !== undefined;

const staysStopped = ({ id, status }: RunState, detail: string): Refused => ({
  kind: 'refused',
  error: runErrors.error('operation-refused', `the run ${id} is ${status}, and stays so: ${detail}`, {
    data: { status },
  }),
});

/** What was to be tried again can't be if nothing is known of its effect any more: an operator moves the run on. */
function unknownEffect({ run, item, options, effect, now }: Situation, id: string): Decision {
  const { retry } = options;
  if (retry === undefined || !isOpen(run.root, retry)) return { kind: 'stale', run };
  const incident = toIncident('fault', 'run.effect-unknown', `the run has no effect ${id}`, item, now);
  const base = { retries: besideRetry(run.retries, retry), consumed: [] };
  return stopAt({ run, item, options, effect, now }, incident, base);
}

/** The run is written as it begins; its first segment is due at once. */
function postpone({ run, item, now }: Situation): UnitDecision {
  const retries = [{ place: ofRun, at: now, attempt: 1, item }];
  const { status, dueAt } = derive(run.root, retries);
  return {
    kind: 'unit',
    changed: { ...run, status, retries, dueAt },
    parts: { now, by: item.by, entries: [{ ...(toItemEntry(item) as object), postponed: true }] },
  };
}

/** The segment is run again later, with the same item. */
function retryLater(
  { run, item, effect, now }: Situation,
  end: Extract<SegmentEnd, { kind: 'retry' }>,
  base: SegmentBase,
): UnitDecision {
  const retries = [...base.retries, end.retry];
  return {
    kind: 'unit',
    changed: { ...awake({ ...run, retries }), incident: undefined },
    parts: {
      now,
      by: item.by,
      consumed: base.consumed,
      entries: [toItemEntry(item), { retry: end.retry.attempt, at: end.retry.at }, ...end.journal],
      // The item stays, but its effect has ended: nobody must take it for lost.
      settlements: effect === undefined ? [] : settle(effect, item),
    },
  };
}
