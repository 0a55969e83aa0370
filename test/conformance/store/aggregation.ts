// Aggregation: each stage, accumulators, and expressions on missing fields.
import assert from 'node:assert/strict';
import { Decimal128 } from 'mongodb';
import { type Case, refused, theme } from './theme.js';

async function sales(at: Case): Promise<void> {
  await at.given(
    { _id: 1, item: 'a', n: 2, price: 10, tags: ['x', 'y'] },
    { _id: 2, item: 'b', n: 1, price: 20, tags: [] },
    { _id: 3, item: 'a', n: 5, price: 30, tags: ['y'] },
    { _id: 4, item: 'c', n: 10, price: 5 },
  );
}

export const aggregation = theme('aggregation', (it) => {
  it('an empty pipeline answers everything', async (at) => {
    await at.given({ _id: 1 });
    await at.aggregates([], [{ _id: 1 }]);
  });

  it('$match takes the filters of find', async (at) => {
    await sales(at);
    await at.aggregates(
      [{ $match: { item: 'a', n: { $gt: 2 } } }, { $project: { n: 1 } }],
      [{ _id: 3, n: 5 }],
    );
  });

  it('$match after $group sees its results', async (at) => {
    await sales(at);
    await at.aggregates(
      [{ $group: { _id: '$item', n: { $sum: '$n' } } }, { $match: { n: { $gt: 7 } } }],
      [{ _id: 'c', n: 10 }],
    );
  });

  it('$project renames and computes', async (at) => {
    await at.given({ _id: 1, a: 2, b: 3 });
    await at.aggregates(
      [{ $project: { _id: 0, x: '$a', product: { $multiply: ['$a', '$b'] } } }],
      [{ x: 2, product: 6 }],
    );
  });

  it('$project excludes', async (at) => {
    await at.given({ _id: 1, a: 2, b: { c: 1, d: 2 } });
    await at.aggregates([{ $project: { a: 0, 'b.c': 0 } }], [{ _id: 1, b: { d: 2 } }]);
  });

  it('a computed field of a missing field is left out', async (at) => {
    await at.given({ _id: 1 });
    await at.aggregates([{ $project: { x: '$nope' } }], [{ _id: 1 }]);
  });

  it('arithmetic on a missing field gives null', async (at) => {
    await at.given({ _id: 1, a: 1 });
    await at.aggregates([{ $project: { x: { $add: ['$a', '$nope'] } } }], [{ _id: 1, x: null }]);
  });

  it('$addFields keeps the rest and changes in place', async (at) => {
    await at.given({ _id: 1, a: 1, b: 2 });
    await at.aggregates([{ $addFields: { a: 9, c: '$b' } }], [{ _id: 1, a: 9, b: 2, c: 2 }]);
  });

  it('$set is $addFields, into sub-documents too', async (at) => {
    await at.given({ _id: 1, a: { b: 1 } });
    await at.aggregates([{ $set: { 'a.c': 2 } }], [{ _id: 1, a: { b: 1, c: 2 } }]);
  });

  it('$unset takes one path or several', async (at) => {
    await at.given({ _id: 1, a: 1, b: 2, c: { d: 1, e: 2 } });
    await at.aggregates([{ $unset: 'a' }, { $unset: ['b', 'c.d'] }], [{ _id: 1, c: { e: 2 } }]);
  });

  it('$group sums and counts by key', async (at) => {
    await sales(at);
    await at.aggregates(
      [{ $group: { _id: '$item', n: { $sum: '$n' }, count: { $sum: 1 } } }, { $sort: { _id: 1 } }],
      [
        { _id: 'a', n: 7, count: 2 },
        { _id: 'b', n: 1, count: 1 },
        { _id: 'c', n: 10, count: 1 },
      ],
    );
  });

  it('$group by null takes everything together', async (at) => {
    await sales(at);
    await at.aggregates(
      [{ $group: { _id: null, avg: { $avg: '$n' }, min: { $min: '$n' }, max: { $max: '$n' } } }],
      [{ _id: null, avg: 4.5, min: 1, max: 10 }],
    );
  });

  it('$group by several fields', async (at) => {
    await at.given({ _id: 1, a: 1, b: 1 }, { _id: 2, a: 1, b: 1 }, { _id: 3, a: 1, b: 2 });
    await at.aggregates(
      [{ $group: { _id: { a: '$a', b: '$b' }, count: { $sum: 1 } } }, { $sort: { count: 1 } }],
      [
        { _id: { a: 1, b: 2 }, count: 1 },
        { _id: { a: 1, b: 1 }, count: 2 },
      ],
    );
  });

  it('$group takes null and missing keys as one', async (at) => {
    await at.given({ _id: 1, a: null }, { _id: 2 });
    await at.aggregates([{ $group: { _id: '$a', count: { $sum: 1 } } }], [{ _id: null, count: 2 }]);
  });

  it('$push, $addToSet, $first and $last of a sorted group', async (at) => {
    await sales(at);
    await at.aggregates(
      [
        { $sort: { n: 1 } },
        {
          $group: {
            _id: null,
            items: { $push: '$item' },
            first: { $first: '$item' },
            last: { $last: '$item' },
            set: { $addToSet: 'same' },
          },
        },
      ],
      [{ _id: null, items: ['b', 'a', 'a', 'c'], first: 'b', last: 'c', set: ['same'] }],
    );
  });

  it('$sum leaves what is no number out', async (at) => {
    await at.given({ _id: 1, a: 1 }, { _id: 2, a: 'x' }, { _id: 3 }, { _id: 4, a: 2.5 });
    await at.aggregates([{ $group: { _id: null, sum: { $sum: '$a' } } }], [{ _id: null, sum: 3.5 }]);
  });

  it('$sum of decimals is exact', async (at) => {
    await at.given({ _id: 1, a: Decimal128.fromString('0.1') }, { _id: 2, a: Decimal128.fromString('0.2') });
    await at.aggregates(
      [{ $group: { _id: null, sum: { $sum: '$a' } } }],
      [{ _id: null, sum: Decimal128.fromString('0.3') }],
    );
  });

  it('$avg of nothing is null', async (at) => {
    await at.given({ _id: 1 });
    await at.aggregates([{ $group: { _id: null, avg: { $avg: '$a' } } }], [{ _id: null, avg: null }]);
  });

  it('$sort, $skip and $limit in the order given', async (at) => {
    await sales(at);
    await at.aggregates(
      [{ $sort: { n: -1 } }, { $skip: 1 }, { $limit: 2 }, { $project: { _id: 1 } }],
      [{ _id: 3 }, { _id: 1 }],
    );
  });

  it('$count', async (at) => {
    await sales(at);
    await at.aggregates([{ $match: { item: 'a' } }, { $count: 'total' }], [{ total: 2 }]);
  });

  it('$count of nothing answers no document', async (at) => {
    await at.aggregates([{ $count: 'total' }], []);
  });

  it('$unwind makes a document of each element', async (at) => {
    await sales(at);
    await at.aggregates(
      [{ $unwind: '$tags' }, { $project: { tags: 1 } }, { $sort: { _id: 1, tags: 1 } }],
      [
        { _id: 1, tags: 'x' },
        { _id: 1, tags: 'y' },
        { _id: 3, tags: 'y' },
      ],
    );
  });

  it('$unwind may keep documents without elements', async (at) => {
    await at.given({ _id: 1, a: [] }, { _id: 2 }, { _id: 3, a: null }, { _id: 4, a: ['x'] });
    await at.aggregates(
      [{ $unwind: { path: '$a', preserveNullAndEmptyArrays: true } }, { $sort: { _id: 1 } }],
      [{ _id: 1 }, { _id: 2 }, { _id: 3, a: null }, { _id: 4, a: 'x' }],
    );
  });

  it('$unwind may tell the position', async (at) => {
    await at.given({ _id: 1, a: ['x', 'y'] });
    await at.aggregates(
      [
        { $unwind: { path: '$a', includeArrayIndex: 'at' } },
        { $project: { _id: 0, a: 1, n: { $add: ['$at', 0] } } },
      ],
      [
        { a: 'x', n: 0 },
        { a: 'y', n: 1 },
      ],
    );
  });

  it('$unwind of a scalar answers the document as it is', async (at) => {
    await at.given({ _id: 1, a: 'x' });
    await at.aggregates([{ $unwind: '$a' }], [{ _id: 1, a: 'x' }]);
  });

  it('$lookup joins by equality', async (at) => {
    const others = at.another();
    await others.insertMany([
      { _id: 10, k: 1 },
      { _id: 11, k: 1 },
      { _id: 12, k: 2 },
    ]);
    await at.given({ _id: 1, k: 1 }, { _id: 2, k: 9 });
    await at.aggregates(
      [
        { $lookup: { from: others.collectionName, localField: 'k', foreignField: 'k', as: 'found' } },
        { $sort: { _id: 1 } },
      ],
      [
        {
          _id: 1,
          k: 1,
          found: [
            { _id: 10, k: 1 },
            { _id: 11, k: 1 },
          ],
        },
        { _id: 2, k: 9, found: [] },
      ],
    );
  });

  it('$lookup of a missing local field joins null and missing', async (at) => {
    const others = at.another();
    await others.insertMany([{ _id: 10, k: null }, { _id: 11 }, { _id: 12, k: 2 }]);
    await at.given({ _id: 1 });
    await at.aggregates(
      [{ $lookup: { from: others.collectionName, localField: 'k', foreignField: 'k', as: 'found' } }],
      [{ _id: 1, found: [{ _id: 10, k: null }, { _id: 11 }] }],
    );
  });

  it('$lookup of an array joins each of its elements', async (at) => {
    const others = at.another();
    await others.insertMany([{ _id: 10 }, { _id: 11 }, { _id: 12 }]);
    await at.given({ _id: 1, refs: [10, 12] });
    await at.aggregates(
      [{ $lookup: { from: others.collectionName, localField: 'refs', foreignField: '_id', as: 'found' } }],
      [{ _id: 1, refs: [10, 12], found: [{ _id: 10 }, { _id: 12 }] }],
    );
  });

  it('$lookup with a pipeline of its own', async (at) => {
    const others = at.another();
    await others.insertMany([
      { _id: 10, k: 1, n: 5 },
      { _id: 11, k: 1, n: 9 },
    ]);
    await at.given({ _id: 1, k: 1 });
    await at.aggregates(
      [
        {
          $lookup: {
            from: others.collectionName,
            let: { k: '$k' },
            pipeline: [{ $match: { $expr: { $and: [{ $eq: ['$k', '$$k'] }, { $gt: ['$n', 6] }] } } }],
            as: 'found',
          },
        },
      ],
      [{ _id: 1, k: 1, found: [{ _id: 11, k: 1, n: 9 }] }],
    );
  });

  it('$facet runs pipelines side by side', async (at) => {
    await sales(at);
    await at.aggregates(
      [
        {
          $facet: {
            count: [{ $count: 'n' }],
            dear: [{ $match: { price: { $gte: 20 } } }, { $project: { _id: 1 } }, { $sort: { _id: 1 } }],
          },
        },
      ],
      [{ count: [{ n: 4 }], dear: [{ _id: 2 }, { _id: 3 }] }],
    );
  });

  it('$bucket counts by bounds, with the rest in the default', async (at) => {
    await sales(at);
    await at.aggregates(
      [{ $bucket: { groupBy: '$price', boundaries: [0, 10, 25], default: 'more' } }],
      [
        { _id: 0, count: 1 },
        { _id: 10, count: 2 },
        { _id: 'more', count: 1 },
      ],
    );
  });

  it('$sortByCount', async (at) => {
    await at.given({ _id: 1, a: 'x' }, { _id: 2, a: 'y' }, { _id: 3, a: 'x' });
    await at.aggregates(
      [{ $sortByCount: '$a' }],
      [
        { _id: 'x', count: 2 },
        { _id: 'y', count: 1 },
      ],
    );
  });

  it('$replaceRoot and $replaceWith lift a sub-document', async (at) => {
    await at.given({ _id: 1, a: { b: { c: 1 } } });
    await at.aggregates([{ $replaceRoot: { newRoot: '$a' } }, { $replaceWith: '$b' }], [{ c: 1 }]);
  });

  it('$unionWith adds another collection', async (at) => {
    const others = at.another();
    await others.insertOne({ _id: 2 });
    await at.given({ _id: 1 });
    await at.aggregates(
      [{ $unionWith: others.collectionName }, { $sort: { _id: 1 } }],
      [{ _id: 1 }, { _id: 2 }],
    );
  });

  it('$sample answers as many as asked', async (at) => {
    await sales(at);
    assert.equal((await at.collection.aggregate([{ $sample: { size: 2 } }]).toArray()).length, 2);
  });

  it.needing('graphLookup', '$graphLookup follows references', async (at) => {
    await at.given({ _id: 1 }, { _id: 2, boss: 1 }, { _id: 3, boss: 2 });
    await at.aggregates(
      [
        { $match: { _id: 3 } },
        {
          $graphLookup: {
            from: at.collection.collectionName,
            startWith: '$boss',
            connectFromField: 'boss',
            connectToField: '_id',
            as: 'line',
          },
        },
        { $project: { n: { $size: '$line' } } },
      ],
      [{ _id: 3, n: 2 }],
    );
  });

  it('$cond, $ifNull and $switch choose', async (at) => {
    await at.given({ _id: 1, a: 5 });
    await at.aggregates(
      [
        {
          $project: {
            big: { $cond: [{ $gt: ['$a', 3] }, 'yes', 'no'] },
            other: { $ifNull: ['$nope', 'none'] },
            // biome-ignore lint/suspicious/noThenProperty: MongoDB names it so.
            kind: { $switch: { branches: [{ case: { $lt: ['$a', 3] }, then: 'low' }], default: 'high' } },
          },
        },
      ],
      [{ _id: 1, big: 'yes', other: 'none', kind: 'high' }],
    );
  });

  it('$filter, $map and $reduce work on arrays', async (at) => {
    await at.given({ _id: 1, a: [1, 2, 3] });
    await at.aggregates(
      [
        {
          $project: {
            odd: { $filter: { input: '$a', as: 'x', cond: { $ne: ['$$x', 2] } } },
            twice: { $map: { input: '$a', as: 'x', in: { $multiply: ['$$x', 2] } } },
            sum: { $reduce: { input: '$a', initialValue: 0, in: { $add: ['$$value', '$$this'] } } },
          },
        },
      ],
      [{ _id: 1, odd: [1, 3], twice: [2, 4, 6], sum: 6 }],
    );
  });

  it('$dateToString formats in UTC', async (at) => {
    await at.given({ _id: 1, a: new Date('2026-02-03T04:05:06Z') });
    await at.aggregates(
      [{ $project: { day: { $dateToString: { date: '$a', format: '%Y-%m-%d' } } } }],
      [{ _id: 1, day: '2026-02-03' }],
    );
  });

  it('a result of thousands of documents is read in batches', async (at) => {
    await at.given(...Array.from({ length: 1500 }, (_, index) => ({ _id: index })));
    const found = await at.collection.aggregate([{ $sort: { _id: -1 } }], { batchSize: 100 }).toArray();
    assert.equal(found.length, 1500);
    assert.equal(found[0]?.['_id'], 1499);
  });

  it('an unknown stage is refused', async (at) => {
    await at.given({ _id: 1 });
    await refused(at.collection.aggregate([{ $wish: {} }]).toArray());
  });

  it('a stage with two fields is refused', async (at) => {
    await at.given({ _id: 1 });
    await refused(at.collection.aggregate([{ $match: {}, $limit: 1 }]).toArray());
  });

  it('$limit 0 is refused', async (at) => {
    await at.given({ _id: 1 });
    await refused(at.collection.aggregate([{ $limit: 0 }]).toArray());
  });
});
