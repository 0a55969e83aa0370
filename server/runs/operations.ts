// Doing operations to runs: what each takes is checked, and it is the same for one run and for many.
import {
  type Attribution,
  type Engine,
  type Json,
  RecourseError,
  type RunState,
} from '../../engine/index.js';
import { type Input, InputCheck, type InputSchema, refuse } from '../input.js';
import { type Operation, operationBodies, operations, reason, requiredOf } from './operation-inputs.js';

const checksWith = (more: InputSchema['properties'], needed: readonly string[]) =>
  new Map(
    operations.map((operation) => [
      operation,
      new InputCheck({
        type: 'object',
        properties: { ...operationBodies[operation], ...more },
        required: [...needed, ...(requiredOf[operation] ?? [])],
        additionalProperties: false,
      }),
    ]),
  );

/** What is sent to do an operation to one run. */
export const operationChecks = checksWith(
  {
    reason,
    seq: {
      type: 'integer',
      minimum: 0,
      description: 'an integer from 0, the seq of the run that was seen; refused unless it is still there',
    },
  },
  ['reason'],
);

const bulkChecks = checksWith({}, []);

/**
 * What an operation on many runs takes beside the reason, as the member `input` of a body.
 *
 * @throws {RecourseError} `server.invalid-request` with one problem a mistake
 */
export function bulkInput(operation: Operation, input: object): Input {
  if (Object.hasOwn(input, 'seq')) {
    const detail = 'seq says where one run is, and these are many';
    refuse([{ pointer: '/input/seq', code: 'server.unknown-field', detail, expected: 'no seq' }]);
  }
  try {
    return bulkChecks.get(operation)!.body(input);
  } catch (error) {
    if (!(error instanceof RecourseError)) throw error;
    refuse(error.problems.map((problem) => ({ ...problem, pointer: `/input${problem.pointer}` })));
  }
}

/** Does one operation to a run; the same for one and for many. */
export async function operate(
  engine: Engine,
  run: string,
  operation: Operation,
  input: Readonly<Record<string, unknown>>,
  who: Attribution,
): Promise<RunState> {
  const given = input as Readonly<Record<string, Json>>;
  const frame = typeof given['frame'] === 'string' ? given['frame'] : undefined;
  switch (operation) {
    case 'retry':
      return engine.retry(run, who);
    case 'skip':
      return engine.skip(
        run,
        {
          ...(given['output'] === undefined ? {} : { output: given['output'] }),
          ...(given['outlet'] === undefined ? {} : { outlet: String(given['outlet']) }),
        },
        who,
      );
    case 'edit':
      return engine.editVariables(run, frame ?? 'main', given['variables'] as Record<string, Json>, who);
    case 'move':
      return engine.move(
        run,
        {
          to: String(given['to']),
          ...(frame === undefined ? {} : { frame }),
          ...(given['from'] === undefined ? {} : { from: String(given['from']) }),
        },
        who,
      );
    case 'cancel':
      return engine.cancel(run, who, { compensate: given['compensate'] === true });
    case 'suspend':
      return engine.suspend(run, who);
    case 'resume':
      return engine.resume(run, who);
    case 'resolve':
      return engine.resolveInDoubt(
        run,
        String(given['effect']),
        given['happened'] === true ? { happened: true, output: given['output'] ?? {} } : { happened: false },
        who,
      );
  }
}
