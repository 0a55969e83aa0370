// The nearest of some names, for "did you mean".

/** Names that are compared letter by letter; those of quite another length are not. */
const namesMax = 1_000;
const nameCharsMax = 60;

/** The name within about a third of its letters of what was written, or undefined. */
export function didYouMean(written: string, names: Iterable<string>): string | undefined {
  if (written.length > nameCharsMax) return undefined;
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(written.length / 3)) + 1;
  let looked = 0;
  for (const name of names) {
    if (name.length > nameCharsMax || name === written) continue;
    if (Math.abs(name.length - written.length) > bestDistance) continue;
    looked += 1;
    if (looked > namesMax) break;
    const distance = name.toLowerCase() === written.toLowerCase() ? 0 : editDistance(written, name);
    // They have no letter in common.
    if (distance === Math.max(written.length, name.length)) continue;
    const isNearer =
      distance < bestDistance ||
      // Of two that are as near, the one that begins alike.
      (distance === bestDistance && name[0] === written[0] && best !== undefined && best[0] !== written[0]);
    if (isNearer) [best, bestDistance] = [name, distance];
  }
  return best;
}

const suggestionsMax = 100;
const comparedMax = 100_000;

/** Names by which something is known. */
export type Names = ReadonlySet<string> | ReadonlyMap<string, unknown> | Readonly<Record<string, unknown>>;

/** Names that were meant by others, looked for once each, and after so many no more: comparing takes its time. */
export class Suggestions {
  readonly #known = new Map<Names, Map<string, string | undefined>>();
  #found = 0;
  #compared = 0;

  for(written: string, among: Names): string | undefined {
    const known = this.#known.get(among) ?? new Map<string, string | undefined>();
    this.#known.set(among, known);
    if (known.has(written) || this.#found >= suggestionsMax || this.#compared >= comparedMax)
      return known.get(written);
    const names = among instanceof Set || among instanceof Map ? [...among.keys()] : Object.keys(among);
    this.#compared += names.length;
    const near = didYouMean(written, names);
    if (near !== undefined) this.#found += 1;
    known.set(written, near);
    return near;
  }
}

/** Letters to insert, remove, replace or swap with a neighbour (optimal string alignment). */
function editDistance(left: string, right: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const same = left[i - 1] === right[j - 1];
      let distance = Math.min(previous[j]! + 1, current[j - 1]! + 1, previous[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1]) {
        distance = Math.min(distance, before[j - 2]! + 1);
      }
      current.push(distance);
    }
    before = previous;
    previous = current;
  }
  return previous[right.length]!;
}
