// Runs a generator of pages to its end without keeping the event loop from others.
import { toStoreFault } from '../storage/connection.js';

/** How long work goes on before others get their turn, in milliseconds. */
const sliceMs = 8;

/** Called between pages: lets the event loop turn when a slice is over. @throws what `check` throws. */
export class Slices {
  #sliceEnd = performance.now() + sliceMs;
  readonly #check: () => void;

  constructor(check: () => void = () => {}) {
    this.#check = check;
  }

  /** Undefined while there is time left. */
  pause(): Promise<void> | undefined {
    if (performance.now() < this.#sliceEnd) return undefined;
    this.#check();
    return new Promise((resolve) =>
      setImmediate(() => {
        this.#sliceEnd = performance.now() + sliceMs;
        resolve();
      }),
    );
  }
}

/** The next step of a generator. @throws {CommandError} for a fault of the file too, never SQLite's own error. */
export function nextStep<T, R>(steps: Iterator<T, R>): IteratorResult<T, R> {
  try {
    return steps.next();
  } catch (error) {
    throw toStoreFault(error);
  }
}

/** Drives a generator to its end in slices; answers what it returns. */
export async function drive<T>(steps: Generator<unknown, T>, slices: Slices): Promise<T> {
  for (;;) {
    const step = nextStep(steps);
    if (step.done === true) return step.value;
    const pause = slices.pause();
    if (pause !== undefined) await pause;
  }
}
