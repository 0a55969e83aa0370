// The failures of XState that were reproduced (F4 to F7) can't reach a run: no live actors, no delays, no eventless
// transitions, and nothing that an unknown event or a removed state could do in silence.
import assert from 'node:assert/strict';
import { Control } from '../../../../engine/compile/machine.js';
import { agent, type EngineWorld, openWorld } from '../../../support/engine-world.js';
import { flow } from '../../../support/flows.js';

/** Two elements that lead to each other for ever, with a parallel element between them. */
const circle = flow(
  'circle',
  'wait',
  {
    wait: { type: 'wait', label: 'Wait', events: [{ name: 'go', signal: 'go', next: 'both' }] },
    both: { type: 'parallel', label: 'Both', branches: [{ name: 'left', start: 'add' }], next: 'wait' },
    add: {
      type: 'assignment',
      label: 'Add',
      assignments: [{ target: 'total', operator: 'add', value: 1 }],
    },
  },
  { signals: { go: { schema: {} }, other: { schema: {} } } },
);

describe('control flow on XState', () => {
  let world: EngineWorld;
  beforeEach(async () => {
    world = await openWorld();
    await world.publish(circle);
  });
  afterEach(async () => {
    await world.engine.close();
    await world.close();
  });

  const machine = async () => {
    const ref = await world.engine.versions.active('circle');
    return (await world.engine.versions.compiled(ref!)).machine;
  };

  it('F4: refuses a stored value that names a removed state, at once and to the caller', async () => {
    const compiled = await machine();
    assert.throws(() => new Control(compiled, 'removed'), /removed/);
  });

  it('F5 and F6: has neither delays nor eventless transitions nor actors, in any state', async () => {
    const compiled = await machine();
    const states = [compiled.root];
    for (const state of states) states.push(...Object.values(state.states));
    assert.ok(states.length > 5);
    for (const { id, always, after, invoke } of states) {
      assert.deepEqual([always ?? [], after, invoke], [[], [], []], id);
    }
  });

  it('F6: goes round a circle by one event at a time, as often as it is asked to', async () => {
    const { id } = await world.engine.start({ flow: 'circle', user: agent });
    for (let n = 0; n < 3; n += 1) await world.engine.signal(id, 'go', null, { by: 'me' });
    const run = await world.settle(id);
    assert.deepEqual([run.status, run.root.variables['total'], run.root.visits['wait']], ['waiting', 3, 4]);
  });

  it('F7: stays where it is at an unknown event, and the sender is told what is accepted', async () => {
    const control = new Control(await machine(), 'wait');
    control.send('nothing.known');
    assert.equal(control.value, 'wait');
    const { id } = await world.engine.start({ flow: 'circle', user: agent });
    await assert.rejects(world.engine.signal(id, 'other', null, { by: 'me' }), {
      code: 'run.event-not-accepted',
      data: { status: 'waiting', accepted: ['go'] },
    });
  });
});
