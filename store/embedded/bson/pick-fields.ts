// Some of a document's top-level fields, cut from its bytes without decoding the others.
import { Buffer } from 'node:buffer';

/** A document of only these fields, as far as it has them, in its own order; the bytes are well-formed BSON. */
export function pickFields(bytes: Uint8Array, fields: ReadonlySet<string>): Uint8Array {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const picked = Buffer.allocUnsafe(bytes.length);
  let length = 4;
  for (let at = 4; source[at] !== 0; ) {
    const nameEnd = source.indexOf(0, at + 1);
    const end = endOfValue(source, source[at]!, nameEnd + 1);
    if (fields.has(source.toString('utf8', at + 1, nameEnd))) length += source.copy(picked, length, at, end);
    at = end;
  }
  picked[length] = 0;
  length += 1;
  picked.writeInt32LE(length, 0);
  return picked.subarray(0, length);
}

/** Bytes of the values of types that always have as many (https://bsonspec.org/spec.html). */
const fixed: Readonly<Record<number, number>> = {
  1: 8, // double
  6: 0, // undefined
  7: 12, // ObjectId
  8: 1, // boolean
  9: 8, // date
  10: 0, // null
  16: 4, // int32
  17: 8, // timestamp
  18: 8, // int64
  19: 16, // decimal128
  127: 0, // max key
  255: 0, // min key
};

function endOfValue(source: Buffer, type: number, start: number): number {
  const size = fixed[type];
  if (size !== undefined) return start + size;
  switch (type) {
    case 0x02: // string
    case 0x0d: // code
    case 0x0e: // symbol
      return start + 4 + source.readInt32LE(start);
    case 0x03: // document
    case 0x04: // array
    case 0x0f: // code with scope
      return start + source.readInt32LE(start);
    case 0x05: // binary
      return start + 5 + source.readInt32LE(start);
    case 0x0b: // regular expression
      return source.indexOf(0, source.indexOf(0, start) + 1) + 1;
    case 0x0c: // DBPointer
      return start + 4 + source.readInt32LE(start) + 12;
    default:
      throw new TypeError(`not a BSON type: ${type}`);
  }
}
