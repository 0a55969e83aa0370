// One call of an action with its time limit.
import type { Action, ActionCall } from '../actions/action.js';
import type { SchemaCompiler } from '../compile/schemas.js';
import type { Json } from '../definition/flow.js';
import { engineLimits } from '../limits.js';
import type { Clock } from '../ports/clock.js';
import { actionErrors, toErrorProblems } from './run-errors.js';

/** Calls, and gives up waiting when the action's time is over. @throws {RecourseError} `action.timed-out`, and what the action throws */
export async function callInTime<T>(
  action: Action,
  clock: Clock,
  call: (limit: TimeLimit) => Promise<T>,
): Promise<T> {
  const timeoutMs = action.timeoutMs ?? engineLimits.effectTimeoutMsDefault;
  const limit = new TimeLimit();
  let cancel = (): void => {};
  const late = new Promise<never>((_, reject) => {
    cancel = clock.alarm(timeoutMs, () => {
      limit.end();
      reject(actionErrors.error('timed-out', `${action.name} took longer than ${timeoutMs} ms`));
    });
  });
  try {
    return await Promise.race([call(limit), late]);
  } finally {
    cancel();
  }
}

/** Tells a call that its time is over; most actions never ask, and a signal costs more than the rest of their call. */
export class TimeLimit {
  #controller: AbortController | undefined;
  #ended = false;

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#ended) this.#controller.abort();
    }
    return this.#controller.signal;
  }

  end(): void {
    this.#ended = true;
    this.#controller?.abort();
  }
}

export type Unlimited = Omit<ActionCall, 'signal'>;

const limitOf = Symbol('limit');

/**
 * One getter for all calls: the shape of an object keeps its getters, and one for each call would stay in memory until the next full
 * collection of garbage, with all that the call and its run hold.
 */
const signal = {
  enumerable: true,
  configurable: true,
  get(this: { readonly [limitOf]: TimeLimit }): AbortSignal {
    return this[limitOf].signal;
  },
};

/** What an action is asked, with a signal of its limit that a copy has, too. */
export function toCall<C extends Unlimited>(call: C, limit: TimeLimit): C & ActionCall {
  const limited: object = { [limitOf]: limit, ...call };
  return Object.defineProperty(limited, 'signal', signal) as C & ActionCall;
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
