// A start as it is asked for, and the run as it would begin.
import { createHash } from 'node:crypto';
import type { CompiledFlow } from '../../compile/compile-flow.js';
import { toSortedJson } from '../../definition/canonical.js';
import type { Json } from '../../definition/flow.js';
import type { FlowVersions } from '../../definition/versions.js';
import type { Clock } from '../../ports/clock.js';
import type { Ids } from '../../ports/ids.js';
import type { Subject } from '../../ports/subjects.js';
import { newFrame } from '../frames.js';
import { toIso } from '../instants.js';
import { runErrors } from '../run-errors.js';
import type { InboxItem, RunState, RunUser } from '../run-state.js';
import { flowsInSystemMode, flowsPinned, type UsedFlow } from '../system-mode.js';

export interface StartRequest {
  readonly flow: string;
  readonly input?: Readonly<Record<string, Json>>;
  readonly user: RunUser;
  readonly subject?: Subject;
  readonly recordPrior?: Json;
  readonly event?: Json;
  /** Id of the run; a second start with it is refused. */
  readonly id?: string;
  /** Idempotency key: a second start of the same user with it answers with the run of the first. Excludes `id`. */
  readonly key?: string;
  readonly depth?: number;
  /** Hash of the preview that was seen: refused if the figures have changed since. */
  readonly previewHash?: string;
  /** A fault in the first segment that is the caller's mistake refuses the start: nothing is left of it. */
  readonly refusesFaults?: boolean;
  /** The first segment comes after the start: what starts it comes again, and may have ended a worker before. */
  readonly postpones?: boolean;
}

/** A run that could be started, as it would begin. */
export interface Prepared {
  readonly run: RunState;
  readonly compiled: CompiledFlow;
  /** Its flows that act with all rights. */
  readonly inSystemMode: readonly UsedFlow[];
}

/** @throws {RecourseError} `run.flow-unknown`, `run.input-invalid` unless inputs are unchecked */
export async function prepareStart(
  { versions, ids, clock }: { readonly versions: FlowVersions; readonly ids: Ids; readonly clock: Clock },
  request: StartRequest,
  inputs: { readonly unchecked?: boolean } = {},
): Promise<Prepared> {
  const flow = await versions.active(request.flow);
  if (flow === undefined) throw runErrors.error('flow-unknown', `no version of ${request.flow} is active`);
  const compiled = await versions.compiled(flow);
  const id = keyedId(request) ?? request.id ?? ids.next();
  const now = toIso(clock.now());
  const pinned = await versions.pin(flow);
  const called = await flowsPinned(versions, pinned);
  const run: RunState = {
    id,
    flow,
    pinned,
    seq: 0,
    status: 'active',
    ...(request.subject === undefined ? {} : { subject: request.subject }),
    user: request.user,
    startedAt: now,
    depth: request.depth ?? 0,
    root: newFrame('main', flow, compiled, request.input ?? {}, { ...inputs, at: '/input' }),
    ...(request.recordPrior === undefined ? {} : { recordPrior: request.recordPrior }),
    ...(request.event === undefined ? {} : { event: request.event }),
    ...(request.key === undefined ? {} : { startHash: toStartHash(request) }),
    waitsOn: [],
    overrides: {},
    retries: [],
    claims: 0,
  };
  return { run, compiled, inSystemMode: flowsInSystemMode({ ref: flow, compiled }, called) };
}

export const toStartItem = (run: RunState): InboxItem => ({
  id: `${run.id}:start`,
  run: run.id,
  body: { kind: 'start' },
  by: run.user.id,
  at: run.startedAt,
});

const toHash = (value: unknown): string => createHash('sha256').update(toSortedJson(value)).digest('hex');

/** What a start asks for: two starts with one key must ask for the same. */
export const toStartHash = ({ flow, input = {}, subject }: StartRequest): string =>
  toHash({ flow, input, subject: subject === undefined ? null : { type: subject.type, id: subject.id } });

/** The id of the run follows from the key: the run itself is the record of its start. */
export const keyedId = ({ key, user }: StartRequest): string | undefined =>
  key === undefined ? undefined : `key-${toHash([user.id, key]).slice(0, 32)}`;
