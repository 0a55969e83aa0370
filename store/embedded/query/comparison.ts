// $eq, $gt, $gte, $lt, $lte, $in: comparison within one type bracket.
import { ObjectId } from 'bson';
import { compareValues, typeBracket } from '../bson/compare.js';
import { isDocument } from '../bson/fields.js';
import { isNumber, nearestDouble } from '../bson/numbers.js';
import { typeOf } from '../bson/type-of.js';
import { CommandError } from '../errors.js';
import { type Condition, leaf, presentLeaf } from './condition.js';
import { missing } from './path.js';
import { regexCondition } from './regex-condition.js';

/** Equal to the value; null also where the field is missing. */
export function equals(operand: unknown): Condition {
  if (operand === null || operand === undefined) return leaf(isNullish);
  if (typeof operand === 'string') {
    return presentLeaf((value) =>
      typeof value === 'string' ? value === operand : compareValues(value, operand) === 0,
    );
  }
  if (operand instanceof ObjectId) {
    return presentLeaf((value) =>
      value instanceof ObjectId ? operand.equals(value) : compareValues(value, operand) === 0,
    );
  }
  return presentLeaf((value) => compareValues(value, operand) === 0);
}

function isNullish(value: unknown): boolean {
  return value === null || value === missing || value === undefined;
}

export type RangeOperator = '$gt' | '$gte' | '$lt' | '$lte';

/** @throws {CommandError} `BadValue` for a regular expression: it has no place in an order. */
export function range(operator: RangeOperator, operand: unknown): Condition {
  const type = typeOf(operand);
  if (type === 'regex') {
    throw new CommandError('BadValue', `Can't have RegEx as arg to predicate over ${operator}`);
  }
  const upward = operator === '$gt' || operator === '$gte';
  const inclusive = operator === '$gte' || operator === '$lte';
  if (operand === null || operand === undefined) {
    return leaf((value) => inclusive && isNullish(value));
  }
  if (type === 'minKey' || type === 'maxKey') {
    // The ends of the order are the only operands that reach into every bracket, missing fields included.
    const towards = (type === 'minKey') === upward;
    const bracket = typeBracket(operand);
    return leaf((value) => (value !== missing && typeBracket(value) === bracket ? inclusive : towards));
  }
  if (isNaNValue(operand)) return presentLeaf((value) => inclusive && isNaNValue(value));
  const bracket = typeBracket(operand);
  return presentLeaf((value) => {
    // NaN is the lowest number in the order, but not less than any in a query.
    if (typeBracket(value) !== bracket || (!upward && isNaNValue(value))) return false;
    const order = compareValues(value, operand);
    return order === 0 ? inclusive : order > 0 === upward;
  });
}

function isNaNValue(value: unknown): boolean {
  return isNumber(value) && Number.isNaN(nearestDouble(value));
}

/**
 * Equal to one of the values, or matched by one of the regular expressions among them.
 *
 * @throws {CommandError} `BadValue` if the operand is no array or holds operators.
 */
export function isIn(operator: '$in' | '$nin', operand: unknown): Condition {
  if (!Array.isArray(operand)) throw new CommandError('BadValue', `${operator} needs an array`);
  const regexes: Condition[] = [];
  const values: unknown[] = [];
  for (const item of operand as unknown[]) {
    if (isDocument(item) && Object.keys(item)[0]?.startsWith('$') && !Object.hasOwn(item, '$ref')) {
      throw new CommandError('BadValue', `cannot nest $ under ${operator}`);
    }
    if (typeOf(item) === 'regex') regexes.push(regexCondition(item));
    else values.push(item);
  }
  values.sort(compareValues);
  const withNull = values.some(isNullish);
  return leaf(
    (value, found) =>
      (value === missing || value === undefined ? withNull : contains(values, value)) ||
      regexes.some((regex) => regex.single(value, found)),
    { never: operand.length === 0 },
  );
}

function contains(sorted: readonly unknown[], value: unknown): boolean {
  let low = 0;
  let high = sorted.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const order = compareValues(sorted[middle], value);
    if (order === 0) return true;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return false;
}
