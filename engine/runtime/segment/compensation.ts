// Undoing what a run has done: one effect after the other, the last first.
import type { Action } from '../../actions/action.js';
import type { ActivityEvent } from '../../elements/element.js';
import type { EffectState } from '../../ports/engine-store.js';
import type { Claim } from '../claim.js';
import { activityAt } from '../frames.js';
import type { Compensation, ItemBody, Place } from '../run-state.js';
import type { SegmentState } from './segment-state.js';

export const canBeUndone = (action: Action | undefined): boolean => typeof action?.undo === 'function';

/** Effects that can be undone, last first. */
export function toUndo(
  effects: readonly EffectState[],
  action: (name: string) => Action | undefined,
): string[] {
  return effects
    .filter(
      ({ state, undo, action: name }) => state === 'done' && undo === undefined && canBeUndone(action(name)),
    )
    .sort((left, right) => right.seq - left.seq || (left.id < right.id ? 1 : -1))
    .map(({ id }) => id);
}

/** The effect as one that is about to be undone. */
export const toUndoing = (effect: EffectState, claim: Claim, token: number): EffectState => ({
  ...effect,
  undo: { state: 'intended', cause: 'compensate', attempt: 1 },
  ...claim,
  token,
});

/** What goes on once everything is undone. */
export interface Resumption {
  readonly place: Place;
  readonly event: ActivityEvent;
}

/** Begins the next undoing, or ends the compensation and answers what goes on after it. */
export async function undoNext(
  state: SegmentState,
  compensation: Compensation,
): Promise<Resumption | undefined> {
  const [next] = compensation.remaining;
  if (next !== undefined) {
    const ended = state.settlements.get(next);
    const effect = ended ?? (await state.world.loadEffect(next));
    if (effect !== undefined) {
      const { leaseUntil, owner } = state.task;
      const claim = { claimAt: leaseUntil, owner, lost: 0 };
      state.settle(toUndoing(effect, claim, ended?.token ?? effect.token + 1));
    }
    state.compensation = compensation;
    return undefined;
  }
  state.compensation = undefined;
  const { afterwards, undone, failed } = compensation;
  if (afterwards === 'cancelled') {
    state.cancelled = true;
    state.root.activities = {};
    return undefined;
  }
  if (activityAt(state.root, afterwards) === undefined) return undefined;
  return { place: afterwards, event: { kind: 'compensated', undone, failed } };
}

/**
 * Goes on with the compensation after an undoing that has ended, and is settled or is by the caller. Answers what goes on now
 * that all is undone.
 */
export async function passUndone(
  state: SegmentState,
  { effect, ok }: Pick<Extract<ItemBody, { kind: 'undone' }>, 'effect' | 'ok'>,
): Promise<Resumption | undefined> {
  const { compensation } = state;
  if (compensation?.remaining[0] !== effect) return undefined;
  return undoNext(state, {
    remaining: compensation.remaining.slice(1),
    afterwards: compensation.afterwards,
    undone: compensation.undone + (ok ? 1 : 0),
    failed: compensation.failed + (ok ? 0 : 1),
  });
}
