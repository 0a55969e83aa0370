// bulkWrite: the caller's models as statements for one write of the store, and its outcomes as the driver's result.
import type { Document } from 'bson';
import { MongoBulkWriteError, MongoInvalidArgumentError, ObjectId } from 'mongodb';
import { CommandError } from '../errors.js';
import type { Namespace, WriteOutcome, WriteStatement } from '../store.js';
import { checkOptions, type Operation } from './options.js';
import { toDeleteStatement, toInsertStatement, toReplaceStatement, toUpdateStatement } from './statements.js';
import { type BsonOptions, type Options, promoted } from './values.js';

interface BulkPlan {
  readonly statements: WriteStatement[];
  readonly insertedIds: readonly { readonly index: number; readonly _id: unknown }[];
}

/** The counts of a bulk write, as the server's replies add up. */
interface BulkCounts {
  ok: number;
  writeErrors: BulkWriteOneError[];
  writeConcernErrors: [];
  insertedIds: readonly { readonly index: number; readonly _id: unknown }[];
  nInserted: number;
  nUpserted: number;
  nMatched: number;
  nModified: number;
  nRemoved: number;
  upserted: { index: number; _id: unknown }[];
}

/** One failed statement. mongoose writes to `err.index`, so it is not frozen. */
export class BulkWriteOneError {
  readonly err: { index: number; code: number; errmsg: string; errInfo: Document | undefined; op: unknown };

  constructor(index: number, error: CommandError, op: unknown) {
    this.err = {
      index,
      code: error.code,
      errmsg: error.message,
      errInfo: error.details['errInfo'] as Document | undefined,
      op,
    };
  }

  get code(): number {
    return this.err.code;
  }

  get index(): number {
    return this.err.index;
  }

  get errmsg(): string {
    return this.err.errmsg;
  }

  get errInfo(): Document | undefined {
    return this.err.errInfo;
  }

  getOperation(): unknown {
    return this.err.op;
  }

  toJSON(): Document {
    return { code: this.code, index: this.index, errmsg: this.errmsg, op: this.err.op };
  }

  toString(): string {
    return `WriteError(${JSON.stringify(this.toJSON())})`;
  }
}

/** The driver's BulkWriteResult, which it does not export. */
export class EmbeddedBulkWriteResult {
  readonly result!: BulkCounts;
  readonly insertedCount: number;
  readonly matchedCount: number;
  readonly modifiedCount: number;
  readonly deletedCount: number;
  readonly upsertedCount: number;
  readonly upsertedIds: Record<number, unknown>;
  readonly insertedIds: Record<number, unknown>;

  constructor(result: BulkCounts, ordered: boolean) {
    this.insertedCount = result.nInserted;
    this.matchedCount = result.nMatched;
    this.modifiedCount = result.nModified;
    this.deletedCount = result.nRemoved;
    this.upsertedCount = result.upserted.length;
    this.upsertedIds = byIndex(result.upserted);
    const failed = new Set(result.writeErrors.map((error) => error.index));
    const first = result.writeErrors[0]?.index ?? Number.POSITIVE_INFINITY;
    this.insertedIds = byIndex(
      result.insertedIds.filter(({ index }) => (ordered ? index < first : !failed.has(index))),
    );
    Object.defineProperty(this, 'result', { value: result, enumerable: false });
  }

  get ok(): number {
    return this.result.ok;
  }

  getUpsertedIdAt(index: number): { index: number; _id: unknown } | undefined {
    return this.result.upserted[index];
  }

  getRawResponse(): Document {
    return this.result;
  }

  hasWriteErrors(): boolean {
    return this.result.writeErrors.length > 0;
  }

  getWriteErrorCount(): number {
    return this.result.writeErrors.length;
  }

  getWriteErrorAt(index: number): BulkWriteOneError | undefined {
    return this.result.writeErrors[index];
  }

  getWriteErrors(): BulkWriteOneError[] {
    return this.result.writeErrors;
  }

  getWriteConcernError(): undefined {
    return undefined;
  }

  isOk(): boolean {
    return this.result.ok === 1;
  }

  toString(): string {
    return `BulkWriteResult(${JSON.stringify(this.result)})`;
  }
}

function byIndex(ids: readonly { readonly index: number; readonly _id: unknown }[]): Record<number, unknown> {
  return Object.fromEntries(ids.map(({ index, _id }) => [index, _id]));
}

/**
 * The statements of the caller's models; documents without `_id` get an ObjectId, which the caller sees.
 *
 * @throws {MongoInvalidArgumentError} for a model that isn't one; nothing has been written.
 */
export function planBulk(
  ns: Namespace,
  models: readonly unknown[],
  bson: BsonOptions,
  ignored: ReadonlySet<string>,
  isBuffered: boolean,
): BulkPlan {
  if (models.length === 0) {
    throw new MongoInvalidArgumentError('Invalid BulkOperation, Batch cannot be empty');
  }
  const insertedIds: { index: number; _id: unknown }[] = [];
  const statements = models.map((model, index): WriteStatement => {
    const [kind, body] = toKind(model);
    if (kind === 'insertOne') {
      // A bare document is accepted in place of { document }, as by the driver.
      const document = (body['document'] ?? body) as Document;
      if (body['document'] !== undefined) checkOptions('bulkWrite insertOne', body, ignored);
      document['_id'] ??= new ObjectId();
      insertedIds.push({ index, _id: document['_id'] });
      return toInsertStatement(ns, document, bson, isBuffered);
    }
    checkOptions(`bulkWrite ${kind}` as Operation, body, ignored);
    const { filter } = body;
    switch (kind) {
      case 'updateOne':
      case 'updateMany':
        return toUpdateStatement(ns, filter, body['update'], body, bson, kind === 'updateMany');
      case 'replaceOne':
        return toReplaceStatement(ns, filter, body['replacement'], body, bson);
      default:
        return toDeleteStatement(ns, filter, body, bson, kind === 'deleteMany');
    }
  });
  return { statements, insertedIds };
}

const kinds = ['insertOne', 'updateOne', 'updateMany', 'replaceOne', 'deleteOne', 'deleteMany'] as const;

function toKind(model: unknown): [(typeof kinds)[number], Record<string, unknown>] {
  if (model === null || typeof model !== 'object' || Object.keys(model).length === 0) {
    throw new MongoInvalidArgumentError('Operation must be an object with an operation key');
  }
  for (const kind of kinds) {
    const body: unknown = (model as Record<string, unknown>)[kind];
    if (body === undefined) continue;
    if (body === null || typeof body !== 'object') break;
    return [kind, body as Record<string, unknown>];
  }
  throw new MongoInvalidArgumentError(
    'bulkWrite only supports insertOne, updateOne, updateMany, deleteOne, deleteMany',
  );
}

/**
 * The driver's result of the outcomes.
 *
 * @throws {MongoBulkWriteError} if any statement failed, with the result of the others.
 */
export function toBulkResult(
  plan: BulkPlan,
  models: readonly unknown[],
  outcomes: readonly WriteOutcome[],
  ordered: boolean,
  bson: BsonOptions,
): EmbeddedBulkWriteResult {
  const counts: BulkCounts = noCounts(plan.insertedIds);
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome instanceof CommandError) {
      counts.writeErrors.push(new BulkWriteOneError(index, outcome, toOperation(models[index])));
      continue;
    }
    switch (plan.statements[index]?.type) {
      case 'insert':
        counts.nInserted += outcome.n;
        break;
      case 'delete':
        counts.nRemoved += outcome.n;
        break;
      default:
        if (outcome.upsertedId === undefined) {
          counts.nMatched += outcome.n;
          counts.nModified += outcome.nModified;
        } else {
          counts.nUpserted += 1;
          counts.upserted.push({ index, _id: promoted(outcome.upsertedId, bson.decoding) });
        }
    }
  }
  const result = new EmbeddedBulkWriteResult(counts, ordered);
  const [first] = counts.writeErrors;
  if (first === undefined) return result;
  throw bulkError({ message: first.errmsg, code: first.code, writeErrors: counts.writeErrors }, result);
}

/** The error of a bulk write that failed as a whole: none of it was done. */
export function wholeBulkError(error: Error, ordered: boolean): MongoBulkWriteError {
  return bulkError(error, new EmbeddedBulkWriteResult(noCounts([]), ordered));
}

function noCounts(insertedIds: BulkCounts['insertedIds']): BulkCounts {
  return {
    ok: 1,
    writeErrors: [],
    writeConcernErrors: [],
    insertedIds,
    nInserted: 0,
    nUpserted: 0,
    nMatched: 0,
    nModified: 0,
    nRemoved: 0,
    upserted: [],
  };
}

type DriverErrorArguments = ConstructorParameters<typeof MongoBulkWriteError>;

function bulkError(error: object, result: EmbeddedBulkWriteResult): MongoBulkWriteError {
  return new MongoBulkWriteError(
    error as DriverErrorArguments[0],
    result as unknown as DriverErrorArguments[1],
  );
}

/** The operation of a write error as the driver shows it: an insert's document, or the statement. */
function toOperation(model: unknown): unknown {
  const [kind, body] = toKind(model);
  if (kind === 'insertOne') return body['document'] ?? body;
  const { filter, update, replacement, upsert } = body as Options;
  if (kind === 'deleteOne' || kind === 'deleteMany')
    return { q: filter, limit: kind === 'deleteOne' ? 1 : 0 };
  return {
    q: filter,
    u: update ?? replacement,
    ...(upsert === undefined ? {} : { upsert }),
    ...(kind === 'updateMany' ? { multi: true } : {}),
  };
}
