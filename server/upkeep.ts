// What is looked after again and again while the server runs: work that a process which is gone has left behind.
import type { Logger } from 'pino';

const everyMs = 15_000;

export class Upkeep {
  readonly #tasks: Readonly<Record<string, () => Promise<unknown>>>;
  readonly #log: Logger;
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<void> = Promise.resolve();

  constructor(tasks: Readonly<Record<string, () => Promise<unknown>>>, log: Logger) {
    this.#tasks = tasks;
    this.#log = log;
  }

  /** Looks at once, and from then on every 15 seconds. */
  begin(): void {
    this.#working = this.#look();
    this.#timer = setInterval(() => {
      this.#working = this.#working.then(() => this.#look());
    }, everyMs).unref();
  }

  /** Does each task once; one that fails keeps none of the others from being done. */
  async #look(): Promise<void> {
    for (const [task, work] of Object.entries(this.#tasks)) {
      try {
        await work();
      } catch (error) {
        this.#log.error({ err: error, task }, 'upkeep failed');
      }
    }
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#working;
  }
}
