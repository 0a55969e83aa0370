// Kills a process that has an engine on an embedded store, and nothing else, with -9 again and again while it works: in the
// end all is as if nobody had, and no call was made twice. CRASH_KILLS says how often (40), CRASH_SEED when.
import assert from 'node:assert/strict';
import { KillPlay } from './kill-play.js';

const kills = Number(process.env['CRASH_KILLS'] ?? 40);
const seed = Number(process.env['CRASH_SEED'] ?? 1);

describe('an engine in a process that is killed with -9', () => {
  it(`ends as if nobody had, over ${kills} kills`, async function () {
    this.timeout(120_000 + kills * 3_000);
    const calm = new KillPlay(seed, kills);
    const undisturbed = await calm.play(0);
    const killed = new KillPlay(seed, kills);
    const outcome = await killed.play(kills);
    const { provider, duringCalls, duringWork, doubts, blamed } = killed;
    console.log(
      `      seed ${seed}: ${kills} kills, ${duringWork} with work in flight, ${duringCalls} of them with a call; ${outcome.runs.length} runs, ${provider.happened.length} calls that happened, ${provider.repeated} sent again under a known key, ${provider.lookedUp} looked up; in doubt: ${JSON.stringify(doubts)}; ${blamed} blamed for the kills`,
    );
    // Kills that hit nothing prove nothing.
    assert.ok(duringWork >= kills / 2, `only ${duringWork} kills hit work in flight: the run is invalid`);
    assert.ok(outcome.runs.every(({ status }) => status === 'done'));
    assert.deepEqual(outcome, undisturbed);
    assert.deepEqual([...provider.delivered].sort(), [...calm.provider.delivered].sort());
    // The provider writes each call down that it takes for a new one: none was made twice, whatever its policy.
    assert.deepEqual([...provider.happened].sort(), [...calm.provider.happened].sort());
    assert.equal(new Set(provider.happened).size, provider.happened.length);
    // What may be asked after, or may not be repeated, was not even sent twice.
    assert.equal(provider.repeatedOf('book') + provider.repeatedOf('post'), 0);
  });
});
