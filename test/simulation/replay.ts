// Runs simulations by hand: `node dist/test/simulation/replay.js <seed> [<planted bug>]` prints the trace of one.
import { plantedBugs } from './planted-bugs.js';
import { simulate } from './simulation.js';

const [from = '1', to] = process.argv.slice(2);
if (to !== undefined && /^\d+$/.test(to)) {
  let failed = 0;
  for (let seed = Number(from); seed <= Number(to); seed += 1) {
    const { violations } = await simulate(seed);
    if (violations.length === 0) continue;
    failed += 1;
    console.log(seed, violations[0]);
  }
  console.log(`${failed} of ${Number(to) - Number(from) + 1} seeds fail`);
} else {
  const bug = plantedBugs.find(({ name }) => name === to);
  const { lines, violations, traceHash } = await simulate(Number(from), {
    keepsLines: true,
    ...(bug === undefined ? {} : { bug }),
  });
  console.log(lines.join('\n'));
  console.log({ violations, traceHash });
}
