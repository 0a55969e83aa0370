// The same random operations on two back ends must give the same answers: documents with their types and the order
// of their fields, counts, and whether it is an error. A difference prints its seed and how to run it again.
import assert from 'node:assert/strict';
import type { Collection, Document } from 'mongodb';
import type { Backend } from '../../support/backend.js';
import { skip } from '../../support/skip.js';
import { Unavailable } from '../../support/unavailable.js';
import { Generator, type Operation, type Switch } from './generator.js';
import { Random } from './random.js';
import { shown } from './same.js';
import type { Row } from './theme.js';

const documentsPerRound = 8;
const operationsPerRound = 40;
const seedOfCi = 20261122;

export interface Comparison {
  readonly subject: Backend;
  readonly reference: Backend;
  /** What the generator leaves out, because the reference is known to be wrong there. */
  readonly off: ReadonlySet<Switch>;
  /** Rounds of 40 operations on 8 documents. */
  readonly rounds: number;
}

/** Describes the comparison; `DIFF_SEED` and `DIFF_ROUNDS` in the environment change where it starts and how long it is. */
export function differential({ subject, reference, off, rounds }: Comparison): void {
  const title = `differential: ${subject.name} and ${reference.name}`;
  const seed = Number(process.env['DIFF_SEED'] ?? seedOfCi);
  const count = Number(process.env['DIFF_ROUNDS'] ?? rounds);
  describe(title, () => {
    before(async function () {
      this.timeout(360_000);
      for (const backend of [subject, reference]) {
        await backend.start().catch((error: unknown) => {
          if (error instanceof Unavailable) skip(this, error.message);
          throw error;
        });
      }
    });
    after(async () => {
      await subject.stop();
      await reference.stop();
    });

    it(`${count * operationsPerRound} operations from seed ${seed}`, async function () {
      this.timeout(300_000);
      const [one, two] = [await subject.open('differential'), await reference.open('differential')];
      try {
        let refused = 0;
        for (let round = 0; round < count; round++) {
          const name = `d${round}`;
          const pair = [one.db.collection<Row>(name), two.db.collection<Row>(name)] as const;
          refused += await runRound(pair, seed + round, off, title);
        }
        // A generator that only makes refused operations would compare nothing.
        assert.ok(refused < (count * operationsPerRound) / 2, `${refused} were refused`);
      } finally {
        await one.close();
        await two.close();
      }
    });
  });
}

type Pair = readonly [Collection<Row>, Collection<Row>];

/** Runs one round; answers how many operations both refused. */
export async function runRound(
  pair: Pair,
  seed: number,
  off: ReadonlySet<Switch>,
  title: string,
): Promise<number> {
  const generator = new Generator(new Random(seed), off);
  const documents = Array.from({ length: documentsPerRound }, () => generator.document());
  for (const collection of pair) await collection.insertMany(documents);
  let refused = 0;
  for (let number = 0; number < operationsPerRound; number++) {
    const operation = generator.operation();
    const before = await state(pair[0]);
    const [one, two] = [await outcome(pair[0], operation), await outcome(pair[1], operation)];
    const [left, right] = [await state(pair[0]), await state(pair[1])];
    if (one.answer === undefined) refused++;
    const isSame = one.answer === two.answer && (left === right || isHalfDone(operation, one, two));
    if (!isSame) {
      assert.fail(
        [
          `${title} differ in operation ${number} of seed ${seed}; again:`,
          `DIFF_SEED=${seed} DIFF_ROUNDS=1 npm run test:mongodb -- --grep '${title}'`,
          `operation: ${line(operation)}`,
          `documents: ${before.replaceAll('\n', '')}`,
          `first:     ${describeOutcome(one)}`,
          `second:    ${describeOutcome(two)}`,
          ...(left === right
            ? []
            : [
                `left by the first: ${left.replaceAll('\n', '')}`,
                `by the second:     ${right.replaceAll('\n', '')}`,
              ]),
        ].join('\n'),
      );
    }
    if (left !== right) for (const collection of pair) await collection.deleteMany({});
  }
  return refused;
}

interface Outcome {
  /** Undefined if it was refused. */
  readonly answer: string | undefined;
  readonly error?: unknown;
}

async function outcome(collection: Collection<Row>, operation: Operation): Promise<Outcome> {
  try {
    return { answer: shown(await run(collection, operation)) };
  } catch (error) {
    return { answer: undefined, error };
  }
}

/** MongoDB leaves what a failed `updateMany` has changed so far; our statement is atomic. Both are documented. */
function isHalfDone({ kind }: Operation, one: Outcome, two: Outcome): boolean {
  return kind === 'updateMany' && one.answer === undefined && two.answer === undefined;
}

const raw = { promoteValues: false } as const;

async function state(collection: Collection<Row>): Promise<string> {
  return shown(await collection.find({}, { sort: { _id: 1 }, ...raw }).toArray());
}

async function run(collection: Collection<Row>, operation: Operation): Promise<unknown> {
  switch (operation.kind) {
    case 'find':
      return collection.find(operation.filter, { ...operation.options, ...raw }).toArray();
    case 'count':
      return collection.countDocuments(operation.filter);
    case 'distinct':
      return (await collection.distinct(operation.field, operation.filter)).map(shown).sort();
    case 'insert':
      return (await collection.insertOne(operation.document)).acknowledged;
    case 'update': {
      const { filter, update, upsert } = operation;
      if (upsert === undefined) return counts(await collection.updateOne(filter, update));
      // An _id made by the server would differ.
      const withId = { ...update, $setOnInsert: { _id: upsert } };
      return counts(await collection.updateOne(filter, withId, { upsert: true }));
    }
    case 'updateMany':
      return counts(await collection.updateMany(operation.filter, operation.update));
    case 'replace':
      return counts(await collection.replaceOne(operation.filter, operation.document));
    case 'modify': {
      const returnDocument = operation.after ? 'after' : 'before';
      return collection.findOneAndUpdate(operation.filter, operation.update, {
        returnDocument,
        sort: { _id: -1 },
        ...raw,
      });
    }
    case 'delete':
      return (await collection[operation.many ? 'deleteMany' : 'deleteOne'](operation.filter)).deletedCount;
  }
}

function counts(result: Document): unknown {
  return [result['matchedCount'], result['modifiedCount'], result['upsertedCount']];
}

function line(value: unknown): string {
  return shown(value).replaceAll(/\n */g, '');
}

function describeOutcome({ answer, error }: Outcome): string {
  return answer === undefined ? `refused: ${error}` : answer.replaceAll(/\n */g, '');
}
