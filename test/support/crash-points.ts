// Counts what an engine does to the world, and kills it at one of these points: that call and all later ones never settle.
export type CrashSide = 'before' | 'after';

export interface CrashPoint {
  readonly number: number;
  readonly name: string;
  readonly side: CrashSide;
}

/** The world outside one engine's life. */
export class CrashPoints {
  readonly passed: CrashPoint[] = [];
  /** Raised whenever anything is asked of the world, and when it has answered. */
  touches = 0;
  readonly #dieAt: number | undefined;
  #dead = false;
  readonly #begun = new Set<Promise<unknown>>();
  #die: () => void = () => {};
  readonly death = new Promise<void>((resolve) => {
    this.#die = resolve;
  });
  /** Called at the moment of death. */
  onDeath: () => void = () => {};

  /** `dieAt`: number of the point, from 1; undefined: lives on. */
  constructor(dieAt?: number) {
    this.#dieAt = dieAt;
  }

  get dead(): boolean {
    return this.#dead;
  }

  kill(): void {
    this.#dead = true;
    this.onDeath();
    this.#die();
  }

  /** Does what touches the world, with a point before it and one after it. */
  async around<T>(name: string, work: () => Promise<T>): Promise<T> {
    await this.#pass(name, 'before');
    const result = await this.#begin(work());
    await this.#pass(name, 'after');
    return result;
  }

  /** Does what only reads. */
  async reading<T>(work: () => Promise<T>): Promise<T> {
    if (this.#dead) return never();
    const result = await this.#begin(work());
    return this.#dead ? never() : result;
  }

  /** When what had been begun before the death has come to its end. */
  async rest(): Promise<void> {
    while (this.#begun.size > 0) await Promise.allSettled([...this.#begun]);
  }

  async #begin<T>(work: Promise<T>): Promise<T> {
    this.touches += 1;
    this.#begun.add(work);
    try {
      return await work;
    } finally {
      this.touches += 1;
      this.#begun.delete(work);
    }
  }

  async #pass(name: string, side: CrashSide): Promise<void> {
    if (this.#dead) return never();
    this.passed.push({ number: this.passed.length + 1, name, side });
    if (this.passed.length !== this.#dieAt) return;
    this.kill();
    return never();
  }
}

const never = <T>(): Promise<T> => new Promise<T>(() => {});
