// What the simulation has found in the engine, each as the smallest world that shows it, on the real store.
import assert from 'node:assert/strict';
import { compensateElement } from '../../../../engine/elements/compensate.js';
import { agent, type EngineWorld, kernelElements, openWorld } from '../../../support/engine-world.js';
import { flow, hour, minute } from '../../../support/flows.js';

const who = { by: 'operator', reason: 'test' };

describe('what the simulation has found', () => {
  let world: EngineWorld;
  beforeEach(async () => {
    world = await openWorld({ elements: [...kernelElements, compensateElement] });
  });
  afterEach(async () => {
    await world.engine.close();
    await world.close();
  });

  const undone = (): string[] =>
    world.provider.log.filter(({ kind }) => kind === 'undo').map(({ key }) => key);

  it('undoes an effect that ended in the very segment that compensates', async () => {
    await world.publish(
      flow('f', 'pay', {
        pay: { type: 'action', label: 'Pay', action: 'charge', input: {}, next: 'undo' },
        undo: { type: 'compensate', label: 'Undo' },
      }),
    );
    await world.engine.start({ flow: 'f', user: agent, id: 'r1' });
    assert.equal((await world.settle('r1')).status, 'done');
    assert.deepEqual(undone(), ['r1:main:pay:1:undo']);
  });

  it('does nothing new in a run that is cancelled and compensated', async () => {
    await world.publish(
      flow('f', 'a', {
        a: { type: 'action', label: 'A', action: 'charge', input: {}, next: 'b' },
        b: { type: 'action', label: 'B', action: 'charge', input: {}, next: 'w' },
        w: { type: 'wait', label: 'W', events: [{ name: 'over', after: 'PT9H' }] },
      }),
    );
    await world.engine.start({ flow: 'f', user: agent, id: 'r1' });
    await world.settle('r1');
    await world.engine.cancel('r1', who, { compensate: true });
    await assert.rejects(world.engine.cancel('r1', who, { compensate: true }), {
      code: 'run.operation-refused',
    });
    const run = await world.settle('r1');
    assert.equal(run.status, 'cancelled');
    assert.deepEqual(undone(), ['r1:main:b:1:undo', 'r1:main:a:1:undo']);
    assert.equal(run.root.visits['w'], 1);
  });

  it('leaves a run that has ended alone when a late doubt is resolved', async () => {
    world.provider.script('post', () => {
      world.points.kill();
      return {};
    });
    await world.publish(
      flow('f', 'p', {
        p: {
          type: 'parallel',
          label: 'P',
          join: 'any',
          branches: [
            { name: 'call', start: 'send' },
            { name: 'time', start: 'soon' },
          ],
        },
        send: { type: 'action', label: 'Send', action: 'post', input: {} },
        soon: { type: 'wait', label: 'Soon', events: [{ name: 'over', after: 'PT1S' }] },
      }),
    );
    await world.engine.start({ flow: 'f', user: agent, id: 'r1' });
    await world.calm();
    world.begin();
    await world.pass(2 * minute);
    const effect = (await world.store.loadEffect('r1:main:send:1'))!;
    assert.deepEqual([effect.state, effect.late], ['inDoubt', true]);
    await world.engine.resolveInDoubt('r1', effect.id, { happened: false }, who);
    await world.pass(hour);
    assert.equal((await world.engine.run('r1')).status, 'done');
    assert.equal((await world.store.loadEffect(effect.id))!.state, 'failed');
    assert.equal(world.provider.log.length, 1);
  });

  it('stops at a second doubt once the first is resolved', async () => {
    world.provider.script('post', () => {
      throw new Error('502 bad gateway');
    });
    await world.publish(
      flow('f', 'p', {
        p: {
          type: 'parallel',
          label: 'P',
          branches: [
            { name: 'left', start: 'a' },
            { name: 'right', start: 'b' },
          ],
        },
        a: { type: 'action', label: 'A', action: 'post', input: {} },
        b: { type: 'action', label: 'B', action: 'post', input: {} },
      }),
    );
    await world.engine.start({ flow: 'f', user: agent, id: 'r1' });
    await world.pass(minute);
    const doubts = new Set<string>();
    for (let round = 0; round < 2; round += 1) {
      const { status, incident } = await world.engine.run('r1');
      assert.deepEqual([status, incident?.kind], ['incident', 'inDoubt']);
      doubts.add(incident!.effect!);
      await world.engine.resolveInDoubt('r1', incident!.effect!, { happened: true, output: {} }, who);
      // What the stopped run has kept is looked for again by the sweep.
      await world.pass(25 * hour);
    }
    assert.equal(doubts.size, 2);
    assert.equal((await world.engine.run('r1')).status, 'done');
  });

  it('sees, once it goes on, that a record has changed while the run was suspended', async () => {
    await world.putRecord('order', { id: 'o1', status: 'new' });
    await world.publish(
      flow('f', 'w', {
        w: {
          type: 'wait',
          label: 'W',
          events: [
            {
              name: 'paid',
              record: { type: 'order', id: 'o1', when: { '===': [{ var: 'w.record.status' }, 'paid'] } },
            },
          ],
        },
      }),
    );
    await world.engine.start({ flow: 'f', user: agent, id: 'r1' });
    await world.engine.suspend('r1', who);
    await world.putRecord('order', { id: 'o1', status: 'paid' });
    await world.engine.recordChanged('order', 'o1');
    await world.engine.resume('r1', who);
    assert.equal((await world.settle('r1')).status, 'done');
  });

  it('refuses to retry or skip what is not there any more', async () => {
    await world.publish(
      flow('f', 'bad', {
        bad: {
          type: 'assignment',
          label: 'Bad',
          assignments: [{ target: 'total', value: 'text' }],
        },
      }),
    );
    const { seq, status } = await world.engine.start({ flow: 'f', user: agent, id: 'r1' });
    assert.equal(status, 'incident');
    await world.engine.retry('r1', { ...who, seq });
    await assert.rejects(world.engine.skip('r1', {}, { ...who, seq }), { code: 'run.operation-refused' });
    assert.equal((await world.engine.run('r1')).status, 'incident');
  });
});
