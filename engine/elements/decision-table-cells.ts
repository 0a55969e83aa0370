// The cells of a decision table: what values its inputs can have, and whether each cell compares with one of them.
import type {
  TableDomain,
  TableInput,
  TableOperator,
  TableRule,
  TableTest,
  TableValue,
} from '../definition/decision-table-analysis.js';
import type { Schema } from '../definition/flow.js';
import { didYouMean } from '../expressions/did-you-mean.js';
import type { CompileSite, SchemaProblem } from './element.js';

export type Cell = TableValue | Readonly<Partial<Record<TableOperator, TableValue | readonly TableValue[]>>>;

/** An input of a table with the checks of its values. */
export interface TableColumn extends TableInput {
  readonly check: (value: unknown) => readonly SchemaProblem[];
  /** What is wrong with a text as a date or time, where the input is one: others have no order among those. */
  readonly checkFormat?: (value: unknown) => readonly SchemaProblem[];
  readonly expected: string;
}

const ofFormat: Readonly<Record<string, string>> = {
  date: 'a date such as 2026-11-22',
  'date-time': 'a point in time such as 2026-11-22T10:00:00Z',
  time: 'a time such as 09:30:00Z',
};

export function toColumn(
  input: { readonly name: string; readonly schema: Schema },
  pointer: string,
  at: Pick<CompileSite, 'validator'>,
): TableColumn {
  const { format } = input.schema;
  const check = at.validator(input.schema, `${pointer}/schema`);
  const known = toInput(input);
  const column = { ...known, check, accepts: (value: TableValue) => check(value).length === 0 };
  if (typeof format !== 'string' || !Object.hasOwn(ofFormat, format))
    return { ...column, expected: expectedOf(known.domain) };
  const checkFormat = at.validator({ type: ['string', 'null'], format }, `${pointer}/schema/format`);
  return { ...column, checkFormat, expected: ofFormat[format]! };
}

export function toInput({ name, schema }: { readonly name: string; readonly schema: Schema }): TableInput {
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

export function toRule({ when }: { readonly when: Readonly<Record<string, Cell>> }): TableRule {
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
export function checkCells(
  columns: readonly TableColumn[],
  rules: readonly TableRule[],
  at: Pick<CompileSite, 'report'>,
): boolean {
  const names = columns.map(({ name }) => name);
  const unknown = new Set<string>();
  let isSound = true;
  for (const [index, rule] of rules.entries()) {
    for (const [name, tests] of Object.entries(rule)) {
      const column = columns.find((one) => one.name === name);
      // A name that is misspelt is so in many rules: once is enough.
      if (unknown.has(name)) continue;
      const detail =
        column === undefined ? `the table has no input ${JSON.stringify(name)}` : wrongIn(tests, column);
      if (detail === undefined) continue;
      isSound = false;
      if (column === undefined) unknown.add(name);
      const near = column === undefined ? didYouMean(name, names) : undefined;
      at.report({
        code: 'flow.table-cell-invalid',
        pointer: `/rules/${index}/when/${name}`,
        detail,
        expected: column === undefined ? `one of ${names.join(', ')}` : column.expected,
        ...(near === undefined ? {} : { didYouMean: near }),
      });
    }
  }
  return isSound;
}

/** What is wrong with the first value of a cell that the input can not be compared with, or never has. */
function wrongIn(tests: readonly TableTest[], column: TableColumn): string | undefined {
  for (const { operator, value: given } of tests) {
    for (const value of [given].flat() as TableValue[]) {
      const what = `${JSON.stringify(value)} is no value of ${column.name}`;
      if (!fits(value, column)) return what;
      const isOne = operator === 'equalTo' || operator === 'in';
      const [wrong] = [...(column.checkFormat?.(value) ?? []), ...(isOne ? column.check(value) : [])];
      if (wrong !== undefined) return `${what}: it ${wrong.detail}`;
    }
  }
  return undefined;
}

const fits = (value: TableValue, { domain, nullable }: TableInput): boolean =>
  (value === null && nullable === true) || isIn(value, domain);

function isIn(value: TableValue, domain: TableDomain): boolean {
  if (domain.kind === 'mixed') return domain.domains.some((each) => isIn(value, each));
  if (domain.kind === 'enum') return domain.values.includes(value);
  return typeof value === (domain.kind === 'date' ? 'string' : domain.kind);
}

function expectedOf(domain: TableDomain): string {
  if (domain.kind === 'mixed') return domain.domains.map(expectedOf).join(' or ');
  return domain.kind === 'enum'
    ? `one of ${domain.values.map((value) => JSON.stringify(value)).join(', ')}`
    : `a ${domain.kind}`;
}
