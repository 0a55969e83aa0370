// Events that are told from outside: once for each id, also when the teller or the engine dies, with those who listened.
import assert from 'node:assert/strict';
import { CrashPoints } from '../../../support/crash-points.js';
import { agent, type EngineWorld, openWorld } from '../../../support/engine-world.js';
import { flow, minute } from '../../../support/flows.js';

const event = 'parcel.scanned';
const waiting = flow('waiting', 'w', {
  w: {
    type: 'wait',
    label: 'Wait',
    events: [{ name: 'came', event, key: 'p1', next: 'keep' }],
  } as never,
  keep: {
    type: 'assignment',
    label: 'Keep',
    assignments: [{ target: 'total', value: { var: 'w.payload.n' } }],
  } as never,
});
const starting = (name: string, when?: object) =>
  flow(
    name,
    'done',
    { done: { type: 'end', label: 'Done' } },
    {
      start: {
        trigger: { type: 'event', event, ...(when === undefined ? {} : { when: when as never }) },
        next: 'done',
      },
    },
  );

describe('events from outside', () => {
  let world: EngineWorld;
  beforeEach(async () => {
    world = await openWorld();
  });
  afterEach(async () => {
    await world.engine.close();
    await world.close();
  });
  const told = { event, key: 'p1', payload: { n: 3 }, id: 'e1', by: 'carrier' };

  it('say who listens: flows by their triggers, runs by their waits', async () => {
    const far = { '==': [{ var: '$event.n' }, 99] };
    await world.publish(starting('on-scan'), starting('on-far-scan', far), waiting);
    for (const id of ['w1', 'w2']) await world.engine.start({ flow: 'waiting', user: agent, id });
    const { kept, starts, replayed } = await world.engine.publish(told);
    assert.equal(replayed, false);
    assert.deepEqual(kept.listeners, { flows: ['on-far-scan', 'on-scan'], runs: 2 });
    assert.deepEqual(
      starts.map(({ flow: name }) => name),
      ['on-far-scan', 'on-scan'],
    );
    await world.calm();
    const after = await world.engine.event('e1');
    assert.deepEqual(
      after.starts.map(({ flow: name, began }) => [name, began]),
      [
        ['on-far-scan', false],
        ['on-scan', true],
      ],
    );
    const began = await world.store.loadRun(after.starts[1]!.run);
    assert.deepEqual([began?.flow.name, began?.event], ['on-scan', { n: 3 }]);
    for (const id of ['w1', 'w2']) {
      assert.deepEqual((await world.store.loadRun(id))?.outputs, { total: 3 });
    }
  });

  it('do not count those who wait for one whose name and key look the same together', async () => {
    await world.publish(waiting);
    await world.engine.start({ flow: 'waiting', user: agent, id: 'w1' });
    const listening = async (named: string, key: string): Promise<number> => {
      const id = `${named} of ${key}`;
      return (await world.engine.publish({ event: named, key, payload: null, id })).kept.listeners.runs;
    };
    assert.deepEqual([await listening(`${event}:p1`, 'p2'), await listening(event, 'p1')], [0, 1]);
  });

  it('are taken when nobody listens, which is said', async () => {
    const { kept } = await world.engine.publish(told);
    assert.deepEqual(kept.listeners, { flows: [], runs: 0 });
  });

  it('are told once for each id: what has begun to wait since is not told of a repeat', async () => {
    await world.publish(starting('on-scan'), waiting);
    await world.engine.publish(told);
    await world.calm();
    await world.engine.start({ flow: 'waiting', user: agent, id: 'late' });
    const again = await world.engine.publish(told);
    assert.equal(again.replayed, true);
    assert.deepEqual(again.kept.listeners, { flows: ['on-scan'], runs: 0 });
    await world.calm();
    assert.equal((await world.store.loadRun('late'))?.status, 'waiting');
    assert.equal((await world.store.listRuns({ flow: 'on-scan', limit: 5 })).length, 1);
    for (const other of [{ event: 'other' }, { key: 'p2' }, { payload: { n: 4 } }]) {
      await assert.rejects(world.engine.publish({ ...told, ...other }), { code: 'run.idempotency-mismatch' });
    }
  });

  it('are told once when many tell of one at once', async () => {
    await world.publish(starting('on-scan'));
    const answers = await Promise.allSettled(Array.from({ length: 8 }, () => world.engine.publish(told)));
    // One that can't yet see what is being told comes again.
    for (const one of answers) if (one.status === 'rejected') assert.equal(one.reason.code, 'run.contended');
    const told1 = answers.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    assert.equal(told1.filter(({ replayed }) => !replayed).length, 1);
    await world.calm();
    assert.equal((await world.store.listRuns({ flow: 'on-scan', limit: 5 })).length, 1);
  });

  it('are told once whoever dies, before and after they are kept', async () => {
    await world.publish(starting('on-scan'), waiting);
    await world.engine.start({ flow: 'waiting', user: agent, id: 'w1' });
    let died = 0;
    for (let point = 1; point <= 40; point += 1) {
      const points = new CrashPoints(point);
      world.begin(points);
      await Promise.race([world.engine.publish({ ...told, id: `e${point}` }), points.death]);
      await world.calm();
      if (!points.dead) break;
      died += 1;
      world.begin();
      await world.engine.publish({ ...told, id: `e${point}` });
      await world.pass(minute);
      const runs = await world.store.listRuns({ flow: 'on-scan', limit: 100 });
      assert.equal(runs.length, point, `a death at point ${point}`);
    }
    assert.ok(died >= 4, `${died} deaths`);
    assert.deepEqual((await world.store.loadRun('w1'))?.outputs, { total: 3 });
  });

  it('without a key wait for no other event', async () => {
    await world.publish(starting('on-scan'));
    const { key: _, ...keyless } = told;
    await world.engine.publish({ ...keyless, id: 'e1' });
    await world.engine.publish({ ...keyless, id: 'e2' });
    const rows = await world.store.claimOutbox('9999', '9999', 10);
    // What the engine has not begun to deliver can be claimed at once.
    assert.equal(new Set(rows.map(({ key }) => key)).size, rows.length);
    await world.calm();
  });

  it('are refused when they are too large, and are not kept', async () => {
    const text = 'x'.repeat(262_144);
    await assert.rejects(world.engine.publish({ ...told, payload: { text } }), {
      code: 'run.event-too-large',
    });
    await assert.rejects(world.engine.event('e1'), { code: 'run.event-unknown' });
  });

  it('are forgotten after a while', async () => {
    await world.engine.publish(told);
    const now = new Date(world.clock.now());
    const later = new Date(now.getTime() + 1).toISOString();
    assert.deepEqual(await world.store.sweep('events', now.toISOString(), undefined, 10), { removed: 0 });
    assert.deepEqual(await world.store.sweep('events', later, undefined, 10), { removed: 1 });
    await assert.rejects(world.engine.event('e1'), { code: 'run.event-unknown' });
  });
});
