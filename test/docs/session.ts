// Runs the ```sh session blocks of a document, one after the other in one shell, against a server that was really started; the
// ```text block after each is what it must print.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../../server/project-root.js';

export interface Block {
  readonly language: string | undefined;
  readonly isSession: boolean;
  readonly text: string;
}

export const blocksOf = (markdown: string): Block[] =>
  [...markdown.matchAll(/^```(\S+)( session)?\n([\s\S]*?)^```$/gm)].map(([, language, session, text]) => ({
    language,
    isSession: session !== undefined,
    text: text!,
  }));

const separator = '----- next block -----';
const readyMsMax = 100_000;

/** Starts a server with demo data by the command, and follows the session. */
export async function followSession(
  blocks: readonly Block[],
  [command, ...parameters]: readonly string[],
): Promise<void> {
  const root = projectRoot();
  const DATA_DIR = await mkdtemp(join(tmpdir(), 'recourse-session-'));
  const { MONGODB_URI: _, ...inherited } = process.env;
  const env = { ...inherited, HOST: '', PORT: '0', DATA_DIR, LOG_LEVEL: 'warn', DEMO: '' };
  const server = spawn(command!, parameters, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [server.stdout, server.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const closed = once(server, 'close');
  try {
    const until = performance.now() + readyMsMax;
    let url: URL | undefined;
    while (url === undefined) {
      assert.ok(server.exitCode === null && performance.now() < until, output);
      await new Promise((resolve) => setTimeout(resolve, 50));
      const ready = /is ready at (\S+)/.exec(output)?.[1];
      url = ready === undefined ? undefined : new URL(ready);
    }
    const session = blocks.filter(({ isSession }) => isSession);
    assert.ok(session.length > 0);
    const script = session.map(({ text }) => text).join(`echo '${separator}'\n`);
    const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], {
      cwd: root,
      env: { ...env, PORT: url.port, URL: url.origin },
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
}
