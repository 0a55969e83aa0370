// Operators on arrays: $push with its modifiers, $addToSet, $pop, $pull.
import { Double, Long } from 'mongodb';
import { type Case, refused, theme } from './theme.js';

async function refuses(at: Case, before: object, update: object, ...codes: number[]): Promise<void> {
  await at.given({ _id: 1, ...before });
  await refused(at.collection.updateOne({ _id: 1 }, update), ...codes);
  await at.holds({ _id: 1, ...before });
}

export const updateArrays = theme('array update', (it) => {
  it('$push appends', (at) => at.updates({ a: [1] }, { $push: { a: 2 } }, { a: [1, 2] }));

  it('$push makes a missing array', (at) => at.updates({}, { $push: { 'a.b': 2 } }, { a: { b: [2] } }));

  it('$push of an array appends it as one element', (at) =>
    at.updates({ a: [1] }, { $push: { a: [2, 3] } }, { a: [1, [2, 3]] }));

  it('$push to a scalar is refused', (at) => refuses(at, { a: 1 }, { $push: { a: 2 } }, 2));

  it('$push to null is refused', (at) => refuses(at, { a: null }, { $push: { a: 2 } }, 2));

  it('$each appends each', (at) =>
    at.updates({ a: [1] }, { $push: { a: { $each: [2, 3] } } }, { a: [1, 2, 3] }));

  it('$each of nothing makes an empty array', (at) =>
    at.updates({}, { $push: { a: { $each: [] } } }, { a: [] }));

  it('$each of something else than an array is refused', (at) =>
    refuses(at, { a: [] }, { $push: { a: { $each: 1 } } }, 2));

  it('$position inserts there', (at) =>
    at.updates({ a: [1, 2] }, { $push: { a: { $each: [8, 9], $position: 1 } } }, { a: [1, 8, 9, 2] }));

  it('a negative $position counts from the end', (at) =>
    at.updates({ a: [1, 2, 3] }, { $push: { a: { $each: [9], $position: -1 } } }, { a: [1, 2, 9, 3] }));

  it('$position beyond the end appends', (at) =>
    at.updates({ a: [1] }, { $push: { a: { $each: [9], $position: 10 } } }, { a: [1, 9] }));

  it('$slice keeps the first', (at) =>
    at.updates({ a: [1, 2] }, { $push: { a: { $each: [3, 4], $slice: 3 } } }, { a: [1, 2, 3] }));

  it('a negative $slice keeps the last', (at) =>
    at.updates({ a: [1, 2] }, { $push: { a: { $each: [3, 4], $slice: -3 } } }, { a: [2, 3, 4] }));

  it('$slice 0 empties', (at) =>
    at.updates({ a: [1, 2] }, { $push: { a: { $each: [3], $slice: 0 } } }, { a: [] }));

  it('$sort orders the whole array', (at) =>
    at.updates({ a: [3, 1] }, { $push: { a: { $each: [2], $sort: 1 } } }, { a: [1, 2, 3] }));

  it('$sort downwards', (at) =>
    at.updates({ a: [3, 1] }, { $push: { a: { $each: [2], $sort: -1 } } }, { a: [3, 2, 1] }));

  it('$sort by a field of the elements', (at) =>
    at.updates(
      { a: [{ k: 3 }, { k: 1 }] },
      { $push: { a: { $each: [{ k: 2 }], $sort: { k: -1 } } } },
      { a: [{ k: 3 }, { k: 2 }, { k: 1 }] },
    ));

  it('$sort by a dotted path of the elements', (at) =>
    at.updates(
      { a: [{ k: { n: 2 } }] },
      { $push: { a: { $each: [{ k: { n: 1 } }], $sort: { 'k.n': 1 } } } },
      { a: [{ k: { n: 1 } }, { k: { n: 2 } }] },
    ));

  it('$sort orders mixed types as BSON does', (at) =>
    at.updates(
      { a: ['x', 3] },
      { $push: { a: { $each: [null, true], $sort: 1 } } },
      { a: [null, 3, 'x', true] },
    ));

  it('$sort comes before $slice', (at) =>
    at.updates({ a: [5, 1] }, { $push: { a: { $each: [3], $slice: 2, $sort: 1 } } }, { a: [1, 3] }));

  it('an unknown modifier beside $each is refused', (at) =>
    refuses(at, { a: [1] }, { $push: { a: { $each: [1], $max: 1 } } }, 2));

  it('$addToSet appends what is not there', (at) =>
    at.updates({ a: [1] }, { $addToSet: { a: 2 } }, { a: [1, 2] }));

  it('$addToSet leaves what is there', (at) =>
    at.updates({ a: [1, 2] }, { $addToSet: { a: 2 } }, { a: [1, 2] }));

  it('$addToSet makes a missing array', (at) => at.updates({}, { $addToSet: { a: 2 } }, { a: [2] }));

  it('$addToSet $each adds each once', (at) =>
    at.updates({ a: [1] }, { $addToSet: { a: { $each: [1, 2, 2, 3] } } }, { a: [1, 2, 3] }));

  it('$addToSet of an array adds it as one element', (at) =>
    at.updates({ a: [1] }, { $addToSet: { a: [1] } }, { a: [1, [1]] }));

  it('$addToSet tells documents apart by the order of their fields', (at) =>
    at.updates(
      { a: [{ x: 1, y: 2 }] },
      { $addToSet: { a: { y: 2, x: 1 } } },
      {
        a: [
          { x: 1, y: 2 },
          { y: 2, x: 1 },
        ],
      },
    ));

  it('$addToSet takes numbers of other types as the same', (at) =>
    at.updates({ a: [1] }, { $addToSet: { a: { $each: [new Double(1), Long.fromNumber(1)] } } }, { a: [1] }));

  it('$addToSet leaves duplicates that were there', (at) =>
    at.updates({ a: [1, 1] }, { $addToSet: { a: 2 } }, { a: [1, 1, 2] }));

  it('$addToSet to a scalar is refused', (at) => refuses(at, { a: 1 }, { $addToSet: { a: 2 } }, 2));

  it('$pop takes the last', (at) => at.updates({ a: [1, 2, 3] }, { $pop: { a: 1 } }, { a: [1, 2] }));

  it('$pop -1 takes the first', (at) => at.updates({ a: [1, 2, 3] }, { $pop: { a: -1 } }, { a: [2, 3] }));

  it('$pop leaves an empty array and a missing field', (at) =>
    at.updates({ a: [] }, { $pop: { a: 1, b: 1 } }, { a: [] }));

  it('$pop of a scalar is refused', (at) => refuses(at, { a: 1 }, { $pop: { a: 1 } }, 14));

  it('$pop by another number is refused', (at) => refuses(at, { a: [1] }, { $pop: { a: 2 } }, 9));

  it('$pull removes every equal element', (at) =>
    at.updates({ a: [1, 2, 1, 3] }, { $pull: { a: 1 } }, { a: [2, 3] }));

  it('$pull by a condition', (at) => at.updates({ a: [1, 5, 9] }, { $pull: { a: { $gte: 5 } } }, { a: [1] }));

  it('$pull by $in', (at) =>
    at.updates({ a: ['x', 'y', 'z'] }, { $pull: { a: { $in: ['x', 'z'] } } }, { a: ['y'] }));

  it('$pull of documents by a query: other fields may be there', (at) =>
    at.updates(
      {
        a: [
          { k: 1, n: 1 },
          { k: 2, n: 1 },
        ],
      },
      { $pull: { a: { k: 1 } } },
      { a: [{ k: 2, n: 1 }] },
    ));

  it('$pull of documents by two conditions on one element', (at) =>
    at.updates(
      {
        a: [
          { k: 1, n: 9 },
          { k: 2, n: 9 },
          { k: 1, n: 1 },
        ],
      },
      { $pull: { a: { k: 1, n: { $gt: 5 } } } },
      {
        a: [
          { k: 2, n: 9 },
          { k: 1, n: 1 },
        ],
      },
    ));

  it('$pull within elements by $elemMatch', (at) =>
    at.updates(
      { a: [{ k: [1, 9] }, { k: [1] }] },
      { $pull: { a: { k: { $elemMatch: { $gt: 5 } } } } },
      { a: [{ k: [1] }] },
    ));

  it('$pull of an array removes elements equal to it', (at) =>
    at.updates({ a: [[1, 2], [2, 1], 1] }, { $pull: { a: [1, 2] } }, { a: [[2, 1], 1] }));

  it('$pull of null removes null', (at) => at.updates({ a: [null, 1] }, { $pull: { a: null } }, { a: [1] }));

  it('$pull by a regular expression', (at) =>
    at.updates({ a: ['apple', 'pear'] }, { $pull: { a: /^ap/ } }, { a: ['pear'] }));

  it('$pullAll removes each of the values', (at) =>
    at.updates({ a: [1, 2, 1, 3, [1]] }, { $pullAll: { a: [1, 3] } }, { a: [2, [1]] }));

  it('$pull of a missing field does nothing', (at) => at.updates({ b: 1 }, { $pull: { a: 1 } }, { b: 1 }));

  it('$pull of a scalar field is refused', (at) => refuses(at, { a: 1 }, { $pull: { a: 1 } }, 2));

  it('$pull on a dotted path', (at) =>
    at.updates({ a: { b: [1, 2] } }, { $pull: { 'a.b': 2 } }, { a: { b: [1] } }));
});
