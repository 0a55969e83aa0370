// What was to be tried again, and has nobody left who would take it: a join did not wait for its branch.
import type { Json } from '../../definition/flow.js';
import type { InboxItem, PendingRetry } from '../run-state.js';
import { toItemEntry } from '../units.js';

/** What becomes of their items. */
export interface LeftRetries {
  readonly retries: readonly PendingRetry[];
  /** Signals that later waits may take. */
  readonly kept: readonly InboxItem[];
  readonly entries: readonly Json[];
}

/** A signal that is buffered waits again, in its old place among the others; of all else the journal has that it was not taken. */
export async function leaveRetries(
  retries: readonly PendingRetry[],
  isBuffered: (item: InboxItem) => Promise<boolean>,
): Promise<LeftRetries> {
  const kept: InboxItem[] = [];
  const entries: Json[] = [];
  for (const { item } of retries) {
    const waits = await isBuffered(item);
    // Its id is known as that of one that was taken.
    if (waits) kept.push({ ...item, id: `${item.id}:again` });
    entries.push({ ...(toItemEntry(item) as object), ...(waits ? { kept: true } : { stale: true }) });
  }
  return { retries, kept, entries };
}
