// Takes what has become of an effect: its outcome, its failure, or the end of its undoing.
import type { Json } from '../../definition/flow.js';
import type { EffectState } from '../../ports/engine-store.js';
import { askElement, resume, resumeWith } from './ask-element.js';
import { checkOutput } from '../call-action.js';
import { canBeUndone, passUndone } from './compensation.js';
import { stopAt, takePath } from './faults.js';
import { activityAt } from '../frames.js';
import { inFlightIn } from '../in-flight.js';
import { toJournaled } from '../journal-entry.js';
import type { Fault, ItemBody, Place } from '../run-state.js';
import type { SegmentState } from './segment-state.js';

/** The activity that waits for the effect of the item. */
function performing(state: SegmentState): { effect: EffectState; place: Place } | undefined {
  const { effect } = state.task;
  if (effect === undefined) return undefined;
  const place = { frame: effect.frame, element: effect.element, visit: effect.visit };
  return activityAt(state.root, place)?.effect === effect.id ? { effect, place } : undefined;
}

/** Goes on with what an effect has answered. */
export async function takeOutcome(state: SegmentState, output: Json): Promise<boolean> {
  const performed = performing(state);
  if (performed === undefined) return false;
  const { effect, place } = performed;
  const action = state.world.registries.actions.get(effect.action);
  if (inFlightIn(state.task.run, effect.id) !== undefined && action !== undefined && !canBeUndone(action))
    state.over.push(effect.id);
  else if (effect.state === 'intended' || effect.state === 'inDoubt')
    state.settle({ ...settled(effect), state: 'done', output });
  const { context, element } = state.at(place);
  delete context.frame.activities[place.element]!.effect;
  await askElement(state, context, element, place.visit, 'outcome', async (visit) => {
    if (action !== undefined && effect.state !== 'skipped')
      checkOutput(action, state.world.registries.schemas, output);
    return resumeWith(element, visit, { kind: 'outcome', output });
  });
  return true;
}

/** Takes the path of an effect that has failed, or stops the run at it. */
export async function takeFailure(
  state: SegmentState,
  error: Extract<ItemBody, { kind: 'failed' }>['error'],
): Promise<boolean> {
  const performed = performing(state);
  if (performed === undefined) return false;
  const { effect, place } = performed;
  if (effect.state === 'intended' || effect.state === 'inDoubt') {
    state.settle({
      ...settled(effect),
      state: 'failed',
      error: { code: error.code, detail: error.detail },
    });
  }
  const { context, element } = state.at(place);
  const entry = state.entry(context, place.element, place.visit, 'failed');
  entry.input = toJournaled(effect.input);
  entry.error = { code: error.code, detail: error.detail };
  const fault: Fault = { ...error, ...place };
  if (!takePath(state, context, element.name, fault)) stopAt(state, context, fault, 'effect', { effect });
  return true;
}

/** Goes on with the compensation after one undoing. */
export async function takeUndone(
  state: SegmentState,
  { effect: id, ok, detail }: Extract<ItemBody, { kind: 'undone' }>,
): Promise<boolean> {
  const compensation = state.compensation;
  const { effect } = state.task;
  if (compensation === undefined || compensation.remaining[0] !== id || effect === undefined) return false;
  state.settle({
    ...settled(effect),
    undo: {
      state: ok ? 'done' : 'failed',
      cause: 'compensate',
      attempt: effect.undo?.attempt ?? 0,
      ...(detail === undefined ? {} : { detail }),
    },
  });
  const { frame, element, visit } = effect;
  state.journal.push({
    frame,
    element,
    visit,
    on: 'undone',
    outcome: ok ? 'undone' : `not undone: ${detail ?? ''}`,
  });
  const next = await passUndone(state, { effect: id, ok });
  if (next !== undefined) await resume(state, next.place, next.event);
  return true;
}

const settled = ({ claimAt: _claimAt, owner: _owner, ...effect }: EffectState): EffectState => ({
  ...effect,
  token: effect.token + 1,
});
