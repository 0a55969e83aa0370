// Update operators one by one: answers and errors from MongoDB's manual, on documents in canonical form.
import assert from 'node:assert/strict';
import { Decimal128, type Document, Double, EJSON, Int32, Long, Timestamp } from 'bson';
import { canonical } from '../../../../../store/embedded/bson/codec.js';
import type { CodeName } from '../../../../../store/embedded/errors.js';
import { compileUpdate, supportedUpdateOperators } from '../../../../../store/embedded/update/update.js';

const now = new Date('2026-01-02T03:04:05.678Z');

interface Given {
  readonly arrayFilters?: Document[];
  readonly arrayIndex?: number;
  readonly insert?: boolean;
}

function updated(document: Document, update: Document, given: Given = {}): Document {
  const compiled = compileUpdate(Array.isArray(update) ? update : canonical(update), {
    arrayFilters: given.arrayFilters?.map(canonical),
  });
  const before = canonical(document);
  const untouched = EJSON.stringify(before, { relaxed: false });
  const after = compiled.apply(before, { arrayIndex: given.arrayIndex, insert: given.insert ?? false, now });
  assert.equal(EJSON.stringify(before, { relaxed: false }), untouched, 'the input was changed in place');
  return after;
}

/** Compares types and field order too. */
function check(document: Document, update: Document, expected: Document, given: Given = {}): void {
  const after = updated(document, update, given);
  assert.equal(
    EJSON.stringify(after, { relaxed: false }),
    EJSON.stringify(canonical(expected), { relaxed: false }),
  );
}

function unchanged(document: Document, update: Document, given: Given = {}): void {
  const before = canonical(document);
  const compiled = compileUpdate(canonical(update), { arrayFilters: given.arrayFilters?.map(canonical) });
  assert.equal(compiled.apply(before, { arrayIndex: given.arrayIndex, now }), before);
}

function refuses(
  document: Document,
  update: Document,
  codeName: CodeName,
  message: RegExp,
  given: Given = {},
) {
  assert.throws(() => updated(document, update, given), { name: 'CommandError', codeName, message });
}

describe('update: $set and $unset', () => {
  it('replaces in place and appends new fields in the order of their paths', () => {
    check({ _id: 1, b: 1, a: 2 }, { $set: { b: 9, d: 1, c: 2 } }, { _id: 1, b: 9, a: 2, c: 2, d: 1 });
  });

  it('orders array positions by number', () => {
    check(
      { _id: 1, a: [] },
      { $set: { 'a.10': 10, 'a.2': 2 } },
      {
        _id: 1,
        a: [null, null, 2, null, null, null, null, null, null, null, 10],
      },
    );
  });

  it('creates sub-documents, with numeric names as names', () => {
    check({ _id: 1 }, { $set: { 'a.b.c': 1, 'x.0': 2 } }, { _id: 1, a: { b: { c: 1 } }, x: { 0: 2 } });
  });

  it('sets, appends and pads array elements', () => {
    check({ _id: 1, a: [1, 2] }, { $set: { 'a.1': 9 } }, { _id: 1, a: [1, 9] });
    check({ _id: 1, a: [1] }, { $set: { 'a.1': 2 } }, { _id: 1, a: [1, 2] });
    check({ _id: 1, a: [1] }, { $set: { 'a.3.b': 2 } }, { _id: 1, a: [1, null, null, { b: 2 }] });
  });

  it('refuses to pad without a bound', () => {
    refuses({ _id: 1, a: [] }, { $set: { 'a.1500002': 1 } }, 'CannotBackfillArray', /1500000/);
  });

  it('is no change for the same value, but is one for another number type', () => {
    unchanged({ _id: 1, a: { b: [1, 'x', null] } }, { $set: { a: { b: [1, 'x', null] } } });
    check({ _id: 1, a: 1 }, { $set: { a: new Double(1) } }, { _id: 1, a: new Double(1) });
    check({ _id: 1, a: { x: 1, y: 2 } }, { $set: { a: { y: 2, x: 1 } } }, { _id: 1, a: { y: 2, x: 1 } });
  });

  it('refuses a path through a scalar, null or a name in an array', () => {
    refuses(
      { _id: 1, a: 5 },
      { $set: { 'a.b': 1 } },
      'PathNotViable',
      /^Cannot create field 'b' in element \{a: 5\}$/,
    );
    refuses({ _id: 1, a: null }, { $set: { 'a.b': 1 } }, 'PathNotViable', /element \{a: null\}/);
    refuses({ _id: 1, a: [1] }, { $set: { 'a.b': 1 } }, 'PathNotViable', /element \{a: \[ 1 \]\}/);
    refuses({ _id: 1, a: [1] }, { $set: { 'a.00': 1 } }, 'PathNotViable', /Cannot create field '00'/);
  });

  it('keeps a field named __proto__ a field', () => {
    const after = updated({ _id: 1 }, JSON.parse('{"$set": {"__proto__.x": 1}}') as Document);
    assert.equal(Object.getPrototypeOf(after), Object.prototype);
    assert.deepEqual(Object.keys(after), ['_id', '__proto__']);
    assert.equal(({} as { x?: unknown }).x, undefined);
  });

  it('unsets fields, leaves null in arrays, and passes over what is not there', () => {
    check({ _id: 1, a: 1, b: { c: 1, d: 2 } }, { $unset: { a: '', 'b.c': '' } }, { _id: 1, b: { d: 2 } });
    check({ _id: 1, a: [1, 2, 3] }, { $unset: { 'a.1': '' } }, { _id: 1, a: [1, null, 3] });
    unchanged({ _id: 1, a: 1 }, { $unset: { b: '', 'a.b': '', 'c.d': '' } });
  });

  it('$setOnInsert acts while inserting only', () => {
    unchanged({ _id: 1 }, { $setOnInsert: { a: 1 } });
    check({ _id: 1 }, { $setOnInsert: { a: 1 } }, { _id: 1, a: 1 }, { insert: true });
  });

  it('$currentDate sets the date or the timestamp', () => {
    check({ _id: 1 }, { $currentDate: { a: true, b: { $type: 'date' } } }, { _id: 1, a: now, b: now });
    check(
      { _id: 1 },
      { $currentDate: { a: { $type: 'timestamp' } } },
      {
        _id: 1,
        a: new Timestamp({ t: 1767323045, i: 1 }),
      },
    );
    refuses({}, { $currentDate: { a: 1 } }, 'BadValue', /int is not valid type for \$currentDate/);
    refuses({}, { $currentDate: { a: { $type: 'x' } } }, 'BadValue', /required to be 'date' or 'timestamp'/);
    refuses({}, { $currentDate: { a: { $foo: 1 } } }, 'BadValue', /Unrecognized \$currentDate option: \$foo/);
  });
});

describe('update: $inc, $mul, $min, $max, $bit', () => {
  it('keeps int, grows to long, and is exact among decimals', () => {
    check({ _id: 1, a: 1 }, { $inc: { a: 2, b: 5 } }, { _id: 1, a: 3, b: 5 });
    check({ _id: 1, a: 2147483647 }, { $inc: { a: 1 } }, { _id: 1, a: Long.fromString('2147483648') });
    check(
      { _id: 1, a: Decimal128.fromString('0.10') },
      { $inc: { a: Decimal128.fromString('0.2') } },
      {
        _id: 1,
        a: Decimal128.fromString('0.30'),
      },
    );
    check({ _id: 1, a: 1 }, { $inc: { a: 0.5 } }, { _id: 1, a: 1.5 });
    check(
      { _id: 1, a: 3 },
      { $mul: { a: 4, b: Long.fromNumber(7) } },
      { _id: 1, a: 12, b: Long.fromNumber(0) },
    );
  });

  it('refuses a long that overflows', () => {
    refuses({ _id: 1, a: Long.MAX_VALUE }, { $inc: { a: 1 } }, 'BadValue', /Failed to apply \$inc/);
  });

  it('is no change when it adds nothing', () => {
    unchanged({ _id: 1, a: 5 }, { $inc: { a: 0 } });
    unchanged({ _id: 1, a: 5 }, { $mul: { a: 1 } });
  });

  it('refuses what is no number', () => {
    refuses(
      { _id: 1, a: 'x' },
      { $inc: { a: 1 } },
      'TypeMismatch',
      /^Cannot apply \$inc to a value of non-numeric type\. \{_id: 1\} has the field 'a' of non-numeric type string$/,
    );
    refuses({ _id: 1, a: null }, { $inc: { a: 1 } }, 'TypeMismatch', /of non-numeric type null/);
    refuses(
      { _id: 1 },
      { $inc: { a: 'x' } },
      'TypeMismatch',
      /^Cannot increment with non-numeric argument: \{a: "x"\}$/,
    );
    refuses({ _id: 1 }, { $mul: { a: 'x' } }, 'TypeMismatch', /Cannot multiply with non-numeric argument/);
  });

  it('$min and $max compare across types in the order of BSON', () => {
    check({ _id: 1, a: 200, b: 5 }, { $min: { a: 150, b: 9, c: 1 } }, { _id: 1, a: 150, b: 5, c: 1 });
    check({ _id: 1, a: 200, b: 5 }, { $max: { a: 150, b: 9 } }, { _id: 1, a: 200, b: 9 });
    check({ _id: 1, a: 5 }, { $max: { a: 'x' } }, { _id: 1, a: 'x' });
    check({ _id: 1, a: 5 }, { $min: { a: null } }, { _id: 1, a: null });
    unchanged({ _id: 1, a: 5 }, { $max: { a: new Double(5) } });
  });

  it('$bit combines integers and refuses others', () => {
    check({ _id: 1, a: 13 }, { $bit: { a: { and: 10 } } }, { _id: 1, a: 8 });
    check({ _id: 1, a: 3 }, { $bit: { a: { or: 5 } } }, { _id: 1, a: 7 });
    check({ _id: 1, a: 1 }, { $bit: { a: { xor: Long.fromNumber(5) } } }, { _id: 1, a: Long.fromNumber(4) });
    check({ _id: 1 }, { $bit: { a: { or: 5 } } }, { _id: 1, a: 5 });
    refuses({ _id: 1, a: 1.5 }, { $bit: { a: { or: 5 } } }, 'BadValue', /non-integer type double/);
    refuses(
      { _id: 1 },
      { $bit: { a: { nand: 5 } } },
      'BadValue',
      /only supports 'and', 'or', and 'xor', not 'nand'/,
    );
    refuses({ _id: 1 }, { $bit: { a: {} } }, 'BadValue', /at least one bitwise operation/);
    refuses({ _id: 1 }, { $bit: { a: 1 } }, 'BadValue', /not compatible with a int/);
    refuses({ _id: 1 }, { $bit: { a: { or: 1.5 } } }, 'BadValue', /'double' is not supported/);
  });
});

describe('update: $push', () => {
  it('appends, creates, and adds an array as one element', () => {
    check({ _id: 1, a: [1] }, { $push: { a: 2, b: 3 } }, { _id: 1, a: [1, 2], b: [3] });
    check({ _id: 1, a: [1] }, { $push: { a: [2, 3] } }, { _id: 1, a: [1, [2, 3]] });
    check({ _id: 1, a: [1] }, { $push: { a: { $each: [2, 3] } } }, { _id: 1, a: [1, 2, 3] });
    check({ _id: 1 }, { $push: { a: { $each: [] } } }, { _id: 1, a: [] });
    unchanged({ _id: 1, a: [1] }, { $push: { a: { $each: [] } } });
  });

  it('takes $position from either end', () => {
    check(
      { _id: 1, a: [100] },
      { $push: { a: { $each: [50, 60], $position: 0 } } },
      { _id: 1, a: [50, 60, 100] },
    );
    check(
      { _id: 1, a: [1, 2, 3] },
      { $push: { a: { $each: [9], $position: -1 } } },
      { _id: 1, a: [1, 2, 9, 3] },
    );
    check({ _id: 1, a: [1] }, { $push: { a: { $each: [9], $position: 7 } } }, { _id: 1, a: [1, 9] });
    check({ _id: 1, a: [1] }, { $push: { a: { $each: [9], $position: -7 } } }, { _id: 1, a: [9, 1] });
  });

  it('sorts, then slices (the quiz example of the manual)', () => {
    const quizzes = [
      { wk: 1, score: 10 },
      { wk: 2, score: 8 },
      { wk: 3, score: 5 },
      { wk: 4, score: 6 },
    ];
    const each = [
      { wk: 5, score: 8 },
      { wk: 6, score: 7 },
      { wk: 7, score: 6 },
    ];
    check(
      { _id: 5, quizzes },
      { $push: { quizzes: { $each: each, $sort: { score: -1 }, $slice: 3 } } },
      {
        _id: 5,
        quizzes: [
          { wk: 1, score: 10 },
          { wk: 2, score: 8 },
          { wk: 5, score: 8 },
        ],
      },
    );
    check(
      { _id: 1, a: [89, 70, 89, 50] },
      { $push: { a: { $each: [40, 60], $sort: 1 } } },
      {
        _id: 1,
        a: [40, 50, 60, 70, 89, 89],
      },
    );
    check(
      { _id: 1, a: [40, 50, 60] },
      { $push: { a: { $each: [80, 78, 86], $slice: -5 } } },
      {
        _id: 1,
        a: [50, 60, 80, 78, 86],
      },
    );
    check({ _id: 1, a: [1] }, { $push: { a: { $each: [2], $slice: 0 } } }, { _id: 1, a: [] });
  });

  it('sorts elements without the field first, and by dotted paths', () => {
    check(
      { _id: 1, a: [{ b: { c: 2 } }, 7, { b: { c: 1 } }] },
      { $push: { a: { $each: [], $sort: { 'b.c': 1 } } } },
      {
        _id: 1,
        a: [7, { b: { c: 1 } }, { b: { c: 2 } }],
      },
    );
  });

  it('refuses malformed modifiers and a field that is no array', () => {
    refuses(
      { _id: 1, a: 1 },
      { $push: { a: 2 } },
      'BadValue',
      /^The field 'a' must be an array but is of type int in document \{_id: 1\}$/,
    );
    refuses(
      { _id: 1 },
      { $push: { a: { $each: 1 } } },
      'BadValue',
      /argument to \$each in \$push must be an array/,
    );
    refuses(
      { _id: 1 },
      { $push: { a: { $each: [], $foo: 1 } } },
      'BadValue',
      /Unrecognized clause in \$push: \$foo/,
    );
    refuses(
      { _id: 1 },
      { $push: { a: { $each: [], $slice: 'x' } } },
      'BadValue',
      /The value for \$slice must be an integer/,
    );
    refuses(
      { _id: 1 },
      { $push: { a: { $each: [], $position: 1.5 } } },
      'BadValue',
      /The value for \$position/,
    );
    refuses({ _id: 1 }, { $push: { a: { $each: [], $sort: 2 } } }, 'BadValue', /The \$sort is invalid/);
    refuses({ _id: 1 }, { $push: { a: { $each: [], $sort: {} } } }, 'BadValue', /sort pattern is empty/);
    refuses({ _id: 1 }, { $push: { a: { $each: [], $sort: { 'a.': 1 } } } }, 'BadValue', /has an empty part/);
    refuses({ _id: 1 }, { $push: { a: { $slice: 1 } } }, 'DollarPrefixedFieldName', /together with \$each/);
  });
});

describe('update: $addToSet, $pull, $pullAll, $pop', () => {
  it('$addToSet adds what no element equals, number types aside', () => {
    check({ _id: 1, a: ['x'] }, { $addToSet: { a: 'y', b: 1 } }, { _id: 1, a: ['x', 'y'], b: [1] });
    unchanged({ _id: 1, a: [1] }, { $addToSet: { a: Long.fromNumber(1) } });
    check({ _id: 1, a: [1] }, { $addToSet: { a: { $each: [1, 2, 2] } } }, { _id: 1, a: [1, 2] });
    check({ _id: 1, a: ['x'] }, { $addToSet: { a: ['y', 'z'] } }, { _id: 1, a: ['x', ['y', 'z']] });
    check(
      { _id: 1, a: [{ x: 1, y: 2 }] },
      { $addToSet: { a: { y: 2, x: 1 } } },
      {
        _id: 1,
        a: [
          { x: 1, y: 2 },
          { y: 2, x: 1 },
        ],
      },
    );
    refuses(
      { _id: 1, a: 1 },
      { $addToSet: { a: 2 } },
      'BadValue',
      /Cannot apply \$addToSet to non-array field\. Field named 'a' has non-array type int/,
    );
    refuses(
      { _id: 1 },
      { $addToSet: { a: { $each: 1 } } },
      'TypeMismatch',
      /argument to \$each in \$addToSet/,
    );
    refuses(
      { _id: 1 },
      { $addToSet: { a: { $each: [], $slice: 1 } } },
      'BadValue',
      /unexpected fields after \$each/,
    );
  });

  it('$pull takes out equal elements', () => {
    check({ _id: 1, a: [1, 2, 1] }, { $pull: { a: 1 } }, { _id: 1, a: [2] });
    check({ _id: 1, a: [[1], 1] }, { $pull: { a: [1] } }, { _id: 1, a: [1] });
    check({ _id: 1, a: [null, 1] }, { $pull: { a: null } }, { _id: 1, a: [1] });
    unchanged({ _id: 1, a: [1] }, { $pull: { a: 2, b: 1 } });
  });

  it('$pull takes conditions on elements', () => {
    check(
      { _id: 1, votes: [3, 5, 6, 7, 7, 8] },
      { $pull: { votes: { $gte: 6 } } },
      { _id: 1, votes: [3, 5] },
    );
    check(
      { _id: 1, f: ['apples', 'pears', 'oranges'] },
      { $pull: { f: { $in: ['apples', 'oranges'] } } },
      {
        _id: 1,
        f: ['pears'],
      },
    );
    check({ _id: 1, f: ['apples', 'pears', 3] }, { $pull: { f: /^app/ } }, { _id: 1, f: ['pears', 3] });
  });

  it('$pull takes a filter on sub-documents, which need not be whole', () => {
    const results = [{ item: 'A', score: 5 }, { item: 'B', score: 8 }, 'B'];
    check(
      { _id: 1, results },
      { $pull: { results: { score: 8, item: 'B' } } },
      {
        _id: 1,
        results: [{ item: 'A', score: 5 }, 'B'],
      },
    );
    check(
      { _id: 1, r: [{ n: [{ q: 1, a: 4 }] }, { n: [{ q: 1, a: 8 }] }] },
      { $pull: { r: { n: { $elemMatch: { q: 1, a: { $gte: 8 } } } } } },
      { _id: 1, r: [{ n: [{ q: 1, a: 4 }] }] },
    );
    check(
      { _id: 1, r: [{ a: 1 }, { b: 2 }, { c: 3 }] },
      { $pull: { r: { $or: [{ a: 1 }, { b: 2 }] } } },
      {
        _id: 1,
        r: [{ c: 3 }],
      },
    );
  });

  it('$pullAll takes out every listed value, compared whole', () => {
    check({ _id: 1, s: [0, 2, 5, 5, 1, 0] }, { $pullAll: { s: [0, 5] } }, { _id: 1, s: [2, 1] });
    check(
      { _id: 1, s: [{ a: 1, b: 1 }, { a: 1 }] },
      { $pullAll: { s: [{ a: 1 }] } },
      { _id: 1, s: [{ a: 1, b: 1 }] },
    );
    refuses(
      { _id: 1, s: [] },
      { $pullAll: { s: 1 } },
      'BadValue',
      /\$pullAll requires an array argument but was given a int/,
    );
    refuses(
      { _id: 1, s: 1 },
      { $pullAll: { s: [] } },
      'BadValue',
      /Cannot apply \$pull to a non-array value/,
    );
  });

  it('$pop takes from either end', () => {
    check({ _id: 1, a: [8, 9, 10] }, { $pop: { a: -1 } }, { _id: 1, a: [9, 10] });
    check({ _id: 1, a: [9, 10] }, { $pop: { a: 1 } }, { _id: 1, a: [9] });
    unchanged({ _id: 1, a: [] }, { $pop: { a: 1, b: 1 } });
    refuses({ _id: 1, a: [] }, { $pop: { a: 2 } }, 'FailedToParse', /^\$pop expects 1 or -1, found: 2$/);
    refuses({ _id: 1, a: [] }, { $pop: { a: 'x' } }, 'FailedToParse', /Expected a number in: \{a: "x"\}/);
    refuses(
      { _id: 1, a: 1 },
      { $pop: { a: 1 } },
      'TypeMismatch',
      /Path 'a' contains an element of non-array type 'int'/,
    );
  });

  it('refuses a path through a scalar although nothing would be created', () => {
    refuses(
      { _id: 1, a: 1 },
      { $pop: { 'a.b': 1 } },
      'PathNotViable',
      /Cannot use the part \(b\) of \(a\.b\)/,
    );
    refuses({ _id: 1, a: 1 }, { $pull: { 'a.b': 1 } }, 'PathNotViable', /traverse the element \(\{a: 1\}\)/);
  });
});

describe('update: $rename', () => {
  it('moves a field, over what is there, also between levels', () => {
    check({ _id: 1, a: 1, b: 2 }, { $rename: { a: 'c' } }, { _id: 1, b: 2, c: 1 });
    check({ _id: 1, a: 1, b: 2 }, { $rename: { a: 'b' } }, { _id: 1, b: 1 });
    check({ _id: 1, n: { f: 1, g: 2 } }, { $rename: { 'n.f': 'top' } }, { _id: 1, n: { g: 2 }, top: 1 });
    unchanged({ _id: 1 }, { $rename: { a: 'b' } });
  });

  it('refuses arrays, dynamic paths and renaming to itself', () => {
    refuses(
      { _id: 1, a: [1] },
      { $rename: { 'a.0': 'b' } },
      'BadValue',
      /The source field cannot be an array element, 'a\.0' in doc with \{_id: 1\} has an array field called 'a'/,
    );
    refuses(
      { _id: 1, a: [1], b: 1 },
      { $rename: { b: 'a.0' } },
      'BadValue',
      /The destination field cannot be an array element/,
    );
    refuses(
      { _id: 1 },
      { $rename: { 'a.$': 'b' } },
      'BadValue',
      /source field for \$rename may not be dynamic/,
    );
    refuses(
      { _id: 1 },
      { $rename: { a: 'b.$[]' } },
      'BadValue',
      /destination field for \$rename may not be dynamic/,
    );
    refuses({ _id: 1 }, { $rename: { a: 'a' } }, 'BadValue', /must differ/);
    refuses({ _id: 1 }, { $rename: { a: 1 } }, 'BadValue', /The 'to' field for \$rename must be a string/);
    refuses({ _id: 1, a: 1 }, { $rename: { 'a.b': 'c' } }, 'PathNotViable', /cannot use the part \(b\)/);
  });
});

describe('update: positions', () => {
  it('$ is the element that the query matched', () => {
    check(
      { _id: 1, grades: [85, 80, 80] },
      { $set: { 'grades.$': 82 } },
      { _id: 1, grades: [85, 82, 80] },
      { arrayIndex: 1 },
    );
    check(
      { _id: 1, g: [{ m: 1 }, { m: 2 }] },
      { $inc: { 'g.$.m': 1 } },
      { _id: 1, g: [{ m: 1 }, { m: 3 }] },
      { arrayIndex: 1 },
    );
    refuses(
      { _id: 1, a: [] },
      { $set: { 'a.$': 1 } },
      'BadValue',
      /^The positional operator did not find the match needed from the query\.$/,
    );
  });

  it('$[] is every element', () => {
    check({ _id: 1, grades: [85, 82, 80] }, { $inc: { 'grades.$[]': 10 } }, { _id: 1, grades: [95, 92, 90] });
    check(
      { _id: 1, a: [{ b: [1, 2] }, { b: [3] }] },
      { $mul: { 'a.$[].b.$[]': 2 } },
      { _id: 1, a: [{ b: [2, 4] }, { b: [6] }] },
    );
    unchanged({ _id: 1, a: [] }, { $set: { 'a.$[]': 1 } });
    refuses(
      { _id: 1, a: 5 },
      { $set: { 'a.$[]': 1 } },
      'BadValue',
      /Cannot apply array updates to non-array element a: 5/,
    );
    refuses(
      { _id: 1 },
      { $set: { 'a.$[]': 1 } },
      'BadValue',
      /The path 'a' must exist in the document in order to apply array updates\./,
    );
  });

  it('$[name] is every element that the array filter matches', () => {
    check(
      { _id: 1, grades: [95, 102, 90, 150] },
      { $set: { 'grades.$[e]': 100 } },
      { _id: 1, grades: [95, 100, 90, 100] },
      { arrayFilters: [{ e: { $gte: 100 } }] },
    );
    const grades = [
      { grade: 80, mean: 75, std: 6 },
      { grade: 85, mean: 90, std: 4 },
    ];
    check(
      { _id: 1, grades },
      { $inc: { 'grades.$[elem].std': -1 } },
      {
        _id: 1,
        grades: [
          { grade: 80, mean: 75, std: 5 },
          { grade: 85, mean: 90, std: 4 },
        ],
      },
      { arrayFilters: [{ 'elem.grade': { $gte: 80 }, 'elem.std': { $gt: 5 } }] },
    );
    check(
      { _id: 1, a: [{ b: [1, 5] }, { b: [5], skip: true }] },
      { $set: { 'a.$[x].b.$[y]': 0 } },
      { _id: 1, a: [{ b: [1, 0] }, { b: [5], skip: true }] },
      {
        arrayFilters: [{ 'x.skip': { $exists: false } }, { $or: [{ y: 5 }, { y: 6 }] }],
      },
    );
  });

  it('refuses array filters that are missing, unused, double or without a proper name', () => {
    const set = { $set: { 'a.$[x]': 1 } };
    const a = { _id: 1, a: [1] };
    refuses(a, set, 'BadValue', /^No array filter found for identifier 'x' in path 'a\.\$\[x\]'$/);
    refuses(
      a,
      { $set: { b: 1 } },
      'FailedToParse',
      /^The array filter for identifier 'x' was not used in the update/,
      { arrayFilters: [{ x: 1 }] },
    );
    refuses(a, set, 'FailedToParse', /multiple array filters with the same top-level field name x/, {
      arrayFilters: [{ x: 1 }, { 'x.b': 1 }],
    });
    refuses(a, set, 'FailedToParse', /Expected a single top-level field name, found 'x' and 'y'/, {
      arrayFilters: [{ x: 1, y: 1 }],
    });
    refuses(a, set, 'BadValue', /beginning with a lowercase letter, found 'X'/, { arrayFilters: [{ X: 1 }] });
    refuses(a, set, 'FailedToParse', /without a top-level field name/, { arrayFilters: [{}] });
    refuses(a, { b: 1 }, 'FailedToParse', /arrayFilters/, { arrayFilters: [{ x: 1 }] });
  });

  it('refuses positional parts at the start, and two $', () => {
    refuses(
      {},
      { $set: { $: 1 } },
      'BadValue',
      /Cannot have positional \(i\.e\. '\$'\) element in the first position in path '\$'/,
    );
    refuses({}, { $set: { '$[]': 1 } }, 'BadValue', /array filter identifier .* in the first position/);
    refuses({}, { $set: { 'a.$.b.$': 1 } }, 'BadValue', /Too many positional/);
  });

  it('finds conflicts that show only in the document', () => {
    refuses(
      { _id: 1, a: [1] },
      { $set: { 'a.$[x]': 1 }, $inc: { 'a.$[y]': 1 } },
      'ConflictingUpdateOperators',
      /^Update created a conflict at 'a\.0'$/,
      { arrayFilters: [{ x: 1 }, { y: 1 }] },
    );
    refuses(
      { _id: 1, a: [1] },
      { $set: { 'a.$': 1, 'a.0': 2 } },
      'ConflictingUpdateOperators',
      /Update created a conflict at 'a\.0'/,
      { arrayIndex: 0 },
    );
  });
});

describe('update: as a whole', () => {
  it('refuses conflicting paths', () => {
    refuses(
      {},
      { $set: { a: 1 }, $inc: { a: 1 } },
      'ConflictingUpdateOperators',
      /^Updating the path 'a' would create a conflict at 'a'$/,
    );
    refuses(
      {},
      { $set: { a: 1, 'a.b': 1 } },
      'ConflictingUpdateOperators',
      /^Updating the path 'a\.b' would create a conflict at 'a'$/,
    );
    refuses({}, { $rename: { a: 'b' }, $set: { 'a.c': 1 } }, 'ConflictingUpdateOperators', /conflict at 'a'/);
    refuses(
      {},
      { $set: { 'a.$[]': 1, 'a.0': 1 } },
      'ConflictingUpdateOperators',
      /would create a conflict at 'a'/,
    );
    check(
      { _id: 1 },
      { $set: { a: 1, ab: 2, 'b.c': 3, 'b.d': 4 } },
      { _id: 1, a: 1, ab: 2, b: { c: 3, d: 4 } },
    );
  });

  it('refuses another _id, and takes the same', () => {
    refuses(
      { _id: 1 },
      { $set: { _id: 2 } },
      'ImmutableField',
      /^Performing an update on the path '_id' would modify the immutable field '_id'$/,
    );
    refuses({ _id: { a: 1 } }, { $set: { '_id.a': 2 } }, 'ImmutableField', /on the path '_id\.a'/);
    refuses({ _id: 1 }, { $unset: { _id: 1 } }, 'ImmutableField', /_id/);
    refuses({ _id: 1 }, { $rename: { _id: 'x' } }, 'ImmutableField', /_id/);
    unchanged({ _id: 1 }, { $set: { _id: 1 } });
  });

  it('refuses unknown operators, mixed documents and pipelines', () => {
    refuses(
      {},
      { $foo: { a: 1 } },
      'FailedToParse',
      /^Unknown modifier: \$foo\. Expected a valid update modifier or pipeline-style update specified as an array$/,
    );
    refuses({}, { $set: { a: 1 }, b: 1 }, 'FailedToParse', /Unknown modifier: b/);
    refuses({}, { $set: 1 }, 'FailedToParse', /Modifiers operate on fields but we found type int instead/);
    refuses(
      {},
      [{ $set: { a: 1 } }] as unknown as Document,
      'CommandNotSupported',
      /an aggregation pipeline as an update/,
    );
  });

  it('refuses empty and $-prefixed names', () => {
    refuses({}, { $set: { '': 1 } }, 'EmptyFieldName', /^An empty update path is not valid\.$/);
    refuses(
      {},
      { $set: { 'a..b': 1 } },
      'EmptyFieldName',
      /^The update path 'a\.\.b' contains an empty field name, which is not allowed\.$/,
    );
    refuses({}, { $set: { 'a.': 1 } }, 'EmptyFieldName', /empty field name/);
    refuses({}, { $set: { $a: 1 } }, 'DollarPrefixedFieldName', /'\$a' in '\$a' is not valid for storage/);
    refuses({}, { $set: { 'a.$b': 1 } }, 'DollarPrefixedFieldName', /'\$b' in 'a\.\$b'/);
    refuses({}, { $set: { [new Array(200).fill('a').join('.')]: 1 } }, 'BadValue', /more than 180/);
  });

  it('takes empty operators as no change', () => {
    unchanged({ _id: 1 }, { $set: {} });
  });

  it('replaces the whole document but the _id, which comes first', () => {
    check({ _id: 1, a: 1, b: 2 }, { c: 3, _id: 1 }, { _id: 1, c: 3 });
    check({ _id: 1, a: 1 }, { b: 2 }, { _id: 1, b: 2 });
    check({ _id: 1, a: 1 }, {}, { _id: 1 });
    unchanged({ _id: 1, a: 1 }, { a: 1 });
    refuses(
      { _id: 1 },
      { _id: 2 },
      'ImmutableField',
      /^After applying the update, the \(immutable\) field '_id' was found to have been altered to _id: 2$/,
    );
    refuses(
      { _id: 1 },
      { a: 1, $b: 2 },
      'DollarPrefixedFieldName',
      /'\$b' in '\$b' is not allowed in the context of an update's replacement document/,
    );
    assert.equal(compileUpdate({ a: new Int32(1) }).kind, 'replacement');
    assert.equal(compileUpdate({ $set: {} }).kind, 'operators');
  });

  it('lists its operators', () => {
    assert.deepEqual(supportedUpdateOperators, [
      '$addToSet',
      '$bit',
      '$currentDate',
      '$inc',
      '$max',
      '$min',
      '$mul',
      '$pop',
      '$pull',
      '$pullAll',
      '$push',
      '$rename',
      '$set',
      '$setOnInsert',
      '$unset',
    ]);
  });
});
