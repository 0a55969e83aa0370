// Whether a prepared run may begin: the user's permissions, its record, and the flow's start conditions.
import type { Json } from '../../definition/flow.js';
import type { FlowVersions } from '../../definition/versions.js';
import { isTruthy } from '../../expressions/compare.js';
import { type Applicability, missingPermissions, recordReason, toPermissionReason } from './applicability.js';
import { FrameContext } from '../frame-context.js';
import { toIso } from '../instants.js';
import type { Prepared } from './prepare-start.js';
import type { RunState } from '../run-state.js';
import type { SegmentWorld } from '../segment/segment-task.js';
import { unconfirmedReason } from '../system-mode.js';
import { userGlobals } from '../user-globals.js';

type World = Pick<SegmentWorld, 'records' | 'calendars' | 'clock'>;

export interface ConditionParts {
  readonly world: World;
  readonly versions: Pick<FlowVersions, 'isConfirmed'>;
}

export async function applicabilityOf(
  { world, versions }: ConditionParts,
  prepared: Prepared,
): Promise<Applicability> {
  const { run, compiled, inSystemMode } = prepared;
  const unconfirmed = await unconfirmedReason(versions, inSystemMode);
  const missing = missingPermissions(compiled, run.user);
  const unfit = recordReason(compiled, run.subject);
  // Conditions are about the record: of another one, or none, they say nothing.
  const unmet = unfit === undefined ? await reasonsAgainst(world, prepared) : [unfit];
  const reasons = [
    ...(unconfirmed === undefined ? [] : [unconfirmed]),
    ...(missing.length === 0 ? [] : [toPermissionReason(run.flow.name, missing)]),
    ...unmet,
  ];
  const applies = reasons.length === 0;
  return { applies, reasons, missing, ...(unconfirmed === undefined ? {} : { unconfirmed }) };
}

/** The sentences of the start conditions that don't hold. */
async function reasonsAgainst(world: World, prepared: Prepared): Promise<string[]> {
  const { conditions } = prepared.compiled;
  if (conditions.length === 0) return [];
  const context = await contextAtStart(world, prepared);
  return conditions.flatMap(({ expression, otherwise }) =>
    isTruthy(context.evaluate(expression)) ? [] : [otherwise],
  );
}

/** What a run finds before its first element: its inputs, and its record as it is now. */
export async function contextAtStart(world: World, { run, compiled }: Prepared): Promise<FrameContext> {
  const record = await recordOf(world, run);
  return new FrameContext(run.root, compiled, {
    now: toIso(world.clock.now()),
    ...userGlobals(run.user),
    run,
    calendars: world.calendars,
    record: () => record,
    recordPrior: run.recordPrior,
  });
}

async function recordOf({ records }: World, { subject }: RunState): Promise<Json> {
  if (subject === undefined) return null;
  return (await records.read(subject.type, subject.id))?.value ?? null;
}
