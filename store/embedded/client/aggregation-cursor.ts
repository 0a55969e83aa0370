// The cursor of `aggregate`: a pipeline that is built up until the first read.
import type { Document } from 'bson';
import { MongoInvalidArgumentError } from 'mongodb';
import type { FindQuery, Namespace, Store, StoreCursor, Transaction } from '../store.js';
import type { Executor } from './executor.js';
import { EmbeddedCursor, rowsCursor } from './cursor.js';
import { toExplainDocument } from './explain-document.js';
import { checkOptions, present } from './options.js';
import { type BsonOptions, type Options, promoted, toCanonical, toHint } from './values.js';

export class AggregationCursor<T = Document> extends EmbeddedCursor<T> {
  readonly namespace: Namespace;
  readonly pipeline: unknown[];

  constructor(
    client: Executor,
    ns: Namespace,
    pipeline: readonly unknown[],
    options: Options,
    bson: BsonOptions,
  ) {
    // mongoose and older drivers nest the batch size.
    const nested = options['cursor'] as { batchSize?: number } | null | undefined;
    super(
      client,
      nested?.batchSize === undefined ? options : { ...options, batchSize: nested.batchSize },
      bson,
    );
    this.namespace = ns;
    this.pipeline = [...pipeline];
  }

  protected override async open(store: Store, transaction: Transaction | undefined): Promise<StoreCursor> {
    const stages = this.#stages();
    if (this.options['explain']) return rowsCursor([await this.#explain(store, transaction, stages)]);
    const { hint, maxTimeMS } = this.options;
    return store.aggregate(
      this.namespace,
      stages,
      present({ hint: toHint(hint), maxTimeMS: maxTimeMS as number | undefined }),
      transaction === undefined ? undefined : { transaction },
    );
  }

  /** How the pipeline's input is read: the leading `$match` and `$sort`, as the query they are. */
  async explain(_verbosity?: unknown): Promise<Document> {
    const stages = this.#stages();
    return this.client.run(this.session, (store, transaction) => this.#explain(store, transaction, stages));
  }

  /** The same pipeline on a new cursor, without session and `map`. */
  clone(): AggregationCursor {
    const { session: _session, ...options } = this.options;
    return new AggregationCursor(this.client, this.namespace, this.pipeline, options, this.bson);
  }

  addStage(stage: Document): this {
    this.refuseInUse();
    this.pipeline.push(stage);
    return this;
  }

  group(value: Document): this {
    return this.addStage({ $group: value });
  }

  limit(value: number): this {
    return this.addStage({ $limit: value });
  }

  lookup(value: Document): this {
    return this.addStage({ $lookup: value });
  }

  match(value: Document): this {
    return this.addStage({ $match: value });
  }

  out(value: unknown): this {
    return this.addStage({ $out: value });
  }

  project(value: Document): this {
    return this.addStage({ $project: value });
  }

  redact(value: Document): this {
    return this.addStage({ $redact: value });
  }

  skip(value: number): this {
    return this.addStage({ $skip: value });
  }

  sort(value: Document): this {
    return this.addStage({ $sort: value });
  }

  unwind(value: Document | string): this {
    return this.addStage({ $unwind: value });
  }

  async #explain(
    store: Store,
    transaction: Transaction | undefined,
    stages: readonly Document[],
  ): Promise<Document> {
    const matched = stages[0]?.['$match'] as Document | undefined;
    const sort = stages[matched === undefined ? 0 : 1]?.['$sort'] as Document | undefined;
    const query: FindQuery = present({
      filter: matched ?? {},
      sort,
      hint: toHint(this.options['hint']),
    });
    const context = transaction === undefined ? undefined : { transaction };
    const found = await store.explain(this.namespace, query, context);
    const { queryPlanner, executionStats } = toExplainDocument(this.namespace, query, found);
    const read = (matched === undefined ? 0 : 1) + (sort === undefined ? 0 : 1);
    return {
      explainVersion: '1',
      stages: [
        { $cursor: { queryPlanner, executionStats } },
        ...stages.slice(read).map((stage) => promoted(stage)),
      ],
      ok: 1,
    };
  }

  #stages(): Document[] {
    checkOptions('aggregate', this.options, this.client.ignoredOptions);
    return this.pipeline.map((stage, index) => {
      if (stage === null || typeof stage !== 'object') {
        throw new MongoInvalidArgumentError(`Stage ${index} of the pipeline must be an object`);
      }
      return toCanonical(stage, this.bson, `Stage ${index} of the pipeline`);
    });
  }
}
