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

/** Sorts by the fields in turn, null first, then by id; of a list its least item counts, or the greatest if descending. */
export function compareRecords(
  left: RecordValue,
  right: RecordValue,
  sort: NonNullable<RecordQuery['sort']>,
): number {
  for (const { field, descending } of sort) {
    const sign = descending === true ? -1 : 1;
    const order = compareEnds(fieldOf(left, field), fieldOf(right, field), sign);
    if (order !== 0) return order;
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

/** The end of each that a sort comes to first; an empty list has none, and is less than anything. */
function compareEnds(left: Json, right: Json, sign: 1 | -1): number {
  const [first, second] = [left, right].map((value) =>
    Array.isArray(value)
      ? (value as readonly Json[]).toSorted((one, other) => sign * compareValues(one, other))[0]
      : value,
  );
  if (first === undefined || second === undefined)
    return sign * (Number(second === undefined) - Number(first === undefined));
  return sign * compareValues(first, second);
}

/** As stores do: kinds in the order of MongoDB's manual ("Comparison/Sort Order"), objects and lists part by part. */
function compareValues(left: Json, right: Json): number {
  const difference = rankOf(left) - rankOf(right);
  if (difference !== 0 || left === right) return difference;
  // By code points, which UTF-8 keeps in order and UTF-16 does not.
  if (typeof left === 'string') return Buffer.compare(Buffer.from(left), Buffer.from(right as string));
  if (typeof left !== 'object') return left < right! ? -1 : 1;
  return Array.isArray(left)
    ? compareLists(left, right as readonly Json[])
    : compareObjects(left as Fields, right as Fields);
}

type Fields = Readonly<Record<string, Json>>;

function rankOf(value: Json): number {
  if (value === null) return 0;
  if (typeof value === 'object') return Array.isArray(value) ? 4 : 3;
  return { number: 1, string: 2, boolean: 5 }[typeof value as 'number' | 'string' | 'boolean'];
}

function compareLists(left: readonly Json[], right: readonly Json[]): number {
  for (const [index, item] of left.slice(0, right.length).entries()) {
    const order = compareValues(item, right[index]!);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

/** Field by field in the order in which they are stored: by kind, then by name, then by value. */
function compareObjects(left: Fields, right: Fields): number {
  const [fields, others] = [Object.entries(left), Object.entries(right)];
  for (const [index, [name, value]] of fields.slice(0, others.length).entries()) {
    const [otherName, other] = others[index]!;
    const order =
      rankOf(value) - rankOf(other) || compareValues(name, otherName) || compareValues(value, other);
    if (order !== 0) return order;
  }
  return fields.length - others.length;
}
