// A parked run may wait for records that have changed while it was being parked.
import type { Unit } from '../../ports/engine-store.js';
import type { RecordsPort } from '../../ports/records.js';
import { isEventKey } from '../frames.js';
import { idOf } from './record-writes.js';
import type { InboxItem } from '../run-state.js';
import type { SegmentMoved } from '../segment/segment-task.js';

/** The records that a run waits for and that are not as its segment has seen or left them. */
export async function* changedWhileParking(
  { run: { waitsOn }, records: writes }: Unit,
  item: InboxItem,
  end: SegmentMoved,
  records: RecordsPort,
): AsyncGenerator<{ readonly type: string; readonly id: string }> {
  if (waitsOn.length === 0) return;
  // The guard of its subject has raised the version of that record, too.
  const written = new Set(writes.map((write) => `${write.type}:${idOf(write)}`));
  for (const key of waitsOn) {
    if (isEventKey(key)) continue;
    const split = key.indexOf(':');
    const type = key.slice(0, split);
    const id = key.slice(split + 1);
    const seen = end.records.versionOf(type, id);
    if (seen === undefined && item.body.kind === 'record') continue;
    const stored = (await records.read(type, id))?.version;
    if (stored !== (seen === undefined || !written.has(key) ? seen : seen + 1)) yield { type, id };
  }
}
