// A thousand timers through twenty restarts, with crashes at random points and a clock that jumps both ways: none is lost,
// none fires twice, none too early.
import assert from 'node:assert/strict';
import type { Json } from '../../../engine/index.js';
import { CrashPoints } from '../../support/crash-points.js';
import { agent, type EngineWorld, openWorld } from '../../support/engine-world.js';
import { flow, hour, minute } from '../../support/flows.js';
import { segmentsOf } from '../../support/segments.js';

const timers = 1_000;
const restarts = 20;
const span = 10 * hour;

/** Numbers from 0 to 1, the same for the same seed. */
function* chances(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

const alarm = flow(
  'alarm',
  'wait',
  {
    wait: { type: 'wait', label: 'Wait', events: [{ name: 'over', until: { var: 'at' }, next: 'ring' }] },
    ring: {
      type: 'action',
      label: 'Ring',
      action: 'charge',
      input: { at: { var: 'at' }, now: { var: '$now' } },
    },
  },
  { variables: { at: { schema: { type: 'string' }, input: true } } },
);

describe('a thousand timers', () => {
  let world: EngineWorld;
  beforeEach(async () => {
    world = await openWorld();
  });
  afterEach(() => world.close());

  /** A call that was lost with more than five workers waits for an operator, who asks the other side. */
  async function settleDoubts(): Promise<string[]> {
    const stopped = await world.engine.runs({ status: 'incident', limit: timers });
    for (const { id, incident } of stopped) {
      assert.equal(incident?.kind, 'inDoubt', JSON.stringify(incident));
      const key = `${id}:main:ring:1`;
      const output = world.provider.answerTo('charge', key);
      const truth = output === undefined ? ({ happened: false } as const) : { happened: true, output };
      await world.engine.resolveInDoubt(id, key, truth, { by: 'operator', reason: 'asked the other side' });
    }
    await world.pass(minute);
    return stopped.map(({ id }) => id);
  }

  for (const seed of [1, 2]) {
    it(`outlive ${restarts} restarts and a clock that jumps, seed ${seed}`, async () => {
      const chance = chances(seed);
      const next = (): number => chance.next().value;
      await world.publish(alarm);
      const start = world.clock.now();
      for (let n = 0; n < timers; n += 1) {
        const at = new Date(start + minute + Math.floor(next() * span)).toISOString();
        await world.engine.start({ flow: 'alarm', user: agent, id: `r${n}`, input: { at } });
      }
      let crashes = 0;
      for (let restart = 0; restart < restarts; restart += 1) {
        const dieAt = restart % 4 === 3 ? undefined : 1 + Math.floor(next() * 150);
        world.begin(new CrashPoints(dieAt));
        // Half an hour goes by, an hour is jumped over, or the clock is set back by up to an hour.
        if (restart % 3 === 1) world.clock.set(world.clock.now() + Math.floor(next() * hour));
        if (restart % 3 === 2) world.clock.set(world.clock.now() - Math.floor(next() * hour));
        await world.pass(30 * minute);
        if (world.points.dead) crashes += 1;
        else if (dieAt === undefined) await world.engine.close();
      }
      assert.ok(crashes >= restarts / 2, `only ${crashes} of ${restarts} lives ended in a crash`);
      world.begin();
      await world.pass(2 * span);

      const doubts = new Set(await settleDoubts());
      const runs = await world.engine.runs({ limit: 2 * timers });
      assert.equal(runs.length, timers);
      // Each was committed thrice: its start, its timer, its call. A timer that fired twice would have added one.
      const ends = await Promise.all(
        runs
          .filter(({ id }) => !doubts.has(id))
          .map(async ({ id, status }) => `${status} ${await segmentsOf(world.engine, id)}`),
      );
      assert.deepEqual([...new Set(ends)], ['done 3']);
      assert.ok(runs.every(({ status }) => status === 'done'));
      assert.ok(doubts.size < timers / 10, `${doubts.size} calls were lost again and again`);
      assert.equal(world.provider.happened.length, timers);
      assert.equal(new Set(world.provider.happened).size, timers);
      const early = runs.filter(({ id }) => {
        const { of } = world.provider.answerTo('charge', `${id}:main:ring:1`) as { of: Record<string, Json> };
        return String(of['now']) < String(of['at']);
      });
      assert.deepEqual(early, []);
    });
  }
});
