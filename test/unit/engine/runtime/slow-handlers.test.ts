// A receiver of the outbox that takes its time, such as a mail server that does not answer: it holds up its own key and nothing else.
import assert from 'node:assert/strict';
import type { OutboxRow } from '../../../../engine/index.js';
import { type EngineWorld, openWorld } from '../../../support/engine-world.js';
import { minute } from '../../../support/flows.js';

describe('a slow receiver of the outbox', () => {
  let world: EngineWorld;
  let answer = (): void => {};
  const began: string[] = [];
  beforeEach(async () => {
    began.length = 0;
    const slow = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const receive = async ({ id }: OutboxRow): Promise<void> => void began.push(id);
    world = await openWorld({
      engine: {
        handlers: {
          slow: async (row) => {
            await receive(row);
            await slow;
          },
          quick: receive,
        },
      },
    });
  });
  afterEach(async () => {
    answer();
    await world.engine.close();
    await world.close();
  });

  const put = async (id: string, topic: string, key = id): Promise<void> => {
    const at = new Date(world.clock.now()).toISOString();
    const row = { id, run: '', topic, key, payload: {}, at, order: id, attempt: 0, claimAt: at };
    assert.equal(await world.store.putOutbox(row), 'new');
    // Whatever is told from outside has the engine look at the outbox.
    await world.engine.publish({ event: 'nobody.listens', payload: {}, id: `after ${id}` });
  };
  const until = async (ids: readonly string[]): Promise<void> => {
    const end = Date.now() + 5_000;
    while (began.length < ids.length && Date.now() < end)
      await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepEqual(began, ids);
  };

  it('holds up no other key, is not given a row twice, and keeps the order of its own', async () => {
    await put('1', 'slow');
    await until(['1']);
    world.clock.goTo(world.clock.now() + 1_000);
    await put('2', 'quick');
    await until(['1', '2']);
    await put('3', 'quick', '1');
    // The lease has ended: the row is due again, and is still being delivered.
    world.clock.goTo(world.clock.now() + minute);
    await put('4', 'quick');
    await until(['1', '2', '4']);
    answer();
    await world.engine.idle();
    assert.deepEqual(began, ['1', '2', '4', '3']);
  });
});
