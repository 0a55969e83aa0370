// Record queries answered in memory: for records that a segment has written and the store does not have yet.
import type { Json } from '../definition/flow.js';
import type { RecordCondition, RecordFilter, RecordQuery, RecordValue } from '../ports/records.js';

/** Whether a record matches all filters of a query. */
export function matchesQuery(record: RecordValue, where: RecordQuery['where']): boolean {
  return where.every((filter) => matches(record, filter));
}

function matches(record: RecordValue, filter: RecordFilter): boolean {
  if ('all' in filter) return filter.all.every((each) => matches(record, each));
  if ('any' in filter) return filter.any.some((each) => matches(record, each));
  return 'not' in filter ? !matches(record, filter.not) : meets(record, filter);
}

function meets(record: RecordValue, { field, operator, value }: RecordCondition): boolean {
  const own = fieldOf(record, field);
  switch (operator) {
    case 'isNull':
      return (own === null) === (value !== false);
    case 'equalTo':
      return same(own, value);
    case 'notEqualTo':
      return !same(own, value);
    case 'in':
      return Array.isArray(value) && value.some((item) => same(own, item as Json));
    case 'startsWith':
      return typeof own === 'string' && typeof value === 'string' && own.startsWith(value);
    case 'endsWith':
      return typeof own === 'string' && typeof value === 'string' && own.endsWith(value);
    case 'contains':
      return Array.isArray(own)
        ? own.some((item) => same(item as Json, value))
        : typeof own === 'string' && typeof value === 'string' && own.includes(value);
    case 'greaterThan':
      return comparable(own, value) && compareValues(own, value) > 0;
    case 'greaterThanOrEqualTo':
      return comparable(own, value) && compareValues(own, value) >= 0;
    case 'lessThan':
      return comparable(own, value) && compareValues(own, value) < 0;
    case 'lessThanOrEqualTo':
      return comparable(own, value) && compareValues(own, value) <= 0;
    default:
      return false;
  }
}

/** Sorts by the fields in turn, null first, then by id. */
export function compareRecords(
  left: RecordValue,
  right: RecordValue,
  sort: NonNullable<RecordQuery['sort']>,
): number {
  for (const { field, descending } of sort) {
    const order = compareValues(fieldOf(left, field), fieldOf(right, field));
    if (order !== 0) return descending === true ? -order : order;
  }
  return compareValues(left.id, right.id);
}

function fieldOf(record: RecordValue, path: string): Json {
  let current: Json | undefined = record;
  for (const name of path.split('.')) {
    if (current === null || typeof current !== 'object' || Array.isArray(current)) return null;
    current = Object.hasOwn(current, name) ? (current as Record<string, Json>)[name] : undefined;
    if (current === undefined) return null;
  }
  return current;
}

const same = (left: Json, right: Json): boolean =>
  left === right ||
  (typeof left === 'object' && typeof right === 'object' && JSON.stringify(left) === JSON.stringify(right));

/** Lists and objects have no order. */
const comparable = (left: Json, right: Json): boolean =>
  typeof left !== 'object' && typeof left === typeof right;

function compareValues(left: Json, right: Json): number {
  if (left === right) return 0;
  if (left === null) return -1;
  if (right === null) return 1;
  // As stores do: by code points, which UTF-8 keeps in order and UTF-16 does not.
  if (typeof left === 'string' && typeof right === 'string')
    return Buffer.compare(Buffer.from(left), Buffer.from(right));
  return left < right ? -1 : left > right ? 1 : 0;
}
