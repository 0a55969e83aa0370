// The README's commands as they stand, against a server that was really started with its own command; what the README
// shows as their output is compared. Only `npm ci` is left out: it would remove what runs this test.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../server/project-root.js';
import { skip } from '../support/skip.js';
import { blocksOf, followSession } from './session.js';

const root = projectRoot();
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const blocks = blocksOf(readme);

describe('the README', () => {
  it('begins with the two commands', () => {
    const commands = blocks.filter(({ language, isSession }) => language === 'sh' && !isSession);
    assert.deepEqual(
      commands.map(({ text }) => text.trim()),
      ['npm ci && npm start', 'npm ci && npm test'],
    );
  });

  it('describes every setting with its default', () => {
    const source = readFileSync(join(root, 'server', 'config.ts'), 'utf8');
    const settings = [...source.matchAll(/^ {2}([A-Z_]+): \{\n\s+fallback: '([^']*)'/gm)];
    assert.ok(settings.length >= 5);
    for (const [, name, fallback] of settings) {
      const shown = fallback === '' ? 'unset' : `\`${fallback}\``;
      assert.ok(readme.includes(`| \`${name}\` | ${shown} |`), `${name} ${fallback}`);
    }
  });

  it('has a first session whose commands answer what it shows', async function () {
    if (spawnSync('curl', ['--version']).error !== undefined) skip(this, 'curl is not installed');
    await followSession(blocks, ['npm', 'start']);
  }).timeout(180_000);
});
