// Runs that fail at a random step and are undone, by their flow or by an operator, while the engine dies at random: money,
// stock and documents agree in the end, for each run.
import assert from 'node:assert/strict';
import { type Action, actionErrors, type ElementDefinition, runErrors } from '../../../engine/index.js';
import { SeededRandom } from '../../simulation/seeded-random.js';
import { compensateElement } from '../../../engine/elements/compensate.js';
import { CrashPoints } from '../../support/crash-points.js';
import { agent, type EngineWorld, kernelElements, openWorld } from '../../support/engine-world.js';
import { flow, hour, minute } from '../../support/flows.js';

const runs = 1_000;
const seed = 1;
const books = ['money', 'stock', 'documents'] as const;
const rounds = 3;
/** From then on the engine lives, or it would not come to an end. */
const deathsMax = 30;
const names = Array.from({ length: rounds }, (_, round) => books.map((book) => `${book}${round}`)).flat();

/** Each step moves one of the books by one; the step number `failsAt` fails. */
function toFlow(name: string, undoes: boolean) {
  const elements: Record<string, ElementDefinition> = {};
  for (const [index, step] of names.entries()) {
    const next = names[index + 1] ?? 'rest';
    elements[step] = {
      type: 'action',
      label: step,
      action: `move ${step.slice(0, -1)}`,
      input: { run: { var: '$flow.run' }, fails: { '===': [{ var: 'n' }, index] } },
      next,
      ...(undoes ? { onFault: { next: 'undo' } } : {}),
    };
  }
  elements['rest'] = { type: 'wait', label: 'Rest', events: [{ name: 'over', after: 'PT1H' }] };
  if (undoes) elements['undo'] = { type: 'compensate', label: 'Undo' };
  return flow(name, names[0], elements);
}

describe('runs that fail at a random step and are undone', function () {
  this.timeout(400_000);
  let world: EngineWorld;
  /** What each run has moved in each book, by key; an entry that was undone is gone. */
  const ledger = new Map<string, string>();
  const known = new Set<string>();
  const random = new SeededRandom(seed, 1);

  const move = (book: string): Action => ({
    name: `move ${book}`,
    title: `Move ${book}`,
    description: `Moves ${book} by one.`,
    input: { type: 'object' },
    output: {},
    effect: 'external',
    repeat: 'keyed',
    keyLifetimeMs: 86_400_000,
    perform: ({ input, key }) =>
      world.points.around(`move ${book}`, async () => {
        if ((input as { fails: boolean }).fails) throw actionErrors.error('failed', 'it is not to be');
        if (!known.has(key)) ledger.set(key, book);
        known.add(key);
        return { moved: 1 };
      }),
    undo: ({ key }) =>
      world.points.around(`undo ${book}`, async () => {
        if (!known.has(key) && random.chance(0.1)) throw runErrors.error('overloaded', 'later');
        if (!known.has(key)) assert.ok(ledger.delete(key.replace(/:undo$/, '')), `${key}: nothing to undo`);
        known.add(key);
        return { moved: -1 };
      }),
  });

  before(async () => {
    world = await openWorld({ elements: [...kernelElements, compensateElement], actions: books.map(move) });
    await world.publish(toFlow('undoing', true), toFlow('stopping', false));
  });
  after(async () => {
    await world.engine.close();
    await world.close();
  });

  it(`leave money, stock and documents in agreement, ${runs} runs`, async () => {
    const failing = new Map<string, number>();
    let deaths = 0;
    const revive = (): void => {
      if (!world.points.dead) return;
      deaths += 1;
      world.begin(new CrashPoints(deaths < deathsMax ? random.between(1, 800) : undefined));
    };
    world.begin(new CrashPoints(400));
    for (let n = 0; n < runs; n += 1) {
      const id = `r${n}`;
      // One in ten does not fail.
      const failsAt = random.chance(0.1) ? -1 : random.between(0, names.length - 1);
      failing.set(id, failsAt);
      revive();
      const name = random.pick(['undoing', 'stopping']);
      const started = world.engine.start({ flow: name, user: agent, id, input: { n: failsAt } });
      // A start that is cut off by a death is made again, unless it was committed.
      await Promise.race([started.catch(() => undefined), world.points.death]);
      if (!world.points.dead) continue;
      await world.points.rest();
      revive();
      if ((await world.store.loadRun(id)) === undefined) n -= 1;
    }
    for (let open = runs, round = 0; open > 0; round += 1) {
      assert.ok(round < 200, `${open} runs are open`);
      await world.pass(minute);
      revive();
      const all = await world.store.listRuns({ limit: 2 * runs });
      for (const { id, incident, status } of all) {
        if (status !== 'incident' || world.points.dead) continue;
        assert.equal(incident?.kind, 'effect', `${id}: ${JSON.stringify(incident?.error)}`);
        const who = { by: 'operator', reason: 'undo it' };
        const cancelled = world.engine.cancel(id, who, { compensate: true });
        await Promise.race([cancelled.catch(() => undefined), world.points.death]);
      }
      open = all.filter(({ status }) => status !== 'done' && status !== 'cancelled').length;
      if (round > 5 && world.points.dead === false) await world.pass(hour);
    }
    let undone = 0;
    for (const [id, failsAt] of failing) {
      const moved = [...ledger].filter(([key]) => key.startsWith(`${id}:`));
      const sums = books.map((book) => moved.filter(([, of]) => of === book).length);
      assert.deepEqual(
        sums,
        failsAt < 0 ? [rounds, rounds, rounds] : [0, 0, 0],
        `${id}, fails at ${failsAt}`,
      );
      if (failsAt > 0) undone += 1;
    }
    console.log(`      ${runs} runs, ${undone} of them undone, ${deaths} deaths of the engine`);
    assert.ok(undone > runs / 2 && deaths > 10, `${undone} undone, ${deaths} deaths`);
  });
});
