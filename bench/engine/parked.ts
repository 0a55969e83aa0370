// Runs that wait, an engine that has just been started beside them, and events for some of them, one at a time.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { inFlight, round } from '../harness.js';
import { type Latency, toLatency } from '../one-at-a-time.js';
import { openBenchEngine, signalUntilDone, startUntilWait } from './open.js';

export interface Parked {
  readonly runs: number;
  readonly resume: Latency;
  /** Reopening the store and the engine, until it works. */
  readonly openMs: number;
}

const resumed = 300;
const concurrency = 64;

/** For each of the numbers in `BENCH_PARKED`. */
export async function measureParked(directory: string): Promise<Parked[]> {
  const parked: Parked[] = [];
  console.log(
    '\nAn event for one of many parked runs, by an engine just started, one at a time, milliseconds',
  );
  for (const runs of (process.env['BENCH_PARKED'] ?? '1000,10000').split(',').map(Number)) {
    const store = join(directory, `parked-${runs}`);
    const before = await openBenchEngine(store);
    const ids = new Array<string>(runs);
    await inFlight(runs, concurrency, async (n) => {
      ids[n] = await startUntilWait(before, 'parking', n);
    });
    await before.close();
    const start = performance.now();
    const bench = await openBenchEngine(store);
    const openMs = round(performance.now() - start);
    const times: number[] = [];
    for (let n = 0; n < resumed; n += 1) {
      const sent = performance.now();
      await signalUntilDone(bench, ids[(n * 7919) % runs] as string);
      times.push(performance.now() - sent);
    }
    await bench.close();
    rmSync(store, { recursive: true });
    const resume = toLatency(`${runs.toLocaleString('en')} parked runs`, times);
    console.log(`  ${resume.name.padEnd(58)} p50 ${resume.p50}  p99 ${resume.p99}; opened in ${openMs} ms`);
    parked.push({ runs, resume, openMs });
  }
  return parked;
}
