// What becomes of the branches that a join did not wait for: nothing of them is left open, and what they did outside is
// undone, or an operator is told.
import assert from 'node:assert/strict';
import {
  actionErrors,
  type Action,
  type ElementDefinition,
  type ElementType,
  type EffectState,
  type FlowDefinition,
  type Json,
  type RunState,
  runErrors,
} from '../../../../engine/index.js';
import { standardElements } from '../../../../engine/elements/standard-elements.js';
import { workKeysOf } from '../../../../engine/runtime/work.js';
import { agent, type EngineWorld, openWorld } from '../../../support/engine-world.js';
import { call, flow, hour, minute, waitFor } from '../../../support/flows.js';

const who = { by: 'operator', reason: 'because' };
const second = 1_000;
const subject = { type: 'order', id: 'o1' };

/** One branch is over after 5 s, the other begins with `lose`; after the join the run waits for a signal. */
const race = (
  elements: Readonly<Record<string, ElementDefinition>>,
  more: Partial<FlowDefinition> = {},
): FlowDefinition =>
  flow(
    'race',
    'p',
    {
      p: {
        type: 'parallel',
        label: 'Race',
        join: 'any',
        branches: [
          { name: 'win', start: 'win' },
          { name: 'lose', start: 'lose' },
        ],
        next: 'rest',
      },
      win: waitFor({ name: 'soon', after: 'PT5S' }),
      ...elements,
      rest: waitFor({ name: 'go', signal: 'go' }),
    },
    { ...more, signals: { go: { schema: {} }, ...more.signals } },
  );

describe('a branch that a join did not wait for', () => {
  let world: EngineWorld;
  const errors: string[] = [];
  /** What the next undoings of `ship` come to. */
  const undoings: (Error | Json)[] = [];
  let shipments = 0;
  const ship: Action = {
    name: 'ship',
    title: 'Ship',
    description: 'Ships after ten seconds.',
    input: { type: 'object' },
    output: {},
    effect: 'external',
    repeat: 'keyed',
    keyLifetimeMs: 86_400_000,
    async perform() {
      shipments += 1;
      return world.later(10 * second, { ok: true });
    },
    async undo() {
      const answer = undoings.shift() ?? { undone: true };
      if (answer instanceof Error) throw answer;
      shipments -= 1;
      return answer;
    },
  };
  const refusal = () => actionErrors.error('failed', 'it is on its way');

  beforeEach(async () => {
    errors.length = 0;
    undoings.length = 0;
    shipments = 0;
    const log = { info() {}, warn() {}, error: (_facts: object, message: string) => errors.push(message) };
    world = await openWorld({
      elements: standardElements as unknown as readonly ElementType[],
      actions: [ship],
      log,
      engine: {
        subjects: {
          async stateOf({ type, id }) {
            const found = await world.records.read(type, id);
            if (found === undefined) return {};
            const guard = { kind: 'touch', type, id, version: found.version } as const;
            return found.value['hold'] === true ? { guard, hold: { reason: 'on hold' } } : { guard };
          },
        },
      },
    });
    await world.putRecord('order', { id: 'o1', status: 'new' });
  });
  afterEach(async () => {
    await world.engine.close();
    await world.close();
  });

  const begin = async (definition: FlowDefinition): Promise<void> => {
    await world.publish(definition);
    await world.engine.start({ flow: definition.name, user: agent, id: 'r1', subject });
    await world.calm();
  };
  const run = (): Promise<RunState> => world.engine.run('r1');
  const effectOf = async (element: string): Promise<EffectState> =>
    (await world.store.effectsOf('r1')).find((effect) => effect.element === element)!;
  const calls = (): string[] => world.provider.log.map(({ kind, key }) => `${kind} ${key}`);
  const goOn = async (): Promise<void> => {
    await world.engine.signal('r1', 'go', null, { by: 'test' });
    await world.calm();
  };
  /** The call of the losing branch answers after ten seconds. */
  const answersLate = (action: string): void =>
    world.provider.script(action, () => world.later(10 * second, { ok: true }));
  const getsLost = (action: string): void =>
    world.provider.script(action, async (_call, count) => {
      const answer = await world.later(10 * second, { ok: true });
      if (count === 1) throw new Error('connection lost');
      return answer;
    });
  /** What the list of incidents has. */
  const listed = async (): Promise<string[]> =>
    (await world.store.listRuns({ status: 'incident', limit: 9 })).flatMap(({ leftOpen = [] }) =>
      leftOpen.map(({ kind, error, effect }) => `${kind} ${error.code} ${effect}`),
    );
  const isSettled = ({ claimAt, owner }: EffectState): boolean =>
    claimAt === undefined && owner === undefined;
  const undone = ['perform r1:main:lose:1', 'undo r1:main:lose:1:undo'];

  describe('leaves nothing that is waited for', () => {
    it('of subflows, loops, times, records, signals, tasks', async () => {
      const nested = flow('nested', 'task', {
        task: {
          type: 'task',
          label: 'Task',
          subject: 'Check',
          assignee: { queue: 'returns' },
          due: 'PT1H',
          escalation: { after: 'PT2H', to: { group: 'bosses' } },
        },
      });
      await world.publish(nested);
      await begin(
        race(
          {
            lose: {
              type: 'parallel',
              label: 'All',
              branches: [
                { name: 'loop', start: 'each' },
                { name: 'time', start: 'later' },
                { name: 'record', start: 'paid' },
                { name: 'signal', start: 'scanned' },
              ],
            },
            each: {
              type: 'loop',
              label: 'Each',
              collection: { var: 'list' },
              item: 'item',
              body: 'called',
            },
            called: { type: 'subflow', label: 'Called', flow: 'nested', input: {}, next: 'each' },
            later: waitFor({ name: 'over', after: 'PT3H' }),
            paid: waitFor({
              name: 'paid',
              record: { ...subject, when: { '===': [{ var: 'paid.record.status' }, 'paid'] } },
            }),
            scanned: waitFor({ name: 'scanned', signal: 'scanned' }),
          },
          {
            signals: { scanned: { schema: {} } },
            variables: {
              list: { schema: { type: 'array' }, default: [1, 2] },
              item: { schema: { type: ['number', 'null'] } },
            },
          },
        ),
      );
      const before = await run();
      assert.deepEqual(before.waitsOn, ['order:o1']);
      assert.deepEqual(workKeysOf(before), ['queue:returns']);
      await world.pass(6 * second);
      const after = await run();
      assert.equal(after.status, 'waiting');
      assert.deepEqual(Object.keys(after.root.activities), ['rest']);
      assert.deepEqual([after.dueAt, after.waitsOn, after.retries], [undefined, [], []]);
      assert.deepEqual(workKeysOf(after), []);
      assert.deepEqual(await world.store.runsWithWork(['queue:returns'], 9), []);
      await assert.rejects(world.engine.signal('r1', 'scanned', null, { by: 'test' }), {
        code: 'run.event-not-accepted',
      });
      await world.putRecord('order', { id: 'o1', status: 'paid' });
      await world.engine.recordChanged('order', 'o1');
      await world.pass(5 * hour);
      assert.deepEqual((await run()).seq, after.seq);
      assert.deepEqual(await world.store.inboxOf('r1'), []);
      await goOn();
      assert.equal((await run()).status, 'done');
    });

    it('of a segment that was to be tried again', async () => {
      world.actions.push({
        name: 'ask',
        title: 'Ask',
        description: 'Never answers.',
        input: { type: 'object' },
        output: {},
        effect: 'query',
        perform: async () => {
          throw runErrors.error('overloaded', 'later');
        },
      });
      await world.engine.close();
      world.begin();
      await begin(
        race({
          lose: call('charge', { next: 'asked' }),
          asked: call('ask', { retry: { attempts: 9, delayMs: hour, jitter: 0 } }),
        }),
      );
      assert.equal((await run()).retries.length, 1);
      await world.pass(6 * second);
      const { status, dueAt, retries } = await run();
      assert.deepEqual([status, dueAt, retries], ['waiting', undefined, []]);
      // Its call has happened, for nothing.
      await world.pass(minute);
      assert.deepEqual(calls(), undone);
      assert.equal((await effectOf('lose')).late, true);
      assert.deepEqual(await world.store.inboxOf('r1'), []);
    });
  });

  describe('with a call in flight: it finishes, is journaled as late, and is undone', () => {
    beforeEach(async () => {
      answersLate('charge');
      await begin(race({ lose: call('charge') }));
      await world.pass(6 * second);
    });
    const isUndone = async (): Promise<void> => {
      await world.pass(hour);
      assert.deepEqual(calls(), undone);
      const effect = await effectOf('lose');
      assert.deepEqual([effect.state, effect.late, effect.undo?.state], ['done', true, 'done']);
      assert.ok(isSettled(effect));
      const journal = (await world.engine.journal('r1')).flatMap(({ entries }) => entries);
      assert.ok(journal.some((entry) => (entry as { late?: boolean; on?: string }).late === true));
    };

    it('while the run goes on', async () => {
      await isUndone();
      assert.equal((await run()).status, 'waiting');
      await goOn();
      assert.equal((await run()).status, 'done');
    });

    it('after the end of the run', async () => {
      await goOn();
      assert.equal((await run()).status, 'done');
      await isUndone();
      assert.equal((await run()).status, 'done');
    });

    it('while the run is suspended', async () => {
      await world.engine.suspend('r1', who);
      await isUndone();
      assert.equal((await run()).status, 'suspended');
    });

    it('while its subject is on hold', async () => {
      await world.putRecord('order', { id: 'o1', hold: true });
      await goOn();
      assert.equal((await run()).status, 'held');
      await isUndone();
      assert.equal((await run()).status, 'held');
      await world.putRecord('order', { id: 'o1' });
      await world.engine.release(subject);
      assert.equal((await world.settle('r1')).status, 'done');
    });

    it('though the run was suspended when it was joined', async () => {
      await world.engine.suspend('r1', who);
      await world.engine.resume('r1', who);
      await isUndone();
    });

    it('once, also when the run is cancelled with compensation before, meanwhile or afterwards', async () => {
      await world.engine.cancel('r1', who, { compensate: true });
      await isUndone();
      await assert.rejects(world.engine.cancel('r1', who, { compensate: true }), { code: 'run.ended' });
      await isUndone();
    });

    it('once, and not by a later compensation', async () => {
      await isUndone();
      await world.engine.cancel('r1', who, { compensate: true });
      await isUndone();
      assert.equal((await run()).status, 'cancelled');
    });
  });

  it('whose call ended while the run was stopped is undone once the other branch has ended first', async () => {
    answersLate('charge');
    const first = { first: { schema: {} } };
    const win = waitFor({ name: 'first', signal: 'first' });
    await begin(race({ win, lose: call('charge') }, { signals: first }));
    await world.engine.suspend('r1', who);
    await world.engine.signal('r1', 'first', null, { by: 'test' });
    await world.pass(minute);
    const kept = (await world.store.inboxOf('r1')).map(({ body }) => body.kind);
    assert.deepEqual(kept, ['signal', 'outcome']);
    await world.engine.resume('r1', who);
    await world.pass(minute);
    assert.equal((await run()).root.value, 'rest');
    assert.deepEqual(calls(), undone);
    assert.deepEqual(await world.store.inboxOf('r1'), []);
  });

  it('and has won if its outcome, kept while the run was stopped, is taken first', async () => {
    answersLate('charge');
    const first = { first: { schema: {} } };
    const win = waitFor({ name: 'first', signal: 'first' });
    await begin(race({ win, lose: call('charge') }, { signals: first }));
    await world.engine.suspend('r1', who);
    await world.pass(minute);
    await world.engine.resume('r1', who);
    await world.pass(minute);
    assert.equal((await run()).root.value, 'rest');
    assert.deepEqual(calls(), ['perform r1:main:lose:1']);
  });

  describe('with a call that failed and was to be tried again', () => {
    beforeEach(async () => {
      world.provider.script('charge', () => {
        throw runErrors.error('overloaded', 'later');
      });
      await begin(race({ lose: call('charge', { retry: { attempts: 5, delayMs: minute, jitter: 0 } }) }));
    });
    const isLeftAlone = async (): Promise<void> => {
      await world.pass(hour);
      assert.deepEqual(calls(), ['perform r1:main:lose:1']);
      const effect = await effectOf('lose');
      assert.deepEqual([effect.state, effect.late, effect.undo], ['failed', true, undefined]);
      assert.ok(isSettled(effect));
    };

    it('does not make it again for nobody', async () => {
      await world.pass(6 * second);
      await isLeftAlone();
    });

    it('nor does a run that was cancelled', async () => {
      await world.engine.cancel('r1', who);
      await isLeftAlone();
      assert.equal((await run()).status, 'cancelled');
    });
  });

  describe('with a call of which nobody knows whether it happened', () => {
    it('makes it again under its key to find out, and undoes it', async () => {
      getsLost('charge');
      await begin(race({ lose: call('charge') }));
      await world.pass(hour);
      assert.deepEqual(calls(), [undone[0], ...undone]);
      assert.ok(isSettled(await effectOf('lose')));
    });

    it('asks, and does not make what did not happen', async () => {
      getsLost('book');
      await begin(race({ lose: call('book') }));
      await world.pass(hour);
      assert.deepEqual(calls(), ['perform r1:main:lose:1', 'lookUp r1:main:lose:1']);
      const effect = await effectOf('lose');
      assert.deepEqual([effect.state, effect.late], ['failed', true]);
      assert.ok(isSettled(effect));
      assert.equal((await run()).status, 'waiting');
    });

    describe('that may not be repeated', () => {
      beforeEach(async () => {
        getsLost('post');
        await begin(race({ lose: call('post') }));
        await world.pass(6 * second);
      });

      it('stops the run in doubt, and is undone if it happened', async () => {
        await world.pass(minute);
        const { status, incident } = await run();
        assert.deepEqual(
          [status, incident?.kind, incident?.effect],
          ['incident', 'inDoubt', 'r1:main:lose:1'],
        );
        await world.engine.resolveInDoubt('r1', 'r1:main:lose:1', { happened: true, output: {} }, who);
        await world.pass(minute);
        assert.deepEqual(calls(), undone);
        assert.equal((await run()).status, 'waiting');
        await goOn();
        assert.equal((await run()).status, 'done');
      });

      it('and is not made again if it did not', async () => {
        await world.pass(minute);
        await world.engine.resolveInDoubt('r1', 'r1:main:lose:1', { happened: false }, who);
        await world.pass(hour);
        assert.deepEqual(calls(), ['perform r1:main:lose:1']);
        assert.equal((await effectOf('lose')).state, 'failed');
        assert.equal((await run()).status, 'waiting');
      });

      it('waits with the doubt for a run that is stopped', async () => {
        await world.engine.suspend('r1', who);
        await world.pass(minute);
        assert.equal((await run()).status, 'suspended');
        await world.engine.resume('r1', who);
        await world.calm();
        const { status, incident } = await run();
        assert.deepEqual([status, incident?.kind], ['incident', 'inDoubt']);
      });

      it('tells the log when the run has ended, and is resolved all the same', async () => {
        await goOn();
        await world.pass(minute);
        assert.equal((await run()).status, 'done');
        assert.match(errors.join(), /in doubt, and its run has ended/);
        assert.deepEqual(await listed(), ['inDoubt action.outcome-unknown r1:main:lose:1']);
        await world.engine.resolveInDoubt('r1', 'r1:main:lose:1', { happened: true, output: {} }, who);
        await world.pass(minute);
        assert.deepEqual(calls(), undone);
        assert.equal((await run()).status, 'done');
        assert.deepEqual(await listed(), []);
      });

      it('is among the incidents, and kept, until it is resolved, long after the run has ended', async () => {
        await goOn();
        await world.pass(40 * 24 * hour);
        assert.deepEqual(await listed(), ['inDoubt action.outcome-unknown r1:main:lose:1']);
        await assert.rejects(world.engine.retry('r1', who), { code: 'run.operation-refused' });
        await world.engine.resolveInDoubt('r1', 'r1:main:lose:1', { happened: false }, who);
        assert.deepEqual(await listed(), []);
        assert.deepEqual((await world.store.listRuns({ status: 'done', limit: 9 })).length, 1);
        await world.pass(24 * hour);
        assert.deepEqual(await world.store.effectsOf('r1'), []);
      });

      it('is among the incidents when the run was cancelled with it', async () => {
        await world.pass(minute);
        await world.engine.cancel('r1', who);
        assert.equal((await run()).status, 'cancelled');
        assert.deepEqual(await listed(), ['inDoubt action.outcome-unknown r1:main:lose:1']);
        await world.engine.resolveInDoubt('r1', 'r1:main:lose:1', { happened: true, output: {} }, who);
        await world.pass(minute);
        assert.deepEqual(calls(), undone);
        assert.deepEqual(await listed(), []);
      });
    });
  });

  describe('with a call that can’t be undone', () => {
    beforeEach(async () => {
      undoings.push(refusal());
      await begin(race({ lose: call('ship') }));
      await world.pass(6 * second);
    });
    const stopsAt = async (): Promise<void> => {
      const { status, incident } = await run();
      assert.deepEqual(
        [status, incident?.error.code, incident?.place.element],
        ['incident', 'action.undo-failed', 'lose'],
      );
    };

    it('stops the run until it is tried again', async () => {
      await world.pass(minute);
      await stopsAt();
      await world.engine.retry('r1', who);
      await world.pass(minute);
      assert.equal((await run()).status, 'waiting');
      assert.equal(shipments, 0);
      assert.equal((await effectOf('lose')).undo?.state, 'done');
      await goOn();
      assert.equal((await run()).status, 'done');
    });

    it('or left out', async () => {
      await world.pass(minute);
      await stopsAt();
      await world.engine.skip('r1', {}, who);
      await world.pass(minute);
      const { status, retries, dueAt } = await run();
      assert.deepEqual([status, retries, dueAt], ['waiting', [], undefined]);
      assert.equal(shipments, 1);
      await goOn();
      assert.equal((await run()).status, 'done');
    });

    it('or the run is cancelled, which does not undo it again', async () => {
      await world.pass(minute);
      await stopsAt();
      await world.engine.cancel('r1', who, { compensate: true });
      await world.pass(minute);
      assert.equal((await run()).status, 'cancelled');
      assert.equal(shipments, 1);
    });

    it('waits with it for a run that is stopped', async () => {
      await world.engine.suspend('r1', who);
      await world.pass(minute);
      assert.equal((await run()).status, 'suspended');
      await world.engine.resume('r1', who);
      await world.calm();
      await stopsAt();
      await world.engine.retry('r1', who);
      await world.pass(minute);
      assert.equal(shipments, 0);
    });

    it('tells the log when the run has ended', async () => {
      await goOn();
      await world.pass(minute);
      assert.equal((await run()).status, 'done');
      assert.match(errors.join(), /could not be undone, and its run has ended/);
      assert.ok(isSettled(await effectOf('lose')));
      assert.deepEqual(await listed(), ['effect action.undo-failed r1:main:lose:1']);
    });

    it('is tried again when the run has ended, or left as it is', async () => {
      await goOn();
      undoings.push(refusal());
      await world.pass(minute);
      await world.engine.retry('r1', who);
      assert.deepEqual(await listed(), []);
      await world.pass(minute);
      // The second try has failed, too.
      assert.deepEqual(await listed(), ['effect action.undo-failed r1:main:lose:1']);
      await world.engine.retry('r1', who);
      await world.pass(minute);
      assert.equal(shipments, 0);
      assert.deepEqual(await listed(), []);
    });

    it('is left as it is when the run has ended and an operator says so', async () => {
      await goOn();
      await world.pass(minute);
      await world.engine.skip('r1', {}, who);
      assert.deepEqual(await listed(), []);
      assert.equal((await run()).status, 'done');
      await world.pass(hour);
      assert.equal(shipments, 1);
    });
  });

  it('is one of several when some of them are enough', async () => {
    answersLate('charge');
    answersLate('book');
    await begin(
      flow(
        'race',
        'p',
        {
          p: {
            type: 'parallel',
            label: 'Race',
            join: 2,
            branches: ['a', 'b', 'c', 'd'].map((name) => ({ name, start: name })),
            next: 'rest',
          },
          a: waitFor({ name: 'soon', after: 'PT2S' }),
          b: call('charge'),
          c: waitFor({ name: 'soon', after: 'PT4S' }),
          d: call('book', { next: 'more' }),
          more: call('charge'),
          rest: waitFor({ name: 'go', signal: 'go' }),
        },
        { signals: { go: { schema: {} } } },
      ),
    );
    await world.pass(hour);
    const { root, status } = await run();
    assert.deepEqual([status, root.outputs['p']], ['waiting', { ended: 2, last: 'c' }]);
    assert.deepEqual(calls().sort(), [
      'perform r1:main:b:1',
      'perform r1:main:d:1',
      'undo r1:main:b:1:undo',
      'undo r1:main:d:1:undo',
    ]);
    assert.ok((await world.store.effectsOf('r1')).every(isSettled));
  });
});
