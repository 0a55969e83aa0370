// The times of one run after the other: from its start to its wait, and from its event to its end.
import { round } from './harness.js';

/** Milliseconds, one of each for every run. */
export interface Times {
  readonly waits: readonly number[];
  readonly ends: readonly number[];
}

const pauseMs = 25;

/** As the peers were measured: the event is sent 25 ms after the run came to its wait. */
export async function timesOneAtATime<T>(
  count: number,
  start: (n: number) => Promise<T>,
  end: (started: T) => Promise<unknown>,
): Promise<Times> {
  const [waits, ends]: [number[], number[]] = [[], []];
  for (let n = 0; n < count; n += 1) {
    const begun = performance.now();
    const started = await start(n);
    waits.push(performance.now() - begun);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    const sent = performance.now();
    await end(started);
    ends.push(performance.now() - sent);
  }
  return { waits, ends };
}

/** Milliseconds. */
export interface Latency {
  readonly name: string;
  readonly p50: number;
  readonly p99: number;
}

export function toLatency(name: string, times: readonly number[]): Latency {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number => round(sorted[Math.floor(sorted.length * share)] ?? 0);
  return { name, p50: at(0.5), p99: at(0.99) };
}

export function printLatency(title: string, rows: readonly Latency[]): void {
  console.log(`\n${title}, milliseconds`);
  for (const { name, p50, p99 } of rows) console.log(`  ${name.padEnd(58)} p50 ${p50}  p99 ${p99}`);
}
