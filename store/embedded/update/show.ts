// Values as MongoDB's messages show them, cut where they get long.
import type { Document } from 'bson';
import { isDocument, plainFields } from '../bson/fields.js';
import { typeOf } from '../bson/type-of.js';

const shownCharactersMax = 200;

/** `{ a: 1, b: "x" }`, cut at 200 characters. */
export function show(value: unknown): string {
  const text = render(value, 0);
  return text.length > shownCharactersMax ? `${text.slice(0, shownCharactersMax)}…` : text;
}

/** `{a: 1}`, as MongoDB shows one field of a document. */
export function showField(name: string, value: unknown): string {
  return `{${name}: ${show(value)}}`;
}

/** `{_id: 1}` of the document, to say which one it was. */
export function showId(document: Document): string {
  return Object.hasOwn(document, '_id') ? showField('_id', document['_id']) : '{no id}';
}

function render(value: unknown, depth: number): string {
  if (depth > 3) return '…';
  if (Array.isArray(value)) {
    const items = value.slice(0, 20).map((item) => render(item, depth + 1));
    return items.length === 0 ? '[]' : `[ ${items.join(', ')} ]`;
  }
  if (isDocument(value)) {
    const fields = Object.entries(plainFields(value)).slice(0, 20);
    if (fields.length === 0) return '{}';
    return `{ ${fields.map(([name, item]) => `${name}: ${render(item, depth + 1)}`).join(', ')} }`;
  }
  switch (typeOf(value)) {
    case 'string':
      return JSON.stringify(value);
    case 'objectId':
      return `ObjectId('${String(value)}')`;
    case 'date':
      return `new Date(${(value as Date).getTime()})`;
    case 'decimal':
      return `NumberDecimal("${String(value)}")`;
    case 'int':
    case 'long':
    case 'double':
    case 'bool':
    case 'null':
    case 'undefined':
      return String(value);
    default:
      return typeOf(value);
  }
}
