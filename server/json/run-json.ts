// Runs as the API tells them: where each stands, what it waits for, and what stopped it.
import { type Incident, openWorkOf, type OpenWork, type RunState } from '../../engine/index.js';
import { waitsOf } from '../../engine/runtime/frames.js';

/** One row of the list. */
export const listedRunJson = (run: RunState): Record<string, unknown> => ({
  id: run.id,
  flow: run.flow.name,
  version: run.flow.version,
  label: run.label ?? null,
  status: run.status,
  subject: run.subject ?? null,
  startedBy: run.user.id,
  startedAt: run.startedAt,
  endedAt: run.endedAt ?? null,
  ...listedIncidentJson(incidentOf(run)),
});

/** What an operator has to look at; of a run that has ended, the first thing that it left open. */
const incidentOf = ({ incident, leftOpen = [] }: RunState): Incident | undefined => incident ?? leftOpen[0];

const listedIncidentJson = (incident: Incident | undefined): Record<string, unknown> =>
  incident === undefined
    ? {}
    : {
        incident: { kind: incident.kind, element: incident.place.element, code: incident.error.code },
      };

const incidentJson = (incident: Incident): Record<string, unknown> => {
  const { kind, place, error, at, inputs, trace, effect } = incident;
  return { kind, place, error, at, inputs, trace, effect: effect ?? null };
};

/** The whole run; `seq` is what operations can be bound to. */
export function runJson(run: RunState): Record<string, unknown> {
  const incident = incidentOf(run);
  const waits = waitsOf(run.root).filter(({ wait }) => wait.kind !== 'answer');
  return {
    ...listedRunJson(run),
    seq: run.seq,
    actsFor: (run.actor ?? run.user).id,
    stage: run.root.stage ?? null,
    outputs: run.outputs ?? null,
    variables: run.root.variables,
    error: run.error ?? null,
    held: run.held ?? null,
    suspended: run.suspended ?? null,
    retries: run.retries.map(({ place, at, attempt }) => ({ place, at, attempt })),
    waits: waits.map(({ place, wait }) => ({ ...place, ...wait })),
    work: openWorkOf(run).map(workJson),
    leftOpen: (run.leftOpen ?? []).map(incidentJson),
    ...(incident === undefined ? {} : { incident: incidentJson(incident) }),
  };
}

/** One piece of work that a person may do. */
export const workJson = ({ flow, place, subject, ...work }: OpenWork): Record<string, unknown> => ({
  ...work,
  flow: flow.name,
  version: flow.version,
  subject: subject ?? null,
  ...place,
});
