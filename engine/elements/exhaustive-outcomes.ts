// Whether one of several outcomes holds in any case, as far as comparisons of variables with fixed values tell.
import {
  analyseTable,
  type TableDomain,
  type TableInput,
  type TableOperator,
  type TableRule,
  type TableTest,
  type TableValue,
  tableOperators,
} from '../definition/decision-table-analysis.js';
import type { FlowDefinition, Schema } from '../definition/flow.js';
import { schemaAt } from '../definition/schema-path.js';

const ofSymbol: Readonly<Record<string, TableOperator>> = {
  '==': 'equalTo',
  '===': 'equalTo',
  '!=': 'notEqualTo',
  '!==': 'notEqualTo',
};

/** True only if it is certain; an outcome that says more than comparisons counts as one that never holds. */
export function areExhaustive(rules: readonly unknown[], flow: FlowDefinition): boolean {
  const inputs = new Map<string, TableInput>();
  const table: TableRule[] = [];
  for (const rule of rules) {
    if (rule === true) return true;
    const tests = toTests(rule);
    const isKnown = tests?.every(({ path, test }) => {
      const input = inputs.get(path) ?? toInput(path, flow);
      if (input !== undefined) inputs.set(path, input);
      return input !== undefined && isOfTypes(test, input.domain);
    });
    if (tests === undefined || isKnown !== true) continue;
    const row: Record<string, TableTest[]> = {};
    for (const { path, test } of tests) row[path] = [...(row[path] ?? []), test];
    table.push(row);
  }
  if (table.length === 0) return false;
  const { gap, complete } = analyseTable([...inputs.values()], table);
  return complete && gap === undefined;
}

interface PathTest {
  readonly path: string;
  readonly test: TableTest;
}

/** The comparisons of a rule, all of which must hold; undefined if there is anything else in it. */
function toTests(rule: unknown): readonly PathTest[] | undefined {
  if (typeof rule !== 'object' || rule === null) return undefined;
  if ('conditions' in rule) {
    const { conditions, logic } = rule as { conditions: unknown; logic?: unknown };
    const isList =
      Array.isArray(conditions) && (conditions.length === 1 || logic === undefined || logic === 'and');
    return isList ? joined(conditions.map(toConditionTest)) : undefined;
  }
  const [[operator, operands] = ['', undefined], ...more] = Object.entries(rule);
  if (more.length > 0) return undefined;
  if (operator === 'var') return [{ path: String(operands), test: { operator: 'equalTo', value: true } }];
  if (operator === '!' || operator === 'not') {
    const [inner] = [operands].flat();
    const path = pathOf(inner);
    return path === undefined ? undefined : [{ path, test: { operator: 'equalTo', value: false } }];
  }
  if (!Array.isArray(operands)) return undefined;
  if (operator === 'and') return joined(operands.map(toTests));
  return operands.length === 2 ? toTest(ofSymbol[operator] ?? operator, operands[0], operands[1]) : undefined;
}

const joined = (parts: readonly (readonly PathTest[] | undefined)[]): readonly PathTest[] | undefined =>
  parts.includes(undefined) ? undefined : (parts.flat() as PathTest[]);

function toConditionTest(condition: unknown): readonly PathTest[] | undefined {
  const { left, operator, right } = condition as Readonly<Record<string, unknown>>;
  return toTest(String(operator), left, right);
}

function toTest(operator: string, left: unknown, right: unknown): readonly PathTest[] | undefined {
  const path = pathOf(left);
  const known = tableOperators.find((name) => name === operator);
  const isFixed = Array.isArray(right) ? right.every(isScalar) : isScalar(right);
  // The order of texts is that of the expressions only for equality.
  const isOrdered = known !== undefined && /Than/.test(known);
  if (path === undefined || known === undefined || !isFixed || (isOrdered && typeof right !== 'number')) {
    return undefined;
  }
  return [{ path, test: { operator: known, value: right as TableValue } }];
}

/** Whether only values of the domain's own types are compared: 5 equals "5" for an expression, not for a table. */
function isOfTypes({ value }: TableTest, domain: TableDomain): boolean {
  const types = new Set<string>(
    domain.kind === 'enum' ? domain.values.map((one) => typeof one) : [domain.kind],
  );
  return [value].flat().every((one) => one === null || types.has(typeof one));
}

const isScalar = (value: unknown): boolean =>
  value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

function pathOf(rule: unknown): string | undefined {
  if (typeof rule !== 'object' || rule === null || Object.keys(rule).length !== 1) return undefined;
  const { var: path } = rule as { var?: unknown };
  return typeof path === 'string' ? path : undefined;
}

/** What the variable at a path can be; undefined if its schema does not fix it. */
function toInput(path: string, flow: FlowDefinition): TableInput | undefined {
  const [name = '', ...rest] = path.split('.');
  const { variables = {} } = flow;
  if (!Object.hasOwn(variables, name)) return undefined;
  const variable = variables[name]!;
  const found = schemaAt(variable.schema, rest, name);
  const domain = found.kind === 'known' ? toDomain(found.schema) : undefined;
  if (domain === undefined) return undefined;
  // A variable without a value at the start is null until it is set, whatever its schema says; so are parts of null.
  const isSet = rest.length === 0 && (variable.default !== undefined || variable.input === true);
  const allowsNull = found.kind === 'known' && [found.schema['type']].flat().includes('null');
  return { name: path, domain, nullable: !isSet || allowsNull };
}

function toDomain(schema: Schema): TableDomain | undefined {
  const { enum: values, type } = schema;
  if (Array.isArray(values) && values.every(isScalar))
    return { kind: 'enum', values: values as TableValue[] };
  const [kind, ...more] = [type].flat().filter((one) => one !== 'null');
  if (more.length > 0) return undefined;
  if (kind === 'boolean') return { kind: 'boolean' };
  return kind === 'number' || kind === 'integer'
    ? { kind: 'number', integer: kind === 'integer' }
    : undefined;
}
