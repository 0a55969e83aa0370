// What an index is, as the caller defines it: checked, named, and compared with the indexes that are there. Kinds and
// options that the store doesn't have are refused by name.
import { BSONRegExp, type Document } from 'bson';
import { canonical } from '../bson/codec.js';
import { equalValues } from '../bson/compare.js';
import { isDocument } from '../bson/fields.js';
import { typeOf } from '../bson/type-of.js';
import { CommandError, unsupported } from '../errors.js';
import type { Directions, IndexSpec } from '../store.js';

/** Fields of one index, as in MongoDB. */
const keyFieldsMax = 32;

/** The index that every collection has. */
export const idIndex: IndexSpec = {
  name: '_id_',
  key: [['_id', 1]],
  unique: true,
  sparse: false,
};

/** Options that change nothing here: how an index is built, and versions that index alike. */
const ignoredOptions = new Set(['name', 'background', 'v', 'ns', 'comment', 'commitQuorum', 'maxTimeMS']);

/** Options of MongoDB that would change what the index means. */
const refusedOptions = new Set([
  'expireAfterSeconds',
  'wildcardProjection',
  'storageEngine',
  'weights',
  'default_language',
  'language_override',
  'textIndexVersion',
  '2dsphereIndexVersion',
  'bits',
  'min',
  'max',
  'bucketSize',
  'dropDups',
  'prepareUnique',
  'clustered',
]);

/**
 * The index that a key pattern and createIndexes' options ask for.
 *
 * @throws {CommandError} `CannotCreateIndex`, `TypeMismatch`, `BadValue` or `InvalidIndexSpecificationOption` as
 *   MongoDB does; `CommandNotSupported` for kinds and options that are MongoDB's only.
 */
export function toIndexSpec(key: Document, options: Document): IndexSpec {
  const directions = toKey(key);
  checkOptions(options);
  const unique = flag(options, 'unique');
  const sparse = flag(options, 'sparse');
  const partial = toPartial(options['partialFilterExpression']);
  const name = toName(options['name'], directions);
  if (isIdKey(directions)) {
    if (sparse || partial !== undefined) {
      throw new CommandError(
        'InvalidIndexSpecificationOption',
        `The field '${sparse ? 'sparse' : 'partialFilterExpression'}' is not valid for an _id index specification`,
      );
    }
    return idIndex;
  }
  if (name === idIndex.name) {
    throw new CommandError(
      'BadValue',
      "The index name '_id_' is reserved for the _id index, which must have key pattern {_id: 1}",
    );
  }
  if (sparse && partial !== undefined) {
    throw new CommandError('CannotCreateIndex', 'cannot mix "partialFilterExpression" and "sparse" options');
  }
  return { name, key: directions, unique, sparse, ...(partial && { partial }) };
}

/** The name MongoDB gives an index that is created without one: `a_1_b_-1`. */
export function defaultIndexName(key: Directions): string {
  return key.map(([path, direction]) => `${path}_${direction}`).join('_');
}

function isIdKey(key: Directions): boolean {
  return key.length === 1 && key[0]![0] === '_id' && key[0]![1] === 1;
}

function toKey(key: Document): Directions {
  const paths = Object.keys(key);
  if (paths.length === 0) throw new CommandError('CannotCreateIndex', 'Index keys cannot be empty.');
  if (paths.length > keyFieldsMax) {
    throw new CommandError('CannotCreateIndex', `an index has at most ${keyFieldsMax} fields`);
  }
  return paths.map((path) => {
    const direction = toDirection(path, key[path]);
    checkPath(path);
    return [path, direction] as const;
  });
}

function toDirection(path: string, given: unknown): 1 | -1 {
  if (typeof given === 'string') {
    if (['text', '2d', '2dsphere', 'geoHaystack', 'hashed', 'columnstore'].includes(given)) {
      throw unsupported(`${given} indexes ("${path}")`);
    }
    throw new CommandError('CannotCreateIndex', `Unknown index plugin '${given}'`);
  }
  const type = typeOf(given);
  if (type !== 'int' && type !== 'double' && type !== 'long' && type !== 'decimal') {
    throw new CommandError(
      'CannotCreateIndex',
      `Values in the index key pattern cannot be of type ${type}. Only numbers > 0, numbers < 0, and strings are allowed.`,
    );
  }
  const direction = Number(String(given));
  if (direction === 0 || Number.isNaN(direction)) {
    throw new CommandError('CannotCreateIndex', `Values in the index key pattern cannot be ${direction}.`);
  }
  if (direction !== 1 && direction !== -1)
    throw unsupported(`index directions other than 1 and -1 ("${path}")`);
  return direction;
}

function checkPath(path: string): void {
  const parts = path.split('.');
  if (parts.includes('$**')) throw unsupported(`wildcard indexes ("${path}")`);
  if (parts.includes(''))
    throw new CommandError('CannotCreateIndex', 'Index keys cannot contain an empty field.');
  if (parts.some((part) => part.startsWith('$'))) {
    throw new CommandError(
      'CannotCreateIndex',
      `Index key contains an illegal field name: field name starts with '$' ("${path}").`,
    );
  }
  // The same path then names a position and a field, and the keys would depend on which one a document has.
  if (parts.some((part) => /^\d+$/.test(part))) throw unsupported(`indexes on array positions ("${path}")`);
}

function checkOptions(options: Document): void {
  for (const [option, value] of Object.entries(options)) {
    if (value === undefined || option === 'unique' || option === 'sparse') continue;
    if (option === 'partialFilterExpression') continue;
    if (option === 'v') {
      checkVersion(value);
    } else if (option === 'hidden') {
      if (flag(options, 'hidden')) throw unsupported('hidden indexes');
    } else if (option === 'collation') {
      if (!isDocument(value) || value['locale'] !== 'simple') throw unsupported('index collations');
    } else if (refusedOptions.has(option)) {
      throw unsupported(`the index option ${option}`);
    } else if (!ignoredOptions.has(option)) {
      throw new CommandError(
        'InvalidIndexSpecificationOption',
        `The field '${option}' is not valid for an index specification.`,
      );
    }
  }
}

function checkVersion(version: unknown): void {
  if (!equalValues(version, 1) && !equalValues(version, 2)) {
    throw new CommandError(
      'CannotCreateIndex',
      `Invalid index specification; cannot create an index with v=${version}`,
    );
  }
}

function flag(options: Document, option: string): boolean {
  const value: unknown = options[option];
  switch (typeOf(value)) {
    case 'undefined':
      return false;
    case 'bool':
      return value === true;
    case 'int':
    case 'long':
    case 'double':
    case 'decimal':
      return !equalValues(value, 0);
    default:
      throw new CommandError(
        'TypeMismatch',
        `The field '${option}' must be a boolean, but got ${typeOf(value)}`,
      );
  }
}

function toName(given: unknown, key: Directions): string {
  if (given === undefined) return isIdKey(key) ? idIndex.name : defaultIndexName(key);
  if (typeof given !== 'string') {
    throw new CommandError('TypeMismatch', `The field 'name' must be a string, but got ${typeOf(given)}`);
  }
  if (given === '') throw new CommandError('CannotCreateIndex', 'index name cannot be empty');
  if (given === '*') throw new CommandError('BadValue', "The index name '*' is not valid.");
  if (given.includes('\0')) {
    throw new CommandError('CannotCreateIndex', 'index name cannot contain NUL bytes');
  }
  return given;
}

function toPartial(given: unknown): Document | undefined {
  if (given === undefined) return undefined;
  if (!isDocument(given)) {
    throw new CommandError(
      'TypeMismatch',
      `The field 'partialFilterExpression' must be an object, but got ${typeOf(given)}`,
    );
  }
  const partial = canonical(given);
  checkPartial(partial);
  return partial;
}

const partialOperators = new Set(['$eq', '$gt', '$gte', '$lt', '$lte', '$type', '$in']);

function checkPartial(filter: Document): void {
  for (const [name, condition] of Object.entries(filter)) {
    if (name === '$and' || name === '$or') {
      if (!Array.isArray(condition) || condition.length === 0 || !condition.every(isDocument)) {
        throw new CommandError('BadValue', `${name} must be a nonempty array of objects`);
      }
      for (const branch of condition) checkPartial(branch);
    } else if (name.startsWith('$')) {
      throw notInPartial(name);
    } else if (isDocument(condition) && Object.keys(condition)[0]?.startsWith('$')) {
      for (const [operator, operand] of Object.entries(condition))
        checkPartialOperator(name, operator, operand);
    } else if (condition instanceof BSONRegExp) {
      throw notInPartial('regular expressions');
    }
  }
}

function checkPartialOperator(path: string, operator: string, operand: unknown): void {
  if (operator === '$exists') {
    if (operand === false || equalValues(operand, 0)) throw notInPartial(`{ ${path}: { $exists: false } }`);
  } else if (!partialOperators.has(operator)) {
    throw notInPartial(operator);
  } else if (
    operator === '$in' &&
    Array.isArray(operand) &&
    operand.some((item) => item instanceof BSONRegExp)
  ) {
    throw notInPartial('regular expressions');
  }
}

function notInPartial(what: string): CommandError {
  return new CommandError('CannotCreateIndex', `Expression not supported in partial index: ${what}`);
}

/** Whether two indexes hold the same keys of the same documents and refuse the same ones; names don't count. */
export function sameDefinition(a: IndexSpec, b: IndexSpec): boolean {
  return (
    sameKey(a.key, b.key) &&
    a.unique === b.unique &&
    a.sparse === b.sparse &&
    // An absent filter is not the empty one, which listIndexes shows.
    (a.partial === undefined) === (b.partial === undefined) &&
    equalValues(a.partial, b.partial)
  );
}

export function sameKey(a: Directions, b: Directions): boolean {
  return (
    a.length === b.length && a.every(([path, direction], at) => path === b[at]![0] && direction === b[at]![1])
  );
}

/**
 * Those of the wanted indexes that have to be built. As since MongoDB 5, indexes that differ in `unique`, `sparse` or
 * the partial filter can share a key pattern if their names differ.
 *
 * @throws {CommandError} `IndexKeySpecsConflict` if a name is taken by another definition, `IndexOptionsConflict` if
 *   a definition is there under another name.
 */
export function reconcileIndexes(existing: readonly IndexSpec[], wanted: readonly IndexSpec[]): IndexSpec[] {
  const known = [idIndex, ...existing];
  const missing: IndexSpec[] = [];
  for (const spec of wanted) {
    const named = known.find(({ name }) => name === spec.name);
    if (named !== undefined) {
      if (sameDefinition(named, spec)) continue;
      throw new CommandError(
        'IndexKeySpecsConflict',
        'An existing index has the same name as the requested index. When index names are not specified, they are ' +
          `auto generated and can cause conflicts. Requested index: ${describe(spec)}, existing index: ${describe(named)}`,
      );
    }
    const twin = known.find((other) => sameDefinition(other, spec));
    if (twin !== undefined) {
      throw new CommandError(
        'IndexOptionsConflict',
        `Index already exists with a different name: ${twin.name}`,
      );
    }
    known.push(spec);
    missing.push(spec);
  }
  return missing;
}

function describe({ name, key, unique, sparse, partial }: IndexSpec): string {
  return JSON.stringify({
    key: Object.fromEntries(key),
    name,
    ...(unique && { unique }),
    ...(sparse && { sparse }),
    ...(partial && { partialFilterExpression: partial }),
  });
}
