// $rename: a field moves to another path, replacing what is there.
import type { Document } from 'bson';
import { typeOf } from '../bson/type-of.js';
import { CommandError } from '../errors.js';
import { setOperator, unsetOperator } from './assign.js';
import { updateAt, valueAt } from './at-path.js';
import { absent, type FieldContext } from './field-update.js';
import { isPositional, type Path, parsePath } from './path.js';
import { showField, showId } from './show.js';

/** The target path. @throws {CommandError} `BadValue` if a path is dynamic, no string, or equal to the source. */
export function parseRename(source: string, target: unknown): { from: Path; to: Path } {
  if (typeof target !== 'string') {
    throw new CommandError(
      'BadValue',
      `The 'to' field for $rename must be a string: ${source}: ${typeOf(target)}`,
    );
  }
  const from = parsePath(source);
  const to = parsePath(target);
  if (source === target) {
    throw new CommandError(
      'BadValue',
      `The source and target field for $rename must differ: ${source}: "${target}"`,
    );
  }
  if (from.some(isPositional)) {
    throw new CommandError('BadValue', `The source field for $rename may not be dynamic: ${source}`);
  }
  if (to.some(isPositional)) {
    throw new CommandError('BadValue', `The destination field for $rename may not be dynamic: ${target}`);
  }
  return { from, to };
}

export function renameAt(document: Document, from: Path, to: Path, context: FieldContext): Document {
  refuseArrayElement('source', document, from, context);
  const value = valueAt(document, from);
  if (value === absent) return document;
  refuseArrayElement('destination', document, to, context);
  const without = updateAt(document, from, unsetOperator(null, ''), context);
  return updateAt(without, to, setOperator(value, ''), context);
}

function refuseArrayElement(
  end: 'source' | 'destination',
  document: Document,
  path: Path,
  context: FieldContext,
): void {
  for (let length = 1; length < path.length; length += 1) {
    const value = valueAt(document, path.slice(0, length));
    if (Array.isArray(value)) {
      throw new CommandError(
        'BadValue',
        `The ${end} field cannot be an array element, '${path.join('.')}' in doc with ${showId(context.document)} has an array field called '${path[length - 1]}'`,
      );
    }
    if (value !== absent && end === 'source' && typeOf(value) !== 'object') {
      throw new CommandError(
        'PathNotViable',
        `cannot use the part (${path[length]}) of (${path.join('.')}) to traverse the element (${showField(path[length - 1]!, value)})`,
      );
    }
  }
}
