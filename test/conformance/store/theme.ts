// A theme is a group of cases on one back end; each case gets an empty collection. Cases that the back end can't
// run, or answers differently from MongoDB's documentation (deviations.ts), are skipped aloud.
import assert from 'node:assert/strict';
import type { Collection, Db, Document } from 'mongodb';
import type { Connection, Model, Mongoose, Schema } from 'mongoose';
import type { Ability, Backend, Opened } from '../../support/backend.js';
import { skip } from '../../support/skip.js';
import { deviationOf } from './deviations.js';
import { assertSame } from './same.js';

/** A document of a case: `_id` may be of any BSON type. */
export interface Row extends Document {
  _id?: string | number | boolean | null | object;
}

/** What a case works with. */
export interface Case {
  readonly collection: Collection<Row>;
  readonly db: Db;
  readonly connection: Connection;
  readonly mongoose: Mongoose;
  /** Another empty collection. */
  another(): Collection<Row>;
  /** Inserts in order. */
  given(...documents: Row[]): Promise<void>;
  /** The filter finds exactly these `_id`s, in any order. */
  answers(filter: Document, ids: readonly unknown[]): Promise<void>;
  /** Everything in the collection, by `_id`, is exactly this. */
  holds(...documents: Row[]): Promise<void>;
  /** `updateOne` of a single document `before` leaves exactly `after`. */
  updates(before: Document, update: Document, after: Document, options?: Document): Promise<void>;
  /** The pipeline answers these documents, in this order. */
  aggregates(pipeline: Document[], expected: readonly Document[]): Promise<void>;
  /** A model of the case on a collection of its own, with its indexes made. */
  model(name: string, schema: Schema): Promise<Model<Row>>;
}

type Body = (at: Case) => Promise<void>;

/** Registers cases like mocha's `it`. */
export interface Cases {
  (title: string, body: Body): void;
  needing(ability: Ability, title: string, body: Body): void;
}

/** Rejected with one of these codes of MongoDB's; answers the error for further checks. */
export async function refused(
  promise: Promise<unknown>,
  ...allowed: number[]
): Promise<Error & { code?: number | string }> {
  let answer: unknown;
  try {
    answer = await promise;
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (allowed.length > 0) {
      assert.ok(allowed.includes(code as number), `code ${code}, not ${allowed.join(' or ')}: ${error}`);
    }
    return error as Error;
  }
  assert.fail(`not refused, but answered ${JSON.stringify(answer)}`);
}

const whyMissing: Readonly<Record<Ability, string>> = {
  transactions: 'it has no sessions',
  explain: 'it has no explain',
  partialIndexes: 'it has no partial indexes',
  refusals: 'it does what the embedded store refuses',
  functions: 'the real driver leaves functions out before the server could refuse them',
  expressions: 'the closed list of find has no aggregation expressions: refused by name',
  graphLookup: 'the closed list has no $graphLookup: refused by name',
};

let collections = 0;

/** Describes its cases on a back end and adds their ids to `ids`. */
export type Theme = (backend: Backend, ids: Set<string>) => void;

/** Describes a theme: `<name>: <title>` is the id of a case. */
export function theme(name: string, register: (it: Cases) => void): Theme {
  return (backend, ids) => {
    describe(name, () => {
      let opened: Opened;
      before(async () => {
        opened = await backend.open(`contract-${name.replaceAll(/[^a-z]+/g, '-')}`);
      });
      after(() => opened?.close());
      afterEach(() => {
        opened.connection.deleteModel(/./);
      });
      const needing = (ability: Ability | undefined, title: string, body: Body): void => {
        ids.add(`${name}: ${title}`);
        it(title, async function () {
          if (ability !== undefined && !backend.abilities.has(ability)) {
            skip(this, `${backend.name}: ${whyMissing[ability]}`);
          }
          const deviation = deviationOf(backend.name, `${name}: ${title}`);
          if (deviation === undefined) return body(caseOn(opened));
          const met = await body(caseOn(opened)).then(
            () => true,
            () => false,
          );
          assert.ok(!met, 'listed in deviations.ts, and yet it does what MongoDB documents: strike it off');
          skip(this, `${backend.name} ${deviation.does}; wrong: ${deviation.wrong}; ${deviation.documented}`);
        });
      };
      const cases: Cases = Object.assign((title: string, body: Body) => needing(undefined, title, body), {
        needing,
      });
      register(cases);
    });
  };
}

function caseOn({ connection, db, mongoose }: Opened): Case {
  const another = (): Collection<Row> => db.collection<Row>(`c${++collections}`);
  const collection = another();
  return {
    collection,
    db,
    connection,
    mongoose,
    another,
    async given(...documents) {
      await collection.insertMany(documents);
    },
    async answers(filter, ids) {
      const found = await collection.find(filter).toArray();
      const order = (values: readonly unknown[]): string[] => values.map((id) => JSON.stringify(id)).sort();
      assert.deepEqual(order(found.map((document) => document._id)), order(ids));
    },
    async holds(...documents) {
      assertSame(await collection.find({}, { sort: { _id: 1 } }).toArray(), documents);
    },
    async updates(before, update, after, options = {}) {
      await collection.insertOne({ _id: 1, ...before });
      await collection.updateOne({ _id: 1 }, update, options);
      assertSame(await collection.findOne({ _id: 1 }), { _id: 1, ...after });
    },
    async aggregates(pipeline, expected) {
      assertSame(await collection.aggregate(pipeline).toArray(), expected);
    },
    async model(name, schema) {
      const model = connection.model<Row>(
        name,
        schema as Schema<Row>,
        `${name.toLowerCase()}s${++collections}`,
      );
      await model.init();
      return model;
    },
  };
}
