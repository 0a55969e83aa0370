// Effects in flight: they stand in their run, have a document of their own once they change hands or take long, and leave none
// when nobody will ask for them again.
import assert from 'node:assert/strict';
import type { Action, ElementDefinition, FlowDefinition, Json } from '../../../../engine/index.js';
import { recordErrors } from '../../../../engine/index.js';
import { toEffectDocument } from '../../../../store/engine-documents.js';
import { agent, type EngineWorld, openWorld } from '../../../support/engine-world.js';
import { CrashPoints } from '../../../support/crash-points.js';
import { flow, minute } from '../../../support/flows.js';

const second = 1_000;
const effect = 'r1:main:call:1';
const call = (action: string, more: Partial<ElementDefinition> = {}): ElementDefinition => ({
  type: 'action',
  label: 'Call',
  action,
  input: {},
  ...more,
});
/** A call beside another path, one of which is enough or both of which are needed. */
const beside = (
  join: 'any' | 'all',
  other: Record<string, ElementDefinition>,
  action = 'mail',
): FlowDefinition => {
  const [start] = Object.keys(other);
  return flow('f', 'p', {
    p: {
      type: 'parallel',
      label: 'P',
      join,
      branches: [
        { name: 'call', start: 'call' },
        { name: 'other', start: start! },
      ],
    },
    call: call(action),
    ...other,
  });
};

describe('an effect in flight', () => {
  let world: EngineWorld;
  beforeEach(async () => {
    const slow: Action = {
      name: 'slow',
      title: 'Slow',
      description: 'Takes a quarter of a minute to answer.',
      input: { type: 'object' },
      output: {},
      effect: 'query',
      perform: () => world.later(15 * second, 1),
    };
    world = await openWorld({ actions: [slow] });
  });
  afterEach(async () => {
    await world.engine.close();
    await world.close();
  });

  const begin = async (definition: FlowDefinition, input: Record<string, Json> = {}): Promise<void> => {
    await world.publish(definition);
    await world.engine.start({ flow: 'f', user: agent, id: 'r1', input });
    await world.calm();
  };
  const ofRun = async () => ({
    inFlight: (await world.store.loadRun('r1'))?.inFlight?.map(({ id }) => id),
    documents: (await world.store.effectsOf('r1')).map(({ id, state, token }) => `${id} ${state} ${token}`),
  });
  const calls = () => world.provider.log.map(({ kind, action, key }) => `${kind} ${action} ${key}`);

  it('stands in its run, and leaves nothing when nobody will ask for it again', async () => {
    world.provider.script('mail', () => world.later(second, {}));
    await begin(flow('f', 'call', { call: call('mail') }));
    assert.deepEqual(await ofRun(), { inFlight: [effect], documents: [] });
    assert.equal((await world.settle('r1')).status, 'done');
    assert.deepEqual(await ofRun(), { inFlight: undefined, documents: [] });
    assert.equal(await world.store.nextDue(''), undefined);
  });

  it('leaves a document when it can be undone', async () => {
    await begin(flow('f', 'call', { call: call('charge') }));
    assert.deepEqual(await ofRun(), { inFlight: undefined, documents: [`${effect} done 2`] });
  });

  it('leaves a document when it has failed, for whoever tries it again', async () => {
    let fails = true;
    world.provider.script('mail', () => {
      if (fails) throw recordErrors.error('unknown', 'no such address');
      return {};
    });
    await begin(flow('f', 'call', { call: call('mail') }));
    assert.deepEqual(await ofRun(), { inFlight: undefined, documents: [`${effect} failed 2`] });
    fails = false;
    await world.engine.retry('r1', { by: 'operator', reason: 'the address is there now' });
    assert.equal((await world.settle('r1')).status, 'done');
    assert.deepEqual(calls(), [`perform mail ${effect}`, `perform mail ${effect}`]);
  });

  it('has a document of its own once its lease is renewed, and is not made again', async () => {
    world.provider.script('mail', () => world.later(18 * second, {}));
    await begin(flow('f', 'call', { call: call('mail') }));
    await world.pass(11 * second);
    assert.deepEqual(await ofRun(), { inFlight: undefined, documents: [`${effect} intended 2`] });
    assert.ok(
      (await world.store.loadEffect(effect))!.claimAt! >
        new Date(world.clock.now() + 28 * second).toISOString(),
    );
    await world.pass(minute);
    assert.equal((await world.engine.run('r1')).status, 'done');
    assert.deepEqual(calls(), [`perform mail ${effect}`]);
    const entries = (await world.store.journalOf('r1', 0, 10)).flatMap((chunk) => chunk.entries);
    assert.deepEqual(
      entries.filter((entry) => (entry as { on?: string }).on === 'inFlight'),
      [{ frame: 'main', element: 'call', visit: 1, on: 'inFlight', outcome: 'still under way' }],
    );
  });

  it('is renewed while a segment of its run takes its time, which is then run again', async () => {
    world.provider.script('mail', () => world.later(19 * second, {}));
    await begin(
      beside('all', {
        w: { type: 'wait', label: 'W', events: [{ name: 'over', after: 'PT1S', next: 'ask' }] },
        ask: call('slow'),
      }),
    );
    await world.pass(11 * second);
    assert.deepEqual(await ofRun(), { inFlight: undefined, documents: [`${effect} intended 2`] });
    await world.pass(minute);
    assert.equal((await world.engine.run('r1')).status, 'done');
    assert.deepEqual(calls(), [`perform mail ${effect}`]);
  });

  it('is taken over when its worker is gone: repeated under its key, asked after, or in doubt', async () => {
    const lost = new Set<string>();
    for (const name of ['mail', 'file', 'ring']) {
      world.provider.script(name, () => {
        const isFirst = !lost.has(name);
        lost.add(name);
        return isFirst ? new Promise(() => {}) : {};
      });
    }
    await world.publish(
      flow('f', 'call', { call: call('mail') }),
      flow('g', 'call', { call: call('file') }),
      flow('h', 'call', { call: call('ring') }),
    );
    for (const name of ['f', 'g', 'h']) await world.engine.start({ flow: name, user: agent, id: name });
    world.begin();
    await world.pass(29 * second);
    assert.equal(world.provider.log.length, 3);
    await world.pass(minute);
    const states = await Promise.all(['f', 'g', 'h'].map((id) => world.engine.run(id)));
    assert.deepEqual(
      states.map(({ status, incident }) => [status, incident?.kind]),
      [
        ['done', undefined],
        ['done', undefined],
        ['incident', 'inDoubt'],
      ],
    );
    assert.deepEqual(calls().slice(3).sort(), [
      'lookUp file g:main:call:1',
      'perform file g:main:call:1',
      'perform mail f:main:call:1',
    ]);
  });

  it('that has lost a race is found when its worker is gone, though its run has ended', async () => {
    world.provider.script('mail', (_call, count) => (count === 1 ? world.later(minute, {}) : {}));
    await begin(
      beside('any', {
        w: { type: 'wait', label: 'W', events: [{ name: 'over', after: 'PT1S' }] },
      }),
    );
    world.begin();
    await world.pass(2 * second);
    assert.equal((await world.engine.run('r1')).status, 'done');
    assert.deepEqual(await ofRun(), { inFlight: [effect], documents: [] });
    await world.pass(minute);
    assert.deepEqual(await ofRun(), { inFlight: undefined, documents: [`${effect} done 3`] });
    assert.equal((await world.store.loadEffect(effect))?.late, true);
  });

  it('that an earlier version has stored goes on', async () => {
    world.provider.script('mail', (_call, count) => (count === 1 ? world.later(minute, {}) : {}));
    await begin(flow('f', 'call', { call: call('mail') }));
    world.begin();
    const [intent] = (await world.store.loadRun('r1'))!.inFlight!;
    const runs = world.connection.collection('runs');
    await runs.updateOne({ _id: 'r1' as never }, { $unset: { inFlight: '', inFlightUntil: '' } });
    await world.connection.collection('effects').insertOne(toEffectDocument(intent!) as never);
    await world.pass(minute);
    assert.equal((await world.engine.run('r1')).status, 'done');
    assert.deepEqual(await ofRun(), { inFlight: undefined, documents: [`${effect} done 3`] });
  });

  it('does not count for the size of its run', async () => {
    world.provider.script('mail', () => ({}));
    const variables = { pages: { schema: { type: 'array' }, input: true } };
    const definition = flow(
      'f',
      'call',
      { call: call('mail', { input: { pages: { var: 'pages' } } }) },
      { variables },
    );
    // The run holds them twice: as its input and as its variable.
    await begin(definition, { pages: Array.from({ length: 8 }, () => 'x'.repeat(58_000)) });
    const run = await world.settle('r1');
    assert.deepEqual([run.status, run.incident?.error], ['done', undefined]);
  });

  it('is not in doubt, and nobody can say whether it happened', async () => {
    world.provider.script('mail', () => world.later(second, {}));
    await begin(flow('f', 'call', { call: call('mail') }));
    const who = { by: 'operator', reason: 'because' };
    await assert.rejects(world.engine.resolveInDoubt('r1', effect, { happened: false }, who), {
      code: 'run.operation-refused',
    });
    assert.equal((await world.settle('r1')).status, 'done');
  });

  it('is settled, and not undone, when its outcome makes the run too large to be stored', async () => {
    world.provider.script('charge', () => 'x'.repeat(600_000));
    const variables = { text: { schema: { type: 'string' }, input: true } };
    const elements = {
      call: call('charge', { next: 'w' }),
      w: { type: 'wait', label: 'W', events: [{ name: 'over', after: 'PT1H' }] },
    };
    await begin(flow('f', 'call', elements, { variables }), { text: 'y'.repeat(300_000) });
    assert.equal((await world.engine.run('r1')).incident?.error.code, 'run.limit-state');
    await world.pass(minute);
    const who = { by: 'operator', reason: 'too long' };
    await world.engine.editVariables('r1', 'main', { text: '' }, who);
    await world.engine.retry('r1', who);
    await world.pass(2 * 60 * minute);
    assert.equal((await world.engine.run('r1')).status, 'done');
    assert.deepEqual(calls(), [`perform charge ${effect}`]);
  });

  for (const { action, end } of [
    { action: 'post', end: 'inDoubt' },
    { action: 'charge', end: 'effect' },
    { action: 'book', end: 'effect' },
  ]) {
    it(`ends for a worker that knew it as another’s, renewed since: ${action}`, async () => {
      world.provider.script(action, (_call, count) => {
        if (count === 1) return world.later(60 * minute, {});
        throw recordErrors.error('unknown', 'refused');
      });
      await world.publish({
        ...beside(
          'all',
          { w: { type: 'wait', label: 'W', events: [{ name: 'came', signal: 'go' }] } },
          action,
        ),
        signals: { go: { schema: {} } },
      });
      const points = new CrashPoints();
      const other = world.make(points);
      other.open();
      await other.start({ flow: 'f', user: agent, id: 'r1' });
      await world.calm();
      await world.engine.signal('r1', 'go', null, { by: 'client' });
      await world.pass(11 * second);
      assert.deepEqual((await ofRun()).documents, [`${effect} intended 2`]);
      points.kill();
      await world.pass(5 * minute);
      const run = await world.engine.run('r1');
      assert.deepEqual([run.status, run.incident?.kind], ['incident', end]);
    });
  }
});
