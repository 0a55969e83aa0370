// The sessions of the guides, as a reader would type them.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { projectRoot } from '../../server/project-root.js';
import { skip } from '../support/skip.js';
import { blocksOf, followSession } from './session.js';

const guides = join(projectRoot(), 'docs', 'guides');
const cli = fileURLToPath(new URL('../../server/cli.js', import.meta.url));

describe('the guides', () => {
  for (const name of ['admin', 'agent', 'operator']) {
    it(`for the ${name} has a session that answers what it shows`, async function () {
      if (spawnSync('curl', ['--version']).error !== undefined) skip(this, 'curl is not installed');
      const blocks = blocksOf(readFileSync(join(guides, `${name}.md`), 'utf8'));
      await followSession(blocks, [process.execPath, cli, 'serve']);
    }).timeout(120_000);
  }
});
