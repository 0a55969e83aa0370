// What operators do to runs: what each operation takes, and doing it; the same for one run and for many.
import type { Attribution, Engine, Json, RunState } from '../../engine/index.js';
import { InputCheck } from '../input.js';

export const name = { type: 'string', pattern: '^[A-Za-z0-9._:-]{1,200}$' } as const;
export const framePath = { type: 'string', pattern: '^[A-Za-z0-9._:/-]{1,500}$' } as const;
const effectId = { type: 'string', pattern: '^[A-Za-z0-9._:/-]{1,900}$' } as const;
export const reason = {
  type: 'string',
  minLength: 1,
  maxLength: 500,
  description: 'why, a text of 1 to 500 characters',
} as const;
const operationBodies = {
  retry: {},
  skip: {
    output: { type: 'object', description: 'recorded as the output of the element' },
    outlet: { ...name, description: 'the way out; next if absent' },
  },
  edit: {
    frame: { ...framePath, description: 'the frame whose variables change; main if absent' },
    variables: { type: 'object', description: 'new values by name' },
  },
  move: {
    frame: { ...framePath, description: 'the frame; main if absent' },
    from: { ...name, description: 'the element control stands at; found if absent' },
    to: { ...name, description: 'the element control goes to' },
  },
  cancel: { compensate: { type: 'boolean', description: 'true: what was done outside is undone first' } },
  suspend: {},
  resume: {},
  resolve: {
    effect: { ...effectId, description: 'the effect in doubt' },
    happened: { type: 'boolean', description: 'whether it happened' },
    output: { type: 'object', description: 'what it answered, if it happened' },
  },
} as const;
export type Operation = keyof typeof operationBodies;
const requiredOf: Partial<Record<Operation, readonly string[]>> = {
  edit: ['variables'],
  move: ['to'],
  resolve: ['effect', 'happened'],
};
export const operations = Object.keys(operationBodies) as Operation[];
export const operationChecks = new Map(
  operations.map((operation) => [
    operation,
    new InputCheck({
      type: 'object',
      properties: {
        ...operationBodies[operation],
        reason,
        seq: { type: 'integer', minimum: 0, description: 'refused unless the run is still there' },
      },
      required: ['reason', ...(requiredOf[operation] ?? [])],
      additionalProperties: false,
    }),
  ]),
);

export const operationSummaries: Readonly<Record<Operation, string>> = {
  retry: 'Try again what stopped a run.',
  skip: 'Go on without what stopped a run.',
  edit: 'Change variables of a run.',
  move: 'Go on at another element.',
  cancel: 'End a run, and undo what it did outside if asked.',
  suspend: 'Stop a run until it is resumed.',
  resume: 'Let a suspended run go on.',
  resolve: 'Say whether an effect in doubt happened.',
};

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
