// Runs that were stored by a release load and finish in this one. A fixture is never changed once it is released.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../server/project-root.js';
import { endOf, openHistoryWorld, restore, type StoredRun, takeStep } from './stored-run.js';

const root = join(projectRoot(), 'test', 'replay', 'runs');

describe('stored runs', () => {
  for (const release of readdirSync(root)) {
    describe(`of release ${release}`, () => {
      const files = readdirSync(join(root, release));

      it('are at 24 positions at least', () => {
        assert.ok(files.length >= 24, `${files.length}`);
      });

      for (const file of files) {
        it(`${file} finishes`, async () => {
          const stored = JSON.parse(readFileSync(join(root, release, file), 'utf8')) as StoredRun;
          const world = await openHistoryWorld();
          try {
            await restore(world, stored);
            for (const step of stored.left) await takeStep(world, step);
            assert.deepEqual(await endOf(world), stored.end);
          } finally {
            await world.engine.close();
            await world.close();
          }
        });
      }
    });
  }
});
