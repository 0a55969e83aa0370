// One call of an action with its time limit.
import type { Action } from '../actions/action.js';
import type { SchemaCompiler } from '../compile/schemas.js';
import type { Json } from '../definition/flow.js';
import { engineLimits } from '../limits.js';
import type { Clock } from '../ports/clock.js';
import { actionErrors, toErrorProblems } from './run-errors.js';

/** Calls, and gives up waiting when the action's time is over. @throws {RecourseError} `action.timed-out`, and what the action throws */
export async function callInTime<T>(
  action: Action,
  clock: Clock,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const timeoutMs = action.timeoutMs ?? engineLimits.effectTimeoutMsDefault;
  const controller = new AbortController();
  let cancel = (): void => {};
  const late = new Promise<never>((_, reject) => {
    cancel = clock.alarm(timeoutMs, () => {
      controller.abort();
      reject(actionErrors.error('timed-out', `${action.name} took longer than ${timeoutMs} ms`));
    });
  });
  try {
    return await Promise.race([call(controller.signal), late]);
  } finally {
    cancel();
  }
}

/** @throws {RecourseError} `action.input-invalid` */
export function checkInput(action: Action, schemas: SchemaCompiler, input: Json): void {
  const problems = schemas.compile(action.input)(input);
  if (problems.length === 0) return;
  throw actionErrors.error('input-invalid', `the input of ${action.name} is not valid`, {
    problems: toErrorProblems(problems, 'action.input-invalid'),
  });
}

/** @throws {RecourseError} `action.output-invalid` */
export function checkOutput(action: Action, schemas: SchemaCompiler, output: Json): void {
  const problems = schemas.compile(action.output)(output);
  if (problems.length === 0) return;
  throw actionErrors.error('output-invalid', `the output of ${action.name} is not valid`, {
    problems: toErrorProblems(problems, 'action.output-invalid'),
  });
}
