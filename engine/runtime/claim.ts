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

export const toClaim = (clock: Clock, owner: string): Claim => ({
  claimAt: leaseUntil(clock),
  owner,
  lost: 0,
});
