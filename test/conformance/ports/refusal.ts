// Whether a rejection is the refusal with a code.
import { RecourseError } from '../../../engine/errors/recourse-error.js';

export const refusedWith =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof RecourseError && error.code === code;
