// Which flows of a run act with all rights: those in system mode that only such flows call, so that a call never widens.
import type { CompiledFlow } from '../compile/compile-flow.js';
import { type FlowVersions, systemReasonOf } from '../definition/versions.js';
import type { FlowRef } from './run-state.js';

/** A flow of a run, and the version that the run uses. */
export interface UsedFlow {
  readonly ref: FlowRef;
  readonly compiled: CompiledFlow;
}

/** The versions that a run uses of the flows that it calls. */
export const flowsPinned = (
  versions: Pick<FlowVersions, 'compiled'>,
  pinned: Readonly<Record<string, FlowRef>>,
): Promise<UsedFlow[]> =>
  Promise.all(Object.values(pinned).map(async (ref) => ({ ref, compiled: await versions.compiled(ref) })));

/** The flows that may come to act with all rights, the main one first; none if that one doesn't. */
export function flowsInSystemMode(main: UsedFlow, called: readonly UsedFlow[]): UsedFlow[] {
  const found: UsedFlow[] = [];
  const open = [main];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (!next.compiled.systemMode || found.includes(next)) continue;
    found.push(next);
    for (const name of next.compiled.calls) open.push(...called.filter(({ ref }) => ref.name === name));
  }
  return found;
}

/** Why flows act with all rights, for the journal; undefined: none does. */
export function systemReason(flows: readonly UsedFlow[]): string | undefined {
  if (flows.length === 0) return undefined;
  return flows
    .map(
      ({ compiled: { definition } }) =>
        `${definition.name} acts in system mode: ${systemReasonOf(definition)}`,
    )
    .join('; ');
}

/** A sentence for the first version in system mode that nobody answers for; undefined: there is none. */
export async function unconfirmedReason(
  versions: Pick<FlowVersions, 'isConfirmed'>,
  flows: readonly UsedFlow[],
): Promise<string | undefined> {
  for (const { ref } of flows) {
    if (await versions.isConfirmed(ref)) continue;
    return `version ${ref.version} of ${ref.name} acts in system mode, and nobody with the permission flows.system has made it active.`;
  }
  return undefined;
}
