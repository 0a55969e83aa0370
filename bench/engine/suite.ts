// The engine on the embedded store: unit commits, the peers' workload, the same with records, parked runs, start.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  inFlight,
  measureInTurn,
  printRows,
  printTargets,
  type Row,
  ratio,
  round,
  saveReport,
  type Target,
  type Work,
} from '../harness.js';
import { type BenchEngine, openBenchEngine, signalUntilDone, startUntilWait } from './open.js';
import { rawUnits, unitCommits } from './raw-units.js';
import { splitOf } from './split.js';

const rounds = Number(process.env['BENCH_ROUNDS'] ?? 5);
const concurrency = 64;
/** Restate, Service + awakeable: the best durable peer on a machine of this kind, measured on a quiet one. */
const peer = { runsPerSecond: 185, startToWaitMs: 12, eventToDoneMs: 9.8 };

export async function run(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'recourse-bench-'));
  try {
    const bench = await openBenchEngine(join(directory, 'store'));
    const rows = await measureThroughput(directory, bench);
    printRows('Units and runs against raw one-unit commits', rows);
    const latency = await measureLatency(bench);
    console.log('\nOne run at a time, milliseconds');
    for (const { name, p50, p99 } of latency) console.log(`  ${name.padEnd(58)} p50 ${p50}  p99 ${p99}`);
    const split = await splitOf(() => inFlight(500, concurrency, (n) => complete(bench, 'external', n)));
    console.log('\nMain thread while runs with external steps go, share of the time');
    for (const [name, share] of split) console.log(`  ${name.padEnd(58)} ${(share * 100).toFixed(1)} %`);
    const memoryMiB = round(process.memoryUsage().rss / 1024 / 1024);
    await bench.close();
    const parked = await measureParked(directory);
    const coldStart = measureColdStart(directory);
    console.log(
      `\nResident memory after the runs: ${memoryMiB} MiB; of a process after one run: ${coldStart.memoryMiB} MiB`,
    );
    console.log(`From the start of a process to its first completed run: ${coldStart.ms} ms`);
    const targets = toTargets(rows, latency, parked);
    printTargets(targets);
    saveReport('engine', { rows, latency, split, memoryMiB, parked, coldStart, targets });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function complete(bench: BenchEngine, flow: string, n: number): Promise<void> {
  await signalUntilDone(bench, await startUntilWait(bench, flow, n));
}

async function measureThroughput(directory: string, bench: BenchEngine): Promise<Row[]> {
  const runs = (flow: string, operations: number): Work => ({
    name: `runs with ${flow} steps, ${concurrency} in flight`,
    operations,
    // Until all is done that the runs have set off: changes of records are told, too.
    work: async () => {
      await inFlight(operations, concurrency, (n) => complete(bench, flow, n));
      await bench.engine.idle();
    },
  });
  const raw = rawUnits(directory, 2000);
  const works = [
    raw,
    unitCommits(bench.store, 6400, concurrency),
    runs('external', 1000),
    runs('records', 1000),
  ];
  // Once without counting: the code is compiled then.
  await inFlight(300, concurrency, (n) => complete(bench, n % 2 === 0 ? 'external' : 'records', n));
  const rows = await measureInTurn(works, rounds);
  raw.close();
  return rows;
}

interface Latency {
  readonly name: string;
  readonly p50: number;
  readonly p99: number;
}

function toLatency(name: string, times: readonly number[]): Latency {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number => round(sorted[Math.floor(sorted.length * share)] ?? 0);
  return { name, p50: at(0.5), p99: at(0.99) };
}

const pauseMs = 25;

/** As the peers were measured: the event is sent 25 ms after the run came to its wait. */
async function measureLatency(bench: BenchEngine): Promise<Latency[]> {
  const all: Latency[] = [];
  for (const flow of ['external', 'records']) {
    const [waits, ends]: [number[], number[]] = [[], []];
    for (let n = 0; n < 200; n += 1) {
      const start = performance.now();
      const id = await startUntilWait(bench, flow, n);
      waits.push(performance.now() - start);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      const sent = performance.now();
      await signalUntilDone(bench, id);
      ends.push(performance.now() - sent);
    }
    all.push(toLatency(`${flow}: start to wait`, waits), toLatency(`${flow}: event to end`, ends));
  }
  return all;
}

interface Parked {
  readonly runs: number;
  readonly resume: Latency;
  /** Reopening the store and the engine, until it works. */
  readonly openMs: number;
}

const resumed = 300;

/** Runs that wait, an engine that has just been started beside them, and events for some of them, one at a time. */
async function measureParked(directory: string): Promise<Parked[]> {
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

/** Median of five processes, each with an empty directory. */
function measureColdStart(directory: string): { ms: number; memoryMiB: number } {
  const program = fileURLToPath(new URL('./cold-start.js', import.meta.url));
  const starts = Array.from({ length: 5 }, (_, n) => {
    const output = execFileSync(process.execPath, [program, join(directory, `cold-${n}`)], {
      encoding: 'utf8',
    });
    return JSON.parse(output) as { ms: number; rss: number };
  }).sort((a, b) => a.ms - b.ms);
  const { ms, rss } = starts[2] as { ms: number; rss: number };
  return { ms: round(ms), memoryMiB: round(rss / 1024 / 1024) };
}

function toTargets(rows: readonly Row[], latency: readonly Latency[], parked: readonly Parked[]): Target[] {
  const [raw, units, external, records] = rows as [Row, Row, Row, Row];
  const unitRatio = ratio(units, raw);
  const [wait, end] = latency as [Latency, Latency];
  const peerMs = peer.startToWaitMs + peer.eventToDoneMs;
  const costs = parked.map(({ resume }) => resume.p50);
  const growth = (costs.at(-1) ?? 0) / (costs[0] ?? 1);
  const against = (row: Row): number => row.rate / peer.runsPerSecond;
  return [
    {
      what: 'unit commits against raw ones',
      wanted: 'at least 1 x',
      measured: unitRatio,
      met: unitRatio >= 1,
    },
    ...[external, records].map((row) => ({
      what: `${row.name}, against the best peer's ${peer.runsPerSecond}/s`,
      wanted: 'at least 3 x, 5 x is the stretch',
      measured: against(row),
      met: against(row) >= 3,
    })),
    {
      what: `external steps one at a time, start to wait and event to end, against the best peer's ${peerMs} ms`,
      wanted: 'less than 0.5 x',
      measured: (wait.p50 + end.p50) / peerMs,
      met: (wait.p50 + end.p50) / peerMs < 0.5,
    },
    {
      what: 'cost of an event with the most parked runs against the fewest',
      wanted: 'at most 1.5 x',
      measured: growth,
      met: growth <= 1.5,
    },
  ];
}
