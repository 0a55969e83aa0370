// One flow that ends its worker again and again, among two hundred that are sound: it stops at an incident that says why, and
// the others come to their end as if it were not there.
import assert from 'node:assert/strict';
import type { ElementType, FlowDefinition } from '../../../engine/index.js';
import { engineLimits } from '../../../engine/index.js';
import { agent, type EngineWorld, kernelElements, openWorld } from '../../support/engine-world.js';
import { flow, hour, minute } from '../../support/flows.js';
import { segmentsOf } from '../../support/segments.js';

const healthy = 200;
/** Until a worker that has died is there again. */
const restartMs = 1_000;

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

describe('a flow that ends its worker again and again', () => {
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
    world = await openWorld({ elements: [...kernelElements, bomb], engine: { alone: true } });
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
      assert.deepEqual([run.status, await segmentsOf(world.engine, run.id)], ['done', 3], run.id);
      late.push(Date.parse(run.endedAt!) - Date.parse(String(run.root.variables['at'])));
    }
    return late.sort((left, right) => left - right);
  }

  /** Lets a second pass, and begins again if the worker has died in it. @returns deaths: 0 or 1 */
  async function passRestarting(): Promise<number> {
    await world.pass(restartMs);
    if (!world.points.dead) return 0;
    world.begin();
    return 1;
  }

  it(`stops at an incident, and ${healthy} others go on`, async () => {
    await startSound('alone', 1_000);
    await world.pass(hour);
    const alone = await lateness('alone');

    await world.engine.start({ flow: 'deadly', user: agent, id: 'deadly' });
    // All due at the instant at which it ends its worker.
    await startSound('beside', 0);
    let deaths = 0;
    for (let step = 0; step < 120; step += 1) deaths += await passRestarting();
    const { status, incident } = (await world.store.loadRun('deadly'))!;
    assert.deepEqual([status, incident?.kind, incident?.error.code], ['incident', 'poison', 'run.poisoned']);
    assert.match(incident!.error.detail, /its timers were taken \d+ times/);
    const beside = await lateness('beside');

    await startSound('after', 1_000);
    await world.pass(hour);
    const after = await lateness('after');
    const p99 = (late: readonly number[]): number => late[Math.floor(late.length * 0.99)]!;
    console.log(
      `      ${deaths} deaths, then an incident; p99 of lateness alone ${p99(alone)} ms, beside it ${p99(beside)} ms, after it ${p99(after)} ms`,
    );
    assert.ok(p99(after) <= p99(alone) * 1.1, 'once it has stopped it slows nobody');
    // Who was at work with it when the process ended loses the time of two restarts; then it is taken alone, and last.
    assert.ok(beside.at(-1)! <= 2 * restartMs, `${beside.at(-1)} ms late`);
    assert.equal(deaths, engineLimits.recoveriesMax);
    assert.equal(new Set(world.provider.happened).size, world.provider.happened.length);
  });

  const bombs = { bomb: { type: 'bomb', label: 'Bomb' } };
  const early = flow(
    'early',
    'rest',
    {
      rest: { type: 'wait', label: 'Rest', events: [{ name: 'over', after: 'PT1M', next: 'wait' }] },
      wait: { type: 'wait', label: 'Wait', events: [{ name: 'came', signal: 'go', next: 'bomb' }] },
      ...bombs,
    },
    { signals: { go: { schema: { type: 'object' }, buffered: true } } },
  );
  const told = flow('told', 'wait', {
    wait: { type: 'wait', label: 'Wait', events: [{ name: 'came', event: 'go', next: 'bomb' }] },
    ...bombs,
  });
  const watching = flow('watching', 'wait', {
    wait: {
      type: 'wait',
      label: 'Wait',
      events: [
        {
          name: 'paid',
          record: { type: 'order', id: 'o1', when: { '==': [{ var: 'wait.record.paid' }, true] } },
          next: 'bomb',
        },
      ],
    },
    ...bombs,
  });

  /** What wakes a run, other than its timers, and ends its worker each time. */
  const causes = {
    'a signal that came early': {
      flow: early,
      wake: () => world.engine.signal('deadly', 'go', {}, { id: 's1', by: 'client' }),
    },
    'an event': { flow: told, wake: () => world.engine.publish({ event: 'go', payload: {}, id: 'e1' }) },
    'a changed record': {
      flow: watching,
      async wake() {
        await world.putRecord('order', { id: 'o1', paid: true });
        await world.publish(marking);
        await world.engine.start({ flow: 'marking', user: agent });
      },
    },
  };
  const marking = flow('marking', 'mark', {
    mark: { type: 'updateRecords', label: 'Mark', record: 'order', id: 'o1', fields: { seen: true } },
  });
  for (const [cause, { flow: waits, wake }] of Object.entries(causes)) {
    it(`stops at an incident when ${cause} ends its worker`, async () => {
      await world.publish(waits);
      await world.putRecord('order', { id: 'o1', paid: false });
      await world.engine.start({ flow: waits.name, user: agent, id: 'deadly' });
      await wake();
      let deaths = 0;
      for (let step = 0; step < 300; step += 1) deaths += await passRestarting();
      const { status, incident } = (await world.store.loadRun('deadly'))!;
      assert.deepEqual([status, incident?.kind], ['incident', 'poison']);
      assert.equal(deaths, engineLimits.recoveriesMax + 1);
    });
  }

  const startedBy = (name: string, trigger: FlowDefinition['start']['trigger']) =>
    flow(name, 'bomb', bombs, { start: { trigger, next: 'bomb' } });
  /** Flows whose first segment ends the worker, and what starts them. */
  const starts = {
    'an event': {
      flow: startedBy('on-event', { type: 'event', event: 'go' }),
      begin: () => world.engine.publish({ event: 'go', payload: {}, id: 'e1' }),
    },
    'a changed record': {
      flow: startedBy('on-change', { type: 'recordChange', record: 'order', on: ['update'] }),
      async begin() {
        await world.putRecord('order', { id: 'o1', paid: true });
        await world.publish(marking);
        await world.engine.start({ flow: 'marking', user: agent });
      },
    },
    'a schedule': {
      // Once in the time that the test takes.
      flow: startedBy('on-time', { type: 'schedule', cron: '1 12 1 1 *' }),
      begin: async () => {},
    },
  };
  for (const [cause, { flow: started, begin }] of Object.entries(starts)) {
    it(`stops at an incident when what ${cause} starts ends its worker at once`, async () => {
      await world.publish(started);
      await begin();
      let deaths = 0;
      for (let step = 0; step < 600; step += 1) deaths += await passRestarting();
      const [run] = await world.store.listRuns({ flow: started.name, limit: 2 });
      assert.deepEqual([run?.status, run?.incident?.kind], ['incident', 'poison']);
      assert.ok(deaths <= engineLimits.recoveriesMax + 1, `${deaths} deaths`);
    });
  }
});
