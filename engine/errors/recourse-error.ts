// The one error class: a stable code, and what its catalogue entry says about who must act.
import type { CatalogueEntry } from './catalogue.js';

/** One place where something is wrong; over HTTP these are the `problems` of RFC 9457. */
export interface Problem {
  /** JSON pointer (RFC 6901) into what the caller sent; `''` is the whole of it. */
  readonly pointer: string;
  readonly code: string;
  readonly detail: string;
}

export interface RecourseErrorOptions {
  readonly problems?: readonly Problem[];
  /** Plain JSON about the occurrence that a program may read; never a secret. */
  readonly data?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/**
 * A refusal or failure with a code from a room's catalogue.
 *
 * Made by `defineErrors(...).error(code, detail)`, so an error without a catalogue entry can't exist.
 */
export class RecourseError extends Error {
  override readonly name = 'RecourseError';
  readonly code: string;
  readonly entry: CatalogueEntry;
  readonly problems: readonly Problem[];
  readonly data: Readonly<Record<string, unknown>>;

  constructor(code: string, entry: CatalogueEntry, detail: string, options: RecourseErrorOptions = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.entry = entry;
    this.problems = options.problems ?? [];
    this.data = options.data ?? {};
  }

  get status(): number {
    return this.entry.status;
  }

  get retryable(): boolean {
    return this.entry.retryable;
  }
}
