// One mistake in a request, in the form in which the answer lists it.
import type { Problem } from '../engine/errors/recourse-error.js';

/** `pointer` is into the body; for a query parameter it is empty, and `parameter` names it. */
export interface RequestProblem extends Problem {
  readonly parameter?: string;
  readonly expected?: string;
}
