// Asks elements, and does what they answer; a fault goes its way.
import type { CompiledElement } from '../../compile/compile-flow.js';
import type { ActivityEvent, Outcome, Visit } from '../../elements/element.js';
import { RecourseError } from '../../errors/recourse-error.js';
import { applyOutcome } from './apply-outcome.js';
import { isInfrastructure, retryLater, stopAt, takeFault, toFault } from './faults.js';
import type { Resumption } from './compensation.js';
import type { FrameContext } from '../frame-context.js';
import { placeKey } from '../frames.js';
import { runErrors } from '../run-errors.js';
import type { Place } from '../run-state.js';
import type { SegmentState } from './segment-state.js';
import { Stop } from './segment-task.js';
import { ElementVisit } from './visit.js';

/** Asks an element and does what it answers; a fault goes its way. Answers whether it only stays. */
export async function askElement(
  state: SegmentState,
  context: FrameContext,
  element: CompiledElement,
  number: number,
  on: string,
  ask: (visit: Visit) => Outcome | Promise<Outcome>,
): Promise<'stays' | undefined> {
  let next: Resumption | undefined;
  const entry = state.entry(context, element.name, number, on);
  const mark = state.records.mark();
  let stays: 'stays' | undefined;
  try {
    const visit = new ElementVisit(state, context, element.name, number, entry);
    const outcome = overridden(state, context, visit) ?? (await ask(visit));
    if (outcome.kind === 'stay') stays = 'stays';
    next = await applyOutcome(state, context, element, number, entry, outcome);
    if (state.records.mark() > mark) state.hasWritten(context, element.name);
  } catch (error) {
    if (error instanceof Stop || isInfrastructure(error)) throw error;
    state.records.backTo(mark);
    const known =
      error instanceof RecourseError
        ? error
        : runErrors.error('element-failed', error instanceof Error ? error.message : String(error), {
            cause: error,
          });
    entry.error = { code: known.code, detail: known.message };
    if (on === 'answer' && known.code === 'run.answer-invalid')
      throw new Stop({ kind: 'refused', error: known });
    const place = { frame: context.frame.id, element: element.name, visit: number };
    // Not the fault of this element: there have been too many.
    if (known.code === 'run.limit-elements') stopAt(state, context, toFault(known, place), 'limit');
    retryLater(state, element, place, known);
    takeFault(state, context, element, toFault(known, place), known);
  }
  if (next !== undefined) await resume(state, next.place, next.event);
  return stays;
}

/** What an operator has recorded for an element, whether it was entered or resumed when it failed. */
function overridden(
  state: SegmentState,
  { frame }: FrameContext,
  visit: Pick<Visit, 'element' | 'number' | 'output'>,
): Outcome | undefined {
  const { element, number } = visit;
  const override = state.task.run.overrides[placeKey({ frame: frame.id, element, visit: number })];
  if (override === undefined) return undefined;
  if (override.output !== undefined) visit.output(override.output);
  return { kind: 'go', outlet: override.outlet ?? 'next' };
}

/** Resumes the activity of a place with what has come for it. Answers whether it only stays. */
export async function resume(
  state: SegmentState,
  place: Place,
  event: ActivityEvent,
): Promise<'stays' | undefined> {
  const { context, element } = state.at(place);
  return askElement(state, context, element, place.visit, event.kind, (visit) =>
    resumeWith(element, visit, event),
  );
}

/** What an element answers to an event. @throws {RecourseError} `run.element-failed` if it knows none */
export function resumeWith(
  element: CompiledElement,
  visit: Visit,
  event: ActivityEvent,
): Outcome | Promise<Outcome> {
  const { behaviour, name } = element;
  if (behaviour.resume === undefined) {
    throw runErrors.error('element-failed', `${name} can't take ${event.kind}`);
  }
  return behaviour.resume(visit, event);
}
