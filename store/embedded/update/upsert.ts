// The document an upsert inserts: what the filter says for certain, then the update on top of it.
import { type Document, ObjectId } from 'bson';
import { isDocument, plainFields } from '../bson/fields.js';
import { typeOf } from '../bson/type-of.js';
import { CommandError } from '../errors.js';
import { updateAt } from './at-path.js';
import { setOperator } from './assign.js';
import { commonPath, comparePaths, type Path } from './path.js';
import { idFirst, type Update } from './update.js';

interface Equality {
  readonly path: Path;
  readonly value: unknown;
}

/**
 * The document an upsert starts from: the filter's equalities, also in `$and`, in an `$or` of one branch, and as
 * `$in` or `$all` of one value. Fields come in the order of their paths, as in MongoDB.
 *
 * @throws {CommandError} `NotSingleValueField` if the filter gives one field two values.
 */
export function upsertSeed(filter: Document): Document {
  return seedOf(equalitiesOf(filter));
}

/**
 * The document to insert, `_id` first; a new ObjectId if neither filter nor update gives an `_id`.
 *
 * @throws {CommandError} what `upsertSeed` and the update throw; `InvalidIdField` for an `_id` that is an array, a
 *   regular expression or undefined.
 */
export function upsertDocument(filter: Document, update: Update, now: Date): Document {
  const equalities = equalitiesOf(filter);
  const seed = seedOf(
    update.kind === 'replacement' ? equalities.filter(({ path }) => path[0] === '_id') : equalities,
  );
  const document = update.apply(seed, { insert: true, now });
  const complete = Object.hasOwn(document, '_id') ? document : { _id: new ObjectId(), ...document };
  const type = typeOf(complete['_id']);
  if (type === 'array' || type === 'regex' || type === 'undefined') {
    throw new CommandError('InvalidIdField', `The '_id' value cannot be of type ${type}`);
  }
  return idFirst(complete);
}

function seedOf(equalities: Equality[]): Document {
  const sorted = equalities.toSorted((a, b) => comparePaths(a.path, b.path));
  let seed: Document = {};
  for (const [index, { path, value }] of sorted.entries()) {
    const next = sorted[index + 1]?.path;
    const common = next === undefined ? undefined : commonPath(path, next);
    if (common !== undefined) {
      const [short, long] = [path.join('.'), next!.join('.')];
      throw new CommandError(
        'NotSingleValueField',
        short === long
          ? `cannot infer query fields to set, path '${short}' is matched twice`
          : `cannot infer query fields to set, both paths '${short}' and '${long}' are matched`,
      );
    }
    const context = { path: path.join('.'), document: seed, insert: true, now: new Date(0) };
    seed = updateAt(seed, path, setOperator(value, context.path), context);
  }
  return seed;
}

function equalitiesOf(filter: Document): Equality[] {
  return Object.entries(plainFields(filter)).flatMap(([key, condition]) => {
    if (key === '$and' || (key === '$or' && Array.isArray(condition) && condition.length === 1)) {
      return Array.isArray(condition) ? condition.filter(isDocument).flatMap(equalitiesOf) : [];
    }
    if (key.startsWith('$')) return [];
    return valuesOf(condition).map((value) => ({ path: key.split('.'), value }));
  });
}

/** The values that a condition on one field names for certain. */
function valuesOf(condition: unknown): unknown[] {
  if (typeOf(condition) === 'regex') return [];
  if (!isDocument(condition)) return [condition];
  const fields = plainFields(condition);
  const names = Object.keys(fields);
  if (!names[0]?.startsWith('$') || names[0] === '$ref') return [condition];
  return names.flatMap((name): unknown[] => {
    const argument: unknown = fields[name];
    if (name === '$eq') return [argument];
    if (name === '$in') return single(argument);
    if (name === '$all') return Array.isArray(argument) ? argument.filter(isPlain) : [];
    return [];
  });
}

function single(argument: unknown): unknown[] {
  return Array.isArray(argument) && argument.length === 1 ? argument.filter(isPlain) : [];
}

/** False for patterns and `$elemMatch`, which name no value. */
function isPlain(value: unknown): boolean {
  if (typeOf(value) === 'regex') return false;
  return !isDocument(value) || !Object.keys(plainFields(value))[0]?.startsWith('$');
}
