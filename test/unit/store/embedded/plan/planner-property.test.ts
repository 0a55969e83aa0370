// Tests the one promise of the planner over random documents, indexes and queries: following the plan and then
// filtering gives what looking at every document gives, in order if the plan says so.
import assert from 'node:assert/strict';
import { Decimal128, type Document, Double, Int32, Long, ObjectId } from 'bson';
import fc from 'fast-check';
import { canonical } from '../../../../../store/embedded/bson/codec.js';
import { compareBytes } from '../../../../../store/embedded/bson/compare.js';
import { idBytes } from '../../../../../store/embedded/bson/key-bytes.js';
import { CommandError } from '../../../../../store/embedded/errors.js';
import { compileIndex, type Index } from '../../../../../store/embedded/plan/index-keys.js';
import { idIndex, toIndexSpec } from '../../../../../store/embedded/plan/index-spec.js';
import { type Plan, planRead } from '../../../../../store/embedded/plan/planner.js';
import { compileFilter } from '../../../../../store/embedded/query/filter.js';
import { compileSort } from '../../../../../store/embedded/query/sort.js';
import type { IndexSpec } from '../../../../../store/embedded/store.js';

const numRuns = Number(process.env['PLAN_RUNS'] ?? 500);
const roundsMax = 10;

const oneOfEach = fc.constantFrom<unknown>(
  null,
  undefined,
  new Int32(1),
  new Int32(2),
  new Double(2),
  new Double(2.5),
  new Double(Number.NaN),
  Long.fromNumber(3),
  Decimal128.fromString('1'),
  'a',
  'ab',
  'b',
  true,
  false,
  new Date(0),
  new Date(1000),
  new ObjectId('0123456789abcdef01234567'),
);
const fewNumbers = fc.constantFrom<unknown>(new Int32(1), new Int32(2), new Int32(3));

interface Given {
  readonly documents: Document[];
  readonly indexes: { key: Document; options: Document }[];
  readonly filter: Document;
  readonly sort: Document | undefined;
}

const path = fc.constantFrom('a', 'a.b', 'a.c', 'd', 'd.b', 'e');
const direction = fc.constantFrom(1, -1);
const directions = fc.dictionary(fc.oneof(path, fc.constant('_id')), direction, { minKeys: 1, maxKeys: 3 });
const comparison = fc.constantFrom('$gt', '$gte', '$lt', '$lte');
const pattern = fc.constantFrom('^a', '^ab?', 'b', '^b');

/** Any kind of value anywhere, arrays in some runs only, all kinds of indexes. */
function anything(): fc.Arbitrary<Given> {
  const scalar = oneOfEach;
  const flat = fc.oneof(
    { weight: 5, arbitrary: scalar },
    { weight: 1, arbitrary: fc.record({ b: scalar, c: scalar }, { requiredKeys: [] }) },
  );
  const array = fc.array(fc.oneof({ weight: 5, arbitrary: flat }, fc.array(scalar, { maxLength: 2 })), {
    maxLength: 3,
  });
  const nested = fc.record({ b: fc.oneof(flat, array), c: fc.oneof(scalar, array) }, { requiredKeys: [] });
  const value = fc.oneof({ weight: 4, arbitrary: flat }, nested, array, fc.array(nested, { maxLength: 3 }));
  const plain = fc.oneof(scalar, fc.record({ b: scalar, c: scalar }, { requiredKeys: [] }));
  return fc.record({
    documents: fc.oneof(
      fc.array(fc.record({ a: value, d: value, e: scalar }, { requiredKeys: [] }), { maxLength: 12 }),
      fc.array(fc.record({ a: plain, d: scalar, e: scalar }, { requiredKeys: [] }), { maxLength: 12 }),
    ),
    indexes: fc.array(
      fc
        .tuple(
          directions,
          fc.oneof(
            { weight: 3, arbitrary: fc.constant({}) },
            { weight: 1, arbitrary: fc.constant({ sparse: true }) },
            {
              weight: 1,
              arbitrary: partialFilter(scalar).map((partialFilterExpression) => ({
                partialFilterExpression,
              })),
            },
          ),
        )
        .filter(([key]) => Object.entries(key).join() !== '_id,1')
        .map(([key, options]) => ({ key, options })),
      { minLength: 1, maxLength: 3 },
    ),
    filter: filters(fc.oneof({ weight: 6, arbitrary: scalar }, array, nested)),
    sort: fc.option(directions, { nil: undefined }),
  });
}

/** Arrays in arrays of few values, so that different elements often meet different conditions of a filter. */
function arrays(): fc.Arbitrary<Given> {
  const scalar = fewNumbers;
  const list = fc.array(fc.oneof({ weight: 3, arbitrary: scalar }, fc.array(scalar, { maxLength: 2 })), {
    maxLength: 3,
  });
  const nested = fc.record({ b: fc.oneof(scalar, list), c: scalar }, { requiredKeys: [] });
  const range = fc.tuple(scalar, scalar).map(([$gte, $lte]) => ({ $gte, $lte }));
  const test = fc.oneof<fc.Arbitrary<unknown>[]>(
    scalar,
    range,
    fc.record({ $lt: scalar }),
    list,
    fc.array(scalar, { maxLength: 2 }).map(($in) => ({ $in })),
  );
  const pair = fc.record({ b: test, c: test }, { requiredKeys: [] });
  const onElements = fc.oneof<fc.Arbitrary<Document>[]>(
    range,
    fc.record({ $elemMatch: range }),
    fc.record({ $eq: list }),
    pair.filter((filter) => Object.keys(filter).length > 0),
  );
  return fc.record({
    documents: fc.array(
      fc.record(
        { a: fc.oneof(fc.array(nested, { maxLength: 3 }), list, nested, scalar), e: scalar },
        { requiredKeys: ['a'] },
      ),
      { minLength: 1, maxLength: 3 },
    ),
    indexes: fc
      .constantFrom<Document>(
        { a: 1 },
        { a: -1 },
        { 'a.b': 1 },
        { 'a.b': 1, 'a.c': -1 },
        { 'a.c': 1, 'a.b': 1 },
        { a: 1, 'a.b': 1 },
        { e: 1, a: 1 },
        { a: 1, e: 1 },
        { a: 1, _id: 1 },
        { 'a.b': -1, _id: 1 },
      )
      .map((key) => [{ key, options: {} }]),
    filter: fc.oneof<fc.Arbitrary<Document>[]>(
      fc.record({ a: test, e: scalar }, { requiredKeys: ['a'] }),
      fc.record({ 'a.b': test, 'a.c': test }, { requiredKeys: ['a.b'] }),
      fc.record({ a: test, 'a.b': test }, { requiredKeys: ['a'] }),
      onElements.map(($elemMatch) => ({ a: { $elemMatch } })),
      fc.tuple(range, onElements).map(([given, $elemMatch]) => ({ 'a.b': given, a: { $elemMatch } })),
      range.map(($elemMatch) => ({ 'a.b': { $elemMatch } })),
    ),
    sort: fc.constantFrom<(Document | undefined)[]>(
      undefined,
      { a: 1 },
      { e: 1 },
      { 'a.b': -1 },
      { _id: 1 },
      { _id: -1 },
    ),
  });
}

/** One path and few values, so that the filter of a partial index often is implied, or nearly. */
function bounds(): fc.Arbitrary<Given> {
  const scalar = fc.oneof(fewNumbers, fc.constantFrom<unknown>(null, 'a', new Double(Number.NaN)));
  const value = fc.oneof({ weight: 2, arbitrary: scalar }, fc.array(scalar, { maxLength: 2 }));
  const test = fc.oneof<fc.Arbitrary<unknown>[]>(
    value,
    fc.tuple(comparison, value).map(([operator, at]) => ({ [operator]: at })),
    fc.array(value, { maxLength: 2 }).map(($in) => ({ $in })),
    fc.record({ $elemMatch: fc.tuple(comparison, scalar).map(([operator, at]) => ({ [operator]: at })) }),
    fc.constant({ $exists: true }),
  );
  return fc.record({
    documents: fc.array(fc.record({ a: value }, { requiredKeys: [] }), { minLength: 1, maxLength: 4 }),
    indexes: fc.record({ a: test }).map((filter) => [{ key: { a: 1 }, options: partialOf(filter) }]),
    filter: fc.record({ a: test }),
    sort: fc.constantFrom<(Document | undefined)[]>(undefined, { a: 1 }, { a: -1 }),
  });
}

/** Of a filter that can't be a partial index's, a sparse index. */
function partialOf(filter: { a: unknown }): Document {
  const operators = filter.a as Document | null;
  return typeof operators === 'object' && operators !== null && '$elemMatch' in operators
    ? { sparse: true }
    : { partialFilterExpression: filter };
}

function filters(operand: fc.Arbitrary<unknown>): fc.Arbitrary<Document> {
  const valueTest: fc.Arbitrary<Document> = fc.oneof(
    fc.tuple(comparison, operand).map(([operator, at]) => ({ [operator]: at })),
    fc.tuple(operand, operand).map(([from, to]) => ({ $gt: from, $lte: to })),
    operand.map(($eq) => ({ $eq })),
    fc.array(operand, { maxLength: 3 }).map(($in) => ({ $in })),
    pattern.map(($regex) => ({ $regex })),
    operand.map(($ne) => ({ $ne })),
    fc.boolean().map(($exists) => ({ $exists })),
    fc.constantFrom({ $type: 'number' }, { $type: 'string' }, { $type: 'array' }),
  );
  const elementTest: fc.Arbitrary<Document> = fc.oneof(
    valueTest,
    fc.dictionary(fc.constantFrom('b', 'c'), fc.oneof(operand, valueTest), { minKeys: 1, maxKeys: 2 }),
  );
  const fieldTest: fc.Arbitrary<unknown> = fc.oneof(
    { weight: 4, arbitrary: operand },
    { weight: 5, arbitrary: valueTest },
    elementTest.map(($elemMatch) => ({ $elemMatch })),
    fc.array(operand, { maxLength: 2 }).map(($all) => ({ $all })),
    pattern.map((source) => new RegExp(source)),
  );
  const all: fc.Arbitrary<Document> = fc.dictionary(path, fieldTest, { maxKeys: 3 });
  return fc.oneof(
    { weight: 6, arbitrary: all },
    fc.tuple(all, all).map(([one, two]) => ({ ...one, $and: [two] })),
    fc.tuple(all, fc.array(all, { minLength: 1, maxLength: 3 })).map(([more, $or]) => ({ ...more, $or })),
    fc.tuple(fc.nat(12), all).map(([id, more]) => ({ ...more, _id: id })),
    fc
      .tuple(comparison, fc.nat(12), all)
      .map(([operator, id, more]) => ({ ...more, _id: { [operator]: id } })),
    fc.tuple(fc.array(fc.nat(12)), all).map(([$in, more]) => ({ ...more, _id: { $in } })),
  );
}

function partialFilter(scalar: fc.Arbitrary<unknown>): fc.Arbitrary<Document> {
  return fc.dictionary(
    path,
    fc.oneof(
      scalar.filter((given) => given !== undefined),
      fc.constant({ $exists: true }),
      fc.constant({ $type: 'string' }),
      fc.tuple(comparison, scalar).map(([operator, at]) => ({ [operator]: at })),
      fc.array(scalar, { maxLength: 3 }).map(($in) => ({ $in })),
    ),
    { minKeys: 1, maxKeys: 2 },
  );
}

interface Entry {
  readonly key: Uint8Array;
  readonly at: number;
}

interface Built {
  readonly spec: IndexSpec;
  readonly multikey: boolean;
  readonly entries: readonly Entry[];
}

/** Undefined if a document can't be in this index: MongoDB refuses either of them. */
function build(spec: IndexSpec, all: readonly Document[]): Built | undefined {
  const compiled: Index = compileIndex(spec);
  const entries: Entry[] = [];
  try {
    for (const [at, document] of all.entries()) {
      for (const key of compiled.keys(document)) entries.push({ key, at });
    }
  } catch (error) {
    if (error instanceof CommandError && error.codeName === 'CannotIndexParallelArrays') return undefined;
    throw error;
  }
  entries.sort((a, b) => compareBytes(a.key, b.key));
  return { spec, multikey: all.some((document) => compiled.isMultikey(document)), entries };
}

/** Positions of the documents that the plan finds, in its order; those found again are left out. */
function follow(plan: Plan, all: readonly Document[], indexes: readonly Built[]): number[] {
  switch (plan.kind) {
    case 'empty':
      return [];
    case 'scan':
      return [...all.keys()];
    case 'or':
      return [...new Set(plan.plans.flatMap((each) => follow(each, all, indexes)))];
    case 'id':
      return plan.ids.flatMap((id) => {
        const at = all.findIndex(({ _id }) => compareBytes(idBytes(_id), id) === 0);
        return at === -1 ? [] : [at];
      });
    case 'index': {
      const { entries } = indexes.find(({ spec }) => spec.name === plan.spec.name)!;
      for (const [at, { low, high }] of plan.ranges.entries()) {
        assert(compareBytes(low, high) < 0, 'a range is empty');
        if (at > 0)
          assert(compareBytes(plan.ranges[at - 1]!.high, low) <= 0, 'ranges overlap or are not in order');
      }
      const found = plan.ranges.flatMap(({ low, high }) =>
        entries.filter(({ key }) => compareBytes(low, key) <= 0 && compareBytes(key, high) < 0),
      );
      return [...new Set((plan.reverse ? found.reverse() : found).map(({ at }) => at))];
    }
  }
}

/** Holds the plan of one query to what it claims; tells what it was and claimed. */
function check({ documents, indexes: wanted, filter, sort: sortGiven }: Given): string[] {
  const all = documents.map((document, _id) => canonical({ _id, ...document }));
  const specs = wanted.map(({ key, options }, at) => toIndexSpec(key, { ...options, name: `i${at}` }));
  const indexes = [idIndex, ...specs].map((spec) => build(spec, all)).filter((built) => built !== undefined);
  const query = canonical(filter);
  const { matches } = compileFilter(query);
  const sort = sortGiven && canonical(sortGiven);
  const plan = planRead(sort === undefined ? { filter: query } : { filter: query, sort }, indexes);

  const found = follow(plan, all, indexes);
  const answer = found.filter((at) => matches(all[at]!));
  const expected = [...all.keys()].filter((at) => matches(all[at]!));
  assert.deepEqual(
    answer.toSorted((a, b) => a - b),
    expected,
    'the plan misses documents',
  );
  const claims: string[] = [plan.kind];
  if ((plan.kind === 'id' || plan.kind === 'index') && plan.exact) {
    claims.push(`exact ${plan.kind}`);
    assert.deepEqual(found, answer, 'the plan is not exact');
  }
  if (plan.kind === 'index' && plan.sorted) {
    claims.push('sorted');
    assert(sort !== undefined);
    const { compare } = compileSort(sort);
    for (const [at, position] of answer.entries()) {
      if (at > 0) assert(compare(all[answer[at - 1]!]!, all[position]!) <= 0, 'the plan is not sorted');
    }
  }
  return claims;
}

describe('plans of random queries find all that match, in the order and with the exactness they claim', () => {
  const worlds = {
    anything: [anything(), ['index', 'id', 'or', 'scan', 'empty', 'exact index', 'exact id', 'sorted']],
    arrays: [arrays(), ['index', 'scan', 'sorted']],
    bounds: [bounds(), ['index', 'scan', 'empty', 'sorted']],
  } as const;
  for (const [name, [world, claimsExpected]] of Object.entries(worlds)) {
    it(name, () => {
      const seen = new Set<string>();
      // Some claims are rare: another round is played until each was seen.
      for (let round = 0; round < roundsMax && claimsExpected.some((claim) => !seen.has(claim)); round += 1) {
        fc.assert(
          fc.property(world, (given) => {
            for (const claim of check(given)) seen.add(claim);
          }),
          { numRuns },
        );
      }
      // Otherwise the run has shown less than it says.
      assert.deepEqual(
        claimsExpected.filter((claim) => !seen.has(claim)),
        [],
      );
    });
  }
});
