// $exists and $type: whether a field is there, and of what type.
import { isNumber, nearestDouble } from '../bson/numbers.js';
import { type BsonType, typeOf } from '../bson/type-of.js';
import { CommandError } from '../errors.js';
import { type Condition, not, presentLeaf } from './condition.js';

export function exists(operand: unknown): Condition {
  const present = presentLeaf(() => true);
  return isTrue(operand) ? present : not(present);
}

/** MongoDB's truth: false, null and numbers equal to 0 are false, everything else is true. */
export function isTrue(value: unknown): boolean {
  if (value === null || value === undefined || value === false) return false;
  return !isNumber(value) || nearestDouble(value) !== 0;
}

const codes: ReadonlyMap<number, BsonType> = new Map<number, BsonType>([
  [-1, 'minKey'],
  [1, 'double'],
  [2, 'string'],
  [3, 'object'],
  [4, 'array'],
  [5, 'binData'],
  [6, 'undefined'],
  [7, 'objectId'],
  [8, 'bool'],
  [9, 'date'],
  [10, 'null'],
  [11, 'regex'],
  [13, 'javascript'],
  [14, 'symbol'],
  [15, 'javascriptWithScope'],
  [16, 'int'],
  [17, 'timestamp'],
  [18, 'long'],
  [19, 'decimal'],
  [127, 'maxKey'],
]);
const aliases = new Set<string>(codes.values());
const numberTypes: readonly BsonType[] = ['int', 'long', 'double', 'decimal'];

/** @throws {CommandError} `BadValue` for an unknown type, `FailedToParse` for an empty list. */
export function hasType(operand: unknown): Condition {
  const named = Array.isArray(operand) ? (operand as unknown[]) : [operand];
  if (named.length === 0) throw new CommandError('FailedToParse', '$type must match at least one type');
  const types = new Set<BsonType>(named.flatMap(typesNamed));
  return presentLeaf((value) => types.has(typeOf(value)));
}

function typesNamed(name: unknown): readonly BsonType[] {
  if (name === 'number') return numberTypes;
  if (typeof name === 'string') {
    if (aliases.has(name)) return [name as BsonType];
    throw new CommandError('BadValue', `Unknown type name alias: ${name}`);
  }
  if (!isNumber(name)) throw new CommandError('BadValue', 'type must be represented as a number or a string');
  const code = nearestDouble(name);
  const type = codes.get(code);
  if (type === undefined) throw new CommandError('BadValue', `Invalid numerical type code: ${code}`);
  return [type];
}
