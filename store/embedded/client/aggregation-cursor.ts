// The cursor of `aggregate`: a pipeline that is built up until the first read.
import type { Document } from 'bson';
import { MongoInvalidArgumentError } from 'mongodb';
import { compilePipeline } from '../aggregate/pipeline.js';
import type { FindQuery, Namespace, Store, StoreCursor, Transaction } from '../store.js';
import type { Executor } from './executor.js';
import { EmbeddedCursor, rowsCursor } from './cursor.js';
import { toExplainDocument } from './explain-document.js';
import { checkOptions, present } from './options.js';
import { type BsonOptions, type Options, toCanonical, toHint } from './values.js';

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

  /** How the pipeline's input is read: its leading stages, as the query they amount to. */
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
    const query: FindQuery = present({
      ...compilePipeline(stages).head,
      hint: toHint(this.options['hint']),
    });
    const context = transaction === undefined ? undefined : { transaction };
    const found = await store.explain(this.namespace, query, context);
    const document = toExplainDocument(this.namespace, query, found);
    const { queryPlanner, executionStats } = document;
    // MongoDB answers in one place or the other, as the pipeline goes beyond a query or doesn't.
    return { ...document, stages: [{ $cursor: { queryPlanner, executionStats } }] };
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
