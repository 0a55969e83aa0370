// Filters of record elements: field, operator and a rule for the value, and how they are joined.
import { constantOf } from '../definition/check-inputs.js';
import type { Rule, Schema } from '../definition/flow.js';
import { neverEqual } from '../definition/never-equal.js';
import { Suggestions } from '../expressions/did-you-mean.js';
import type { Expression, Logic } from '../expressions/index.js';
import {
  type RecordOperator,
  type RecordQuery,
  type RecordValue,
  recordOperators,
} from '../ports/records.js';
import { collectionErrors, toItems } from './collections.js';
import type { CompileSite, Visit } from './element.js';
import { compileFilterLogic, joined } from './filter-logic.js';
import { isMoneySchema } from '../money/money-schema.js';

export interface Filter {
  readonly field: string;
  readonly operator: RecordOperator;
  readonly value?: Rule;
}

export const filterSchema: Schema = {
  type: 'array',
  maxItems: 50,
  description: 'What the records have to be: all of it, unless `logic` says otherwise.',
  examples: [[{ field: 'status', operator: 'equalTo', value: 'activated' }]],
  items: {
    type: 'object',
    properties: {
      field: { type: 'string', minLength: 1, description: 'Field of the record.', examples: ['status'] },
      operator: { enum: recordOperators, description: 'How it is compared.', examples: ['equalTo'] },
      value: { description: 'Rule or plain value.', examples: ['activated'] },
    },
    required: ['field', 'operator'],
    additionalProperties: false,
  },
};

export const sortSchema: Schema = {
  type: 'array',
  maxItems: 10,
  description:
    'Fields in order of their weight. Amounts are refused, as stores compare them as text: sort what was read with the element sort.',
  examples: [[{ field: 'placedAt', descending: true }]],
  items: {
    type: 'object',
    properties: {
      field: { type: 'string', minLength: 1, description: 'Field.', examples: ['placedAt'] },
      descending: { type: 'boolean', description: 'Greatest first.', examples: [true] },
    },
    required: ['field'],
    additionalProperties: false,
  },
};

/** What of an element says which records are meant. */
export interface Filtered {
  readonly where?: readonly Filter[] | undefined;
  readonly logic?: string | undefined;
}

export interface CompiledFilters {
  readonly conditions: readonly {
    readonly field: string;
    readonly operator: RecordOperator;
    readonly value: Expression;
  }[];
  readonly logic: Logic | undefined;
}

export function compileFilters(
  { where = [], logic }: Filtered,
  at: Pick<CompileSite, 'expression' | 'field' | 'constant' | 'report'>,
  record: string,
): CompiledFilters {
  const conditions = where.map(({ field, operator, value }, index) => {
    const schema = at.field?.(record, field, `/where/${index}/field`);
    if (comparisons.has(operator)) checkOrder(field, schema, `/where/${index}/field`, 'filter', at);
    const pointer = `/where/${index}/value`;
    const compared = at.expression(value ?? (operator === 'isNull' ? true : null), pointer);
    if (schema !== undefined && equalities.has(operator)) checkEquality(field, schema, compared, pointer, at);
    if (operator === 'in') {
      at.constant?.(compared, pointer, 'a list', (given) =>
        given === null || Array.isArray(given) ? undefined : `in looks for ${field} in a list`,
      );
    }
    return { field, operator, value: compared };
  });
  return { conditions, logic: compileFilterLogic(logic, where.length, at, '/logic') };
}

/** Reports fields that records of the type don't have, or are not ordered by. */
export function checkSort(
  sort: RecordQuery['sort'],
  at: Pick<CompileSite, 'field' | 'report'>,
  record: string,
  below = '/sort',
): void {
  for (const [index, { field }] of (sort ?? []).entries()) {
    const pointer = `${below}/${index}/field`;
    checkOrder(field, at.field?.(record, field, pointer), pointer, 'sort', at);
  }
}

/** Stores order amounts as text, and find nothing where they are to compare them by size. */
function checkOrder(
  field: string,
  schema: Schema | undefined,
  pointer: string,
  element: 'filter' | 'sort',
  at: Pick<CompileSite, 'report'>,
): void {
  if (schema === undefined || !isMoneySchema(schema)) return;
  at.report({
    code: 'flow.record-order',
    pointer,
    detail: `${field} is an amount, and records have no order of amounts`,
    expected: `another field here, and the element ${element} for what was read`,
  });
}

/** Reports values that the field never has. */
function checkEquality(
  field: string,
  schema: Schema,
  compared: Expression,
  pointer: string,
  at: Pick<CompileSite, 'report'>,
): void {
  const given = constantOf(compared)?.value;
  const suggestions = new Suggestions();
  for (const [index, value] of [given].flat().entries()) {
    const problem = value === undefined ? undefined : neverEqual(field, schema, value, suggestions);
    if (problem === undefined) continue;
    at.report({ ...problem, pointer: Array.isArray(given) ? `${pointer}/${index}` : pointer });
  }
}

const equalities: ReadonlySet<RecordOperator> = new Set(['equalTo', 'notEqualTo', 'in']);

const comparisons: ReadonlySet<RecordOperator> = new Set([
  'greaterThan',
  'greaterThanOrEqualTo',
  'lessThan',
  'lessThanOrEqualTo',
]);

/**
 * The records that match, for an element that changes all of them: never a part of them only.
 *
 * @throws {RecourseError} `collection.too-large`
 */
export async function findAll(visit: Visit, query: RecordQuery): Promise<readonly RecordValue[]> {
  const found = await visit.records.find({ ...query, limit: query.limit + 1 });
  if (found.length <= query.limit) return found;
  throw collectionErrors.error('too-large', `more than ${query.limit} ${query.type} records match`);
}

export function evaluateFilters({ conditions, logic }: CompiledFilters, visit: Visit): RecordQuery['where'] {
  const filters = conditions.map(({ field, operator, value }) => {
    const given = visit.evaluate(value);
    return { field, operator, value: operator === 'in' ? toItems(given, `the filter of ${field}`) : given };
  });
  return joined(logic, filters);
}
