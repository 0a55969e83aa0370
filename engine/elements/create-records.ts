// Creates records: one, one for each item of a list, or those that are not there yet.
import type { Json, Rule } from '../definition/flow.js';
import { defineErrors } from '../errors/catalogue.js';
import type { RecordQuery } from '../ports/records.js';
import { toItems } from './collections.js';
import { findAll } from './record-filters.js';
import { eachItem, itemSchema } from './each-item.js';
import type { ElementType, Visit } from './element.js';
import { ruleSchema, rulesSchema } from './rule-schema.js';
import { compileRules, evaluateRules, type Rules } from './rules.js';

export const upsertErrors = defineErrors('upsert', {
  ambiguous: {
    status: 409,
    title: 'Several records match',
    who: 'caller',
    retryable: false,
    remedy: 'Match by a field that only one record has, or say what happens when many match.',
  },
});

interface CreateRecordsProperties {
  readonly record: string;
  readonly fields: Rules;
  readonly collection?: Rule;
  readonly item?: string;
  readonly match?: { readonly by: readonly string[]; readonly many?: 'refuse' | 'updateAll' | 'none' };
}

const matchesMax = 2_000;

export const createRecordsElement: ElementType<CreateRecordsProperties> = {
  type: 'createRecords',
  title: 'Create Records',
  description:
    'Creates a record, or one for each item of a list; with match, a record that is there already is updated. All or none of them.',
  schema: {
    type: 'object',
    properties: {
      record: { type: 'string', minLength: 1, description: 'Record type.', examples: ['order'] },
      fields: rulesSchema('A rule for each field.', { status: 'open' }),
      collection: ruleSchema('One record for each item of this list.', { var: 'lines' }),
      item: itemSchema('Variable that the rules find the item in.'),
      match: {
        type: 'object',
        description: 'Updates the record with these fields equal, and creates one only if there is none.',
        examples: [{ by: ['number'] }],
        properties: {
          by: {
            type: 'array',
            items: { type: 'string', minLength: 1 },
            minItems: 1,
            maxItems: 5,
            uniqueItems: true,
            description: 'Fields that tell which record it is; each is one of the fields above.',
            examples: [['number']],
          },
          many: {
            enum: ['refuse', 'updateAll', 'none'],
            description: 'When several records match: refuse (if left out), update all, or leave all alone.',
            examples: ['refuse'],
          },
        },
        required: ['by'],
        additionalProperties: false,
      },
    },
    required: ['record', 'fields'],
    dependentRequired: { collection: ['item'] },
    additionalProperties: false,
  },
  writes: true,
  outlets: ({ next }) => [{ name: 'next', target: next, pointer: '/next' }],
  output: () => ({
    type: 'object',
    properties: {
      id: { type: ['string', 'null'] },
      ids: { type: 'array', items: { type: 'string' } },
      created: { type: 'integer' },
      updated: { type: 'integer' },
    },
    additionalProperties: false,
  }),
  summary: ({ record, collection, match }) =>
    `${match === undefined ? 'Creates' : 'Creates or updates'} ${collection === undefined ? `a ${record}` : `${record} records`}`,
  compile({ record, fields, collection, item, match }, at) {
    at.record?.(record, '/record', 'write');
    at.newRecord?.(record, '/fields', Object.keys(fields));
    const list = collection === undefined ? undefined : at.expression(collection, '/collection');
    if (item !== undefined) at.target(item, '/item');
    const rules = compileRules(fields, '/fields', at);
    for (const [field, value] of rules) at.field?.(record, field, `/fields/${field}`, value);
    for (const [index, field] of (match?.by ?? []).entries()) {
      if (Object.hasOwn(fields, field)) continue;
      at.report({
        code: 'flow.record-field-unknown',
        pointer: `/match/by/${index}`,
        detail: `${field} is matched by and is none of the fields`,
        expected: `one of ${Object.keys(fields).join(', ')}`,
      });
    }
    return {
      async enter(visit) {
        // Evaluated before the first write, so that all or none of them are made.
        const wanted: Record<string, Json>[] = [];
        if (list === undefined || item === undefined) wanted.push(evaluateRules(rules, visit));
        else {
          eachItem(visit, item, toItems(visit.evaluate(list), 'create records'), () => {
            wanted.push(evaluateRules(rules, visit));
          });
        }
        const ids: string[] = [];
        let created = 0;
        for (const values of wanted) {
          const found = match === undefined ? [] : await findMatches(visit, record, values, match);
          if (found === 'none') continue;
          for (const id of found) {
            await visit.records.update(record, id, values);
            ids.push(id);
          }
          if (found.length > 0) continue;
          ids.push((await visit.records.create(record, values)).id);
          created += 1;
        }
        visit.output({ id: ids[0] ?? null, ids, created, updated: ids.length - created });
        return { kind: 'go', outlet: 'next' };
      },
    };
  },
};

async function findMatches(
  visit: Visit,
  type: string,
  values: Readonly<Record<string, Json>>,
  { by, many = 'refuse' }: NonNullable<CreateRecordsProperties['match']>,
): Promise<readonly string[] | 'none'> {
  const where: RecordQuery['where'] = by.map((field) => ({
    field,
    operator: 'equalTo',
    value: values[field] ?? null,
  }));
  // A key without a value matches nothing: records without it are not the same record.
  if (where.some(({ value }) => value === null)) return [];
  const found = await findAll(visit, { type, where, limit: matchesMax });
  if (found.length > 1 && many === 'refuse') {
    throw upsertErrors.error(
      'ambiguous',
      `${found.length} records of ${type} have the same ${by.join(', ')}`,
    );
  }
  if (found.length > 1 && many === 'none') return 'none';
  return found.map(({ id }) => id);
}
