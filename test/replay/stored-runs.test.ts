// Runs that were stored by a release load and finish in this one. A fixture is never changed once it is released.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../server/project-root.js';
import { assignmentElement } from '../../engine/elements/assignment.js';
import { standardElements } from '../../engine/index.js';
import type { WorldOptions } from '../support/engine-world.js';
import { type End, endOf, openHistoryWorld, restore, type StoredRun, takeStep } from './stored-run.js';

const root = join(projectRoot(), 'test', 'replay', 'runs');

/** Plays what is left of a stored run. @returns what came of it */
async function finish(stored: StoredRun, elements?: WorldOptions['elements']): Promise<End> {
  const world = await openHistoryWorld(elements);
  try {
    await restore(world, stored);
    for (const step of stored.left) await takeStep(world, step);
    return await endOf(world);
  } finally {
    await world.engine.close();
    await world.close();
  }
}

const read = (release: string, file: string): StoredRun =>
  JSON.parse(readFileSync(join(root, release, file), 'utf8')) as StoredRun;

/** An assignment that reads the clock of the machine. */
const hasty: typeof assignmentElement = {
  ...assignmentElement,
  compile: () => ({
    enter(visit) {
      visit.assign('total', Date.now());
      return { kind: 'go', outlet: 'next' };
    },
  }),
};

describe('stored runs', () => {
  it('end otherwise when an element reads the clock of the machine (negative control)', async () => {
    const stored = read('0.1.0', 'nested-1.json');
    const planted = standardElements.map((element) => (element === assignmentElement ? hasty : element));
    assert.notDeepEqual(await finish(stored, planted), stored.end);
  });

  for (const release of readdirSync(root)) {
    describe(`of release ${release}`, () => {
      const files = readdirSync(join(root, release));

      it('are at 24 positions at least', () => {
        assert.ok(files.length >= 24, `${files.length}`);
      });

      for (const file of files) {
        it(`${file} finishes`, async () => {
          const stored = read(release, file);
          assert.deepEqual(await finish(stored), stored.end);
        });
      }
    });
  }
});
