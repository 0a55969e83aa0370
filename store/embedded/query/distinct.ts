// What `distinct` collects from one document: the values at a path, arrays taken apart once.
import type { Document } from 'bson';
import { fieldOf, isDocument } from '../bson/fields.js';
import { arrayIndexOf, type Path, parsePath } from './path.js';

/** The values in document order, with duplicates; a missing field or an empty array gives none. */
export function distinctValues(field: string, document: Document): unknown[] {
  const found: unknown[] = [];
  collect(document, parsePath(field), 0, found);
  return found;
}

function collect(container: unknown, path: Path, depth: number, found: unknown[]): void {
  const name = path[depth]!;
  const value = memberOf(container, name);
  if (value === undefined) return;
  if (depth + 1 === path.length) {
    if (Array.isArray(value)) for (const item of value as unknown[]) found.push(item);
    else found.push(value);
  } else if (Array.isArray(value) && arrayIndexOf(path[depth + 1]!) === -1) {
    for (const item of value as unknown[]) collect(item, path, depth + 1, found);
  } else {
    collect(value, path, depth + 1, found);
  }
}

/** A field of a document or an element of an array. */
function memberOf(container: unknown, name: string): unknown {
  if (Array.isArray(container)) return (container as unknown[])[arrayIndexOf(name)];
  return isDocument(container) ? fieldOf(container, name) : undefined;
}
