// Values to bytes that sort under memcmp as `compareValues` sorts the values, and are equal exactly when they are:
// the keys of every index. One value: the rank of its type, then a body that no other body begins with.
import type { Code, Document, ObjectId, Timestamp } from 'bson';
import { brackets, millisecondsOf, regexParts, toBinary, typeBracket } from './compare.js';
import { plainFields } from './fields.js';
import {
  compareExact,
  digitsOf,
  type Finite,
  type NumericValue,
  nearestDouble,
  quickDouble,
  toExact,
} from './numbers.js';
import { type BsonType, typeOf } from './type-of.js';

/** Bytes of [low, high): from `low` on and below `high`. */
export type ByteRange = readonly [low: Uint8Array, high: Uint8Array];

/** The key of one tuple; a field of direction -1 has its bytes inverted. As many directions as values, or more. */
export function keyBytes(values: readonly unknown[], directions: readonly (1 | -1)[]): Uint8Array {
  const writer = new KeyWriter();
  for (const [index, value] of values.entries()) {
    const start = writer.length;
    writer.value(value);
    if (directions[index] === -1) writer.invertFrom(start);
  }
  return writer.finish();
}

/** What every key whose first fields have these values begins with; no other key does. */
export function keyPrefix(values: readonly unknown[], directions: readonly (1 | -1)[]): Uint8Array {
  return keyBytes(values, directions);
}

const ascending = [1] as const;

/** The key of an `_id`. */
export function idBytes(id: unknown): Uint8Array {
  return keyBytes([id], ascending);
}

/** Where the values of this value's type bracket lie in a field of that direction, after the fields before it. */
export function typeRange(value: unknown, direction: 1 | -1 = 1): ByteRange {
  const rank = typeBracket(value);
  const low = direction === 1 ? rank : 255 - rank;
  return [Uint8Array.of(low), Uint8Array.of(low + 1)];
}

/** The least bytes above everything that begins with `prefix`. No key has only 255 bytes, so there always are such. */
export function successor(prefix: Uint8Array): Uint8Array {
  let end = prefix.length;
  while (end > 0 && prefix[end - 1] === 255) end -= 1;
  if (end === 0) throw new RangeError('nothing is above a prefix of bytes 255');
  const next = prefix.slice(0, end);
  next[end - 1]! += 1;
  return next;
}

// After the nearest double: is the number below, at, or above it?
const below = 1;
const exact = 2;
const above = 3;

const encoder = new TextEncoder();

// Every key begins in the same bytes: they are written in one go, so that no two keys are under way at once.
const scratch = new Uint8Array(512);
const scratchView = new DataView(scratch.buffer);

/** Grows as it is written to; `finish` copies out. */
class KeyWriter {
  #bytes = scratch;
  #view = scratchView;
  length = 0;

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.length);
  }

  invertFrom(start: number): void {
    for (let index = start; index < this.length; index += 1) this.#bytes[index]! ^= 255;
  }

  value(value: unknown): void {
    const type = typeOf(value);
    this.#byte(brackets[type]);
    this.#body(type, value);
  }

  #body(type: BsonType, value: unknown): void {
    switch (type) {
      case 'minKey':
      case 'maxKey':
      case 'null':
      case 'undefined':
        return;
      case 'int':
      case 'double':
      case 'long':
      case 'decimal':
        this.#number(value as NumericValue);
        return;
      case 'string':
      case 'symbol':
        this.#string(String(value));
        return;
      case 'object':
        this.#document(value as Document);
        return;
      case 'array':
        for (const item of value as unknown[]) this.value(item);
        this.#byte(0);
        return;
      case 'binData': {
        const { bytes, subtype } = toBinary(value);
        this.#uint32(bytes.length);
        this.#byte(subtype);
        this.#raw(bytes);
        return;
      }
      case 'objectId':
        this.#raw((value as ObjectId).id);
        return;
      case 'bool':
        this.#byte(value === true ? 1 : 0);
        return;
      case 'date':
        this.#milliseconds(millisecondsOf(value as Date));
        return;
      case 'timestamp':
        this.#uint32((value as Timestamp).high);
        this.#uint32((value as Timestamp).low);
        return;
      case 'regex': {
        const { pattern, options } = regexParts(value);
        this.#string(pattern);
        this.#string(options);
        return;
      }
      case 'javascript':
        this.#string((value as Code).code);
        return;
      case 'javascriptWithScope':
        this.#string((value as Code).code);
        this.#document((value as Code).scope ?? {});
        return;
    }
  }

  /** Per field type, name, value, in the order in which they are compared; 0 ends it, below every type. */
  #document(document: Document): void {
    const fields = plainFields(document);
    for (const name of Object.keys(fields)) {
      const value: unknown = fields[name];
      const type = typeOf(value);
      this.#byte(brackets[type]);
      this.#string(name);
      this.#body(type, value);
    }
    this.#byte(0);
  }

  #number(value: NumericValue): void {
    const quick = quickDouble(value);
    if (quick !== undefined) {
      this.#sortableDouble(quick);
      this.#byte(exact);
      return;
    }
    const rounded = nearestDouble(value);
    const number = toExact(value);
    if (typeof number === 'string') {
      this.#sortableDouble(rounded);
      this.#byte(exact);
      return;
    }
    // Finite decimals beyond the doubles belong above the largest one and below infinity.
    const near = Math.min(Math.max(rounded, -Number.MAX_VALUE), Number.MAX_VALUE);
    this.#sortableDouble(near);
    const side = compareExact(number, toExact(near));
    this.#byte(side === 0 ? exact : side < 0 ? below : above);
    if (side !== 0) this.#decimal(number);
  }

  /** -0 is 0, and NaN lies below -Infinity. */
  #sortableDouble(value: number): void {
    this.#reserve(8);
    if (Number.isNaN(value)) {
      this.#view.setBigUint64(this.length, 0n);
    } else {
      this.#view.setFloat64(this.length, value + 0);
      if (value < 0) {
        for (let index = 0; index < 8; index += 1) this.#bytes[this.length + index]! ^= 255;
      } else {
        this.#bytes[this.length]! ^= 128;
      }
    }
    this.length += 8;
  }

  /** Order of magnitude, then digits in pairs without trailing zeros; all inverted for a negative number. Not 0. */
  #decimal({ coefficient, exponent }: Finite): void {
    const start = this.length;
    const written = digitsOf(coefficient);
    let end = written.length;
    while (written[end - 1] === '0') end -= 1;
    const digits = written.slice(0, end);
    const order = written.length + exponent + 0x8000;
    this.#byte(order >> 8);
    this.#byte(order & 255);
    for (let index = 0; index < digits.length; index += 2) {
      this.#byte(Number(digits.slice(index, index + 2).padEnd(2, '0')) + 1);
    }
    this.#byte(0);
    if (coefficient < 0n) this.invertFrom(start);
  }

  /** A signed integer of 64 bits, from a number that is exact in a double. */
  #milliseconds(value: number): void {
    const high = Math.floor(value / 2 ** 32);
    this.#uint32(high + 2 ** 31);
    this.#uint32(value - high * 2 ** 32);
  }

  /** UTF-8, ended by 0; bytes 0 and 1 become 1 1 and 1 2, so that the end sorts below them. */
  #string(text: string): void {
    this.#reserve(text.length * 3 + 1);
    const { written } = encoder.encodeInto(text, this.#bytes.subarray(this.length));
    const start = this.length;
    this.length += written;
    for (let index = start; index < this.length; index += 1) {
      if (this.#bytes[index]! <= 1) {
        this.#escapeFrom(index);
        break;
      }
    }
    this.#byte(0);
  }

  #escapeFrom(start: number): void {
    const rest = this.#bytes.slice(start, this.length);
    this.length = start;
    for (const byte of rest) {
      if (byte <= 1) {
        this.#byte(1);
        this.#byte(byte + 1);
      } else {
        this.#byte(byte);
      }
    }
  }

  #raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  #uint32(value: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.length, value);
    this.length += 4;
  }

  #byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.length] = value;
    this.length += 1;
  }

  #reserve(count: number): void {
    if (this.length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.length + count));
    grown.set(this.#bytes.subarray(0, this.length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
