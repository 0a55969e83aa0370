// Whether a flow applies to a record and may be started by a user: the same answer for a list of actions and for a start.
import type { CompiledFlow } from '../../compile/compile-flow.js';
import { isBeforeSave } from '../../definition/record-target.js';
import type { Subject } from '../../ports/subjects.js';
import { runErrors } from '../run-errors.js';
import type { RunUser } from '../run-state.js';

/** Permission to start flows that act with all rights. */
export const systemPermission = 'flows.system';

export interface Applicability {
  readonly applies: boolean;
  /** A sentence for each thing that speaks against it. */
  readonly reasons: readonly string[];
  /** Permissions that the user lacks. */
  readonly missing: readonly string[];
}

/** The permissions that starting a flow needs: that of its trigger, and that of system mode, of its subflows too. */
export function permissionsToStart(flow: CompiledFlow, called: readonly CompiledFlow[]): string[] {
  const { trigger } = flow.definition.start;
  const own = trigger.type === 'action' && trigger.permission !== undefined ? [trigger.permission] : [];
  return [flow, ...called].some(({ systemMode }) => systemMode) ? [...own, systemPermission] : own;
}

export const missingPermissions = (needed: readonly string[], { permissions = [] }: RunUser): string[] =>
  needed.filter((permission) => !permissions.includes(permission));

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

/** Why flows act with all rights, for the journal; undefined: none does. */
export function systemReason(flows: readonly CompiledFlow[]): string | undefined {
  const reasons = flows.flatMap(({ definition: { name, mode } }) =>
    typeof mode === 'object' ? [`${name} acts in system mode: ${mode.system.reason}`] : [],
  );
  return reasons.length === 0 ? undefined : reasons.join('; ');
}

/** @throws {RecourseError} `run.forbidden`, `run.not-applicable` */
export function requireApplicable(flow: string, { applies, reasons, missing }: Applicability): void {
  if (missing.length > 0) throw runErrors.error('forbidden', toPermissionReason(flow, missing));
  if (!applies) throw runErrors.error('not-applicable', reasons.join(' '), { data: { reasons } });
}
