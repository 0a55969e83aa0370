// Experiments: each visit of a run has one answer, each value of `by` too, and the shares are those that were asked for.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { CompileProblem, CompileSite, Visit } from '../../../../engine/elements/element.js';
import { experimentElement } from '../../../../engine/elements/experiment.js';
import { standardElements } from '../../../../engine/elements/standard-elements.js';
import type { Expression } from '../../../../engine/expressions/index.js';
import type { FlowDefinition, Json } from '../../../../engine/index.js';
import { agent, type EngineWorld, openWorld } from '../../../support/engine-world.js';
import { flow } from '../../../support/flows.js';

const site = {
  flow: { name: 'trial' },
  expression: () => ({}) as Expression,
  report: ({ detail }: CompileProblem) => assert.fail(detail),
} as unknown as CompileSite;

/** Paths called by their index. */
const toPaths = (percents: readonly number[]) =>
  percents.map((percent, index) => ({ name: `p${index}`, percent }));

/** The path of a visit of that key, in which `by` is that value. */
function chooser(percents: readonly number[]): (key: string, by?: Json) => string {
  const behaviour = experimentElement.compile({ paths: toPaths(percents), by: true }, site);
  return (key, by = null) => {
    const visit = { key, element: 'split', evaluate: () => by, output: () => {} } as unknown as Visit;
    const outcome = behaviour.enter(visit) as { readonly outlet: string };
    return outcome.outlet;
  };
}

const size = 10_000;
const ids = Array.from({ length: size }, (_, index) => index);

/** Five standard deviations: one share in two million is further off by chance. */
function assertShare(count: number, share: number, what: string): void {
  const bound = 5 * Math.sqrt(size * share * (1 - share));
  assert.ok(Math.abs(count - size * share) <= bound, `${what}: ${count} of ${size} for ${share}`);
}

/** Percentages in hundredths that come to 100. */
const percents = fc
  .array(fc.integer({ min: 0, max: 10_000 }), { minLength: 1, maxLength: 6 })
  .map((cuts) => [0, ...cuts.toSorted((left, right) => left - right), 10_000])
  .map((cuts) => cuts.slice(1).map((cut, index) => (cut - cuts[index]!) / 100));

describe('an experiment', () => {
  it('gives 10,000 runs, and as many customers, the shares that were asked for', () => {
    const shares = fc.property(percents, fc.string(), fc.boolean(), (parts, prefix, isBy) => {
      const choose = chooser(parts);
      const counts = new Map<string, number>();
      for (const id of ids) {
        const path = isBy ? choose('r', `${prefix}${id}`) : choose(`${prefix}${id}:main:split:1`);
        counts.set(path, (counts.get(path) ?? 0) + 1);
      }
      for (const { name, percent } of toPaths(parts)) {
        assertShare(counts.get(name) ?? 0, percent / 100, name);
      }
    });
    fc.assert(shares, { numRuns: 20, seed: 20261130 });
  });

  it('takes each visit by itself, and values apart from runs', () => {
    const choose = chooser([30, 70]);
    const both = (one: (id: number) => string, other: (id: number) => string): number =>
      ids.filter((id) => one(id) === 'p0' && other(id) === 'p0').length;
    const visit = (number: number) => (id: number) => choose(`r${id}:main:split:${number}`);
    assertShare(both(visit(1), visit(2)), 0.09, 'two visits');
    assertShare(
      both(visit(1), (id) => choose('r', id)),
      0.09,
      'a run and a value',
    );
  });

  it('answers in every release what it has answered in this one', () => {
    const choose = chooser([25, 25, 25, 25]);
    const asked = ids.slice(0, 12);
    const answers = (path: (id: number) => string): string => asked.map((id) => path(id).slice(1)).join('');
    assert.equal(
      answers((id) => choose(`r${id}:main:split:1`)),
      '223302020131',
    );
    assert.equal(
      answers((id) => choose('r', `c${id}`)),
      '121231100203',
    );
    assert.equal(
      answers((id) => choose('r', { b: id, a: 1 })),
      answers((id) => choose('s', { a: 1, b: id })),
    );
    const amount = (text: string) => ({ amount: text, currency: 'EUR' });
    assert.equal(choose('r', amount('1')), choose('r', amount('1.00')));
  });

  it('takes no path of 0 %, and always one of 100 %', () => {
    const choose = chooser([0, 100, 0]);
    assert.deepEqual([...new Set(ids.map((id) => choose(`r${id}`)))], ['p1']);
  });
});

describe('a run with an experiment', () => {
  let world: EngineWorld;
  const trial = (name: string, more: object = {}): FlowDefinition =>
    flow(
      name,
      'split',
      {
        split: {
          type: 'experiment',
          label: 'Split',
          paths: [
            { name: 'few', percent: 12.5, next: 'count' },
            { name: 'many', percent: 87.5, next: 'count' },
          ],
          ...more,
        },
        count: {
          type: 'assignment',
          label: 'Count',
          assignments: [
            { target: 'total', operator: 'add', value: 1 },
            { target: 'paths', operator: 'addItem', value: { var: 'split.path' } },
          ],
          next: 'again',
        },
        again: {
          type: 'decision',
          label: 'Again?',
          outcomes: [{ name: 'yes', when: { '<': [{ var: 'total' }, 40] }, next: 'split' }],
        },
      },
      {
        variables: {
          customer: { schema: { type: ['string', 'null'] }, input: true, default: null },
          paths: { schema: { type: 'array', items: { type: 'string' } }, default: [], output: true },
        },
      },
    );
  const byCustomer = trial('by-customer', { by: { var: 'customer' } });

  before(async () => {
    world = await openWorld({ elements: standardElements });
    for (const one of [trial('trial'), byCustomer]) await world.publish(one);
  });
  after(async () => {
    await world.engine.close();
    await world.close();
  });

  const pathsOf = async (id: string, customer: string | null, name: string) => {
    await world.engine.start({ flow: name, id, user: agent, input: { customer } });
    return (await world.settle(id)).outputs?.['paths'] as readonly string[];
  };

  it('has its path as an output and in the journal, at each visit one', async () => {
    const paths = await pathsOf('r1', null, 'trial');
    assert.deepEqual(new Set(paths), new Set(['few', 'many']));
    const chunks = await world.engine.journal('r1');
    const entries = chunks.flatMap((chunk) => chunk.entries) as readonly Record<string, Json>[];
    assert.deepEqual(
      entries.flatMap(({ element, outcome, output }) => (element === 'split' ? [{ outcome, output }] : [])),
      paths.map((path) => ({ outcome: path, output: { path } })),
    );
  });

  it('takes one path for one customer, whatever the run, and its own without one', async () => {
    const ada = await pathsOf('a1', 'ada', 'by-customer');
    assert.deepEqual(new Set(ada), new Set(['many']));
    assert.deepEqual(await pathsOf('a2', 'ada', 'by-customer'), ada);
    assert.equal(new Set(await pathsOf('n1', null, 'by-customer')).size, 2);
  });
});
