// Filters of records as filters of documents. They mean what they mean in memory (engine/runtime/record-query.ts): where MongoDB
// would look into a list, of itself or on the way to the field, it is told not to.
import type { Json } from '../engine/definition/flow.js';
import type { RecordCondition, RecordFilter } from '../engine/ports/records.js';

type Filter = Readonly<Record<string, unknown>>;

const none: Filter = { $nor: [{}] };
const isList = { $type: 'array' };

/** Documents that have a record that meets all filters under `value`. */
export function toStoredFilter(filters: readonly RecordFilter[]): Filter {
  return filters.length === 0 ? {} : { $and: filters.map(toFilter) };
}

function toFilter(filter: RecordFilter): Filter {
  if ('all' in filter) return toStoredFilter(filter.all);
  if ('any' in filter) {
    return filter.any.length === 0 ? none : { $or: filter.any.map(toFilter) };
  }
  return 'not' in filter ? not(toFilter(filter.not)) : toCondition(filter);
}

function toCondition({ field, operator, value }: RecordCondition): Filter {
  const path = `value.${field}`;
  switch (operator) {
    case 'isNull':
      return value === false ? not(equal(path, null)) : equal(path, null);
    case 'equalTo':
      return equal(path, value);
    case 'notEqualTo':
      return not(equal(path, value));
    case 'in':
      return oneOf(path, value);
    case 'startsWith':
      return text(path, value, (wanted) => `^${wanted}`);
    case 'endsWith':
      // `$` would let a line feed follow.
      return text(path, value, (wanted) => `${wanted}\\z`);
    case 'contains':
      return {
        $or: [
          reached(path, { [path]: { $elemMatch: { $eq: value } } }),
          text(path, value, (wanted) => wanted),
        ],
      };
    default:
      return typeof value === 'object' ? none : single(path, { [comparisons[operator]]: value });
  }
}

const comparisons = {
  greaterThan: '$gt',
  greaterThanOrEqualTo: '$gte',
  lessThan: '$lt',
  lessThanOrEqualTo: '$lte',
} as const;

const not = (filter: Filter): Filter => ({ $nor: [filter] });

/** The fields that the field is in. */
const above = (path: string): string[] => {
  const names = path.split('.');
  return names.slice(2).map((_, index) => names.slice(0, index + 2).join('.'));
};

/** No list on the way to the field: it has no fields. */
const reached = (path: string, filter: Filter): Filter => ({
  $and: [filter, ...above(path).map((each) => ({ [each]: { $not: isList } }))],
});

/** The field itself meets the condition, and is no list with an item that does. */
const single = (path: string, condition: Filter): Filter =>
  reached(path, { $and: [{ [path]: condition }, { [path]: { $not: isList } }] });

function equal(path: string, value: Json): Filter {
  if (value === null) {
    return { $or: [single(path, { $eq: null }), ...above(path).map((each) => ({ [each]: isList }))] };
  }
  if (!Array.isArray(value)) return single(path, { $eq: value });
  // No list is equal to an item of itself.
  const item = { $elemMatch: { $eq: value } };
  return reached(path, { $and: [{ [path]: { $eq: value } }, { [path]: { $not: item } }] });
}

function oneOf(path: string, values: Json): Filter {
  if (!Array.isArray(values)) return none;
  const plain = values.filter((value) => value !== null && !Array.isArray(value));
  const others = values.filter((value) => value === null || Array.isArray(value));
  return { $or: [single(path, { $in: plain }), ...others.map((value) => equal(path, value as Json))] };
}

function text(path: string, value: Json, toPattern: (escaped: string) => string): Filter {
  return typeof value === 'string' ? single(path, { $regex: toPattern(escaped(value)) }) : none;
}

const escaped = (value: string): string =>
  value.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&').replaceAll('\0', '\\x00');
