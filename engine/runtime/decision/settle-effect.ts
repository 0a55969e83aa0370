// What becomes of an effect with an item about it: done, failed, undone or in doubt, once only.
import type { EffectState } from '../../ports/engine-store.js';
import type { DeliveryOptions } from './delivery.js';
import { activityAt } from '../frames.js';
import type { InboxItem, RunState } from '../run-state.js';

/** The effect as an item leaves it. Empty: it was settled before. */
export function settle(effect: EffectState, { body }: InboxItem): EffectState[] {
  const { claimAt: _claimAt, owner: _owner, ...rest } = effect;
  const base: EffectState = { ...rest, token: effect.token + 1 };
  const open = effect.state === 'intended' || effect.state === 'inDoubt';
  switch (body.kind) {
    case 'outcome':
      return open ? [{ ...base, state: 'done', output: body.output }] : [];
    case 'failed':
      return open
        ? [{ ...base, state: 'failed', error: { code: body.error.code, detail: body.error.detail } }]
        : [];
    case 'inDoubt':
      return effect.undo === undefined
        ? [{ ...base, state: 'inDoubt' }]
        : [{ ...base, undo: { ...effect.undo, state: 'inDoubt', detail: body.detail } }];
    case 'undone':
      return effect.undo === undefined
        ? []
        : [
            {
              ...base,
              undo: {
                ...effect.undo,
                state: body.ok ? 'done' : 'failed',
                ...(body.detail === undefined ? {} : { detail: body.detail }),
              },
            },
          ];
    default:
      return [];
  }
}

/** An effect that ended while its run was stopped, and that the run then went on without. */
export function settledBefore(
  run: RunState,
  effect: EffectState,
  { body }: InboxItem,
  { kept, retry }: DeliveryOptions,
): EffectState | undefined {
  const { state, undo, late } = effect;
  const waits = (kept === true || retry !== undefined) && body.kind === 'outcome' && state === 'done';
  // The compensation will come to it.
  if (run.compensation?.remaining.includes(effect.id) === true) return undefined;
  return waits && undo === undefined && late !== true ? { ...effect, token: effect.token + 1 } : undefined;
}

/** Whether a run waits for the end of an effect, or of its undoing. */
export function isAwaited(run: RunState, { frame, element, visit, id, undo }: EffectState): boolean {
  if (undo?.state === 'intended' || undo?.state === 'inDoubt') return true;
  return activityAt(run.root, { frame, element, visit })?.effect === id;
}

/** Whether the run has gone on without the effect, or has begun to undo it because it had. */
export function isLate(run: RunState, effect: EffectState, { body }: InboxItem): boolean {
  if (body.kind === 'undone') return effect.undo?.cause === 'late';
  return !isAwaited(run, effect) || (body.kind === 'inDoubt' && effect.undo?.cause === 'late');
}

/** Whether the effect's end has been written before: by another worker, or before a crash. */
export function isSettledAlready(
  run: RunState,
  effect: EffectState,
  { body }: InboxItem,
  { kept, retry }: DeliveryOptions,
): boolean {
  const { state, undo } = effect;
  // It was settled when the run stopped, and is taken now.
  const again = kept === true || retry !== undefined;
  if (body.kind === 'outcome') return !again && state !== 'intended' && state !== 'inDoubt';
  if (body.kind === 'undone') {
    if (again && run.compensation?.remaining[0] === effect.id) return false;
    if (kept === true && undo?.cause === 'late' && undo.state === 'failed') return body.ok;
    return undo === undefined || undo.state === 'done' || undo.state === 'failed';
  }
  if (body.kind === 'inDoubt') return (undo ?? effect).state !== (kept === true ? 'inDoubt' : 'intended');
  return false;
}

/**
 * Whether what a worker says of a call does not count any more: another one has taken the effect over, or it is about to
 * be undone. That a call was made counts whoever says so.
 */
export function hasLost(before: EffectState, now: EffectState, { body }: InboxItem): boolean {
  if (body.kind === 'outcome' || (body.kind === 'undone' && body.ok)) return false;
  return now.owner !== before.owner || (now.undo === undefined) !== (before.undo === undefined);
}
