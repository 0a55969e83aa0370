// What an operator records as the output of an action: it has to be one that the action could have given.
import type { Action } from '../../actions/action.js';
import type { CompiledElement, Registries } from '../../compile/compile-flow.js';
import type { FlowDefinition, Json } from '../../definition/flow.js';
import { runErrors, toErrorProblems } from '../run-errors.js';

/** @throws {RecourseError} `run.input-invalid` */
export function checkRecorded(
  action: Action | undefined,
  { schemas }: Registries,
  output: Json | undefined,
): void {
  if (action === undefined || output === undefined) return;
  const problems = schemas.compile(action.output)(output);
  if (problems.length === 0) return;
  const below = problems.map(({ pointer, detail }) => ({ pointer: `/output${pointer}`, detail }));
  throw runErrors.error('input-invalid', `the output is none that ${action.name} gives`, {
    problems: toErrorProblems(below, 'run.input-invalid'),
  });
}

/** The action whose output an element declares to be its own. */
export function actionOf(
  { type, definition }: CompiledElement,
  flow: FlowDefinition,
  { actions, records }: Registries,
): Action | undefined {
  let named: Action | undefined;
  const output = type.output?.(definition, {
    flow,
    action: (name) => {
      named = actions.get(name);
      return named;
    },
    record: (name) => records.get(name),
    outputsOf: () => undefined,
  });
  return output === named?.output ? named : undefined;
}
