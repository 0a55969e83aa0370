// Laws of pipelines on any documents: nothing is changed in place, results are BSON, groups are a partition.
import assert from 'node:assert/strict';
import { Decimal128, type Document, Double, EJSON, Int32, Long, ObjectId } from 'bson';
import fc from 'fast-check';
import { averageNumbers, divideDecimals, sumNumbers } from '../../../../../store/embedded/aggregate/exact.js';
import { compilePipeline } from '../../../../../store/embedded/aggregate/pipeline.js';
import { canonical, decode, encode } from '../../../../../store/embedded/bson/codec.js';
import { equalValues } from '../../../../../store/embedded/bson/compare.js';
import { multiplyNumbers } from '../../../../../store/embedded/bson/numbers.js';

const at = { now: new Date(0) };
const none = () => [];
const value = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.integer({ min: -3, max: 3 }).map((n) => new Double(n)),
  fc.integer({ min: -3, max: 3 }).map((n) => Long.fromNumber(n)),
  fc.integer({ min: -3, max: 3 }).map((n) => Decimal128.fromString(`${n}.0`)),
  fc.constantFrom<unknown>(null, true, 'a', 'b', new ObjectId('0123456789abcdef01234567'), new Date(5), /x/),
  fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 2 }),
  fc.record({ x: fc.integer({ min: 0, max: 1 }) }, { requiredKeys: [] }),
);
const documents = fc
  .array(fc.record({ a: value, b: value, c: value }, { requiredKeys: [] }), { maxLength: 8 })
  .map((list) => list.map((each, index) => canonical({ _id: index, ...each })));

const stages: Document[] = [
  // By two fields it would meet parallel arrays, which are refused.
  { $sort: { b: -1 } },
  {
    $group: {
      _id: '$a',
      n: { $sum: 1 },
      all: { $push: '$b' },
      set: { $addToSet: '$c' },
      least: { $min: '$b' },
    },
  },
  { $unwind: { path: '$a', includeArrayIndex: 'i', preserveNullAndEmptyArrays: true } },
  { $project: { a: 1, 'c.x': 1, t: { $type: '$b' } } },
  { $addFields: { 'c.y': '$a', e: { $eq: ['$a', '$b'] }, k: { $cmp: ['$a', '$c'] } } },
  { $unset: ['a', 'c.x'] },
  { $facet: { one: [{ $sortByCount: '$a' }], two: [{ $skip: 1 }, { $limit: 2 }] } },
];

function run(pipeline: readonly Document[], input: readonly Document[]): Document[] {
  // An empty head: the first stage is none that the planner takes.
  const tail = canonical({ stages: [{ $addFields: { same: 1 } }, { $unset: 'same' }, ...pipeline] })[
    'stages'
  ] as Document[];
  return compilePipeline(tail).run(input, none, at);
}

function text(of: unknown): string {
  return EJSON.stringify({ of }, { relaxed: false });
}

describe('aggregate: properties', () => {
  it('never changes its input, and gives BSON in canonical form', () => {
    fc.assert(
      fc.property(documents, fc.array(fc.constantFrom(...stages), { maxLength: 4 }), (input, pipeline) => {
        const untouched = text(input);
        const output = run(pipeline, input);
        assert.equal(text(input), untouched);
        for (const document of output) assert.equal(text(decode(encode(document))), text(document));
      }),
      { numRuns: 200 },
    );
  });

  it('$group is a partition into classes of equal keys', () => {
    fc.assert(
      fc.property(documents, (input) => {
        const groups = run([{ $group: { _id: '$a', ids: { $push: '$_id' } } }], input);
        const members = groups.flatMap((group) => group['ids'] as Int32[]);
        assert.equal(members.length, input.length);
        assert.equal(new Set(members.map(Number)).size, input.length);
        for (const [index, group] of groups.entries()) {
          for (const other of groups.slice(index + 1)) assert.ok(!equalValues(group['_id'], other['_id']));
          for (const id of group['ids'] as Int32[]) {
            assert.ok(equalValues((input[id.value]!['a'] as unknown) ?? null, group['_id']));
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('sums of ints are exact, in any order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (numbers) => {
        const total = numbers.reduce((sum, each) => sum + BigInt(each), 0n);
        assert.equal(String(sumNumbers(numbers.map((each) => new Int32(each)))), String(total));
        const doubles = numbers.map((each) => new Double(each / 7));
        assert.equal(String(sumNumbers(doubles)), String(sumNumbers(doubles.toReversed())));
      }),
      { numRuns: 200 },
    );
  });

  it('a decimal divided and multiplied back is itself where the quotient is exact', () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(1, 2, 4, 5, 8, 10, 125), (numerator, divisor) => {
        const cents = Decimal128.fromString(`${numerator}E-2`);
        const quotient = divideDecimals(cents, new Int32(divisor));
        assert.ok(equalValues(multiplyNumbers(quotient, new Int32(divisor)), cents));
        assert.ok(equalValues(averageNumbers([cents, cents]), cents));
      }),
      { numRuns: 200 },
    );
  });
});
