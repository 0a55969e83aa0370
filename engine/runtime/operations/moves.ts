// Moves: an operator puts control from one element to another, and what a run has stopped at is not left behind.
import type { FlowVersions } from '../../definition/versions.js';
import { stoppedAt } from '../decision/item-rules.js';
import { outlives } from '../decision/left-open.js';
import { activityAt, frameOf } from '../frames.js';
import type { Frame, ItemBody, RunState } from '../run-state.js';
import { doubted } from './after-incident.js';
import { refused } from './run-changes.js';

export interface Path {
  /** `main` if left out. */
  readonly frame?: string;
  /** An element that control stands at; that of the main path if left out. */
  readonly from?: string;
  readonly to: string;
}

/** What a run is given to be moved. @throws {RecourseError} `run.operation-refused` */
export async function toMove(
  versions: FlowVersions,
  run: RunState,
  { frame = 'main', from, to }: Path,
): Promise<Extract<ItemBody, { kind: 'move' }>> {
  const { incident } = run;
  if (incident === undefined && run.status !== 'waiting')
    throw refused(run, 'only a run that waits, or has an incident, can be moved');
  if (incident?.kind === 'inDoubt') throw refused(run, doubted);
  if (incident !== undefined && outlives(incident))
    throw refused(run, 'what could not be undone is to be tried again, or skipped');
  const held = frameOf(run.root, frame);
  const at = from ?? positionOf(held) ?? '';
  if (held === undefined || at === '') throw refused(run, `nothing stands in ${frame} that can be moved`);
  const flow = await versions.compiled(held.flow);
  if (!flow.elements.has(to)) throw refused(run, `${held.flow.name} has no element ${to}`);
  return { kind: 'move', frame, from: at, to };
}

/** Whether a run, where it is now, would still stand at what has stopped it: nothing would ever come for that. */
export function leavesOpen(run: RunState, root: RunState['root']): boolean {
  const places = stoppedAt(run);
  const open = places.filter((place) => activityAt(root, place) !== undefined);
  const { effect, taken } = run.incident ?? {};
  // Of waits that are alike one has taken the item; not always is it known which.
  return effect === undefined && taken === undefined
    ? open.length > 0 && open.length === places.length
    : open.length > 0;
}

export function stoppedElsewhere(run: RunState): string {
  const places = stoppedAt(run).map(({ frame, element }) => `${element} of ${frame}`);
  const at = `it has stopped at ${places.join(' and ')}`;
  return places.length > 1 && run.incident?.taken !== undefined
    ? `${at}, which have taken one event: put that right first, or move it from what is around them all`
    : `${at}: put that right first, or move it from there, or from what is around`;
}

/** The element of the main path that control stands at. */
function positionOf(frame: Frame | undefined): string | undefined {
  const value = frame?.value;
  if (typeof value === 'string') return value;
  return typeof value === 'object' && value !== null ? Object.keys(value)[0] : undefined;
}
