// The cursor of `find`: a query that is built up until the first read.
import type { Document } from 'bson';
import { MongoInvalidArgumentError } from 'mongodb';
import { CommandError } from '../errors.js';
import type { FindQuery, Namespace, Store, StoreCursor, Transaction } from '../store.js';
import type { Executor } from './executor.js';
import { EmbeddedCursor, rowsCursor } from './cursor.js';
import { toExplainDocument } from './explain-document.js';
import { checkOptions, present } from './options.js';
import { type BsonOptions, type Options, toCanonical, toHint, toSort } from './values.js';

/**
 * The store's query for a filter and options that have been checked.
 *
 * @throws {CommandError} `BadValue` for a function in the filter.
 */
export function toFindQuery(filter: unknown, options: Options, bson: BsonOptions): FindQuery {
  const { projection, sort, skip, limit, hint, maxTimeMS } = options;
  return present({
    filter: toCanonical(byId(filter), bson, 'Query filter'),
    projection:
      projection === undefined || projection === null
        ? undefined
        : toCanonical(projection, bson, 'Projection'),
    sort: toSort(sort),
    skip: toSkip(skip),
    // A negative limit asks for one batch of so many, which is what a limit is here.
    limit: limit === undefined || limit === null ? undefined : Math.abs(toCount(limit, 'limit') ?? 0),
    hint: toHint(hint),
    maxTimeMS: toCount(maxTimeMS, 'maxTimeMS'),
  });
}

/** An ObjectId for a filter means its document, as in the driver. */
function byId(filter: unknown): unknown {
  const isId = (filter as { _bsontype?: unknown } | null)?._bsontype === 'ObjectId';
  return isId ? { _id: filter } : filter;
}

function toSkip(value: unknown): number | undefined {
  const skip = toCount(value, 'skip');
  if (skip !== undefined && skip < 0) throw new CommandError('BadValue', "'skip' must not be negative");
  return skip;
}

function toCount(value: unknown, name: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number') throw new MongoInvalidArgumentError(`Option "${name}" must be a number`);
  if (!Number.isSafeInteger(value)) throw new CommandError('BadValue', `'${name}' must be a whole number`);
  return value;
}

export class FindCursor<T = Document> extends EmbeddedCursor<T> {
  readonly namespace: Namespace;
  #filter: unknown;

  constructor(client: Executor, ns: Namespace, filter: unknown, options: Options, bson: BsonOptions) {
    super(client, options, bson);
    this.namespace = ns;
    this.#filter = filter;
  }

  protected override async open(store: Store, transaction: Transaction | undefined): Promise<StoreCursor> {
    const query = this.#query();
    const context = transaction === undefined ? undefined : { transaction };
    if (this.options['explain']) {
      return rowsCursor([
        toExplainDocument(this.namespace, query, await store.explain(this.namespace, query, context)),
      ]);
    }
    return store.find(this.namespace, query, context);
  }

  /** What was used to answer the query. Always with the figures of a run, whatever the verbosity. */
  async explain(_verbosity?: unknown): Promise<Document> {
    const query = this.#query();
    return this.client.run(this.session, async (store, transaction) =>
      toExplainDocument(
        this.namespace,
        query,
        await store.explain(this.namespace, query, transaction === undefined ? undefined : { transaction }),
      ),
    );
  }

  async count(): Promise<number> {
    const query = this.#query();
    return this.client.run(this.session, (store, transaction) =>
      store.count(this.namespace, query, transaction === undefined ? undefined : { transaction }),
    );
  }

  /** The same query on a new cursor, without session and `map`. */
  clone(): FindCursor {
    const { session: _session, ...options } = this.options;
    return new FindCursor(this.client, this.namespace, this.#filter, options, this.bson);
  }

  filter(filter: unknown): this {
    this.refuseInUse();
    this.#filter = filter;
    return this;
  }

  sort(sort: unknown, direction?: unknown): this {
    return this.set('sort', toSort(sort, direction));
  }

  project(projection: unknown): this {
    return this.set('projection', projection);
  }

  limit(value: number): this {
    return this.setNumber('limit', value);
  }

  skip(value: number): this {
    return this.setNumber('skip', value);
  }

  allowDiskUse(allow = true): this {
    return this.set('allowDiskUse', allow);
  }

  // Refused by name at the first read, as a server would.
  collation(value: unknown): this {
    return this.set('collation', value);
  }

  min(value: unknown): this {
    return this.set('min', value);
  }

  max(value: unknown): this {
    return this.set('max', value);
  }

  returnKey(value: boolean): this {
    return this.set('returnKey', value);
  }

  showRecordId(value: boolean): this {
    return this.set('showRecordId', value);
  }

  maxAwaitTimeMS(value: number): this {
    return this.setNumber('maxAwaitTimeMS', value);
  }

  #query(): FindQuery {
    checkOptions('find', this.options, this.client.ignoredOptions);
    return toFindQuery(this.#filter, this.options, this.bson);
  }
}
