// Decides by a table: rules over inputs, first, unique or all that hold.
import type { Json, Rule, Schema } from '../definition/flow.js';
import {
  analyseTable,
  holds,
  type TableDomain,
  type TableInput,
  type TableOperator,
  type TableRule,
  type TableTest,
  type TableValue,
  tableOperators,
} from '../definition/decision-table-analysis.js';
import { defineErrors } from '../errors/catalogue.js';
import type { CompileSite, ElementType } from './element.js';
import { ruleSchema, targetSchema } from './rule-schema.js';

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

type Cell = TableValue | Readonly<Partial<Record<TableOperator, TableValue | readonly TableValue[]>>>;

interface DecisionTableProperties {
  /** `first` if left out. */
  readonly hitPolicy?: 'first' | 'unique' | 'collect';
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
            name: {
              type: 'string',
              pattern: '^[A-Za-z][A-Za-z0-9_]{0,63}$',
              description: 'Name of the column.',
              examples: ['amount'],
            },
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
  exhaustive: (properties) => {
    const { inputs, rules } = properties;
    const analysis = analyseTable(inputs.map(toInput), rules.map(toRule));
    return analysis.complete && analysis.gap === undefined && rules.every(({ next }) => next !== undefined);
  },
  output: () => ({
    type: 'object',
    properties: { rule: { type: ['integer', 'null'] }, rules: {}, value: {} },
    additionalProperties: false,
  }),
  summary: ({ inputs, rules }) => `${rules.length} rules over ${inputs.map(({ name }) => name).join(', ')}`,
  compile({ hitPolicy = 'first', inputs, rules, ...rest }, at) {
    const tests = rules.map(toRule);
    const isSound = checkCells(inputs.map(toInput), rules, at);
    if (isSound) report(hitPolicy, inputs.map(toInput), tests, hasDefault(rest), at);
    const columns = inputs.map(({ name, value, schema }, index) => ({
      name,
      value: at.expression(value, `/inputs/${index}/value`),
      check: at.validator(schema, `/inputs/${index}/schema`),
    }));
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

function toInput({ name, schema }: { readonly name: string; readonly schema: Schema }): TableInput {
  const { domains, nullable } = toValues(schema);
  const [only = { kind: 'string' } as const, ...more] = domains;
  return { name, domain: more.length === 0 ? only : { kind: 'mixed', domains }, nullable };
}

/** Without a type the value may be anything. */
const anyType = ['string', 'number', 'boolean', 'null'];

/** What values a schema allows, kind by kind. */
function toValues(schema: Schema): { readonly domains: readonly TableDomain[]; readonly nullable: boolean } {
  const { type, anyOf, oneOf } = schema;
  const types = type === undefined ? anyType : [type].flat();
  const values = Object.hasOwn(schema, 'const') ? [schema['const']] : schema['enum'];
  if (Array.isArray(values)) {
    const allowed = (values as TableValue[]).filter((value) => isOfType(value, types));
    return { domains: [{ kind: 'enum', values: allowed }], nullable: false };
  }
  const alternatives = type === undefined ? (anyOf ?? oneOf) : undefined;
  if (Array.isArray(alternatives)) {
    const all = (alternatives as Schema[]).map(toValues);
    return {
      domains: all.flatMap(({ domains }) => domains),
      nullable: all.some(({ nullable }) => nullable),
    };
  }
  const domains: TableDomain[] = [];
  if (types.includes('boolean')) domains.push({ kind: 'boolean' });
  if (types.includes('number') || types.includes('integer'))
    domains.push(toNumbers(schema, !types.includes('number')));
  if (types.includes('string')) domains.push(toTexts(schema));
  return { domains, nullable: types.includes('null') };
}

const isOfType = (value: unknown, types: readonly unknown[]): boolean =>
  types.includes(value === null ? 'null' : typeof value) ||
  (types.includes('integer') && Number.isInteger(value));

const bounds = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'] as const;

function toNumbers(schema: Schema, integer: boolean): TableDomain {
  const given = bounds.filter((bound) => typeof schema[bound] === 'number');
  return {
    kind: 'number',
    integer,
    ...Object.fromEntries(given.map((bound) => [bound, schema[bound]])),
  };
}

function toTexts({ format, minLength }: Schema): TableDomain {
  if (format === 'date') return { kind: 'date' };
  return { kind: 'string', ...(typeof minLength === 'number' ? { minLength } : {}) };
}

function toRule({ when }: DecisionTableProperties['rules'][number]): TableRule {
  return Object.fromEntries(
    Object.entries(when).map(([name, cell]) => [
      name,
      typeof cell === 'object' && cell !== null
        ? Object.entries(cell).map(([operator, value]) => ({ operator, value }) as TableTest)
        : [{ operator: 'equalTo', value: cell }],
    ]),
  );
}

/** Whether every cell is of an input and of its kind. */
function checkCells(
  inputs: readonly TableInput[],
  rules: DecisionTableProperties['rules'],
  at: CompileSite,
): boolean {
  let isSound = true;
  const wrong = (rule: number, name: string, detail: string, expected: string): void => {
    isSound = false;
    at.report({ code: 'flow.table-cell-invalid', pointer: `/rules/${rule}/when/${name}`, detail, expected });
  };
  for (const [index, rule] of rules.entries()) {
    for (const [name, tests] of Object.entries(toRule(rule))) {
      const input = inputs.find((one) => one.name === name);
      if (input === undefined) {
        wrong(
          index,
          name,
          `the table has no input ${JSON.stringify(name)}`,
          inputs.map((one) => one.name).join(', '),
        );
        continue;
      }
      const odd = tests.flatMap(({ value }) => value).find((value) => !fits(value as TableValue, input));
      if (odd !== undefined)
        wrong(index, name, `${JSON.stringify(odd)} is no value of ${name}`, expectedOf(input.domain));
    }
  }
  return isSound;
}

const fits = (value: TableValue, { domain, nullable }: TableInput): boolean =>
  (value === null && nullable === true) || isIn(value, domain);

function isIn(value: TableValue, domain: TableDomain): boolean {
  if (domain.kind === 'mixed') return domain.domains.some((each) => isIn(value, each));
  if (domain.kind === 'enum') return domain.values.includes(value);
  if (domain.kind === 'date') return typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value);
  return typeof value === domain.kind;
}

function expectedOf(domain: TableDomain): string {
  if (domain.kind === 'mixed') return domain.domains.map(expectedOf).join(' or ');
  return domain.kind === 'enum'
    ? `one of ${domain.values.map((value) => JSON.stringify(value)).join(', ')}`
    : `a ${domain.kind}`;
}

function report(
  hitPolicy: 'first' | 'unique' | 'collect',
  inputs: readonly TableInput[],
  rules: readonly TableRule[],
  isComplete: boolean,
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
  if (hitPolicy !== 'collect' && !isComplete && gap !== undefined) {
    at.report({
      code: 'flow.table-gap',
      pointer: '/rules',
      detail: `no rule holds for ${shown(gap)}`,
      expected: 'a rule for it, or "next" for whatever no rule holds for',
    });
  }
  if (!complete && hitPolicy !== 'collect') {
    at.warn?.({
      code: 'flow.table-unchecked',
      pointer: '/rules',
      detail: 'the table is too large to be looked through for gaps',
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
