// How many starts of flows are worked on at once. More of them would only wait, take memory, and be answered after their callers
// have given up: they are refused at once, and come again.
import { runErrors } from '../../engine/runtime/run-errors.js';

export class Admission {
  readonly #max: number;
  #underWay = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** @throws {RecourseError} `run.overloaded`; otherwise what the work throws */
  async admit<T>(work: () => Promise<T>): Promise<T> {
    if (this.#underWay >= this.#max)
      throw runErrors.error('overloaded', `${this.#underWay} starts are being worked on`);
    this.#underWay += 1;
    try {
      return await work();
    } finally {
      this.#underWay -= 1;
    }
  }
}
