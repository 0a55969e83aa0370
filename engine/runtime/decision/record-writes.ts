// What the writes of a unit are about.
import type { RecordWrite } from '../../ports/records.js';

/** The id of the record that is written. */
export const idOf = (write: RecordWrite): string => ('value' in write ? write.value.id : write.id);

/** The version of the record when it is written; of one that is deleted, the one that no other has. */
export const versionAfter = ({ kind, version }: RecordWrite): number =>
  kind === 'create' ? version : version + 1;

/** The subject's guard too, unless the writes guard the same record themselves. */
export function withGuard(
  writes: readonly RecordWrite[],
  guard: RecordWrite | undefined,
): readonly RecordWrite[] {
  if (guard === undefined) return writes;
  return writes.some((write) => write.type === guard.type && idOf(write) === idOf(guard))
    ? writes
    : [...writes, guard];
}
