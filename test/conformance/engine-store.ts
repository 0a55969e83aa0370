// What every engine store must do: each guard of a unit, each claim, each list. Run on the real store, and on the one in
// memory that the simulation uses, so that what is proved on the one holds for the other.
import assert from 'node:assert/strict';
import type {
  EffectState,
  EngineStore,
  FlowDefinition,
  FlowVersion,
  InboxItem,
  KeptEvent,
  OutboxRow,
  RecordQuery,
  RecordsPort,
  RecordValue,
  RecordWrite,
  RunState,
  Unit,
} from '../../engine/index.js';
import { toChunkId } from '../../engine/runtime/journal-entry.js';

export interface StoreUnderTest {
  readonly store: EngineStore;
  /** With the type `order`; nothing in it. */
  readonly records: RecordsPort;
  close(): Promise<void>;
}

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 12, 0, second)).toISOString();

function toRun(id: string, seq: number, more: Partial<RunState> = {}): RunState {
  return {
    id,
    flow: { name: 'flow', version: 1, hash: 'h' },
    pinned: {},
    seq,
    status: 'waiting',
    user: { id: 'agent' },
    startedAt: at(0),
    depth: 0,
    root: {
      id: 'main',
      flow: { name: 'flow', version: 1, hash: 'h' },
      compiler: 1,
      value: 'w',
      variables: {},
      input: {},
      outputs: {},
      visits: {},
      memory: {},
      activities: {},
    },
    waitsOn: [],
    overrides: {},
    retries: [],
    claims: 0,
    ...more,
  };
}

let units = 0;

/** A unit that brings a run from the sequence before to this one. */
function toUnit(run: RunState, more: Partial<Unit> = {}): Unit {
  units += 1;
  const { id, seq } = run;
  return {
    run,
    expected: seq === 1 ? undefined : seq - 1,
    journal: [
      {
        id: toChunkId(id, seq, 0),
        unit: `u${units}`,
        run: id,
        seq,
        n: 0,
        at: at(0),
        by: 'test',
        entries: [],
      },
    ],
    records: [],
    intents: [],
    detached: [],
    settlements: [],
    outbox: [],
    consumed: [],
    kept: [],
    ...more,
  };
}

const toItem = (id: string, run: string, second = 0): InboxItem => ({
  id,
  run,
  body: { kind: 'signal', signal: 's', payload: { n: 1 } },
  by: 'test',
  at: at(second),
});

function toEffect(id: string, more: Partial<EffectState> = {}): EffectState {
  const run = id.split(':')[0]!;
  return {
    id,
    run,
    frame: 'main',
    element: 'e',
    visit: 1,
    action: 'charge',
    input: { n: 1 },
    user: { id: 'agent' },
    state: 'intended',
    seq: 1,
    at: at(0),
    attempt: 1,
    claimAt: at(30),
    owner: 'w1',
    token: 1,
    lost: 0,
    ...more,
  };
}

/** A run with an effect in flight whose lease ends at this second. */
const toInFlight = (id: string, seq: number, second: number): RunState =>
  toRun(id, seq, {
    inFlight: [toEffect(`${id}:main:e:1`, { claimAt: at(second) })],
    inFlightUntil: at(second),
  });

const toRow = (id: string, order: string, more: Partial<OutboxRow> = {}): OutboxRow => ({
  id,
  run: 'r1',
  topic: 'note',
  key: 'k',
  payload: { text: id },
  at: at(0),
  order,
  attempt: 0,
  claimAt: at(0),
  ...more,
});

function toVersion(name: string, version: number, more: Partial<FlowVersion> = {}): FlowVersion {
  const definition: FlowDefinition = {
    format: 1,
    name,
    label: name,
    start: { trigger: { type: 'action' } },
    elements: {},
  };
  return {
    name,
    version,
    hash: `${name}-${version}`,
    status: 'draft',
    definition,
    savedAt: at(0),
    savedBy: 'test',
    ...more,
  };
}

const create = (value: RecordValue, version = 1): RecordWrite => ({
  kind: 'create',
  type: 'order',
  value,
  version,
});
const update = (value: RecordValue, version: number): RecordWrite => ({
  kind: 'update',
  type: 'order',
  value,
  prior: { id: value.id },
  version,
});

/** Describes the suite for one store; `open` gives an empty one each time. */
export function describeEngineStore(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`the engine store: ${name}`, () => {
    let tested: StoreUnderTest;
    let store: EngineStore;
    beforeEach(async () => {
      tested = await open();
      store = tested.store;
    });
    afterEach(() => tested.close());

    const committed = async (unit: Unit): Promise<void> =>
      assert.equal(await store.commit(unit), 'committed');
    const refused = async (unit: Unit): Promise<void> => assert.equal(await store.commit(unit), 'conflict');

    describe('units', () => {
      it('gives back a run as it was committed, and nothing for one that is not there', async () => {
        const run = toRun('r1', 1, {
          dueAt: at(5),
          waitsOn: ['order:o1'],
          subject: { type: 'order', id: 'o1' },
        });
        await committed(toUnit(run));
        assert.deepEqual(await store.loadRun('r1'), run);
        assert.equal(await store.loadRun('r2'), undefined);
      });

      it('gives each of many that are asked for at once, also twice, and says which are not there', async () => {
        const ids = Array.from({ length: 40 }, (_, n) => `r${n}`);
        await Promise.all(ids.map((id) => committed(toUnit(toRun(id, 1)))));
        const asked = [...ids, 'none', 'r7', 'nobody'];
        const found = await Promise.all(asked.map((id) => store.loadRun(id)));
        assert.deepEqual(
          found.map((run) => run?.id),
          asked.map((id) => (ids.includes(id) ? id : undefined)),
        );
      });

      it('keeps what it was given from changes made afterwards', async () => {
        const run = toRun('r1', 1);
        await committed(toUnit(run));
        run.root.variables['n'] = 1;
        const loaded = (await store.loadRun('r1'))!;
        loaded.root.variables['n'] = 2;
        assert.deepEqual((await store.loadRun('r1'))!.root.variables, {});
      });

      it('refuses a run that is there already, and keeps the first', async () => {
        await committed(toUnit(toRun('r1', 1)));
        await refused(toUnit(toRun('r1', 1, { status: 'active' })));
        assert.equal((await store.loadRun('r1'))!.status, 'waiting');
      });

      it('refuses a run that is not there', async () => {
        await refused(toUnit(toRun('r1', 2)));
        assert.equal(await store.loadRun('r1'), undefined);
      });

      it('refuses a sequence that has gone on', async () => {
        await committed(toUnit(toRun('r1', 1)));
        await committed(toUnit(toRun('r1', 2)));
        await refused(toUnit(toRun('r1', 2, { status: 'done' })));
        assert.equal((await store.loadRun('r1'))!.status, 'waiting');
      });

      it('lets one of two that race win', async () => {
        await committed(toUnit(toRun('r1', 1)));
        const results = await Promise.all([
          store.commit(toUnit(toRun('r1', 2))),
          store.commit(toUnit(toRun('r1', 2))),
        ]);
        assert.deepEqual(results.sort(), ['committed', 'conflict']);
      });

      it('writes all or nothing', async () => {
        await committed(toUnit(toRun('r1', 1), { detached: [toEffect('r1:main:e:1')] }));
        await refused(
          toUnit(toRun('r2', 1), {
            records: [create({ id: 'o1' })],
            detached: [toEffect('r2:main:e:1'), toEffect('r1:main:e:1')],
            outbox: [toRow('a', '1')],
            consumed: [toItem('i1', 'r2')],
            kept: [toItem('i2', 'r2')],
          }),
        );
        assert.equal(await store.loadRun('r2'), undefined);
        assert.equal(await store.loadEffect('r2:main:e:1'), undefined);
        assert.equal(await tested.records.read('order', 'o1'), undefined);
        assert.equal(await store.knownItem('i1'), undefined);
        assert.equal(await store.knownItem('i2'), undefined);
        assert.deepEqual(await store.claimOutbox(at(1), at(30), 10), []);
        assert.deepEqual(await store.journalOf('r2', 0, 10), []);
      });

      it('refuses one of many that come at once without a word about the others', async () => {
        await committed(toUnit(toRun('old', 1), { consumed: [toItem('taken', 'old')] }));
        await committed(toUnit(toRun('gone-on', 1)));
        await committed(toUnit(toRun('gone-on', 2)));
        const units: [unit: Unit, expected: 'committed' | 'conflict'][] = [
          ...Array.from({ length: 40 }, (_, n): [Unit, 'committed'] => [
            toUnit(toRun(`r${n}`, 1), { outbox: [toRow(`row${n}`, String(n))] }),
            'committed',
          ]),
          [toUnit(toRun('old', 1)), 'conflict'],
          [toUnit(toRun('gone-on', 2)), 'conflict'],
          [toUnit(toRun('late', 1), { consumed: [toItem('taken', 'late')] }), 'conflict'],
          [
            toUnit(toRun('guarded', 1), {
              records: [{ kind: 'touch', type: 'order', id: 'o9', version: 1 }],
            }),
            'conflict',
          ],
        ];
        const results = await Promise.all(units.map(([unit]) => store.commit(unit)));
        assert.deepEqual(
          results,
          units.map(([, expected]) => expected),
        );
        for (const [{ run }, expected] of units.slice(0, 40)) {
          assert.equal(expected, 'committed');
          assert.deepEqual(await store.loadRun(run.id), run);
          assert.equal((await store.journalOf(run.id, 0, 10)).length, 1);
        }
        assert.equal(await store.loadRun('late'), undefined);
        assert.equal(await store.loadRun('guarded'), undefined);
      });

      it('lets one of many at once that write one record win, and all that write others', async () => {
        const creates = (n: number, order: string) =>
          store.commit(toUnit(toRun(`r${n}`, 1), { records: [create({ id: order })] }));
        const results = await Promise.all(
          Array.from({ length: 30 }, (_, n) => creates(n, n % 3 === 0 ? 'same' : `o${n}`)),
        );
        const ofSame = results.filter((_, n) => n % 3 === 0);
        assert.deepEqual(ofSame.filter((result) => result === 'committed').length, 1);
        assert(results.every((result, n) => n % 3 === 0 || result === 'committed'));
        for (const [n, result] of results.entries()) {
          assert.equal((await store.loadRun(`r${n}`)) !== undefined, result === 'committed');
        }
      });

      it('drops what a later run does not have any more', async () => {
        await committed(toUnit(toRun('r1', 1, { dueAt: at(1), waitsOn: ['order:o1'] })));
        await committed(toUnit(toRun('r1', 2)));
        assert.equal((await store.loadRun('r1'))!.dueAt, undefined);
        assert.deepEqual(await store.runsWaitingOn('order:o1', 10), []);
        assert.deepEqual(await store.claimDue(at(60), at(90), 10), []);
      });
    });

    describe('the journal', () => {
      it('is in order, after a sequence, and so many at most', async () => {
        for (const seq of [1, 2, 3]) {
          const unit = toUnit(toRun('r1', seq));
          const second = { ...unit.journal[0]!, id: toChunkId('r1', seq, 1), n: 1, entries: [{ seq }] };
          await committed({ ...unit, journal: [...unit.journal, second] });
        }
        const places = (chunks: readonly { seq: number; n: number }[]) =>
          chunks.map(({ seq, n }) => `${seq}.${n}`);
        assert.deepEqual(places(await store.journalOf('r1', 0, 10)), [
          '1.0',
          '1.1',
          '2.0',
          '2.1',
          '3.0',
          '3.1',
        ]);
        assert.deepEqual(places(await store.journalOf('r1', 2, 10)), ['3.0', '3.1']);
        assert.deepEqual(places(await store.journalOf('r1', 0, 3)), ['1.0', '1.1', '2.0']);
        assert.deepEqual((await store.journalOf('r1', 2, 10))[1]!.entries, [{ seq: 3 }]);
      });

      it('tells by its unit which of two was committed', async () => {
        const unit = toUnit(toRun('r1', 1));
        await committed(unit);
        await refused(toUnit(toRun('r1', 1)));
        assert.equal((await store.journalOf('r1', 0, 1))[0]!.unit, unit.journal[0]!.unit);
      });
    });

    describe('the inbox', () => {
      it('knows an item by its id, kept or consumed', async () => {
        assert.equal(await store.enqueue(toItem('i1', 'r1')), 'new');
        assert.equal(await store.enqueue(toItem('i1', 'r1')), 'duplicate');
        await committed(toUnit(toRun('r1', 1), { consumed: [toItem('i1', 'r1')] }));
        assert.equal(await store.enqueue(toItem('i1', 'r1')), 'duplicate');
        assert.deepEqual(await store.knownItem('i1'), {});
        assert.deepEqual(await store.inboxOf('r1'), []);
      });

      it('lets no unit consume an item that is kept with another hash, and knows the hash of what was consumed', async () => {
        await store.enqueue({ ...toItem('i1', 'r1'), hash: 'a' });
        await refused(toUnit(toRun('r1', 1), { consumed: [{ ...toItem('i1', 'r1'), hash: 'b' }] }));
        assert.equal((await store.inboxOf('r1')).length, 1);
        const consumed = [
          { ...toItem('i1', 'r1'), hash: 'a' },
          { ...toItem('i2', 'r1'), hash: 'c' },
        ];
        await committed(toUnit(toRun('r1', 1), { consumed }));
        assert.deepEqual(await store.inboxOf('r1'), []);
        assert.deepEqual(
          [await store.knownItem('i1'), await store.knownItem('i2')],
          [{ hash: 'a' }, { hash: 'c' }],
        );
        await refused(toUnit(toRun('r1', 2), { consumed: [{ ...toItem('i2', 'r1'), hash: 'd' }] }));
      });

      it('takes an item with a hash for another one than one that an earlier version kept without', async () => {
        await store.enqueue(toItem('i1', 'r1'));
        await refused(toUnit(toRun('r1', 1), { consumed: [{ ...toItem('i1', 'r1'), hash: 'a' }] }));
        await committed(toUnit(toRun('r1', 1), { consumed: [toItem('i1', 'r1')] }));
      });

      it('lets a unit consume an item that was never kept, once', async () => {
        await committed(toUnit(toRun('r1', 1), { consumed: [toItem('i1', 'r1')] }));
        await refused(toUnit(toRun('r1', 2), { consumed: [toItem('i1', 'r1')] }));
        assert.equal((await store.loadRun('r1'))!.seq, 1);
      });

      it('keeps items of a unit, and refuses one that is known', async () => {
        await committed(toUnit(toRun('r1', 1), { kept: [toItem('i1', 'r1')] }));
        assert.deepEqual(await store.inboxOf('r1'), [toItem('i1', 'r1')]);
        await refused(toUnit(toRun('r1', 2), { kept: [toItem('i1', 'r1')] }));
      });

      it('gives a run’s items in order of arrival, and only its own', async () => {
        await store.enqueue(toItem('b', 'r1', 2));
        await store.enqueue(toItem('a', 'r1', 3));
        await store.enqueue(toItem('c', 'r1', 1));
        await store.enqueue(toItem('d', 'r2', 0));
        assert.deepEqual(
          (await store.inboxOf('r1')).map(({ id }) => id),
          ['c', 'b', 'a'],
        );
      });

      it('gives what is asked for at once to whom it belongs, however much it is together', async () => {
        const many = 600;
        for (const run of ['r1', 'r2']) {
          const items = Array.from({ length: many }, (_, n) => toItem(`${run}:${n}`, run, n));
          await Promise.all(items.map((item) => store.enqueue(item)));
        }
        await store.enqueue(toItem('x', 'r3'));
        const inboxes = await Promise.all(['r1', 'r4', 'r2', 'r3'].map((run) => store.inboxOf(run)));
        assert.deepEqual(
          inboxes.map((items) => items.length),
          [many, 0, many, 1],
        );
        for (const [index, run] of ['r1', 'r4', 'r2', 'r3'].entries())
          assert.ok(inboxes[index]!.every((item) => item.run === run));
        assert.deepEqual(inboxes[0]![many - 1], toItem(`r1:${many - 1}`, 'r1', many - 1));
      });

      it('lists kept items of all runs by id, after one', async () => {
        for (const [id, run] of [
          ['a', 'r1'],
          ['b', 'r2'],
          ['c', 'r1'],
        ] as const)
          await store.enqueue(toItem(id, run));
        await store.discardItem('b');
        assert.deepEqual(
          (await store.keptItems(undefined, 10)).map(({ id }) => id),
          ['a', 'c'],
        );
        assert.deepEqual(
          (await store.keptItems('a', 10)).map(({ id }) => id),
          ['c'],
        );
        assert.equal((await store.keptItems(undefined, 1)).length, 1);
        assert.deepEqual(await store.knownItem('b'), {});
      });
    });

    describe('runs that are due', () => {
      it('are claimed once, in order of their time, with the claim counted', async () => {
        await committed(toUnit(toRun('r1', 1, { dueAt: at(20) })));
        await committed(toUnit(toRun('r2', 1, { dueAt: at(10) })));
        await committed(toUnit(toRun('r3', 1, { dueAt: at(99) })));
        await committed(toUnit(toRun('r4', 1)));
        const [first, second, ...more] = await store.claimDue(at(30), at(60), 10);
        assert.deepEqual([first?.id, second?.id, more.length], ['r2', 'r1', 0]);
        assert.equal(first?.claims, 1);
        assert.equal(first?.dueAt, at(60));
        assert.deepEqual(await store.claimDue(at(30), at(60), 10), []);
      });

      it('can be claimed again when the lease has ended, and a commit ends it', async () => {
        await committed(toUnit(toRun('r1', 1, { dueAt: at(10) })));
        await store.claimDue(at(30), at(60), 10);
        const [again] = await store.claimDue(at(60), at(90), 10);
        assert.equal(again?.claims, 2);
        await committed(toUnit(toRun('r1', 2, { dueAt: at(70) })));
        assert.equal((await store.loadRun('r1'))!.claims, 0);
        assert.equal((await store.claimDue(at(70), at(99), 10)).length, 1);
      });

      it('are told apart by how often they were claimed in vain', async () => {
        for (const id of ['r1', 'r2']) await committed(toUnit(toRun(id, 1, { dueAt: at(10) })));
        await store.claimDue(at(30), at(60), 1);
        const few = await store.claimDue(at(60), at(90), 10, { most: 0 });
        const many = await store.claimDue(at(60), at(90), 10, { least: 1 });
        assert.deepEqual([few.length, many.length], [1, 1]);
        assert.deepEqual([few[0]?.claims, many[0]?.claims], [1, 2]);
        assert.deepEqual(await store.claimDue(at(90), at(120), 10, { least: 3 }), []);
      });

      it('come with those first that were claimed least often, where only some are asked for', async () => {
        for (const id of ['r1', 'r2', 'r3']) await committed(toUnit(toRun(id, 1, { dueAt: at(10) })));
        await store.claimDue(at(10), at(20), 3);
        const [often] = await store.claimDue(at(20), at(20), 1);
        const claimed = await store.claimDue(at(20), at(50), 2, { least: 1 });
        assert.deepEqual(
          claimed.map(({ claims }) => claims),
          [2, 2],
        );
        assert.ok(claimed.every(({ id }) => id !== often?.id));
      });

      it('are due again when who took them is gone; what waits for its time is not', async () => {
        for (const id of ['r1', 'r2']) await committed(toUnit(toRun(id, 1, { dueAt: at(10) })));
        await committed(toUnit(toRun('r3', 1, { dueAt: at(35) })));
        await store.claimDue(at(10), at(40), 10);
        await store.endLeases(at(12), at(42));
        const again = await store.claimDue(at(12), at(42), 10);
        assert.deepEqual(again.map(({ id, claims }) => `${id} ${claims}`).sort(), ['r1 2', 'r2 2']);
        assert.equal((await store.loadRun('r3'))!.dueAt, at(35));
      });

      it('count what else they were given, until a commit', async () => {
        await committed(toUnit(toRun('r1', 1)));
        assert.deepEqual([await store.countClaim('r1', 1), await store.countClaim('r1', 1)], [1, 2]);
        assert.equal(await store.countClaim('r1', -1), 1);
        assert.equal((await store.loadRun('r1'))!.claims, 1);
        await committed(toUnit(toRun('r1', 2)));
        assert.equal(await store.countClaim('r1', -1), 0);
        assert.equal((await store.loadRun('r1'))!.claims, 0);
        assert.equal(await store.countClaim('r9', 1), 0);
      });

      it('leave the sequence as it is: a claim is no change', async () => {
        await committed(toUnit(toRun('r1', 1, { dueAt: at(10) })));
        await store.claimDue(at(30), at(60), 10);
        await committed(toUnit(toRun('r1', 2)));
      });

      it('are taken by one of two that race, and no more than asked for', async () => {
        for (const id of ['r1', 'r2', 'r3']) await committed(toUnit(toRun(id, 1, { dueAt: at(1) })));
        assert.equal((await store.claimDue(at(2), at(60), 2)).length, 2);
        const both = await Promise.all([store.claimDue(at(2), at(60), 9), store.claimDue(at(2), at(60), 9)]);
        assert.equal(both.flat().length, 1);
      });

      it('show when to look again, with effects and rows of the outbox', async () => {
        assert.equal(await store.nextDue(''), undefined);
        await committed(toUnit(toRun('r1', 1, { dueAt: at(50) })));
        assert.equal(await store.nextDue(''), at(50));
        await committed(toUnit(toRun('r2', 1), { detached: [toEffect('r2:main:e:1', { claimAt: at(40) })] }));
        assert.equal(await store.nextDue(''), at(40));
        await committed(toUnit(toRun('r3', 1), { outbox: [toRow('a', '1', { claimAt: at(20) })] }));
        assert.equal(await store.nextDue(''), at(20));
        assert.equal(await store.nextDue(at(20)), at(40));
        await committed(toUnit(toInFlight('r4', 1, 45)));
        assert.equal(await store.nextDue(at(40)), at(45));
        assert.equal(await store.nextDue(at(50)), undefined);
      });
    });

    describe('lists of runs', () => {
      it('go by status, flow and subject, after an id', async () => {
        const subject = { type: 'order', id: 'o1' };
        await committed(toUnit(toRun('r1', 1, { subject })));
        await committed(toUnit(toRun('r2', 1, { status: 'held', subject })));
        await committed(toUnit(toRun('r3', 1, { status: 'held' })));
        const ids = async (filter: Parameters<EngineStore['listRuns']>[0]): Promise<string[]> =>
          (await store.listRuns(filter)).map(({ id }) => id);
        assert.deepEqual(await ids({ limit: 10 }), ['r1', 'r2', 'r3']);
        assert.deepEqual(await ids({ status: 'held', limit: 10 }), ['r2', 'r3']);
        assert.deepEqual(await ids({ status: 'held', subject, limit: 10 }), ['r2']);
        assert.deepEqual(await ids({ flow: 'other', limit: 10 }), []);
        assert.deepEqual(await ids({ after: 'r1', limit: 1 }), ['r2']);
      });

      it('tell of a record whether a run on it is held', async () => {
        const order = (id: string) => ({ type: 'order', id });
        await committed(toUnit(toRun('r1', 1, { subject: order('o1'), status: 'held' })));
        await committed(toUnit(toRun('r2', 1, { subject: order('o2') })));
        const ids = ['o1', 'o2', 'o3', 'o1'];
        assert.deepEqual(await Promise.all(ids.map((id) => store.hasHeld(order(id)))), [
          true,
          false,
          false,
          true,
        ]);
        await committed(toUnit(toRun('r1', 2, { subject: order('o1'), status: 'done' })));
        assert.equal(await store.hasHeld(order('o1')), false);
      });

      it('find what waits for many records at once, for each its own', async () => {
        await committed(toUnit(toRun('r1', 1, { waitsOn: ['order:o1', 'order:o2'] })));
        await committed(toUnit(toRun('r2', 1, { waitsOn: ['order:o2'] })));
        const ids = ['o1', 'o2', 'o3'];
        assert.deepEqual(await Promise.all(ids.map((id) => store.runsWaitingOn(`order:${id}`, 10))), [
          ['r1'],
          ['r1', 'r2'],
          [],
        ]);
        assert.deepEqual(await store.runsWaitingOn('order:o2', 1), ['r1']);
        assert.deepEqual(await store.runsWaitingOn('order:o2', 1, 'r1'), ['r2']);
      });

      it('find those with work for any of many, in order', async () => {
        const asks = (name: string): Partial<RunState> => {
          const { root } = toRun('any', 1);
          const form = { kind: 'task', assignee: { kind: 'group', name }, claimedBy: null };
          const waits = [{ kind: 'answer', name: 'claim', form } as const];
          return { root: { ...root, activities: { ask: { visit: 1, waits } } } };
        };
        for (const [n, name] of ['b', 'a', 'c', 'a', 'b'].entries()) {
          await committed(toUnit(toRun(`r${n}`, 1, asks(name))));
        }
        const many = Array.from({ length: 250 }, (_, n) => `user:u${n}`);
        const ids = async (...given: Parameters<EngineStore['runsWithWork']>): Promise<string[]> =>
          (await store.runsWithWork(...given)).map(({ id }) => id);
        assert.deepEqual(await ids(['group:b', ...many, 'group:a'], 10), ['r0', 'r1', 'r3', 'r4']);
        assert.deepEqual(await ids(['group:b', ...many, 'group:a'], 2), ['r0', 'r1']);
        assert.deepEqual(await ids(['group:a', 'group:b'], 2, 'r1'), ['r3', 'r4']);
        assert.deepEqual(await ids(many, 10), []);
        assert.deepEqual(await ids([], 10), []);
      });

      it('find those that wait on a record', async () => {
        await committed(toUnit(toRun('r1', 1, { waitsOn: ['order:o1', 'order:o2'] })));
        await committed(toUnit(toRun('r2', 1, { waitsOn: ['order:o2'] })));
        assert.deepEqual(await store.runsWaitingOn('order:o1', 10), ['r1']);
        assert.deepEqual(await store.runsWaitingOn('order:o2', 10), ['r1', 'r2']);
        assert.deepEqual(await store.runsWaitingOn('order:o2', 1), ['r1']);
        assert.deepEqual(await store.runsWaitingOn('order:o2', 1, 'r1'), ['r2']);
        assert.deepEqual(await store.runsWaitingOn('order:o2', 1, 'r2'), []);
      });
    });

    describe('effects', () => {
      it('are written with the unit, one of an id', async () => {
        const effect = toEffect('r1:main:e:1');
        await committed(toUnit(toRun('r1', 1), { detached: [effect] }));
        assert.deepEqual(await store.loadEffect(effect.id), effect);
        assert.deepEqual(await store.effectsOf('r1'), [effect]);
        assert.deepEqual(await store.effectsOf('r2'), []);
        await refused(toUnit(toRun('r1', 2), { detached: [effect] }));
      });

      it('stand in their run, as they were, until it is stored without them', async () => {
        const run = toInFlight('r1', 1, 30);
        await committed(toUnit(run, { intents: run.inFlight! }));
        assert.deepEqual(await store.loadRun('r1'), run);
        assert.deepEqual(await store.effectsOf('r1'), []);
        await committed(toUnit(toRun('r1', 2), { detached: run.inFlight! }));
        assert.equal((await store.loadRun('r1'))!.inFlight, undefined);
        assert.deepEqual(await store.effectsOf('r1'), run.inFlight);
        assert.deepEqual(await store.runsInFlight(at(99), undefined, 9), []);
      });

      it('are found in their runs by the end of the first lease, page by page', async () => {
        for (const [id, second] of Object.entries({ r1: 30, r2: 10, r3: 40, r4: 30 }))
          await committed(toUnit(toInFlight(id, 1, second)));
        await committed(toUnit(toRun('r5', 1)));
        const found = async (...asked: Parameters<EngineStore['runsInFlight']>) =>
          (await store.runsInFlight(...asked)).map(({ id }) => id);
        assert.deepEqual(await found(at(9), undefined, 9), []);
        assert.deepEqual(await found(at(30), undefined, 9), ['r1', 'r2', 'r4']);
        assert.deepEqual(await found(at(30), undefined, 2), ['r1', 'r2']);
        assert.deepEqual(await found(at(30), 'r2', 2), ['r4']);
        // What has ended may have something in flight, too.
        await committed(toUnit({ ...toInFlight('r2', 2, 20), status: 'done' }));
        assert.deepEqual(await found(at(25), undefined, 9), ['r2']);
      });

      it('are settled under their token only', async () => {
        const effect = toEffect('r1:main:e:1');
        await committed(toUnit(toRun('r1', 1), { detached: [effect] }));
        await refused(toUnit(toRun('r1', 2), { settlements: [{ ...effect, state: 'done', token: 3 }] }));
        await refused(toUnit(toRun('r1', 2), { settlements: [toEffect('r1:main:x:1', { token: 2 })] }));
        await committed(toUnit(toRun('r1', 2), { settlements: [{ ...effect, state: 'done', token: 2 }] }));
        assert.equal((await store.loadEffect(effect.id))!.state, 'done');
      });

      it('are claimed when their lease has ended: lost, unless they were put off', async () => {
        const left = toEffect('r1:main:a:1', { claimAt: at(10) });
        const { owner: _owner, ...put } = toEffect('r1:main:b:1', { claimAt: at(20) });
        await committed(toUnit(toRun('r1', 1), { detached: [left, put, toEffect('r1:main:c:1')] }));
        const claimed = await store.claimEffects(at(25), 'w2', at(55), 10);
        assert.deepEqual(claimed, [
          { ...left, owner: 'w2', claimAt: at(55), attempt: 2, lost: 1, token: 2 },
          { ...put, owner: 'w2', claimAt: at(55), attempt: 2, lost: 0, token: 2 },
        ]);
        assert.deepEqual(await store.claimEffects(at(25), 'w3', at(55), 10), []);
      });

      it('can be looked at while they are taken, page by page', async () => {
        const effects = ['a', 'b', 'c'].map((name) => toEffect(`r1:main:${name}:1`));
        const { claimAt: _claimAt, owner: _owner, ...settled } = toEffect('r1:main:d:1');
        const later = toEffect('r1:main:e:1', { claimAt: at(31) });
        await committed(toUnit(toRun('r1', 1), { detached: [...effects, settled, later] }));
        const [first, ...more] = await store.effectsTaken(at(1), at(30), undefined, 1);
        assert.deepEqual([first, more.length], [effects[0], 0]);
        assert.deepEqual(await store.effectsTaken(at(1), at(30), first!.id, 9), effects.slice(1));
        assert.deepEqual(await store.effectsTaken(at(30), at(30), undefined, 9), []);
      });

      it('are not claimed once they are settled', async () => {
        const effect = toEffect('r1:main:e:1');
        const { claimAt: _claimAt, owner: _owner, ...settled } = effect;
        await committed(toUnit(toRun('r1', 1), { detached: [effect] }));
        await committed(toUnit(toRun('r1', 2), { settlements: [{ ...settled, state: 'done', token: 2 }] }));
        assert.deepEqual(await store.claimEffects(at(99), 'w2', at(120), 10), []);
        assert.equal(await store.nextDue(''), undefined);
      });

      it('are saved by compare-and-swap', async () => {
        const effect = toEffect('r1:main:e:1');
        await committed(toUnit(toRun('r1', 1), { detached: [effect] }));
        assert.equal(await store.saveEffect({ ...effect, claimAt: at(60), token: 2 }, 1), true);
        assert.equal(await store.saveEffect({ ...effect, claimAt: at(90), token: 2 }, 1), false);
        assert.equal(await store.saveEffect(toEffect('r1:main:x:1', { token: 2 }), 1), false);
        assert.equal((await store.loadEffect(effect.id))!.claimAt, at(60));
        assert.equal(await store.loadEffect('r1:main:x:1'), undefined);
      });
    });

    describe('the outbox', () => {
      it('gives the first row of each key, leased, and the next when it is gone', async () => {
        const rows = [toRow('a2', '2'), toRow('a1', '1'), toRow('b1', '3', { key: 'other' })];
        await committed(toUnit(toRun('r1', 1), { outbox: rows }));
        const claim = async (second: number): Promise<string[]> =>
          (await store.claimOutbox(at(second), at(second + 30), 10)).map(({ id }) => id).sort();
        assert.deepEqual(await claim(1), ['a1', 'b1']);
        assert.deepEqual(await claim(2), []);
        await store.ackOutbox('a1');
        assert.deepEqual(await claim(3), ['a2']);
        await store.ackOutbox('a2');
        await store.ackOutbox('b1');
        assert.equal(await store.nextDue(''), undefined);
      });

      const ways: readonly { readonly by: string; readonly records: readonly RecordWrite[] }[] = [
        { by: 'whole documents', records: [] },
        { by: 'changes of documents', records: [{ kind: 'delete', type: 'order', id: 'gone', version: 1 }] },
      ];
      for (const { by, records } of ways) {
        it(`keeps a row, written by ${by}, for who waits for a record or is held because of it`, async () => {
          const due = async (): Promise<string[]> => {
            const rows = await store.claimOutbox(at(10), at(40), 10);
            for (const { id, ifAwaited } of rows) {
              assert.equal(ifAwaited, undefined);
              await store.ackOutbox(id);
            }
            return rows.map(({ id }) => id).sort();
          };
          const told = (id: string, ifAwaited: string) => toRow(id, '1', { key: id, ifAwaited });
          const gone = create({ id: 'gone' });
          await committed(
            toUnit({ ...toRun('w', 1), waitsOn: ['order:o1', 'order:o2'] }, { records: [gone] }),
          );
          await committed(toUnit({ ...toRun('h', 1), status: 'held', subject: { type: 'order', id: 'o3' } }));
          await committed(toUnit({ ...toRun('s', 1), subject: { type: 'order', id: 'o4' } }));
          const perhaps = ['o1', 'o2', 'o3', 'o4', 'o'].map((id) => told(id, `order:${id}`));
          const outbox = [...perhaps, toRow('all', '1', { key: 'all' })];
          await committed(toUnit(toRun('r', 1), { outbox, records }));
          const all = await due();
          // Nobody waits for the others: a store may keep them.
          for (const id of ['o1', 'o2', 'o3', 'all']) assert.ok(all.includes(id), `${id} of ${all.join()}`);
          await Promise.all([
            committed(toUnit({ ...toRun('w', 2), waitsOn: [] })),
            committed(toUnit({ ...toRun('n', 1), waitsOn: ['order:o9'] })),
          ]);
          await committed(
            toUnit(toRun('r', 2), {
              outbox: [told('o9', 'order:o9'), told('mine', 'order:mine')],
              records: records.length === 0 ? [] : [gone],
            }),
          );
          assert.ok((await due()).includes('o9'));
          // A unit may tell of what its own run waits for from now on.
          await committed(
            toUnit(
              { ...toRun('r', 3), waitsOn: ['order:own'] },
              { outbox: [told('own', 'order:own')], records },
            ),
          );
          assert.deepEqual(await due(), ['own']);
        });
      }

      it('parks no run on a record that is not as it was seen, where rows are left out', async () => {
        await committed(
          toUnit(toRun('r', 1), { records: [create({ id: 'o1', n: 1 }), create({ id: 'o2' })] }),
        );
        const told = toRow('told', '1', { ifAwaited: 'order:nobody' });
        await committed(toUnit(toRun('r', 2), { outbox: [told] }));
        const keepsAll = (await store.claimOutbox(at(10), at(40), 10)).length === 1;
        const seen = (await tested.records.read('order', 'o1'))!;
        let parked = 0;
        /** Whether a run is parked that has seen this. */
        const parks = async (id: string, of: typeof seen | undefined, more: Partial<Unit> = {}) => {
          parked += 1;
          const run = { ...toRun(`p${parked}`, 1), waitsOn: [`order:${id}`] };
          const awaited = [{ type: 'order', id, seen: of }];
          return (await store.commit(toUnit(run, { awaited, ...more }))) === 'committed';
        };
        const deleted = (id: string): Partial<Unit> => ({
          records: [{ kind: 'delete', type: 'order', id, version: 1 }],
        });
        assert.equal(await parks('o1', seen), true);
        assert.equal(await parks('none', undefined), true);
        for (const more of [{}, deleted('o2')]) {
          assert.equal(await parks('o1', undefined, more), keepsAll);
          assert.equal(await parks('o1', { ...seen, version: 2 }, more), keepsAll);
          assert.equal(await parks('none', seen, more), keepsAll);
          if (keepsAll) return;
        }
        assert.equal(await parks('o1', seen, deleted('o2')), true);
        await committed(toUnit(toRun('r', 3), deleted('o1')));
        await committed(toUnit(toRun('r', 4), { records: [create({ id: 'o1', n: 2 }, 7)] }));
        assert.equal(await parks('o1', seen), false);
        assert.equal(await parks('o1', await tested.records.read('order', 'o1')), true);
      });

      it('gives each row to one of several that claim at the same time', async () => {
        const rows = Array.from({ length: 60 }, (_, n) =>
          toRow(`row${n}`, String(100 + n), { key: `key${n % 40}` }),
        );
        await committed(toUnit(toRun('r1', 1), { outbox: rows }));
        const claims = await Promise.all(
          Array.from({ length: 4 }, () => store.claimOutbox(at(10), at(40), 100)),
        );
        const ids = claims.flat().map(({ id }) => id);
        assert.equal(new Set(ids).size, ids.length);
        assert.deepEqual(new Set(ids), new Set(Array.from({ length: 40 }, (_, n) => `row${n}`)));
        await Promise.all(ids.map((id) => store.ackOutbox(id)));
        const left = await store.claimOutbox(at(11), at(40), 100);
        assert.deepEqual(
          new Set(left.map(({ id }) => id)),
          new Set(Array.from({ length: 20 }, (_, n) => `row${40 + n}`)),
        );
      });

      it('finds the first row of a key behind which there are many', async () => {
        const many = Array.from({ length: 50 }, (_, n) => toRow(`a${n}`, String(100 + n), { key: 'a' }));
        const last = toRow('b0', '0', { key: 'b' });
        await committed(toUnit(toRun('r1', 1), { outbox: [...many, last] }));
        const claimed = await store.claimOutbox(at(10), at(40), 100);
        assert.deepEqual(new Set(claimed.map(({ id }) => id)), new Set(['a0', 'b0']));
      });

      it('gives the rows of other keys past any number that wait behind one of theirs', async () => {
        const many = Array.from({ length: 50 }, (_, n) => toRow(`a${n}`, String(100 + n), { key: 'a' }));
        await committed(toUnit(toRun('r1', 1), { outbox: many }));
        assert.deepEqual((await store.claimOutbox(at(10), at(40), 10)).length, 1);
        const later = Array.from({ length: 12 }, (_, n) =>
          toRow(`b${n}`, String(200 + n), { key: `b${n}`, claimAt: at(11) }),
        );
        await committed(toUnit(toRun('r1', 2), { outbox: later }));
        const claimed = await store.claimOutbox(at(12), at(42), 10);
        const rest = await store.claimOutbox(at(13), at(43), 10);
        assert.deepEqual([claimed.length, rest.length], [10, 2]);
        const ids = [...claimed, ...rest].map(({ id }) => id);
        assert.deepEqual(new Set(ids), new Set(later.map(({ id }) => id)));
      });

      it('gives a row again when its lease has ended or it was put off, and no later one before it', async () => {
        await committed(toUnit(toRun('r1', 1), { outbox: [toRow('a1', '1'), toRow('a2', '2')] }));
        const [first] = await store.claimOutbox(at(1), at(31), 10);
        assert.deepEqual([first?.id, first?.attempt, first?.payload], ['a1', 0, { text: 'a1' }]);
        const [again] = await store.claimOutbox(at(31), at(61), 10);
        assert.deepEqual([again?.id, again?.attempt], ['a1', 1]);
        await store.delayOutbox('a1', at(90));
        assert.deepEqual(await store.claimOutbox(at(89), at(119), 10), []);
        assert.equal((await store.claimOutbox(at(90), at(120), 10))[0]?.id, 'a1');
      });

      it('gives a row again that was taken once by who is gone; one that was taken more often keeps its lease', async () => {
        await committed(toUnit(toRun('r1', 1), { outbox: [toRow('a', '1')] }));
        await store.claimOutbox(at(1), at(31), 10);
        await store.endLeases(at(2), at(32));
        assert.equal((await store.claimOutbox(at(2), at(32), 10)).length, 1);
        await store.endLeases(at(3), at(33));
        assert.deepEqual(await store.claimOutbox(at(3), at(33), 10), []);
      });

      it('refuses a row that is there, from a unit and from outside', async () => {
        await committed(toUnit(toRun('r1', 1), { outbox: [toRow('a', '1')] }));
        await refused(toUnit(toRun('r1', 2), { outbox: [toRow('a', '2')] }));
        assert.equal(await store.putOutbox(toRow('a', '3')), 'duplicate');
        assert.equal(await store.putOutbox(toRow('b', '3', { key: 'other' })), 'new');
        assert.equal((await store.claimOutbox(at(1), at(31), 10)).length, 2);
      });
    });

    describe('records', () => {
      const write = (seq: number, ...records: RecordWrite[]): Unit => toUnit(toRun('r1', seq), { records });

      it('are created once, and bump their version with each change', async () => {
        await committed(write(1, create({ id: 'o1', n: 1 })));
        assert.deepEqual(await tested.records.read('order', 'o1'), { value: { id: 'o1', n: 1 }, version: 1 });
        await refused(write(2, create({ id: 'o1', n: 2 })));
        await committed(write(2, update({ id: 'o1', n: 3 }, 1)));
        assert.deepEqual(await tested.records.read('order', 'o1'), { value: { id: 'o1', n: 3 }, version: 2 });
      });

      it('are written under the version that was read only', async () => {
        await committed(write(1, create({ id: 'o1' })));
        const value = { id: 'o1', n: 2 };
        for (const version of [0, 2]) await refused(write(2, update(value, version)));
        await refused(write(2, update({ id: 'o2' }, 1)));
        await refused(write(2, { kind: 'delete', type: 'order', id: 'o1', version: 2 }));
        await refused(write(2, { kind: 'touch', type: 'order', id: 'o2', version: 1 }));
        assert.deepEqual(await tested.records.read('order', 'o1'), { value: { id: 'o1' }, version: 1 });
      });

      it('are touched: the value stays, and who has read it before is refused', async () => {
        await committed(write(1, create({ id: 'o1' })));
        await committed(write(2, { kind: 'touch', type: 'order', id: 'o1', version: 1 }));
        await refused(write(3, { kind: 'touch', type: 'order', id: 'o1', version: 1 }));
        assert.deepEqual(await tested.records.read('order', 'o1'), { value: { id: 'o1' }, version: 2 });
      });

      it('are deleted', async () => {
        await committed(write(1, create({ id: 'o1' })));
        await committed(write(2, { kind: 'delete', type: 'order', id: 'o1', version: 1 }));
        assert.equal(await tested.records.read('order', 'o1'), undefined);
      });

      it('are found by conditions, sorted, so many at most', async () => {
        const values = [
          { id: 'a', n: 3, status: 'new' },
          { id: 'b', n: 1, status: 'old' },
          { id: 'c', n: 2, status: 'new' },
        ];
        await committed(write(1, ...values.map(create)));
        const find = async (query: Partial<RecordQuery>): Promise<string[]> =>
          (await tested.records.find({ type: 'order', where: [], limit: 10, ...query })).map(
            ({ value }) => value.id,
          );
        const isNew = { field: 'status', operator: 'equalTo', value: 'new' } as const;
        assert.deepEqual(await find({}), ['a', 'b', 'c']);
        assert.deepEqual(await find({ where: [isNew], sort: [{ field: 'n' }] }), ['c', 'a']);
        assert.deepEqual(await find({ sort: [{ field: 'n', descending: true }], limit: 2 }), ['a', 'c']);
        assert.deepEqual(await find({ where: [{ field: 'n', operator: 'greaterThan', value: 1 }] }), [
          'a',
          'c',
        ]);
        assert.deepEqual(await find({ where: [{ field: 'gone', operator: 'isNull', value: true }] }), [
          'a',
          'b',
          'c',
        ]);
      });
    });

    describe('versions of flows', () => {
      it('are saved once a number, and found by number and hash', async () => {
        assert.equal(await store.saveDraft(toVersion('a', 1)), true);
        assert.equal(await store.saveDraft(toVersion('a', 1, { hash: 'other' })), false);
        assert.deepEqual(await store.flowByVersion('a', 1), toVersion('a', 1));
        assert.deepEqual(await store.flowByHash('a-1'), toVersion('a', 1));
        assert.equal(await store.flowByHash('other'), undefined);
        assert.equal(await store.activeFlow('a'), undefined);
      });

      const activate = (
        name: string,
        version: number,
        expected: number,
        activated?: FlowVersion['activated'],
      ) =>
        store.takeFlows([], [{ name, version, expected, ...(activated === undefined ? {} : { activated }) }]);

      it('become active one at a time, if the active one is the one expected', async () => {
        for (const version of [1, 2]) await store.saveDraft(toVersion('a', version));
        assert.equal(await activate('a', 1, 2), false);
        assert.equal(await activate('a', 1, 0), true);
        assert.equal(await activate('a', 2, 0), false);
        assert.equal(await activate('a', 3, 1), false);
        assert.deepEqual(await store.activeFlow('a'), { name: 'a', version: 1, hash: 'a-1' });
        assert.equal(await activate('a', 2, 1), true);
        assert.deepEqual(
          (await store.listFlows({ name: 'a' })).map(({ version, status }) => `${version} ${status}`),
          ['1 retired', '2 active'],
        );
      });

      it('keep who has made them active last, also the one that is active already', async () => {
        const activatedOf = async (): Promise<unknown> => (await store.flowByVersion('a', 1))?.activated;
        await store.saveDraft(toVersion('a', 1));
        assert.equal(await activatedOf(), undefined);
        await activate('a', 1, 0, { by: 'ana', at: at(0) });
        assert.deepEqual(await activatedOf(), { by: 'ana', at: at(0) });
        assert.equal(await activate('a', 1, 1, { by: 'ada', at: at(1) }), true);
        assert.deepEqual(await store.activeFlow('a'), { name: 'a', version: 1, hash: 'a-1' });
        await activate('a', 0, 1);
        assert.deepEqual(await activatedOf(), { by: 'ada', at: at(1) });
        assert.equal(await store.activeFlow('a'), undefined);
      });

      it('are taken together, all of them or none', async () => {
        await store.saveDraft(toVersion('b', 1));
        const all = async (): Promise<string[]> =>
          (await store.listFlows({})).map(({ name, version, status }) => `${name}${version} ${status}`);
        const [a, b] = [toVersion('a', 1), toVersion('b', 2)];
        const first = { name: 'a', version: 1, expected: 0 };
        const second = { name: 'b', version: 2, expected: 0 };
        assert.equal(await store.takeFlows([a, toVersion('b', 1, { hash: 'other' })], [first]), false);
        assert.equal(await store.takeFlows([a, b], [first, { ...second, expected: 1 }]), false);
        assert.equal(await store.takeFlows([a], [first, second]), false);
        assert.deepEqual(await all(), ['b1 draft']);
        assert.equal(await store.flowByHash('a-1'), undefined);
        const activated = { by: 'ana', at: at(0) };
        assert.equal(await store.takeFlows([a, b], [first, { ...second, activated }]), true);
        assert.deepEqual(await all(), ['a1 active', 'b1 draft', 'b2 active']);
        assert.deepEqual((await store.flowByVersion('b', 2))?.activated, activated);
        assert.equal(await store.takeFlows([], [{ name: 'b', version: 1, expected: 2 }]), true);
        assert.deepEqual(await all(), ['a1 active', 'b1 active', 'b2 retired']);
      });

      it('are not given up if one that calls them has become active since, nor called if they have been', async () => {
        for (const name of ['a', 'b']) await store.saveDraft(toVersion(name, 1));
        const caller = { name: 'b', version: 1, expected: 0, calls: ['a', 'b'] };
        const noMore = { name: 'a', version: 0, expected: 1, relied: 0 };
        assert.equal(await store.takeFlows([], [caller]), false);
        assert.equal(await store.activeFlow('b'), undefined);
        await activate('a', 1, 0);
        assert.equal(await store.takeFlows([], [caller]), true);
        assert.equal((await store.flowByVersion('a', 1))?.relied, 1);
        assert.equal(await store.takeFlows([], [noMore]), false);
        assert.equal(await store.takeFlows([], [{ ...noMore, relied: 1 }]), true);
      });

      it('are either given up or called, where both are wanted at once', async () => {
        for (const name of ['a', 'b']) await store.saveDraft(toVersion(name, 1));
        await activate('a', 1, 0);
        const done = await Promise.all([
          store.takeFlows([], [{ name: 'a', version: 0, expected: 1, relied: 0 }]),
          store.takeFlows([], [{ name: 'b', version: 1, expected: 0, calls: ['a'] }]),
        ]);
        assert.deepEqual(done.sort(), [false, true]);
      });

      it('are listed by name and status, in order', async () => {
        for (const [name, version] of [
          ['b', 1],
          ['a', 2],
          ['a', 1],
        ] as const)
          await store.saveDraft(toVersion(name, version));
        await activate('a', 2, 0);
        const list = async (filter: Parameters<EngineStore['listFlows']>[0]): Promise<string[]> =>
          (await store.listFlows(filter)).map(({ name, version }) => `${name}${version}`);
        assert.deepEqual(await list({}), ['a1', 'a2', 'b1']);
        assert.deepEqual(await list({ status: 'active' }), ['a2']);
        assert.deepEqual(await list({ name: 'b' }), ['b1']);
      });
    });

    describe('events from outside', () => {
      const event = (id: string, second: number): KeptEvent => ({
        id,
        event: 'parcel.scanned',
        hash: `hash-${id}`,
        by: 'carrier',
        at: at(second),
        listeners: { flows: ['a'], runs: 2 },
      });

      it('are kept once, with the row that tells of them, whoever else tells of them at once', async () => {
        const told = await Promise.all(
          Array.from({ length: 5 }, async () => store.putEvent(event('e1', 0), toRow('event:e1', '1'))),
        );
        assert.equal(told.filter((one) => one === 'new').length, 1);
        assert.deepEqual(await store.loadEvent('e1'), event('e1', 0));
        assert.equal(await store.loadEvent('e2'), undefined);
        const rows = await store.claimOutbox(at(100), at(200), 10);
        assert.deepEqual(
          rows.map(({ id }) => id),
          ['event:e1'],
        );
        await store.ackOutbox('event:e1');
        assert.equal(await store.putEvent(event('e1', 0), toRow('event:e1', '1')), 'duplicate');
        assert.deepEqual(await store.claimOutbox(at(300), at(400), 10), [], 'it is not told again');
      });
    });

    describe('schedules', () => {
      it('are written if they are as they were read', async () => {
        const first = { flow: 'a', pattern: '0 * * * *', nextAt: at(10) };
        assert.equal(await store.loadSchedule('a'), undefined);
        assert.equal(await store.saveSchedule(first, undefined), true);
        assert.equal(await store.saveSchedule(first, undefined), false);
        const next = { ...first, nextAt: at(20) };
        assert.equal(await store.saveSchedule(next, first), true);
        assert.equal(await store.saveSchedule(next, first), false);
        assert.deepEqual(await store.loadSchedule('a'), next);
      });
    });
  });
}
