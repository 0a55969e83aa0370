// What a call of a port came to. A call that changes something outside always says whether it was made.
import type { RecourseError } from '../../engine/errors/recourse-error.js';

/** It was made. `replayed`: already by an earlier call with the same key. */
export interface Done<T> {
  readonly outcome: 'done';
  readonly value: T;
  readonly replayed?: boolean;
}

/**
 * It was definitely not made.
 *
 * `settles: 'key'` is the other side's word on everything sent under the key; `'attempt'` is about this attempt alone: an
 * earlier one with an unknown outcome may still have been made.
 */
export interface NotDone {
  readonly outcome: 'notDone';
  readonly error: RecourseError;
  readonly settles: 'key' | 'attempt';
}

/** Nobody knows: send it again under the same key, or look it up. */
export interface Unknown {
  readonly outcome: 'unknown';
  readonly error: RecourseError;
}

export type CallResult<T> = Done<T> | NotDone | Unknown;

/** What every call of a port that changes something outside is given. */
export interface PortCall {
  /** Idempotency key: the same for each attempt of one effect, different for each effect. */
  readonly key: string;
  readonly signal: AbortSignal;
}

export const done = <T>(value: T): Done<T> => ({ outcome: 'done', value });

/** The value of a call that was made. @throws {RecourseError} what it came to instead */
export function requireDone<T>(result: CallResult<T>): T {
  if (result.outcome === 'done') return result.value;
  throw result.error;
}
