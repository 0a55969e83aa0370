// Work by key that is asked for in one turn of the event loop is done at once: one operation of the store for all keys.

interface Turn<T> {
  readonly keys: Set<string>;
  readonly results: Promise<ReadonlyMap<string, T>>;
}

/** The operand of a filter by keys. */
export const oneOf = (keys: readonly string[]): never =>
  (keys.length === 1 ? keys[0] : { $in: [...keys] }) as never;

export class TurnBatch<T> {
  readonly #work: (keys: readonly string[]) => Promise<ReadonlyMap<string, T>>;
  #turn: Turn<T> | undefined;

  /** `work`: what comes of keys, none of them twice. */
  constructor(work: (keys: readonly string[]) => Promise<ReadonlyMap<string, T>>) {
    this.#work = work;
  }

  /** What comes of a key at the end of this turn; callers with the same key get the same. @throws what `work` throws */
  async get(key: string): Promise<T | undefined> {
    this.#turn ??= this.#begin();
    this.#turn.keys.add(key);
    return (await this.#turn.results).get(key);
  }

  #begin(): Turn<T> {
    const keys = new Set<string>();
    const results = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      this.#turn = undefined;
      return this.#work([...keys]);
    });
    return { keys, results };
  }
}
