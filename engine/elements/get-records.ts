// Reads records: the first, or all up to a limit.
import type { Rule } from '../definition/flow.js';
import type { RecordQuery } from '../ports/records.js';
import type { ElementType } from './element.js';
import {
  checkSort,
  compileFilters,
  evaluateFilters,
  type Filter,
  filterSchema,
  sortSchema,
} from './record-filters.js';
import { compileRules } from './rules.js';

interface GetRecordsProperties {
  readonly record: string;
  readonly id?: Rule;
  readonly where?: readonly Filter[];
  readonly sort?: RecordQuery['sort'];
  readonly limit?: number;
  readonly first?: boolean;
}

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
      sort: sortSchema,
      limit: {
        type: 'integer',
        minimum: 1,
        maximum: limitMax,
        description: 'At most so many.',
        examples: [50],
      },
      first: { type: 'boolean', description: 'Only the first one, or null.', examples: [true] },
    },
    required: ['record'],
    additionalProperties: false,
  },
  outlets: ({ next }) => [{ name: 'next', target: next, pointer: '/next' }],
  output({ record, id, first }, at) {
    const schema = at.record(record)?.schema;
    if (schema === undefined) return undefined;
    const properties = { id: { type: 'string' }, ...(schema['properties'] as object | undefined) };
    const one = { ...schema, type: 'object', properties };
    return id !== undefined || first === true ? one : { type: 'array', items: one };
  },
  summary: ({ record, first }) => (first === true ? `Gets the first ${record}` : `Gets ${record} records`),
  compile({ record, id, where, sort, limit, first }, at) {
    at.record?.(record, '/record');
    for (const [name, given] of Object.entries({ where, sort, limit })) {
      if (id !== undefined && given !== undefined) at.useless?.(`/${name}`, 'id already says which record');
    }
    if (id === undefined && first === true && limit !== undefined) {
      at.useless?.('/limit', 'first already takes only one');
    }
    const filters = compileFilters(where, at, record);
    checkSort(sort, at, record);
    const [one] = compileRules(id === undefined ? {} : { id }, '', at);
    return {
      async enter(visit) {
        if (one !== undefined) {
          const wanted = visit.evaluate(one[1]);
          visit.output(
            (typeof wanted === 'string' ? await visit.records.get(record, wanted) : undefined) ?? null,
          );
          return { kind: 'go', outlet: 'next' };
        }
        const found = await visit.records.find({
          type: record,
          where: evaluateFilters(filters, visit),
          ...(sort === undefined ? {} : { sort }),
          limit: first === true ? 1 : (limit ?? limitDefault),
        });
        visit.output(first === true ? (found[0] ?? null) : found);
        return { kind: 'go', outlet: 'next' };
      },
    };
  },
};
