// Faults: paths, roll-back, retries, incidents and what operators do with them, effects that fail or get lost.
import assert from 'node:assert/strict';
import type { Action, ElementDefinition, FlowDefinition, Json } from '../../../../engine/index.js';
import { actionErrors, engineLimits, recordErrors, runErrors } from '../../../../engine/index.js';
import { agent, type EngineWorld, openWorld } from '../../../support/engine-world.js';
import { flow, hour, minute } from '../../../support/flows.js';

const who = { by: 'operator', reason: 'because' };
const action = (name: string, more: Partial<ElementDefinition> = {}): ElementDefinition => ({
  type: 'action',
  label: name,
  action: name,
  input: {},
  ...more,
});
const assign = (target: string, value: unknown, next?: string): ElementDefinition => ({
  type: 'assignment',
  label: target,
  assignments: [{ target, value }],
  ...(next === undefined ? {} : { next }),
});
/** Divides by `n`: a fault while it is 0. */
const divide = (more: Partial<ElementDefinition> = {}): ElementDefinition => ({
  ...assign('total', { '/': [10, { var: 'n' }] }),
  ...more,
});

describe('faults', () => {
  let world: EngineWorld;
  beforeEach(async () => {
    world = await openWorld();
    await world.putRecord('order', { id: 'o1', status: 'new' });
  });
  afterEach(async () => {
    await world.engine.close();
    await world.close();
  });

  const begin = async (definition: FlowDefinition, input: Record<string, Json> = {}) => {
    await world.publish(definition);
    return world.engine.start({ flow: definition.name, input, user: agent, id: 'r1' });
  };
  const statusOf = async (id: string) => (await world.records.read('order', id))?.value['status'];
  const mark = (next: string): ElementDefinition => ({
    type: 'updateRecords',
    label: 'Mark',
    record: 'order',
    id: 'o1',
    fields: { status: 'marked' },
    next,
  });

  it('take the path of the element, and keep what the segment wrote before', async () => {
    const run = await begin(
      flow(
        'f',
        'mark',
        {
          mark: mark('divide'),
          divide: divide({ onFault: { next: 'say' } }),
          say: assign('text', { var: '$error.code' }),
        },
        { variables: { text: { schema: { type: 'string' }, output: true } } },
      ),
    );
    assert.equal(run.outputs?.['text'], 'expression.division-by-zero');
    assert.equal(await statusOf('o1'), 'marked');
  });

  it('and visits and stages can be asked for, by the operators and as $flow', async () => {
    const tell = (next: string): ElementDefinition =>
      assign('told', { cat: [{ var: 'told' }, { var: '$flow.stage' }, ' ', { var: 'failed' }, ' '] }, next);
    const run = await begin(
      flow(
        'f',
        'divide',
        {
          divide: { ...divide({ onFault: { next: 'tell' }, next: 'last' }), stage: 'count' },
          tell: { ...tell('mend'), stage: 'mend' },
          mend: assign('n', 2, 'divide'),
          last: { ...tell('visits') },
          visits: assign('seen', [
            { wasVisited: 'mend' },
            { wasVisited: 'elsewhere' },
            { hasError: 'divide' },
            { in: ['tell', { var: '$flow.visited' }] },
            { var: '$flow.stages' },
          ]),
          elsewhere: assign('n', 1),
        },
        {
          stages: [
            { name: 'count', label: 'Count' },
            { name: 'mend', label: 'Mend' },
          ],
          formulas: { failed: { expression: { hasError: 'divide' } } },
          variables: {
            n: { schema: { type: 'integer' }, default: 0 },
            total: { schema: { type: 'number' }, default: 0 },
            told: { schema: { type: 'string' }, default: '', output: true },
            seen: { schema: { type: 'array' }, default: [], output: true },
          },
        },
      ),
    );
    assert.deepEqual(run.outputs, {
      told: 'mend true count false ',
      seen: [true, false, false, true, ['count', 'mend']],
    });
  });

  it('roll the segment back when the path says so', async () => {
    const run = await begin(
      flow('f', 'set', {
        set: assign('total', 5, 'mark'),
        mark: mark('divide'),
        divide: divide({ onFault: { next: 'more', rollBack: true } }),
        more: {
          type: 'assignment',
          label: 'More',
          assignments: [{ target: 'total', operator: 'add', value: 1 }],
        },
      }),
    );
    assert.deepEqual(run.outputs, { total: 1 });
    assert.equal(await statusOf('o1'), 'new');
  });

  it('without a path discard the segment and stop at an incident that says where', async () => {
    const run = await begin(flow('f', 'mark', { mark: mark('divide'), divide: divide() }));
    assert.equal(run.status, 'incident');
    assert.deepEqual(run.incident?.place, { frame: 'main', element: 'divide', visit: 1 });
    assert.equal(run.incident?.error.code, 'expression.division-by-zero');
    assert.equal(run.incident?.trace.length, 2);
    assert.equal(await statusOf('o1'), 'new');
  });

  it('are put right by editing variables and trying again', async () => {
    await begin(flow('f', 'mark', { mark: mark('divide'), divide: divide() }));
    await world.engine.editVariables('r1', 'main', { n: 5 }, who);
    const run = await world.engine.retry('r1', who);
    assert.deepEqual(run.outputs, { total: 2 });
    assert.equal(await statusOf('o1'), 'marked');
    const reasons = (await world.engine.journal('r1')).flatMap(({ entries }) =>
      entries.flatMap((entry) => ((entry as { reason?: string }).reason === 'because' ? [entry] : [])),
    );
    assert.equal(reasons.length, 2);
  });

  it('are skipped with a recorded output', async () => {
    await begin(
      flow('f', 'twice', {
        twice: action('double', { input: { value: 'no number' }, next: 'keep' }),
        keep: assign('total', { var: 'twice' }),
      }),
    );
    const run = await world.engine.skip('r1', { output: 42 }, who);
    assert.deepEqual(run.outputs, { total: 42 });
  });

  it('are not skipped by a way that there is not, nor moved to what there is not', async () => {
    await begin(flow('f', 'divide', { divide: divide({ next: 'keep' }), keep: assign('total', 3) }));
    await assert.rejects(world.engine.skip('r1', { outlet: 'nxt' }, who), {
      code: 'run.operation-refused',
      message: /divide has no outlet nxt; ways out are next/,
    });
    await assert.rejects(world.engine.move('r1', { to: 'kept' }, who), {
      code: 'run.operation-refused',
      message: /f has no element kept/,
    });
    assert.equal((await world.engine.run('r1')).incident?.place.element, 'divide');
  });

  it('are left by a move', async () => {
    await begin(flow('f', 'divide', { divide: divide({ next: 'keep' }), keep: assign('total', 3) }));
    const run = await world.engine.move('r1', { to: 'keep' }, who);
    assert.deepEqual(run.outputs, { total: 3 });
    assert.equal(run.status, 'done');
  });

  it('inside a subflow and a branch go to the nearest path around them', async () => {
    const inner = flow('inner', 'divide', { divide: divide() });
    await world.publish(inner);
    const run = await begin(
      flow('f', 'p', {
        p: {
          type: 'parallel',
          label: 'P',
          branches: [
            { name: 'a', start: 'call' },
            { name: 'b', start: 'pause' },
          ],
          onFault: { next: 'say' },
        },
        call: { type: 'subflow', label: 'Call', flow: 'inner' },
        pause: { type: 'wait', label: 'Pause', events: [{ name: 'x', after: 'PT1H' }] },
        say: assign('total', 9),
      }),
    );
    assert.equal(run.status, 'done');
    assert.deepEqual(run.outputs, { total: 9 });
    assert.equal(run.dueAt, undefined);
  });

  it('of an external call sit at the call; trying again keeps the key', async () => {
    world.provider.script('charge', (_call, count) => {
      if (count < 4) throw runErrors.error('overloaded', 'later');
      return { paid: true };
    });
    await begin(
      flow('f', 'mark', {
        mark: mark('pay'),
        pay: action('charge', { retry: { attempts: 3, delayMs: 1_000 } }),
      }),
    );
    const stopped = await world.settle('r1');
    assert.equal(stopped.status, 'incident');
    assert.equal(stopped.incident?.kind, 'effect');
    assert.deepEqual(stopped.incident?.place, { frame: 'main', element: 'pay', visit: 1 });
    assert.equal(await statusOf('o1'), 'marked');
    assert.equal(world.provider.log.length, 3);
    await world.engine.retry('r1', who);
    assert.equal((await world.settle('r1')).status, 'done');
    assert.deepEqual([...new Set(world.provider.log.map(({ key }) => key))], ['r1:main:pay:1']);
  });

  it('of an external call can be skipped with its outcome', async () => {
    world.provider.script('charge', () => {
      throw recordErrors.error('unknown', 'no such account');
    });
    await begin(
      flow('f', 'pay', {
        pay: action('charge', { next: 'keep' }),
        keep: assign('total', { var: 'pay.sum' }),
      }),
    );
    await world.settle('r1');
    await world.engine.skip('r1', { output: { sum: 12 } }, who);
    assert.deepEqual((await world.settle('r1')).outputs, { total: 12 });
  });

  it('are tried again later by elements that act inside, with the item kept', async () => {
    let calls = 0;
    const flaky = {
      name: 'flaky',
      title: 'Flaky',
      description: 'Answers the third time.',
      input: { type: 'object' },
      output: {},
      effect: 'query' as const,
      perform: async () => {
        calls += 1;
        if (calls < 3) throw runErrors.error('overloaded', 'later');
        return calls;
      },
    };
    await world.engine.close();
    world.actions.push(flaky);
    world.begin();
    const run = await begin(
      flow('f', 'ask', {
        ask: action('flaky', { retry: { attempts: 3, delayMs: 10_000, jitter: 0 }, next: 'keep' }),
        keep: assign('total', { var: 'ask' }),
      }),
    );
    assert.equal(run.status, 'active');
    await world.pass(10_000);
    assert.equal(calls, 2);
    await world.pass(20_000);
    assert.deepEqual((await world.engine.run('r1')).outputs, { total: 3 });
  });

  it('nobody knows about are in doubt for calls that may not be repeated', async () => {
    let fails = true;
    world.provider.script('post', () => {
      if (fails) throw new Error('connection lost');
      return 'sent';
    });
    await begin(flow('f', 'send', { send: action('post') }));
    const doubt = await world.settle('r1');
    assert.equal(doubt.incident?.kind, 'inDoubt');
    await assert.rejects(world.engine.retry('r1', who), { code: 'run.operation-refused' });
    fails = false;
    await world.engine.resolveInDoubt('r1', 'r1:main:send:1', { happened: false }, who);
    assert.equal((await world.settle('r1')).status, 'done');
    assert.equal(world.provider.log.length, 2);
  });

  it('nobody knows about are repeated under the same key, or asked after', async () => {
    for (const name of ['charge', 'book']) {
      world.provider.script(name, (_call, count) => {
        if (count === 1) throw new Error('connection lost');
        return 'sent';
      });
    }
    await begin(flow('f', 'a', { a: action('charge', { next: 'b' }), b: action('book') }));
    assert.equal((await world.settle('r1', hour)).status, 'done');
    assert.deepEqual(
      world.provider.log.map(({ kind, action: name, key }) => `${kind} ${name} ${key}`),
      [
        'perform charge r1:main:a:1',
        'perform charge r1:main:a:1',
        'perform book r1:main:b:1',
        'lookUp book r1:main:b:1',
        'perform book r1:main:b:1',
      ],
    );
  });

  it('past the life of a key put a keyed call in doubt', async () => {
    world.provider.script('charge', () => {
      throw new Error('connection lost');
    });
    await begin(flow('f', 'a', { a: action('charge') }));
    world.clock.set(world.clock.now() + 25 * hour);
    const run = await world.settle('r1', hour);
    assert.equal(run.incident?.kind, 'inDoubt');
    assert.match(run.incident?.error.detail ?? '', /expired/);
  });

  it('a call that is too late for its branch is undone', async () => {
    world.provider.script('charge', () => world.later(10_000, 'paid'));
    await begin(
      flow('f', 'p', {
        p: {
          type: 'parallel',
          label: 'P',
          join: 'any',
          branches: [
            { name: 'pay', start: 'pay' },
            { name: 'soon', start: 'soon' },
          ],
        },
        pay: action('charge'),
        soon: { type: 'wait', label: 'Soon', events: [{ name: 'soon', after: 'PT5S' }] },
      }),
    );
    await world.pass(6_000);
    assert.equal((await world.engine.run('r1')).status, 'done');
    await world.pass(minute);
    assert.deepEqual(
      world.provider.log.map(({ kind, key }) => `${kind} ${key}`),
      ['perform r1:main:pay:1', 'undo r1:main:pay:1:undo'],
    );
    const [effect] = await world.store.effectsOf('r1');
    assert.equal(effect?.late, true);
    assert.equal(effect?.undo?.state, 'done');
  });

  it('cancelling with compensation undoes what was done, last first, once each', async () => {
    await begin(
      flow('f', 'a', {
        a: action('charge', { next: 'b' }),
        b: action('book', { next: 'w' }),
        w: { type: 'wait', label: 'W', events: [{ name: 'x', after: 'P1D' }] },
      }),
    );
    await world.settle('r1');
    await world.engine.cancel('r1', who, { compensate: true });
    assert.equal((await world.settle('r1')).status, 'cancelled');
    assert.deepEqual(
      world.provider.log.filter(({ kind }) => kind === 'undo').map(({ key }) => key),
      ['r1:main:b:1:undo', 'r1:main:a:1:undo'],
    );
  });

  it('a keyed call whose outcome is unknown follows the retry of its element while the key lives', async () => {
    world.provider.script('charge', (_call, count) => {
      if (count < 7) throw new Error('connection reset');
      return { ok: true };
    });
    const retry = { attempts: 10, delayMs: 10_000, factor: 1, jitter: 0 };
    await begin(flow('f', 'a', { a: action('charge', { retry }) }));
    const before = world.clock.now();
    assert.equal((await world.settle('r1')).status, 'done');
    assert.equal(new Set(world.provider.log.map(({ key }) => key)).size, 1);
    assert.equal(world.clock.now() - before, 60_000);
  });

  it('of a call that fails while its lease is being renewed is a fault, and no doubt', async () => {
    world.provider.script('post', async (_call, count) => {
      if (count > 1) return { ok: true };
      await world.later(engineLimits.leaseMs / 3, null);
      throw runErrors.error('overloaded', 'later');
    });
    await begin(flow('f', 'a', { a: action('post', { retry: { attempts: 2, delayMs: 1_000 } }) }));
    assert.equal((await world.settle('r1')).status, 'done');
    assert.equal(world.provider.log.length, 2);
  });

  it('the other side is asked before a call that was lost too often is left in doubt', async () => {
    let asked = 0;
    const fetch: Action = {
      name: 'fetch',
      title: 'Fetch',
      description: 'Is lost each time, though it happens.',
      input: { type: 'object' },
      output: {},
      effect: 'external',
      repeat: 'keyed',
      keyLifetimeMs: 86_400_000,
      perform: async () => {
        throw new Error('connection reset');
      },
      lookUp: async () => {
        asked += 1;
        return { found: true };
      },
      undo: async () => null,
    };
    await world.engine.close();
    await world.close();
    world = await openWorld({ actions: [fetch] });
    await begin(flow('f', 'a', { a: action('fetch') }));
    assert.equal((await world.settle('r1')).status, 'done');
    assert.equal(asked, 1);
  });

  describe('undoing that fails', () => {
    const answers: (Error | Json)[] = [];
    const ship: Action = {
      name: 'ship',
      title: 'Ship',
      description: 'Ships.',
      input: { type: 'object' },
      output: {},
      effect: 'external',
      repeat: 'keyed',
      keyLifetimeMs: 86_400_000,
      perform: async () => ({ ok: true }),
      undo: async () => {
        const answer = answers.shift() ?? { undone: true };
        if (answer instanceof Error) throw answer;
        return answer;
      },
    };
    const refusal = () => actionErrors.error('failed', 'it is on its way');

    beforeEach(async () => {
      answers.length = 0;
      await world.engine.close();
      await world.close();
      world = await openWorld({ actions: [ship] });
      await begin(
        flow('f', 'a', {
          a: action('charge', { next: 's' }),
          s: action('ship', { next: 'w' }),
          w: { type: 'wait', label: 'W', events: [{ name: 'x', after: 'P1D' }] },
        }),
      );
      await world.settle('r1');
    });
    const cancelled = async () => {
      await world.engine.cancel('r1', who, { compensate: true });
      return world.settle('r1');
    };
    const undone = () => world.provider.log.filter(({ kind }) => kind === 'undo').length;

    it('stops at an incident before anything older is undone, and is tried again', async () => {
      answers.push(refusal());
      const run = await cancelled();
      assert.deepEqual(
        [run.status, run.incident?.error.code, undone()],
        ['incident', 'action.undo-failed', 0],
      );
      assert.equal(run.incident?.place.element, 's');
      await world.engine.retry('r1', who);
      assert.equal((await world.settle('r1')).status, 'cancelled');
      assert.equal(undone(), 1);
    });

    it('is left out when an operator says so', async () => {
      answers.push(refusal());
      await cancelled();
      await world.engine.skip('r1', {}, who);
      assert.equal((await world.settle('r1')).status, 'cancelled');
      assert.equal(undone(), 1);
      const effects = await world.store.effectsOf('r1');
      assert.deepEqual(effects.map(({ undo }) => undo?.state).sort(), ['done', 'failed']);
    });

    it('tries again by itself on an error that may pass', async () => {
      answers.push(runErrors.error('contended', 'busy'), runErrors.error('contended', 'busy'));
      assert.equal((await cancelled()).status, 'cancelled');
    });
  });

  it('a branch that can never be joined is an incident', async () => {
    await world.engine.close();
    const never = {
      type: 'stall',
      title: 'Stall',
      description: 'Waits for nothing.',
      schema: { type: 'object', properties: {}, additionalProperties: false },
      outlets: () => [],
      summary: () => 'Stalls',
      compile: () => ({ enter: () => ({ kind: 'park', waits: [] }) as const }),
    };
    await world.close();
    const { kernelElements } = await import('../../../support/engine-world.js');
    world = await openWorld({ elements: [...kernelElements, never] });
    const run = await begin(flow('f', 's', { s: { type: 'stall', label: 'S' } }));
    assert.equal(run.incident?.error.code, 'run.stuck');
  });
});
