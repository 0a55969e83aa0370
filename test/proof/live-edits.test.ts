// Flows that are edited at random while they have runs: each run goes on with the version that it began with, its subflows'
// included, and comes to the end that this version has; none is stuck.
import assert from 'node:assert/strict';
import type { ElementDefinition, FlowDefinition } from '../../engine/index.js';
import { waitsOf } from '../../engine/runtime/frames.js';
import { SeededRandom } from '../simulation/seeded-random.js';
import { agent, openWorld, type EngineWorld } from '../support/engine-world.js';
import { flow, hour, minute } from '../support/flows.js';

const cases = 500;
const seed = 1;
/** Edits are made after each of them, of the flows whose turn it is. */
const stages = 3;

/** A step of a flow, and what it adds to the total. */
interface Step {
  readonly name: string;
  readonly kind: 'add' | 'time' | 'call' | 'signal' | 'subflow' | 'loop';
  readonly n: number;
}

const kinds = ['add', 'time', 'time', 'call', 'signal', 'subflow', 'loop'] as const;

/** The steps one after the other; `inner` is the flow that they call. */
function toFlow(name: string, steps: readonly Step[], inner: string): FlowDefinition {
  const elements: Record<string, ElementDefinition> = {};
  for (const [index, { name: step, kind, n }] of steps.entries()) {
    const following = steps[index + 1]?.name;
    const next = following === undefined ? {} : { next: following };
    const add = (value: unknown) => ({
      type: 'assignment',
      label: step,
      assignments: [{ target: 'total', operator: 'add', value }],
    });
    const element = { label: step, ...next };
    if (kind === 'add') elements[step] = { ...add(n), ...next };
    if (kind === 'time')
      elements[step] = { type: 'wait', label: step, events: [{ name: 'over', after: `PT${n}M`, ...next }] };
    if (kind === 'signal')
      elements[step] = { type: 'wait', label: step, events: [{ name: 'came', signal: 'go', ...next }] };
    if (kind === 'call') elements[step] = { type: 'action', action: 'charge', input: { n }, ...element };
    if (kind === 'subflow') {
      elements[step] = { type: 'subflow', label: step, flow: inner, input: {}, next: `${step}Sum` };
      elements[`${step}Sum`] = { ...add({ var: `${step}.total` }), ...next };
    }
    if (kind === 'loop') {
      const each = { collection: [1, 2], item: 'item', body: `${step}Body` };
      elements[step] = { type: 'loop', ...each, ...element };
      elements[`${step}Body`] = { ...add({ var: 'item' }), next: step };
    }
  }
  return flow(name, steps[0]?.name, elements, {
    variables: { item: { schema: { type: ['number', 'null'] } } },
    ...(steps.some(({ kind }) => kind === 'signal')
      ? { signals: { go: { schema: {}, buffered: true } } }
      : {}),
  });
}

/** What a flow comes to. */
const totalOf = (steps: readonly Step[], inner: readonly Step[]): number =>
  steps.reduce((sum, { kind, n }) => {
    if (kind === 'add') return sum + n;
    if (kind === 'loop') return sum + 3;
    return kind === 'subflow' ? sum + totalOf(inner, []) : sum;
  }, 0);

class Author {
  readonly #random: SeededRandom;
  #names = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  step(innermost = false): Step {
    this.#names += 1;
    const kind = this.#random.pick(innermost ? kinds.filter((one) => one !== 'subflow') : kinds);
    return { name: `s${this.#names}`, kind, n: this.#random.between(1, 90) };
  }

  steps(innermost = false): Step[] {
    return Array.from({ length: this.#random.between(innermost ? 1 : 3, innermost ? 3 : 8) }, () =>
      this.step(innermost),
    );
  }

  /** Adds, removes, renames, moves or changes some. */
  edited(steps: readonly Step[], innermost = false): Step[] {
    const copy = [...steps];
    for (let edits = this.#random.between(1, 3); edits > 0; edits -= 1) {
      const at = this.#random.between(0, copy.length - 1);
      const step = copy[at]!;
      const edit = this.#random.pick(['add', 'remove', 'rename', 'move', 'change', 'replace']);
      if (edit === 'add') copy.splice(at, 0, this.step(innermost));
      if (edit === 'remove' && copy.length > 1) copy.splice(at, 1);
      if (edit === 'rename') copy[at] = { ...step, name: `${step.name}x` };
      if (edit === 'move') copy.push(...copy.splice(at, 1));
      if (edit === 'change') copy[at] = { ...step, n: this.#random.between(1, 90) };
      if (edit === 'replace') copy[at] = { ...this.step(innermost), name: step.name };
    }
    return copy;
  }
}

describe('flows that are edited while they have runs', () => {
  let world: EngineWorld;
  beforeEach(async () => {
    world = await openWorld();
  });
  afterEach(async () => {
    await world.engine.close();
    await world.close();
  });

  it(`leave no run stuck and none on another version, ${cases} cases`, async () => {
    const random = new SeededRandom(seed, 1);
    const author = new Author(random);
    const expected = new Map<string, { readonly total: number; readonly version: number }>();
    const plans = Array.from({ length: cases }, (_, n) => {
      const [steps, inner] = [author.steps(), author.steps(true)];
      return { name: `flow${n}`, steps, inner, stage: random.between(0, stages - 1) };
    });
    const publish = (name: string, steps: readonly Step[], inner: readonly Step[]): Promise<void> =>
      world.publish(toFlow(`${name}i`, inner, ''), toFlow(name, steps, `${name}i`));
    const start = async (name: string, version: number, total: number): Promise<void> => {
      const { id } = await world.engine.start({ flow: name, user: agent, id: `${name}-${version}` });
      expected.set(id, { total, version });
    };
    for (const { name, steps, inner } of plans) {
      await publish(name, steps, inner);
      await start(name, 1, totalOf(steps, inner));
    }
    let live = 0;
    for (let stage = 0; stage < stages; stage += 1) {
      await world.leap(random.between(1, 40) * minute);
      for (const { name, steps, inner, stage: turn } of plans) {
        if (turn !== stage) continue;
        if ((await world.store.loadRun(`${name}-1`))?.status !== 'done') live += 1;
        const [newSteps, newInner] = [author.edited(steps), author.edited(inner, true)];
        await publish(name, newSteps, newInner);
        const version = (await world.engine.versions.active(name))!.version;
        await start(name, Math.max(2, version), totalOf(newSteps, newInner));
      }
      // A process that knows nothing of the old versions but what is stored.
      await world.engine.close();
      world.begin();
    }
    for (let open = expected.size, rounds = 0; open > 0 && rounds < 40; rounds += 1) {
      await world.leap(2 * hour);
      const runs = (await world.store.listRuns({ limit: 3 * cases })).filter(
        ({ status }) => status !== 'done',
      );
      open = runs.length;
      for (const { id, root } of runs) {
        for (const { wait } of waitsOf(root))
          if (wait.kind === 'signal') await world.engine.signal(id, 'go', null, { by: 'test' });
      }
    }
    const ended = await world.store.listRuns({ limit: 3 * cases });
    assert.equal(ended.length, expected.size);
    for (const { id, status, flow: ref, outputs, incident } of ended) {
      const { total, version } = expected.get(id)!;
      assert.deepEqual([status, outputs], ['done', { total }], `${id}: ${JSON.stringify(incident?.error)}`);
      if (version === 1) assert.equal(ref.version, 1, id);
    }
    console.log(
      `      ${cases} flows edited, ${live} of them with a run under way; ${ended.length} runs ended`,
    );
    assert.ok(live > cases / 2, `only ${live} flows had a run under way when they were edited`);
  });
});
