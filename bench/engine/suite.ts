// The engine on the embedded store: unit commits, the peers' workload in turn with the best peer, parked runs, start.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  inFlight,
  measureInTurn,
  printRows,
  printTargets,
  type Row,
  round,
  saveReport,
  type Work,
} from '../harness.js';
import { printLatency } from '../one-at-a-time.js';
import { peersAreInstalled } from '../peers/installed.js';
import { openRestate, type Peer } from '../peers/restate.js';
import { peerRuns } from '../peers/suite.js';
import { measureColdStart } from './cold-starts.js';
import { measureLatency, type OneAtATime } from './latency.js';
import { type BenchEngine, openBenchEngine, signalUntilDone, startUntilWait } from './open.js';
import { measureParked } from './parked.js';
import { rawUnits, unitCommits } from './raw-units.js';
import { splitOf } from './split.js';
import { survivorsOf } from './survivors.js';
import { type Rows, toTargets } from './targets.js';

const rounds = Number(process.env['BENCH_ROUNDS'] ?? 5);
const concurrency = 64;

export async function run(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'recourse-bench-'));
  try {
    const bench = await openBenchEngine(join(directory, 'store'));
    const { rows, latency } = await measureBesidePeer(directory, bench);
    const runsToLookAt = 500;
    const work = () => inFlight(runsToLookAt, concurrency, (n) => complete(bench, 'external', n));
    const split = await splitOf(work);
    console.log('\nMain thread while runs with external steps go, share of the time');
    for (const [name, share] of split) console.log(`  ${name.padEnd(58)} ${(share * 100).toFixed(1)} %`);
    const memoryMiB = round(process.memoryUsage().rss / 1024 / 1024);
    const survivorsKiB = round((await survivorsOf(work)) / runsToLookAt);
    console.log(`\nOf what a run makes, ${survivorsKiB} KiB outlive the nursery`);
    await bench.close();
    const parked = await measureParked(directory);
    const coldStart = measureColdStart(directory);
    console.log(
      `\nResident memory after the runs: ${memoryMiB} MiB; of a process after one run: ${coldStart.memoryMiB} MiB`,
    );
    console.log(`From the start of a process to its first completed run: ${coldStart.ms} ms`);
    const targets = toTargets(rows, latency, parked);
    printTargets(targets);
    saveReport('engine', { rows, latency, split, survivorsKiB, memoryMiB, parked, coldStart, targets });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** What is compared with the best peer, in turn with it if it is installed. */
async function measureBesidePeer(
  directory: string,
  bench: BenchEngine,
): Promise<{ rows: Rows; latency: OneAtATime }> {
  const peer = await openPeer();
  try {
    const rows = await measureThroughput(directory, bench, peer);
    const { raw, units, external, records, watched } = rows;
    printRows('Units and runs against raw one-unit commits', [
      raw,
      units,
      external,
      records,
      watched,
      ...(rows.peer === undefined ? [] : [rows.peer]),
    ]);
    const latency = await measureLatency(bench, peer, rounds);
    printLatency('One run at a time', latency.rows);
    return { rows, latency };
  } finally {
    await peer?.close();
  }
}

async function openPeer(): Promise<Peer | undefined> {
  if (process.env['BENCH_PEERS'] !== '0' && peersAreInstalled()) return openRestate();
  console.log('The peer is not measured in this run (npm run bench -- peers installs it): published figures');
  return undefined;
}

async function complete(bench: BenchEngine, flow: string, n: number): Promise<void> {
  await signalUntilDone(bench, await startUntilWait(bench, flow, n));
}

async function measureThroughput(
  directory: string,
  bench: BenchEngine,
  peer: Peer | undefined,
): Promise<Rows> {
  const runs = (flow: string, operations: number): Work => ({
    name: `runs with ${flow} steps, ${concurrency} in flight`,
    operations,
    // Until all is done that the runs have set off: changes of records are told, too.
    work: async () => {
      await inFlight(operations, concurrency, (n) => complete(bench, flow, n));
      await bench.engine.idle();
    },
  });
  const baseline = rawUnits(directory, 2000);
  const works = [
    baseline,
    unitCommits(bench.store, 6400, concurrency),
    runs('watched', 500),
    runs('records', 1000),
    runs('external', 1000),
    // Right after the runs it is compared with.
    ...(peer === undefined ? [] : [peerRuns(peer, 1000, concurrency)]),
  ];
  // Once without counting: the code is compiled then.
  const flows = ['external', 'records', 'watched'];
  await inFlight(450, concurrency, (n) => complete(bench, flows[n % 3]!, n));
  const rows = await measureInTurn(works, rounds);
  baseline.close();
  const [raw, units, watched, records, external, peerRow] = rows as [Row, Row, Row, Row, Row, Row?];
  return { raw, units, watched, records, external, peer: peerRow };
}
