// The engine under seeded faults, against a model; the same seed gives the same world; and the tester is tested: bugs
// that are planted around the engine are found. SIM_SEEDS says how many seeds (2,000 by default), SIM_FROM the first.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { plantedBugs } from './planted-bugs.js';
import { simulate } from './simulation.js';

const seeds = Number(process.env['SIM_SEEDS'] ?? 2_000);
const from = Number(process.env['SIM_FROM'] ?? 1);
/** Seeds that are run twice and compared: `SIM_SAME=1000` for the long run. */
const sameSeeds = Number(process.env['SIM_SAME'] ?? 100);
/** Seeds that a planted bug may need. */
const bugSeedsMax = 2_000;

/** The commit under test, so that a failing seed can be run again on the same code. */
function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}

const replayOf = (seed: number): string => `npm run build && node dist/test/simulation/replay.js ${seed}`;

describe('simulation', () => {
  it('gives the same trace for the same seed, and another one for another seed', async () => {
    const hashes = new Set<string>();
    for (let seed = 1; seed <= sameSeeds; seed += 1) {
      const first = await simulate(seed);
      const second = await simulate(seed);
      assert.equal(first.traceHash, second.traceHash, `seed ${seed}`);
      assert.equal(first.steps, second.steps);
      hashes.add(first.traceHash);
    }
    assert.equal(hashes.size, sameSeeds);
  }).timeout(600_000);

  it('ends as the model says, whatever goes wrong', async function () {
    this.timeout(Math.max(600_000, seeds * 500));
    const failures: string[] = [];
    const faults: Record<string, number> = {};
    let units = 0;
    let steps = 0;
    for (let seed = from; seed < from + seeds && failures.length < 5; seed += 1) {
      const result = await simulate(seed);
      units += result.units;
      steps += result.steps;
      for (const [fault, times] of Object.entries(result.faults))
        faults[fault] = (faults[fault] ?? 0) + times;
      if (result.violations.length > 0)
        failures.push(
          `seed ${seed} at ${commit()}: ${result.violations.join('; ')}\n  again: ${replayOf(seed)}`,
        );
    }
    const told = Object.entries(faults)
      .sort()
      .map(([fault, times]) => `${times} × ${fault}`);
    console.log(`      ${seeds} seeds, ${units} units, ${steps} steps; ${told.join(', ')}`);
    assert.deepEqual(failures, [], failures.join('\n'));
    // A simulation in which little goes wrong proves little.
    if (seeds >= 500)
      for (const fault of expectedFaults)
        assert.ok((faults[fault] ?? 0) >= seeds / 20, `only ${faults[fault] ?? 0} × ${fault}`);
  });

  for (const bug of plantedBugs) {
    it(`finds the planted bug: ${bug.name}`, async function () {
      this.timeout(600_000);
      for (let seed = 1; seed <= bugSeedsMax; seed += 1) {
        const { violations } = await simulate(seed, { bug });
        if (violations.length === 0) continue;
        console.log(`      found after ${seed} seeds: ${violations[0]!.slice(0, 150)}`);
        return;
      }
      assert.fail(`not found in ${bugSeedsMax} seeds`);
    });
  }
});

const expectedFaults = [
  'crash',
  'unavailable',
  'conflict',
  'unknown',
  'duplicate',
  'pause',
  'jump forth',
  'jump back',
  'hold',
];
