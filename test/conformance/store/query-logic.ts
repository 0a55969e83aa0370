// $and, $or, $nor, $not, $expr: what they join, and how they treat missing fields.
import { refused, theme } from './theme.js';

export const queryLogic = theme('logic', (it) => {
  it('$and joins two conditions on one field', async (at) => {
    await at.given({ _id: 1, a: 1 }, { _id: 2, a: 5 }, { _id: 3, a: 9 });
    await at.answers({ $and: [{ a: { $gt: 1 } }, { a: { $lt: 9 } }] }, [2]);
  });

  it('$or matches if one part does', async (at) => {
    await at.given({ _id: 1, a: 1 }, { _id: 2, b: 1 }, { _id: 3, a: 2 });
    await at.answers({ $or: [{ a: 1 }, { b: 1 }] }, [1, 2]);
  });

  it('$or finds a document once although two parts match', async (at) => {
    await at.given({ _id: 1, a: 1, b: 1 });
    await at.answers({ $or: [{ a: 1 }, { b: 1 }] }, [1]);
  });

  it('$or beside a field narrows it', async (at) => {
    await at.given({ _id: 1, a: 1, c: 1 }, { _id: 2, a: 1, c: 2 }, { _id: 3, b: 1, c: 1 });
    await at.answers({ c: 1, $or: [{ a: 1 }, { b: 1 }] }, [1, 3]);
  });

  it('$nor matches if no part does, missing fields included', async (at) => {
    await at.given({ _id: 1, a: 1 }, { _id: 2, b: 1 }, { _id: 3 });
    await at.answers({ $nor: [{ a: 1 }, { b: 1 }] }, [3]);
  });

  it('$and, $or and $nor nest', async (at) => {
    await at.given({ _id: 1, a: 1, b: 1 }, { _id: 2, a: 1, b: 2 }, { _id: 3, a: 2, b: 2 });
    await at.answers({ $and: [{ $or: [{ a: 1 }, { a: 3 }] }, { $nor: [{ b: 1 }] }] }, [2]);
  });

  it('$not negates an operator and matches missing fields', async (at) => {
    await at.given({ _id: 1, a: 1 }, { _id: 2, a: 5 }, { _id: 3 }, { _id: 4, a: 'x' });
    await at.answers({ a: { $not: { $gt: 3 } } }, [1, 3, 4]);
  });

  it('$not of two bounds matches what one of them leaves out', async (at) => {
    await at.given({ _id: 1, a: 1 }, { _id: 2, a: 5 }, { _id: 3, a: 9 });
    await at.answers({ a: { $not: { $gt: 3, $lt: 7 } } }, [1, 3]);
  });

  it('$not on an array means that no element matches', async (at) => {
    await at.given({ _id: 1, a: [1, 5] }, { _id: 2, a: [1, 2] }, { _id: 3, a: [] });
    await at.answers({ a: { $not: { $gt: 3 } } }, [2, 3]);
  });

  it('$not takes a regular expression', async (at) => {
    await at.given({ _id: 1, a: 'abc' }, { _id: 2, a: 'xyz' }, { _id: 3 });
    await at.answers({ a: { $not: /^a/ } }, [2, 3]);
  });

  it('$not beside other operators of the field', async (at) => {
    await at.given({ _id: 1, a: 1 }, { _id: 2, a: 5 }, { _id: 3 });
    await at.answers({ a: { $exists: true, $not: { $gt: 3 } } }, [1]);
  });

  it('$or of nothing is refused', async (at) => {
    await at.given({ _id: 1 });
    await refused(at.collection.find({ $or: [] }).toArray(), 2);
  });

  it('$and of something else than an array is refused', async (at) => {
    await at.given({ _id: 1 });
    await refused(at.collection.find({ $and: { a: 1 } as unknown as [] }).toArray(), 2);
  });

  it('$not of a plain value is refused', async (at) => {
    await at.given({ _id: 1 });
    await refused(at.collection.find({ a: { $not: 1 as unknown as object } }).toArray(), 2);
  });

  it.needing('expressions', '$expr compares two fields', async (at) => {
    await at.given({ _id: 1, spent: 5, budget: 3 }, { _id: 2, spent: 1, budget: 3 });
    await at.answers({ $expr: { $gt: ['$spent', '$budget'] } }, [1]);
  });

  it.needing('expressions', '$expr computes', async (at) => {
    await at.given({ _id: 1, a: 2, b: 3 }, { _id: 2, a: 1, b: 1 });
    await at.answers({ $expr: { $eq: [{ $add: ['$a', '$b'] }, 5] } }, [1]);
  });

  it.needing('expressions', '$expr does not look into arrays', async (at) => {
    await at.given({ _id: 1, a: [5] }, { _id: 2, a: 5 });
    await at.answers({ $expr: { $eq: ['$a', 5] } }, [2]);
  });

  it('$comment changes nothing', async (at) => {
    await at.given({ _id: 1, a: 1 }, { _id: 2, a: 2 });
    await at.answers({ a: 1, $comment: 'why' }, [1]);
  });
});
