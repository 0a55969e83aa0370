// MongoDB's order of BSON values (its manual: "Comparison/Sort Order"). Missing is the caller's null; `undefined` is
// below it, and is the sort and index key of an empty array.
import type { BSONRegExp, Code, Document, Timestamp } from 'bson';
import { type Binary, Int32, ObjectId } from 'bson';
import { plainFields } from './fields.js';
import { compareNumbers, type NumericValue } from './numbers.js';
import { type BsonType, typeOf } from './type-of.js';

/** Rank of a type among the types; types that compare by value with each other share one. */
export const brackets: Readonly<Record<BsonType, number>> = {
  minKey: 5,
  undefined: 8,
  null: 10,
  int: 20,
  double: 20,
  long: 20,
  decimal: 20,
  symbol: 30,
  string: 30,
  object: 40,
  array: 50,
  binData: 60,
  objectId: 70,
  bool: 80,
  date: 90,
  timestamp: 100,
  regex: 110,
  javascript: 120,
  javascriptWithScope: 130,
  maxKey: 250,
};

/** The rank of the value's type, 5 (MinKey) to 250 (MaxKey): `$gt` and its kin look only within one bracket. */
export function typeBracket(value: unknown): number {
  return brackets[typeOf(value)];
}

/** Negative, 0 or positive. A total order; 0 means that MongoDB holds the values equal, whatever their types. */
export function compareValues(a: unknown, b: unknown): number {
  if (typeof a === 'string' && typeof b === 'string') return compareStrings(a, b);
  if (a instanceof Int32 && b instanceof Int32) return a.value - b.value;
  if (a instanceof ObjectId && b instanceof ObjectId) return compareObjectIds(a, b);
  const typeA = typeOf(a);
  const typeB = typeOf(b);
  const bracket = brackets[typeA];
  const difference = bracket - brackets[typeB];
  return difference === 0 ? compareWithin(typeA, a, b) : difference;
}

export function equalValues(a: unknown, b: unknown): boolean {
  return compareValues(a, b) === 0;
}

function compareWithin(type: BsonType, a: unknown, b: unknown): number {
  switch (type) {
    case 'minKey':
    case 'maxKey':
    case 'null':
    case 'undefined':
      return 0;
    case 'int':
    case 'double':
    case 'long':
    case 'decimal':
      return compareNumbers(a as NumericValue, b as NumericValue);
    case 'string':
    case 'symbol':
      return compareStrings(String(a), String(b));
    case 'object':
      return compareDocuments(a as Document, b as Document);
    case 'array':
      return compareArrays(a as unknown[], b as unknown[]);
    case 'binData':
      return compareBinaries(toBinary(a), toBinary(b));
    case 'objectId':
      return compareObjectIds(a as ObjectId, b as ObjectId);
    case 'bool':
      return Number(a) - Number(b);
    case 'date':
      return millisecondsOf(a as Date) - millisecondsOf(b as Date);
    case 'timestamp':
      return compareTimestamps(a as Timestamp, b as Timestamp);
    case 'regex':
      return compareRegexes(regexParts(a), regexParts(b));
    case 'javascript':
      return compareStrings((a as Code).code, (b as Code).code);
    case 'javascriptWithScope':
      return (
        compareStrings((a as Code).code, (b as Code).code) ||
        compareDocuments((a as Code).scope ?? {}, (b as Code).scope ?? {})
      );
  }
}

/** By Unicode code point, which is the order of the UTF-8 bytes; UTF-16 units are not in that order. */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  const shared = Math.min(a.length, b.length);
  for (let index = 0; index < shared; index += 1) {
    const unitA = a.charCodeAt(index);
    const unitB = b.charCodeAt(index);
    if (unitA !== unitB) return codePointRank(unitA) - codePointRank(unitB);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above every single unit. */
function codePointRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

function compareObjectIds(a: ObjectId, b: ObjectId): number {
  return a === b ? 0 : compareBytes(a.id, b.id);
}

/** Field by field in stored order: type, then name, then value; a prefix is the smaller. */
function compareDocuments(a: Document, b: Document): number {
  const fieldsA = plainFields(a);
  const fieldsB = plainFields(b);
  const namesA = Object.keys(fieldsA);
  const namesB = Object.keys(fieldsB);
  const shared = Math.min(namesA.length, namesB.length);
  for (let index = 0; index < shared; index += 1) {
    const nameA = namesA[index]!;
    const nameB = namesB[index]!;
    const valueA: unknown = fieldsA[nameA];
    const valueB: unknown = fieldsB[nameB];
    const order =
      typeBracket(valueA) - typeBracket(valueB) ||
      compareStrings(nameA, nameB) ||
      compareValues(valueA, valueB);
    if (order !== 0) return order;
  }
  return namesA.length - namesB.length;
}

function compareArrays(a: readonly unknown[], b: readonly unknown[]): number {
  const shared = Math.min(a.length, b.length);
  for (let index = 0; index < shared; index += 1) {
    const order = compareValues(a[index], b[index]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** Bytes and subtype of a BinData value; plain bytes have subtype 0. */
export function toBinary(value: unknown): { bytes: Uint8Array; subtype: number } {
  if (value instanceof Uint8Array) return { bytes: value, subtype: 0 };
  const binary = value as Binary;
  return { bytes: binary.buffer.subarray(0, binary.position), subtype: binary.sub_type };
}

function compareBinaries(a: ReturnType<typeof toBinary>, b: ReturnType<typeof toBinary>): number {
  return a.bytes.length - b.bytes.length || a.subtype - b.subtype || compareBytes(a.bytes, b.bytes);
}

/** As memcmp, then by length. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let index = 0; index < shared; index += 1) {
    const difference = a[index]! - b[index]!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Milliseconds since 1970; an invalid date is stored as 0. */
export function millisecondsOf(date: Date): number {
  return date.getTime() || 0;
}

function compareTimestamps(a: Timestamp, b: Timestamp): number {
  return a.high >>> 0 === b.high >>> 0 ? (a.low >>> 0) - (b.low >>> 0) : (a.high >>> 0) - (b.high >>> 0);
}

/** Pattern and options, options in alphabetical order. */
export function regexParts(value: unknown): { pattern: string; options: string } {
  if (value instanceof RegExp) return { pattern: value.source, options: [...value.flags].sort().join('') };
  return value as BSONRegExp;
}

function compareRegexes(a: ReturnType<typeof regexParts>, b: ReturnType<typeof regexParts>): number {
  return compareStrings(a.pattern, b.pattern) || compareStrings(a.options, b.options);
}
