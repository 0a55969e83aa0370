// One after the other for each key, in the order of asking; keys go side by side.

export class Turns {
  /** The last work of each key that has some under way. */
  readonly #last = new Map<string, Promise<unknown>>();

  /** Keys with something under way. */
  get size(): number {
    return this.#last.size;
  }

  /** Ends of what is under way; more may have been asked for by then. */
  get ends(): Iterable<Promise<unknown>> {
    return this.#last.values();
  }

  /** Works once all that was asked for before with this key has ended, however it ended. */
  async take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.#last.set(key, mine);
    try {
      return await mine;
    } finally {
      if (this.#last.get(key) === mine) this.#last.delete(key);
    }
  }
}
