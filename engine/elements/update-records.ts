// Changes fields of one record by id, or of all that match.
import type { Rule } from '../definition/flow.js';
import { toPointer } from '../errors/json-pointer.js';
import type { ElementType } from './element.js';
import { filterLogicSchema } from './filter-logic.js';
import { compileFilters, evaluateFilters, type Filtered, filterSchema, findAll } from './record-filters.js';
import { compileRules, evaluateRules, type Rules } from './rules.js';
import { rulesSchema } from './rule-schema.js';

interface UpdateRecordsProperties extends Filtered {
  readonly record: string;
  readonly id?: Rule;
  readonly fields: Rules;
}

const recordsMax = 10_000;

export const updateRecordsElement: ElementType<UpdateRecordsProperties> = {
  type: 'updateRecords',
  title: 'Update Records',
  description: 'Changes fields of one record, or of all that match; written when the segment is committed.',
  schema: {
    type: 'object',
    properties: {
      record: { type: 'string', minLength: 1, description: 'Record type.', examples: ['order'] },
      id: { description: 'Id of the one record.', examples: [{ var: 'order.id' }] },
      where: filterSchema,
      logic: filterLogicSchema,
      fields: rulesSchema('A rule for each field that changes.', { status: 'cancelled' }),
    },
    required: ['record', 'fields'],
    oneOf: [{ required: ['id'] }, { required: ['where'] }],
    additionalProperties: false,
  },
  writes: true,
  outlets: ({ next }) => [{ name: 'next', target: next, pointer: '/next' }],
  output: () => ({
    type: 'object',
    properties: { count: { type: 'integer' }, record: {} },
    additionalProperties: false,
  }),
  summary: ({ record, fields }) => `Sets ${Object.keys(fields).join(', ')} of ${record}`,
  compile({ record, id, where, logic, fields }, at) {
    at.record?.(record, '/record', 'update');
    if (Object.hasOwn(fields, 'id')) at.useless?.('/fields/id', 'the id of a record never changes');
    if (id !== undefined && logic !== undefined) at.useless?.('/logic', 'id already says which record');
    const filters = compileFilters({ where, logic: id === undefined ? logic : undefined }, at, record);
    const [one] = compileRules(id === undefined ? {} : { id }, '', at);
    const rules = compileRules(fields, '/fields', at);
    for (const [field, value] of rules) at.field?.(record, field, toPointer(['fields', field]), value);
    return {
      async enter(visit) {
        const changes = evaluateRules(rules, visit);
        if (one !== undefined) {
          const changed = await visit.records.update(record, String(visit.evaluate(one[1])), changes);
          visit.output({ count: 1, record: changed });
          return { kind: 'go', outlet: 'next' };
        }
        const found = await findAll(visit, {
          type: record,
          where: evaluateFilters(filters, visit),
          limit: recordsMax,
        });
        for (const { id: each } of found) await visit.records.update(record, each, changes);
        visit.output({ count: found.length });
        return { kind: 'go', outlet: 'next' };
      },
    };
  },
};
