// One run at a time, in turn with the peer: blocks of runs, round by round.
import { type Latency, type Times, timesOneAtATime, toLatency } from '../one-at-a-time.js';
import type { Peer } from '../peers/restate.js';
import { type BenchEngine, signalUntilDone, startUntilWait } from './open.js';

const runs = 200;

export interface OneAtATime {
  readonly rows: readonly Latency[];
  /** External steps, start to wait and event to end together, at the median: milliseconds. */
  readonly externalMs: number;
  /** The same against the peer's, for each round; absent without a peer. */
  readonly againstPeer?: readonly number[];
}

const half = ({ waits, ends }: Times): number => toLatency('', waits).p50 + toLatency('', ends).p50;

const join = (blocks: readonly Times[]): Times => ({
  waits: blocks.flatMap(({ waits }) => waits),
  ends: blocks.flatMap(({ ends }) => ends),
});

const rowsOf = (name: string, { waits, ends }: Times): Latency[] => [
  toLatency(`${name}: start to wait`, waits),
  toLatency(`${name}: event to end`, ends),
];

/** Each of them 200 runs in all. */
export async function measureLatency(
  bench: BenchEngine,
  peer: Peer | undefined,
  rounds: number,
): Promise<OneAtATime> {
  const perRound = Math.ceil(runs / rounds);
  const [external, records, peers]: [Times[], Times[], Times[]] = [[], [], []];
  const ours = async (flow: string): Promise<Times> => {
    const times = await timesOneAtATime(
      perRound,
      (n) => startUntilWait(bench, flow, n),
      (id) => signalUntilDone(bench, id),
    );
    await bench.engine.idle();
    return times;
  };
  for (let n = 0; n < rounds; n += 1) {
    records.push(await ours('records'));
    external.push(await ours('external'));
    if (peer === undefined) continue;
    await peer.resume();
    peers.push(await peer.times(perRound));
    await peer.pause();
  }
  const all = join(external);
  return {
    rows: [
      ...rowsOf('external', all),
      ...rowsOf('records', join(records)),
      ...(peer === undefined ? [] : rowsOf(peer.name, join(peers))),
    ],
    externalMs: half(all),
    ...(peer === undefined ? {} : { againstPeer: external.map((times, n) => half(times) / half(peers[n]!)) }),
  };
}
