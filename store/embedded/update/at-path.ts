// Reads and writes at one concrete path, by copying what lies on the way: the document given is never changed.
import type { Document } from 'bson';
import { isDocument, plainFields, setField } from '../bson/fields.js';
import { CommandError } from '../errors.js';
import { absent, type FieldContext, type FieldUpdate } from './field-update.js';
import { isPosition, type Path } from './path.js';
import { sameValue } from './same-value.js';
import { showField } from './show.js';

/** Nulls that one update may put before a new array element, as in MongoDB. */
export const paddingMax = 1_500_000;

/** The value at a path, or `absent`. Positions count within arrays, as they do in updates. */
export function valueAt(document: Document, path: Path): unknown {
  let value: unknown = document;
  for (const part of path) {
    if (Array.isArray(value)) {
      if (!isPosition(part) || Number(part) >= value.length) return absent;
      value = value[Number(part)];
    } else if (isDocument(value)) {
      const fields = plainFields(value);
      if (!Object.hasOwn(fields, part)) return absent;
      value = fields[part];
    } else {
      return absent;
    }
  }
  return value;
}

/** The document after one field's update; the same reference if nothing changed. */
export function updateAt(
  document: Document,
  path: Path,
  update: FieldUpdate,
  context: FieldContext,
): Document {
  return step(document, path, 0, update, context) as Document;
}

function step(
  value: unknown,
  path: Path,
  depth: number,
  update: FieldUpdate,
  context: FieldContext,
): unknown {
  if (depth === path.length) {
    const next = update.next(value, context);
    return next === value || (next !== absent && sameValue(next, value)) ? value : next;
  }
  const part = path[depth]!;
  if (Array.isArray(value) && isPosition(part)) return stepInto(value, path, depth, update, context);
  if (!isDocument(value)) return blocked(value, path, depth, update, context);
  const fields = plainFields(value);
  if (!Object.hasOwn(fields, part)) {
    const created = create(path, depth + 1, update, context);
    return created === absent ? value : withField(fields, part, created);
  }
  const current: unknown = fields[part];
  const next = step(current, path, depth + 1, update, context);
  if (next === current) return value;
  return next === absent ? withoutField(fields, part) : withField(fields, part, next);
}

function stepInto(
  array: readonly unknown[],
  path: Path,
  depth: number,
  update: FieldUpdate,
  context: FieldContext,
): unknown {
  const position = Number(path[depth]);
  if (position < array.length) {
    const current = array[position];
    const stepped = step(current, path, depth + 1, update, context);
    // An element that goes leaves null in its place, so that the others keep their positions.
    const next = stepped === absent ? null : stepped;
    return next === current ? array : array.with(position, next);
  }
  const created = create(path, depth + 1, update, context);
  if (created === absent) return array;
  const padding = position - array.length;
  if (padding > paddingMax) {
    throw new CommandError(
      'CannotBackfillArray',
      `can't backfill more than ${paddingMax} elements of array '${path.slice(0, depth).join('.')}'`,
    );
  }
  return [...array, ...new Array<null>(padding).fill(null), created];
}

/** The value for a path of which the parts from `depth` on don't exist yet: documents, even for numeric parts. */
function create(path: Path, depth: number, update: FieldUpdate, context: FieldContext): unknown {
  const value = update.next(absent, context);
  if (value === absent) return absent;
  return path.slice(depth).reduceRight<unknown>((inner, part) => withField({}, part, inner), value);
}

function blocked(
  value: unknown,
  path: Path,
  depth: number,
  update: FieldUpdate,
  context: FieldContext,
): unknown {
  const part = path[depth]!;
  const element = showField(path[depth - 1] ?? '', value);
  if (update.blocked === 'fail' && update.next(absent, context) !== absent) {
    throw new CommandError('PathNotViable', `Cannot create field '${part}' in element ${element}`);
  }
  if (update.blocked === 'check') {
    throw new CommandError(
      'PathNotViable',
      `Cannot use the part (${part}) of (${path.join('.')}) to traverse the element (${element})`,
    );
  }
  return value;
}

function withField(document: Document, name: string, value: unknown): Document {
  const copy = { ...document };
  setField(copy, name, value);
  return copy;
}

function withoutField(document: Document, name: string): Document {
  const copy: Document = {};
  for (const key of Object.keys(document)) if (key !== name) setField(copy, key, document[key]);
  return copy;
}
