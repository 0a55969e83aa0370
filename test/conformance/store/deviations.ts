// Where a back end answers otherwise than MongoDB documents, and who is wrong. The suite runs these cases all the
// same and fails if one of them has come right, so that the list never outlives its reasons.
import type { Backend } from '../../support/backend.js';

export interface Deviation {
  /** `<theme>: <title>` of the case. */
  readonly id: string;
  readonly backend: Backend['name'];
  /** What it does instead, after the back end's name. */
  readonly does: string;
  /** Where MongoDB documents the behaviour that the case expects. */
  readonly documented: string;
  readonly wrong: string;
}

const deviations: readonly Deviation[] = [];

/** The listed deviation of a back end in a case, if any. */
export function deviationOf(backend: Backend['name'], id: string): Deviation | undefined {
  return deviations.find((deviation) => deviation.backend === backend && deviation.id === id);
}
