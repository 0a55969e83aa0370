// $lookup: documents of another collection by equality of two fields, by a pipeline, or by both.
import type { Document } from 'bson';
import { isDocument, plainFields } from '../bson/fields.js';
import { CommandError, unsupported } from '../errors.js';
import { isScalar } from '../plan/bounds.js';
import { compileIndex, valueBytes } from '../plan/index-keys.js';
import { compileFilter } from '../query/filter.js';
import { compileExpression, pathParts, valueAtPath } from './expression.js';
import { variableName } from './logic.js';
import { namedArguments } from './operands.js';
import { equalityKey } from './order.js';
import { withValueAt } from './reshape.js';
import { type Place, type Scope, withVariables } from './scope.js';

export type Collections = (name: string) => readonly Document[];

/** Runs a nested pipeline on documents, with the variables of the scope. */
export type RunNested = (
  documents: readonly Document[],
  scope: Scope,
  collections: Collections,
) => Document[];
export type CompileNested = (pipeline: unknown, place: Place) => RunNested;

export interface Lookup {
  readonly from: string;
  run(scopes: readonly Scope[], collections: Collections): Document[];
}

export function compileLookup(specification: unknown, place: Place, compileNested: CompileNested): Lookup {
  const given = namedArguments(
    specification,
    '$lookup',
    ['from', 'as'],
    ['localField', 'foreignField', 'let', 'pipeline'],
  );
  const text = (key: string): string => {
    const value = given.get(key);
    if (typeof value !== 'string')
      throw new CommandError('FailedToParse', `$lookup argument '${key}' must be a string`);
    return value;
  };
  const from = text('from');
  const as = pathParts(text('as'));
  const byFields = given.has('localField') || given.has('foreignField');
  if (!byFields && !given.has('pipeline')) {
    throw new CommandError(
      'FailedToParse',
      '$lookup requires either pipeline or both localField and foreignField',
    );
  }
  const join = byFields ? equalityJoin(pathParts(text('localField')), text('foreignField')) : undefined;
  const bindings = Object.entries(letOf(given.get('let'))).map(
    ([name, value]) => [variableName(name), compileExpression(value, place)] as const,
  );
  const nested = given.has('pipeline')
    ? compileNested(given.get('pipeline'), {
        depth: place.depth + 1,
        names: new Set([...place.names, ...bindings.map(([name]) => name)]),
      })
    : undefined;

  return {
    from,
    run(scopes, collections) {
      const foreign = collections(from);
      const joined = join?.(foreign);
      return scopes.map((scope) => {
        const candidates = joined === undefined ? foreign : joined(scope.root);
        const inner = withVariables(
          scope,
          bindings.map(([name, value]) => [name, value(scope)] as const),
        );
        const found = nested === undefined ? [...candidates] : nested(candidates, inner, collections);
        return withValueAt(scope.root, as, found, scope);
      });
    },
  };
}

function letOf(value: unknown): Document {
  if (value === undefined) return {};
  if (!isDocument(value)) throw new CommandError('FailedToParse', "$lookup argument 'let' must be an object");
  return plainFields(value);
}

/** The foreign documents for a local one. Equal local values ask once. A missing local value is null. */
function equalityJoin(local: readonly string[], foreignField: string) {
  if (foreignField.startsWith('$'))
    throw new CommandError('BadValue', '$lookup: foreignField must be a field name');
  if (local.some((part) => /^\d+$/.test(part)))
    throw unsupported('$lookup with an array position in localField');
  return (foreign: readonly Document[]) => {
    const memo = new Map<string, readonly Document[]>();
    let byValue: ((value: unknown) => readonly Document[]) | undefined;
    return (document: Document): readonly Document[] => {
      const value = valueAtPath(document, local) ?? null;
      const key = equalityKey(value);
      let found = memo.get(key);
      if (found === undefined) {
        const wanted: readonly unknown[] = Array.isArray(value) ? value : [value];
        // $eq and not $in: a regular expression in the data is a value here, not a pattern.
        const filters = wanted.map((each) => compileFilter({ [foreignField]: { $eq: each } }));
        if (isScalar(value)) byValue ??= indexed(foreign, foreignField);
        const candidates = isScalar(value) && byValue !== undefined ? byValue(value) : foreign;
        found = candidates.filter((candidate) => filters.some((filter) => filter.matches(candidate)));
        memo.set(key, found);
      }
      return found;
    };
  };
}

/** Finds the documents in which a field may have a value, as an index on it would: all of them, perhaps with others. */
function indexed(documents: readonly Document[], field: string): (value: unknown) => readonly Document[] {
  // An index knows no positions in arrays.
  if (field.split('.').some((part) => /^\d+$/.test(part))) return () => documents;
  const { keys } = compileIndex({ name: '', key: [[field, 1]], unique: false, sparse: false });
  const found = new Map<string, Document[]>();
  for (const document of documents) {
    for (const key of keys(document)) {
      const text = textOf(key);
      const list = found.get(text);
      if (list === undefined) found.set(text, [document]);
      else list.push(document);
    }
  }
  return (value) => found.get(textOf(valueBytes(value, 1))) ?? [];
}

const textOf = (key: Uint8Array): string => Buffer.from(key).toString('latin1');
