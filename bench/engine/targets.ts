// What the engine is to reach: against the raw store, against the best durable peer, and however many runs are parked.
import { type Row, ratio, ratios, round, type Target, toRow } from '../harness.js';
import type { OneAtATime } from './latency.js';
import type { Parked } from './parked.js';

/** Restate 1.7.12, service and awakeable, measured on a quiet machine of this kind: it stands in where no peer is installed. */
const published = { runsPerSecond: 185, startToWaitMs: 12, eventToDoneMs: 9.8 };

export interface Rows {
  readonly raw: Row;
  readonly units: Row;
  /** With steps that write records which nobody waits for. */
  readonly records: Row;
  /** With steps that write records which a flow may start on. */
  readonly watched: Row;
  readonly external: Row;
  /** Measured in turn with the others; absent if it isn't installed. */
  readonly peer: Row | undefined;
}

/** What was compared, with the median of the rounds' ratios. */
interface Comparison {
  readonly base: string;
  readonly measured: number;
}

const span = (values: readonly number[]): string =>
  `rounds ${round(Math.min(...values))} to ${round(Math.max(...values))}`;

const rateAgainst = (row: Row, peer: Row | undefined): Comparison =>
  peer === undefined
    ? {
        base: `the best peer's published ${published.runsPerSecond}/s`,
        measured: row.rate / published.runsPerSecond,
      }
    : {
        base: `the best peer in the same run (${round(peer.rate)}/s; ${span(ratios(row, peer))})`,
        measured: ratio(row, peer),
      };

function latencyAgainst({ externalMs, againstPeer, rows }: OneAtATime): Comparison {
  if (againstPeer === undefined) {
    const ms = published.startToWaitMs + published.eventToDoneMs;
    return { base: `the best peer's published ${ms} ms`, measured: externalMs / ms };
  }
  const peerMs = rows.slice(-2).reduce((sum, { p50 }) => sum + p50, 0);
  return {
    base: `the best peer in the same run (${round(peerMs)} ms; ${span(againstPeer)})`,
    measured: toRow('', againstPeer).rate,
  };
}

export function toTargets(rows: Rows, latency: OneAtATime, parked: readonly Parked[]): Target[] {
  const unitRatio = ratio(rows.units, rows.raw);
  const costs = parked.map(({ resume }) => resume.p50);
  const growth = (costs.at(-1) ?? 0) / (costs[0] ?? 1);
  const oneAtATime = latencyAgainst(latency);
  return [
    {
      what: 'unit commits against raw ones',
      wanted: 'at least 1 x',
      measured: unitRatio,
      met: unitRatio >= 1,
    },
    ...[rows.external, rows.records].map((row) => {
      const { base, measured } = rateAgainst(row, rows.peer);
      return {
        what: `${row.name}, against ${base}`,
        wanted: 'at least 3 x, 5 x is the stretch',
        measured,
        met: measured >= 3,
      };
    }),
    {
      what: `external steps one at a time, start to wait and event to end, against ${oneAtATime.base}`,
      wanted: 'less than 0.5 x',
      measured: oneAtATime.measured,
      met: oneAtATime.measured < 0.5,
    },
    {
      what: 'cost of an event with the most parked runs against the fewest',
      wanted: 'at most 1.5 x',
      measured: growth,
      met: growth <= 1.5,
    },
  ];
}
