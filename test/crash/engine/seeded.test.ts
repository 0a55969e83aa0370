// Two crashes for each seed: one at a random point of a scenario, one at a random point of the recovery from it.
import assert from 'node:assert/strict';
import { kernelScenarios } from './crash-flows.js';
import { type Attempt, checkAttempt, play } from './crash-play.js';
import { elementScenarios } from './element-flows.js';
import { troubleScenarios } from './trouble-flows.js';

const seeds = 200;
/** Recoveries are short: later points would often not be reached. */
const recoveryPointsMax = 12;
const scenarios = [...kernelScenarios, ...elementScenarios, ...troubleScenarios];

/** A whole number from 0 up to but without `below`, the same for the same seed and place. */
function drawn(seed: number, place: number, below: number): number {
  let state = Math.imul(seed, 2_654_435_761) ^ Math.imul(place + 1, 2_246_822_519);
  state = Math.imul(state ^ (state >>> 15), 2_246_822_519);
  state = Math.imul(state ^ (state >>> 13), 3_266_489_917);
  return ((state ^ (state >>> 16)) >>> 0) % below;
}

describe('a second crash during the recovery from a first one', () => {
  it(`changes nothing, ${seeds} seeds`, async () => {
    const undisturbed = new Map<number, Attempt>();
    let deaths = 0;
    let twice = 0;
    for (let seed = 1; seed <= seeds; seed += 1) {
      const which = seed % scenarios.length;
      const scenario = scenarios[which]!;
      const wanted = undisturbed.get(which) ?? (await play(scenario));
      undisturbed.set(which, wanted);
      const dieAt = [1 + drawn(seed, 0, wanted.points.length), 1 + drawn(seed, 1, recoveryPointsMax)];
      const at = `seed ${seed}: ${scenario.name}, killed at point ${dieAt.join(', then at point ')}`;
      const attempt = await play(scenario, dieAt).catch((error: unknown) => {
        throw new Error(`${at}: ${String(error)}`, { cause: error });
      });
      checkAttempt(attempt, wanted, at);
      deaths += attempt.deaths;
      if (attempt.deaths === 2) twice += 1;
    }
    console.log(`      ${seeds} seeds, ${deaths} deaths, ${twice} of them with a second one`);
    assert.ok(twice > seeds / 2, `only ${twice} seeds had a second crash`);
  });
});
