// Values on their way between the caller and the store: documents in as bytes or in canonical form, results out
// promoted as the driver's options say. BSON is read with the mongodb driver's own copy of the library: a value read
// with ours would be no instance of the classes that mongoose and the caller know.
import type { DeserializeOptions, Document } from 'bson';
import { BSON, MongoInvalidArgumentError } from 'mongodb';
import { canonical, canonicalIfPlain, decode, encode } from '../bson/codec.js';
import type { Bytes } from '../store.js';
import { toDriverError } from './errors-out.js';

/** The options of a call, as the caller gave them. */
export type Options = Readonly<Record<string, unknown>>;

/** How documents are written and read: the driver's BSON options, resolved from client, database, collection, call. */
export interface BsonOptions {
  readonly ignoreUndefined: boolean;
  /** Results stay bytes. */
  readonly raw: boolean;
  readonly decoding: DeserializeOptions;
}

export const bsonDefaults: BsonOptions = { ignoreUndefined: false, raw: false, decoding: {} };

const decodingNames = [
  'promoteValues',
  'promoteLongs',
  'promoteBuffers',
  'useBigInt64',
  'bsonRegExp',
  'fieldsAsRaw',
] as const;

/** The BSON options of a call: its own, else those it inherits. */
export function bsonOptionsOf(options: Options | null | undefined, inherited: BsonOptions): BsonOptions {
  if (options === undefined || options === null) return inherited;
  let result: BsonOptions | undefined;
  const ignoreUndefined = options['ignoreUndefined'];
  const raw = options['raw'];
  if (typeof ignoreUndefined === 'boolean') result = { ...inherited, ignoreUndefined };
  if (typeof raw === 'boolean') result = { ...(result ?? inherited), raw };
  for (const name of decodingNames) {
    const value = options[name];
    if (value === undefined || value === null) continue;
    result = { ...(result ?? inherited), decoding: { ...(result ?? inherited).decoding, [name]: value } };
  }
  if (options['enableUtf8Validation'] === false) {
    const base = result ?? inherited;
    result = { ...base, decoding: { ...base.decoding, validation: { utf8: false } } };
  }
  return result ?? inherited;
}

/** A stored document as the caller wants it. */
export function toResult(bytes: Bytes, bson: BsonOptions): Document {
  return bson.raw ? Buffer.from(bytes) : BSON.deserialize(bytes, bson.decoding);
}

/** A value in canonical form as the driver's defaults (or `decoding`) promote it. */
export function promoted(value: unknown, decoding: DeserializeOptions = {}): unknown {
  if (typeof value === 'string') return value;
  return BSON.deserialize(BSON.serialize({ value }), decoding)['value'];
}

/** A document to be inserted; decoded, too, if it is of JSON values and a transaction needs it so. */
interface Inserted {
  readonly document: Bytes;
  readonly decoded?: Document;
}

/**
 * A document to insert.
 *
 * @throws {MongoServerError} `BSONObjectTooLarge`; `BadValue` if it holds a function, which BSON would drop.
 */
export function toInserted(document: Document, bson: BsonOptions, isBuffered: boolean): Inserted {
  if (document === null || typeof document !== 'object' || Array.isArray(document)) {
    throw new MongoInvalidArgumentError('Document must be a valid JavaScript object');
  }
  try {
    // Encoded first: a cycle ends here with an error and not in the walk.
    const ordered = idFirst(document);
    const bytes = bson.ignoreUndefined ? encode(withoutUndefined(ordered)) : encode(ordered);
    const decoded = isBuffered ? canonicalIfPlain(ordered) : undefined;
    if (decoded !== undefined) return { document: bytes, decoded };
    // canonical() names the place; it is not asked for the bytes, which would cost twice as much.
    if (holdsFunction(document)) canonical(document);
    return { document: bytes };
  } catch (error) {
    throw toDriverError(error);
  }
}

/**
 * A filter, update or other part of a command in canonical form.
 *
 * @throws {MongoServerError} `BadValue` if it holds a function.
 */
export function toCanonical(document: unknown, bson: BsonOptions, what: string): Document {
  if (document === null || typeof document !== 'object' || Array.isArray(document)) {
    throw new MongoInvalidArgumentError(`${what} must be a valid JavaScript object`);
  }
  try {
    if (!bson.ignoreUndefined) return canonical(document);
    if (holdsFunction(document)) canonical(document);
    return withoutUndefined(document);
  } catch (error) {
    throw toDriverError(error);
  }
}

/** An `_id` that was added last moves to the front here, which spares the writer a second encoding. */
function idFirst(document: Document): Document {
  for (const first in document) {
    if (first === '_id' || Object.getPrototypeOf(document) !== Object.prototype) return document;
    break;
  }
  return { _id: document['_id'], ...document };
}

function withoutUndefined(document: Document): Document {
  return decode(BSON.serialize(document, { ignoreUndefined: true }));
}

function holdsFunction(value: unknown): boolean {
  if (typeof value === 'function') return true;
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) {
    for (const item of value) {
      if (holdsFunction(item)) return true;
    }
    return false;
  }
  const prototype = Object.getPrototypeOf(value);
  // BSON values, dates and whatever encodes itself hold nothing of the caller's.
  if (prototype !== Object.prototype && prototype !== null) return false;
  for (const key in value) {
    if (holdsFunction((value as Record<string, unknown>)[key])) return true;
  }
  return false;
}

type Direction = 1 | -1 | Document;

function toDirection(direction: unknown): Direction {
  if (typeof direction === 'object' && direction !== null && '$meta' in direction) return direction;
  switch (String(direction ?? 1).toLowerCase()) {
    case '1':
    case 'asc':
    case 'ascending':
      return 1;
    case '-1':
    case 'desc':
    case 'descending':
      return -1;
    default:
      throw new MongoInvalidArgumentError(`Invalid sort direction: ${JSON.stringify(direction)}`);
  }
}

/** A sort in any of the driver's notations as `[path, direction]` pairs; undefined if there is none. */
export function toSort(sort: unknown, direction?: unknown): Document | undefined {
  if (sort === undefined || sort === null) return undefined;
  const pairs: [string, Direction][] = [];
  if (typeof sort === 'string') {
    pairs.push([sort, toDirection(direction)]);
  } else if (Array.isArray(sort)) {
    if (sort.length === 2 && typeof sort[0] === 'string' && !Array.isArray(sort[1]) && isDirection(sort[1])) {
      pairs.push([sort[0], toDirection(sort[1])]);
    } else {
      for (const item of sort) {
        if (Array.isArray(item)) pairs.push([String(item[0]), toDirection(item[1])]);
        else pairs.push([String(item), toDirection(direction)]);
      }
    }
  } else if (sort instanceof Map) {
    for (const [path, value] of sort) pairs.push([String(path), toDirection(value)]);
  } else if (typeof sort === 'object') {
    for (const [path, value] of Object.entries(sort)) pairs.push([path, toDirection(value)]);
  } else {
    throw new MongoInvalidArgumentError(`Invalid sort format: ${JSON.stringify(sort)}`);
  }
  return pairs.length === 0 ? undefined : canonical(Object.fromEntries(pairs));
}

function isDirection(value: unknown): boolean {
  return (
    value === 1 ||
    value === -1 ||
    (typeof value === 'string' && /^(1|-1|asc|desc|ascending|descending)$/i.test(value)) ||
    (typeof value === 'object' && value !== null)
  );
}

/** A hint: an index's name, or its key pattern in canonical form. */
export function toHint(hint: unknown): string | Document | undefined {
  if (hint === undefined || hint === null) return undefined;
  if (typeof hint === 'string') return hint;
  if (Array.isArray(hint)) return canonical(Object.fromEntries(hint.map((path) => [String(path), 1])));
  if (hint instanceof Map) return canonical(Object.fromEntries(hint));
  return canonical(hint as Document);
}
