// Pipelines stage by stage: answers and types from MongoDB's manual, the head for the planner, and what is refused.
import assert from 'node:assert/strict';
import { Decimal128, type Document, Double, EJSON, Long, ObjectId } from 'bson';
import {
  compilePipeline,
  supportedAccumulators,
  supportedStages,
} from '../../../../../store/embedded/aggregate/pipeline.js';
import { canonical } from '../../../../../store/embedded/bson/codec.js';
import type { CodeName } from '../../../../../store/embedded/errors.js';
import { compileFilter } from '../../../../../store/embedded/query/filter.js';
import { compileSort } from '../../../../../store/embedded/query/sort.js';

type Data = Readonly<Record<string, Document[]>>;

const at = { now: new Date('2026-01-02T03:04:05.678Z') };

function compiled(pipeline: Document[]) {
  return compilePipeline(canonical({ pipeline })['pipeline'] as Document[]);
}

/** Does what a planner does with the head, then runs the rest. */
function results(pipeline: Document[], documents: Document[], others: Data = {}): Document[] {
  const { head, run } = compiled(pipeline);
  const input = documents.map(canonical);
  const untouched = EJSON.stringify(input, { relaxed: false });
  const filter = compileFilter(head.filter);
  let selected = input.filter((document) => filter.matches(document));
  if (head.sort !== undefined) selected = selected.toSorted(compileSort(head.sort).compare);
  selected = selected.slice(
    head.skip ?? 0,
    head.limit === undefined ? undefined : (head.skip ?? 0) + head.limit,
  );
  const output = run(selected, (name) => (others[name] ?? []).map(canonical), at);
  assert.equal(EJSON.stringify(input, { relaxed: false }), untouched, 'the input was changed in place');
  return output;
}

function check(pipeline: Document[], documents: Document[], expected: Document[], others: Data = {}): void {
  assert.equal(
    EJSON.stringify(results(pipeline, documents, others), { relaxed: false }),
    EJSON.stringify(expected.map(canonical), { relaxed: false }),
  );
}

function refuses(
  pipeline: Document[],
  codeName: CodeName,
  message: RegExp,
  documents: Document[] = [],
): void {
  assert.throws(() => results(pipeline, documents), { name: 'CommandError', codeName, message });
}

const sales: Document[] = [
  { _id: 1, item: 'abc', price: Decimal128.fromString('10'), quantity: 2 },
  { _id: 2, item: 'jkl', price: Decimal128.fromString('20'), quantity: 1 },
  { _id: 3, item: 'xyz', price: Decimal128.fromString('5'), quantity: 10 },
  { _id: 4, item: 'xyz', price: Decimal128.fromString('5'), quantity: 20 },
  { _id: 5, item: 'abc', price: Decimal128.fromString('10'), quantity: 10 },
];

describe('aggregate: the head', () => {
  it('holds the leading $match, $sort, $skip and $limit, in that order only', () => {
    const { head } = compiled([
      { $match: { a: 1 } },
      { $match: { b: 2 } },
      { $sort: { c: 1 } },
      { $skip: 2 },
      { $limit: 3 },
      { $limit: 1 },
    ]);
    assert.equal(
      EJSON.stringify(head),
      EJSON.stringify({ filter: { $and: [{ a: 1 }, { b: 2 }] }, sort: { c: 1 }, skip: 2, limit: 3 }),
    );
    assert.deepEqual(compiled([]).head, { filter: {} });
    assert.equal(compiled([{ $limit: 3 }, { $skip: 1 }]).head.skip, undefined);
    assert.equal(compiled([{ $sort: { a: 1 } }, { $match: { b: 1 } }]).head.filter['b'], undefined);
    assert.deepEqual(compiled([{ $match: { $expr: true } }]).head.filter, {});
  });

  it('leaves the rest to run', () => {
    const numbers = [5, 3, 1, 4, 2].map((_id) => ({ _id }));
    check(
      [{ $sort: { _id: 1 } }, { $limit: 4 }, { $skip: 1 }, { $sort: { _id: -1 } }, { $limit: 2 }],
      numbers,
      [{ _id: 4 }, { _id: 3 }],
    );
    check([{ $skip: 1 }, { $skip: 1 }, { $match: { _id: { $gt: 1 } } }], numbers, [{ _id: 4 }, { _id: 2 }]);
  });

  it('names the other collections, nested ones too', () => {
    const lookup = { $lookup: { from: 'b', as: 'x', pipeline: [{ $unionWith: 'c' }] } };
    assert.deepEqual(
      compiled([{ $facet: { f: [lookup] } }, { $unionWith: { coll: 'b', pipeline: [] } }]).lookups.toSorted(),
      ['b', 'c'],
    );
  });
});

describe('aggregate: $group and its kin', () => {
  it('sums in the type of what is summed', () => {
    check(
      [{ $group: { _id: '$item', total: { $sum: { $multiply: ['$price', '$quantity'] } }, n: { $sum: 1 } } }],
      sales,
      [
        { _id: 'abc', total: Decimal128.fromString('120'), n: 2 },
        { _id: 'jkl', total: Decimal128.fromString('20'), n: 1 },
        { _id: 'xyz', total: Decimal128.fromString('150'), n: 2 },
      ],
    );
  });

  it('knows all accumulators', () => {
    check(
      [
        {
          $group: {
            _id: null,
            avg: { $avg: '$n' },
            count: { $count: {} },
            first: { $first: '$n' },
            last: { $last: '$missing' },
            max: { $max: '$n' },
            min: { $min: '$n' },
            push: { $push: '$n' },
            set: { $addToSet: '$n' },
            merged: { $mergeObjects: '$o' },
          },
        },
      ],
      [{ n: 1, o: { a: 1 } }, { n: 2 }, { n: Long.fromNumber(2), o: { b: 1 } }, {}],
      [
        {
          _id: null,
          avg: new Double(5 / 3),
          count: 4,
          first: 1,
          last: null,
          max: 2,
          min: 1,
          push: [1, 2, Long.fromNumber(2)],
          set: [1, 2],
          merged: { a: 1, b: 1 },
        },
      ],
    );
  });

  it('groups by equality of BSON values: number types aside, ObjectIds by bytes, missing with null', () => {
    const id = '0123456789abcdef01234567';
    const count = { $group: { _id: '$k', n: { $sum: 1 } } };
    check([count], [{ k: 1 }, { k: Long.fromNumber(1) }, { k: new Double(1) }], [{ _id: 1, n: 3 }]);
    check([count], [{ k: new ObjectId(id) }, { k: new ObjectId(id) }], [{ _id: new ObjectId(id), n: 2 }]);
    check([count], [{}, { k: null }], [{ _id: null, n: 2 }]);
    check(
      [count],
      [{ k: { a: 1, b: 2 } }, { k: { b: 2, a: 1 } }],
      [
        { _id: { a: 1, b: 2 }, n: 1 },
        { _id: { b: 2, a: 1 }, n: 1 },
      ],
    );
    check(
      [{ $group: { _id: { y: '$a' }, n: { $sum: 1 } } }],
      [{}, { a: null }],
      [
        { _id: {}, n: 1 },
        { _id: { y: null }, n: 1 },
      ],
    );
    check([{ $group: { _id: null, n: { $sum: 1 } } }], [], []);
  });

  it('$sortByCount, $count and $bucket', () => {
    check([{ $sortByCount: '$item' }, { $limit: 1 }], sales.slice(1), [{ _id: 'xyz', count: 2 }]);
    check([{ $match: { quantity: { $gte: 10 } } }, { $count: 'many' }], sales, [{ many: 3 }]);
    check([{ $match: { quantity: 99 } }, { $count: 'many' }], sales, []);
    check([{ $bucket: { groupBy: '$quantity', boundaries: [0, 5, 15], default: 'more' } }], sales, [
      { _id: 0, count: 2 },
      { _id: 5, count: 2 },
      { _id: 'more', count: 1 },
    ]);
    check(
      [{ $bucket: { groupBy: '$quantity', boundaries: [0, 50], output: { ids: { $push: '$_id' } } } }],
      sales,
      [{ _id: 0, ids: [1, 2, 3, 4, 5] }],
    );
    refuses(
      [{ $bucket: { groupBy: '$quantity', boundaries: [0, 5] } }],
      'BadValue',
      /could not find a matching branch/,
      sales,
    );
    refuses([{ $bucket: { groupBy: '$a', boundaries: [5, 0] } }], 'BadValue', /ascending order/);
    refuses(
      [{ $bucket: { groupBy: '$a', boundaries: [0, 5], default: 3 } }],
      'BadValue',
      /'default' must be less/,
    );
  });

  it('refuses malformed groups', () => {
    refuses([{ $group: { n: { $sum: 1 } } }], 'FailedToParse', /must include an _id/);
    refuses([{ $group: { _id: 1, n: 1 } }], 'FailedToParse', /must specify one accumulator/);
    refuses([{ $group: { _id: 1, n: { $sum: [1, 2] } } }], 'BadValue', /unary operator/);
    refuses([{ $group: { _id: 1, 'a.b': { $sum: 1 } } }], 'BadValue', /field name 'a\.b'/);
    for (const name of ['$accumulator', '$stdDevPop', '$topN', '$foo', '$constructor']) {
      refuses(
        [{ $group: { _id: 1, n: { [name]: 1 } } }],
        'CommandNotSupported',
        new RegExp(`the accumulator \\${name}$`),
      );
    }
  });
});

describe('aggregate: shapes of documents', () => {
  const book = {
    _id: 1,
    title: 'abc',
    author: { last: 'z', first: 'a' },
    tags: [{ k: 1, v: 2 }, 5, { v: 3 }],
  };

  it('$project includes in the order of the document, and appends what it computes', () => {
    check(
      [{ $project: { 'author.first': 1, title: 1 } }],
      [book],
      [{ _id: 1, title: 'abc', author: { first: 'a' } }],
    );
    check([{ $project: { _id: 0, author: { last: 1 } } }], [book], [{ author: { last: 'z' } }]);
    check([{ $project: { tags: { v: true } } }], [book], [{ _id: 1, tags: [{ v: 2 }, { v: 3 }] }]);
    check(
      [{ $project: { upper: { $toUpper: '$title' }, gone: '$none', title: 1 } }],
      [book],
      [{ _id: 1, title: 'abc', upper: 'ABC' }],
    );
    check(
      [{ $project: { 'author.full': { $concat: ['$author.first', '$author.last'] } } }],
      [book],
      [{ _id: 1, author: { full: 'az' } }],
    );
  });

  it('$project and $unset exclude', () => {
    check(
      [{ $project: { tags: 0, 'author.last': 0 } }],
      [book],
      [{ _id: 1, title: 'abc', author: { first: 'a' } }],
    );
    check([{ $project: { _id: 0, tags: 0, author: 0 } }], [book], [{ title: 'abc' }]);
    check([{ $unset: ['author', 'tags.v'] }], [book], [{ _id: 1, title: 'abc', tags: [{ k: 1 }, 5, {}] }]);
    refuses(
      [{ $project: { a: 1, b: 0 } }],
      'BadValue',
      /Cannot do exclusion on field b in inclusion projection/,
    );
    refuses([{ $project: { a: 1, 'a.b': 1 } }], 'BadValue', /Path collision at a\.b/);
    refuses([{ $project: {} }], 'BadValue', /empty object/);
  });

  it('$addFields replaces in place and reaches into arrays', () => {
    check(
      [{ $addFields: { title: 'x', 'author.age': 3 } }],
      [book],
      [{ ...book, title: 'x', author: { last: 'z', first: 'a', age: 3 } }],
    );
    check(
      [{ $set: { 'a.b': '$n' } }],
      [{ _id: 1, a: [1, { c: 1 }], n: 7 }],
      [{ _id: 1, a: [{ b: 7 }, { c: 1, b: 7 }], n: 7 }],
    );
    check([{ $set: { n: '$$REMOVE' } }], [{ _id: 1, n: 7 }], [{ _id: 1 }]);
    check([{ $set: { n: true } }], [{ _id: 1 }], [{ _id: 1, n: true }]);
  });

  it('$replaceRoot and $replaceWith', () => {
    check([{ $replaceRoot: { newRoot: '$author' } }], [book], [{ last: 'z', first: 'a' }]);
    check(
      [{ $replaceWith: { $mergeObjects: [{ _id: 0 }, '$author'] } }],
      [book],
      [{ _id: 0, last: 'z', first: 'a' }],
    );
    refuses([{ $replaceWith: '$title' }], 'BadValue', /was of type: string/, [book]);
  });

  it('$unwind', () => {
    check(
      [{ $unwind: '$s' }],
      [{ _id: 1, s: ['S', 'M'] }, { _id: 2, s: [] }, { _id: 3 }, { _id: 4, s: 'L' }, { _id: 5, s: null }],
      [
        { _id: 1, s: 'S' },
        { _id: 1, s: 'M' },
        { _id: 4, s: 'L' },
      ],
    );
    check(
      [{ $unwind: { path: '$s', includeArrayIndex: 'i', preserveNullAndEmptyArrays: true } }],
      [{ _id: 1, s: ['S'] }, { _id: 2, s: [] }, { _id: 3 }, { _id: 4, s: 'L' }, { _id: 5, s: null }],
      [
        { _id: 1, s: 'S', i: Long.fromNumber(0) },
        { _id: 2, i: null },
        { _id: 3, i: null },
        { _id: 4, s: 'L', i: null },
        { _id: 5, s: null, i: null },
      ],
    );
    check(
      [{ $unwind: '$a.b' }],
      [{ a: { b: [1, 2], c: 3 } }],
      [{ a: { b: 1, c: 3 } }, { a: { b: 2, c: 3 } }],
    );
    refuses([{ $unwind: 's' }], 'BadValue', /prefixed with a '\$'/);
  });

  it('keeps a field named __proto__ a field', () => {
    const [result] = results([{ $set: JSON.parse('{"__proto__": {"x": 1}}') as Document }], [{ _id: 1 }]);
    assert.deepEqual(Object.keys(result!), ['_id', '__proto__']);
    assert.equal(Object.getPrototypeOf(result), Object.prototype);
  });
});

describe('aggregate: several collections and pipelines', () => {
  const orders = [
    { _id: 1, item: 'almonds', quantity: 2 },
    { _id: 2, item: 'pecans', quantity: 1 },
    { _id: 3 },
  ];
  const inventory = [
    { _id: 1, sku: 'almonds', instock: 120 },
    { _id: 2, sku: 'bread', instock: 80 },
    { _id: 4, sku: 'pecans', instock: 70 },
    { _id: 5, sku: null },
    { _id: 6 },
  ];

  it('$lookup by equality (the example of the manual): missing and null are equal', () => {
    check(
      [{ $lookup: { from: 'inventory', localField: 'item', foreignField: 'sku', as: 'docs' } }],
      orders,
      [
        { ...orders[0], docs: [inventory[0]] },
        { ...orders[1], docs: [inventory[2]] },
        { ...orders[2], docs: [inventory[3], inventory[4]] },
      ],
      { inventory },
    );
    check(
      [{ $lookup: { from: 'c', localField: 'ids', foreignField: '_id', as: 'found' } }],
      [{ _id: 1, ids: [2, Long.fromNumber(3)] }],
      [{ _id: 1, ids: [2, Long.fromNumber(3)], found: [{ _id: 2 }, { _id: 3 }] }],
      { c: [{ _id: 1 }, { _id: 2 }, { _id: 3 }] },
    );
    check(
      [{ $lookup: { from: 'none', localField: 'a', foreignField: 'b', as: 'x.y' } }],
      [{ _id: 1 }],
      [{ _id: 1, x: { y: [] } }],
    );
  });

  it('$lookup with a pipeline and variables', () => {
    check(
      [
        {
          $lookup: {
            from: 'inventory',
            let: { item: '$item', least: '$quantity' },
            pipeline: [
              {
                $match: { $expr: { $and: [{ $eq: ['$sku', '$$item'] }, { $gte: ['$instock', '$$least'] }] } },
              },
              { $project: { _id: 0, instock: 1 } },
            ],
            as: 'stock',
          },
        },
      ],
      orders.slice(0, 1),
      [{ ...orders[0], stock: [{ instock: 120 }] }],
      { inventory },
    );
    refuses([{ $lookup: { from: 'a', as: 'b' } }], 'FailedToParse', /requires either pipeline or both/);
  });

  it('$facet runs each pipeline on the same documents', () => {
    check(
      [
        {
          $facet: {
            count: [{ $count: 'n' }],
            top: [{ $sort: { quantity: -1 } }, { $limit: 1 }, { $project: { _id: 1 } }],
          },
        },
      ],
      sales,
      [{ count: [{ n: 5 }], top: [{ _id: 4 }] }],
    );
    refuses(
      [{ $facet: { a: [{ $facet: { b: [] } }] } }],
      'FailedToParse',
      /not allowed to be used within a \$facet/,
    );
  });

  it('$unionWith appends', () => {
    check(
      [{ $unionWith: { coll: 'b', pipeline: [{ $match: { n: 2 } }] } }],
      [{ n: 1 }],
      [{ n: 1 }, { n: 2 }],
      { b: [{ n: 2 }, { n: 3 }] },
    );
  });

  it('$sample takes so many different documents', () => {
    const ids = results([{ $sample: { size: 3 } }], sales).map(({ _id }) => String(_id));
    assert.equal(new Set(ids).size, 3);
    assert.equal(results([{ $sample: { size: 99 } }], sales).length, 5);
  });
});

describe('aggregate: what is refused', () => {
  it('by name, before any document is read', () => {
    for (const name of [
      '$out',
      '$merge',
      '$graphLookup',
      '$geoNear',
      '$search',
      '$collStats',
      '$indexStats',
      '$changeStream',
      '$setWindowFields',
      '$fill',
      '$densify',
      '$redact',
      '$bucketAuto',
      '$documents',
      '$foo',
      '$constructor',
    ]) {
      refuses([{ [name]: {} }], 'CommandNotSupported', new RegExp(`the aggregation stage \\${name}$`));
    }
    refuses([{ $facet: { a: [{ $out: 'x' }] } }], 'CommandNotSupported', /\$out/);
    refuses(
      [{ $lookup: { from: 'a', as: 'b', pipeline: [{ $merge: 'x' }] } }],
      'CommandNotSupported',
      /\$merge/,
    );
    refuses([{ $group: { _id: { $function: {} } } }], 'CommandNotSupported', /\$function/);
    refuses([{ $match: { $where: 'true' } }], 'CommandNotSupported', /\$where/);
  });

  it('malformed pipelines and arguments', () => {
    refuses([{}], 'FailedToParse', /exactly one field/);
    refuses([{ $skip: 1, $limit: 1 }], 'FailedToParse', /exactly one field/);
    refuses([{ $limit: 0 }], 'BadValue', /\$limit/);
    refuses([{ $skip: -1 }], 'BadValue', /\$skip/);
    refuses([{ $sort: {} }], 'BadValue', /at least one sort key/);
    refuses([{ $count: 'a.b' }], 'BadValue', /count field/);
    refuses([{ $match: 1 }], 'BadValue', /match filter/);
    refuses(new Array<Document>(1001).fill({ $skip: 1 }), 'FailedToParse', /no longer than 1000 stages/);
  });

  it('nesting deeper than 100', () => {
    const nested = (depth: number): Document[] =>
      depth === 0 ? [] : [{ $unionWith: { coll: 'a', pipeline: nested(depth - 1) } }];
    refuses(nested(120), 'BadValue', /nested deeper than 100/);
  });

  it('leaves a closed list', () => {
    assert.deepEqual(supportedStages, [
      '$addFields',
      '$bucket',
      '$count',
      '$facet',
      '$group',
      '$limit',
      '$lookup',
      '$match',
      '$project',
      '$replaceRoot',
      '$replaceWith',
      '$sample',
      '$set',
      '$skip',
      '$sort',
      '$sortByCount',
      '$unionWith',
      '$unset',
      '$unwind',
    ]);
    assert.deepEqual(supportedAccumulators, [
      '$addToSet',
      '$avg',
      '$count',
      '$first',
      '$last',
      '$max',
      '$mergeObjects',
      '$min',
      '$push',
      '$sum',
    ]);
  });
});
