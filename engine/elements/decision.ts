// Takes the first outcome whose condition holds, else the default.
import type { Rule } from '../definition/flow.js';
import type { ElementType } from './element.js';
import { areExhaustive } from './exhaustive-outcomes.js';
import { nameSchema, ruleSchema, targetSchema } from './rule-schema.js';
import { checkUniqueNames } from './unique-names.js';

interface DecisionProperties {
  readonly outcomes: readonly {
    readonly name: string;
    readonly label?: string;
    readonly when: Rule;
    readonly next?: string;
  }[];
  readonly otherwise?: string;
}

export const decisionElement: ElementType<DecisionProperties> = {
  type: 'decision',
  title: 'Decision',
  description: 'Takes the first outcome whose condition holds; if none does, the default path.',
  schema: {
    type: 'object',
    properties: {
      outcomes: {
        type: 'array',
        minItems: 1,
        maxItems: 100,
        description: 'Outcomes in the order in which they are tried.',
        examples: [[{ name: 'large', when: { '>': [{ var: 'total' }, 100] }, next: 'askSupervisor' }]],
        items: {
          type: 'object',
          properties: {
            name: nameSchema('Name of the outcome, unique in the element.', 'large', {
              not: { const: 'next' },
            }),
            label: {
              type: 'string',
              description: 'What the line on the canvas says.',
              examples: ['Large order'],
            },
            when: ruleSchema('Condition list or rule.', { '>': [{ var: 'total' }, 100] }),
            next: targetSchema('The element after this outcome; absent: the flow or the branch ends.'),
          },
          required: ['name', 'when'],
          additionalProperties: false,
        },
      },
      otherwise: { type: 'string', description: 'Label of the default path.', examples: ['Any other order'] },
    },
    required: ['outcomes'],
    additionalProperties: false,
  },
  outlets: ({ outcomes, otherwise, next }) => [
    ...outcomes.map((outcome, index) => ({
      name: outcome.name,
      target: outcome.next,
      label: outcome.label ?? outcome.name,
      pointer: `/outcomes/${index}/next`,
    })),
    { name: 'next', target: next, label: otherwise ?? 'Default', pointer: '/next' },
  ],
  exhaustive: ({ outcomes }, flow) =>
    areExhaustive(
      outcomes.map(({ when }) => when),
      flow,
    ),
  output: ({ outcomes }) => ({
    type: 'object',
    properties: { outcome: { enum: [...outcomes.map(({ name }) => name), null] } },
    additionalProperties: false,
  }),
  summary: ({ outcomes }) =>
    `One of ${outcomes.map(({ label, name }) => label ?? name).join(', ')}, or the default`,
  compile({ outcomes }, at) {
    checkUniqueNames('outcomes', outcomes, '/outcomes', at);
    const compiled = outcomes.map(({ name, when }, index) => ({
      name,
      when: at.condition(when, `/outcomes/${index}/when`),
    }));
    return {
      enter(visit) {
        for (const { name, when } of compiled) {
          if (!visit.decide(when)) continue;
          visit.output({ outcome: name });
          return { kind: 'go', outlet: name };
        }
        visit.output({ outcome: null });
        return { kind: 'go', outlet: 'next' };
      },
    };
  },
};
