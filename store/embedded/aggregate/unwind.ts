// $unwind: one document for each element of an array.
import { type Document, Long } from 'bson';
import { fieldOf, isDocument } from '../bson/fields.js';
import { CommandError } from '../errors.js';
import { compileUnset, withValueAt } from './reshape.js';
import { pathParts } from './expression.js';
import { namedArguments } from './operands.js';
import { arrayElementsMax, type Scope } from './scope.js';

export function compileUnwind(specification: unknown): (scopes: readonly Scope[]) => Document[] {
  const given =
    typeof specification === 'string'
      ? new Map<string, unknown>([['path', specification]])
      : namedArguments(
          specification,
          '$unwind',
          ['path'],
          ['includeArrayIndex', 'preserveNullAndEmptyArrays'],
        );
  const path = given.get('path');
  const indexField = given.get('includeArrayIndex');
  const preserve = given.get('preserveNullAndEmptyArrays') ?? false;
  if (typeof path !== 'string' || !path.startsWith('$')) {
    throw new CommandError('BadValue', "path option to $unwind stage should be prefixed with a '$'");
  }
  if (typeof preserve !== 'boolean') {
    throw new CommandError(
      'BadValue',
      'expected a boolean for the preserveNullAndEmptyArrays option to $unwind stage',
    );
  }
  if (
    indexField !== undefined &&
    (typeof indexField !== 'string' || indexField === '' || indexField.startsWith('$'))
  ) {
    throw new CommandError('BadValue', 'includeArrayIndex option to $unwind stage must be a field name');
  }
  const parts = pathParts(path.slice(1));
  const indexParts = indexField === undefined ? undefined : pathParts(indexField);
  const drop = compileUnset(path.slice(1));

  return (scopes) => {
    const documents: Document[] = [];
    for (const scope of scopes) {
      const emit = (document: Document, index: Long | null): void => {
        if (documents.length === arrayElementsMax) {
          throw new CommandError('BadValue', `$unwind makes more than ${arrayElementsMax} documents`);
        }
        documents.push(indexParts === undefined ? document : withValueAt(document, indexParts, index, scope));
      };
      const value = nested(scope.root, parts);
      if (Array.isArray(value)) {
        for (const [index, item] of value.entries()) {
          emit(withValueAt(scope.root, parts, item, scope), Long.fromNumber(index));
        }
        if (value.length === 0 && preserve) emit(drop(scope), null);
      } else if (value !== undefined && value !== null) {
        emit(scope.root, null);
      } else if (preserve) {
        emit(scope.root, null);
      }
    }
    return documents;
  };
}

/** The value at a path through sub-documents only: `$unwind` doesn't look into arrays on the way. */
function nested(document: Document, parts: readonly string[]): unknown {
  return parts.reduce<unknown>(
    (value, part) => (isDocument(value) ? fieldOf(value, part) : undefined),
    document,
  );
}
