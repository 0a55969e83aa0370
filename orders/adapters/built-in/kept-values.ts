// Where built-in adapters keep their values: in memory, or wherever whoever composes them wants.

export interface KeptValues<T extends { readonly version: number }> {
  get(id: string): Promise<T | undefined>;
  /** False if the stored one hasn't the version before this one's; version 1: if there is one already. */
  put(id: string, value: T): Promise<boolean>;
}

const valuesMaxDefault = 100_000;

/** Bounded; when it is full, the values that were written longest ago make room. Gone with the process. */
export class ValuesInMemory<T extends { readonly version: number }> implements KeptValues<T> {
  readonly #values = new Map<string, T>();
  readonly #valuesMax: number;

  constructor(valuesMax = valuesMaxDefault) {
    this.#valuesMax = valuesMax;
  }

  async get(id: string): Promise<T | undefined> {
    return this.#values.get(id);
  }

  async put(id: string, value: T): Promise<boolean> {
    if ((this.#values.get(id)?.version ?? 0) !== value.version - 1) return false;
    this.#values.delete(id);
    this.#values.set(id, structuredClone(value));
    if (this.#values.size > this.#valuesMax) this.#values.delete(this.#values.keys().next().value!);
    return true;
  }
}
