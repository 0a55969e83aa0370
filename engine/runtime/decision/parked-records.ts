// A parked run may wait for records that have changed while it was being parked. A store that leaves out what is told of records
// nobody waits for refuses to park it then; with others it is looked at once it is parked.
import type { SeenRecord, Unit } from '../../ports/engine-store.js';
import type { RecordsPort, RecordWrite } from '../../ports/records.js';
import { isEventKey } from '../frames.js';
import { idOf, versionAfter } from './record-writes.js';
import type { InboxItem } from '../run-state.js';
import type { SegmentMoved } from '../segment/segment-task.js';

const keyOf = (write: RecordWrite): string => `${write.type}:${idOf(write)}`;

/** Type and id of the records among what a run waits for. */
function* recordsOf(waitsOn: readonly string[]) {
  for (const key of waitsOn) {
    if (isEventKey(key)) continue;
    const split = key.indexOf(':');
    yield { key, type: key.slice(0, split), id: key.slice(split + 1) };
  }
}

/** The records that a run waits for, as its segment has seen them; what it writes itself is guarded as written. */
export function toAwaited(
  waitsOn: readonly string[],
  writes: readonly RecordWrite[],
  records: SegmentMoved['records'],
): SeenRecord[] {
  if (waitsOn.length === 0) return [];
  const written = new Set(writes.map(keyOf));
  return [...recordsOf(waitsOn)].flatMap(({ key, type, id }) => {
    const seen = records.seenOf(type, id);
    // One that this segment has not looked at was waited for before: its changes are told.
    return seen === undefined || written.has(key) ? [] : [{ type, id, seen: seen.record }];
  });
}

/** The records that a run waits for and that are not as its segment has seen or left them. */
export async function* changedWhileParking(
  { run: { waitsOn }, records: writes }: Unit,
  item: InboxItem,
  seenBySegment: SegmentMoved['records'],
  records: RecordsPort,
): AsyncGenerator<{ readonly type: string; readonly id: string }> {
  // The guard of its subject has raised the version of that record, too.
  const written = new Map(writes.map((write) => [keyOf(write), versionAfter(write)]));
  for (const { key, type, id } of recordsOf(waitsOn)) {
    const seen = seenBySegment.seenOf(type, id);
    if (seen === undefined && item.body.kind === 'record') continue;
    const expected = written.get(key) ?? seen?.record?.version;
    if ((await records.read(type, id))?.version !== expected) yield { type, id };
  }
}
