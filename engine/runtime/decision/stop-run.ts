// Decisions that stop a run or leave it stopped: at an incident, by a hold on its subject, or because it is stopped already.
import type { Json } from '../../definition/flow.js';
import type { EffectState } from '../../ports/engine-store.js';
import type { SubjectState } from '../../ports/subjects.js';
import type { Decision, EffectSituation, Situation, UnitDecision } from './decision.js';
import { toIncident } from './incidents.js';
import { consumes, mustBeKept, takes } from './item-rules.js';
import type { Incident, InboxItem, RunState } from '../run-state.js';
import { settle } from './settle-effect.js';
import { toItemEntry } from '../units.js';

/** What is written of a segment whatever it came to. */
export interface SegmentBase {
  readonly retries: RunState['retries'];
  readonly consumed: readonly InboxItem[];
}

/** Stops the run at an incident. The effect of the situation is settled with the item of the incident. */
export function stopAt(
  { run, item: { by }, effect, now }: Situation,
  incident: Incident,
  { retries, consumed }: SegmentBase,
): UnitDecision {
  const { item } = incident;
  return {
    kind: 'unit',
    changed: { ...run, status: 'incident', incident, dueAt: undefined, retries },
    parts: {
      now,
      by,
      consumed,
      entries: [
        ...(item === undefined ? [] : [toItemEntry(item)]),
        {
          incident: incident.kind,
          ...incident.place,
          code: incident.error.code,
          detail: incident.error.detail,
        },
      ],
      settlements: item === undefined || effect === undefined ? [] : settle(effect, item),
    },
  };
}

/** Stops a run that has had more segments than a run may have. */
export function stopAtLimit({ run, item, options, now }: Situation): Decision {
  const detail = `the run has had ${run.seq} segments`;
  const incident = toIncident('limit', 'run.limit-segments', detail, item, now);
  // Stopping it takes a segment, too; the one that stops it is the last.
  return options.kept === true
    ? { kind: 'stale', run }
    : stopAt({ run, item, options, effect: undefined, now }, incident, {
        retries: run.retries,
        consumed: [],
      });
}

/** The run stops until its subject is free; the item stays. */
export function hold({ run, item, options, effect, now }: Situation, subject: SubjectState): UnitDecision {
  const reason = subject.hold?.reason ?? '';
  const keeps = mustBeKept(item, options);
  return {
    kind: 'unit',
    keeps: true,
    changed: { ...run, status: 'held', held: { reason }, dueAt: undefined },
    parts: {
      now,
      by: item.by,
      entries: [toItemEntry(item), { held: reason }],
      // Lifted meanwhile, the hold would stop the run for ever: whoever lifts it has looked for held runs before.
      records: subject.guard === undefined ? [] : [subject.guard],
      settlements: effect === undefined ? [] : settle(effect, item),
      kept: keeps ? [item] : [],
    },
  };
}

/** A stopped run takes nothing; what can't come again is kept. */
export function keep({ run, item, options, effect, now }: Situation): Decision {
  if (!mustBeKept(item, options)) return { kind: 'stale', run };
  if (effect === undefined) {
    return takes(run, item) ? { kind: 'enqueue', run, item } : { kind: 'stale', run };
  }
  return {
    kind: 'unit',
    keeps: true,
    changed: run,
    parts: {
      now,
      by: item.by,
      entries: [{ ...(toItemEntry(item) as object), kept: true } as Json],
      settlements: settle(effect, item),
      kept: [item],
    },
  };
}

/** Nobody knows whether an effect happened: an operator says it. */
export const doubt = (situation: EffectSituation, detail: string): UnitDecision =>
  stopAtEffect(situation, toDoubt(situation, detail));

/** The incident of an effect of which nobody knows whether it happened. */
export function toDoubt({ item, effect, now }: EffectSituation, detail: string): Incident {
  const incident = toIncident('inDoubt', 'action.outcome-unknown', detail, item, now);
  return atEffect({ ...incident, inputs: { input: effect.input } }, effect);
}

/** What can't be undone is for an operator to look at, before anything older is undone. */
export const notUndone = (situation: EffectSituation, detail: string): UnitDecision =>
  stopAtEffect(situation, toNotUndone(situation, detail));

/** The incident of an effect that could not be undone. */
export function toNotUndone({ item, effect, now }: EffectSituation, detail: string): Incident {
  const incident = toIncident('effect', 'action.undo-failed', detail, item, now);
  return atEffect({ ...incident, inputs: { input: effect.input, output: effect.output ?? null } }, effect);
}

/** An operator finds there what it was called with. */
const atEffect = (incident: Incident, { frame, element, visit, id }: EffectState): Incident => ({
  ...incident,
  place: { frame, element, visit },
  effect: id,
});

function stopAtEffect(situation: EffectSituation, incident: Incident): UnitDecision {
  const { run, item, options } = situation;
  const consumed = consumes(item, options) ? [item] : [];
  return stopAt(situation, incident, { retries: run.retries, consumed });
}
