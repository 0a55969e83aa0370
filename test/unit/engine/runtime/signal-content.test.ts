// Signals that are waited for by their content: which wait has one, and what becomes of those that no wait wants yet.
import assert from 'node:assert/strict';
import { engineLimits, type FlowDefinition, type Json } from '../../../../engine/index.js';
import { agent, type EngineWorld, openWorld } from '../../../support/engine-world.js';
import { flow } from '../../../support/flows.js';

const who = { by: 'operator', reason: 'because' };
const schema = { type: 'object', properties: { n: { type: 'number' }, of: { type: 'string' } } };
const isSmall = { '<': [{ var: '$event.n' }, 10] };
const isLarge = { '>': [{ var: '$event.n' }, 10] };

const wait = (name: string, when: object | undefined, next?: string) => ({
  [name]: {
    type: 'wait',
    label: name,
    events: [
      { name: 'came', signal: 'counted', ...(when === undefined ? {} : { when }), ...(next ? { next } : {}) },
      { name: 'never', after: 'P9D' },
    ],
  } as never,
});
const sum = {
  sum: {
    type: 'assignment',
    label: 'Sum',
    assignments: [
      { target: 'total', value: { '-': [{ var: 'large.payload.n' }, { var: 'small.payload.n' }] } },
    ],
  } as never,
};
const choosy = (buffered: boolean): FlowDefinition =>
  flow(
    'choosy',
    'large',
    { ...wait('large', isLarge, 'small'), ...wait('small', isSmall, 'sum'), ...sum },
    { signals: { counted: { schema, ...(buffered ? { buffered: true as const } : {}) } } },
  );
const both = flow(
  'both',
  'fork',
  {
    fork: {
      type: 'parallel',
      label: 'Both',
      branches: [
        { name: 'a', start: 'large' },
        { name: 'b', start: 'small' },
      ],
      next: 'sum',
    } as never,
    ...wait('large', isLarge),
    ...wait('small', isSmall),
    ...sum,
  },
  { signals: { counted: { schema } } },
);

describe('waits for signals by their content', () => {
  let world: EngineWorld;
  const warned: unknown[] = [];
  beforeEach(async () => {
    warned.length = 0;
    const nothing = (): void => {};
    world = await openWorld({
      log: {
        debug: nothing,
        info: nothing,
        warn: (_at: unknown, text: string) => void warned.push(text),
        error: nothing,
      } as never,
    });
  });
  afterEach(async () => {
    await world.engine.close();
    await world.close();
  });
  const begin = async (definition: FlowDefinition) => {
    await world.publish(definition);
    return world.engine.start({ flow: definition.name, user: agent, id: 'r1' });
  };
  const count = (payload: Json, id?: string) =>
    world.engine.signal('r1', 'counted', payload, { by: 'counter', ...(id === undefined ? {} : { id }) });
  const kept = async () => (await world.store.inboxOf('r1')).map(({ id }) => id);

  it('keep those that are declared as buffered for a later wait, and take each once', async () => {
    await begin(choosy(true));
    assert.equal(await count({ n: 2 }, 'two'), 'kept');
    assert.equal(await count({ n: 3 }, 'three'), 'kept');
    assert.equal(await count({ n: 2 }, 'two'), 'duplicate');
    assert.deepEqual(await kept(), ['two', 'three']);
    assert.equal(await count({ n: 12 }, 'twelve'), 'taken');
    await world.calm();
    assert.deepEqual((await world.settle('r1')).outputs, { total: 10 });
    assert.deepEqual(await kept(), [], 'a run that has ended keeps nothing');
  });

  it('do not let one that nobody wants stand before another', async () => {
    await begin(choosy(true));
    await count({ n: 10 }, 'ten');
    await count({ n: 12 }, 'twelve');
    await world.calm();
    assert.deepEqual(await kept(), ['ten']);
    await count({ n: 1 }, 'one');
    await world.calm();
    assert.deepEqual((await world.settle('r1')).outputs, { total: 11 });
  });

  it('refuse others, say that it is the content, and leave no trace', async () => {
    const { seq } = await begin(choosy(false));
    await assert.rejects(count({ n: 2 }), {
      code: 'run.event-not-accepted',
      message: 'the run waits for counted with other content',
      data: { status: 'waiting', accepted: ['counted'] },
    });
    assert.equal((await world.store.loadRun('r1'))?.seq, seq);
    assert.equal(await count({ n: 12 }), 'taken');
  });

  it('that stand side by side each have the one that is meant for them', async () => {
    await begin(both);
    assert.equal(await count({ n: 2 }), 'taken');
    await assert.rejects(count({ n: 3 }), { code: 'run.event-not-accepted' });
    assert.equal(await count({ n: 12 }), 'taken');
    assert.deepEqual((await world.settle('r1')).outputs, { total: 10 });
  });

  it('take no signal whose condition can not be told, and the log says so', async () => {
    const when = { '>': [{ var: '$event' }, 1] };
    await begin(flow('strict', 'w', wait('w', when), { signals: { counted: { schema, buffered: true } } }));
    assert.equal(await count({ n: 2 }), 'kept');
    assert.equal((await world.store.loadRun('r1'))?.status, 'waiting');
    assert.ok(warned.includes('what has come was not taken: its condition failed'));
  });

  it('look again at what a stopped run has kept, when it goes on', async () => {
    await begin(choosy(true));
    await world.engine.suspend('r1', who);
    assert.equal(await count({ n: 2 }, 'two'), 'kept');
    assert.equal(await count({ n: 12 }, 'twelve'), 'kept');
    await world.engine.resume('r1', who);
    await world.calm();
    assert.deepEqual((await world.settle('r1')).outputs, { total: 10 });
  });

  it('are not kept without end, running or stopped, and those that are kept can all be taken', async () => {
    const max = engineLimits.signalsKeptMax;
    await begin(choosy(true));
    for (let n = 0; n < max - 1; n += 1)
      await world.store.enqueue({
        id: `s${n}`,
        run: 'r1',
        body: { kind: 'signal', signal: 'counted', payload: { n: 10 } },
        by: 'counter',
        at: new Date(world.clock.now()).toISOString(),
      });
    assert.equal(await count({ n: 2 }, 'two'), 'kept');
    await assert.rejects(count({ n: 3 }, 'three'), { code: 'run.signals-full' });
    assert.equal(await count({ n: 2 }, 'two'), 'duplicate');
    await world.engine.suspend('r1', who);
    await assert.rejects(count({ n: 12 }, 'twelve'), { code: 'run.signals-full' });
    assert.equal((await kept()).length, max);
    await world.engine.resume('r1', who);
    assert.equal(await count({ n: 12 }, 'twelve'), 'taken');
    await world.calm();
    assert.deepEqual((await world.settle('r1')).outputs, { total: 10 });
  });

  it('find what an earlier engine has kept', async () => {
    await begin(choosy(true));
    await count({ n: 2 }, 'two');
    world.begin();
    await count({ n: 12 }, 'twelve');
    await world.calm();
    assert.deepEqual((await world.settle('r1')).outputs, { total: 10 });
  });
});
