// Making versions of flows active for whoever asks: they answer for those in system mode, and the log says so.
import type { Response } from 'express';
import {
  type FlowDefinition,
  requireSystemRight,
  systemReasonOf,
  toContentHash,
} from '../../engine/index.js';
import type { FlowVersion } from '../../engine/ports/engine-store.js';
import { addAuditNote } from '../audit.js';
import { toRunUser } from '../auth/run-user.js';
import { signedIn } from '../request/conditions.js';

/** Whether a definition is what is active already, with somebody who answers for it where it acts in system mode. */
export const isInForce = (definition: FlowDefinition, active: FlowVersion | undefined): boolean =>
  active !== undefined &&
  active.hash === toContentHash(definition) &&
  (systemReasonOf(definition) === undefined || active.activated !== undefined);

/**
 * Refuses to make active what the user may not answer for, and notes what they answer for.
 *
 * @throws {RecourseError} `version.forbidden`
 */
export function answerForSystemMode(response: Response, definitions: readonly FlowDefinition[]): void {
  const user = toRunUser(signedIn(response));
  for (const definition of definitions) requireSystemRight(definition, user);
  const reasons = definitions.flatMap((definition) => {
    const reason = systemReasonOf(definition);
    return reason === undefined ? [] : [`${definition.name} acts in system mode: ${reason}`];
  });
  if (reasons.length > 0) addAuditNote(response, reasons.join('; '));
}
