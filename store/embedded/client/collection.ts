// A collection with the mongodb driver's methods, arguments and results, on a store in this process. What it does not
// do is refused by name.
import type { Document } from 'bson';
import { MongoInvalidArgumentError, MongoServerError, ObjectId } from 'mongodb';
import { CommandError, unsupported } from '../errors.js';
import type { Namespace, ReadContext, Transaction, WriteResult, WriteStatement } from '../store.js';
import { AggregationCursor } from './aggregation-cursor.js';
import { type EmbeddedBulkWriteResult, planBulk, toBulkResult, wholeBulkError } from './bulk.js';
import type { Executor } from './executor.js';
import { type EmbeddedCursor, ListCursor } from './cursor.js';
import { toDriverError, toWriteError } from './errors-out.js';
import { toExplainDocument } from './explain-document.js';
import { FindCursor, toFindQuery } from './find-cursor.js';
import { toIndexDocument, toIndexKey, toIndexSpec } from './index-spec.js';
import { checkOptions, type Operation, present } from './options.js';
import {
  toArrayFilters,
  toDeleteStatement,
  toInsertStatement,
  toReplacement,
  toReplaceStatement,
  toUpdate,
  toUpdateStatement,
} from './statements.js';
import {
  type BsonOptions,
  bsonOptionsOf,
  type Options,
  promoted,
  toCanonical,
  toHint,
  toResult,
  toSort,
} from './values.js';

export interface InsertOneResult {
  readonly acknowledged: true;
  readonly insertedId: unknown;
}

export interface InsertManyResult {
  readonly acknowledged: true;
  readonly insertedCount: number;
  readonly insertedIds: Record<number, unknown>;
}

export interface UpdateResult {
  readonly acknowledged: true;
  readonly matchedCount: number;
  readonly modifiedCount: number;
  readonly upsertedCount: number;
  /** Null unless a document was upserted. */
  readonly upsertedId: unknown;
}

export interface DeleteResult {
  readonly acknowledged: true;
  readonly deletedCount: number;
}

type ModifyStatement = Extract<WriteStatement, { type: 'modify' }>;

/** What a collection needs of its database. */
export interface CollectionOwner {
  readonly client: Executor;
  readonly databaseName: string;
  readonly bsonOptions: BsonOptions;
  listCollections(filter: Document, options?: Options): EmbeddedCursor;
}

export class EmbeddedCollection {
  readonly db: CollectionOwner;
  readonly client: Executor;
  readonly dbName: string;
  readonly collectionName: string;
  readonly namespace: Namespace;
  readonly bsonOptions: BsonOptions;

  constructor(db: CollectionOwner, name: string, options: Options | undefined) {
    this.db = db;
    this.client = db.client;
    this.dbName = db.databaseName;
    this.collectionName = name;
    this.namespace = `${db.databaseName}.${name}`;
    this.bsonOptions = bsonOptionsOf(options, db.bsonOptions);
  }

  async insertOne(document: Document, options?: Options): Promise<InsertOneResult> {
    const bson = this.#checked('insertOne', options);
    document['_id'] ??= new ObjectId();
    const insertedId: unknown = document['_id'];
    const statement = toInsertStatement(this.namespace, document, bson, isInSession(options));
    await this.#write(statement, options);
    return { acknowledged: true, insertedId };
  }

  async insertMany(documents: readonly Document[], options?: Options): Promise<InsertManyResult> {
    if (!Array.isArray(documents)) {
      throw new MongoInvalidArgumentError('Argument "docs" must be an array of documents');
    }
    if (documents.some((document) => document === null || document === undefined)) {
      throw new MongoInvalidArgumentError(
        'Collection.insertMany() cannot be called with an array that has null/undefined values',
      );
    }
    const models = documents.map((document) => ({ insertOne: { document } }));
    const { insertedCount, insertedIds } = await this.#bulk('insertMany', models, options);
    return { acknowledged: true, insertedCount, insertedIds };
  }

  /** One write of the store, so one flush however many models. */
  async bulkWrite(models: readonly unknown[], options?: Options): Promise<EmbeddedBulkWriteResult> {
    if (!Array.isArray(models)) {
      throw new MongoInvalidArgumentError('Argument "operations" must be an array of documents');
    }
    return this.#bulk('bulkWrite', models, options);
  }

  async updateOne(filter: unknown, update: unknown, options?: Options): Promise<UpdateResult> {
    const bson = this.#checked('updateOne', options);
    return this.#update(
      toUpdateStatement(this.namespace, filter, update, options ?? {}, bson, false),
      options,
      bson,
    );
  }

  async updateMany(filter: unknown, update: unknown, options?: Options): Promise<UpdateResult> {
    const bson = this.#checked('updateMany', options);
    return this.#update(
      toUpdateStatement(this.namespace, filter, update, options ?? {}, bson, true),
      options,
      bson,
    );
  }

  async replaceOne(filter: unknown, replacement: unknown, options?: Options): Promise<UpdateResult> {
    const bson = this.#checked('replaceOne', options);
    return this.#update(
      toReplaceStatement(this.namespace, filter, replacement, options ?? {}, bson),
      options,
      bson,
    );
  }

  async deleteOne(filter: unknown = {}, options?: Options): Promise<DeleteResult> {
    const bson = this.#checked('deleteOne', options);
    const statement = toDeleteStatement(this.namespace, filter, options ?? {}, bson, false);
    const { n } = await this.#write(statement, options);
    return { acknowledged: true, deletedCount: n };
  }

  async deleteMany(filter: unknown = {}, options?: Options): Promise<DeleteResult> {
    const bson = this.#checked('deleteMany', options);
    const statement = toDeleteStatement(this.namespace, filter, options ?? {}, bson, true);
    const { n } = await this.#write(statement, options);
    return { acknowledged: true, deletedCount: n };
  }

  async findOneAndUpdate(filter: unknown, update: unknown, options?: Options): Promise<Document | null> {
    const bson = this.#checked('findOneAndUpdate', options);
    return this.#modify(filter, { u: toUpdate(update, bson) }, options ?? {}, bson);
  }

  async findOneAndReplace(
    filter: unknown,
    replacement: unknown,
    options?: Options,
  ): Promise<Document | null> {
    const bson = this.#checked('findOneAndReplace', options);
    return this.#modify(filter, { u: toReplacement(replacement, bson) }, options ?? {}, bson);
  }

  async findOneAndDelete(filter: unknown, options?: Options): Promise<Document | null> {
    const bson = this.#checked('findOneAndDelete', options);
    return this.#modify(filter, { remove: true }, options ?? {}, bson);
  }

  find(filter: unknown = {}, options?: Options | null): FindCursor {
    const given = options ?? {};
    return new FindCursor(this.client, this.namespace, filter, given, bsonOptionsOf(given, this.bsonOptions));
  }

  async findOne(filter: unknown = {}, options?: Options): Promise<Document | null> {
    const bson = this.#checked('find', options);
    const query = { ...toFindQuery(filter, options ?? {}, bson), limit: 1 };
    return this.client.run(options?.['session'], async (store, transaction) => {
      if (options?.['explain']) {
        const found = await store.explain(this.namespace, query, within(transaction));
        return toExplainDocument(this.namespace, query, found);
      }
      const cursor = await store.find(this.namespace, query, within(transaction));
      try {
        const { documents } = await cursor.next(1);
        const bytes = documents[0];
        return bytes === undefined ? null : toResult(bytes, bson);
      } finally {
        cursor.close();
      }
    });
  }

  aggregate(pipeline: readonly unknown[] = [], options?: Options | null): AggregationCursor {
    if (!Array.isArray(pipeline)) {
      throw new MongoInvalidArgumentError('Argument "pipeline" must be an array of aggregation stages');
    }
    const given = options ?? {};
    return new AggregationCursor(
      this.client,
      this.namespace,
      pipeline,
      given,
      bsonOptionsOf(given, this.bsonOptions),
    );
  }

  async countDocuments(filter: unknown = {}, options?: Options): Promise<number> {
    const bson = this.#checked('countDocuments', options);
    const { sort: _sort, ...rest } = options ?? {};
    const query = toFindQuery(filter, rest, bson);
    return this.client.run(options?.['session'], (store, transaction) =>
      store.count(this.namespace, query, within(transaction)),
    );
  }

  /** Counted, not estimated. */
  async estimatedDocumentCount(options?: Options): Promise<number> {
    this.#checked('estimatedDocumentCount', options);
    return this.client.run(options?.['session'], (store, transaction) =>
      store.count(this.namespace, { filter: {} }, within(transaction)),
    );
  }

  async count(filter: unknown = {}, options?: Options): Promise<number> {
    return this.countDocuments(filter, options);
  }

  async distinct(key: string, filter: unknown = {}, options?: Options): Promise<unknown[]> {
    const bson = this.#checked('distinct', options);
    const query = toFindQuery(filter, options ?? {}, bson);
    const values = await this.client.run(options?.['session'], (store, transaction) =>
      store.distinct(this.namespace, key, query, within(transaction)),
    );
    return promoted(values, bson.decoding) as unknown[];
  }

  /** The index's name; resolves once it has been built. */
  async createIndex(key: unknown, options?: Options, commandOptions?: Options): Promise<string> {
    this.#checked('createIndex', options);
    this.#checked('createIndexes', commandOptions);
    const names = await this.#createIndexes(
      [toIndexSpec(key, options ?? {})],
      commandOptions?.['session'] ?? options?.['session'],
    );
    return names[0] as string;
  }

  async createIndexes(indexes: readonly Document[], options?: Options): Promise<string[]> {
    this.#checked('createIndexes', options);
    const specs = indexes.map(({ key, ...indexOptions }) => {
      this.#checked('createIndex', indexOptions);
      return toIndexSpec(key, indexOptions);
    });
    return this.#createIndexes(specs, options?.['session']);
  }

  /** By name, or by key pattern. */
  async dropIndex(index: string | Document, options?: Options): Promise<Document> {
    this.#checked('dropIndex', options);
    await this.#outside('dropIndexes', options, async () => {
      const { store } = this.client;
      const specs = await store.listIndexes(this.namespace);
      if (index === '*') {
        for (const { name } of specs) if (name !== '_id_') await store.dropIndex(this.namespace, name);
        return;
      }
      const wanted = typeof index === 'string' ? undefined : JSON.stringify(toIndexKey(index));
      const found = specs.find(({ key }) => JSON.stringify(key) === wanted);
      const name = typeof index === 'string' ? index : found?.name;
      if (name === undefined) throw new CommandError('IndexNotFound', `can't find index with key: ${wanted}`);
      await store.dropIndex(this.namespace, name);
    });
    return { ok: 1 };
  }

  /** All but that on `_id`; false if there is no such collection. */
  async dropIndexes(options?: Options): Promise<boolean> {
    try {
      await this.dropIndex('*', options);
      return true;
    } catch (error) {
      if (error instanceof MongoServerError && error.codeName === 'NamespaceNotFound') return false;
      throw error;
    }
  }

  listIndexes(options?: Options): EmbeddedCursor {
    const given = options ?? {};
    return new ListCursor(this.client, given, bsonOptionsOf(undefined, this.bsonOptions), async (store) => {
      this.#checked('listIndexes', given);
      return (await store.listIndexes(this.namespace)).map(toIndexDocument);
    });
  }

  /** As documents; with `full: false` as `{ name: [[path, direction], …] }`. */
  async indexes(options?: Options): Promise<Document> {
    const indexes = await this.listIndexes(options).toArray();
    if (options?.['full'] ?? true) return indexes;
    return Object.fromEntries(indexes.map(({ name, key }) => [name, Object.entries(key as Document)]));
  }

  async indexInformation(options?: Options): Promise<Document> {
    return this.indexes({ ...options, full: options?.['full'] ?? false });
  }

  async indexExists(names: string | readonly string[], options?: Options): Promise<boolean> {
    const existing = new Set((await this.listIndexes(options).toArray()).map(({ name }) => name as string));
    return [names].flat().every((name) => existing.has(name));
  }

  /** True, whether or not there was one, as MongoDB answers since 7.0. */
  async drop(options?: Options): Promise<boolean> {
    this.#checked('drop', options);
    await this.#outside('drop', options, () => this.client.store.dropCollection(this.namespace));
    return true;
  }

  async options(options?: Options): Promise<Document> {
    const [found] = await this.db.listCollections({ name: this.collectionName }, options).toArray();
    if (found === undefined) {
      throw toDriverError(new CommandError('NamespaceNotFound', `collection ${this.namespace} not found`));
    }
    return found['options'] as Document;
  }

  async isCapped(options?: Options): Promise<boolean> {
    return Boolean((await this.options(options))['capped']);
  }

  watch(): never {
    throw refused('change streams (watch)');
  }

  async rename(): Promise<never> {
    throw refused('renaming a collection');
  }

  initializeOrderedBulkOp(): never {
    throw refused('initializeOrderedBulkOp: use bulkWrite');
  }

  initializeUnorderedBulkOp(): never {
    throw refused('initializeUnorderedBulkOp: use bulkWrite with { ordered: false }');
  }

  listSearchIndexes(): never {
    throw refused('search indexes');
  }

  async createSearchIndex(): Promise<never> {
    throw refused('search indexes');
  }

  async createSearchIndexes(): Promise<never> {
    throw refused('search indexes');
  }

  async dropSearchIndex(): Promise<never> {
    throw refused('search indexes');
  }

  async updateSearchIndex(): Promise<never> {
    throw refused('search indexes');
  }

  #checked(operation: Operation, options: Options | undefined): BsonOptions {
    checkOptions(operation, options, this.client.ignoredOptions);
    return bsonOptionsOf(options, this.bsonOptions);
  }

  async #write(statement: WriteStatement, options: Options | undefined): Promise<WriteResult> {
    const [outcome] = await this.client.write([statement], true, options?.['session']);
    if (outcome instanceof CommandError) throw toWriteError(outcome);
    return outcome as WriteResult;
  }

  async #update(
    statement: WriteStatement,
    options: Options | undefined,
    bson: BsonOptions,
  ): Promise<UpdateResult> {
    const { n, nModified, upsertedId } = await this.#write(statement, options);
    if (upsertedId === undefined) {
      return {
        acknowledged: true,
        modifiedCount: nModified,
        upsertedId: null,
        upsertedCount: 0,
        matchedCount: n,
      };
    }
    return {
      acknowledged: true,
      modifiedCount: 0,
      upsertedId: promoted(upsertedId, bson.decoding),
      upsertedCount: 1,
      matchedCount: 0,
    };
  }

  async #modify(
    filter: unknown,
    change: Pick<ModifyStatement, 'u' | 'remove'>,
    options: Options,
    bson: BsonOptions,
  ): Promise<Document | null> {
    const { returnDocument, upsert, projection, sort, arrayFilters, hint } = options;
    if (returnDocument !== undefined && returnDocument !== 'before' && returnDocument !== 'after') {
      throw new MongoInvalidArgumentError('Option "returnDocument" must be "before" or "after"');
    }
    const statement: ModifyStatement = present({
      type: 'modify' as const,
      ns: this.namespace,
      q: toCanonical(filter, bson, 'Argument "filter"'),
      ...change,
      new: returnDocument === 'after' ? true : undefined,
      upsert: upsert === true ? true : undefined,
      fields:
        projection === undefined || projection === null
          ? undefined
          : toCanonical(projection, bson, 'Projection'),
      sort: toSort(sort),
      arrayFilters: toArrayFilters(arrayFilters, bson),
      hint: toHint(hint),
    });
    const { n, value, upsertedId } = await this.#write(statement, options);
    const document = value === undefined || value === null ? null : toResult(value, bson);
    if (options['includeResultMetadata'] !== true) return document;
    if (change.remove === true) return { lastErrorObject: { n }, value: document, ok: 1 };
    const upserted = upsertedId !== undefined;
    return {
      lastErrorObject: {
        n: upserted ? 1 : n,
        updatedExisting: !upserted && n > 0,
        ...(upserted ? { upserted: promoted(upsertedId, bson.decoding) } : {}),
      },
      value: document,
      ok: 1,
    };
  }

  async #bulk(
    operation: 'bulkWrite' | 'insertMany',
    models: readonly unknown[],
    options: Options | undefined,
  ): Promise<EmbeddedBulkWriteResult> {
    const bson = this.#checked(operation, options);
    const ordered = options?.['ordered'] !== false;
    const plan = planBulk(this.namespace, models, bson, this.client.ignoredOptions, isInSession(options));
    try {
      const outcomes = await this.client.write(plan.statements, ordered, options?.['session']);
      // In a transaction a conflict fails the command, not the statement.
      for (const outcome of outcomes) {
        if (outcome instanceof CommandError && outcome.labels.includes('TransientTransactionError')) {
          throw toDriverError(outcome);
        }
      }
      return toBulkResult(plan, models, outcomes, ordered, bson);
    } catch (error) {
      const whole = error instanceof MongoServerError && error.name !== 'MongoBulkWriteError';
      throw whole ? wholeBulkError(error, ordered) : error;
    }
  }

  async #createIndexes(
    specs: readonly ReturnType<typeof toIndexSpec>[],
    session: unknown,
  ): Promise<string[]> {
    return this.#outside('createIndexes', { session }, () =>
      this.client.store.createIndexes(this.namespace, specs),
    );
  }

  /** Collections and indexes are made and dropped outside any transaction. */
  async #outside<T>(command: string, options: Options | undefined, work: () => Promise<T>): Promise<T> {
    return this.client.outside(command, options?.['session'], work);
  }
}

function within(transaction: Transaction | undefined): ReadContext | undefined {
  return transaction === undefined ? undefined : { transaction };
}

/** What is written in a session goes into the buffer of its transaction, if it has one. */
const isInSession = (options: Options | undefined): boolean =>
  options?.['session'] !== undefined && options['session'] !== null;

function refused(what: string): unknown {
  return toDriverError(unsupported(what));
}
