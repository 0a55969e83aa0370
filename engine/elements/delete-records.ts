// Deletes one record by id, or all that match.
import type { Rule } from '../definition/flow.js';
import type { ElementType } from './element.js';
import { filterLogicSchema } from './filter-logic.js';
import { compileFilters, evaluateFilters, type Filtered, filterSchema, findAll } from './record-filters.js';
import { ruleSchema } from './rule-schema.js';

interface DeleteRecordsProperties extends Filtered {
  readonly record: string;
  readonly id?: Rule;
}

const recordsMax = 10_000;

export const deleteRecordsElement: ElementType<DeleteRecordsProperties> = {
  type: 'deleteRecords',
  title: 'Delete Records',
  description: 'Deletes one record, or all that match; done when the segment is committed.',
  schema: {
    type: 'object',
    properties: {
      record: { type: 'string', minLength: 1, description: 'Record type.', examples: ['reservation'] },
      id: ruleSchema('Id of the one record.', { var: 'reservation.id' }),
      // Deleting everything has to be meant.
      where: { ...filterSchema, minItems: 1 },
      logic: filterLogicSchema,
    },
    required: ['record'],
    oneOf: [{ required: ['id'] }, { required: ['where'] }],
    additionalProperties: false,
  },
  writes: true,
  outlets: ({ next }) => [{ name: 'next', target: next, pointer: '/next' }],
  output: () => ({ type: 'object', properties: { count: { type: 'integer' } }, additionalProperties: false }),
  summary: ({ record, id }) => (id === undefined ? `Deletes ${record} records` : `Deletes a ${record}`),
  compile({ record, id, where, logic }, at) {
    at.record?.(record, '/record', 'delete');
    if (id !== undefined && logic !== undefined) at.useless?.('/logic', 'id already says which record');
    const filters = compileFilters({ where, logic: id === undefined ? logic : undefined }, at, record);
    const one = id === undefined ? undefined : at.expression(id, '/id');
    return {
      async enter(visit) {
        if (one !== undefined) {
          await visit.records.delete(record, String(visit.evaluate(one)));
          visit.output({ count: 1 });
          return { kind: 'go', outlet: 'next' };
        }
        const found = await findAll(visit, {
          type: record,
          where: evaluateFilters(filters, visit),
          limit: recordsMax,
        });
        for (const { id: each } of found) await visit.records.delete(record, each);
        visit.output({ count: found.length });
        return { kind: 'go', outlet: 'next' };
      },
    };
  },
};
