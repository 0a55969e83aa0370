// From a condition to byte ranges of one index field. A range may hold more than the condition matches, never less.
import type { BSONRegExp } from 'bson';
import { compareBytes } from '../bson/compare.js';
import { keyBytes, successor, typeRange } from '../bson/key-bytes.js';
import { typeOf } from '../bson/type-of.js';
import { literalPrefix } from '../query/regex.js';
import { type Comparison, isExtreme, isNullish, type Test } from './conditions.js';
import { emptyArrayBytes, valueBytes } from './index-keys.js';

export interface ByteRange {
  /** Inclusive. */
  readonly low: Uint8Array;
  /** Exclusive. */
  readonly high: Uint8Array;
}

type Direction = 1 | -1;

/** Where one field's part of a key lies. */
export interface Bounds {
  /** Disjoint and in order. */
  readonly ranges: readonly ByteRange[];
  /** Each range holds what begins with its `low`: one value, and whatever fields follow. */
  readonly points: boolean;
  /** A key without arrays lies in the ranges only if its document meets the condition. */
  readonly exact: boolean;
}

/** The bounds of a condition's keys in a field of that direction; undefined if they can lie anywhere. */
export function toBounds(test: Test, direction: Direction): Bounds | undefined {
  switch (test.kind) {
    case 'in':
      return inBounds(test.values, test.patterns, direction);
    case 'compare':
      return comparisonBounds(test.operator, test.value, direction);
    case 'missing':
      return { ranges: [pointRange(null, direction)], points: true, exact: false };
    case 'exists':
    case 'type':
      return undefined;
  }
}

function inBounds(values: readonly unknown[], patterns: readonly BSONRegExp[], direction: Direction): Bounds {
  const ranges: ByteRange[] = [];
  let exact = true;
  for (const value of values) {
    ranges.push(pointRange(value, direction));
    if (Array.isArray(value)) {
      // Its elements are in the index, not the array itself, unless it is an element of another one.
      ranges.push(
        value.length === 0 ? prefixRange(emptyArrayBytes(direction)) : pointRange(value[0], direction),
      );
    }
    exact &&= isScalar(value);
  }
  for (const pattern of patterns) ranges.push(patternRange(pattern, direction));
  return { ranges: disjoint(ranges), points: patterns.length === 0, exact };
}

/** Whether a key without arrays is the value's only if they are equal. Null is missing, too; regular expressions match. */
export function isScalar(value: unknown): boolean {
  switch (typeOf(value)) {
    case 'int':
    case 'long':
    case 'double':
    case 'decimal':
    case 'string':
    case 'objectId':
    case 'bool':
    case 'date':
    case 'timestamp':
    case 'binData':
      return true;
    default:
      return false;
  }
}

function comparisonBounds(operator: Comparison, value: unknown, direction: Direction): Bounds | undefined {
  const inclusive = operator === '$gte' || operator === '$lte';
  if (isNullish(value)) {
    return inclusive ? { ranges: [pointRange(null, direction)], points: true, exact: false } : undefined;
  }
  if (isExtreme(value) || Array.isArray(value) || isNaNValue(value)) return undefined;
  const end: End = { value, inclusive };
  const range =
    operator === '$gt' || operator === '$gte'
      ? valueRange(end, undefined, value, direction)
      : valueRange(lowestOf(value), end, value, direction);
  // Below the least value of its kind, such as false, there is nothing.
  const ranges = compareBytes(range.low, range.high) < 0 ? [range] : [];
  return { ranges, points: false, exact: isScalar(value) };
}

/** NaN sorts below all numbers, but compares with none. */
function lowestOf(value: unknown): End | undefined {
  return isNumber(value) ? { value: Number.NaN, inclusive: false } : undefined;
}

function isNumber(value: unknown): boolean {
  const type = typeOf(value);
  return type === 'int' || type === 'long' || type === 'double' || type === 'decimal';
}

export function isNaNValue(value: unknown): boolean {
  return isNumber(value) && Number.isNaN(Number(String(value)));
}

interface End {
  readonly value: unknown;
  readonly inclusive: boolean;
}

/** The values from `from` to `to`; without an end, up to the end of the values of that kind. */
function valueRange(
  from: End | undefined,
  to: End | undefined,
  kind: unknown,
  direction: Direction,
): ByteRange {
  const [first, last] = direction === 1 ? [from, to] : [to, from];
  const [low, high] = typeRange(kind, direction);
  return { low: first ? edge(first, !first.inclusive) : low, high: last ? edge(last, last.inclusive) : high };

  function edge({ value }: End, after: boolean): Uint8Array {
    const bytes = keyBytes([value], [direction]);
    return after ? successor(bytes) : bytes;
  }
}

function pointRange(value: unknown, direction: Direction): ByteRange {
  return prefixRange(valueBytes(value, direction));
}

/** Everything that begins with these bytes. */
export function prefixRange(prefix: Uint8Array): ByteRange {
  return { low: prefix, high: prefix.length === 0 ? aboveAll : successor(prefix) };
}

/** No key begins with byte 255. */
const aboveAll = Uint8Array.of(255);

/** The strings that begin as all matches of the pattern do. */
function patternRange(pattern: BSONRegExp, direction: Direction): ByteRange {
  const prefix = literalPrefix(pattern);
  const next = stringAfter(prefix);
  return valueRange(
    { value: prefix, inclusive: true },
    next === undefined ? undefined : { value: next, inclusive: false },
    prefix,
    direction,
  );
}

/** The least string above all that begin with `prefix`, by code points; undefined if there is none. */
export function stringAfter(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0)!);
  while (points.length > 0) {
    const last = points.pop()!;
    // Surrogates by themselves are no characters: after U+D7FF comes U+E000.
    const next = last === 0xd7ff ? 0xe000 : last + 1;
    if (next <= 0x10ffff) return String.fromCodePoint(...points, next);
  }
  return undefined;
}

/** In order, overlapping ones as one. Adjacent ones stay apart: they are the points of different values. */
export function disjoint(ranges: ByteRange[]): ByteRange[] {
  if (ranges.length < 2) return ranges;
  ranges.sort((a, b) => compareBytes(a.low, b.low));
  const merged: ByteRange[] = [];
  for (const range of ranges) {
    const last = merged.at(-1);
    if (last !== undefined && compareBytes(range.low, last.high) < 0) {
      if (compareBytes(range.high, last.high) > 0) {
        merged[merged.length - 1] = { low: last.low, high: range.high };
      }
    } else {
      merged.push(range);
    }
  }
  return merged;
}

/** What meets both. */
export function intersect(a: Bounds, b: Bounds): Bounds {
  const ranges: ByteRange[] = [];
  let i = 0;
  let j = 0;
  while (i < a.ranges.length && j < b.ranges.length) {
    const left = a.ranges[i]!;
    const right = b.ranges[j]!;
    const low = compareBytes(left.low, right.low) > 0 ? left.low : right.low;
    const leftEndsFirst = compareBytes(left.high, right.high) < 0;
    const high = leftEndsFirst ? left.high : right.high;
    if (compareBytes(low, high) < 0) ranges.push({ low, high });
    if (leftEndsFirst) i += 1;
    else j += 1;
  }
  return { ranges, points: a.points || b.points, exact: a.exact && b.exact };
}

/** One part of a key and what follows it. */
export function joinBytes(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}
