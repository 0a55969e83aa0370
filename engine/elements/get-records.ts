// Reads records: the first, or all up to a limit.
import type { Json, Rule, Schema } from '../definition/flow.js';
import type { RecordQuery, RecordValue } from '../ports/records.js';
import type { ElementType } from './element.js';
import { filterLogicSchema } from './filter-logic.js';
import {
  checkSort,
  compileFilters,
  evaluateFilters,
  type Filtered,
  filterSchema,
  findAll,
  sortSchema,
} from './record-filters.js';
import { compileRules } from './rules.js';

interface GetRecordsProperties extends Filtered {
  readonly record: string;
  readonly id?: Rule;
  readonly sort?: RecordQuery['sort'];
  readonly limit?: number;
  readonly first?: boolean;
  /** All if left out. */
  readonly fields?: readonly string[];
}

/** Parts of an object by their names; those that are not there are left out. */
const only = <Value>(names: readonly string[], all: Readonly<Record<string, Value>>): Record<string, Value> =>
  Object.fromEntries(
    names.flatMap((name) => (Object.hasOwn(all, name) ? [[name, all[name]!] as const] : [])),
  );

const limitDefault = 2_000;
const limitMax = 20_000;

export const getRecordsElement: ElementType<GetRecordsProperties> = {
  type: 'getRecords',
  title: 'Get Records',
  description: 'Reads records; what is found is under the name of this element: a record or null, or a list.',
  schema: {
    type: 'object',
    properties: {
      record: { type: 'string', minLength: 1, description: 'Record type.', examples: ['order'] },
      id: {
        description: 'Id of the one record; then nothing else is needed.',
        examples: [{ var: 'order.id' }],
      },
      where: filterSchema,
      logic: filterLogicSchema,
      sort: sortSchema,
      limit: {
        type: 'integer',
        minimum: 1,
        maximum: limitMax,
        description: 'At most so many; if left out, more than 2,000 are a fault and not cut off.',
        examples: [50],
      },
      first: { type: 'boolean', description: 'Only the first one, or null.', examples: [true] },
      fields: {
        type: 'array',
        items: { type: 'string', minLength: 1 },
        minItems: 1,
        maxItems: 200,
        uniqueItems: true,
        description: 'Only these fields, and the id; all if left out.',
        examples: [['status', 'placedAt']],
      },
    },
    required: ['record'],
    additionalProperties: false,
  },
  outlets: ({ next }) => [{ name: 'next', target: next, pointer: '/next' }],
  output({ record, id, first, limit, fields }, at) {
    const schema = at.record(record)?.schema;
    if (schema === undefined) return undefined;
    const all: Schema = { id: { type: 'string' }, ...(schema['properties'] as object | undefined) };
    const properties = fields === undefined ? all : only(['id', ...fields], all);
    const { required: _required, ...rest } = schema;
    const one = { ...(fields === undefined ? schema : rest), type: 'object', properties };
    if (id !== undefined || first === true) return one;
    return { type: 'array', items: one, ...(limit === undefined ? {} : { maxItems: limit }) };
  },
  summary: ({ record, first }) => (first === true ? `Gets the first ${record}` : `Gets ${record} records`),
  compile({ record, id, where, logic, sort, limit, first, fields }, at) {
    at.record?.(record, '/record');
    for (const [name, given] of Object.entries({ where, logic, sort, limit })) {
      if (id !== undefined && given !== undefined) at.useless?.(`/${name}`, 'id already says which record');
    }
    if (id === undefined && first === true && limit !== undefined) {
      at.useless?.('/limit', 'first already takes only one');
    }
    for (const [index, field] of (fields ?? []).entries()) at.field?.(record, field, `/fields/${index}`);
    const chosen = (value: RecordValue): Json =>
      fields === undefined ? value : only(['id', ...fields], value);
    const filters = compileFilters({ where, logic: id === undefined ? logic : undefined }, at, record);
    checkSort(sort, at, record);
    const [one] = compileRules(id === undefined ? {} : { id }, '', at);
    return {
      async enter(visit) {
        if (one !== undefined) {
          const wanted = visit.evaluate(one[1]);
          const value = typeof wanted === 'string' ? await visit.records.get(record, wanted) : undefined;
          visit.output(value === undefined ? null : chosen(value));
          return { kind: 'go', outlet: 'next' };
        }
        const query = {
          type: record,
          where: evaluateFilters(filters, visit),
          ...(sort === undefined ? {} : { sort }),
        };
        if (first === true) {
          const [value] = await visit.records.find({ ...query, limit: 1 });
          visit.output(value === undefined ? null : chosen(value));
        } else {
          const found =
            limit === undefined
              ? await findAll(visit, { ...query, limit: limitDefault })
              : await visit.records.find({ ...query, limit });
          visit.output(found.map(chosen));
        }
        return { kind: 'go', outlet: 'next' };
      },
    };
  },
};
