// What a flow reads of its user's permissions: by path, true or false, and no error for one that the user lacks.
import assert from 'node:assert/strict';
import { agent, type EngineWorld, openWorld } from '../../../support/engine-world.js';
import { flow } from '../../../support/flows.js';

const reading = (path: string) =>
  flow(
    'reading',
    'keep',
    {
      keep: { type: 'assignment', label: 'Keep', assignments: [{ target: 'may', value: { var: 'asked' } }] },
    },
    {
      variables: { may: { schema: { type: ['boolean', 'null'] }, output: true, default: null } },
      formulas: { asked: { expression: { var: path } } },
    },
  );

describe('$permission', () => {
  let world: EngineWorld;
  beforeEach(async () => {
    world = await openWorld();
  });
  afterEach(async () => {
    await world.engine.close();
    await world.close();
  });

  for (const [path, may] of [
    ['$permission.orders.read', true],
    ['$permission.orders.refund', false],
    ['$permission.admin', false],
  ] as const) {
    it(`${path} is ${may} for whoever ${may ? 'has' : 'lacks'} it`, async () => {
      await world.publish(reading(path));
      const run = await world.engine.start({ flow: 'reading', user: agent });
      assert.equal(run.outputs?.['may'], may);
    });
  }

  it('decides whether a flow applies, with its sentence', async () => {
    const held = reading('$permission.orders.read');
    const conditions = [{ when: { var: '$permission.orders.hold' }, otherwise: 'You may not hold orders.' }];
    await world.publish({ ...held, start: { ...held.start, conditions } });
    await assert.rejects(world.engine.start({ flow: 'reading', user: agent }), {
      code: 'run.not-applicable',
      message: /You may not hold orders\./,
    });
  });
});
