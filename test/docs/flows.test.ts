// The example of docs/flows.md is sound and does what its scenario says.
import assert from 'node:assert/strict';
import { DocumentedFlow } from './documented-flow.js';

describe('the document on flows', () => {
  const document = new DocumentedFlow('flows.md');

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
});
