// The best durable peer by itself: the peers' workload, 64 in flight and one at a time. Suite `engine` measures it in turn
// with the engine once it is installed.
import { measureInTurn, printRows, saveReport, type Work } from '../harness.js';
import { printLatency, toLatency } from '../one-at-a-time.js';
import { installPeers } from './installed.js';
import { openRestate, type Peer } from './restate.js';

const rounds = Number(process.env['BENCH_ROUNDS'] ?? 5);
const concurrency = 64;

/** Runs of the peers' workload, by a peer that is paused before and after. */
export const peerRuns = (peer: Peer, operations: number, inFlight: number): Work => ({
  name: `${peer.name}: runs with ${inFlight} in flight`,
  operations,
  prepare: peer.resume,
  work: () => peer.runs(operations, inFlight),
  rest: peer.pause,
});

export async function run(): Promise<void> {
  installPeers();
  const peer = await openRestate();
  try {
    const rows = await measureInTurn([peerRuns(peer, 1000, concurrency)], rounds);
    printRows("The peers' workload", rows);
    await peer.resume();
    const { waits, ends } = await peer.times(200);
    const latency = [toLatency('start to wait', waits), toLatency('event to end', ends)];
    printLatency(`${peer.name}, one run at a time`, latency);
    saveReport('peers', { peer: peer.name, rows, latency });
  } finally {
    await peer.close();
  }
}
