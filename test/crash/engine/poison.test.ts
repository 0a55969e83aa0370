// One flow that ends its worker again and again, among two hundred that are sound: it stops at an incident that says why, and
// the others come to their end as if it were not there.
import assert from 'node:assert/strict';
import type { ElementType } from '../../../engine/index.js';
import { engineLimits } from '../../../engine/index.js';
import { agent, type EngineWorld, kernelElements, openWorld } from '../../support/engine-world.js';
import { flow, hour, minute } from '../../support/flows.js';

const healthy = 200;

const sound = flow(
  'sound',
  'wait',
  {
    wait: { type: 'wait', label: 'Wait', events: [{ name: 'over', until: { var: 'at' }, next: 'pay' }] },
    pay: { type: 'action', label: 'Pay', action: 'charge', input: {} },
  },
  { variables: { at: { schema: { type: 'string' }, input: true } } },
);

const deadly = flow('deadly', 'wait', {
  wait: { type: 'wait', label: 'Wait', events: [{ name: 'over', after: 'PT1M', next: 'bomb' }] },
  bomb: { type: 'bomb', label: 'Bomb' },
});

describe('a flow that ends its worker again and again', function () {
  this.timeout(120_000);
  let world: EngineWorld;
  const bomb: ElementType = {
    type: 'bomb',
    title: 'Bomb',
    description: 'Ends the process.',
    schema: { type: 'object', properties: {}, additionalProperties: false },
    outlets: () => [],
    summary: () => 'Ends the process',
    compile: () => ({
      enter() {
        world.points.kill();
        return new Promise(() => {});
      },
    }),
  };
  beforeEach(async () => {
    world = await openWorld({ elements: [...kernelElements, bomb] });
    await world.publish(sound, deadly);
  });
  afterEach(async () => {
    await world.engine.close();
    await world.close();
  });

  /** Starts the sound runs, due in a minute, one after the other by so much. */
  async function startSound(wave: string, gapMs: number): Promise<void> {
    const begun = world.clock.now() + minute;
    for (let n = 0; n < healthy; n += 1) {
      const at = new Date(begun + n * gapMs).toISOString();
      await world.engine.start({ flow: 'sound', user: agent, id: `${wave}-${n}`, input: { at } });
    }
  }

  /** By how much they ended later than they were due, in milliseconds, latest last. */
  async function lateness(wave: string): Promise<number[]> {
    const late: number[] = [];
    for (let n = 0; n < healthy; n += 1) {
      const run = (await world.store.loadRun(`${wave}-${n}`))!;
      // Its start, its timer and its call: a run that went on twice would have been committed more often.
      assert.deepEqual([run.status, run.seq], ['done', 3], run.id);
      late.push(Date.parse(run.endedAt!) - Date.parse(String(run.root.variables['at'])));
    }
    return late.sort((left, right) => left - right);
  }

  it(`stops at an incident, and ${healthy} others go on`, async () => {
    await startSound('alone', 1_000);
    await world.pass(hour);
    const alone = await lateness('alone');

    await world.engine.start({ flow: 'deadly', user: agent, id: 'deadly' });
    // All due at the instant at which it ends its worker.
    await startSound('beside', 0);
    let deaths = 0;
    for (let step = 0; step < 120; step += 1) {
      await world.pass(10_000);
      if (!world.points.dead) continue;
      deaths += 1;
      world.begin();
    }
    const { status, incident } = (await world.store.loadRun('deadly'))!;
    assert.deepEqual([status, incident?.kind, incident?.error.code], ['incident', 'poison', 'run.poisoned']);
    assert.match(incident!.error.detail, /its timers were taken \d+ times/);
    assert.ok(deaths <= engineLimits.recoveriesMax + 1, `${deaths} deaths`);
    const beside = await lateness('beside');

    await startSound('after', 1_000);
    await world.pass(hour);
    const after = await lateness('after');
    const p99 = (late: readonly number[]): number => late[Math.floor(late.length * 0.99)]!;
    console.log(
      `      ${deaths} deaths, then an incident; p99 of lateness alone ${p99(alone)} ms, beside it ${p99(beside)} ms, after it ${p99(after)} ms`,
    );
    assert.ok(p99(after) <= p99(alone) * 1.1, 'once it has stopped it slows nobody');
    // Who was at work with it when the process ended waits for the end of a lease, a few times, and is not stopped with it.
    assert.ok(beside.at(-1)! <= 4 * engineLimits.leaseMs, `${beside.at(-1)} ms late`);
    assert.equal(new Set(world.provider.happened).size, world.provider.happened.length);
  });
});
