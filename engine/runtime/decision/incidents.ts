// Incidents of a run as a whole, where no element of it has failed.
import { engineLimits } from '../../limits.js';
import type { Incident, InboxItem, Place, RunState } from '../run-state.js';

/** Where what concerns the run as a whole has its place. */
export const ofRun: Place = { frame: 'main', element: '$run', visit: 1 };

/** An incident of the run as a whole. */
export function toIncident(
  kind: Incident['kind'],
  code: string,
  detail: string,
  item: InboxItem | undefined,
  at: string,
): Incident {
  return {
    kind,
    place: ofRun,
    error: { code, detail, ...ofRun },
    at,
    inputs: null,
    trace: [],
    ...(item === undefined ? {} : { item }),
  };
}

/** Nothing will ever come that could move the run. */
export const toStuck = (run: RunState, item: InboxItem, at: string): Incident =>
  toIncident(
    'fault',
    'run.stuck',
    `${run.flow.name}: nothing is waited for, and the flow has not ended`,
    item,
    at,
  );

/** The run's state is larger than a run's may be. */
export const toTooLarge = (run: RunState, item: InboxItem, at: string): Incident =>
  toIncident(
    'limit',
    'run.limit-state',
    `${run.flow.name}: the state is larger than ${engineLimits.runStateBytesMax} bytes`,
    item,
    at,
  );
