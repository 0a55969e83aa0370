// The positional operators $, $[] and $[name] with array filters.
import assert from 'node:assert/strict';
import { refused, theme } from './theme.js';

export const updatePositional = theme('positional update', (it) => {
  it('$ changes the element that the filter matched', async (at) => {
    await at.given({ _id: 1, a: [1, 2, 3] });
    await at.collection.updateOne({ a: 2 }, { $set: { 'a.$': 9 } });
    await at.holds({ _id: 1, a: [1, 9, 3] });
  });

  it('$ changes the first of several that match', async (at) => {
    await at.given({ _id: 1, a: [1, 5, 6] });
    await at.collection.updateOne({ a: { $gte: 5 } }, { $inc: { 'a.$': 10 } });
    await at.holds({ _id: 1, a: [1, 15, 6] });
  });

  it('$ goes on to a field of the element', async (at) => {
    await at.given({
      _id: 1,
      a: [
        { k: 1, n: 1 },
        { k: 2, n: 1 },
      ],
    });
    await at.collection.updateOne({ 'a.k': 2 }, { $set: { 'a.$.n': 9 } });
    await at.holds({
      _id: 1,
      a: [
        { k: 1, n: 1 },
        { k: 2, n: 9 },
      ],
    });
  });

  it('$ with $elemMatch means that very element', async (at) => {
    await at.given({
      _id: 1,
      a: [
        { k: 1, n: 1 },
        { k: 1, n: 2 },
      ],
    });
    await at.collection.updateOne({ a: { $elemMatch: { k: 1, n: 2 } } }, { $set: { 'a.$.hit': true } });
    await at.holds({
      _id: 1,
      a: [
        { k: 1, n: 1 },
        { k: 1, n: 2, hit: true },
      ],
    });
  });

  it('$ in updateMany is found in each document', async (at) => {
    await at.given({ _id: 1, a: [1, 2] }, { _id: 2, a: [2, 1] });
    await at.collection.updateMany({ a: 2 }, { $set: { 'a.$': 0 } });
    await at.holds({ _id: 1, a: [1, 0] }, { _id: 2, a: [0, 1] });
  });

  it('$ with $unset leaves null in the place', async (at) => {
    await at.given({ _id: 1, a: [1, 2, 3] });
    await at.collection.updateOne({ a: 2 }, { $unset: { 'a.$': '' } });
    await at.holds({ _id: 1, a: [1, null, 3] });
  });

  it('$ without an array in the filter is refused', async (at) => {
    await at.given({ _id: 1, a: [1, 2] });
    await refused(at.collection.updateOne({ _id: 1 }, { $set: { 'a.$': 9 } }), 2);
    await at.holds({ _id: 1, a: [1, 2] });
  });

  it('$ in findOneAndUpdate', async (at) => {
    await at.given({ _id: 1, a: [{ k: 'x', n: 1 }] });
    await at.collection.findOneAndUpdate({ 'a.k': 'x' }, { $inc: { 'a.$.n': 1 } });
    await at.holds({ _id: 1, a: [{ k: 'x', n: 2 }] });
  });

  it('$[] changes every element', (at) =>
    at.updates({ a: [1, 2, 3] }, { $inc: { 'a.$[]': 10 } }, { a: [11, 12, 13] }));

  it('$[] goes on to a field of each element', (at) =>
    at.updates({ a: [{ n: 1 }, { n: 2 }] }, { $set: { 'a.$[].n': 0 } }, { a: [{ n: 0 }, { n: 0 }] }));

  it('$[] twice reaches into nested arrays', (at) =>
    at.updates(
      { a: [{ b: [1, 2] }, { b: [3] }] },
      { $inc: { 'a.$[].b.$[]': 1 } },
      { a: [{ b: [2, 3] }, { b: [4] }] },
    ));

  it('$[] of an empty array does nothing', (at) =>
    at.updates({ a: [] }, { $inc: { 'a.$[]': 1 } }, { a: [] }));

  it('$[] of a missing field is refused', async (at) => {
    await at.given({ _id: 1 });
    await refused(at.collection.updateOne({ _id: 1 }, { $set: { 'a.$[]': 1 } }), 2);
  });

  it('$[] of a scalar is refused', async (at) => {
    await at.given({ _id: 1, a: 1 });
    await refused(at.collection.updateOne({ _id: 1 }, { $set: { 'a.$[]': 1 } }), 2);
  });

  it('$[name] changes the elements that its filter takes', (at) =>
    at.updates(
      { a: [1, 5, 9] },
      { $set: { 'a.$[big]': 0 } },
      { a: [1, 0, 0] },
      { arrayFilters: [{ big: { $gte: 5 } }] },
    ));

  it('$[name] with a filter on a field', (at) =>
    at.updates(
      { a: [{ k: 1 }, { k: 2 }] },
      { $set: { 'a.$[x].hit': true } },
      { a: [{ k: 1 }, { k: 2, hit: true }] },
      { arrayFilters: [{ 'x.k': 2 }] },
    ));

  it('$[name] with two conditions', (at) =>
    at.updates(
      {
        a: [
          { k: 1, n: 1 },
          { k: 1, n: 9 },
        ],
      },
      { $set: { 'a.$[x].n': 0 } },
      {
        a: [
          { k: 1, n: 1 },
          { k: 1, n: 0 },
        ],
      },
      { arrayFilters: [{ 'x.k': 1, 'x.n': { $gt: 5 } }] },
    ));

  it('two names in nested arrays', (at) =>
    at.updates(
      {
        a: [
          { k: 1, b: [1, 2] },
          { k: 2, b: [1, 2] },
        ],
      },
      { $set: { 'a.$[x].b.$[y]': 0 } },
      {
        a: [
          { k: 1, b: [1, 2] },
          { k: 2, b: [1, 0] },
        ],
      },
      { arrayFilters: [{ 'x.k': 2 }, { y: 2 }] },
    ));

  it('$[name] beside $[]', (at) =>
    at.updates(
      { a: [{ b: [1, 5] }, { b: [5] }] },
      { $set: { 'a.$[].b.$[y]': 0 } },
      { a: [{ b: [1, 0] }, { b: [0] }] },
      { arrayFilters: [{ y: 5 }] },
    ));

  it('$[name] that takes no element changes nothing', async (at) => {
    await at.given({ _id: 1, a: [1] });
    const options = { arrayFilters: [{ x: 9 }] };
    const { matchedCount, modifiedCount } = await at.collection.updateOne(
      {},
      { $set: { 'a.$[x]': 0 } },
      options,
    );
    assert.deepEqual([matchedCount, modifiedCount], [1, 0]);
  });

  it('$[name] with $or in its filter', (at) =>
    at.updates(
      { a: [{ k: 1 }, { k: 2 }, { k: 3 }] },
      { $set: { 'a.$[x].hit': true } },
      { a: [{ k: 1, hit: true }, { k: 2 }, { k: 3, hit: true }] },
      { arrayFilters: [{ $or: [{ 'x.k': 1 }, { 'x.k': 3 }] }] },
    ));

  it('$[name] in $push and $pull', async (at) => {
    await at.updates(
      {
        a: [
          { k: 1, b: [1] },
          { k: 2, b: [1] },
        ],
      },
      { $push: { 'a.$[x].b': 9 }, $pull: { 'a.$[y].b': 1 } },
      {
        a: [
          { k: 1, b: [1, 9] },
          { k: 2, b: [] },
        ],
      },
      { arrayFilters: [{ 'x.k': 1 }, { 'y.k': 2 }] },
    );
  });

  it('$[name] without its filter is refused', async (at) => {
    await at.given({ _id: 1, a: [1] });
    await refused(at.collection.updateOne({ _id: 1 }, { $set: { 'a.$[x]': 0 } }), 2);
  });

  it('an array filter that is not used is refused', async (at) => {
    await at.given({ _id: 1, a: [1] });
    const options = { arrayFilters: [{ x: 1 }] };
    await refused(at.collection.updateOne({ _id: 1 }, { $set: { a: 0 } }, options), 9);
  });

  it('two array filters of one name are refused', async (at) => {
    await at.given({ _id: 1, a: [1] });
    const options = { arrayFilters: [{ x: 1 }, { x: 2 }] };
    await refused(at.collection.updateOne({ _id: 1 }, { $set: { 'a.$[x]': 0 } }, options), 9);
  });

  it('array filters in updateMany', async (at) => {
    await at.given({ _id: 1, a: [1, 2] }, { _id: 2, a: [2] });
    await at.collection.updateMany({}, { $set: { 'a.$[x]': 0 } }, { arrayFilters: [{ x: 2 }] });
    await at.holds({ _id: 1, a: [1, 0] }, { _id: 2, a: [0] });
  });
});
