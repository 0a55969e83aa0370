// Decides by a table: rules over inputs, first, unique or all that hold.
import type { Json, Rule, Schema } from '../definition/flow.js';
import {
  analyseTable,
  holds,
  type TableInput,
  type TableRule,
  type TableValue,
  tableOperators,
} from '../definition/decision-table-analysis.js';
import { defineErrors } from '../errors/catalogue.js';
import { type Cell, checkCells, toColumn, toInput, toRule } from './decision-table-cells.js';
import type { CompileSite, ElementType } from './element.js';
import { nameSchema, ruleSchema, targetSchema } from './rule-schema.js';
import { checkUniqueNames } from './unique-names.js';

export const decisionTableErrors = defineErrors('decision-table', {
  'input-invalid': {
    status: 422,
    title: 'An input of the table has a value that it does not expect',
    who: 'caller',
    retryable: false,
    remedy: 'Correct the input, or its schema in the table.',
  },
  'no-rule': {
    status: 422,
    title: 'No rule of the table holds',
    who: 'caller',
    retryable: false,
    remedy: 'Add a rule, or lead the default path on.',
  },
  ambiguous: {
    status: 422,
    title: 'Several rules of a unique table hold',
    who: 'caller',
    retryable: false,
    remedy: 'Make the rules exclude each other, or use the hit policy first.',
  },
});

interface DecisionTableProperties {
  /** `first` if left out. */
  readonly hitPolicy?: 'first' | 'unique' | 'collect';
  readonly next?: string;
  readonly inputs: readonly { readonly name: string; readonly value: Rule; readonly schema: Schema }[];
  readonly rules: readonly {
    readonly when: Readonly<Record<string, Cell>>;
    readonly output?: Json;
    readonly next?: string;
    readonly label?: string;
  }[];
}

const scalar: Schema = { type: ['string', 'number', 'boolean', 'null'] };

export const decisionTableElement: ElementType<DecisionTableProperties> = {
  type: 'decisionTable',
  title: 'Decision Table',
  description:
    'Finds the rules whose cells all hold: the first, the only one, or all of them. Its output is what they give; without a rule that holds the default path is taken.',
  schema: {
    type: 'object',
    properties: {
      hitPolicy: {
        enum: ['first', 'unique', 'collect'],
        description: 'Which rules count; first if left out.',
        examples: ['unique'],
      },
      inputs: {
        type: 'array',
        minItems: 1,
        maxItems: 12,
        description: 'What the rules look at.',
        examples: [[{ name: 'amount', value: { var: 'refund' }, schema: { type: 'number', minimum: 0 } }]],
        items: {
          type: 'object',
          properties: {
            name: nameSchema('Name of the column.', 'amount'),
            value: ruleSchema('What is compared.', { var: 'refund' }),
            schema: {
              type: 'object',
              description: 'JSON Schema of the value: number, integer, boolean, string, date or enum.',
              examples: [{ type: 'number', minimum: 0 }],
            },
          },
          required: ['name', 'value', 'schema'],
          additionalProperties: false,
        },
      },
      rules: {
        type: 'array',
        minItems: 1,
        maxItems: 500,
        description: 'The rules, in order.',
        examples: [[{ when: { amount: { lessThan: 100 } }, output: { approve: false } }]],
        items: {
          type: 'object',
          properties: {
            label: { type: 'string', description: 'What people call the rule.', examples: ['Small amounts'] },
            when: {
              type: 'object',
              description:
                'Cells by input: a value, or comparisons that must all hold; any value if left out.',
              examples: [{ amount: { greaterThanOrEqualTo: 100, lessThan: 500 }, country: 'DE' }],
              additionalProperties: {
                type: ['string', 'number', 'boolean', 'null', 'object'],
                additionalProperties: false,
                properties: Object.fromEntries(
                  tableOperators.map((operator) => [
                    operator,
                    operator === 'in' || operator === 'notIn'
                      ? {
                          type: 'array',
                          items: scalar,
                          maxItems: 100,
                          description: `The value is ${operator === 'in' ? 'one' : 'none'} of these.`,
                          examples: [['DE', 'AT']],
                        }
                      : { ...scalar, description: `The value is ${operator} this.`, examples: [100] },
                  ]),
                ),
              },
            },
            output: { description: 'What the rule gives.', examples: [{ approve: false }] },
            next: targetSchema(
              'The element after this rule; the default path if left out. Not with collect.',
            ),
          },
          required: ['when'],
          additionalProperties: false,
        },
      },
    },
    required: ['inputs', 'rules'],
    additionalProperties: false,
  },
  outlets: ({ rules, next }) => [
    ...rules.flatMap((rule, index) =>
      rule.next === undefined
        ? []
        : [
            {
              name: `rule${index + 1}`,
              target: rule.next,
              label: rule.label ?? `Rule ${index + 1}`,
              pointer: `/rules/${index}/next`,
            },
          ],
    ),
    { name: 'next', target: next, label: 'Default', pointer: '/next' },
  ],
  // A rule without a path of its own goes on by the default one, so that one is never idle.
  exhaustive: ({ hitPolicy, inputs, rules, next: byDefault }) => {
    if (hitPolicy === 'collect' || rules.some(({ next }) => next === undefined)) return false;
    // Without a default path no rule that holds is a fault.
    if (byDefault === undefined) return true;
    const { complete, gap } = analyseTable(inputs.map(toInput), rules.map(toRule));
    return complete && gap === undefined;
  },
  output: () => ({
    type: 'object',
    properties: { rule: { type: ['integer', 'null'] }, rules: {}, value: {} },
    additionalProperties: false,
  }),
  summary: ({ inputs, rules }) => `${rules.length} rules over ${inputs.map(({ name }) => name).join(', ')}`,
  compile({ hitPolicy = 'first', inputs, rules, ...rest }, at) {
    const tests = rules.map(toRule);
    checkUniqueNames('inputs', inputs, '/inputs', at);
    const columns = inputs.map((input, index) => {
      const pointer = `/inputs/${index}`;
      const column = toColumn(input, pointer, at);
      const value = at.expression(input.value, `${pointer}/value`);
      at.constant?.(value, `${pointer}/value`, column.expected, (given) => {
        const [wrong] = column.check(given);
        return wrong === undefined ? undefined : `${input.name} ${wrong.detail}`;
      });
      return { ...column, value };
    });
    for (const [index, rule] of hitPolicy === 'collect' ? rules.entries() : []) {
      if (rule.next !== undefined)
        at.useless?.(
          `/rules/${index}/next`,
          'all rules are collected, then the table goes on by its own next',
        );
    }
    const path = !hasDefault(rest) ? 'none' : rules.some(goesOnWithOutput) ? 'shared' : 'own';
    if (checkCells(columns, tests, at)) report(hitPolicy, columns, tests, path, at);
    return {
      enter(visit) {
        const values: Record<string, TableValue> = {};
        for (const { name, value, check } of columns) {
          const given = visit.evaluate(value);
          const [problem] = check(given);
          if (problem !== undefined) {
            throw decisionTableErrors.error('input-invalid', `the input ${name} ${problem.detail}`);
          }
          values[name] = given as TableValue;
        }
        const hits = tests.flatMap((rule, index) =>
          Object.entries(rule).every(([name, cell]) =>
            cell.every((test) => holds(test, values[name] ?? null)),
          )
            ? [index]
            : [],
        );
        if (hitPolicy === 'collect') {
          visit.output({
            rule: null,
            rules: hits.map((hit) => hit + 1),
            value: hits.map((hit) => rules[hit]!.output ?? null),
          });
          return { kind: 'go', outlet: 'next' };
        }
        const [hit] = hits;
        if (hitPolicy === 'unique' && hits.length > 1) {
          throw decisionTableErrors.error(
            'ambiguous',
            `the rules ${hits.map((one) => one + 1).join(', ')} hold`,
          );
        }
        if (hit === undefined && !hasDefault(rest))
          throw decisionTableErrors.error('no-rule', 'no rule holds');
        visit.output({
          rule: hit === undefined ? null : hit + 1,
          value: hit === undefined ? null : (rules[hit]!.output ?? null),
        });
        const own = hit !== undefined && rules[hit]!.next !== undefined;
        return { kind: 'go', outlet: own ? `rule${hit + 1}` : 'next' };
      },
    };
  },
};

const hasDefault = (rest: object): boolean => (rest as { next?: string }).next !== undefined;

/** What follows on the default path counts on what such a rule gives. */
const goesOnWithOutput = ({ next, output }: DecisionTableProperties['rules'][number]): boolean =>
  next === undefined && output !== undefined;

function report(
  hitPolicy: 'first' | 'unique' | 'collect',
  inputs: readonly TableInput[],
  rules: readonly TableRule[],
  defaultPath: 'none' | 'own' | 'shared',
  at: CompileSite,
): void {
  const { gap, overlaps, shadowed, empty, complete } = analyseTable(inputs, rules);
  for (const { rule, input } of empty) {
    at.report({
      code: 'flow.table-cell-invalid',
      pointer: `/rules/${rule}/when/${input}`,
      detail: `no value of ${input} satisfies this cell`,
      expected: 'comparisons that can hold together',
    });
  }
  // Collecting nothing is an answer, and a default path takes what no rule does.
  if (hitPolicy !== 'collect' && defaultPath === 'none' && gap !== undefined) {
    at.report({
      code: 'flow.table-gap',
      pointer: '/rules',
      detail: `no rule holds for ${shown(gap)}`,
      expected: 'a rule for it, or "next" for whatever no rule holds for',
    });
  }
  if (hitPolicy !== 'collect' && defaultPath === 'shared' && gap !== undefined) {
    at.warn?.({
      code: 'flow.table-gap-shared',
      pointer: '/rules',
      detail: `no rule holds for ${shown(gap)}, and the table gives null there`,
      expected: 'a rule for it, or paths of their own for the rules',
    });
  }
  if (!complete && hitPolicy !== 'collect') {
    at.warn?.({
      code: 'flow.table-unchecked',
      pointer: '/rules',
      detail: 'the table is too large to be looked through for gaps',
      expected: 'fewer inputs or rules, as in several tables',
    });
  }
  if (hitPolicy === 'unique') {
    for (const { first, second, example } of overlaps) {
      at.report({
        code: 'flow.table-overlap',
        pointer: `/rules/${second}`,
        detail: `the rules ${first + 1} and ${second + 1} both hold for ${shown(example)}`,
        expected: 'rules that exclude each other, or the hit policy first',
      });
    }
  }
  for (const rule of hitPolicy === 'first' ? shadowed : []) {
    at.warn?.({
      code: 'flow.table-rule-unused',
      pointer: `/rules/${rule}`,
      detail: `rule ${rule + 1} is never used: earlier rules hold whenever it does`,
      expected: 'the more particular rule first',
    });
  }
}

const shown = (example: Readonly<Record<string, TableValue>>): string =>
  Object.entries(example)
    .map(([name, value]) => `${name} = ${JSON.stringify(value)}`)
    .join(', ');
