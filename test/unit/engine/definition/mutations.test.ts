// Random mutations of sound flows: each is refused with places, or it runs without an error of ours.
import assert from 'node:assert/strict';
import type { FlowDefinition, Json } from '../../../../engine/definition/flow.js';
import { validateFlow } from '../../../../engine/definition/validate.js';
import { standardElements } from '../../../../engine/elements/standard-elements.js';
import { RecourseError } from '../../../../engine/errors/recourse-error.js';
import { expressionErrors } from '../../../../engine/expressions/index.js';
import { actionErrors, recordErrors, runErrors } from '../../../../engine/index.js';
import { waitsOf } from '../../../../engine/runtime/frames.js';
import { agent, type EngineWorld, openWorld } from '../../../support/engine-world.js';
import { hour } from '../../../support/flows.js';
import { mutated, randomOf } from './mutated-flow.js';
import { sampleExternals, sampleFlows, sampleOrder, sampleTypes, standardContext } from './sample-flows.js';

const mutationCount = 500;
const bugs = new Set(
  [runErrors, recordErrors, actionErrors, expressionErrors].flatMap(({ entries }) =>
    Object.entries(entries)
      .filter(([, { who }]) => who === 'bug')
      .map(([code]) => code),
  ),
);

/** What fits the screens and approvals as they are, and what may fit them once they are changed. */
const answers: readonly Json[] = [
  { values: { reason: 'late', count: 2 } },
  { approved: true, comment: 'fine' },
  { values: { reason: 'late' } },
  { approved: true },
  {},
];

describe('mutations of sound flows', function () {
  this.timeout(300_000);
  let world: EngineWorld;

  before(async () => {
    world = await openWorld({ elements: standardElements, actions: sampleExternals, types: sampleTypes });
    await world.putRecord('order', sampleOrder);
    await world.publish(...sampleFlows);
  });
  after(async () => {
    await world.engine.close();
    await world.close();
  });

  /** Starts a flow and gives it what it may wait for; answers the code of an error of ours. */
  async function bugOf(flow: FlowDefinition, id: string): Promise<string | undefined> {
    try {
      await world.publish(flow);
      await world.engine.start({ flow: flow.name, input: {}, user: agent, id });
      await world.settle(id);
      for (const signal of Object.keys(flow.signals ?? {})) {
        await world.engine
          .signal(id, signal, { lines: sampleOrder['lines']! }, { id: `${id}-${signal}`, by: 'test' })
          .catch((error: unknown) => {
            if (!(error instanceof RecourseError)) throw error;
          });
      }
      for (let step = 0; step < 4; step += 1) await answerAll(id);
      await world.pass(400 * hour);
      const run = await world.store.loadRun(id);
      return [run?.error?.code, run?.incident?.error.code].find(
        (code) => code !== undefined && bugs.has(code),
      );
    } catch (error) {
      if (!(error instanceof RecourseError)) return `${(error as Error).stack}`;
      return bugs.has(error.code) ? error.code : undefined;
    }
  }

  /** Answers everything that people are asked, as well as anybody can who knows nothing. */
  async function answerAll(id: string): Promise<void> {
    const run = await world.store.loadRun(id);
    for (const { place, wait } of run === undefined ? [] : waitsOf(run.root)) {
      if (wait.kind !== 'answer') continue;
      for (const payload of answers) {
        const refused = await world.engine
          .answer(id, { ...place, name: wait.name }, payload, { by: 'ada' })
          .then(
            () => undefined,
            (error: unknown) => error,
          );
        if (refused === undefined) break;
        if (!(refused instanceof RecourseError) || bugs.has(refused.code)) throw refused;
      }
      await world.settle(id);
    }
  }

  it('are all sound and run to their end before they are changed', async () => {
    for (const [index, flow] of sampleFlows.entries()) {
      assert.deepEqual(validateFlow(flow, standardContext).problems, [], flow.name);
      if (flow.name === 'treat-line') continue;
      assert.equal(await bugOf(flow, `sound${index}`), undefined, flow.name);
      const run = await world.store.loadRun(`sound${index}`);
      assert.equal(
        run?.status,
        'done',
        `${flow.name}: ${JSON.stringify(run?.incident?.error ?? run?.error)}`,
      );
    }
  });

  it(`are refused with a place, or run without an error of ours (${mutationCount})`, async () => {
    const counts = { refused: 0, ran: 0 };
    const failures: string[] = [];
    for (let seed = 1; seed <= mutationCount; seed += 1) {
      const random = randomOf(seed * 7919);
      const { flow, how } = mutated(sampleFlows[random(sampleFlows.length)]!, random);
      const { problems, definition } = validateFlow(flow, standardContext);
      for (const { line, column, detail, expected, docs } of problems) {
        assert.ok(line >= 1 && column >= 1 && detail.length > 0 && expected.length > 0 && docs.length > 0);
      }
      if (definition === undefined) {
        counts.refused += 1;
        assert.ok(
          problems.some(({ severity }) => severity === 'error'),
          `${seed}: refused without a reason`,
        );
        continue;
      }
      counts.ran += 1;
      const bug = await bugOf({ ...definition, name: `mutant-${seed}` }, `m${seed}`);
      if (bug !== undefined) failures.push(`${seed} ${flow.name} ${how}: ${bug}`);
    }
    assert.deepEqual(failures, []);
    assert.ok(counts.refused > 150 && counts.ran > 50, JSON.stringify(counts));
  });
});
