// Waiting for something no longer than some time.
import type { Clock } from '../ports/clock.js';

/** What a promise gives within some time; undefined: nothing yet. @throws what the promise throws by then */
export async function within<T>(clock: Clock, ms: number, promise: Promise<T>): Promise<T | undefined> {
  let cancel = (): void => {};
  const late = new Promise<undefined>((resolve) => {
    cancel = clock.alarm(ms, () => resolve(undefined));
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    cancel();
  }
}
