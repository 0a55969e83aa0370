// The stores that are open in this process, one per directory, counted by their users.
import { mkdir, realpath } from 'node:fs/promises';
import { openStore } from '../open.js';
import type { Store } from '../store.js';

/** A use of an open store. */
export interface StoreLease {
  readonly store: Store;
  /** Idempotent; the last release closes the store. */
  release(): Promise<void>;
}

interface Shared {
  readonly opening: Promise<Store>;
  users: number;
}

const shared = new Map<string, Shared>();
const closing = new Map<string, Promise<unknown>>();

/** Opens the store in `location`, or joins it if this process has it open. `:memory:` is always a fresh one. */
export async function acquireStore(location: string): Promise<StoreLease> {
  if (location === ':memory:') {
    const store = await openStore(location);
    return lease(store, () => store.close());
  }
  await mkdir(location, { recursive: true });
  const key = await realpath(location);
  // Whoever comes while the last one leaves waits for the door to be shut.
  while (closing.has(key)) await closing.get(key);
  let entry = shared.get(key);
  if (entry === undefined) {
    entry = { opening: openStore(key), users: 0 };
    shared.set(key, entry);
  }
  const joined = entry;
  joined.users += 1;
  try {
    const store = await joined.opening;
    return lease(store, () => leave(key, joined, store));
  } catch (error) {
    if (shared.get(key) === joined) shared.delete(key);
    throw error;
  }
}

async function leave(key: string, entry: Shared, store: Store): Promise<void> {
  entry.users -= 1;
  if (entry.users > 0) return;
  shared.delete(key);
  const done = store.close().finally(() => closing.delete(key));
  closing.set(
    key,
    done.catch(() => undefined),
  );
  await done;
}

function lease(store: Store, leaveStore: () => Promise<void>): StoreLease {
  let released: Promise<void> | undefined;
  return {
    store,
    release() {
      released ??= leaveStore();
      return released;
    },
  };
}
