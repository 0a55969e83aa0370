// What operators do about stopped runs: nothing that a run waits for is left without anybody who could bring it.
import assert from 'node:assert/strict';
import { type Action, actionErrors, type ElementDefinition, type Json } from '../../../../engine/index.js';
import { standardElements } from '../../../../engine/elements/standard-elements.js';
import { engineLimits } from '../../../../engine/limits.js';
import { CrashPoints } from '../../../support/crash-points.js';
import { agent, type EngineWorld, openWorld } from '../../../support/engine-world.js';
import { both, call, flow, hour, minute, waitFor } from '../../../support/flows.js';

const who = { by: 'operator', reason: 'because' };
const signals = { go: { schema: {} } };

const wait = (event: object): ElementDefinition => waitFor({ name: 'go', signal: 'go', ...event });
const end: ElementDefinition = { type: 'end', label: 'End' };

describe('repairs', () => {
  let world: EngineWorld;
  const failing: Action = {
    name: 'number',
    title: 'Number',
    description: 'Fails.',
    input: { type: 'object' },
    output: { type: 'number' },
    effect: 'pure',
    async perform() {
      throw actionErrors.error('failed', 'no number');
    },
  };

  beforeEach(async () => {
    world = await openWorld({ elements: standardElements, actions: [failing] });
  });
  afterEach(async () => {
    await world.engine.close();
    await world.close();
  });

  const lose = async (): Promise<never> => {
    throw new Error('connection lost');
  };
  const inDoubt = async (name: string): Promise<void> => {
    world.provider.script('ring', lose);
    await world.publish(flow(name, 'ring', { ring: call('ring', { next: 'fin' }), fin: end }));
    await world.engine.start({ flow: name, user: agent, id: 'r1' });
    await world.calm();
  };
  const refusal = async (work: Promise<unknown>): Promise<string> => {
    try {
      await work;
    } catch (error) {
      assert.equal((error as { code?: string }).code, 'run.operation-refused');
      return (error as Error).message;
    }
    return 'not refused';
  };

  describe('of control', () => {
    const chain = flow(
      'chain',
      'one',
      { one: wait({ next: 'two' }), two: wait({ next: 'three' }), three: end },
      { signals },
    );

    it('move it from where it stands only', async () => {
      await world.publish(chain);
      await world.engine.start({ flow: 'chain', user: agent, id: 'r1' });
      assert.match(
        await refusal(world.engine.move('r1', { from: 'two', to: 'three' }, who)),
        /from two to three/,
      );
      assert.equal((await world.engine.run('r1')).root.value, 'one');
      const moved = await world.engine.move('r1', { from: 'one', to: 'two' }, who);
      assert.equal(moved.root.value, 'two');
    });

    it('move it once for one sequence', async () => {
      await world.publish(chain);
      const { seq } = await world.engine.start({ flow: 'chain', user: agent, id: 'r1' });
      const moves = await Promise.allSettled(
        ['two', 'three'].map((to) => world.engine.move('r1', { to }, { ...who, seq })),
      );
      assert.deepEqual(moves.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    });

    it('leave no incident of another branch behind', async () => {
      world.provider.script('ring', async () => {
        throw actionErrors.error('failed', 'engaged');
      });
      await world.publish(
        flow(
          'branches',
          'p',
          {
            p: both('ring', 'hold'),
            ring: call('ring', { next: 'rung' }),
            rung: wait({}),
            hold: wait({ next: 'other' }),
            other: wait({}),
          },
          { signals },
        ),
      );
      await world.engine.start({ flow: 'branches', user: agent, id: 'r1' });
      await world.calm();
      assert.match(
        await refusal(world.engine.move('r1', { from: 'hold', to: 'other' }, who)),
        /stopped at ring of main/,
      );
      assert.equal((await world.engine.run('r1')).status, 'incident');
      const moved = await world.engine.move('r1', { from: 'ring', to: 'rung' }, who);
      assert.equal(moved.status, 'waiting');
    });

    it('leave no signal without the wait that has taken it', async () => {
      await world.publish(
        flow(
          'taken',
          'p',
          {
            p: both('first', 'hold'),
            first: wait({ next: 'bad' }),
            bad: call('number', { next: 'rest' }),
            rest: wait({}),
            hold: waitFor({ name: 'late', after: 'PT1H', next: 'other' }),
            other: wait({}),
          },
          { signals },
        ),
      );
      await world.engine.start({ flow: 'taken', user: agent, id: 'r1' });
      await world.engine.signal('r1', 'go', null, { by: 'test' });
      assert.match(
        await refusal(world.engine.move('r1', { from: 'hold', to: 'other' }, who)),
        /stopped at first/,
      );
      const moved = await world.engine.move('r1', { from: 'first', to: 'rest' }, who);
      assert.deepEqual([moved.status, moved.incident], ['waiting', undefined]);
    });

    it('hide no incident behind the one of an element that they lead to', async () => {
      world.provider.script('ring', async () => {
        throw actionErrors.error('failed', 'engaged');
      });
      await world.publish(
        flow('hidden', 'ring', { ring: call('ring', { next: 'bad' }), bad: call('number') }),
      );
      await world.engine.start({ flow: 'hidden', user: agent, id: 'r1' });
      await world.calm();
      assert.match(await refusal(world.engine.move('r1', { to: 'bad' }, who)), /bad failed: no number/);
      assert.equal((await world.engine.run('r1')).incident?.place.element, 'ring');
    });

    it('leave no signal to others that wait for one like it', async () => {
      await world.publish(
        flow(
          'alike',
          'p',
          {
            p: both('x', 'y'),
            x: wait({ next: 'bad' }),
            bad: call('number'),
            y: wait({ next: 'fin' }),
            fin: wait({}),
          },
          { signals },
        ),
      );
      await world.engine.start({ flow: 'alike', user: agent, id: 'r1' });
      await world.engine.signal('r1', 'go', null, { by: 'test' });
      assert.match(await refusal(world.engine.move('r1', { from: 'y', to: 'fin' }, who)), /stopped at x/);
    });

    it('are refused at one of the branches that an event has stopped, with what to do instead', async () => {
      await world.publish(
        flow('event-in-two', 'p', {
          p: both('x', 'y', { next: 'rest' }),
          x: waitFor({ name: 'told', event: 'told', next: 'fin' }),
          y: waitFor({ name: 'told', event: 'told', next: 'bad' }),
          bad: call('number', { next: 'last' }),
          last: { type: 'assignment', label: 'Set', assignments: [{ target: 'n', value: 1 }] },
          fin: { type: 'assignment', label: 'Set', assignments: [{ target: 'total', value: 1 }] },
          rest: end,
        }),
      );
      await world.engine.start({ flow: 'event-in-two', user: agent, id: 'r1' });
      await world.engine.publish({ event: 'told', payload: null, id: 'e1' });
      await world.calm();
      assert.equal((await world.engine.run('r1')).incident?.place.element, 'bad');
      assert.match(
        await refusal(world.engine.move('r1', { from: 'y', to: 'last' }, who)),
        /stopped at x of main and y of main, which have taken one event: .* what is around them all/,
      );
      const moved = await world.engine.move('r1', { from: 'p', to: 'rest' }, who);
      assert.equal(moved.status, 'done');
    });

    it('hide no incident behind the size of what they lead to', async () => {
      world.provider.script('ring', async () => {
        throw actionErrors.error('failed', 'engaged');
      });
      await world.publish(
        flow(
          'grown',
          'ring',
          {
            ring: call('ring', { next: 'grow' }),
            grow: {
              type: 'assignment',
              label: 'Grow',
              assignments: [{ target: 'more', value: { var: 'texts' } }],
              next: 'hold',
            },
            hold: wait({}),
          },
          {
            signals,
            variables: { texts: { schema: {}, default: [] }, more: { schema: {}, default: [] } },
          },
        ),
      );
      await world.engine.start({ flow: 'grown', user: agent, id: 'r1' });
      await world.calm();
      const texts = Array.from({ length: 12 }, () => 'x'.repeat(engineLimits.runStateBytesMax / 18));
      await world.engine.editVariables('r1', 'main', { texts }, who);
      assert.match(await refusal(world.engine.move('r1', { to: 'grow' }, who)), /larger than/);
      const { status, incident, root } = await world.engine.run('r1');
      assert.deepEqual([status, incident?.place.element, root.variables['more']], ['incident', 'ring', []]);
    });

    it('lead out of what follows an undoing, which is over then', async () => {
      await world.publish(
        flow(
          'followed',
          'first',
          {
            first: {
              type: 'decision',
              label: 'First',
              outcomes: [{ name: 'free', label: 'Free', when: { '>': [{ var: 'n' }, 0] }, next: 'rest' }],
              next: 'pay',
            },
            pay: call('charge', { next: 'back' }),
            back: { type: 'compensate', label: 'Back', next: 'bad' },
            bad: { type: 'raiseError', label: 'Bad', message: 'no' },
            rest: wait({}),
          },
          { signals },
        ),
      );
      await world.engine.start({ flow: 'followed', user: agent, id: 'r1' });
      await world.calm();
      assert.equal((await world.engine.run('r1')).incident?.place.element, 'bad');
      const { status, compensation } = await world.engine.move('r1', { from: 'back', to: 'rest' }, who);
      assert.deepEqual({ status, compensation }, { status: 'waiting', compensation: undefined });
    });

    it('are needed where an answer has stopped the run: no other one is kept for its place', async () => {
      await world.publish(
        flow('stopped', 'form', {
          form: {
            type: 'screen',
            label: 'Form',
            fields: [{ name: 'n', schema: {}, label: 'N' }],
            next: 'bad',
          },
          bad: call('number'),
        }),
      );
      await world.engine.start({ flow: 'stopped', user: agent, id: 'r1' });
      const place = { frame: 'main', element: 'form', visit: 1, name: 'answer' };
      assert.equal(await world.engine.answer('r1', place, { values: { n: 1 } }, { by: 'ada' }), 'taken');
      assert.equal((await world.engine.run('r1')).status, 'incident');
      await assert.rejects(world.engine.answer('r1', place, { values: { n: 2 } }, { by: 'bob' }), {
        code: 'run.event-not-accepted',
      });
    });

    it('do not pass over a doubt', async () => {
      await inDoubt('doubtful');
      assert.match(await refusal(world.engine.move('r1', { to: 'fin' }, who)), /whether the effect happened/);
      assert.equal((await world.engine.run('r1')).incident?.kind, 'inDoubt');
    });

    it('do not pass over what could not be undone', async () => {
      world.provider.script('undo charge', async () => {
        throw actionErrors.error('failed', 'too late');
      });
      await world.publish(
        flow(
          'undone',
          'pay',
          {
            pay: call('charge', { next: 'back' }),
            back: { type: 'compensate', label: 'Back', next: 'rest' },
            rest: wait({}),
          },
          { signals },
        ),
      );
      await world.engine.start({ flow: 'undone', user: agent, id: 'r1' });
      await world.calm();
      assert.match(await refusal(world.engine.move('r1', { to: 'rest' }, who)), /could not be undone/);
      await world.engine.skip('r1', {}, who);
      await world.calm();
      assert.equal((await world.engine.run('r1')).root.value, 'rest');
    });
  });

  describe('of doubts', () => {
    it('say one thing of one call', async () => {
      await inDoubt('one-truth');
      const { seq } = await world.engine.run('r1');
      const effect = 'r1:main:ring:1';
      const truths = [{ happened: false as const }, { happened: true as const, output: {} as Json }];
      const said = await Promise.allSettled(
        truths.map((truth) => world.engine.resolveInDoubt('r1', effect, truth, { ...who, seq })),
      );
      assert.deepEqual(said.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    });

    it('refuse a second answer', async () => {
      await inDoubt('twice');
      const effect = 'r1:main:ring:1';
      const answers = await Promise.allSettled(
        [{ at: 1 }, { at: 2 }].map((output) =>
          world.engine.resolveInDoubt('r1', effect, { happened: true, output }, who),
        ),
      );
      assert.deepEqual(answers.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    });

    it('name the effect that there is not', async () => {
      await inDoubt('unknown');
      await assert.rejects(world.engine.resolveInDoubt('r1', 'r1:none', { happened: false }, who), {
        code: 'run.effect-unknown',
      });
    });
  });

  it('check a recorded output in a called flow that the discarded segment had begun', async () => {
    await world.publish(flow('inner', 'bad', { bad: call('number') }));
    await world.publish(
      flow('outer', 'sub', { sub: { type: 'subflow', label: 'Sub', flow: 'inner', input: {} } }),
    );
    await world.engine.start({ flow: 'outer', user: agent, id: 'r1' });
    assert.match(
      await refusal(world.engine.skip('r1', { output: 1, outlet: 'nowhere' }, who)),
      /no outlet nowhere/,
    );
    await assert.rejects(world.engine.skip('r1', { output: 'text' }, who), { code: 'run.input-invalid' });
    await world.engine.skip('r1', { output: 7 }, who);
    assert.equal((await world.engine.run('r1')).status, 'done');
  });

  it('keep a run within the size that it may have', async () => {
    await world.publish(
      flow('big', 'hold', { hold: wait({}) }, { signals, variables: { text: { schema: {}, default: '' } } }),
    );
    await world.engine.start({ flow: 'big', user: agent, id: 'r1' });
    await world.engine.suspend('r1', who);
    const large = 'x'.repeat(8_000_000);
    await assert.rejects(world.engine.editVariables('r1', 'main', { text: large }, who), {
      code: 'run.limit-state',
    });
    assert.equal((await world.engine.run('r1')).root.variables['text'], '');
  });

  describe('let what came while the run was stopped go first: what is tried again may hang on it', () => {
    const stopped = async (id: string): Promise<void> => {
      await world.engine.start({ flow: 'undone-twice', user: agent, id });
      await world.calm();
      await world.engine.signal(id, 'go', null, { by: 'test' });
      assert.match((await world.engine.run(id)).incident?.error.detail ?? '', /compensated already/);
      await world.pass(minute);
    };

    beforeEach(async () => {
      world.provider.script('undo charge', async () => world.later(10_000, {}));
      await world.publish(
        flow(
          'undone-twice',
          'pay',
          {
            pay: call('charge', { next: 'p' }),
            p: both('back', 'hold'),
            back: { type: 'compensate', label: 'Back' },
            hold: wait({ next: 'again' }),
            again: { type: 'compensate', label: 'Back' },
          },
          { signals },
        ),
      );
    });

    it('at once', async () => {
      await stopped('r1');
      await world.engine.retry('r1', who);
      await world.calm();
      assert.equal((await world.engine.run('r1')).status, 'done');
    });

    it('after a crash, too', async () => {
      let begun = 0;
      for (const dieAt of [1, 2, 3, 4, 5, 6]) {
        const id = `r${dieAt}`;
        await stopped(id);
        const points = new CrashPoints(dieAt);
        void world.begin(points).retry(id, who);
        await Promise.race([points.death, world.calm()]);
        await points.rest();
        const { status } = (await world.store.loadRun(id))!;
        world.begin();
        await world.pass(hour);
        if (status === 'incident') continue;
        begun += 1;
        assert.equal((await world.engine.run(id)).status, 'done', `died at ${dieAt}`);
      }
      assert.ok(begun > 0, 'no retry had begun');
    });
  });

  it('end a compensation that is cancelled, whatever timers there were', async () => {
    let tries = 0;
    world.provider.script('undo charge', async () => {
      tries += 1;
      if (tries < 4) throw new Error('lost');
      return {};
    });
    await world.publish(
      flow('cancelled', 'p', {
        p: both('soon', 'pay'),
        soon: waitFor({ name: 'soon', after: 'PT10S' }),
        pay: call('charge', { retry: { attempts: 10, delayMs: minute, factor: 1, jitter: 0 }, next: 'back' }),
        back: { type: 'compensate', label: 'Back' },
      }),
    );
    await world.engine.start({ flow: 'cancelled', user: agent, id: 'r1' });
    await world.calm();
    const cancelled = await world.engine.cancel('r1', who);
    assert.equal(cancelled.dueAt, undefined);
    await world.pass(hour);
    assert.equal((await world.engine.run('r1')).status, 'cancelled');
  });
});
