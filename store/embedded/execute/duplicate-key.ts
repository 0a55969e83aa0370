// The error of a unique index, with MongoDB's code, text and details.
import { Binary, ObjectId } from 'bson';
import type { Document } from '../bson/codec.js';
import { isDocument } from '../bson/fields.js';
import { CommandError } from '../errors.js';
import type { IndexSpec, Namespace } from '../store.js';

export function duplicateId(ns: Namespace, document: Document): CommandError {
  return duplicateKey(ns, '_id_', [['_id', document['_id']]], { _id: 1 });
}

export function duplicateKeyOf(ns: Namespace, { name, key }: IndexSpec, document: Document): CommandError {
  const values = key.map(([path]) => [path, valueAt(document, path.split('.'))] as const);
  return duplicateKey(ns, name, values, Object.fromEntries(key));
}

function duplicateKey(
  ns: Namespace,
  indexName: string,
  values: readonly (readonly [path: string, value: unknown])[],
  keyPattern: Document,
): CommandError {
  const shown = values.map(([path, value]) => `${path}: ${showValue(value)}`).join(', ');
  return new CommandError(
    'DuplicateKey',
    `E11000 duplicate key error collection: ${ns} index: ${indexName} dup key: { ${shown} }`,
    { details: { keyPattern, keyValue: Object.fromEntries(values) } },
  );
}

/** The value at a path, null where there is none; of an array its first stands for it. */
function valueAt(value: unknown, path: readonly string[]): unknown {
  if (Array.isArray(value)) return valueAt(value[0], path);
  const [name, ...rest] = path;
  if (name === undefined) return value ?? null;
  if (!isDocument(value) || !Object.hasOwn(value, name)) return null;
  return valueAt(value[name], rest);
}

/** Characters of a value that the error's text shows; its details hold the whole value. */
const shownLengthMax = 1024;

function showValue(value: unknown): string {
  const text = toText(value);
  return text.length > shownLengthMax ? `${text.slice(0, shownLengthMax)}...` : text;
}

function toText(value: unknown): string {
  if (value instanceof ObjectId) return `ObjectId('${value.toHexString()}')`;
  if (value instanceof Binary) return `BinData(${value.sub_type}, ${value.toString('base64')})`;
  if (value instanceof Date) return `new Date(${value.getTime()})`;
  const typed = value as { toString(): string; _bsontype?: string } | null | undefined;
  return typed?._bsontype === undefined ? JSON.stringify(value ?? null) : typed.toString();
}
