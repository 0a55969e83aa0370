// Operators settle what a run has left open that has ended: nothing goes on after it.
import type { EffectState, EngineStore } from '../../ports/engine-store.js';
import { withoutLeftOpen } from '../decision/left-open.js';
import type { RunState } from '../run-state.js';
import { type Attribution, refused, type RunChanges } from './run-changes.js';

export interface LeftOpenParts {
  readonly store: EngineStore;
  readonly changes: RunChanges;
}

/**
 * Settles the first thing that could not be undone, as `settle` says.
 *
 * @throws {RecourseError} `run.operation-refused` if there are only doubts
 */
export function settleLeftOpen(
  { store, changes }: LeftOpenParts,
  id: string,
  who: Attribution,
  what: string,
  settle: (effect: EffectState) => readonly EffectState[],
): Promise<RunState> {
  return changes.change(id, who, async (run) => {
    const incident = run.leftOpen?.find(({ kind }) => kind !== 'inDoubt');
    if (incident === undefined) throw refused(run, 'say first whether the effect happened');
    const effect = await store.loadEffect(incident.effect ?? '');
    const settlements = effect === undefined ? [] : settle(effect);
    const note = { [what]: incident.kind, ...incident.place };
    return changes.noted(withoutLeftOpen(run, incident.effect), who, note, settlements);
  });
}
