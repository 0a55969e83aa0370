// $all, $elemMatch, $size: arrays as a whole and element by element.
import { refused, theme } from './theme.js';

export const queryArrays = theme('array query', (it) => {
  it('$all needs every value, in any order', async (at) => {
    await at.given({ _id: 1, a: [1, 2, 3] }, { _id: 2, a: [1, 3] }, { _id: 3, a: [2, 1] });
    await at.answers({ a: { $all: [1, 2] } }, [1, 3]);
  });

  it('$all of one value matches a scalar field', async (at) => {
    await at.given({ _id: 1, a: 'x' }, { _id: 2, a: ['x', 'y'] }, { _id: 3, a: 'y' });
    await at.answers({ a: { $all: ['x'] } }, [1, 2]);
  });

  it('$all of nothing matches nothing', async (at) => {
    await at.given({ _id: 1, a: [] }, { _id: 2, a: [1] }, { _id: 3 });
    await at.answers({ a: { $all: [] } }, []);
  });

  it('$all with an array matches that array or one that holds it', async (at) => {
    await at.given({ _id: 1, a: [['x', 'y'], 'z'] }, { _id: 2, a: ['x', 'y'] }, { _id: 3, a: ['x'] });
    await at.answers({ a: { $all: [['x', 'y']] } }, [1, 2]);
  });

  it('$all with $elemMatch: each may be met by another element', async (at) => {
    await at.given(
      {
        _id: 1,
        a: [
          { size: 'M', n: 5 },
          { size: 'S', n: 1 },
        ],
      },
      {
        _id: 2,
        a: [
          { size: 'M', n: 1 },
          { size: 'S', n: 5 },
        ],
      },
    );
    await at.answers(
      { a: { $all: [{ $elemMatch: { size: 'M', n: { $gt: 2 } } }, { $elemMatch: { size: 'S' } }] } },
      [1],
    );
  });

  it('$all on a path through an array gathers the values of all elements', async (at) => {
    await at.given({ _id: 1, a: [{ b: 1 }, { b: 2 }] }, { _id: 2, a: [{ b: 1 }] });
    await at.answers({ 'a.b': { $all: [1, 2] } }, [1]);
  });

  it('$elemMatch needs one element to meet all bounds', async (at) => {
    await at.given({ _id: 1, a: [1, 20] }, { _id: 2, a: [7, 20] });
    await at.answers({ a: { $elemMatch: { $gt: 5, $lt: 10 } } }, [2]);
  });

  it('$elemMatch on documents', async (at) => {
    await at.given(
      {
        _id: 1,
        a: [
          { b: 1, c: 2 },
          { b: 2, c: 1 },
        ],
      },
      { _id: 2, a: [{ b: 1, c: 1 }] },
    );
    await at.answers({ a: { $elemMatch: { b: 1, c: 1 } } }, [2]);
  });

  it('$elemMatch never matches a scalar or a document', async (at) => {
    await at.given({ _id: 1, a: 7 }, { _id: 2, a: { b: 1 } }, { _id: 3, a: [7] });
    await at.answers({ a: { $elemMatch: { $gt: 5 } } }, [3]);
    await at.answers({ a: { $elemMatch: { b: 1 } } }, []);
  });

  it('$elemMatch with a dotted path within', async (at) => {
    await at.given({ _id: 1, a: [{ b: { c: 1 } }] }, { _id: 2, a: [{ b: { c: 2 } }] });
    await at.answers({ a: { $elemMatch: { 'b.c': 2 } } }, [2]);
  });

  it('$elemMatch within $elemMatch', async (at) => {
    await at.given({ _id: 1, a: [{ b: [1, 2] }] }, { _id: 2, a: [{ b: [5, 6] }] });
    await at.answers({ a: { $elemMatch: { b: { $elemMatch: { $gt: 4 } } } } }, [2]);
  });

  it('$elemMatch with $or within', async (at) => {
    await at.given({ _id: 1, a: [{ b: 1 }] }, { _id: 2, a: [{ c: 1 }] }, { _id: 3, a: [{ d: 1 }] });
    await at.answers({ a: { $elemMatch: { $or: [{ b: 1 }, { c: 1 }] } } }, [1, 2]);
  });

  it('$elemMatch with $ne needs an element that differs', async (at) => {
    await at.given({ _id: 1, a: [{ b: 1 }, { b: 2 }] }, { _id: 2, a: [{ b: 1 }] }, { _id: 3, a: [] });
    await at.answers({ a: { $elemMatch: { b: { $ne: 1 } } } }, [1]);
  });

  it('$elemMatch under $not', async (at) => {
    await at.given({ _id: 1, a: [1, 7] }, { _id: 2, a: [1] }, { _id: 3 });
    await at.answers({ a: { $not: { $elemMatch: { $gt: 5 } } } }, [2, 3]);
  });

  it('$elemMatch of something else than a document is refused', async (at) => {
    await at.given({ _id: 1, a: [1] });
    await refused(at.collection.find({ a: { $elemMatch: 1 as unknown as object } }).toArray(), 2);
  });

  it('$size matches arrays of that length alone', async (at) => {
    await at.given({ _id: 1, a: [1, 2] }, { _id: 2, a: [] }, { _id: 3, a: 'xy' }, { _id: 4 });
    await at.answers({ a: { $size: 2 } }, [1]);
    await at.answers({ a: { $size: 0 } }, [2]);
  });

  it('$size of nested arrays on a path', async (at) => {
    await at.given({ _id: 1, a: [{ b: [1] }, { b: [1, 2] }] }, { _id: 2, a: [{ b: [1] }] });
    await at.answers({ 'a.b': { $size: 2 } }, [1]);
  });

  it('a negative $size is refused', async (at) => {
    await at.given({ _id: 1, a: [] });
    await refused(at.collection.find({ a: { $size: -1 } }).toArray(), 2);
  });

  it('a fractional $size is refused', async (at) => {
    await at.given({ _id: 1, a: [] });
    await refused(at.collection.find({ a: { $size: 1.5 } }).toArray(), 2);
  });
});
