// An answer to a run that is stopped: who gives it is told at once if it is wrong, for later there is nobody to be told.
import assert from 'node:assert/strict';
import { standardElements, type SubjectPort } from '../../../../engine/index.js';
import { agent, type EngineWorld, openWorld } from '../../../support/engine-world.js';
import { flow } from '../../../support/flows.js';

const who = { by: 'operator', reason: 'because' };
const asking = flow(
  'asking',
  'ask',
  {
    ask: {
      type: 'screen',
      label: 'Ask',
      fields: [{ name: 'count', label: 'Count', schema: { type: 'integer', maximum: 5 } }],
      next: 'keep',
    },
    keep: {
      type: 'assignment',
      label: 'Keep',
      assignments: [{ target: 'total', value: { var: 'ask.count' } }],
    },
  },
  { variables: { total: { schema: { type: 'number' }, default: 0, output: true } } },
);

describe('an answer to a run that is stopped', () => {
  let world: EngineWorld;
  const held = new Map<string, { reason: string }>();
  const subjects: SubjectPort = {
    async stateOf({ id }) {
      const hold = held.get(id);
      return hold === undefined ? {} : { hold };
    },
  };
  beforeEach(async () => {
    held.clear();
    world = await openWorld({ elements: standardElements, engine: { subjects } });
    await world.putRecord('order', { id: 'o1', status: 'new' });
  });
  afterEach(async () => {
    await world.engine.close();
    await world.close();
  });

  const begin = async () => {
    await world.publish(asking);
    return world.engine.start({
      flow: 'asking',
      user: agent,
      id: 'r1',
      subject: { type: 'order', id: 'o1' },
    });
  };
  const place = { frame: 'main', element: 'ask', visit: 1, name: 'answer' };
  const answer = (count: unknown) =>
    world.engine.answer('r1', place, { values: { count } } as never, { by: 'agent', id: `a-${count}` });
  const refused = { code: 'run.answer-invalid' };

  const stops: [how: string, stop: () => Promise<unknown>, goOn: () => Promise<unknown>][] = [
    ['by an operator', () => world.engine.suspend('r1', who), () => world.engine.resume('r1', who)],
    [
      'by a hold on its subject',
      async () => held.set('o1', { reason: 'fraud' }),
      async () => {
        held.clear();
        await world.engine.recordChanged('order', 'o1');
      },
    ],
  ];
  for (const [how, stop, goOn] of stops) {
    it(`${how} is refused at once if it is wrong, and kept if it is not`, async () => {
      await begin();
      await stop();
      await assert.rejects(answer(9), refused);
      await assert.rejects(answer('many'), refused);
      assert.equal(await answer(3), 'kept');
      await goOn();
      await world.calm();
      const run = await world.settle('r1');
      assert.equal(run.status, 'done');
      assert.deepEqual(run.outputs, { total: 3 });
    });
  }

  it('that is wrong when the run goes on is noted in the journal, and another one can be given', async () => {
    await begin();
    await world.engine.suspend('r1', who);
    // Kept by a release that took it for right.
    const body = { kind: 'answer', ...place, payload: { values: { count: 9 } } } as const;
    await world.store.enqueue({ id: 'old', run: 'r1', body, by: 'agent', at: '2026-01-01T12:00:00.000Z' });
    await world.engine.resume('r1', who);
    await world.calm();
    assert.deepEqual(await world.store.inboxOf('r1'), []);
    const entries = (await world.engine.journal('r1')).flatMap((chunk) => chunk.entries);
    const noted = entries.find((entry) => (entry as { item?: string }).item === 'old');
    assert.equal((noted as { refused?: { code: string } }).refused?.code, refused.code);
    assert.equal(await answer(2), 'taken');
    assert.deepEqual((await world.settle('r1')).outputs, { total: 2 });
  });
});
