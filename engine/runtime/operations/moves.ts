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
  // What follows the undoing, once it has been done or given up, is still to be taken.
  if (incident !== undefined && (outlives(incident) || incident.item?.body.kind === 'undone'))
    throw refused(run, 'what is being undone is to be tried again, or skipped');
  const held = frameOf(run.root, frame);
  const at = from ?? positionOf(held) ?? '';
  if (held === undefined || at === '') throw refused(run, `nothing stands in ${frame} that can be moved`);
  const flow = await versions.compiled(held.flow);
  if (!flow.elements.has(to)) throw refused(run, `${held.flow.name} has no element ${to}`);
  return { kind: 'move', frame, from: at, to };
}

/** Whether a run, where it is now, would still stand at what has stopped it: nothing would ever come for that. */
export function leavesOpen(run: RunState, root: RunState['root']): boolean {
  return stoppedAt(run).some((place) => activityAt(root, place) !== undefined);
}

export const stoppedElsewhere = (run: RunState): string =>
  `it has stopped at ${stoppedAt(run)
    .map(({ frame, element }) => `${element} of ${frame}`)
    .join(' and ')}: move it from there, or put that right first`;

/** The element of the main path that control stands at. */
function positionOf(frame: Frame | undefined): string | undefined {
  const value = frame?.value;
  if (typeof value === 'string') return value;
  return typeof value === 'object' && value !== null ? Object.keys(value)[0] : undefined;
}
