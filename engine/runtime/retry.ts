// Whether something is tried again, and when.
import type { RetryDefinition } from '../definition/flow.js';
import type { Random } from '../ports/ids.js';
import type { PendingRetry } from './run-state.js';

const factorDefault = 2;
const jitterDefault = 0.2;
const delayMsMaxDefault = 3_600_000;

/** Whether there is an attempt after the `attempt`th, which ended with this error. */
export function retries(
  policy: RetryDefinition,
  attempt: number,
  error: { readonly code: string; readonly retryable: boolean },
): boolean {
  if (attempt >= policy.attempts) return false;
  return policy.codes === undefined ? error.retryable : policy.codes.includes(error.code);
}

/** Wait after the `attempt`th attempt, in milliseconds. */
export function retryDelayMs(policy: RetryDefinition, attempt: number, random: Random): number {
  const { delayMs, factor = factorDefault, delayMsMax = delayMsMaxDefault, jitter = jitterDefault } = policy;
  const full = Math.min(delayMs * factor ** (attempt - 1), delayMsMax);
  return Math.round(full * (1 - jitter * random.next()));
}

/** Whether two retries are one. */
export const isSame = (left: PendingRetry, right: PendingRetry): boolean =>
  left.item.id === right.item.id && left.attempt === right.attempt && left.at === right.at;

/** Those that are pending beside one, if it is given. */
export const besideRetry = (
  pending: readonly PendingRetry[],
  one: PendingRetry | undefined,
): readonly PendingRetry[] => (one === undefined ? pending : pending.filter((other) => !isSame(other, one)));
