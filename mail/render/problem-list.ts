// Gathers the problems of a template: each place once, and no more than the limit.
import { mailLimits } from '../mail-limits.js';
import type { Location } from './syntax.js';
import type { TemplateProblem, TemplateProblemCode } from './template-problem.js';

export interface Hints {
  readonly expected?: string | undefined;
  readonly didYouMean?: string | undefined;
}

/** Says that something is wrong at a place of the file that is being read. */
export type Say = (at: Location, code: TemplateProblemCode, detail: string, hints?: Hints) => void;

export class ProblemList {
  readonly #seen = new Set<string>();
  readonly #problems: TemplateProblem[] = [];

  /** `location.column` counts from 0, as Handlebars does. */
  add(file: string, location: Location, code: TemplateProblemCode, detail: string, hints: Hints = {}): void {
    const key = `${file} ${location.line} ${location.column} ${code}`;
    if (this.#seen.has(key) || this.#problems.length >= mailLimits.problemsMax) return;
    this.#seen.add(key);
    this.#problems.push({
      code,
      file,
      line: location.line,
      column: location.column + 1,
      detail,
      ...(hints.expected === undefined ? {} : { expected: hints.expected }),
      ...(hints.didYouMean === undefined ? {} : { didYouMean: hints.didYouMean }),
    });
  }

  in(file: string): Say {
    return (at, code, detail, hints) => this.add(file, at, code, detail, hints);
  }

  /** In the order of files and places. */
  get problems(): readonly TemplateProblem[] {
    return [...this.#problems].sort(
      (a, b) => a.file.localeCompare(b.file, 'en') || a.line - b.line || a.column - b.column,
    );
  }
}
