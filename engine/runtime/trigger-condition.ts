// Whether a flow that starts by itself is meant: its trigger's own condition, before and after the change.
import type { Json } from '../definition/flow.js';
import { isTruthy } from '../expressions/compare.js';
import type { TriggeredFlow } from './active-triggers.js';
import { FrameContext, type Globals } from './frame-context.js';
import { newFrame } from './frames.js';

/** What conditions see besides the record or the event. */
export type TriggerGlobals = Omit<Globals, 'record' | 'recordPrior' | 'event'>;

export interface Told {
  readonly value?: Json;
  readonly prior?: Json;
  readonly event?: Json;
}

/** Whether the trigger's condition holds. @throws what evaluating it throws */
export function holds(
  { ref, compiled }: TriggeredFlow,
  { value = null, prior, event }: Told,
  globals: TriggerGlobals,
): boolean {
  if (compiled.triggerWhen === undefined) return true;
  const frame = newFrame('main', ref, compiled, {}, { unchecked: true });
  const all: Globals = { record: () => value, recordPrior: prior, event, ...globals };
  return isTruthy(new FrameContext(frame, compiled, all).evaluate(compiled.triggerWhen));
}

/** Whether a change of a record is one that the trigger is about. @throws what evaluating its condition throws */
export function isMeant(
  flow: TriggeredFlow,
  { value, prior = null }: { readonly value: Json; readonly prior?: Json },
  globals: TriggerGlobals,
): boolean {
  if (!holds(flow, { value, prior }, globals)) return false;
  const { trigger } = flow;
  if (trigger.type !== 'recordChange' || trigger.newlyTrue !== true || prior === null) return true;
  try {
    return !holds(flow, { value: prior, prior: null }, globals);
  } catch {
    // What could not be told of the record before did not hold.
    return true;
  }
}
