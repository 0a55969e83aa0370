// What an operator makes of an effect that failed, or of which nobody knew whether it happened.
import type { Json } from '../../definition/flow.js';
import type { EffectState } from '../../ports/engine-store.js';
import type { Claim } from '../claim.js';

/** The effect as one to be made now, under the same key; or to be undone now, if that is what failed. */
export function toTriedAgain(effect: EffectState, claim: Claim, now: string): EffectState {
  const { error: _error, ...rest } = effect;
  const token = effect.token + 1;
  if (effect.undo !== undefined) {
    const undo = { ...effect.undo, state: 'intended', attempt: 1 } as const;
    return { ...rest, ...claim, undo, token };
  }
  return { ...rest, ...claim, state: 'intended', attempt: 1, firstAttemptAt: now, token };
}

/** An effect that did not happen, and that nobody waits for. */
export function toDropped({ claimAt: _claimAt, owner: _owner, ...effect }: EffectState): EffectState {
  const error = { code: 'action.outcome-unknown', detail: 'it did not happen' };
  return { ...effect, state: 'failed', late: true, error, token: effect.token + 1 };
}

/** An effect that the run goes on without, with a recorded output. */
export function toSkipped(
  { claimAt: _claimAt, owner: _owner, ...effect }: EffectState,
  output: Json,
): EffectState {
  return { ...effect, state: 'skipped', output, token: effect.token + 1 };
}
