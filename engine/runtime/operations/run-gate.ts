// Lets in what callers ask of runs while the engine is open and not overloaded.
import { engineLimits } from '../../limits.js';
import type { Driver } from '../drive.js';
import { runErrors } from '../run-errors.js';
import type { Worker } from '../worker.js';

export class RunGate {
  readonly #driver: Driver;
  readonly #worker: Worker;
  /** Starts under way: before their first segment the driver does not know of them. */
  #starting = 0;

  constructor(driver: Driver, worker: Worker) {
    this.#driver = driver;
    this.#worker = worker;
  }

  /** @throws {RecourseError} `run.stopping`, `run.overloaded` */
  admit(): void {
    if (!this.#worker.running) throw runErrors.error('stopping', 'the engine is not running');
    const inFlight = Math.max(this.#driver.inFlight, this.#starting);
    if (inFlight >= engineLimits.runsInFlightMax) {
      throw runErrors.error('overloaded', `${inFlight} runs are in flight`);
    }
  }

  /** Admits a start, and counts it until it has ended. @throws {RecourseError} `run.stopping`, `run.overloaded` */
  async admitStart<T>(start: () => Promise<T>): Promise<T> {
    this.admit();
    this.#starting += 1;
    try {
      return await start();
    } finally {
      this.#starting -= 1;
    }
  }
}
