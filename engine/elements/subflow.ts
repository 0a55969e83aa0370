// Calls another flow and waits for its end; the version is the one that was active when the run began.
import type { ElementType } from './element.js';
import { compileRules, evaluateRules, type Rules } from './rules.js';
import { rulesSchema } from './rule-schema.js';

interface SubflowProperties {
  readonly flow: string;
  readonly input?: Rules;
}

export const subflowElement: ElementType<SubflowProperties> = {
  type: 'subflow',
  title: 'Subflow',
  description: 'Runs another flow; its outputs are found under the name of this element.',
  schema: {
    type: 'object',
    properties: {
      flow: { type: 'string', minLength: 1, description: 'Name of the flow.', examples: ['approve-refund'] },
      input: rulesSchema('A rule for each input of the flow.', { amount: { var: 'refund' } }),
    },
    required: ['flow'],
    additionalProperties: false,
  },
  outlets: ({ next }) => [{ name: 'next', target: next, pointer: '/next' }],
  output: ({ flow }, at) => at.outputsOf(flow),
  summary: ({ flow }) => `Runs the flow ${flow}`,
  compile({ flow, input }, at) {
    const rules = compileRules(input, '/input', at);
    at.calls(flow, '/flow', { pointer: '/input', values: Object.fromEntries(rules) });
    return {
      enter: (visit) => ({ kind: 'call', flow, input: evaluateRules(rules, visit) }),
      resume(visit, event) {
        if (event.kind === 'returned') visit.output(event.output);
        return { kind: 'go', outlet: 'next' };
      },
    };
  },
};
