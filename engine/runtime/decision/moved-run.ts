// What is committed of a segment that moved its run.
import type { SubjectState } from '../../ports/subjects.js';
import { toAwaited } from './parked-records.js';
import type { RecordChanges } from './change-rows.js';
import type { Situation, UnitDecision } from './decision.js';
import { derive } from '../frames.js';
import { isOpen } from './item-rules.js';
import { toStuck, toTooLarge } from './incidents.js';
import type { LeftRetries } from './left-retries.js';
import { withGuard } from './record-writes.js';
import type { Compensation, Incident, PendingRetry, RunStatus } from '../run-state.js';
import type { SegmentMoved } from '../segment/segment-task.js';
import { type SegmentBase, stopAt } from './stop-run.js';
import { type Changed, toItemEntry } from '../units.js';

/** What goes into the unit beside what the segment has done to the run. */
export interface BesideMove extends Pick<SubjectState, 'guard'>, RecordChanges {
  /** What has become of the retries that have lost their place. */
  readonly left: LeftRetries;
}

/** Retries that have lost their place in a run that goes on. */
export const toLost = (
  retries: readonly PendingRetry[],
  { ended, root }: SegmentMoved,
): readonly PendingRetry[] => (ended === undefined ? retries.filter((retry) => !isOpen(root, retry)) : []);

/** The run as the segment leaves it; at an incident if nothing could move it ever again. */
export function moveRun(
  situation: Situation,
  end: SegmentMoved,
  base: SegmentBase,
  { guard, writes, rows, left }: BesideMove,
): UnitDecision {
  const { run, item, now } = situation;
  const { consumed } = base;
  const { ended } = end;
  const retries = ended === undefined ? base.retries.filter((retry) => !left.retries.includes(retry)) : [];
  const { status, dueAt, waitsOn, parked } = derive(end.root, retries);
  const stuck = ended === undefined && !parked && end.compensation === undefined;
  if (stuck) return stopAt(situation, takenBy(toStuck(run, item, now), end), base);
  const root = ended === undefined ? end.root : { ...end.root, activities: {} };
  const changed: Changed = {
    ...run,
    root,
    status: toStatus(ended, end.compensation, status),
    dueAt: ended === undefined ? dueAt : undefined,
    waitsOn: ended === undefined ? waitsOn : [],
    retries,
    endedAt: ended === undefined ? undefined : now,
    outputs: typeof ended === 'object' ? ended.outputs : undefined,
    compensation: end.compensation,
    incident: undefined,
    held: undefined,
    actor: end.actor === run.user ? undefined : end.actor,
  };
  const records = withGuard(writes, guard);
  return {
    kind: 'unit',
    changed,
    parts: {
      now,
      by: item.by,
      awaited: toAwaited(changed.waitsOn ?? [], records, end.records),
      consumed,
      entries: [toItemEntry(item), ...end.journal, ...left.entries],
      records,
      intents: end.intents,
      settlements: end.settlements,
      over: end.over,
      outbox: [...end.outbox, ...rows],
      // What was to be tried again with the outcome of an effect is not any more: the effect came late.
      kept: [
        ...left.kept,
        ...base.retries.flatMap((retry) =>
          retry.item.body.kind === 'outcome' && !retries.includes(retry)
            ? [{ ...retry.item, id: `${retry.item.id}:late` }]
            : [],
        ),
      ],
    },
    moved: { end, ifTooLarge: () => stopAt(situation, takenBy(toTooLarge(run, item, now), end), base) },
  };
}

const takenBy = (incident: Incident, { taken }: SegmentMoved): Incident =>
  taken.length === 0 ? incident : { ...incident, taken };

function toStatus(
  ended: SegmentMoved['ended'],
  compensation: Compensation | undefined,
  otherwise: RunStatus,
): RunStatus {
  if (ended === 'cancelled') return 'cancelled';
  if (ended !== undefined) return 'done';
  return compensation === undefined ? otherwise : 'compensating';
}
