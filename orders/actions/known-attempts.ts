// Which effects are known not to have been made by any attempt so far. Kept in memory only: after a restart nothing is known,
// and an earlier attempt counts as possibly made.

const keysMax = 10_000;
const inDoubt = Number.NEGATIVE_INFINITY;

export class KnownAttempts {
  /** By key, the number of the last attempt up to which none was made; `inDoubt` if one may have been. */
  readonly #clean = new Map<string, number>();

  /** Says that this attempt was not made; whether that is known of all attempts before it, too. */
  notDone(key: string, attempt: number): boolean {
    const before = this.#clean.get(key) ?? 0;
    const isKnown = attempt <= before + 1;
    this.#keep(key, isKnown ? Math.max(before, attempt) : inDoubt);
    return isKnown;
  }

  /** Says that an attempt may have been made. */
  doubt(key: string): void {
    this.#keep(key, inDoubt);
  }

  /** The effect is settled. */
  forget(key: string): void {
    this.#clean.delete(key);
  }

  #keep(key: string, attempt: number): void {
    this.#clean.delete(key);
    this.#clean.set(key, attempt);
    if (this.#clean.size > keysMax) this.#clean.delete(this.#clean.keys().next().value!);
  }
}
