// Which option each operation takes. One that isn't listed is refused by its name: an option that is passed over in
// silence gives a silently different answer.
import { unsupported } from '../errors.js';
import { toDriverError } from './errors-out.js';
import type { Options } from './values.js';

/** Accepted by every operation. The concerns are met by construction: one node, flushed before it is acknowledged. */
const everywhere = [
  'session',
  'comment',
  'maxTimeMS',
  'readConcern',
  'writeConcern',
  'readPreference',
  'w',
  'j',
  'journal',
  'wtimeout',
  'wtimeoutMS',
  'retryWrites',
  'retryReads',
  'ignoreUndefined',
  'promoteValues',
  'promoteLongs',
  'promoteBuffers',
  'useBigInt64',
  'bsonRegExp',
  'raw',
  'enableUtf8Validation',
  'fieldsAsRaw',
];

const cursor = ['batchSize', 'noCursorTimeout', 'allowDiskUse'];
const write = ['bypassDocumentValidation'];
const update = [...write, 'upsert', 'arrayFilters', 'hint'];
const modify = ['projection', 'sort', 'hint', 'includeResultMetadata'];

const accepts = (...names: string[]): ReadonlySet<string> => new Set([...everywhere, ...names]);

/** The closed list: operation to the options it takes. */
export const acceptedOptions = {
  insertOne: accepts(...write),
  insertMany: accepts(...write, 'ordered'),
  bulkWrite: accepts(...write, 'ordered'),
  'bulkWrite insertOne': new Set(['document']),
  'bulkWrite updateOne': new Set(['filter', 'update', 'upsert', 'arrayFilters', 'hint', 'sort']),
  'bulkWrite updateMany': new Set(['filter', 'update', 'upsert', 'arrayFilters', 'hint']),
  'bulkWrite replaceOne': new Set(['filter', 'replacement', 'upsert', 'hint', 'sort']),
  'bulkWrite deleteOne': new Set(['filter', 'hint']),
  'bulkWrite deleteMany': new Set(['filter', 'hint']),
  updateOne: accepts(...update, 'sort'),
  updateMany: accepts(...update),
  replaceOne: accepts(...write, 'upsert', 'hint', 'sort'),
  deleteOne: accepts('hint'),
  deleteMany: accepts('hint'),
  findOneAndUpdate: accepts(...write, ...modify, 'upsert', 'returnDocument', 'arrayFilters'),
  findOneAndReplace: accepts(...write, ...modify, 'upsert', 'returnDocument'),
  findOneAndDelete: accepts(...modify),
  find: accepts(...cursor, 'projection', 'sort', 'skip', 'limit', 'hint', 'explain', 'singleBatch'),
  aggregate: accepts(...cursor, ...write, 'hint', 'cursor', 'explain'),
  countDocuments: accepts('skip', 'limit', 'hint', 'sort', 'batchSize'),
  estimatedDocumentCount: accepts(),
  distinct: accepts('hint'),
  createIndex: accepts('name', 'unique', 'sparse', 'partialFilterExpression', 'background', 'version', 'v'),
  createIndexes: accepts(),
  dropIndex: accepts(),
  listIndexes: accepts('batchSize', 'full'),
  listCollections: accepts('nameOnly', 'authorizedCollections', 'batchSize'),
  listDatabases: accepts('nameOnly', 'authorizedDatabases', 'filter'),
  createCollection: accepts('strict'),
  drop: accepts(),
  command: accepts(),
  startSession: new Set(['causalConsistency', 'defaultTransactionOptions', 'explicit', 'owner']),
  startTransaction: new Set(['readConcern', 'writeConcern', 'readPreference', 'maxCommitTimeMS']),
  connect: accepts(
    'appName',
    'connectTimeoutMS',
    'debug',
    'driverInfo',
    'family',
    'heartbeatFrequencyMS',
    'localThresholdMS',
    'maxConnecting',
    'maxIdleTimeMS',
    'maxPoolSize',
    'minPoolSize',
    'noDelay',
    'replicaSet',
    'serverSelectionTimeoutMS',
    'socketTimeoutMS',
    'waitQueueTimeoutMS',
  ),
} as const satisfies Record<string, ReadonlySet<string>>;

export type Operation = keyof typeof acceptedOptions;

/**
 * Refuses an option outside the closed list, and a value that asks for less than a durable write. A value of
 * undefined, null or false asks for nothing.
 *
 * @param ignored Names that mean something to the layer above only, as `name` or `operation.name`.
 * @throws {MongoServerError} `CommandNotSupported`, naming the option.
 */
export function checkOptions(
  operation: Operation,
  options: Options | null | undefined,
  ignored: ReadonlySet<string>,
): void {
  if (options === undefined || options === null) return;
  const accepted = acceptedOptions[operation];
  for (const name in options) {
    const value = options[name];
    if (value === undefined || value === null || value === false) continue;
    if (!accepted.has(name) && !ignored.has(name) && !ignored.has(`${operation}.${name}`)) {
      throw toDriverError(unsupported(`the option "${name}" of ${operation}`));
    }
    if (name === 'writeConcern') refuseUnacknowledged((value as { w?: unknown }).w);
  }
  refuseUnacknowledged(options['w']);
}

function refuseUnacknowledged(w: unknown): void {
  if (w === 0) throw toDriverError(unsupported('the write concern w: 0 (unacknowledged writes)'));
}

/** The object without its undefined members, which the store's types tell apart from absent ones. */
export function present<T extends object>(object: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const result: Record<string, unknown> = {};
  for (const key in object) if (object[key] !== undefined) result[key] = object[key];
  return result as { [K in keyof T]: Exclude<T[K], undefined> };
}
