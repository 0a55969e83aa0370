// Waiting for a run to come to rest: brought there here, by another worker, or not in time.
import assert from 'node:assert/strict';
import { agent, type EngineWorld, openWorld } from '../../../support/engine-world.js';
import { flow, minute } from '../../../support/flows.js';

const second = 1_000;

const paying = flow(
  'paying',
  'pay',
  {
    pay: { type: 'action', label: 'Pay', action: 'charge', input: {}, next: 'w' },
    w: { type: 'wait', label: 'W', events: [{ name: 'go', signal: 'go' }] },
  },
  { signals: { go: { schema: {} } } },
);

describe('a run that is waited for', () => {
  let world: EngineWorld;
  beforeEach(async () => {
    world = await openWorld();
    await world.publish(paying);
  });
  afterEach(async () => {
    await world.engine.close();
    await world.close();
  });

  const start = () => world.engine.start({ flow: 'paying', user: agent, id: 'r1' });

  it('is answered once it waits, is over at once if it waits already, and is unknown if there is none', async () => {
    await start();
    const settled = world.engine.settled('r1', minute);
    await world.calm();
    assert.equal((await settled).status, 'waiting');
    assert.equal((await world.engine.settled('r1', minute)).status, 'waiting');
    await assert.rejects(world.engine.settled('r2', minute), { code: 'run.unknown' });
  });

  it('is answered as it is when the time is over', async () => {
    world.provider.script('charge', () => world.later(8 * second, {}));
    await start();
    const settled = world.engine.settled('r1', 2 * second);
    await world.pass(3 * second);
    assert.equal((await settled).status, 'active');
    await world.pass(8 * second);
  });

  it('is answered when another worker has brought it there', async () => {
    world.provider.script('charge', () => world.later(8 * second, {}));
    await start();
    const other = world.make();
    await other.cancel('r1', { by: 'operator', reason: 'because' });
    const settled = world.engine.settled('r1', minute);
    await world.pass(2 * second);
    assert.equal((await settled).status, 'cancelled');
    await other.close();
    await world.pass(8 * second);
  });
});
