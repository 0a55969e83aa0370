// Filters: compiled once, matched against many documents, in canonical form both. What MongoDB has and this store
// hasn't is refused by name.
import type { Document } from 'bson';
import { isDocument, isReference } from '../bson/fields.js';
import { typeOf } from '../bson/type-of.js';
import { CommandError, unsupported } from '../errors.js';
import { elementMatches, elementMeets, hasAll, hasSize } from './array.js';
import { bits } from './bits.js';
import { equals, isIn, range } from './comparison.js';
import { all, type Condition, type Found, type Matcher, not } from './condition.js';
import { exists, hasType } from './element.js';
import { modulo } from './modulo.js';
import { parsePath } from './path.js';
import { regexCondition, regexOperator } from './regex-condition.js';

export interface Filter {
  matches(document: Document): boolean;
  /** `arrayIndex`: the element that the last condition on an array found, for the positional `$`. */
  match(document: Document): { matched: boolean; arrayIndex?: number };
  /** Provably empty, such as `$in: []`. */
  readonly never: boolean;
}

/**
 * @throws {CommandError} `BadValue` for an unknown operator or a malformed operand, `CommandNotSupported` for an
 *   operator of MongoDB's that this store doesn't have.
 */
export function compileFilter(filter: Document): Filter {
  const { matcher, never } = compileDocument(filter);
  return {
    never,
    matches: (document) => matcher(document, undefined),
    match: (document) => {
      const found: Found = {};
      return matcher(document, found) ? { matched: true, ...found } : { matched: false };
    },
  };
}

/**
 * A condition on a single value, as `$pull` and array filters apply it to an element: a regular expression matches,
 * operators are evaluated, anything else is compared.
 *
 * @throws {CommandError} as `compileFilter` does.
 */
export function compileCondition(operand: unknown): (value: unknown) => boolean {
  const condition = conditionOf(operand);
  return (value) => condition.single(value, undefined);
}

/** Whether an element meets the operand of an `$elemMatch`. */
export function compileElementTest(operand: Document): (item: unknown) => boolean {
  const condition = elemMatch(operand);
  return (item) => condition.single([item], undefined);
}

/** True for a document of operators: its first field begins with `$`, and it is no DBRef. */
export function isOperatorDocument(value: unknown): value is Document {
  if (!isDocument(value) || isReference(value)) return false;
  const [first] = Object.keys(value);
  return first?.startsWith('$') === true && !['$ref', '$id', '$db'].includes(first);
}

interface Compiled {
  readonly matcher: Matcher;
  readonly never: boolean;
}

function compileDocument(filter: Document): Compiled {
  return conjunction(
    Object.keys(filter)
      .filter((name) => name !== '$comment')
      .map((name) => compileField(name, filter[name])),
  );
}

function compileField(name: string, operand: unknown): Compiled {
  const logical = logicalOperators.get(name);
  if (logical !== undefined) return logical(subfilters(name, operand));
  if (refusedAtTop.has(name)) throw unsupported(name);
  if (name.startsWith('$')) {
    if (refusedOnFields.has(name)) throw unsupported(name);
    throw new CommandError('BadValue', `unknown top level operator: ${name}`);
  }
  const condition = conditionOf(operand);
  return { matcher: condition.at(parsePath(name)), never: condition.never };
}

function conjunction(parts: readonly Compiled[]): Compiled {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const matchers = parts.map(({ matcher }) => matcher);
  return {
    matcher: (document, found) => matchers.every((matches) => matches(document, found)),
    never: parts.some(({ never }) => never),
  };
}

const logicalOperators: ReadonlyMap<string, (parts: readonly Compiled[]) => Compiled> = new Map([
  ['$and', conjunction],
  [
    '$or',
    (parts) => ({
      matcher: (document, found) => parts.some(({ matcher }) => matcher(document, found)),
      never: parts.every(({ never }) => never),
    }),
  ],
  [
    '$nor',
    (parts) => ({
      matcher: (document) => !parts.some(({ matcher }) => matcher(document, undefined)),
      never: false,
    }),
  ],
]);

function subfilters(operator: string, operand: unknown): Compiled[] {
  if (!Array.isArray(operand)) throw new CommandError('BadValue', `${operator} must be an array`);
  if (operand.length === 0) {
    throw new CommandError('BadValue', '$and/$or/$nor must be a nonempty array');
  }
  return (operand as unknown[]).map((item) => {
    if (!isDocument(item)) {
      throw new CommandError('BadValue', '$or/$and/$nor entries need to be full objects');
    }
    return compileDocument(item);
  });
}

const refusedAtTop = new Set([
  '$expr',
  '$where',
  '$text',
  '$jsonSchema',
  '$sampleRate',
  '$alwaysTrue',
  '$alwaysFalse',
]);

const refusedOnFields = new Set([
  '$geoIntersects',
  '$geoWithin',
  '$geoNear',
  '$near',
  '$nearSphere',
  '$within',
  '$maxDistance',
  '$minDistance',
  '$box',
  '$center',
  '$centerSphere',
  '$geometry',
  '$polygon',
]);

function conditionOf(operand: unknown): Condition {
  if (isOperatorDocument(operand)) return operatorsCondition(operand);
  return typeOf(operand) === 'regex' ? regexCondition(operand) : equals(operand);
}

function operatorsCondition(operators: Document): Condition {
  if (Object.hasOwn(operators, '$options') && !Object.hasOwn(operators, '$regex')) {
    throw new CommandError('BadValue', '$options needs a $regex');
  }
  const conditions = Object.keys(operators)
    .filter((name) => name !== '$options' && name !== '$comment')
    .map((name) => {
      const operator = fieldOperators.get(name);
      if (operator !== undefined) return operator(operators[name], operators);
      if (refusedOnFields.has(name)) throw unsupported(name);
      throw new CommandError('BadValue', `unknown operator: ${name}`);
    });
  return all(conditions);
}

type FieldOperator = (operand: unknown, siblings: Document) => Condition;

const fieldOperators: ReadonlyMap<string, FieldOperator> = new Map<string, FieldOperator>([
  ['$eq', equals],
  ['$ne', notEqual],
  ['$gt', (operand) => range('$gt', operand)],
  ['$gte', (operand) => range('$gte', operand)],
  ['$lt', (operand) => range('$lt', operand)],
  ['$lte', (operand) => range('$lte', operand)],
  ['$in', (operand) => isIn('$in', operand)],
  ['$nin', (operand) => not(isIn('$nin', operand))],
  ['$not', negated],
  ['$exists', exists],
  ['$type', hasType],
  ['$mod', modulo],
  [
    '$regex',
    (operand, siblings) =>
      regexOperator(operand, Object.hasOwn(siblings, '$options') ? siblings['$options'] : undefined),
  ],
  ['$size', hasSize],
  ['$elemMatch', elemMatch],
  ['$all', allOf],
  ['$bitsAllSet', (operand) => bits('$bitsAllSet', operand)],
  ['$bitsAnySet', (operand) => bits('$bitsAnySet', operand)],
  ['$bitsAllClear', (operand) => bits('$bitsAllClear', operand)],
  ['$bitsAnyClear', (operand) => bits('$bitsAnyClear', operand)],
]);

function notEqual(operand: unknown): Condition {
  if (typeOf(operand) === 'regex') throw new CommandError('BadValue', "Can't have regex as arg to $ne.");
  return not(equals(operand));
}

function negated(operand: unknown): Condition {
  if (typeOf(operand) === 'regex') return not(regexCondition(operand));
  if (!isDocument(operand)) throw new CommandError('BadValue', '$not needs a regex or a document');
  if (Object.keys(operand).length === 0) throw new CommandError('BadValue', '$not cannot be empty');
  return not(operatorsCondition(operand));
}

function elemMatch(operand: unknown): Condition {
  if (!isDocument(operand)) throw new CommandError('BadValue', '$elemMatch needs an Object');
  const [first] = Object.keys(operand);
  const onValues =
    isOperatorDocument(operand) &&
    first !== undefined &&
    !logicalOperators.has(first) &&
    !refusedAtTop.has(first);
  if (onValues) return elementMeets(operatorsCondition(operand));
  const { matcher, never } = compileDocument(operand);
  return elementMatches(matcher, never);
}

/** A list of values, each as equality or pattern, or a list of `$elemMatch`. */
function allOf(operand: unknown): Condition {
  if (!Array.isArray(operand)) throw new CommandError('BadValue', '$all needs an array');
  const items = operand as unknown[];
  const [first] = items;
  const elemMatches = isOperatorDocument(first) && Object.hasOwn(first, '$elemMatch');
  return hasAll(
    items.map((item) => {
      if (elemMatches) {
        if (!isDocument(item) || Object.keys(item).join() !== '$elemMatch') {
          throw new CommandError('BadValue', '$all/$elemMatch has to be consistent');
        }
        return elemMatch(item['$elemMatch']);
      }
      if (isOperatorDocument(item)) throw new CommandError('BadValue', 'no $ expressions in $all');
      return conditionOf(item);
    }),
  );
}
