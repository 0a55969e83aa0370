// Rows of the outbox that tell of changed records.
import type { Json } from '../../definition/flow.js';
import type { OutboxRow } from '../../ports/engine-store.js';
import type { RecordValue, RecordWrite } from '../../ports/records.js';
import { idOf, versionAfter } from './record-writes.js';
import type { StartingChanges } from '../starting-changes.js';
import type { RunState } from '../run-state.js';
import type { SegmentMoved, SegmentWorld } from '../segment/segment-task.js';

/** What a segment has written, and the rows that tell of it. */
export interface RecordChanges {
  readonly writes: readonly RecordWrite[];
  readonly rows: readonly OutboxRow[];
}

/** Rows that tell of changed records: waits and record-change flows hang on them. Where none can start, the waits may not be there. */
export function toChangeRows(
  run: RunState,
  writes: readonly RecordWrite[],
  records: SegmentMoved['records'],
  types: SegmentWorld['records']['types'],
  starts: StartingChanges,
  now: string,
): OutboxRow[] {
  return writes.flatMap((write) => {
    if (write.kind === 'touch') return [];
    const told = (value: RecordValue | undefined): Json =>
      value === undefined ? null : withoutOpaque(value, types.get(write.type)?.opaque);
    const id = idOf(write);
    const record = `${write.type}:${id}`;
    const changed = {
      type: write.type,
      change: write.kind,
      value: told('value' in write ? write.value : undefined),
      prior: told(records.storedOf(write.type, id)),
    };
    return [
      {
        id: `${run.id}:${record}:${versionAfter(write)}:changed`,
        run: run.id,
        topic: 'record.changed',
        key: `record:${record}`,
        payload: { id, depth: run.depth, ...changed },
        at: now,
        order: '',
        attempt: 0,
        claimAt: now,
        ...(starts.has(changed) ? {} : { ifAwaited: record }),
      },
    ];
  });
}

function withoutOpaque(value: RecordValue, opaque: string | undefined): Json {
  if (opaque === undefined) return value;
  const { [opaque]: _opaque, ...rest } = value;
  return rest;
}
