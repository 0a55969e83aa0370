// The lease on an effect: who makes the call, and until when nobody else does.
import { engineLimits } from '../limits.js';
import type { Clock } from '../ports/clock.js';
import type { EffectState } from '../ports/engine-store.js';
import { toIso } from './instants.js';

/** Owner of an effect that was lost and is put off: nobody has it, and nobody knows what became of the call. */
export const nobody = '';

export type Claim = Required<Pick<EffectState, 'claimAt' | 'owner' | 'lost'>>;

/** When a lease taken now ends. */
export const leaseUntil = (clock: Clock): string => toIso(clock.now() + engineLimits.leaseMs);

/** The effect as a worker takes it over. An owner that has not ended its lease has lost the call. */
export const toTaken = (effect: EffectState, owner: string, until: string): EffectState => ({
  ...effect,
  owner,
  claimAt: until,
  attempt: effect.attempt + 1,
  lost: effect.owner === undefined ? 0 : effect.lost + 1,
  token: effect.token + 1,
});

export const toClaim = (clock: Clock, owner: string): Claim => ({
  claimAt: leaseUntil(clock),
  owner,
  lost: 0,
});
