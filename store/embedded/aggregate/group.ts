// $group, $bucket and $sortByCount. Groups come in the order in which their first documents came.
import { type Document, Int32 } from 'bson';
import { isDocument, plainFields, setField } from '../bson/fields.js';
import { typeBracket } from '../bson/compare.js';
import { CommandError } from '../errors.js';
import { type Accumulate, compileAccumulator } from './accumulators.js';
import { compileExpression } from './expression.js';
import { namedArguments } from './operands.js';
import { compareOperands, equalityKey } from './order.js';
import type { Place, Scope } from './scope.js';

/** From scopes of documents to the documents of the next stage. */
export type ScopedStage = (scopes: readonly Scope[]) => Document[];

type Fields = readonly (readonly [field: string, accumulate: Accumulate])[];

export function compileGroup(specification: unknown, place: Place): ScopedStage {
  if (!isDocument(specification)) {
    throw new CommandError('FailedToParse', "a group's fields must be specified in an object");
  }
  const { _id: id, ...fields } = plainFields(specification);
  if (!Object.hasOwn(plainFields(specification), '_id')) {
    throw new CommandError('FailedToParse', 'a group specification must include an _id');
  }
  return grouping(compileExpression(id, place), compileFields(fields, place));
}

function compileFields(fields: Document, place: Place): Fields {
  return Object.entries(fields).map(
    ([field, value]) => [field, compileAccumulator(field, value, place)] as const,
  );
}

/** A missing key is null, as in MongoDB. */
function grouping(key: (scope: Scope) => unknown, fields: Fields): ScopedStage {
  return (scopes) => {
    const groups = new Map<string, { id: unknown; members: Scope[] }>();
    for (const scope of scopes) {
      const id = key(scope) ?? null;
      const text = equalityKey(id);
      const group = groups.get(text);
      if (group === undefined) groups.set(text, { id, members: [scope] });
      else group.members.push(scope);
    }
    return [...groups.values()].map(({ id, members }) => {
      const document: Document = { _id: id };
      for (const [field, accumulate] of fields) setField(document, field, accumulate(members));
      return document;
    });
  };
}

export function compileSortByCount(expression: unknown, place: Place): ScopedStage {
  const group = compileGroup({ _id: expression, count: { $sum: new Int32(1) } }, place);
  return (scopes) => group(scopes).sort((a, b) => compareOperands(b['count'], a['count']));
}

export function compileBucket(specification: unknown, place: Place): ScopedStage {
  const given = namedArguments(specification, '$bucket', ['groupBy', 'boundaries'], ['default', 'output']);
  const boundaries: unknown = given.get('boundaries');
  if (!Array.isArray(boundaries) || boundaries.length < 2) {
    throw new CommandError(
      'BadValue',
      "The $bucket 'boundaries' field must be an array of at least 2 values",
    );
  }
  for (const [index, boundary] of boundaries.entries()) {
    if (isDocument(boundary) || (typeof boundary === 'string' && boundary.startsWith('$'))) {
      throw new CommandError(
        'BadValue',
        "The $bucket 'boundaries' must be constant values that are no expressions",
      );
    }
    if (index === 0) continue;
    const before: unknown = boundaries[index - 1];
    if (typeBracket(before) !== typeBracket(boundary) || compareOperands(before, boundary) >= 0) {
      throw new CommandError(
        'BadValue',
        "The $bucket 'boundaries' must be of one type and in ascending order",
      );
    }
  }
  const otherwise: unknown = given.get('default');
  if (isDocument(otherwise) || (typeof otherwise === 'string' && otherwise.startsWith('$'))) {
    throw new CommandError(
      'BadValue',
      "The $bucket 'default' must be a constant value that is no expression",
    );
  }
  const hasDefault = given.has('default');
  const [least, most]: unknown[] = [boundaries[0], boundaries.at(-1)];
  if (hasDefault && compareOperands(otherwise, least) >= 0 && compareOperands(otherwise, most) < 0) {
    throw new CommandError(
      'BadValue',
      "The $bucket 'default' must be less than the lowest boundary or at least the highest",
    );
  }
  const output = given.get('output') ?? { count: { $sum: new Int32(1) } };
  if (!isDocument(output)) throw new CommandError('BadValue', "The $bucket 'output' field must be an object");
  const groupBy = compileExpression(given.get('groupBy'), place);
  const group = grouping(
    (scope) => {
      const value = groupBy(scope);
      const above = boundaries.findIndex((boundary) => compareOperands(value, boundary) < 0);
      if (above > 0) return boundaries[above - 1] as unknown;
      if (hasDefault) return otherwise;
      throw new CommandError(
        'BadValue',
        '$bucket could not find a matching branch for an input, and no default was specified.',
      );
    },
    compileFields(plainFields(output), place),
  );
  return (scopes) => group(scopes).sort((a, b) => compareOperands(a['_id'], b['_id']));
}
