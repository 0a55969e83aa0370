// $ne, $gt …, $in, $nin: type bracketing, arrays, null and missing fields, cross-type numbers.
import { Decimal128, Long, MaxKey, MinKey, ObjectId } from 'mongodb';
import { refused, theme } from './theme.js';

export const queryComparison = theme('comparison', (it) => {
  it('$ne matches other values and missing fields', async (at) => {
    await at.given({ _id: 1, a: 1 }, { _id: 2, a: 2 }, { _id: 3 });
    await at.answers({ a: { $ne: 1 } }, [2, 3]);
  });

  it('$ne leaves out an array that holds the value', async (at) => {
    await at.given({ _id: 1, a: [1, 2] }, { _id: 2, a: [2, 3] });
    await at.answers({ a: { $ne: 1 } }, [2]);
  });

  it('$ne null matches fields that are there and not null', async (at) => {
    await at.given({ _id: 1, a: null }, { _id: 2 }, { _id: 3, a: 0 }, { _id: 4, a: [] });
    await at.answers({ a: { $ne: null } }, [3, 4]);
  });

  it('$ne on a path through an array needs all elements to differ', async (at) => {
    await at.given({ _id: 1, a: [{ b: 1 }, { b: 2 }] }, { _id: 2, a: [{ b: 2 }] }, { _id: 3 });
    await at.answers({ 'a.b': { $ne: 1 } }, [2, 3]);
  });

  it('$gt leaves out the bound, $gte takes it', async (at) => {
    await at.given({ _id: 1, a: 1 }, { _id: 2, a: 2 }, { _id: 3, a: 3 });
    await at.answers({ a: { $gt: 2 } }, [3]);
    await at.answers({ a: { $gte: 2 } }, [2, 3]);
  });

  it('$lt leaves out the bound, $lte takes it', async (at) => {
    await at.given({ _id: 1, a: 1 }, { _id: 2, a: 2 }, { _id: 3, a: 3 });
    await at.answers({ a: { $lt: 2 } }, [1]);
    await at.answers({ a: { $lte: 2 } }, [1, 2]);
  });

  it('$gt on numbers leaves out strings, dates and null', async (at) => {
    await at.given(
      { _id: 1, a: 5 },
      { _id: 2, a: 'z' },
      { _id: 3, a: new Date() },
      { _id: 4, a: null },
      { _id: 5 },
      { _id: 6, a: true },
      { _id: 7, a: { b: 9 } },
    );
    await at.answers({ a: { $gt: 1 } }, [1]);
  });

  it('$lt on strings leaves out numbers', async (at) => {
    await at.given({ _id: 1, a: 'a' }, { _id: 2, a: 'c' }, { _id: 3, a: 0 });
    await at.answers({ a: { $lt: 'b' } }, [1]);
  });

  it('strings compare by their bytes: capitals before small letters', async (at) => {
    await at.given({ _id: 1, a: 'Z' }, { _id: 2, a: 'a' }, { _id: 3, a: 'é' });
    await at.answers({ a: { $gt: 'Z' } }, [2, 3]);
    await at.answers({ a: { $gt: 'z' } }, [3]);
  });

  it('strings beyond the basic plane come after all others', async (at) => {
    await at.given({ _id: 1, a: '\u{1F600}' }, { _id: 2, a: '\uFF5E' });
    await at.answers({ a: { $gt: '\uFF5E' } }, [1]);
  });

  it('a number is compared across numeric types', async (at) => {
    await at.given(
      { _id: 1, a: 1.5 },
      { _id: 2, a: Long.fromNumber(2) },
      { _id: 3, a: Decimal128.fromString('2.5') },
      { _id: 4, a: 3 },
    );
    await at.answers({ a: { $gt: Decimal128.fromString('1.9') } }, [2, 3, 4]);
    await at.answers({ a: { $lt: 2.5 } }, [1, 2]);
  });

  it('longs beyond 2^53 are ordered exactly against doubles', async (at) => {
    await at.given(
      { _id: 1, a: Long.fromString('9007199254740993') },
      { _id: 2, a: Long.fromString('9007199254740991') },
    );
    await at.answers({ a: { $gt: 9007199254740992 } }, [1]);
  });

  it('NaN is in no range', async (at) => {
    await at.given({ _id: 1, a: Number.NaN }, { _id: 2, a: 1 });
    await at.answers({ a: { $lt: 5 } }, [2]);
    await at.answers({ a: { $gt: Number.NEGATIVE_INFINITY } }, [2]);
  });

  it('$gte NaN matches NaN alone', async (at) => {
    await at.given({ _id: 1, a: Number.NaN }, { _id: 2, a: 1 });
    await at.answers({ a: { $gte: Number.NaN } }, [1]);
  });

  it('infinity is a bound like others', async (at) => {
    await at.given({ _id: 1, a: Number.POSITIVE_INFINITY }, { _id: 2, a: 1e308 });
    await at.answers({ a: { $gt: 1e308 } }, [1]);
  });

  it('dates are compared with dates', async (at) => {
    await at.given({ _id: 1, a: new Date(1) }, { _id: 2, a: new Date(3) }, { _id: 3, a: 5 });
    await at.answers({ a: { $gte: new Date(2) } }, [2]);
  });

  it('dates before 1970 are ordered', async (at) => {
    await at.given({ _id: 1, a: new Date(-5) }, { _id: 2, a: new Date(5) });
    await at.answers({ a: { $lt: new Date(0) } }, [1]);
  });

  it('ObjectIds are ordered by their bytes', async (at) => {
    const low = new ObjectId('000000000000000000000001');
    const high = new ObjectId('ff0000000000000000000000');
    await at.given({ _id: low }, { _id: high });
    await at.answers({ _id: { $gt: low } }, [high]);
  });

  it('false comes before true', async (at) => {
    await at.given({ _id: 1, a: false }, { _id: 2, a: true });
    await at.answers({ a: { $gt: false } }, [2]);
  });

  it('$gte null and $lte null match null and missing fields', async (at) => {
    await at.given({ _id: 1, a: null }, { _id: 2 }, { _id: 3, a: 1 });
    await at.answers({ a: { $gte: null } }, [1, 2]);
    await at.answers({ a: { $lte: null } }, [1, 2]);
  });

  it('$gt null matches nothing', async (at) => {
    await at.given({ _id: 1, a: null }, { _id: 2 }, { _id: 3, a: 1 });
    await at.answers({ a: { $gt: null } }, []);
  });

  it('a range matches an array if some element is in it', async (at) => {
    await at.given({ _id: 1, a: [1, 9] }, { _id: 2, a: [1, 2] }, { _id: 3, a: [] });
    await at.answers({ a: { $gt: 5 } }, [1]);
  });

  it('two bounds on an array may be met by two elements', async (at) => {
    await at.given({ _id: 1, a: [1, 20] }, { _id: 2, a: [7] }, { _id: 3, a: [20] });
    await at.answers({ a: { $gt: 5, $lt: 10 } }, [1, 2]);
  });

  it('documents are compared field by field', async (at) => {
    await at.given({ _id: 1, a: { b: 1 } }, { _id: 2, a: { b: 2 } }, { _id: 3, a: { b: 1, c: 1 } });
    await at.answers({ a: { $gt: { b: 1 } } }, [2, 3]);
  });

  it('arrays are compared with an array element by element', async (at) => {
    await at.given({ _id: 1, a: [1, 2] }, { _id: 2, a: [1, 3] }, { _id: 3, a: [1] }, { _id: 4, a: 9 });
    await at.answers({ a: { $gt: [1, 2] } }, [2]);
  });

  it('MinKey and MaxKey bound every type', async (at) => {
    await at.given({ _id: 1, a: 1 }, { _id: 2, a: 'x' }, { _id: 3, a: null });
    await at.answers({ a: { $gt: new MinKey(), $lt: new MaxKey() } }, [1, 2, 3]);
  });

  it('$in matches any of the values', async (at) => {
    await at.given({ _id: 1, a: 1 }, { _id: 2, a: 'x' }, { _id: 3, a: 3 });
    await at.answers({ a: { $in: [1, 'x'] } }, [1, 2]);
  });

  it('$in of nothing matches nothing', async (at) => {
    await at.given({ _id: 1, a: 1 }, { _id: 2 });
    await at.answers({ a: { $in: [] } }, []);
  });

  it('$in with null matches null and missing fields', async (at) => {
    await at.given({ _id: 1, a: null }, { _id: 2 }, { _id: 3, a: 3 }, { _id: 4, a: 4 });
    await at.answers({ a: { $in: [null, 3] } }, [1, 2, 3]);
  });

  it('$in matches an array by an element', async (at) => {
    await at.given({ _id: 1, a: [1, 2] }, { _id: 2, a: [3] });
    await at.answers({ a: { $in: [2, 9] } }, [1]);
  });

  it('$in with an array matches that array or an element equal to it', async (at) => {
    await at.given({ _id: 1, a: [1, 2] }, { _id: 2, a: [[1, 2]] }, { _id: 3, a: 1 });
    await at.answers({ a: { $in: [[1, 2]] } }, [1, 2]);
  });

  it('$in matches across numeric types', async (at) => {
    await at.given({ _id: 1, a: Long.fromNumber(7) }, { _id: 2, a: 7.5 });
    await at.answers({ a: { $in: [Decimal128.fromString('7'), Decimal128.fromString('7.5')] } }, [1, 2]);
  });

  it('$in takes regular expressions', async (at) => {
    await at.given({ _id: 1, a: 'apple' }, { _id: 2, a: 'pear' }, { _id: 3, a: 'plum' });
    await at.answers({ a: { $in: [/^ap/, 'plum'] } }, [1, 3]);
  });

  it('$in on a dotted path through an array', async (at) => {
    await at.given({ _id: 1, a: [{ b: 1 }, { b: 2 }] }, { _id: 2, a: [{ b: 3 }] });
    await at.answers({ 'a.b': { $in: [2] } }, [1]);
  });

  it('$nin matches missing fields and leaves out arrays that hold a value', async (at) => {
    await at.given({ _id: 1, a: 1 }, { _id: 2 }, { _id: 3, a: [1, 5] }, { _id: 4, a: [5] });
    await at.answers({ a: { $nin: [1] } }, [2, 4]);
  });

  it('$nin with null leaves out missing fields', async (at) => {
    await at.given({ _id: 1, a: null }, { _id: 2 }, { _id: 3, a: 1 });
    await at.answers({ a: { $nin: [null] } }, [3]);
  });

  it('$in without an array is refused', async (at) => {
    await at.given({ _id: 1 });
    await refused(at.collection.find({ a: { $in: 1 as unknown as [] } }).toArray(), 2);
  });

  it('an unknown operator is refused', async (at) => {
    await at.given({ _id: 1 });
    await refused(at.collection.find({ a: { $equals: 1 } }).toArray(), 2);
  });

  it('an unknown operator at the top is refused', async (at) => {
    await at.given({ _id: 1 });
    await refused(at.collection.find({ $every: [] }).toArray(), 2);
  });
});
