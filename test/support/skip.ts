// Leaving a test out is said aloud: skipped is not passed.
import type { Context } from 'mocha';

/** Skips the running test or suite and prints why, on one line that begins with `SKIP`. */
export function skip(context: Context, reason: string): never {
  const what = context.currentTest ?? context.test;
  console.log(`SKIP ${what?.fullTitle().replace('"before all" hook', '').trim()}: ${reason}`);
  context.skip();
  throw new Error('unreachable: mocha leaves the test by an exception');
}
