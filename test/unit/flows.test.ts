// The scenarios beside the shipped flows: each goes as it says, and together they reach nearly every outcome.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { scenarioSchema } from '../../scenarios/scenario.js';
import { type TestedFlows, testFlows } from '../../scenarios/test-flows.js';
import { flowsDirectory } from '../../server/engine/flows-directory.js';

const percentMin = 95;

describe('the scenarios of the shipped flows', function () {
  this.timeout(180_000);
  let tested: TestedFlows;
  before(async () => {
    tested = await testFlows(flowsDirectory());
  });

  it('all go as they say', () => {
    assert.ok(tested.scenarios.length >= 50, `${tested.scenarios.length} scenarios`);
    const failed = tested.scenarios.filter(({ differences }) => differences.length > 0);
    assert.deepEqual(failed, []);
  });

  it(`reach ${percentMin} % of the outcomes of each flow`, () => {
    assert.ok(tested.coverage.length >= 11);
    const low = tested.coverage.filter(({ reached, outcomes }) => 100 * reached < percentMin * outcomes);
    assert.deepEqual(low, []);
  });

  it('have a schema that is current', () => {
    const file = readFileSync(join(flowsDirectory(), 'scenario.schema.json'), 'utf8');
    assert.equal(file, `${JSON.stringify(scenarioSchema, undefined, 2)}\n`);
  });
});
