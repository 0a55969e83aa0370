// Equality, $ne, $gt, $gte, $lt, $lte, $in, $nin: answers as MongoDB's manual gives them.
import assert from 'node:assert/strict';
import { Binary, BSONRegExp, Decimal128, Double, Long, MaxKey, MinKey, ObjectId, Timestamp } from 'bson';
import fc from 'fast-check';
import { compareValues, equalValues, typeBracket } from '../../../../../store/embedded/bson/compare.js';
import { compileFilter } from '../../../../../store/embedded/query/filter.js';
import { values } from '../bson/random-values.js';
import { filterRefused, finds, matches } from './match-table.js';

describe('equality', () => {
  it('finds a value in a field, and in an array as an element or as the whole', () => {
    const documents = [{ a: 1 }, { a: 2 }, { a: [1, 2] }, { a: [[1, 2]] }, { a: [2, 1] }, {}];
    finds({ a: 1 }, documents, [0, 2, 4]);
    finds({ a: [1, 2] }, documents, [2, 3]);
    finds({ a: { $eq: [1, 2] } }, documents, [2, 3]);
  });

  it('finds null also where the field is missing', () => {
    const documents = [{ a: null }, {}, { a: 0 }, { a: [] }, { a: [null] }, { a: { b: 1 } }];
    finds({ a: null }, documents, [0, 1, 4]);
    finds({ a: { $ne: null } }, documents, [2, 3, 5]);
    finds({ 'a.b': null }, documents, [0, 1, 2]);
    finds({ 'a.b': null }, [{ a: [{ b: 1 }, {}] }, { a: [{ b: 1 }] }, { a: [1] }], [0]);
  });

  it('compares sub-documents whole, in the order of their fields', () => {
    const documents = [
      { a: { b: 1, c: 2 } },
      { a: { c: 2, b: 1 } },
      { a: { b: 1 } },
      { a: [{ b: 1, c: 2 }] },
    ];
    finds({ a: { b: 1, c: 2 } }, documents, [0, 3]);
    finds({ a: {} }, [{ a: {} }, {}, { a: { b: 1 } }], [0]);
  });

  it('compares numbers across types, and nothing else across types', () => {
    const documents = [
      { a: 1 },
      { a: new Double(1) },
      { a: Long.fromNumber(1) },
      { a: Decimal128.fromString('1.00') },
      { a: '1' },
      { a: true },
    ];
    finds({ a: 1 }, documents, [0, 1, 2, 3]);
    finds({ a: Decimal128.fromString('1') }, documents, [0, 1, 2, 3]);
    finds({ a: true }, documents, [5]);
    assert.ok(!matches({ a: 0.1 }, { a: Decimal128.fromString('0.1') }));
  });

  it('holds for ids, dates, bytes and timestamps', () => {
    const id = new ObjectId();
    for (const [value, other] of [
      [id, new ObjectId()],
      [new Date(5), new Date(6)],
      [new Binary(Uint8Array.of(1)), new Binary(Uint8Array.of(1), 5)],
      [new Timestamp({ t: 1, i: 1 }), new Timestamp({ t: 1, i: 2 })],
      [new MinKey(), new MaxKey()],
    ]) {
      finds({ a: value }, [{ a: value }, { a: other }, { a: [other, value] }], [0, 2]);
    }
  });

  it('takes a regular expression as a pattern, and under $eq as a value', () => {
    const documents = [{ a: 'xab' }, { a: 'b' }, { a: new BSONRegExp('a') }, { a: ['q', 'a'] }, { a: 1 }];
    finds({ a: /a/ }, documents, [0, 2, 3]);
    finds({ a: { $eq: /a/ } }, documents, [2]);
  });

  it('treats a DBRef as a document', () => {
    const reference = { $ref: 'orders', $id: 7 };
    finds({ a: reference }, [{ a: reference }, { a: { $ref: 'orders', $id: 8 } }], [0]);
    finds({ 'a.$id': 7 }, [{ a: reference }, { a: [reference] }], [0, 1]);
  });

  it('takes inherited names for data', () => {
    for (const name of ['constructor', 'toString', 'hasOwnProperty', '__proto__']) {
      const holder = JSON.parse(`{"${name}": 1}`);
      finds({ [name]: { $exists: true } }, [{}, holder], [1]);
      finds(JSON.parse(`{"${name}": 1}`), [{}, holder], [1]);
      finds({ [`a.${name}`]: 1 }, [{ a: {} }, { a: holder }], [1]);
    }
  });
});

describe('$ne and $nin', () => {
  it('hold for an array only if no element is equal', () => {
    const documents = [{ a: 1 }, { a: [1, 2] }, { a: 2 }, {}, { a: [] }];
    finds({ a: { $ne: 1 } }, documents, [2, 3, 4]);
    finds({ a: { $nin: [1, 3] } }, documents, [2, 3, 4]);
    finds({ a: { $nin: [] } }, documents, [0, 1, 2, 3, 4]);
    finds({ a: { $nin: [null] } }, documents, [0, 1, 2, 4]);
  });

  it('refuse what they cannot compare', () => {
    filterRefused({ a: { $ne: /a/ } }, 'BadValue', "Can't have regex as arg to $ne.");
    filterRefused({ a: { $nin: 1 } }, 'BadValue', '$nin needs an array');
  });
});

describe('$gt, $gte, $lt, $lte', () => {
  it('compare within the type of the operand', () => {
    const documents = [{ a: 1 }, { a: 5 }, { a: '7' }, { a: null }, {}, { a: new Date(9) }, { a: 9.5 }];
    finds({ a: { $gt: 1 } }, documents, [1, 6]);
    finds({ a: { $gte: 1 } }, documents, [0, 1, 6]);
    finds({ a: { $lt: 5 } }, documents, [0]);
    finds({ a: { $lte: 5 } }, documents, [0, 1]);
    finds({ a: { $gt: '' } }, documents, [2]);
    finds({ a: { $gte: new Date(0) } }, documents, [5]);
    finds({ a: { $gt: 1, $lt: 9 } }, documents, [1]);
  });

  it('let different elements of an array meet different bounds', () => {
    finds({ a: { $gt: 15, $lt: 10 } }, [{ a: [20, 5] }, { a: 12 }, { a: [12] }], [0]);
  });

  it('compare null with null and missing only if equal is enough', () => {
    const documents = [{ a: null }, {}, { a: 0 }];
    finds({ a: { $gte: null } }, documents, [0, 1]);
    finds({ a: { $lte: null } }, documents, [0, 1]);
    finds({ a: { $gt: null } }, documents, []);
    finds({ a: { $lt: null } }, documents, []);
  });

  it('reach everything from MinKey and MaxKey', () => {
    const documents = [{ a: 1 }, {}, { a: 'x' }, { a: new MinKey() }, { a: new MaxKey() }];
    finds({ a: { $gt: new MinKey() } }, documents, [0, 1, 2, 4]);
    finds({ a: { $gte: new MinKey() } }, documents, [0, 1, 2, 3, 4]);
    finds({ a: { $lt: new MaxKey() } }, documents, [0, 1, 2, 3]);
    finds({ a: { $lt: new MinKey() } }, documents, []);
    finds({ a: { $gt: new MaxKey() } }, documents, []);
    finds({ a: { $lte: new MinKey() } }, documents, [3]);
  });

  it('hold for NaN only against NaN, and only with equality', () => {
    const documents = [{ a: NaN }, { a: Decimal128.fromString('NaN') }, { a: 1 }, { a: -Infinity }];
    finds({ a: { $lt: 5 } }, documents, [2, 3]);
    finds({ a: { $gte: -Infinity } }, documents, [2, 3]);
    finds({ a: { $lte: NaN } }, documents, [0, 1]);
    finds({ a: { $gte: NaN } }, documents, [0, 1]);
    finds({ a: { $gt: NaN } }, documents, []);
    finds({ a: NaN }, documents, [0, 1]);
  });

  it('compare arrays and documents in their order', () => {
    finds({ a: { $gt: [1, 2] } }, [{ a: [1, 3] }, { a: [1] }, { a: [1, 2] }, { a: 5 }], [0]);
    finds({ a: { $lt: { b: 2 } } }, [{ a: { b: 1 } }, { a: { b: 3 } }, { a: {} }], [0, 2]);
  });

  it('are exact beyond 2^53', () => {
    const low = Long.fromString('9007199254740992');
    const high = Long.fromString('9007199254740993');
    finds({ a: { $gt: low } }, [{ a: low }, { a: high }], [1]);
    finds({ a: { $gt: 9007199254740992 } }, [{ a: high }], [0]);
  });

  it('refuse a regular expression', () => {
    filterRefused({ a: { $gt: /a/ } }, 'BadValue', "Can't have RegEx as arg");
  });

  it('agree with compareValues on random values', () => {
    fc.assert(
      fc.property(values, values, (value, operand) => {
        fc.pre(!Array.isArray(value) && typeBracket(operand) > 10 && typeBracket(operand) < 110);
        const isNaNs = [value, operand].some((each) => String(each) === 'NaN');
        fc.pre(!isNaNs);
        const same = typeBracket(value) === typeBracket(operand);
        const order = compareValues(value, operand);
        const holds = (operator: string) =>
          compileFilter({ a: { [operator]: operand } }).matches({ a: value });
        assert.equal(holds('$gt'), same && order > 0);
        assert.equal(holds('$gte'), same && order >= 0);
        assert.equal(holds('$lt'), same && order < 0);
        assert.equal(holds('$lte'), same && order <= 0);
        assert.equal(holds('$eq'), order === 0);
        assert.equal(holds('$ne'), order !== 0);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('$in', () => {
  it('finds any of the values, in fields and arrays, and null where missing', () => {
    const documents = [{ a: 1 }, { a: 'b' }, { a: [5, 9] }, {}, { a: null }, { a: { x: 1 } }, { a: [[1]] }];
    finds({ a: { $in: [1, 9] } }, documents, [0, 2]);
    finds({ a: { $in: [null, 'b'] } }, documents, [1, 3, 4]);
    finds({ a: { $in: [{ x: 1 }, [1]] } }, documents, [5, 6]);
  });

  it('takes regular expressions among the values', () => {
    finds(
      { a: { $in: [/^st/, 7] } },
      [{ a: 'stop' }, { a: 'best' }, { a: 7 }, { a: ['x', 'st'] }],
      [0, 2, 3],
    );
    finds({ a: { $nin: [/^st/] } }, [{ a: 'stop' }, { a: 'best' }, {}], [1, 2]);
  });

  it('is never true for an empty list, and says so', () => {
    for (const [filter, never] of [
      [{ a: { $in: [] } }, true],
      [{ b: 1, a: { $in: [] } }, true],
      [{ $or: [{ a: { $in: [] } }, { a: { $all: [] } }] }, true],
      [{ $or: [{ a: { $in: [] } }, { a: 1 }] }, false],
      [{ a: { $not: { $in: [] } } }, false],
      [{ a: { $nin: [] } }, false],
      [{ a: { $elemMatch: { $in: [] } } }, true],
      [{}, false],
    ] as const) {
      assert.equal(compileFilter(filter).never, never, JSON.stringify(filter));
    }
  });

  it('refuses operators among the values', () => {
    filterRefused({ a: { $in: [{ $gt: 1 }] } }, 'BadValue', 'cannot nest $ under $in');
    filterRefused({ a: { $in: { a: 1 } } }, 'BadValue', '$in needs an array');
  });

  it('finds what one of the equalities finds', () => {
    fc.assert(
      fc.property(values, fc.array(values, { maxLength: 5 }), (value, list) => {
        fc.pre(list.every((each) => typeBracket(each) !== 110));
        const expected =
          list.some((each) => equalValues(each, value)) ||
          (Array.isArray(value) && value.some((item) => list.some((each) => equalValues(each, item))));
        assert.equal(compileFilter({ a: { $in: list } }).matches({ a: value }), expected);
      }),
      { numRuns: 500 },
    );
  });
});
