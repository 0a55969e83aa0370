// Whether something is tried again, and when.
import type { RetryDefinition } from '../definition/flow.js';
import type { Random } from '../ports/ids.js';

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
