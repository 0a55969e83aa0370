// One after the other for each key, in the order of asking; keys go side by side.

export class Turns {
  /** The last work of each key that has some under way. */
  readonly #last = new Map<string, Promise<void>>();

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
    const before = this.#last.get(key);
    let end = (): void => {};
    // It says that the work has ended, not what it has come to: whoever has looked may remember it for long.
    const mine = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.#last.set(key, mine);
    try {
      await before;
      return await work();
    } finally {
      end();
      if (this.#last.get(key) === mine) this.#last.delete(key);
    }
  }
}
