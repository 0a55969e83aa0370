// Performs an action: at once if it only computes, asks or writes records; after the commit if it acts outside.
import type { ElementType } from './element.js';
import { compileRules, evaluateRules, type Rules } from './rules.js';
import { rulesSchema } from './rule-schema.js';

interface ActionProperties {
  readonly action: string;
  readonly input?: Rules;
}

export const actionElement: ElementType<ActionProperties> = {
  type: 'action',
  title: 'Action',
  description: 'Performs an action; what it answers is found under the name of this element.',
  schema: {
    type: 'object',
    properties: {
      action: {
        type: 'string',
        minLength: 1,
        description: 'Name of the action.',
        examples: ['payments.refund'],
      },
      input: rulesSchema('A rule for each input of the action.', { amount: { var: 'refund' } }),
    },
    required: ['action'],
    additionalProperties: false,
  },
  outlets: ({ next }) => [{ name: 'next', target: next, pointer: '/next' }],
  output: ({ action }, at) => at.action(action)?.output,
  summary: ({ action }) => `Performs ${action}`,
  compile({ action: name, input }, at) {
    const rules = compileRules(input, '/input', at);
    const action = at.action(name, '/action', { pointer: '/input', values: Object.fromEntries(rules) });
    const external = action?.effect === 'external';
    return {
      async enter(visit) {
        const given = evaluateRules(rules, visit);
        if (external) return { kind: 'perform', action: name, input: given };
        visit.output(await visit.perform(name, given));
        return { kind: 'go', outlet: 'next' };
      },
      resume(visit, event) {
        if (event.kind === 'outcome') visit.output(event.output);
        return { kind: 'go', outlet: 'next' };
      },
    };
  },
};
