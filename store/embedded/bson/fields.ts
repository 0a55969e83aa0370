// Own fields of a document, and nothing it inherits. `{ $ref, $id }` counts as a document although bson decodes it
// to a DBRef.
import type { DBRef, Document } from 'bson';
import { typeOf } from './type-of.js';

/** True for sub-documents, not for arrays or values of other BSON types. */
export function isDocument(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && typeOf(value) === 'object';
}

/** The fields as plain data: for a DBRef its `$ref`, `$id`, `$db` and the rest. */
export function plainFields(document: Document): Document {
  if (Object.getPrototypeOf(document) === Object.prototype || !isReference(document)) return document;
  const fields: Document = { $ref: document.collection, $id: document.oid };
  if (document.db !== undefined) fields['$db'] = document.db;
  for (const key of Object.keys(document.fields)) setField(fields, key, document.fields[key]);
  return fields;
}

/** True for bson's DBRef, never for a document with a field of that name. */
export function isReference(value: unknown): value is DBRef {
  return (
    typeof value === 'object' &&
    value !== null &&
    (value as DBRef)._bsontype === 'DBRef' &&
    !Object.hasOwn(value, '_bsontype')
  );
}

/** The value of an own field, or `undefined` if there is none. */
export function fieldOf(document: Document, name: string): unknown {
  const fields = plainFields(document);
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/** Sets an own field, also one named `__proto__`. */
export function setField(document: Document, name: string, value: unknown): void {
  if (name === '__proto__') {
    Object.defineProperty(document, name, { value, writable: true, enumerable: true, configurable: true });
  } else {
    document[name] = value;
  }
}
