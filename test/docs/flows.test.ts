// The example of docs/flows.md is sound and does what its scenario says.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { engineLimits } from '../../engine/index.js';
import { projectRoot } from '../../server/project-root.js';
import { DocumentedFlow } from './documented-flow.js';

describe('the document on flows', () => {
  const document = new DocumentedFlow('flows.md');

  it('tells the limits as they are', () => {
    const text = readFileSync(join(projectRoot(), 'docs', 'flows.md'), 'utf8');
    const count = (value: number): string => value.toLocaleString('en');
    for (const row of [
      `elements of a flow | ${count(engineLimits.elementsPerFlowMax)} |`,
      `to the next | ${count(engineLimits.elementsPerSegmentMax)} |`,
      `written in that time | ${count(engineLimits.recordWritesPerSegmentMax)} |`,
      `told in that time | ${count(engineLimits.outboxRowsPerSegmentMax)} |`,
      `of a run | ${count(engineLimits.segmentsPerRunMax)}, with a warning in the log at ${count(engineLimits.segmentsPerRunWarn)} |`,
      `above all | ${count(engineLimits.runStateBytesMax / 1_048_576)} MiB |`,
      `call one another | ${count(engineLimits.frameDepthMax)} deep |`,
      `changes of records | ${count(engineLimits.changeDepthMax)} deep |`,
    ])
      assert.ok(text.includes(row), row);
  });

  it('shows a sound flow, and a scenario that it passes', async () => {
    const { problems, scenarios } = await document.play({ shipped: ['open-case'] });
    assert.deepEqual(problems, []);
    assert.deepEqual(
      scenarios.map(({ differences }) => differences),
      [[]],
    );
  });

  it('shows a scenario that fails where the flow says something else', async () => {
    const scenario = document.block('scenario').replace('within 24 hours', 'within 25 hours');
    const { scenarios } = await document.play({ scenario, shipped: ['open-case'] });
    assert.equal(scenarios[0]?.differences.length, 1);
  });

  it('shows a flow that waits for an event, and one that comes too late', async () => {
    const play = async (scenario: string) => {
      const { problems, scenarios } = await document.play({ flow: 'event-flow', scenario });
      assert.deepEqual(problems, []);
      return scenarios.map(({ differences }) => differences);
    };
    const scenario = document.block('event-scenario');
    assert.deepEqual(await play(scenario), [[]]);
    const waiting = '{ "expect": { "status": "waiting" } }';
    const late = scenario.replace(waiting, '{ "advance": "P15D" }').replace('900 g', 'late');
    assert.deepEqual(await play(late), [[]]);
  });

  it('shows an experiment, and the path that one customer takes', async () => {
    const flow = 'experiment-flow';
    const { problems, scenarios } = await document.play({
      flow,
      scenario: document.block('experiment-scenario'),
    });
    assert.deepEqual(problems, []);
    assert.deepEqual(
      scenarios.map(({ differences }) => differences),
      [[]],
    );
  });

  describe('shows a flow before a save', () => {
    const shipped = ['open-case', 'close-case'];
    const flow = 'before-save-flow';

    it('that is sound, and a scenario that takes all of its ways', async () => {
      const scenario = document.block('before-save-scenario');
      const { problems, scenarios, coverage } = await document.play({ flow, scenario, shipped });
      assert.deepEqual(problems, []);
      assert.deepEqual(
        scenarios.map(({ differences }) => differences),
        [[]],
      );
      assert.deepEqual(
        coverage.map(({ flow: name, missing }) => [name, missing]),
        [['case-rules', []]],
      );
    });

    it('whose scenario fails where the flow has nothing against it', async () => {
      const scenario = document.block('before-save-scenario').replace('"Done."', '"Paid back in full."');
      const { scenarios } = await document.play({ flow, scenario, shipped });
      assert.notDeepEqual(scenarios[0]?.differences, []);
    });
  });
});
