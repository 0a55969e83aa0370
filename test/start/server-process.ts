// The real command in processes of its own, each in a data directory of its own.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FirstUser } from '../../server/first-users.js';

const cli = fileURLToPath(new URL('../../server/cli.js', import.meta.url));
const readyMsMax = 60_000;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class ServerProcess {
  readonly child: ChildProcess;
  readonly #texts = { stdout: '', stderr: '' };
  readonly #ended: Promise<Ended>;

  constructor(parameters: readonly string[], environment: Readonly<Record<string, string>>) {
    const { MONGODB_URI: _, ...inherited } = process.env;
    const env = {
      ...inherited,
      HOST: '',
      PORT: '0',
      LOG_LEVEL: '',
      DEMO: '',
      REQUESTS_PER_MINUTE: '1000000',
      ...environment,
    };
    this.child = spawn(process.execPath, [cli, ...parameters], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const name of ['stdout', 'stderr'] as const) {
      this.child[name]?.setEncoding('utf8').on('data', (text: string) => {
        this.#texts[name] += text;
      });
    }
    this.#ended = once(this.child, 'close').then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
      ...this.#texts,
    }));
  }

  get stdout(): string {
    return this.#texts.stdout;
  }

  get stderr(): string {
    return this.#texts.stderr;
  }

  ended(): Promise<Ended> {
    return this.#ended;
  }

  /** Resolves once the text is on standard output; rejects if the process ends first. */
  async says(text: string | RegExp): Promise<void> {
    const until = performance.now() + readyMsMax;
    while (this.stdout.search(text) < 0) {
      const ended = this.child.exitCode !== null || this.child.signalCode !== null;
      if (ended || performance.now() > until) {
        throw new Error(`never said ${text}: ${JSON.stringify(this.#texts)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** The address, once it is ready. */
  async url(): Promise<string> {
    await this.says(/ready at http\S+/);
    return /ready at (http\S+)/.exec(this.stdout)![1]!;
  }

  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    this.child.kill(signal);
    return this.#ended;
  }
}

/** Data directories and the processes on them, all gone after `close`. */
export class Workbench {
  readonly #processes: ServerProcess[] = [];
  readonly #directories: string[] = [];

  async directory(): Promise<string> {
    const directory = await mkdtemp(join(tmpdir(), 'recourse-start-'));
    this.#directories.push(directory);
    return directory;
  }

  run(parameters: readonly string[], environment: Readonly<Record<string, string>>): ServerProcess {
    const process = new ServerProcess(parameters, environment);
    this.#processes.push(process);
    return process;
  }

  async close(): Promise<void> {
    await Promise.all(this.#processes.map((process) => process.stop('SIGKILL')));
    for (const directory of this.#directories) await rm(directory, { recursive: true, force: true });
  }
}

export async function passwordIn(dataDir: string, username: string): Promise<string> {
  const users = JSON.parse(await readFile(join(dataDir, 'demo-users.json'), 'utf8')) as FirstUser[];
  const user = users.find((one) => one.username === username);
  if (user === undefined) throw new Error(`no user ${username}`);
  return user.password;
}

/** A bearer header; undefined if the sign-in is refused. */
export async function signIn(url: string, username: string, password: string): Promise<string | undefined> {
  const response = await fetch(`${url}/api/v1/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password }),
  });
  const { token } = (await response.json()) as { token?: string };
  return token === undefined ? undefined : `Bearer ${token}`;
}

/** The numbers of all orders, page by page. */
export async function orderNumbers(url: string, authorization: string): Promise<string[]> {
  const numbers: string[] = [];
  let cursor = '';
  do {
    const response = await fetch(`${url}/api/v1/orders?limit=100${cursor}`, { headers: { authorization } });
    const { items, next } = (await response.json()) as { items: { number: string }[]; next: string | null };
    numbers.push(...items.map(({ number }) => number));
    cursor = next === null ? '' : `&cursor=${encodeURIComponent(next)}`;
  } while (cursor !== '');
  return numbers;
}
