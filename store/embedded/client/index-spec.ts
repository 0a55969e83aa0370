// Index definitions: the driver's many notations in, the store's one, and the server's document out.
import type { Document } from 'bson';
import { MongoInvalidArgumentError } from 'mongodb';
import { canonical } from '../bson/codec.js';
import { unsupported } from '../errors.js';
import type { IndexSpec } from '../store.js';
import { toDriverError } from './errors-out.js';
import type { Options } from './values.js';
import { promoted } from './values.js';

type Key = IndexSpec['key'];

/** The key of an index, in order. @throws {MongoServerError} `CommandNotSupported` for text, geo, hashed, wildcard. */
export function toIndexKey(key: unknown): Key {
  const parts = Array.isArray(key) && !(key.length === 2 && isDirection(key[1])) ? key : [key];
  const pairs: [string, 1 | -1][] = [];
  for (const part of parts) {
    if (typeof part === 'string') pairs.push([part, 1]);
    else if (Array.isArray(part)) pairs.push([String(part[0]), toDirection(part[0], part[1] ?? 1)]);
    else if (part instanceof Map)
      for (const [path, value] of part) pairs.push([path, toDirection(path, value)]);
    else if (part !== null && typeof part === 'object') {
      for (const [path, value] of Object.entries(part)) pairs.push([path, toDirection(path, value)]);
    }
  }
  if (pairs.length === 0) throw new MongoInvalidArgumentError('Index keys cannot be empty');
  return pairs;
}

function isDirection(value: unknown): boolean {
  return (
    typeof value === 'number' ||
    (typeof value === 'string' && ['2d', '2dsphere', 'text', 'hashed'].includes(value))
  );
}

function toDirection(path: string, value: unknown): 1 | -1 {
  if (path === '$**' || path.endsWith('.$**')) throw toDriverError(unsupported('wildcard indexes'));
  const number = Number(value);
  if (typeof value === 'string' && Number.isNaN(number)) {
    throw toDriverError(unsupported(`indexes of type "${value}"`));
  }
  if (Number.isNaN(number) || number === 0) {
    throw new MongoInvalidArgumentError(`Invalid direction of the index on "${path}"`);
  }
  return number > 0 ? 1 : -1;
}

/** The store's definition for a key and options that have been checked. */
export function toIndexSpec(key: unknown, options: Options): IndexSpec {
  const pairs = toIndexKey(key);
  const { name, unique, sparse, partialFilterExpression: partial } = options;
  return {
    name: typeof name === 'string' ? name : toIndexName(pairs),
    key: pairs,
    unique: unique === true,
    sparse: sparse === true,
    ...(partial === undefined || partial === null ? {} : { partial: canonical(partial as Document) }),
  };
}

function toIndexName(pairs: Key): string {
  return pairs.length === 1 && pairs[0]?.[0] === '_id' ? '_id_' : pairs.flat().join('_');
}

/** The document in which a server lists the index. */
export function toIndexDocument({ name, key, unique, sparse, partial }: IndexSpec): Document {
  return {
    v: 2,
    key: Object.fromEntries(key),
    name,
    // The index on _id is unique without saying so.
    ...(unique && name !== '_id_' ? { unique: true } : {}),
    ...(sparse ? { sparse: true } : {}),
    ...(partial === undefined ? {} : { partialFilterExpression: promoted(partial) as Document }),
  };
}
