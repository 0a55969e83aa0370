// What SQLite can do with the rows of a unit, one durable commit for each; and the same units through the engine store.
import { join } from 'node:path';
import Database from 'libsql';
import type { EffectState, EngineStore, RunState, Unit } from '../../engine/index.js';
import type { Work } from '../harness.js';
import type { Baseline } from '../store/baselines.js';
import { inFlight } from '../harness.js';
import { user } from './open.js';

const at = '2026-01-01T12:00:00.000Z';
/** Nobody's to take. */
const leaseEnd = '2999-01-01T00:00:00.000Z';
const flow = { name: 'external', version: 1, hash: 'f'.repeat(64) };

/** A unit from the middle of the peers' workload: one effect has ended, the next one is begun. */
function toSampleUnit(id: string, seq: number): Unit {
  const input = { order: `order-${id}`, amount: 7 };
  const effect: EffectState = {
    id: `${id}:main:step${seq}:1`,
    run: id,
    frame: 'main',
    element: `step${seq}`,
    visit: 1,
    action: 'bench.external',
    input,
    user,
    state: 'intended',
    seq,
    at,
    attempt: 1,
    firstAttemptAt: at,
    claimAt: leaseEnd,
    owner: 'bench',
    token: 1,
    lost: 0,
  };
  const root: RunState['root'] = {
    id: 'main',
    flow,
    compiler: 1,
    value: effect.element,
    variables: input,
    input,
    outputs: { step1: { reference: effect.id, amount: 7 }, step2: { reference: effect.id, amount: 7 } },
    visits: { step1: 1, step2: 1, [effect.element]: 1 },
    memory: {},
    activities: { [effect.element]: { visit: 1, waits: [], effect: effect.id } },
  };
  const run: RunState = {
    id,
    flow,
    pinned: {},
    seq,
    status: 'active',
    user,
    startedAt: at,
    depth: 0,
    root,
    waitsOn: [],
    overrides: {},
    retries: [],
    inFlight: [effect],
    inFlightUntil: leaseEnd,
    claims: 0,
  };
  const entries = [
    { item: `${id}:outcome`, kind: 'outcome', by: 'engine', at },
    { frame: 'main', element: 'step', visit: 1, on: 'outcome', output: input, outcome: 'next' },
    { frame: 'main', element: 'step', visit: 1, on: 'enter', input, outcome: 'performs bench.external' },
  ];
  return {
    run,
    expected: seq === 1 ? undefined : seq - 1,
    journal: [{ id: `${id}:${seq}:0`, unit: `${id}.${seq}`, run: id, seq, n: 0, at, by: 'engine', entries }],
    records: [],
    intents: [effect],
    detached: [],
    settlements: [],
    outbox: [],
    consumed: [],
    kept: [],
  };
}

const perRun = 10;

/** Units of runs of ten, through the engine's store. */
export function unitCommits(store: EngineStore, operations: number, concurrency: number): Work {
  let runs = 0;
  const work = (): Promise<void> =>
    inFlight(operations / perRun, concurrency, async () => {
      runs += 1;
      const id = `unit-${runs}`;
      for (let seq = 1; seq <= perRun; seq += 1) {
        const unit = toSampleUnit(id, seq);
        if ((await store.commit(unit)) !== 'committed') throw new Error('a unit was not committed');
      }
    });
  return { name: `units through the engine's store, ${concurrency} in flight`, operations, work };
}

/** The rows of such units as bare SQL, one unit a commit. */
export function rawUnits(directory: string, operations: number): Baseline {
  const database = new Database(join(directory, 'raw-units.db'));
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  for (const table of ['runs', 'journal'])
    database.exec(`CREATE TABLE ${table} (rid INTEGER PRIMARY KEY, id TEXT UNIQUE, rev INTEGER, body TEXT)`);
  const put = (table: string) =>
    database.prepare(
      `INSERT INTO ${table} (id, rev, body) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET rev = excluded.rev, body = excluded.body`,
    );
  const [run, journal] = [put('runs'), put('journal')];
  let runs = 0;
  const work = (): void => {
    for (let n = 0; n < operations / perRun; n += 1) {
      runs += 1;
      for (let seq = 1; seq <= perRun; seq += 1) {
        const unit = toSampleUnit(`unit-${runs}`, seq);
        database.exec('BEGIN IMMEDIATE');
        run.run([unit.run.id, seq, JSON.stringify(unit.run)]);
        for (const chunk of unit.journal) journal.run([chunk.id, seq, JSON.stringify(chunk)]);
        database.exec('COMMIT');
      }
    }
  };
  return { name: 'raw libsql, 1 unit a commit', operations, work, close: () => database.close() };
}
