// What a flow gives back: its output variables at its end.
import type { Json } from '../../definition/flow.js';
import { stopAt, toFault } from './faults.js';
import type { FrameContext } from '../frame-context.js';
import { runErrors } from '../run-errors.js';
import type { Place } from '../run-state.js';
import type { SegmentState } from './segment-state.js';

/** The place of what concerns a frame as a whole. */
export const endOf = ({ frame }: FrameContext): Place => ({ frame: frame.id, element: '$end', visit: 1 });

/** @throws {RecourseError} `run.output-invalid`; for the main flow it stops the segment. */
export function outputsOf(state: SegmentState, context: FrameContext): Readonly<Record<string, Json>> {
  const outputs: Record<string, Json> = {};
  for (const { name, output, check } of context.flow.variables.values()) {
    if (!output) continue;
    const value = context.frame.variables[name] ?? null;
    const problems = check(value);
    // Null where the schema does not know null: never assigned, so not part of the answer.
    if (problems.length > 0 && value === null) continue;
    if (problems.length > 0) {
      const error = runErrors.error('output-invalid', `${name}: ${problems[0]?.detail ?? 'is not valid'}`);
      if (context.caller !== undefined) throw error;
      stopAt(state, context, toFault(error, endOf(context)), 'fault');
    }
    outputs[name] = value;
  }
  return outputs;
}
