// Equality: scalars, null and missing fields, whole arrays and documents, numbers across types.
import { Binary, Decimal128, Double, Int32, Long, ObjectId, Timestamp, UUID } from 'mongodb';
import { theme } from './theme.js';

export const queryEquality = theme('equality', (it) => {
  it('a value matches documents that hold it', async (at) => {
    await at.given({ _id: 1, a: 'x' }, { _id: 2, a: 'y' });
    await at.answers({ a: 'x' }, [1]);
  });

  it('several fields must all match', async (at) => {
    await at.given({ _id: 1, a: 1, b: 1 }, { _id: 2, a: 1, b: 2 });
    await at.answers({ a: 1, b: 2 }, [2]);
  });

  it('an empty filter matches every document', async (at) => {
    await at.given({ _id: 1 }, { _id: 2 });
    await at.answers({}, [1, 2]);
  });

  it('strings are compared with their case', async (at) => {
    await at.given({ _id: 1, a: 'Abc' }, { _id: 2, a: 'abc' });
    await at.answers({ a: 'abc' }, [2]);
  });

  it('$eq says the same as the plain value', async (at) => {
    await at.given({ _id: 1, a: 5 }, { _id: 2, a: 6 });
    await at.answers({ a: { $eq: 5 } }, [1]);
  });

  it('a number matches the same number of every numeric type', async (at) => {
    await at.given(
      { _id: 1, a: new Int32(5) },
      { _id: 2, a: new Double(5) },
      { _id: 3, a: Long.fromNumber(5) },
      { _id: 4, a: Decimal128.fromString('5.00') },
      { _id: 5, a: '5' },
    );
    await at.answers({ a: 5 }, [1, 2, 3, 4]);
  });

  it('a Decimal128 filter matches the double of exactly that value only', async (at) => {
    await at.given({ _id: 1, a: 0.5 }, { _id: 2, a: 0.1 });
    await at.answers({ a: Decimal128.fromString('0.5') }, [1]);
    await at.answers({ a: Decimal128.fromString('0.1') }, []);
  });

  it('longs beyond 2^53 are told apart', async (at) => {
    await at.given(
      { _id: 1, a: Long.fromString('9007199254740993') },
      { _id: 2, a: Long.fromString('9007199254740992') },
    );
    await at.answers({ a: Long.fromString('9007199254740993') }, [1]);
  });

  it('zero and minus zero are equal', async (at) => {
    await at.given({ _id: 1, a: new Double(-0) }, { _id: 2, a: 0 });
    await at.answers({ a: 0 }, [1, 2]);
  });

  it('NaN equals NaN', async (at) => {
    await at.given({ _id: 1, a: Number.NaN }, { _id: 2, a: 1 });
    await at.answers({ a: Number.NaN }, [1]);
  });

  it('a number never equals a boolean', async (at) => {
    await at.given({ _id: 1, a: true }, { _id: 2, a: 1 });
    await at.answers({ a: 1 }, [2]);
    await at.answers({ a: true }, [1]);
  });

  it('null matches null and missing fields', async (at) => {
    await at.given({ _id: 1, a: null }, { _id: 2 }, { _id: 3, a: 0 }, { _id: 4, a: '' });
    await at.answers({ a: null }, [1, 2]);
  });

  it('null matches an array that holds null', async (at) => {
    await at.given({ _id: 1, a: [1, null] }, { _id: 2, a: [1] });
    await at.answers({ a: null }, [1]);
  });

  it('null does not match an empty array', async (at) => {
    await at.given({ _id: 1, a: [] }, { _id: 2 });
    await at.answers({ a: null }, [2]);
  });

  it('null on a dotted path matches where the parent is missing or a scalar', async (at) => {
    await at.given({ _id: 1, a: { b: 1 } }, { _id: 2, a: {} }, { _id: 3 }, { _id: 4, a: 7 });
    await at.answers({ 'a.b': null }, [2, 3, 4]);
  });

  it('null on a path through an array matches if a sub-document lacks the field', async (at) => {
    await at.given({ _id: 1, a: [{ b: 1 }, { c: 1 }] }, { _id: 2, a: [{ b: 1 }] });
    await at.answers({ 'a.b': null }, [1]);
  });

  it('a scalar matches an array that holds it', async (at) => {
    await at.given({ _id: 1, a: ['x', 'y'] }, { _id: 2, a: ['z'] }, { _id: 3, a: 'x' });
    await at.answers({ a: 'x' }, [1, 3]);
  });

  it('a scalar does not match inside a nested array', async (at) => {
    await at.given({ _id: 1, a: [[1, 2]] }, { _id: 2, a: [1, 2] });
    await at.answers({ a: 1 }, [2]);
  });

  it('an array matches the same array, with its order', async (at) => {
    await at.given({ _id: 1, a: [1, 2] }, { _id: 2, a: [2, 1] }, { _id: 3, a: [1, 2, 3] });
    await at.answers({ a: [1, 2] }, [1]);
  });

  it('an array matches as an element of an array', async (at) => {
    await at.given({ _id: 1, a: [[1, 2], 3] }, { _id: 2, a: [1, 2] }, { _id: 3, a: [[1, 2, 3]] });
    await at.answers({ a: [1, 2] }, [1, 2]);
  });

  it('an empty array matches an empty array and one that holds an empty array', async (at) => {
    await at.given({ _id: 1, a: [] }, { _id: 2, a: [[]] }, { _id: 3, a: [1] }, { _id: 4 });
    await at.answers({ a: [] }, [1, 2]);
  });

  it('a document matches whole: no other fields', async (at) => {
    await at.given({ _id: 1, a: { b: 1 } }, { _id: 2, a: { b: 1, c: 2 } });
    await at.answers({ a: { b: 1 } }, [1]);
  });

  it('a document matches only with the same order of fields', async (at) => {
    await at.given({ _id: 1, a: { b: 1, c: 2 } }, { _id: 2, a: { c: 2, b: 1 } });
    await at.answers({ a: { b: 1, c: 2 } }, [1]);
  });

  it('a document matches across numeric types within', async (at) => {
    await at.given({ _id: 1, a: { b: Long.fromNumber(1) } }, { _id: 2, a: { b: '1' } });
    await at.answers({ a: { b: new Double(1) } }, [1]);
  });

  it('a document matches an array that holds it', async (at) => {
    await at.given({ _id: 1, a: [{ b: 1 }, { b: 2 }] }, { _id: 2, a: [{ b: 2, c: 1 }] });
    await at.answers({ a: { b: 2 } }, [1]);
  });

  it('an empty document matches only an empty document', async (at) => {
    await at.given({ _id: 1, a: {} }, { _id: 2, a: { b: 1 } }, { _id: 3 });
    await at.answers({ a: {} }, [1]);
  });

  it('a dotted path reaches into sub-documents', async (at) => {
    await at.given({ _id: 1, a: { b: { c: 1 } } }, { _id: 2, a: { b: { c: 2 } } });
    await at.answers({ 'a.b.c': 1 }, [1]);
  });

  it('a dotted path reaches into every element of an array', async (at) => {
    await at.given({ _id: 1, a: [{ b: 1 }, { b: 2 }] }, { _id: 2, a: [{ b: 3 }] });
    await at.answers({ 'a.b': 2 }, [1]);
  });

  it('a dotted path passes through arrays at two levels', async (at) => {
    await at.given({ _id: 1, a: [{ b: [{ c: 1 }, { c: 2 }] }] }, { _id: 2, a: [{ b: [{ c: 3 }] }] });
    await at.answers({ 'a.b.c': 2 }, [1]);
  });

  it('a number in a path is a position in an array', async (at) => {
    await at.given({ _id: 1, a: ['x', 'y'] }, { _id: 2, a: ['y', 'x'] });
    await at.answers({ 'a.0': 'y' }, [2]);
  });

  it('a number in a path is also a field name', async (at) => {
    await at.given({ _id: 1, a: { 0: 'x' } }, { _id: 2, a: ['x'] }, { _id: 3, a: [{ 0: 'x' }] });
    await at.answers({ 'a.0': 'x' }, [1, 2, 3]);
  });

  it('a path goes on behind a position', async (at) => {
    await at.given({ _id: 1, a: [{ b: 1 }, { b: 2 }] }, { _id: 2, a: [{ b: 2 }, { b: 1 }] });
    await at.answers({ 'a.1.b': 2 }, [1]);
  });

  it('dates match by instant', async (at) => {
    await at.given({ _id: 1, a: new Date(1000) }, { _id: 2, a: new Date(1001) }, { _id: 3, a: 1000 });
    await at.answers({ a: new Date(1000) }, [1]);
  });

  it('ObjectIds match by value and never their hex string', async (at) => {
    const id = new ObjectId('65f000000000000000000001');
    await at.given({ _id: 1, a: id }, { _id: 2, a: id.toHexString() });
    await at.answers({ a: new ObjectId(id.toHexString()) }, [1]);
  });

  it('binary data matches with the same subtype only', async (at) => {
    const bytes = Buffer.from('00112233445566778899aabbccddeeff', 'hex');
    await at.given({ _id: 1, a: new Binary(bytes, 0) }, { _id: 2, a: new UUID(bytes) });
    await at.answers({ a: new Binary(bytes, 0) }, [1]);
    await at.answers({ a: new UUID(bytes) }, [2]);
  });

  it('timestamps match by both of their parts', async (at) => {
    await at.given(
      { _id: 1, a: new Timestamp({ t: 5, i: 1 }) },
      { _id: 2, a: new Timestamp({ t: 5, i: 2 }) },
    );
    await at.answers({ a: new Timestamp({ t: 5, i: 2 }) }, [2]);
  });

  it('_id is found by a document of the same order of fields', async (at) => {
    await at.given({ _id: { a: 1, b: 2 } }, { _id: { b: 2, a: 1 } });
    await at.answers({ _id: { b: 2, a: 1 } }, [{ b: 2, a: 1 }]);
  });
});
