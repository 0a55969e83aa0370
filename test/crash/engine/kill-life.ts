// One process with an engine, from its loading until its end, as the kill test sees it.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../support/engine-child.js', import.meta.url));
/** How much faster time goes for the engine: its leases of 30 s end in one. */
const speed = 30;

export interface Answer {
  readonly answer?: unknown;
  /** `killed`: it died before it answered. */
  readonly code?: string;
}

interface Line extends Answer {
  readonly loaded?: true;
  readonly number: number;
}

export class Life {
  readonly #child: ChildProcess;
  readonly #answers = new Map<number, (answer: Answer) => void>();
  readonly #loaded: Promise<void>;
  readonly #ended: Promise<void>;
  #asked = 0;
  #isOver = false;

  /** `epoch`: where the fast time of all lives begins. */
  constructor(url: string, epoch: number) {
    const child = spawn(process.execPath, [program, url, String(speed), String(epoch)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child = child;
    // It may be gone while something is being written to it.
    child.stdin?.on('error', () => undefined);
    this.#ended = once(child, 'close').then(() => {
      this.#isOver = true;
      for (const answer of this.#answers.values()) answer({ code: 'killed' });
      this.#answers.clear();
    });
    let isLoaded = (): void => {};
    this.#loaded = new Promise((resolve) => {
      isLoaded = resolve;
    });
    createInterface({ input: child.stdout! }).on('line', (text) => {
      const line = toLine(text);
      if (line === undefined) return;
      if (line.loaded === true) return isLoaded();
      const answer = this.#answers.get(line.number);
      this.#answers.delete(line.number);
      answer?.(line);
    });
  }

  /** Requests that have no answer yet. */
  get asking(): number {
    return this.#answers.size;
  }

  async open(directory: string): Promise<void> {
    await this.#loaded;
    const { code } = await this.ask({ directory });
    assert.equal(code, undefined);
  }

  ask(request: object): Promise<Answer> {
    if (this.#isOver) return Promise.resolve({ code: 'killed' });
    this.#asked += 1;
    const number = this.#asked;
    return new Promise((resolve) => {
      this.#answers.set(number, resolve);
      this.#child.stdin?.write(`${JSON.stringify({ number, ...request })}\n`);
    });
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}

/** The last line of a process that was killed may be cut in the middle. */
function toLine(text: string): Line | undefined {
  try {
    return JSON.parse(text) as Line;
  } catch {
    return undefined;
  }
}
