// Changes variables, one assignment after the other.
import { typeBesideNull } from '../compile/variable-types.js';
import type { Rule, Schema } from '../definition/flow.js';
import type { Expression } from '../expressions/index.js';
import {
  assignmentOperatorNames,
  type AssignmentOperatorName,
  assignmentOperators,
  operatorProblem,
} from './assignment-operators.js';
import type { CompileSite, ElementType } from './element.js';
import { ruleSchema } from './rule-schema.js';

interface AssignmentProperties {
  readonly assignments: readonly {
    readonly target: string;
    readonly operator?: AssignmentOperatorName;
    readonly value: Rule;
  }[];
}

export const assignmentElement: ElementType<AssignmentProperties> = {
  type: 'assignment',
  title: 'Assignment',
  description:
    'Sets variables, or parts of them, in order; each assignment sees those before it. Before a save it also sets fields of `$record`.',
  schema: {
    type: 'object',
    properties: {
      assignments: {
        type: 'array',
        minItems: 1,
        maxItems: 200,
        description: 'Assignments in the order in which they are made.',
        examples: [[{ target: 'total', operator: 'add', value: { var: 'line.amount' } }]],
        items: {
          type: 'object',
          properties: {
            target: {
              type: 'string',
              minLength: 1,
              maxLength: 256,
              description: 'Variable, or a part of one; before a save also `$record` and a field.',
              examples: ['order.note'],
            },
            operator: {
              enum: [...assignmentOperatorNames],
              description:
                'What is done with the value; assign if left out. add, subtract: numbers, money, days of a date or a point in time; add also text to text and items to a list, subtract also takes items out. addItem: the value as one more item; addAtStart: before the others; assignCount: how many items the value has. removeAll, removeFirst: items equal to the value; removeBeforeFirst, removeAfterFirst: what is before or after the first such item, which stays; removePosition: the item at a position, counted from 1; removeUncommon: items that the value, a list, does not have.',
              examples: ['add'],
            },
            value: ruleSchema('Rule or plain value.', { var: 'line.amount' }),
          },
          required: ['target', 'value'],
          additionalProperties: false,
        },
      },
    },
    required: ['assignments'],
    additionalProperties: false,
  },
  outlets: ({ next }) => [{ name: 'next', target: next, pointer: '/next' }],
  output: () => 'none',
  summary: ({ assignments }) =>
    assignments.map(({ target, operator }) => `${operator ?? 'assign'} ${target}`).join(', '),
  compile({ assignments }, at) {
    const compiled = assignments.map(({ target, operator = 'assign', value }, index) => {
      const pointer = `/assignments/${index}`;
      const compiled = at.expression(value, `${pointer}/value`);
      // The other operators make something of the value; only this one stores it as it is.
      const schema = at.target(target, `${pointer}/target`, operator === 'assign' ? compiled : undefined);
      if (schema !== undefined) checkOperator(operator, { path: target, schema }, compiled, pointer, at);
      return { target, operator, value: compiled };
    });
    return {
      enter(visit) {
        for (const { target, operator, value } of compiled) {
          const given = visit.evaluate(value);
          visit.assign(target, assignmentOperators[operator].make(visit.variable(target) ?? null, given));
        }
        return { kind: 'go', outlet: 'next' };
      },
    };
  },
};

function checkOperator(
  operator: AssignmentOperatorName,
  { path, schema }: { readonly path: string; readonly schema: Schema },
  value: Expression,
  pointer: string,
  at: CompileSite,
): void {
  const problem = operatorProblem(operator, path, typeBesideNull(schema) ?? 'unknown', value.type);
  if (problem === undefined) return;
  const { of, detail, expected } = problem;
  at.report({ code: 'flow.assignment-operator', pointer: `${pointer}/${of}`, detail, expected });
}
