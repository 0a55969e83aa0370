// Whether a filter finds only documents that are in a sparse or partial index. "No" is always a safe answer.
import type { Document } from 'bson';
import { compareValues, equalValues, typeBracket } from '../bson/compare.js';
import { typeOf } from '../bson/type-of.js';
import type { IndexSpec } from '../store.js';
import { isNaNValue } from './bounds.js';
import {
  type Comparison,
  type Condition,
  type Conditions,
  impliesExistence,
  isExtreme,
  type Test,
  toConditions,
} from './conditions.js';

/** Whether every document that meets the conditions is in the index. */
export function holdsAllMatches(spec: IndexSpec, filter: Conditions): boolean {
  if (spec.partial !== undefined) return implies(filter, partialConditions(spec.partial));
  return (
    !spec.sparse ||
    filter.all.some(
      (condition) => impliesExistence(condition) && spec.key.some(([path]) => path === condition.path),
    )
  );
}

const known = new WeakMap<Document, Conditions>();

function partialConditions(partial: Document): Conditions {
  let conditions = known.get(partial);
  if (conditions === undefined) {
    conditions = toConditions(partial);
    known.set(partial, conditions);
  }
  return conditions;
}

function implies(filter: Conditions, partial: Conditions): boolean {
  return (
    !partial.more &&
    partial.all.every((wanted) => filter.all.some((given) => impliesCondition(given, wanted))) &&
    partial.alternatives.every((branches) => branches.some((branch) => implies(filter, toConditions(branch))))
  );
}

function impliesCondition(given: Condition, wanted: Condition): boolean {
  if (given.path !== wanted.path) return false;
  switch (wanted.test.kind) {
    case 'exists':
      return impliesExistence(given);
    case 'in':
      return given.elements.length === 0 && impliesIn(given.test, wanted.test.values);
    case 'compare':
      return impliesComparison(given.test, wanted.test.operator, wanted.test.value);
    case 'type':
      return (
        given.test.kind === 'type' &&
        given.elements.length === 0 &&
        equalValues(given.test.value, wanted.test.value)
      );
    case 'missing':
      return false;
  }
}

function impliesIn(given: Test, values: readonly unknown[]): boolean {
  return (
    given.kind === 'in' &&
    given.patterns.length === 0 &&
    given.values.every((value) => values.some((other) => equalValues(value, other)))
  );
}

function impliesComparison(given: Test, operator: Comparison, bound: unknown): boolean {
  if (!isOrdered(bound)) return false;
  const meets = (value: unknown) => isOrdered(value) && typeBracket(value) === typeBracket(bound);
  if (given.kind === 'in') {
    return (
      given.patterns.length === 0 &&
      given.values.every((value) => meets(value) && lies(value, operator, bound))
    );
  }
  if (given.kind !== 'compare' || !meets(given.value)) return false;
  // Above a value that lies within is within; and above the bound itself, if it isn't itself asked for.
  return (
    given.operator.startsWith(operator.slice(0, 3)) &&
    (lies(given.value, operator, bound) || (equalValues(given.value, bound) && !given.operator.endsWith('e')))
  );
}

/** Not a value of which a comparison isn't that of its place in the order, and no array: its elements compare, too. */
function isOrdered(value: unknown): boolean {
  return (
    !Array.isArray(value) &&
    typeOf(value) !== 'null' &&
    value !== undefined &&
    !isExtreme(value) &&
    !isNaNValue(value)
  );
}

function lies(value: unknown, operator: Comparison, bound: unknown): boolean {
  const order = compareValues(value, bound);
  switch (operator) {
    case '$gt':
      return order > 0;
    case '$gte':
      return order >= 0;
    case '$lt':
      return order < 0;
    case '$lte':
      return order <= 0;
  }
}
