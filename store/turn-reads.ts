// Reads by key that are asked for in one turn of the event loop are made at once, by one query for all of them.

interface Turn<T> {
  readonly keys: Set<string>;
  readonly found: Promise<ReadonlyMap<string, T>>;
}

export class TurnReads<T> {
  readonly #read: (keys: readonly string[]) => Promise<ReadonlyMap<string, T>>;
  #turn: Turn<T> | undefined;

  /** `read`: finds what there is for keys, none of them twice. */
  constructor(read: (keys: readonly string[]) => Promise<ReadonlyMap<string, T>>) {
    this.#read = read;
  }

  /** What is stored for a key by the end of this turn; callers with the same key get the same value. @throws what `read` throws */
  async get(key: string): Promise<T | undefined> {
    this.#turn ??= this.#begin();
    this.#turn.keys.add(key);
    return (await this.#turn.found).get(key);
  }

  #begin(): Turn<T> {
    const keys = new Set<string>();
    const found = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      this.#turn = undefined;
      return this.#read([...keys]);
    });
    return { keys, found };
  }
}
