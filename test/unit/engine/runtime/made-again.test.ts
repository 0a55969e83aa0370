// Records that are deleted and made again under one id: what was decided on the first one is not written over the second.
import assert from 'node:assert/strict';
import type { Action, RecordsSession } from '../../../../engine/index.js';
import { agent, type EngineWorld, openWorld } from '../../../support/engine-world.js';
import { call, flow, hour, waitFor } from '../../../support/flows.js';

const second = 1_000;

describe('a record that is made again', () => {
  let world: EngineWorld;
  const acting = (name: string, perform: (records: RecordsSession) => Promise<unknown>): Action => ({
    name,
    title: name,
    description: `The action ${name}.`,
    input: { type: 'object' },
    output: {},
    effect: 'records',
    perform: async ({ records }) => {
      await perform(records!);
      return null;
    },
  });
  beforeEach(async () => {
    world = await openWorld({
      actions: [
        acting('make', (records) => records.create('order', { id: 'o1', n: 1 })),
        acting('drop', (records) => records.delete('order', 'o1')),
        acting('makeOther', (records) => records.create('order', { id: 'o1', n: 100 })),
        acting('add', async (records) => {
          const { n } = (await records.get('order', 'o1'))!;
          await world.later(5 * second, null);
          await records.update('order', 'o1', { n: Number(n) + 1 });
        }),
      ],
      engine: { triggerUser: agent },
    });
    for (const action of ['make', 'drop', 'makeOther', 'add'])
      await world.publish(flow(action, 'do', { do: call(action) }));
  });
  afterEach(async () => {
    await world.engine.close();
    await world.close();
  });

  const run = async (name: string): Promise<void> => {
    await world.engine.start({ flow: name, user: agent });
    await world.calm();
  };

  it('is not changed by what was decided on the one before', async () => {
    await run('make');
    const adding = world.engine.start({ flow: 'add', user: agent });
    await world.pass(second);
    await run('drop');
    await run('makeOther');
    await world.pass(20 * second);
    assert.equal((await adding).status, 'done');
    assert.equal((await world.records.read('order', 'o1'))?.value['n'], 101);
  });

  it('is told of like the one before, by one run, too', async () => {
    const keep = { keep: waitFor({ name: 'x', after: 'P9D' }) };
    const trigger = { type: 'recordChange', record: 'order', on: ['create'] } as const;
    await world.publish(flow('on-create', 'keep', keep, { start: { trigger, next: 'keep' } }));
    const { store } = world;
    const claim = store.claimOutbox.bind(store);
    store.claimOutbox = async () => [];
    const pause = (next: string) => waitFor({ name: 'later', after: 'PT1H', next });
    await world.publish(
      flow('again', 'make', {
        make: call('make', { next: 'first' }),
        first: pause('drop'),
        drop: call('drop', { next: 'second' }),
        second: pause('other'),
        other: call('makeOther'),
      }),
    );
    const { id } = await world.engine.start({ flow: 'again', user: agent });
    await world.pass(3 * hour);
    assert.equal((await store.loadRun(id))?.status, 'done');
    store.claimOutbox = claim;
    world.begin();
    await world.calm();
    assert.equal((await store.listRuns({ flow: 'on-create', limit: 9 })).length, 2);
  });
});
