// Writes the stored runs of this release, test/replay/runs/<version>/<history>-<steps>.json; format them with biome.
// Histories that are stored already are left as they are, for what was stored has to finish as it is; `--again` writes all anew.
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
if (process.argv.includes('--again')) await rm(directory, { recursive: true, force: true });
await mkdir(directory, { recursive: true });

for (const history of histories.filter(({ name }) => !existsSync(join(directory, `${name}-0.json`)))) {
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
