// When a transaction found something else than it was decided on: it is not an error, but a reason to decide again.
import { isDuplicate } from './insert-once.js';

/** Aborts a transaction in which something was not as expected. */
export class Refused extends Error {}

export function hasLabel(error: unknown, label: string): boolean {
  const { hasErrorLabel } = (error ?? {}) as { hasErrorLabel?: (label: string) => boolean };
  return typeof hasErrorLabel === 'function' && hasErrorLabel.call(error, label);
}

export const isConflict = (error: unknown): boolean =>
  error instanceof Refused || isDuplicate(error) || hasLabel(error, 'TransientTransactionError');
