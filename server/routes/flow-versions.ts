// The versions of a flow as routes find and show them.
import type { Request } from 'express';
import { type FlowVersions, systemReasonOf, versionErrors } from '../../engine/index.js';
import type { FlowVersion } from '../../engine/ports/engine-store.js';

const flowName = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

export const versionJson = ({
  version,
  status,
  hash,
  savedAt,
  savedBy,
  source,
  activated,
  definition,
}: FlowVersion) => ({
  version,
  status,
  hash,
  savedAt,
  savedBy,
  isFromFile: source !== undefined,
  activatedBy: activated?.by ?? null,
  activatedAt: activated?.at ?? null,
  systemMode: systemReasonOf(definition) ?? null,
});

export const activeOf = (versions: readonly FlowVersion[]): FlowVersion | undefined =>
  versions.find(({ status }) => status === 'active');

/** The flow that the path names. */
export const nameOf = (request: Request): string => String(request.params['flow']);

/** All versions of a flow, the newest first; none if there is no such flow. */
export const knownVersions = async (versions: FlowVersions, name: string): Promise<readonly FlowVersion[]> =>
  flowName.test(name) && name.length <= 100 ? versions.list(name) : [];

/** @throws {RecourseError} `version.unknown` */
export async function versionsOf(versions: FlowVersions, name: string): Promise<readonly FlowVersion[]> {
  const found = await knownVersions(versions, name);
  if (found.length > 0) return found;
  throw versionErrors.error('unknown', `there is no flow ${JSON.stringify(name.slice(0, 100))}`);
}
