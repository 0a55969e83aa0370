// Writes the stored runs of this release, test/replay/runs/<version>/<history>-<steps>.json; format them with biome.
// Those of a release that is out are never written again: it refuses when they are there, unless told `--again`.
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../server/project-root.js';
import { histories } from '../test/replay/histories.js';
import {
  beginHistory,
  endOf,
  openHistoryWorld,
  type StoredRun,
  takeStep,
  toCollections,
} from '../test/replay/stored-run.js';

const { version } = JSON.parse(readFileSync(join(projectRoot(), 'package.json'), 'utf8')) as {
  version: string;
};
const directory = join(projectRoot(), 'test', 'replay', 'runs', version);
if (existsSync(directory) && !process.argv.includes('--again')) {
  throw new Error(`the runs of ${version} are stored already`);
}
await rm(directory, { recursive: true, force: true });
await mkdir(directory, { recursive: true });

for (const history of histories) {
  const world = await openHistoryWorld();
  await beginHistory(world, history);
  const cuts: Omit<StoredRun, 'end'>[] = [];
  for (const [taken, step] of history.steps.entries()) {
    const collections = await toCollections(world);
    cuts.push({
      history: history.name,
      taken,
      now: world.clock.now(),
      collections,
      left: history.steps.slice(taken),
    });
    await takeStep(world, step);
  }
  const end = await endOf(world);
  console.log(`${history.name}: ${cuts.length} positions, ${end.status}`);
  for (const cut of cuts) {
    const text = `${JSON.stringify({ ...cut, end }, undefined, 1)}\n`;
    await writeFile(join(directory, `${history.name}-${cut.taken}.json`), text);
  }
  await world.engine.close();
  await world.close();
}
