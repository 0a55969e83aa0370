// What is bounded: segments of a run, runs in flight, the time a stop takes, and how long what is done is kept.
import assert from 'node:assert/strict';
import type { EngineStore, RunState } from '../../../../engine/index.js';
import { engineLimits } from '../../../../engine/index.js';
import { agent, type EngineWorld, openWorld } from '../../../support/engine-world.js';
import { flow, hour } from '../../../support/flows.js';

const who = { by: 'operator', reason: 'because' };
const day = 24 * hour;

const waits = flow(
  'waits',
  'w',
  {
    w: { type: 'wait', label: 'W', events: [{ name: 'go', signal: 'go', next: 'pay' }] },
    pay: { type: 'action', label: 'Pay', action: 'charge', input: {} },
  },
  { signals: { go: { schema: {}, buffered: true } } },
);

describe('limits', () => {
  let world: EngineWorld;
  beforeEach(async () => {
    world = await openWorld();
  });
  afterEach(async () => {
    await world.engine.close();
    await world.close();
  });

  it('a run that has had too many segments stops at an incident and takes nothing more', async () => {
    await world.publish(waits);
    await world.engine.start({ flow: 'waits', user: agent, id: 'r1' });
    const run = await world.engine.run('r1');
    const state: RunState = { ...run, seq: engineLimits.segmentsPerRunMax };
    await world.connection
      .collection('runs')
      .updateOne({ _id: 'r1' as never }, { $set: { seq: state.seq, state: JSON.stringify(state) } });
    world.begin();
    await world.engine.signal('r1', 'go', null, { by: 'me' });
    const stopped = await world.settle('r1');
    assert.deepEqual([stopped.status, stopped.incident?.error.code], ['incident', 'run.limit-segments']);
    await world.engine.cancel('r1', who);
    assert.equal((await world.engine.run('r1')).status, 'cancelled');
    assert.deepEqual(world.provider.log, []);
  });

  it('writes the journal of a large segment in chunks, each within its limit', async () => {
    const text = 'x'.repeat(900);
    const loop = flow(
      'loop',
      'each',
      {
        each: { type: 'loop', label: 'Each', collection: { var: 'list' }, item: 'item', body: 'call' },
        call: { type: 'action', label: 'Call', action: 'double', input: { value: 1, text }, next: 'each' },
      },
      {
        variables: {
          list: { schema: { type: 'array' }, default: Array.from({ length: 600 }, (_, index) => index) },
          item: { schema: { type: ['number', 'null'] } },
        },
      },
    );
    await world.publish(loop);
    const { id } = await world.engine.start({ flow: 'loop', user: agent });
    const chunks = await world.engine.journal(id);
    assert.ok(chunks.length > 1, `${chunks.length} chunks`);
    assert.equal(new Set(chunks.map(({ seq }) => seq)).size, 1);
    for (const { entries } of chunks) {
      assert.ok(JSON.stringify(entries).length <= engineLimits.journalChunkBytesMax + entries.length + 2);
    }
    assert.equal(chunks.flatMap(({ entries }) => entries).length >= 1_200, true);
  });

  it('refuses starts beyond the runs in flight as overloaded, retryable, and recovers', async () => {
    await world.publish(flow('short', undefined, {}));
    const starts = Array.from({ length: engineLimits.runsInFlightMax + 50 }, () =>
      world.engine.start({ flow: 'short', user: agent }),
    );
    const settled = await Promise.allSettled(starts);
    const refused = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    assert.equal(refused.length, 50);
    for (const error of refused) {
      assert.deepEqual(
        [error.code, error.retryable, error.entry?.status ?? error.status],
        ['run.overloaded', true, 503],
      );
    }
    assert.equal((await world.engine.start({ flow: 'short', user: agent })).status, 'done');
  });

  it('a graceful stop finishes what is under way, and refuses what is new', async () => {
    await world.publish(waits);
    world.provider.script('charge', () => world.later(5_000, { ok: true }));
    await world.engine.start({ flow: 'waits', user: agent, id: 'r1' });
    await world.engine.signal('r1', 'go', null, { by: 'me' });
    await world.calm();
    const closed = world.engine.close();
    await assert.rejects(world.engine.start({ flow: 'waits', user: agent }), { code: 'run.stopping' });
    await assert.rejects(world.engine.signal('r1', 'go', null, { by: 'me' }), { code: 'run.stopping' });
    world.clock.goTo(world.clock.now() + 5_000);
    await closed;
    assert.equal((await world.store.loadRun('r1'))?.status, 'done');
  });

  it('a graceful stop leaves what it begins no more to the next worker, and nothing in doubt', async () => {
    await world.publish(
      flow('twice', 'a', {
        a: { type: 'action', label: 'A', action: 'post', input: {}, next: 'b' },
        b: { type: 'action', label: 'B', action: 'post', input: {} },
      }),
    );
    world.provider.script('post', () => world.later(1_000, { ok: true }));
    await world.engine.start({ flow: 'twice', user: agent, id: 'r1' });
    await world.calm();
    const closed = world.engine.close();
    world.clock.goTo(world.clock.now() + 1_000);
    await closed;
    assert.equal(world.provider.log.length, 1);
    world.begin();
    assert.equal((await world.settle('r1')).status, 'done');
    assert.deepEqual(
      world.provider.log.map(({ key, attempt }) => `${key} ${attempt}`),
      ['r1:main:a:1 1', 'r1:main:b:1 1'],
    );
  });

  it('a graceful stop waits no longer than its limit; the next worker goes on', async () => {
    await world.publish(waits);
    world.provider.script('charge', async (_call, count) => {
      if (count === 1) await new Promise(() => {});
      return { ok: true };
    });
    await world.engine.start({ flow: 'waits', user: agent, id: 'r1' });
    await world.engine.signal('r1', 'go', null, { by: 'me' });
    world.provider.sleeping += 1;
    await world.calm();
    const closed = world.engine.close();
    world.clock.goTo(world.clock.now() + engineLimits.drainMsMax);
    await closed;
    world.provider.sleeping -= 1;
    world.begin();
    await world.pass(2 * engineLimits.leaseMs);
    assert.equal((await world.settle('r1')).status, 'done');
  });

  it('forgets items and effects of runs that ended long ago, and nothing of those that go on', async () => {
    await world.publish(waits);
    for (const id of ['ended', 'open']) {
      await world.engine.start({ flow: 'waits', user: agent, id });
    }
    await world.engine.signal('ended', 'go', null, { id: 's-ended', by: 'me' });
    await world.settle('ended');
    await world.engine.signal('open', 'go', null, { id: 's-open', by: 'me' });
    world.provider.script('charge', () => world.later(1, { ok: true }));
    const { store } = world as { store: EngineStore };
    const known = async () => [
      (await store.knownItem('s-ended')) !== undefined,
      (await store.effectsOf('ended')).length,
    ];
    world.begin();
    await world.pass(29 * day);
    assert.deepEqual(await known(), [true, 1]);
    await world.pass(3 * day);
    assert.deepEqual(await known(), [false, 0]);
    assert.equal((await store.loadRun('ended'))?.status, 'done');
  });
});
