// Faults in a segment: they take their path, are tried again later, or stop the run where it stood.
import type { CompiledElement } from '../../compile/compile-flow.js';
import type { Json } from '../../definition/flow.js';
import { RecourseError } from '../../errors/recourse-error.js';
import type { EffectState } from '../../ports/engine-store.js';
import type { FrameContext } from '../frame-context.js';
import { placeKey } from '../frames.js';
import { toIso, toMs } from '../instants.js';
import { toJournaled } from '../journal-entry.js';
import { retries, retryDelayMs } from '../retry.js';
import type { Fault, Incident, Place } from '../run-state.js';
import type { SegmentState } from './segment-state.js';
import { Stop } from './segment-task.js';

/** A store that can't be asked now is no fault of the flow. */
export const isInfrastructure = (error: unknown): boolean =>
  error instanceof RecourseError && error.retryable && error.code.startsWith('store.');

/** An error as what happened at a place. */
export function toFault(error: RecourseError, place: Place): Fault {
  const { code, message, problems, data } = error;
  const more = { ...data, ...(problems.length > 0 ? { problems } : {}) };
  return {
    code,
    detail: message,
    ...place,
    ...(Object.keys(more).length > 0 ? { data: JSON.parse(JSON.stringify(more)) as Json } : {}),
  };
}

/** Ends the segment, to be run again later, if the element's policy says so. */
export function retryLater(
  state: SegmentState,
  element: CompiledElement,
  place: Place,
  error: RecourseError,
): void {
  const policy = element.definition.retry;
  const { retry, item } = state.task;
  const again = retry !== undefined && placeKey(retry.place) === placeKey(place);
  const attempt = again ? retry.attempt : 1;
  if (policy === undefined || !retries(policy, attempt, error)) return;
  const at = toIso(toMs(state.now) + retryDelayMs(policy, attempt, state.world.random));
  throw new Stop({
    kind: 'retry',
    retry: { place, at, attempt: attempt + 1, item, taken: state.taken },
    journal: state.journal as unknown as Json[],
  });
}

/** Takes the fault's path, or stops the run. */
export function takeFault(
  state: SegmentState,
  context: FrameContext,
  element: CompiledElement,
  fault: Fault,
  thrown?: RecourseError,
): void {
  if (!takePath(state, context, element.name, fault)) {
    stopAt(state, context, fault, 'fault', { thrown });
  }
}

/** Takes the nearest path for the fault: the element's, that of a parallel element or of a call around it. */
export function takePath(state: SegmentState, context: FrameContext, name: string, fault: Fault): boolean {
  for (let at: FrameContext['caller'] | undefined = { context, element: name }; at !== undefined; ) {
    const inside: FrameContext = at.context;
    for (let element: string | undefined = at.element; element !== undefined; ) {
      const compiled = inside.flow.elements.get(element);
      const onFault = compiled?.definition.onFault;
      if (onFault !== undefined) {
        if (onFault.rollBack === true) {
          state.rollBack();
          state.restore(inside, element);
        }
        inside.frame.error = fault;
        inside.frame.errors = { ...inside.frame.errors, [at.element]: fault.code };
        state.drop(inside, element);
        inside.control.send(`${element}.$fault`);
        return true;
      }
      element = compiled?.region.of?.element;
    }
    at = inside.caller;
  }
  return false;
}

/** Discards the segment: the run stays where it was, with an incident. */
export function stopAt(
  state: SegmentState,
  context: FrameContext,
  fault: Fault,
  kind: Incident['kind'],
  { effect, thrown }: { effect?: EffectState; thrown?: RecourseError | undefined } = {},
): never {
  const { frame, element, visit } = fault;
  throw new Stop({
    kind: 'incident',
    thrown,
    flow: context.flow.definition.name,
    incident: {
      kind,
      place: { frame, element, visit },
      flow: context.frame.flow,
      error: fault,
      at: state.now,
      inputs: {
        variables: toJournaled(context.frame.variables as Json),
        ...(effect === undefined ? {} : { input: toJournaled(effect.input) }),
      },
      trace: state.journal.slice(-100) as unknown as Json[],
      item: state.task.item,
      ...(state.taken.length === 0 ? {} : { taken: state.taken }),
      ...(effect === undefined ? {} : { effect: effect.id }),
    },
  });
}
