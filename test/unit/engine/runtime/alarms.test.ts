// When the engine wakes: an alarm that is due and has not rung yet is not put off by what else comes up.
import assert from 'node:assert/strict';
import { agent, type EngineWorld, openWorld } from '../../../support/engine-world.js';
import { flow } from '../../../support/flows.js';

const waits = flow('waits', 'w', {
  w: { type: 'wait', label: 'W', events: [{ name: 'over', after: { cat: ['PT', { var: 'n' }, 'S'] } }] },
});

describe('alarms', () => {
  let world: EngineWorld;
  beforeEach(async () => {
    world = await openWorld();
    await world.publish(waits);
  });
  afterEach(async () => {
    await world.engine.close();
    await world.close();
  });

  it('one that is overdue rings at once, though a later one is set before it did', async () => {
    await world.engine.start({ flow: 'waits', user: agent, id: 'soon', input: { n: 1 } });
    await world.calm();
    world.clock.set(world.clock.now() + 1_001);
    await world.engine.start({ flow: 'waits', user: agent, id: 'later', input: { n: 60 } });
    await world.calm();
    assert.equal((await world.engine.run('soon')).status, 'done');
    assert.equal((await world.engine.run('later')).status, 'waiting');
  });
});
