// Kills the engine before and after everything that it does to the world, once at each point, and compares what comes
// of it in the end with what comes of a run that nobody disturbs.
import assert from 'node:assert/strict';
import { RecourseError } from '../../../engine/errors/recourse-error.js';
import { CrashPoints } from '../../support/crash-points.js';
import { agent, type EngineWorld, kernelElements, openWorld } from '../../support/engine-world.js';
import { hour, minute } from '../../support/flows.js';
import { type CrashScenario, crashScenarios, noteElement } from './crash-flows.js';

const elements = [...kernelElements, noteElement];
const day = 24 * hour;

/** What must be the same however often the engine died. */
interface Result {
  readonly runs: readonly unknown[];
  readonly records: readonly unknown[];
  readonly outbox: readonly string[];
  readonly happened: readonly string[];
  readonly keptEffects: number;
}

interface Attempt {
  readonly result: Result;
  readonly points: CrashPoints;
  readonly visited: ReadonlySet<string>;
  readonly doubts: number;
  /** How often the row was delivered that was delivered most often. */
  readonly deliveries: number;
  readonly calls: EngineWorld['provider'];
}

/** Does what a client does: tries again until it has an answer. */
async function insist(world: EngineWorld, ask: () => Promise<unknown>): Promise<void> {
  for (;;) {
    const asked = ask().then(
      () => 'answered' as const,
      (error: unknown) => {
        if (error instanceof RecourseError && error.code === 'run.exists') return 'answered' as const;
        throw error;
      },
    );
    if ((await Promise.race([asked, world.points.death.then(() => 'died' as const)])) === 'answered') return;
    await revive(world);
  }
}

async function revive(world: EngineWorld): Promise<void> {
  await world.points.rest();
  world.begin();
  await world.calm();
}

async function play(scenario: CrashScenario, dieAt?: number): Promise<Attempt> {
  const world = await openWorld({ elements });
  try {
    await world.publish(...scenario.flows);
    for (const id of ['o1', 'o2', 'o3']) await world.putRecord('order', { id, status: 'new' });
    const points = new CrashPoints(dieAt);
    await world.engine.close();
    world.begin(points);
    for (const name of scenario.starts) {
      await insist(world, () => world.engine.start({ flow: name, user: agent, id: name }));
    }
    for (const { run, signal, payload } of scenario.signals) {
      await insist(world, () =>
        world.engine.signal(run, signal, payload, { id: `${run}-${signal}`, by: 'scanner' }),
      );
    }
    let doubts = 0;
    // Enough for all waits, the leases that must end after a death, and the sweeps.
    for (let step = 0; step < 200; step += 1) {
      await world.pass(step === 0 ? minute : 30 * minute);
      if (world.points.dead) await revive(world);
      doubts += await resolveDoubts(world);
      const runs = await Promise.all(scenario.starts.map((id) => world.store.loadRun(id)));
      const effects = (await Promise.all(scenario.starts.map((id) => world.store.effectsOf(id)))).flat();
      const open = effects.some(({ claimAt }) => claimAt !== undefined);
      const rows = await world.connection.collection('outbox').countDocuments({});
      if (!open && rows === 0 && runs.every((run) => run?.status === 'done')) break;
    }
    assert.ok(world.clock.now() < Date.UTC(2026, 0, 1, 12) + 5 * day);
    return { ...(await resultOf(world, scenario)), points, doubts };
  } finally {
    await world.engine.close();
    await world.close();
  }
}

/** Does what an operator does: asks the other side, and says whether it happened. */
async function resolveDoubts(world: EngineWorld): Promise<number> {
  const stopped = await world.store.listRuns({ status: 'incident', limit: 10 });
  for (const { id, incident } of stopped) {
    assert.equal(incident?.kind, 'inDoubt', `${id}: ${JSON.stringify(incident?.error)}`);
    const effect = incident.effect!;
    const output = world.provider.answerTo('post', effect);
    const truth =
      output === undefined ? ({ happened: false } as const) : ({ happened: true, output } as const);
    await world.engine.resolveInDoubt(id, effect, truth, { by: 'operator', reason: 'asked the post' });
    await world.calm();
  }
  return stopped.length;
}

async function resultOf(
  world: EngineWorld,
  scenario: CrashScenario,
): Promise<Omit<Attempt, 'points' | 'doubts'>> {
  const visited = new Set<string>();
  const runs = [];
  let keptEffects = 0;
  for (const id of scenario.starts) {
    const run = await world.engine.run(id);
    runs.push({ id, status: run.status, outputs: run.outputs, variables: run.root.variables });
    keptEffects += (await world.store.effectsOf(id)).length;
    for (const { entries } of await world.engine.journal(id)) {
      for (const entry of entries) {
        const { element, frame } = entry as { element?: string; frame?: string };
        if (element === undefined || frame === undefined) continue;
        for (const { elements } of scenario.flows) {
          const type = elements[element]?.type;
          if (type !== undefined) visited.add(type);
        }
      }
    }
  }
  const counts = new Map<string, number>();
  for (const { id } of world.delivered) counts.set(id, (counts.get(id) ?? 0) + 1);
  const records = [];
  for (const id of ['o1', 'o2', 'o3']) records.push((await world.records.read('order', id))?.value);
  return {
    result: {
      runs,
      records,
      outbox: [...new Set(world.delivered.map(({ id }) => id))].sort(),
      happened: [...world.provider.happened].sort(),
      keptEffects,
    },
    visited,
    deliveries: Math.max(...[...counts.values()]),
    calls: world.provider,
  };
}

describe('a crash at every point', () => {
  const visited = new Set<string>();
  let points = 0;
  let deaths = 0;
  let doubts = 0;

  for (const scenario of crashScenarios) {
    it(`${scenario.name}: ends as if nothing had happened`, async function () {
      this.timeout(60_000);
      const undisturbed = await play(scenario);
      for (const type of undisturbed.visited) visited.add(type);
      const { passed } = undisturbed.points;
      assert.equal(new Set(undisturbed.result.happened).size, undisturbed.result.happened.length);
      for (const { number, name, side } of passed) {
        const at = `killed at point ${number} of ${passed.length}, ${side} ${name}`;
        const attempt = await play(scenario, number);
        points += 1;
        if (attempt.points.dead) deaths += 1;
        doubts += attempt.doubts;
        assert.deepEqual(attempt.result, undisturbed.result, at);
        // At least once, and no more often than the engine lived.
        assert.ok(attempt.deliveries <= 2, at);
        // A letter is in doubt at most once for one death, and never sent again.
        assert.ok(attempt.doubts <= 1, at);
      }
    });
  }

  after(() => {
    console.log(`      ${points} crash points, ${deaths} deaths, ${doubts} calls in doubt`);
  });

  it('hits every element of the kernel, and dies at every point', () => {
    const all = elements.map(({ type }) => type);
    assert.deepEqual([...visited].sort(), [...all].sort());
    assert.ok(points > 50, `only ${points} points`);
    assert.equal(deaths, points);
    assert.ok(doubts > 0, 'no call that may not be repeated was ever in doubt');
  });
});
