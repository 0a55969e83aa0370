// Whether a flow applies to a record and may be started by a user: the same answer for a list of actions and for a start.
import type { CompiledFlow } from '../../compile/compile-flow.js';
import { isBeforeSave } from '../../definition/record-target.js';
import { versionErrors } from '../../definition/versions.js';
import type { Subject } from '../../ports/subjects.js';
import { runErrors } from '../run-errors.js';
import type { RunUser } from '../run-state.js';

export interface Applicability {
  readonly applies: boolean;
  /** A sentence for each thing that speaks against it. */
  readonly reasons: readonly string[];
  /** Permissions that the user lacks. */
  readonly missing: readonly string[];
  /** A sentence for a flow in system mode that nobody answers for. */
  readonly unconfirmed?: string;
}

/** Permissions that the user lacks to start a flow; that it acts in system mode asks for none. */
export function missingPermissions({ definition }: CompiledFlow, { permissions = [] }: RunUser): string[] {
  const { trigger } = definition.start;
  if (trigger.type !== 'action' || trigger.permission === undefined) return [];
  return permissions.includes(trigger.permission) ? [] : [trigger.permission];
}

export const toPermissionReason = (flow: string, missing: readonly string[]): string =>
  `to start ${flow} needs the permission${missing.length > 1 ? 's' : ''} ${missing.join(' and ')}`;

/** Why the record is not one that the flow acts on; undefined: it is. */
export function recordReason({ definition }: CompiledFlow, subject: Subject | undefined): string | undefined {
  const { trigger } = definition.start;
  if (isBeforeSave(trigger))
    return `${definition.label} runs by itself, before a ${trigger.record} is saved.`;
  if (trigger.type !== 'action' || trigger.record === undefined || trigger.record === subject?.type) {
    return undefined;
  }
  return subject === undefined
    ? `${definition.label} needs a record of type ${trigger.record}.`
    : `${definition.label} is for records of type ${trigger.record}, not ${subject.type}.`;
}

/** @throws {RecourseError} `version.unconfirmed`, `run.forbidden`, `run.not-applicable` */
export function requireApplicable(
  flow: string,
  { applies, reasons, missing, unconfirmed }: Applicability,
): void {
  if (unconfirmed !== undefined) throw versionErrors.error('unconfirmed', unconfirmed);
  if (missing.length > 0) throw runErrors.error('forbidden', toPermissionReason(flow, missing));
  if (!applies) throw runErrors.error('not-applicable', reasons.join(' '), { data: { reasons } });
}
