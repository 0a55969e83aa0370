// The README's commands as they stand, against a server that was really started with its own command; what the README
// shows as their output is compared. Only `npm ci` is left out: it would remove what runs this test.
import assert from 'node:assert/strict';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../../server/project-root.js';
import { skip } from '../support/skip.js';

const root = projectRoot();
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const blocks = [...readme.matchAll(/^```(\S+)( session)?\n([\s\S]*?)^```$/gm)].map(
  ([, language, session, text]) => ({ language, isSession: session !== undefined, text: text! }),
);
const separator = '----- next block -----';

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return String(port);
}

describe('the README', () => {
  it('begins with the two commands', () => {
    const commands = blocks.filter(({ language, isSession }) => language === 'sh' && !isSession);
    assert.deepEqual(
      commands.map(({ text }) => text.trim()),
      ['npm ci && npm start', 'npm ci && npm test'],
    );
  });

  it('links to files that are there', () => {
    const targets = [...readme.matchAll(/\]\(([^)#]+)\)/g)].map(([, target]) => target!);
    assert.ok(targets.length >= 5);
    for (const target of targets) assert.ok(existsSync(join(root, target)), target);
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
    const DATA_DIR = await mkdtemp(join(tmpdir(), 'recourse-readme-'));
    const PORT = await freePort();
    const { MONGODB_URI: _, ...inherited } = process.env;
    const env = { ...inherited, HOST: '', PORT, DATA_DIR, LOG_LEVEL: 'warn', DEMO: '' };
    const server = spawn('npm', ['start'], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [server.stdout, server.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    const closed = once(server, 'close');
    try {
      const until = performance.now() + 100_000;
      while (!output.includes('is ready at')) {
        assert.ok(server.exitCode === null && performance.now() < until, output);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      const session = blocks.filter(({ isSession }) => isSession);
      const script = session.map(({ text }) => text).join(`echo '${separator}'\n`);
      const url = `http://127.0.0.1:${PORT}`;
      const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], {
        cwd: root,
        env: { ...env, URL: url },
      });
      const expected = session.map((block) => {
        const next = blocks[blocks.indexOf(block) + 1];
        return next?.language === 'text' ? next.text : '';
      });
      assert.deepEqual(stdout.split(`${separator}\n`), expected);
    } finally {
      server.kill('SIGTERM');
      await closed;
      await rm(DATA_DIR, { recursive: true, force: true });
    }
  }).timeout(180_000);
});
