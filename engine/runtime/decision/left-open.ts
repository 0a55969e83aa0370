// Incidents of a run that has ended: calls that lost a race, or were left by a cancellation, of which nobody knows whether they
// happened or that could not be undone. Nothing goes on after them; an operator settles them.
import { endedStatuses, type Incident, type RunState } from '../run-state.js';

/** The run with another incident; one for each effect, the latest. */
export function withLeftOpen(run: RunState, incident: Incident): RunState {
  const others = withoutLeftOpen(run, incident.effect);
  return { ...others, leftOpen: [...(others.leftOpen ?? []), incident] };
}

/** The run without what an effect had left open. */
export function withoutLeftOpen(run: RunState, effect: string | undefined): RunState {
  const { leftOpen, ...rest } = run;
  const others = (leftOpen ?? []).filter((incident) => incident.effect !== effect);
  return others.length === 0 ? rest : { ...rest, leftOpen: others };
}

/** Whether a run has ended, and an operator has to look at it all the same. */
export const hasLeftOpen = ({ status, leftOpen = [] }: RunState): boolean =>
  endedStatuses.has(status) && leftOpen.length > 0;

/** Under which status lists find a run: one that has ended is among the incidents as long as an operator has to look at it. */
export const listedStatus = (run: RunState): RunState['status'] =>
  hasLeftOpen(run) ? 'incident' : run.status;

/** Whether an effect is in doubt, or could not be undone: that is so whatever becomes of the run. */
export const outlives = ({ kind, error }: Incident): boolean =>
  kind === 'inDoubt' || error.code === 'action.undo-failed';
