// The catalogue of error codes: each room defines its own codes beside its code; nothing is registered globally.
import { RecourseError, type RecourseErrorOptions } from './recourse-error.js';

/** What a code means for whoever meets it. */
export interface CatalogueEntry {
  /** HTTP status with which the server answers. */
  readonly status: number;
  readonly title: string;
  /** Who must act; a `bug` is logged as ours and its text never reaches the caller. */
  readonly who: 'caller' | 'operator' | 'bug';
  /** Whether the same request may succeed later, unchanged. */
  readonly retryable: boolean;
  /** What to do about it, as one imperative sentence. */
  readonly remedy: string;
}

/** The error codes of one room, and the way to make its errors. */
export interface ErrorRoom<What extends string> {
  readonly room: string;
  /** Every code in full, `<room>.<what>`. */
  readonly entries: Readonly<Record<string, CatalogueEntry>>;
  error(what: What, detail: string, options?: RecourseErrorOptions): RecourseError;
}

/** Defines a room's errors; the codes are `<room>.<what>`. */
export function defineErrors<What extends string>(
  room: string,
  entries: Readonly<Record<What, CatalogueEntry>>,
): ErrorRoom<What> {
  const full: Record<string, CatalogueEntry> = {};
  for (const what of Object.keys(entries) as What[]) full[`${room}.${what}`] = entries[what];
  return {
    room,
    entries: full,
    error: (what, detail, options) => new RecourseError(`${room}.${what}`, entries[what], detail, options),
  };
}

/**
 * Joins rooms into one catalogue, for the documents, OpenAPI and the test that keeps them in step.
 *
 * @throws {TypeError} when two rooms define one code.
 */
export function assembleCatalogue(rooms: readonly ErrorRoom<string>[]): ReadonlyMap<string, CatalogueEntry> {
  const catalogue = new Map<string, CatalogueEntry>();
  for (const { entries } of rooms) {
    for (const [code, entry] of Object.entries(entries)) {
      if (catalogue.has(code)) throw new TypeError(`two rooms define the error code ${code}`);
      catalogue.set(code, entry);
    }
  }
  return catalogue;
}
