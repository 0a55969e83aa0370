// Runs that wait for an event told to all: who takes it, how often, and what of those that are stopped or wait for another.
import assert from 'node:assert/strict';
import type { ElementDefinition, FlowDefinition, SubjectPort } from '../../../../engine/index.js';
import { emitEventElement } from '../../../../engine/elements/emit-event.js';
import { agent, type EngineWorld, kernelElements, openWorld } from '../../../support/engine-world.js';
import { CrashPoints } from '../../../support/crash-points.js';
import { flow, hour, minute } from '../../../support/flows.js';

const who = { by: 'operator', reason: 'because' };
const event = 'parcel.received';
const german = { '==': [{ var: '$event.country' }, 'DE'] };
const order = { order: { schema: { type: 'string' }, input: true, default: '' } };

const wait = (more: object, next?: string): ElementDefinition => ({
  type: 'wait',
  label: 'Wait',
  events: [{ name: 'came', event, ...more, ...(next === undefined ? {} : { next }) }],
});

const waiting = (name: string, more: object = {}): FlowDefinition =>
  flow(
    name,
    'w',
    {
      w: wait(more, 'keep'),
      keep: {
        type: 'assignment',
        label: 'Keep',
        assignments: [{ target: 'total', value: { var: 'w.payload.n' } }],
      },
    },
    { variables: order },
  );

/** Takes one event after the other. */
const again = flow('again', 'w', {
  w: wait({}, 'add'),
  add: {
    type: 'assignment',
    label: 'Add',
    assignments: [{ target: 'total', operator: 'add', value: { var: 'w.payload.n' } }],
    next: 'w',
  },
});

describe('waits for an event', () => {
  let world: EngineWorld;
  const warned: unknown[] = [];
  const held = new Map<string, { reason: string }>();
  const subjects: SubjectPort = {
    async stateOf({ id }) {
      const hold = held.get(id);
      return hold === undefined ? {} : { hold };
    },
  };
  const nothing = (): void => {};
  beforeEach(async () => {
    warned.length = 0;
    held.clear();
    world = await openWorld({
      elements: [...kernelElements, emitEventElement],
      topics: ['note', 'record.changed', 'event'],
      engine: { subjects },
      log: {
        debug: nothing,
        info: nothing,
        warn: (_at: unknown, text: string) => void warned.push(text),
        error: nothing,
      } as never,
    });
    await world.putRecord('order', { id: 'o1', status: 'new' });
  });
  afterEach(async () => {
    await world.engine.close();
    await world.close();
  });

  const start = async (name: string, id = name, input = {}) => {
    const subject = { type: 'order', id: 'o1' };
    const run = await world.engine.start({ flow: name, user: agent, id, input, subject });
    await world.calm();
    return run;
  };
  const begin = async (definition: FlowDefinition) => {
    await world.publish(definition);
    return start(definition.name);
  };
  let told = 0;
  const tell = async (payload: object, { id, key }: { id?: string; key?: string } = {}) => {
    told += 1;
    const more = key === undefined ? {} : { key };
    await world.engine.publish({ event, payload: payload as never, id: id ?? `e${told}`, ...more });
    await world.calm();
  };
  /** Delivers the row once more, as after a crash before it was known to be delivered. */
  const tellAgain = async () => {
    const row = world.delivered.findLast(({ topic }) => topic === 'event')!;
    await world.store.putOutbox({ ...row, attempt: 0 });
    world.begin();
    await world.calm();
  };
  const load = async (id: string) => (await world.store.loadRun(id))!;

  it('are told of it by name, and find what it tells', async () => {
    await begin(waiting('one'));
    await start('one', 'two');
    await world.engine.publish({ event: 'parcel.lost', payload: { n: 1 }, id: 'other' });
    await world.calm();
    assert.equal((await load('one')).status, 'waiting');
    await tell({ n: 3 });
    for (const id of ['one', 'two']) {
      const { status, outputs, root } = await load(id);
      assert.deepEqual([status, outputs], ['done', { total: 3 }]);
      assert.deepEqual((root.outputs['w'] as { event: string }).event, 'came');
    }
  });

  it('take only one whose condition holds, and the others leave no trace', async () => {
    await begin(
      waiting('one', { when: { and: [german, { '==': [{ var: '$event.order' }, { var: 'order' }] }] } }),
    );
    await start('one', 'mine', { order: 'o7' });
    const before = [await load('one'), await load('mine')];
    await tell({ country: 'FR', order: 'o7', n: 1 });
    assert.deepEqual([await load('one'), await load('mine')], before);
    assert.deepEqual((await world.store.inboxOf('mine')).length, 0);
    await tell({ country: 'DE', order: 'o7', n: 2 });
    assert.deepEqual([(await load('one')).seq, (await load('mine')).outputs], [before[0]!.seq, { total: 2 }]);
    const journal = JSON.stringify(await world.store.journalOf('mine', before[1]!.seq, 10));
    assert.match(journal, /"truth"/);
  });

  it('of a key are found by it, those of none are told in any case', async () => {
    await begin(waiting('keyed', { key: { var: 'order' } }));
    await start('keyed', 'o7', { order: 'o7' });
    await begin(waiting('any'));
    await tell({ n: 1 }, { key: 'o7' });
    const statuses = async () =>
      Promise.all(['keyed', 'o7', 'any'].map(async (id) => (await load(id)).status));
    assert.deepEqual(await statuses(), ['waiting', 'done', 'done']);
    await start('any', 'any2');
    await tell({ n: 1 });
    assert.equal((await load('any2')).status, 'done');
    assert.equal((await load('keyed')).status, 'done', 'an event without a key has the empty one');
  });

  it('are all told, however many they are', async () => {
    await world.publish(waiting('one', { when: german }), waiting('keyed', { key: 'k' }));
    for (let batch = 0; batch < 21; batch += 1) {
      await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          world.engine.start({
            flow: index % 2 === 0 ? 'one' : 'keyed',
            user: agent,
            id: `r${batch}-${index}`,
          }),
        ),
      );
    }
    await tell({ country: 'FR' }, { key: 'none' });
    assert.equal((await world.store.listRuns({ status: 'waiting', limit: 2_000 })).length, 1_050);
    await tell({ country: 'DE', n: 1 }, { key: 'k' });
    assert.equal((await world.store.listRuns({ status: 'waiting', limit: 2_000 })).length, 0);
    assert.equal((await world.store.listRuns({ status: 'done', limit: 2_000 })).length, 1_050);
  });

  it('take it once when it is delivered twice, though the run waits again', async () => {
    await begin(again);
    await tell({ n: 2 });
    assert.equal((await load('again')).root.variables['total'], 2);
    const { seq } = await load('again');
    await tellAgain();
    assert.equal(world.delivered.filter(({ topic }) => topic === 'event').length, 2);
    assert.equal((await load('again')).seq, seq);
    await tell({ n: 3 });
    assert.equal((await load('again')).root.variables['total'], 5);
  });

  it('take it once, all of them, whenever the engine dies that tells them', async () => {
    await world.publish(again);
    const ids = ['a', 'b', 'c', 'd', 'e'];
    for (const id of ids) await start('again', id);
    const halfway = new Set<number>();
    let tellings = 0;
    for (let point = 5; point <= 14; point += 1) {
      world.begin(new CrashPoints(point));
      await tell({ n: 1 });
      tellings += 1;
      assert.ok(world.points.dead, `point ${point} was not reached`);
      const totals = async () =>
        Promise.all(ids.map(async (id) => (await load(id)).root.variables['total'] as number));
      halfway.add((await totals()).filter((total) => total === tellings).length);
      world.begin();
      await world.pass(minute);
      assert.deepEqual(
        await totals(),
        ids.map(() => tellings),
        `killed at point ${point}`,
      );
    }
    assert.ok(
      [...halfway].some((count) => count > 0 && count < ids.length),
      [...halfway].join(),
    );
  });

  it('take it once when its sender repeats it', async () => {
    await begin(again);
    await tell({ n: 2 }, { id: 'same' });
    await tell({ n: 2 }, { id: 'same' });
    assert.equal((await load('again')).root.variables['total'], 2);
  });

  it('do not take one that was told before they began', async () => {
    await world.publish(waiting('one'));
    await tell({ n: 1 });
    await start('one');
    await world.pass(hour);
    assert.equal((await load('one')).status, 'waiting');
  });

  it('keep it while the run is stopped, and look at the condition when it goes on', async () => {
    await begin(waiting('one', { when: german }));
    await start('one', 'other');
    for (const id of ['one', 'other']) await world.engine.suspend(id, who);
    const before = await load('one');
    await tell({ country: 'FR', n: 1 });
    assert.deepEqual([await load('one'), await world.store.inboxOf('one')], [before, []]);
    await world.engine.resume('other', who);
    await world.calm();
    assert.deepEqual(
      [(await load('other')).status, (await world.store.inboxOf('other')).length],
      ['waiting', 0],
    );
    await tell({ country: 'DE', n: 2 });
    await tellAgain();
    assert.equal((await world.store.inboxOf('one')).length, 1);
    await world.engine.resume('one', who);
    await world.calm();
    assert.deepEqual((await load('one')).outputs, { total: 2 });
  });

  it('look at the condition again when the run goes on', async () => {
    await begin(waiting('one', { when: { '==': [{ var: '$event.order' }, { var: 'order' }] } }));
    await world.engine.suspend('one', who);
    await tell({ order: '', n: 1 });
    assert.equal((await world.store.inboxOf('one')).length, 1);
    await world.engine.editVariables('one', 'main', { order: 'o7' }, who);
    await world.engine.resume('one', who);
    await world.calm();
    assert.deepEqual([(await load('one')).status, await world.store.inboxOf('one')], ['waiting', []]);
  });

  it('leave a run as it is that would not take it, also while its subject is held', async () => {
    await begin(waiting('one', { when: german }));
    const before = await load('one');
    held.set('o1', { reason: 'fraud' });
    await tell({ country: 'FR', n: 1 });
    assert.deepEqual(await load('one'), before);
    await tell({ country: 'DE', n: 2 });
    assert.equal((await load('one')).status, 'held');
  });

  it('keep it while the subject is held, also when it comes twice', async () => {
    await begin(again);
    await tell({ n: 2 });
    held.set('o1', { reason: 'fraud' });
    await tellAgain();
    assert.equal((await load('again')).status, 'waiting', 'what was taken before is not kept again');
    await tell({ n: 3 });
    assert.equal((await load('again')).status, 'held');
    await tellAgain();
    held.clear();
    await world.engine.release({ type: 'order', id: 'o1' });
    await world.calm();
    assert.equal((await load('again')).root.variables['total'], 5);
  });

  it('whose condition fails stay as they are, and the log is told', async () => {
    const when = { '>': [{ var: '$event.n' }, 1] };
    await begin(waiting('one', { when }));
    const before = await load('one');
    await tell({ n: { not: 'a number' } });
    assert.deepEqual(await load('one'), before);
    assert.deepEqual([...new Set(warned)], ['what has come was not taken: its condition failed']);
    await tell({ n: 2 });
    assert.equal((await load('one')).status, 'done');
  });

  it('are the first of several, late, or of no account', async () => {
    await begin(
      flow('race', 'w', {
        w: {
          type: 'wait',
          label: 'W',
          events: [
            { name: 'german', event, when: german, next: 'pay' },
            { name: 'french', event, when: { '==': [{ var: '$event.country' }, 'FR'] } },
            { name: 'late', after: 'PT1H', next: 'pay' },
          ],
        },
        pay: { type: 'action', label: 'Pay', action: 'charge', input: {} },
      }),
    );
    await start('race', 'late');
    await world.pass(hour / 2);
    const eventOf = async (id: string) => ((await load(id)).root.outputs['w'] as { event: string }).event;
    await world.engine.suspend('late', who);
    await tell({ country: 'FR' });
    assert.deepEqual([await eventOf('race'), world.provider.happened.length], ['french', 0]);
    await world.engine.cancel('late', who);
    await start('race', 'later');
    await world.pass(hour);
    assert.equal(await eventOf('later'), 'late');
    await tell({ country: 'DE' });
    assert.equal(world.provider.happened.length, 1);
  });

  it('in branches, loops and subflows all take it', async () => {
    await world.publish(waiting('inner', { key: { var: 'order' } }));
    const call = { type: 'subflow', label: 'Call', flow: 'inner', input: { order: { var: 'item' } } };
    await begin(
      flow(
        'outer',
        'p',
        {
          p: {
            type: 'parallel',
            label: 'P',
            branches: [
              { name: 'loop', start: 'each' },
              { name: 'wait', start: 'w' },
              { name: 'other', start: 'other' },
            ],
            next: 'sum',
          },
          each: { type: 'loop', label: 'Each', collection: ['a', 'b'], item: 'item', body: 'call' },
          call: { ...call, next: 'each' },
          w: wait({ key: 'a' }),
          other: wait({ when: { '==': [{ var: '$event.n' }, 9] } }),
          sum: {
            type: 'assignment',
            label: 'Sum',
            assignments: [
              { target: 'total', value: { '+': [{ var: 'w.payload.n' }, { var: 'call.total' }] } },
            ],
          },
        },
        { variables: { item: { schema: { type: ['string', 'null'] } } } },
      ),
    );
    await tell({ n: 1 }, { key: 'a' });
    assert.deepEqual((await load('outer')).waitsOn.toSorted(), [`$event:${event}`, `$event:${event}:b`]);
    await tell({ n: 9 }, { key: 'b' });
    assert.deepEqual((await load('outer')).outputs, { total: 10 });
  });

  it('take neither what their run has told itself nor what has started it', async () => {
    const emit = { type: 'emitEvent', label: 'Emit', event, payload: { n: 4 }, next: 'w' };
    await begin(flow('loud', 'emit', { emit, w: wait({}) }));
    assert.equal((await load('loud')).status, 'waiting');
    await world.publish({
      ...waiting('by-event'),
      start: { trigger: { type: 'event', event }, next: 'w' },
    });
    await start('loud', 'second');
    assert.equal((await load('loud')).status, 'done', 'what another has told is taken');
    const [run] = await world.store.listRuns({ flow: 'by-event', limit: 10 });
    assert.equal(run?.status, 'waiting');
    await tellAgain();
    assert.equal((await load(run!.id)).status, 'waiting');
  });
});
