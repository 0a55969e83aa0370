// The smallest flows that show one thing, of the standard elements.
import { type FlowProblem, validateFlow } from '../../../../engine/definition/validate.js';
import { standardContext } from './sample-flows.js';

export type Parts = Readonly<Record<string, unknown>>;

/** The end, for flows that have to have one. */
export const E = { e: { type: 'end', label: 'e' } };

export const textOf = (elements: unknown, start: string, more: Parts = {}): string =>
  JSON.stringify({
    format: 1,
    name: 'f',
    label: 'f',
    start: { trigger: { type: 'action' }, next: start },
    ...more,
    elements,
  });

export const problemsOf = (elements: unknown, start: string, more?: Parts): readonly FlowProblem[] =>
  validateFlow(textOf(elements, start, more), standardContext).problems;

export const assign = (target: string, value: unknown, more: Parts = {}) => ({
  type: 'assignment',
  label: 'a',
  assignments: [{ target, operator: 'assign', value }],
  ...more,
});
