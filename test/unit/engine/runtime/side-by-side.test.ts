// What goes on side by side in a run: branches, loops in loops, and what is to be tried again beside what comes meanwhile.
import assert from 'node:assert/strict';
import {
  type Action,
  actionErrors,
  type ElementDefinition,
  type FlowDefinition,
  type Json,
  type SubjectPort,
} from '../../../../engine/index.js';
import { standardElements } from '../../../../engine/elements/standard-elements.js';
import { agent, type EngineWorld, openWorld } from '../../../support/engine-world.js';
import { both, call, flow, hour, minute, waitFor } from '../../../support/flows.js';

const signals = { go: { schema: {} }, stop: { schema: {} } };
const assign = (
  target: string,
  value: Json,
  more: Partial<ElementDefinition> & { operator?: string } = {},
): ElementDefinition => {
  const { operator = 'assign', ...rest } = more;
  return { type: 'assignment', label: 'Set', assignments: [{ target, operator, value }], ...rest };
};
const loop = (collection: Json, item: string, body: string, next: string): ElementDefinition => ({
  type: 'loop',
  label: 'Loop',
  collection,
  item,
  body,
  next,
});
const text = { schema: { type: 'string' }, default: '', output: true } as const;

/** Says what came with two signals, one after the other; between them it asks `flaky`. */
const saysTwo = (name: string, ask: Partial<ElementDefinition>): FlowDefinition =>
  flow(
    name,
    'first',
    {
      first: waitFor({ name: 'go', signal: 'go', next: 'ask' }),
      ask: call('flaky', { ...ask, next: 'second' }),
      second: waitFor({ name: 'go', signal: 'go', next: 'out' }),
      out: assign('said', { cat: [{ var: 'first.payload' }, { var: 'second.payload' }] }),
    },
    { signals: { go: { schema: {}, buffered: true } }, variables: { said: text } },
  );

/** Gives back what a form was answered with; in between it asks `flaky`. */
const asksForN = (
  name: string,
  ask: Partial<ElementDefinition>,
  more: Partial<FlowDefinition> = {},
): FlowDefinition =>
  flow(
    name,
    'form',
    {
      form: { type: 'screen', label: 'Form', fields: [{ name: 'n', schema: {}, label: 'N' }], next: 'ask' },
      ask: call('flaky', { ...ask, next: 'out' }),
      out: assign('total', { var: 'form.n' }),
    },
    more,
  );

const form = { frame: 'main', element: 'form', visit: 1, name: 'answer' };

describe('side by side', () => {
  let world: EngineWorld;
  let failures = 0;
  /** Of any subject. */
  let hold: { readonly reason: string } | undefined;
  const subjects: SubjectPort = { stateOf: async () => (hold === undefined ? {} : { hold }) };
  const flaky: Action = {
    name: 'flaky',
    title: 'Flaky',
    description: 'Fails some times.',
    input: { type: 'object' },
    output: {},
    effect: 'query',
    async perform() {
      failures -= 1;
      if (failures >= 0) throw actionErrors.error('timed-out', 'later');
      return 1;
    },
  };

  beforeEach(async () => {
    failures = 0;
    world = await openWorld({ elements: standardElements, actions: [flaky], engine: { subjects } });
  });
  afterEach(async () => {
    await world.engine.close();
    await world.close();
  });

  const start = async (name: string): Promise<void> => {
    await world.engine.start({ flow: name, user: agent, id: 'r1' });
    await world.calm();
  };
  const seen = async () => world.engine.run('r1');
  const retry = { attempts: 3, delayMs: minute, jitter: 0 };

  describe('what is to be tried again', () => {
    it('has been taken: the timer of the same wait comes too late', async () => {
      failures = 1;
      await world.publish(
        flow(
          'paid-or-late',
          'first',
          {
            first: waitFor(
              { name: 'go', signal: 'go', next: 'ask' },
              { name: 'late', after: 'PT1M', next: 'late' },
            ),
            ask: call('flaky', { retry, next: 'ok' }),
            ok: assign('total', 1),
            late: assign('total', 2),
          },
          { signals },
        ),
      );
      await start('paid-or-late');
      await world.pass(minute / 2);
      assert.equal(await world.engine.signal('r1', 'go', null, { by: 'test' }), 'taken');
      await world.pass(hour);
      const { status, outputs } = await seen();
      assert.deepEqual({ status, outputs }, { status: 'done', outputs: { total: 1 } });
    });

    it('is before a second signal, which waits for the wait after it', async () => {
      failures = 1;
      await world.publish(saysTwo('in-order', { retry }));
      await start('in-order');
      assert.equal(await world.engine.signal('r1', 'go', 'one', { by: 'test' }), 'taken');
      assert.equal(await world.engine.signal('r1', 'go', 'two', { by: 'test' }), 'kept');
      await world.pass(hour);
      const { status, outputs } = await seen();
      assert.deepEqual({ status, said: outputs?.['said'] }, { status: 'done', said: 'onetwo' });
    });

    it('is before a second signal, too, when an operator lets it be tried again', async () => {
      failures = 1;
      await world.publish(saysTwo('again', {}));
      await start('again');
      assert.equal(await world.engine.signal('r1', 'go', 'one', { by: 'test' }), 'taken');
      assert.equal((await seen()).status, 'incident');
      assert.equal(await world.engine.signal('r1', 'go', 'two', { by: 'test' }), 'kept');
      await world.engine.retry('r1', { by: 'operator', reason: 'because' });
      await world.calm();
      assert.equal((await seen()).outputs?.['said'], 'onetwo');
    });

    it('is not answered while its run is suspended, either', async () => {
      failures = 1;
      await world.publish(asksForN('asked-twice', { retry }));
      await start('asked-twice');
      await world.engine.answer('r1', form, { values: { n: 1 } }, { by: 'ada' });
      const who = { by: 'operator', reason: 'because' };
      await world.engine.suspend('r1', who);
      await assert.rejects(world.engine.answer('r1', form, { values: { n: 2 } }, { by: 'bob' }), {
        code: 'run.event-not-accepted',
      });
      await world.engine.resume('r1', who);
      await world.pass(hour);
      assert.deepEqual((await seen()).outputs, { total: 1 });
    });

    it('is kept while the record of its run is on hold', async () => {
      failures = 1;
      await world.putRecord('order', { id: 'o1' });
      await world.publish(
        asksForN('held', {}, { start: { trigger: { type: 'action', record: 'order' }, next: 'form' } }),
      );
      const subject = { type: 'order', id: 'o1' };
      await world.engine.start({ flow: 'held', user: agent, id: 'r1', subject });
      await world.engine.answer('r1', form, { values: { n: 1 } }, { by: 'ada' });
      assert.equal((await seen()).status, 'incident');
      hold = { reason: 'fraud check' };
      await world.engine.retry('r1', { by: 'operator', reason: 'because' });
      assert.equal((await seen()).status, 'held');
      hold = undefined;
      await world.engine.release(subject);
      await world.calm();
      assert.deepEqual((await seen()).outputs, { total: 1 });
    });

    for (const buffered of [true, false])
      it(`goes back to the signals that are kept if it has lost its place, ${buffered ? 'where they are' : 'or the journal has it'}`, async () => {
        failures = 1;
        await world.publish(
          flow(
            'lost-place',
            'p',
            {
              p: both('first', 'soon', { join: 'any', next: 'later' }),
              first: waitFor({ name: 'go', signal: 'go', next: 'ask' }),
              ask: call('flaky', { retry: { attempts: 3, delayMs: hour, jitter: 0 } }),
              soon: waitFor({ name: 'soon', after: 'PT1M' }),
              later: waitFor({ name: 'go', signal: 'go', next: 'out' }),
              out: assign('said', { var: 'later.payload' }),
            },
            { signals: { go: { schema: {}, buffered } }, variables: { said: text } },
          ),
        );
        await start('lost-place');
        assert.equal(await world.engine.signal('r1', 'go', 'one', { id: 's1', by: 'test' }), 'taken');
        await world.pass(2 * minute);
        const { status, retries, outputs } = await seen();
        assert.deepEqual(retries, []);
        assert.deepEqual([status, outputs?.['said']], buffered ? ['done', 'one'] : ['waiting', undefined]);
        const journal = JSON.stringify(await world.engine.journal('r1'));
        assert.equal(journal.includes('"stale":true'), !buffered);
        const again = await world.engine.signal('r1', 'go', 'one', { id: 's1', by: 'test' });
        assert.equal(again, 'duplicate');
      });

    it('is forgotten if the call that it was about is not known any more', async () => {
      failures = 1;
      await world.publish(
        flow('unknown-call', 'pay', { pay: call('charge', { next: 'ask' }), ask: call('flaky', { retry }) }),
      );
      await start('unknown-call');
      assert.equal((await seen()).retries.length, 1);
      world.store.loadEffect = async () => undefined;
      await world.pass(hour);
      const { retries, dueAt } = await seen();
      assert.deepEqual({ retries, dueAt }, { retries: [], dueAt: undefined });
    });

    it('is not answered by somebody else', async () => {
      failures = 1;
      await world.publish(asksForN('asked', { retry }));
      await start('asked');
      assert.equal(await world.engine.answer('r1', form, { values: { n: 1 } }, { by: 'ada' }), 'taken');
      await assert.rejects(world.engine.answer('r1', form, { values: { n: 2 } }, { by: 'bob' }), {
        code: 'run.event-not-accepted',
      });
      await world.pass(hour);
      assert.deepEqual((await seen()).outputs, { total: 1 });
    });
  });

  it('what is being undone goes on when the flow has ended beside it', async () => {
    for (const name of ['charge', 'book'])
      world.provider.script(`undo ${name}`, async () => world.later(10_000, {}));
    await world.publish(
      flow('raced', 'p', {
        p: both('soon', 'pay', { join: 'any' }),
        soon: waitFor({ name: 'soon', after: 'PT5S' }),
        pay: call('charge', { next: 'book' }),
        book: call('book', { next: 'back' }),
        back: { type: 'compensate', label: 'Back' },
      }),
    );
    await start('raced');
    await world.pass(8_000);
    assert.equal((await seen()).status, 'compensating');
    await world.pass(minute);
    const { status, compensation } = await seen();
    assert.deepEqual({ status, compensation }, { status: 'done', compensation: undefined });
    const undone = (await world.store.effectsOf('r1')).map(({ element, undo }) => [element, undo?.state]);
    assert.deepEqual(undone.sort(), [
      ['book', 'done'],
      ['pay', 'done'],
    ]);
  });

  describe('a branch that is rolled back', () => {
    it('leaves the task of another one as it is', async () => {
      await world.publish(
        flow(
          'task-beside',
          'p',
          {
            p: both('task', 'bad'),
            task: { type: 'task', label: 'Task', subject: 'Check', assignee: { user: 'ada' } },
            bad: {
              type: 'raiseError',
              label: 'Bad',
              message: 'no',
              onFault: { next: 'after', rollBack: true },
            },
            after: waitFor({ name: 'go', signal: 'go' }),
          },
          { signals },
        ),
      );
      await start('task-beside');
      const place = { frame: 'main', element: 'task', visit: 1, name: 'answer' };
      assert.equal(await world.engine.answer('r1', place, { values: {} }, { by: 'ada' }), 'taken');
      assert.equal((await seen()).status, 'waiting');
    });

    it('puts back what it has assigned, and not what another one has', async () => {
      await world.publish(
        flow(
          'own-variables',
          'p',
          {
            p: both('each', 'mine'),
            each: { type: 'loop', label: 'Each', collection: { var: 'list' }, item: 'item', body: 'hold' },
            hold: waitFor({ name: 'go', signal: 'go', next: 'add' }),
            add: assign('said', { var: 'item' }, { operator: 'add', next: 'each' }),
            mine: assign('own', 'new', { next: 'bad' }),
            bad: {
              type: 'raiseError',
              label: 'Bad',
              message: 'no',
              onFault: { next: 'stop', rollBack: true },
            },
            stop: waitFor({ name: 'stop', signal: 'stop' }),
          },
          {
            signals,
            variables: {
              list: { schema: { type: 'array' }, default: ['a', 'b'] },
              item: { schema: {} },
              said: text,
              own: { ...text, default: 'old' },
            },
          },
        ),
      );
      await start('own-variables');
      const { variables } = (await seen()).root;
      assert.deepEqual([variables['item'], variables['own']], ['a', 'old']);
      for (const name of ['go', 'go', 'stop']) await world.engine.signal('r1', name, null, { by: 'test' });
      const { status, outputs } = await seen();
      assert.deepEqual([status, outputs?.['said']], ['done', 'ab']);
    });
  });

  it('what has made a record that is rolled back in a branch is not said to have made it', async () => {
    await world.publish(
      flow(
        'made',
        'make',
        {
          make: { type: 'createRecords', label: 'Make', record: 'order', fields: { id: 'o9' }, next: 'keep' },
          keep: assign('said', { var: 'make.id' }, { next: 'p' }),
          p: both('bad', 'hold'),
          bad: {
            type: 'raiseError',
            label: 'Bad',
            message: 'no',
            onFault: { next: 'after', rollBack: true },
          },
          after: assign('total', 1),
          hold: waitFor({ name: 'go', signal: 'go' }),
        },
        { signals, variables: { said: text } },
      ),
    );
    await start('made');
    await world.engine.signal('r1', 'go', null, { by: 'test' });
    const { status, outputs, root } = await seen();
    assert.deepEqual([status, root.outputs['make'], outputs?.['total']], ['done', undefined, 1]);
  });

  it('what came before the branches stays when one of them is rolled back', async () => {
    world.provider.script('charge', async () => 'paid');
    await world.publish(
      flow(
        'paid-before',
        'init',
        {
          init: assign('said', 'begun', { next: 'pay' }),
          pay: call('charge', { next: 'p' }),
          p: both('mine', 'bad'),
          mine: assign('said', 'mine', { next: 'hold' }),
          hold: waitFor({ name: 'go', signal: 'go', next: 'use' }),
          use: assign('said', { cat: [{ var: 'said' }, ' ', { var: 'pay' }] }),
          bad: {
            type: 'raiseError',
            label: 'Bad',
            message: 'no',
            onFault: { next: 'after', rollBack: true },
          },
          after: assign('total', 1),
        },
        { signals, variables: { said: text } },
      ),
    );
    await start('paid-before');
    await world.engine.signal('r1', 'go', null, { by: 'test' });
    const { status, outputs } = await seen();
    assert.deepEqual([status, outputs?.['said']], ['done', 'mine paid']);
  });

  it('a wait looks at the record that it was begun for, whatever has become of what named it', async () => {
    await world.putRecord('order', { id: 'o1', status: 'new' });
    await world.putRecord('order', { id: 'o2', status: 'paid' });
    await world.publish(
      flow(
        'which',
        'p',
        {
          p: both('paid', 'hold'),
          paid: waitFor({
            name: 'paid',
            record: {
              type: 'order',
              id: { var: 'which' },
              when: { '==': [{ var: 'paid.record.status' }, 'paid'] },
            },
          }),
          hold: waitFor({ name: 'go', signal: 'go', next: 'set' }),
          set: assign('which', 'o2', { next: 'stop' }),
          stop: waitFor({ name: 'stop', signal: 'stop' }),
        },
        { signals, variables: { which: { schema: { type: 'string' }, default: 'o1' } } },
      ),
    );
    await start('which');
    await world.engine.signal('r1', 'go', null, { by: 'test' });
    const change = async (status: string): Promise<boolean> => {
      await world.putRecord('order', { id: 'o1', status });
      await world.engine.recordChanged('order', 'o1');
      await world.calm();
      return (await seen()).root.activities['paid'] !== undefined;
    };
    assert.equal(await change('touched'), true);
    assert.equal(await change('paid'), false);
  });

  it('a loop begins anew for each item of the loop around it, however its body was left', async () => {
    const loop = (collection: string, item: string, body: string, next?: string): ElementDefinition => ({
      type: 'loop',
      label: 'Loop',
      collection: { var: collection },
      item,
      body,
      ...(next === undefined ? {} : { next }),
    });
    await world.publish(
      flow(
        'first-of-each',
        'outer',
        {
          outer: loop('lists', 'list', 'inner'),
          inner: loop('list', 'item', 'add', 'outer'),
          add: assign('said', { var: 'item' }, { operator: 'add', next: 'enough' }),
          enough: {
            type: 'decision',
            label: 'Enough',
            outcomes: [
              { name: 'found', label: 'Found', when: { in: [{ var: 'item' }, ['a', 'y']] }, next: 'outer' },
            ],
            next: 'inner',
          },
        },
        {
          variables: {
            lists: {
              schema: { type: 'array' },
              default: [
                ['a', 'b'],
                ['x', 'y', 'z'],
              ],
            },
            list: { schema: {} },
            item: { schema: {} },
            said: text,
          },
        },
      ),
    );
    await start('first-of-each');
    assert.equal((await seen()).outputs?.['said'], 'axy');
  });

  describe('a loop in which all is rolled back', () => {
    const paying = (name: string, ids: Json, fix: ElementDefinition): FlowDefinition =>
      flow(
        name,
        'each',
        {
          each: { type: 'loop', label: 'Each', collection: ids, item: 'item', body: 'set' },
          set: {
            type: 'updateRecords',
            label: 'Set',
            record: 'order',
            id: { var: 'item' },
            fields: { status: 'paid' },
            onFault: { next: 'fix', rollBack: true },
            next: 'each',
          },
          fix,
        },
        { signals, variables: { item: { schema: {} } } },
      );

    beforeEach(() => world.putRecord('order', { id: 'o1', status: 'open' }));

    it('begins anew, so that what was discarded is done again', async () => {
      await world.publish(
        paying('mended', ['o1', 'o2'], waitFor({ name: 'go', signal: 'go', next: 'each' })),
      );
      await start('mended');
      await world.putRecord('order', { id: 'o2', status: 'open' });
      await world.engine.signal('r1', 'go', null, { by: 'test' });
      const statusOf = async (id: string) => (await world.records.read('order', id))?.value['status'];
      assert.deepEqual(
        [(await seen()).status, await statusOf('o1'), await statusOf('o2')],
        ['done', 'paid', 'paid'],
      );
    });

    it('stops the run if nothing is put right before', async () => {
      await world.publish(paying('never', ['o1', 'nowhere'], assign('item', null, { next: 'each' })));
      await start('never');
      const { status, incident } = await world.engine.run('r1');
      assert.deepEqual([status, incident?.error.code], ['incident', 'run.limit-elements']);
      assert.notEqual((await world.records.read('order', 'o1'))?.value['status'], 'paid');
    });
  });

  it('a loop begins anew for each item of the loop around it, also where other ways lead to it', async () => {
    const choose = (when: Json, yes: string, no: string): ElementDefinition => ({
      type: 'decision',
      label: 'Choose',
      outcomes: [{ name: 'yes', label: 'Yes', when, next: yes }],
      next: no,
    });
    await world.publish(
      flow(
        'two-ways',
        'outer',
        {
          outer: loop([1, 2], 'round', 'inner', 'again'),
          again: assign('round', 3, { next: 'inner' }),
          inner: loop(['a', 'b'], 'item', 'add', 'after'),
          add: assign('said', { var: 'item' }, { operator: 'add', next: 'enough' }),
          enough: choose({ '==': [{ var: 'round' }, 3] }, 'inner', 'outer'),
          after: choose({ '==': [{ var: 'round' }, 3] }, 'fin', 'outer'),
          fin: { type: 'end', label: 'End' },
        },
        { variables: { round: { schema: {} }, item: { schema: {} }, said: text } },
      ),
    );
    await start('two-ways');
    const { status, outputs } = await seen();
    assert.deepEqual([status, outputs?.['said']], ['done', 'aaab']);
  });

  it('a loop that follows another one keeps its place when that one is gone through again', async () => {
    await world.publish(
      flow(
        'rounds',
        'lines',
        {
          lines: loop(['a', 'b'], 'line', 'check', 'rounds'),
          check: {
            type: 'decision',
            label: 'Check',
            outcomes: [
              { name: 'broken', label: 'Broken', when: { '==': [{ var: 'line' }, 'x'] }, next: 'rounds' },
            ],
            next: 'note',
          },
          note: assign('said', { var: 'line' }, { operator: 'add', next: 'lines' }),
          rounds: loop([1, 2], 'round', 'count', 'fin'),
          count: assign('said', '-', { operator: 'add', next: 'lines' }),
          fin: { type: 'end', label: 'End' },
        },
        { variables: { line: { schema: {} }, round: { schema: {} }, said: text } },
      ),
    );
    await start('rounds');
    const { status, outputs } = await seen();
    assert.deepEqual([status, outputs?.['said']], ['done', 'ab-ab-ab']);
  });
});
