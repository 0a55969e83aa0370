// Logical, element, array and evaluation operators, paths through arrays, and what is refused by name.
import assert from 'node:assert/strict';
import {
  Binary,
  BSONRegExp,
  Code,
  Decimal128,
  Double,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson';
import fc from 'fast-check';
import { canonical } from '../../../../../store/embedded/bson/codec.js';
import { compileCondition, compileFilter } from '../../../../../store/embedded/query/filter.js';
import { values } from '../bson/random-values.js';
import { filterRefused, finds } from './match-table.js';

describe('paths', () => {
  it('look into the documents of an array, and into elements by number', () => {
    const documents = [
      { a: { b: 1 } },
      { a: [{ b: 2 }, { b: 1 }] },
      { a: [[{ b: 1 }]] },
      { a: [5, { b: [1, 2] }] },
      { a: { b: { c: 1 } } },
    ];
    finds({ 'a.b': 1 }, documents, [0, 1, 3]);
    finds({ 'a.1.b': 1 }, documents, [1, 3]);
    finds({ 'a.0.b': 1 }, documents, [2]);
    finds({ 'a.0.0.b': 1 }, documents, [2]);
    finds({ 'a.1.b.1': 2 }, documents, [3]);
  });

  it('take a number for a field name too', () => {
    finds({ 'a.1': 4 }, [{ a: { 1: 4 } }, { a: [0, 4] }, { a: [5, { 1: 4 }] }, { a: [4] }], [0, 1, 2]);
    finds({ 'a.01': 4 }, [{ a: [0, 4] }, { a: { '01': 4 } }], [1]);
  });

  it('do not take apart an array that a number names', () => {
    finds({ 'a.0': 1 }, [{ a: [[1, 2]] }, { a: [1] }], [1]);
    finds({ 'a.0': [1, 2] }, [{ a: [[1, 2]] }], [0]);
  });

  it('see a missing field in documents, not in other elements', () => {
    const documents = [{ a: [] }, { a: [1] }, { a: [{}] }, { a: 1 }, {}];
    finds({ 'a.b': null }, documents, [2, 3, 4]);
    finds({ 'a.b': { $exists: false } }, documents, [0, 1, 2, 3, 4]);
    finds({ 'a.b': { $ne: 1 } }, documents, [0, 1, 2, 3, 4]);
  });
});

describe('$and, $or, $nor, $not', () => {
  const documents = [{ a: 1, b: 1 }, { a: 1, b: 2 }, { a: 2 }, { a: [1, 2] }, {}];

  it('combine filters', () => {
    finds({ $and: [{ a: 1 }, { b: 2 }] }, documents, [1]);
    finds({ $or: [{ a: 2 }, { b: 1 }] }, documents, [0, 2, 3]);
    finds({ $nor: [{ a: 2 }, { b: 1 }] }, documents, [1, 4]);
    finds({ $or: [{ a: 1 }], b: 2 }, documents, [1]);
    finds({ $and: [{ $or: [{ a: 1 }, { a: 2 }] }, { $nor: [{ b: { $exists: true } }] }] }, documents, [2, 3]);
    finds({}, documents, [0, 1, 2, 3, 4]);
  });

  it('negate a condition, missing fields included', () => {
    finds({ a: { $not: { $gt: 1 } } }, documents, [0, 1, 4]);
    finds({ a: { $not: { $gt: 0, $lt: 2 } } }, documents, [2, 4]);
    finds({ a: { $not: /x/ } }, [{ a: 'x' }, { a: 'y' }, {}], [1, 2]);
    finds({ a: { $not: { $regex: '^x' } } }, [{ a: 'x' }, { a: 'y' }], [1]);
    finds({ a: { $not: { $not: { $eq: 2 } } } }, documents, [2, 3]);
  });

  it('refuse malformed operands', () => {
    filterRefused({ $and: [] }, 'BadValue', '$and/$or/$nor must be a nonempty array');
    filterRefused({ $or: { a: 1 } }, 'BadValue', '$or must be an array');
    filterRefused({ $nor: [1] }, 'BadValue', '$or/$and/$nor entries need to be full objects');
    filterRefused({ a: { $not: 1 } }, 'BadValue', '$not needs a regex or a document');
    filterRefused({ a: { $not: {} } }, 'BadValue', '$not cannot be empty');
    filterRefused({ a: { $not: { b: 1 } } }, 'BadValue', 'unknown operator: b');
  });
});

describe('$exists', () => {
  it('asks for the field, whatever it holds', () => {
    const documents = [{ a: null }, {}, { a: [] }, { a: { b: 1 } }];
    finds({ a: { $exists: true } }, documents, [0, 2, 3]);
    finds({ a: { $exists: false } }, documents, [1]);
    finds({ 'a.b': { $exists: 1 } }, documents, [3]);
    finds({ a: { $exists: 0 } }, documents, [1]);
    finds({ a: { $exists: Long.fromNumber(0) } }, documents, [1]);
    finds({ a: { $exists: null } }, documents, [1]);
    finds({ a: { $exists: 'no' } }, documents, [0, 2, 3]);
  });
});

describe('$type', () => {
  const documents = [
    { a: new Double(1) },
    { a: 'x' },
    { a: {} },
    { a: [] },
    { a: new Binary(Uint8Array.of(1)) },
    { a: new ObjectId() },
    { a: true },
    { a: new Date(0) },
    { a: null },
    { a: new BSONRegExp('x') },
    { a: new Code('f') },
    { a: 1 },
    { a: new Timestamp({ t: 1, i: 1 }) },
    { a: Long.fromNumber(1) },
    { a: Decimal128.fromString('1') },
    { a: new MinKey() },
    { a: new MaxKey() },
    {},
  ];

  it('knows each type by name and by number', () => {
    for (const [index, [name, code]] of (
      [
        ['double', 1],
        ['string', 2],
        ['object', 3],
        ['array', 4],
        ['binData', 5],
        ['objectId', 7],
        ['bool', 8],
        ['date', 9],
        ['null', 10],
        ['regex', 11],
        ['javascript', 13],
        ['int', 16],
        ['timestamp', 17],
        ['long', 18],
        ['decimal', 19],
        ['minKey', -1],
        ['maxKey', 127],
      ] as const
    ).entries()) {
      finds({ a: { $type: name } }, documents, [index]);
      finds({ a: { $type: code } }, documents, [index]);
    }
  });

  it('knows numbers as one, and lists', () => {
    finds({ a: { $type: 'number' } }, documents, [0, 11, 13, 14]);
    finds({ a: { $type: ['string', 8, 'number'] } }, documents, [0, 1, 6, 11, 13, 14]);
  });

  it('looks at the elements of an array and at the array', () => {
    const arrays = [{ a: [1, 'x'] }, { a: ['x'] }, { a: [[1]] }];
    finds({ a: { $type: 'int' } }, arrays, [0]);
    finds({ a: { $type: 'array' } }, arrays, [0, 1, 2]);
  });

  it('refuses unknown types', () => {
    filterRefused({ a: { $type: 'float' } }, 'BadValue', 'Unknown type name alias: float');
    filterRefused({ a: { $type: 'toString' } }, 'BadValue', 'Unknown type name alias');
    filterRefused({ a: { $type: 99 } }, 'BadValue', 'Invalid numerical type code: 99');
    filterRefused({ a: { $type: [] } }, 'FailedToParse', '$type must match at least one type');
    filterRefused({ a: { $type: true } }, 'BadValue', 'type must be represented as a number or a string');
  });
});

describe('$size', () => {
  it('counts the elements of the array itself', () => {
    const documents = [{ a: [1, 2] }, { a: [] }, { a: [[1, 2]] }, { a: 2 }, {}, { a: [{ b: [1, 2] }] }];
    finds({ a: { $size: 2 } }, documents, [0]);
    finds({ a: { $size: 0 } }, documents, [1]);
    finds({ 'a.b': { $size: 2 } }, documents, [5]);
  });

  it('refuses what is no count', () => {
    for (const size of [-1, 1.5, 'x', NaN]) {
      filterRefused({ a: { $size: size } }, 'BadValue', 'Failed to parse $size');
    }
  });
});

describe('$elemMatch', () => {
  it('wants one element to meet all conditions on values', () => {
    const documents = [{ r: [82, 85, 88] }, { r: [75, 88, 89] }, { r: 82 }, { r: [] }, { r: [[82]] }];
    finds({ r: { $elemMatch: { $gte: 80, $lt: 85 } } }, documents, [0]);
    finds({ r: { $elemMatch: { $ne: 75 } } }, documents, [0, 1, 4]);
    finds({ r: { $elemMatch: { $not: { $gt: 80 } } } }, documents, [1, 4]);
    finds({ r: { $elemMatch: { $elemMatch: { $eq: 82 } } } }, documents, [4]);
    finds({ r: { $elemMatch: { $in: [75, /x/] } } }, documents, [1]);
  });

  it('wants one document to match the whole filter', () => {
    const documents = [
      {
        r: [
          { p: 'abc', s: 10 },
          { p: 'xyz', s: 5 },
        ],
      },
      {
        r: [
          { p: 'abc', s: 8 },
          { p: 'xyz', s: 7 },
        ],
      },
      {
        r: [
          { p: 'abc', s: 7 },
          { p: 'xyz', s: 8 },
        ],
      },
      { r: { p: 'xyz', s: 8 } },
    ];
    finds({ r: { $elemMatch: { p: 'xyz', s: { $gte: 8 } } } }, documents, [2]);
    finds({ 'r.p': 'xyz', 'r.s': { $gte: 8 } }, documents, [0, 1, 2, 3]);
    finds({ r: { $elemMatch: { $or: [{ s: 5 }, { s: 7 }] } } }, documents, [0, 1, 2]);
    finds({ r: { $elemMatch: {} } }, [{ r: [{}] }, { r: [1] }, { r: [] }], [0]);
  });

  it('takes an array in the array as a document of its positions', () => {
    finds({ a: { $elemMatch: { 0: 1 } } }, [{ a: [[1]] }, { a: [[2, 1]] }], [0]);
  });

  it('refuses what is no document', () => {
    filterRefused({ a: { $elemMatch: 1 } }, 'BadValue', '$elemMatch needs an Object');
    filterRefused({ a: { $elemMatch: { $gt: 1, b: 1 } } }, 'BadValue', 'unknown operator: b');
  });
});

describe('$all', () => {
  it('wants every value, in any order', () => {
    const documents = [{ t: ['a', 'b', 'c'] }, { t: ['a'] }, { t: 'a' }, { t: [['a', 'b']] }, {}];
    finds({ t: { $all: ['b', 'a'] } }, documents, [0]);
    finds({ t: { $all: ['a'] } }, documents, [0, 1, 2]);
    finds({ t: { $all: [['a', 'b']] } }, documents, [3]);
    finds({ t: { $all: [/^b/, 'a'] } }, documents, [0]);
    finds({ t: { $all: [null] } }, documents, [4]);
    finds({ t: { $all: [] } }, documents, []);
  });

  it('takes a list of $elemMatch', () => {
    const documents = [
      {
        q: [
          { s: 'M', n: 100, c: 'g' },
          { s: 'S', n: 10, c: 'b' },
        ],
      },
      { q: [{ s: 'M', n: 60, c: 'g' }] },
    ];
    const both = { $all: [{ $elemMatch: { s: 'M', n: { $gt: 50 } } }, { $elemMatch: { n: 10, c: 'b' } }] };
    finds({ q: both }, documents, [0]);
  });

  it('refuses other operators', () => {
    filterRefused({ a: { $all: 1 } }, 'BadValue', '$all needs an array');
    filterRefused({ a: { $all: [{ $gt: 1 }] } }, 'BadValue', 'no $ expressions in $all');
    filterRefused({ a: { $all: [{ $elemMatch: { b: 1 } }, 1] } }, 'BadValue', 'has to be consistent');
  });
});

describe('$mod', () => {
  it('takes the remainder of the integer part, with its sign', () => {
    const documents = [
      { a: 0 },
      { a: 5 },
      { a: 12 },
      { a: 4.9 },
      { a: -4 },
      { a: -5 },
      { a: Long.fromString('9007199254740993') },
      { a: Decimal128.fromString('8.5') },
      { a: 'x' },
      { a: NaN },
      { a: Infinity },
      { a: Decimal128.fromString('1E6000') },
      { a: [1, 12] },
    ];
    finds({ a: { $mod: [4, 0] } }, documents, [0, 2, 3, 4, 7, 12]);
    finds({ a: { $mod: [4, 1] } }, documents, [1, 6, 12]);
    finds({ a: { $mod: [4, -1] } }, documents, [5]);
    finds({ a: { $mod: [4.7, 1.2] } }, documents, [1, 6, 12]);
  });

  it('refuses malformed operands', () => {
    filterRefused({ a: { $mod: 4 } }, 'BadValue', 'malformed mod, needs to be an array');
    filterRefused({ a: { $mod: [4] } }, 'BadValue', 'not enough elements');
    filterRefused({ a: { $mod: [4, 0, 0] } }, 'BadValue', 'too many elements');
    filterRefused({ a: { $mod: [0, 0] } }, 'BadValue', 'divisor cannot be 0');
    filterRefused({ a: { $mod: ['x', 0] } }, 'BadValue', 'malformed mod, divisor');
    filterRefused({ a: { $mod: [2, NaN] } }, 'BadValue', 'malformed mod, remainder');
  });
});

describe('bit operators', () => {
  // The manual's example: 54 is 00110110, 20 is 00010100, the bytes "Zg==" are 01100110.
  const documents = [
    { a: 54 },
    { a: 20 },
    { a: 20.0 },
    { a: Binary.createFromBase64('Zg==') },
    { a: 'x' },
    { a: 1.5 },
    { a: -1 },
  ];

  it('answer as in the manual', () => {
    finds({ a: { $bitsAllSet: [1, 5] } }, documents, [0, 3, 6]);
    finds({ a: { $bitsAllSet: 50 } }, documents, [0, 6]);
    finds({ a: { $bitsAnySet: [1, 5] } }, documents, [0, 3, 6]);
    finds({ a: { $bitsAnySet: 35 } }, documents, [0, 3, 6]);
    finds({ a: { $bitsAllClear: [1, 5] } }, documents, [1, 2]);
    finds({ a: { $bitsAllClear: 35 } }, documents, [1, 2]);
    finds({ a: { $bitsAnyClear: [1, 5] } }, documents, [1, 2]);
    finds({ a: { $bitsAnyClear: Binary.createFromBase64('MA==') } }, documents, [1, 2, 3]);
    finds({ a: { $bitsAllSet: [] } }, documents, [0, 1, 2, 3, 6]);
  });

  it('extend the sign of a number and pad bytes with zeros', () => {
    finds({ a: { $bitsAllSet: [63, 200] } }, documents, [6]);
    finds({ a: { $bitsAllClear: [63, 200] } }, documents, [0, 1, 2, 3]);
  });

  it('refuse malformed masks', () => {
    for (const operator of ['$bitsAllSet', '$bitsAnySet', '$bitsAllClear', '$bitsAnyClear']) {
      filterRefused({ a: { [operator]: -1 } }, 'BadValue', `${operator} takes an Array`);
      filterRefused({ a: { [operator]: 'x' } }, 'BadValue', `${operator} takes an Array`);
      filterRefused({ a: { [operator]: [-1] } }, 'BadValue', 'bit positions');
    }
  });
});

describe('$comment', () => {
  it('changes nothing', () => {
    finds({ $comment: 'why', a: { $gt: 1, $comment: 'x' } }, [{ a: 1 }, { a: 2 }], [1]);
  });
});

describe('unsupported and unknown operators', () => {
  it('are refused by name', () => {
    for (const name of ['$expr', '$where', '$text', '$jsonSchema', '$sampleRate']) {
      filterRefused({ [name]: {} }, 'CommandNotSupported', name);
      filterRefused({ $or: [{ a: 1 }, { [name]: {} }] }, 'CommandNotSupported', name);
    }
    for (const name of ['$near', '$nearSphere', '$geoWithin', '$geoIntersects']) {
      filterRefused({ a: { [name]: {} } }, 'CommandNotSupported', name);
    }
    filterRefused({ $foo: 1 }, 'BadValue', 'unknown top level operator: $foo');
    filterRefused({ a: { $foo: 1 } }, 'BadValue', 'unknown operator: $foo');
    filterRefused({ a: { $gt: 1, b: 2 } }, 'BadValue', 'unknown operator: b');
    filterRefused({ a: { $constructor: 1 } }, 'BadValue', 'unknown operator: $constructor');
    filterRefused({ $gt: 1 }, 'BadValue', 'unknown top level operator: $gt');
  });
});

describe('Filter.match', () => {
  function indexOf(filter: object, document: object): number | undefined {
    const result = compileFilter(canonical(filter)).match(canonical(document));
    assert.ok(result.matched);
    return result.arrayIndex;
  }

  it('tells the element that the last array condition found', () => {
    assert.equal(indexOf({ a: 2 }, { a: [1, 2, 3] }), 1);
    assert.equal(indexOf({ a: { $elemMatch: { b: 3 } } }, { a: [{ b: 1 }, { b: 2 }, { b: 3 }] }), 2);
    assert.equal(indexOf({ 'a.b': 2 }, { a: [{ b: 1 }, { b: 2 }] }), 1);
    assert.equal(indexOf({ a: 1, b: 6 }, { a: [1], b: [4, 5, 6] }), 2);
    assert.equal(indexOf({ $and: [{ b: 6 }, { a: 1 }] }, { a: [1], b: [4, 5, 6] }), 0);
    assert.equal(indexOf({ 'a.b': 7 }, { a: [{ b: [1] }, { b: [5, 6, 7] }] }), 1);
    assert.equal(indexOf({ $or: [{ a: 9 }, { a: 3 }] }, { a: [1, 2, 3] }), 2);
  });

  it('tells none where no array was looked into, or only by negation', () => {
    assert.equal(indexOf({ a: 1 }, { a: 1 }), undefined);
    assert.equal(indexOf({ a: { $ne: 7 } }, { a: [1, 2] }), undefined);
    assert.equal(indexOf({ a: { $size: 2 } }, { a: [1, 2] }), undefined);
    assert.equal(indexOf({ a: [1, 2] }, { a: [1, 2] }), undefined);
    assert.deepEqual(compileFilter({ a: 1 }).match({ a: 2 }), { matched: false });
  });
});

describe('compileCondition', () => {
  it('tests one value without taking it apart', () => {
    const meets = (operand: unknown, value: unknown) => {
      const { operand: o, value: v } = canonical({ operand, value });
      return compileCondition(o)(v);
    };
    assert.ok(meets({ $gt: 1 }, 2));
    assert.ok(meets(/^a/, 'ab'));
    assert.ok(meets({ b: 1 }, { b: 1 }));
    assert.ok(!meets(1, [1]));
    assert.ok(meets({ $not: { $in: [1] } }, 2));
  });
});

describe('laws of filters', () => {
  const operand = fc.oneof(
    values.map((value) => ({ $eq: value })),
    values.filter((value) => !(value instanceof BSONRegExp)).map((value) => ({ $gte: value })),
    fc.constantFrom({ $exists: true }, { $type: 'number' }, { $size: 1 }, { $elemMatch: { $gt: 0 } }),
  );
  const holder = fc.oneof(
    values.map((a) => ({ a })),
    fc.constant({}),
  );

  it('$not and $nor are the complement, $and and $or of one filter the filter', () => {
    fc.assert(
      fc.property(operand, holder, (condition, document) => {
        const holds = (filter: object) => compileFilter(filter).matches(document);
        const plain = holds({ a: condition });
        assert.equal(holds({ a: { $not: condition } }), !plain);
        assert.equal(holds({ $nor: [{ a: condition }] }), !plain);
        assert.equal(holds({ $and: [{ a: condition }] }), plain);
        assert.equal(holds({ $or: [{ a: condition }] }), plain);
        assert.equal(compileFilter({ a: condition }).match(document).matched, plain);
      }),
      { numRuns: 1000 },
    );
  });
});
