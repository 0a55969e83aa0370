// Kills the engine before and after everything that it does to the world, once at each point, and compares what comes
// of it in the end with what comes of a run that nobody disturbs.
import assert from 'node:assert/strict';
import { kernelScenarios } from './crash-flows.js';
import { checkAttempt, crashElements, play, seen, visited } from './crash-play.js';
import { elementScenarios } from './element-flows.js';
import { troubleScenarios } from './trouble-flows.js';

const scenarios = [...kernelScenarios, ...elementScenarios, ...troubleScenarios];

describe('a crash at every point', () => {
  let points = 0;
  let deaths = 0;
  let doubts = 0;

  before(() => {
    visited.clear();
    seen.clear();
  });

  for (const scenario of scenarios) {
    it(`${scenario.name}: ends as if nothing had happened`, async () => {
      const undisturbed = await play(scenario);
      checkAttempt(undisturbed, undisturbed, 'undisturbed');
      for (const { number, name, side } of undisturbed.points) {
        const at = `killed at point ${number} of ${undisturbed.points.length}, ${side} ${name}`;
        const attempt = await play(scenario, [number]);
        points += 1;
        deaths += attempt.deaths;
        doubts += attempt.doubts;
        checkAttempt(attempt, undisturbed, at);
      }
    });
  }

  after(() => {
    console.log(`      ${points} crash points, ${deaths} deaths, ${doubts} calls in doubt`);
  });

  it('hits every element, and dies at every point', () => {
    assert.deepEqual([...visited].sort(), crashElements.map(({ type }) => type).sort());
    assert.deepEqual(
      wanted.filter((what) => !seen.has(what)),
      [],
      `seen: ${[...seen].sort().join('; ')}`,
    );
    assert.ok(points > 50, `only ${points} points`);
    assert.equal(deaths, points);
    assert.ok(doubts > 0, 'no call that may not be repeated was ever in doubt');
  });
});

/** What must have come to pass, beside that each element was entered. */
const wanted = [
  'approval takes timer escalation',
  'approval: go late',
  'approval: go next',
  'task takes timer due',
  'task takes timer escalation',
  'task: go late',
  'task: go next',
  'wait takes timer over',
  'wait takes signal came',
  'wait takes signal large',
  'wait takes signal small',
  'wait takes record paid',
  'wait takes event heard',
  'wait takes event unheard',
  'parallel joins 2',
  'parallel joins all',
  'parallel joins any',
  'rollBack: rollBack next',
  'a fault is rolled back',
  'a fault takes its path',
  'a segment is tried again',
  'an effect is undone',
  'compensate: compensate',
  'compensate takes compensated',
  'late outcome',
  'late undone',
  'a run is held',
  'incident effect action.undo-failed',
  'incident inDoubt action.outcome-unknown',
];
