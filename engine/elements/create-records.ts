// Creates records: one, one for each item of a list, or those that are not there yet.
import type { Json, Rule } from '../definition/flow.js';
import { defineErrors } from '../errors/catalogue.js';
import { toPointer } from '../errors/json-pointer.js';
import type { Logic } from '../expressions/index.js';
import type { RecordFilter, RecordQuery } from '../ports/records.js';
import { compileList, toItems } from './collections.js';
import { compileFilterLogic, filterLogicSchema, joined } from './filter-logic.js';
import { checkSort, findAll, sortSchema } from './record-filters.js';
import { eachItem, itemSchema } from './each-item.js';
import type { CompileSite, ElementType, Visit } from './element.js';
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
  readonly match?: Match;
}

interface Match {
  readonly by: readonly string[];
  readonly logic?: string;
  readonly many?: 'refuse' | 'updateAll' | 'updateLatest' | 'none';
  readonly sort?: RecordQuery['sort'];
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
        description:
          'Updates the record with these fields equal, and creates one only if there is none. A field without a value is equal to none.',
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
          logic: {
            ...filterLogicSchema,
            description:
              'Which of the fields have to be equal: and (all, if left out), or (any), or their numbers in `by`, from 1, joined by AND, OR, NOT and parentheses.',
            examples: ['1 AND (2 OR 3)'],
          },
          many: {
            enum: ['refuse', 'updateAll', 'updateLatest', 'none'],
            description:
              'When several records match: refuse (if left out), update all, update the latest, which is the first by `sort`, or leave all alone.',
            examples: ['updateLatest'],
          },
          sort: {
            ...sortSchema,
            minItems: 1,
            description:
              'With updateLatest: the first record in this order is the latest. Records without a value stand last if descending; of equals the lowest id is first.',
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
    at.record?.(record, '/record', 'create');
    at.newRecord?.(record, '/fields', Object.keys(fields));
    const list = collection === undefined ? undefined : compileList(collection, '/collection', at);
    if (item !== undefined) at.target(item, '/item');
    const rules = compileRules(fields, '/fields', at);
    for (const [field, value] of rules) at.field?.(record, field, toPointer(['fields', field]), value);
    const logic = match && compileMatch(match, record, Object.keys(fields), at);
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
          const found = match === undefined ? [] : await findMatches(visit, record, values, match, logic);
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

/** Reports what is wrong with a match; answers its logic. */
function compileMatch(
  { by, logic, many, sort }: Match,
  record: string,
  fields: readonly string[],
  at: CompileSite,
): Logic | undefined {
  for (const [index, field] of by.entries()) {
    if (fields.includes(field)) continue;
    at.report({
      code: 'flow.record-field-unknown',
      pointer: `/match/by/${index}`,
      detail: `${field} is matched by and is none of the fields`,
      expected: `one of ${fields.join(', ')}`,
    });
  }
  checkSort(sort, at, record, '/match/sort');
  if (many === 'updateLatest' && sort === undefined) {
    at.report({
      code: 'flow.property-missing',
      pointer: '/match',
      detail: 'sort is missing',
      expected: 'sort: what makes a record the latest',
    });
  }
  if (many !== 'updateLatest' && sort !== undefined) {
    at.useless?.('/match/sort', 'only updateLatest asks which record is first');
  }
  return compileFilterLogic(logic, by.length, at, '/match/logic');
}

async function findMatches(
  visit: Visit,
  type: string,
  values: Readonly<Record<string, Json>>,
  { by, many = 'refuse', sort }: Match,
  logic: Logic | undefined,
): Promise<readonly string[] | 'none'> {
  // A key without a value matches nothing: records without it are not the same record.
  const filters = by.map((field): RecordFilter => {
    const value = values[field] ?? null;
    return value === null ? { any: [] } : { field, operator: 'equalTo', value };
  });
  const query = { type, where: joined(logic, filters) };
  if (many === 'updateLatest') {
    const [latest] = await visit.records.find({ ...query, sort: sort!, limit: 1 });
    return latest === undefined ? [] : [latest.id];
  }
  const found = await findAll(visit, { ...query, limit: matchesMax });
  if (found.length > 1 && many === 'refuse') {
    throw upsertErrors.error(
      'ambiguous',
      `${found.length} records of ${type} have the same ${by.join(', ')}`,
    );
  }
  if (found.length > 1 && many === 'none') return 'none';
  return found.map(({ id }) => id);
}
