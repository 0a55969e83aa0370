// BSON bytes to values and back. Inside the store a document is always in canonical form: decoded with every
// BSON type kept (Int32, Double, Long, Decimal128, BSONRegExp are objects), so that nothing changes type by being read.
import { DBRef, deserialize, type Document, Double, Int32, serialize } from 'bson';
import { CommandError } from '../errors.js';
import { isDocument, plainFields } from './fields.js';

/** Largest document in bytes, as in MongoDB. */
export const documentBytesMax = 16 * 1024 * 1024;

const canonicalOptions = {
  promoteValues: false,
  promoteBuffers: false,
  bsonRegExp: true,
} as const;

/** Deepest nesting, as in MongoDB's server (`maxBSONDepth`). */
export const depthMax = 200;

/** The canonical form of stored bytes. @throws {CommandError} `BadValue` for what is no BSON or nested out of reason. */
export function decode(bytes: Uint8Array): Document {
  const document = deserializeOrRefuse(bytes);
  // bson takes a whole document with `$ref` and `$id` for a reference, which it could then not encode again.
  return document instanceof DBRef ? plainFields(document) : document;
}

function deserializeOrRefuse(bytes: Uint8Array): Document {
  try {
    return deserialize(bytes, canonicalOptions);
  } catch (error) {
    // A RangeError is the stack's end: nested deeper than anything that could be stored.
    const reason = error instanceof RangeError ? `nested deeper than ${depthMax} levels` : String(error);
    throw new CommandError('BadValue', `not a BSON document: ${reason}`);
  }
}

/** @throws {CommandError} `Overflow` for a document that is nested too deep to be stored. */
export function refuseDeep(value: unknown, depth = 0): void {
  if (value === null || typeof value !== 'object') return;
  if (depth > depthMax) {
    throw new CommandError('Overflow', `the document is nested deeper than ${depthMax} levels`);
  }
  const items = Array.isArray(value) ? value : isDocument(value) ? Object.values(plainFields(value)) : [];
  for (const item of items) refuseDeep(item, depth + 1);
}

/** The bytes of a document; @throws {CommandError} `BSONObjectTooLarge`. */
export function encode(document: Document): Uint8Array {
  return sized(serialize(document, { ignoreUndefined: false }));
}

/** What a command or an answer may add to a document of the largest size, as in MongoDB (`BSONObjMaxInternalSize`). */
const envelopeBytesMax = 16 * 1024;

/** The bytes of what holds a document and what goes with it; @throws {CommandError} `BSONObjectTooLarge`. */
export function encodeEnvelope(envelope: Document): Uint8Array {
  return sized(serialize(envelope, { ignoreUndefined: false }), documentBytesMax + envelopeBytesMax);
}

/** The bytes of a document as they are; @throws {CommandError} `BSONObjectTooLarge`. */
export function sized(bytes: Uint8Array, bytesMax = documentBytesMax): Uint8Array {
  if (bytes.length > bytesMax) {
    throw new CommandError(
      'BSONObjectTooLarge',
      `document of ${bytes.length} bytes is larger than ${bytesMax}`,
    );
  }
  return bytes;
}

/**
 * A caller's filter, update or document in canonical form: a deep copy in which mongoose values, JS numbers and
 * regular expressions have become BSON values.
 *
 * @throws {CommandError} `BadValue` if it holds a function: BSON would drop it without a word, and a filter
 *   without its condition matches everything.
 */
export function canonical(document: Document): Document {
  const plain = canonicalIfPlain(document);
  if (plain !== undefined) return plain;
  refuseFunctions(document, '');
  return decode(serialize(document, { ignoreUndefined: false }));
}

/** The canonical form of a document of JSON values; undefined for one that takes BSON to know it. */
export const canonicalIfPlain = (document: Document): Document | undefined =>
  plainCanonical(document) as Document | undefined;

const int32Min = -(2 ** 31);
const int32Max = 2 ** 31 - 1;

/** The canonical form of JSON values as encoding and decoding would give it; undefined for what it takes BSON to know. */
function plainCanonical(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
      // UTF-8 has no lone surrogates.
      return value.isWellFormed() ? value : undefined;
    case 'boolean':
      return value;
    case 'number':
      return Number.isInteger(value) && value >= int32Min && value <= int32Max && !Object.is(value, -0)
        ? new Int32(value)
        : new Double(value);
    case 'object': {
      if (value === null) return null;
      if (Object.getPrototypeOf(value) !== Object.prototype) return undefined;
      const copy: Document = {};
      for (const name of Object.keys(value)) {
        // A reference, a prototype, or no name at all.
        if (name === '$ref' || name === '__proto__' || name.includes('\0') || !name.isWellFormed())
          return undefined;
        const member = plainCanonical((value as Document)[name]);
        if (member === undefined) return undefined;
        copy[name] = member;
      }
      return copy;
    }
    default:
      return undefined;
  }
}

function refuseFunctions(value: unknown, path: string): void {
  if (typeof value === 'function') {
    throw new CommandError('BadValue', `functions are not supported (at "${path}")`);
  }
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) refuseFunctions(item, `${path}.${index}`);
  } else if (
    value !== null &&
    typeof value === 'object' &&
    Object.getPrototypeOf(value) === Object.prototype
  ) {
    for (const [key, item] of Object.entries(value)) {
      refuseFunctions(item, path === '' ? key : `${path}.${key}`);
    }
  }
}

export type { Document };
