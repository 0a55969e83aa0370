// Runs and tasks as the API answers them; see `server/json/run-json.ts`.
import {
  anyJson,
  anyObject,
  flag,
  instant,
  json,
  list,
  nullableInstant,
  nullableText,
  object,
  oneOf,
  type Schema,
  text,
  whole,
} from './answer.js';

export const runStatuses = [
  'active',
  'waiting',
  'held',
  'suspended',
  'incident',
  'compensating',
  'done',
  'failed',
  'cancelled',
] as const;

const nullable = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] });
const subject = object({ type: text, id: text });
const place = { frame: text, element: text, visit: whole };
const fault = object({ code: text, detail: text, ...place }, { data: anyJson });
const incidentKind = oneOf(['fault', 'effect', 'inDoubt', 'poison', 'limit']);
const listed = {
  id: text,
  flow: text,
  version: whole,
  label: nullableText,
  status: oneOf(runStatuses),
  subject: nullable(subject),
  startedBy: text,
  startedAt: instant,
  endedAt: nullableInstant,
};

export const listedRun = object(
  listed,
  { incident: object({ kind: incidentKind, element: text, code: text }) },
  'ListedRun',
);

export const openWork = object(
  {
    run: text,
    flow: text,
    version: whole,
    subject: nullable(subject),
    startedBy: text,
    ...place,
    kind: oneOf(['screen', 'task', 'approval']),
    answers: list(text),
    assignee: text,
    claimedBy: nullableText,
    dueAt: nullableInstant,
    form: anyJson,
  },
  {},
  'Task',
);

const incident = object({
  kind: incidentKind,
  place: object(place),
  error: fault,
  at: instant,
  inputs: anyJson,
  trace: list(anyJson),
  effect: nullableText,
});

const run = object(
  {
    ...listed,
    seq: whole,
    actsFor: text,
    stage: nullable(text),
    outputs: nullable(anyObject),
    variables: anyObject,
    error: nullable(fault),
    held: nullable(object({ reason: text })),
    suspended: nullable(object({ by: text, reason: text, at: instant })),
    retries: list(object({ place: object(place), at: instant, attempt: whole })),
    waits: list({
      type: 'object',
      properties: { ...place, kind: text },
      required: ['element', 'visit', 'kind'],
    }),
    work: list(openWork),
    /** Of a run that has ended: effects in doubt, or not undone. It is listed among the incidents until there are none. */
    leftOpen: list(incident),
  },
  { incident },
  'Run',
);
export const wholeRun = json(run);
export const startedAnswer = json(object({ run }, { order: nullable(anyObject) }));
export const signalAnswer = json(object({ signal: oneOf(['taken', 'kept', 'duplicate']), run }));
export const journalChunk = object(
  { seq: whole, n: whole, at: instant, by: text, entries: list(anyJson) },
  {},
  'JournalEntries',
);
const bulkJob = object(
  {
    id: text,
    operation: text,
    reason: text,
    status: oneOf(['running', 'done', 'stopped']),
    of: whole,
    done: whole,
    failed: list(object({ run: text, code: text, detail: text })),
    startedAt: instant,
    startedBy: text,
    endedAt: nullableInstant,
  },
  {},
  'Job',
);
export const jobAnswer = json(bulkJob);

export const eventAnswer = json(
  object(
    {
      id: text,
      event: text,
      key: nullableText,
      at: instant,
      by: text,
      /** When it came: flows that it may start, and runs that waited for it, of which at most 1,000 are counted. */
      listeners: object({ flows: whole, runs: whole }),
      /** The runs of these flows; one has begun if the condition of its flow holds, a moment later. */
      starts: list(object({ flow: text, run: text, began: flag })),
    },
    {},
    'ToldEvent',
  ),
);
