// Aggregation expressions: answers, result types and refusals, operator by operator, from MongoDB's manual.
import assert from 'node:assert/strict';
import { Decimal128, type Document, Double, EJSON, Int32, Long, ObjectId } from 'bson';
import {
  compileExpression,
  supportedExpressions,
} from '../../../../../store/embedded/aggregate/expression.js';
import { canonical } from '../../../../../store/embedded/bson/codec.js';
import type { CodeName } from '../../../../../store/embedded/errors.js';

const now = new Date('2026-01-02T03:04:05.678Z');

function evaluated(expression: unknown, document: Document = {}): unknown {
  const evaluate = compileExpression(canonical({ expression })['expression']);
  return evaluate({ root: canonical(document), variables: new Map(), now });
}

/** Compares types too; `undefined` is a missing value. */
function gives(expression: unknown, expected: unknown, document: Document = {}): void {
  const value = evaluated(expression, document);
  if (expected === undefined) {
    assert.equal(value, undefined);
    return;
  }
  const [left, right] = [{ v: value }, canonical({ v: expected })].map((each) =>
    EJSON.stringify(each, { relaxed: false }),
  );
  assert.equal(left, right, JSON.stringify(expression));
}

function refuses(expression: unknown, codeName: CodeName, message: RegExp, document: Document = {}): void {
  assert.throws(() => evaluated(expression, document), { name: 'CommandError', codeName, message });
}

const long = (text: string) => Long.fromString(text);
const decimal = (text: string) => Decimal128.fromString(text);
const double = (value: number) => new Double(value);
const date = (text: string) => new Date(text);

describe('aggregate: paths and variables', () => {
  it('follows sub-documents and maps over arrays, one level at a time', () => {
    gives('$a.b', 1, { a: { b: 1 } });
    gives('$a.b', [1, 2], { a: [{ b: 1 }, 5, { c: 1 }, { b: 2 }, [{ b: 3 }]] });
    gives('$a.0', [], { a: [1, 2] });
    gives('$a.b', undefined, { a: 1 });
    gives('$a', null, { a: null });
  });

  it('knows the system variables and refuses others', () => {
    gives('$$ROOT.a', 1, { a: 1 });
    gives('$$CURRENT.a', 1, { a: 1 });
    gives('$$NOW', now);
    gives({ a: '$$REMOVE', b: 1 }, { b: 1 });
    refuses('$$x', 'FailedToParse', /Use of undefined variable: x/);
    refuses('$$USER_ROLES', 'CommandNotSupported', /\$\$USER_ROLES/);
  });

  it('reads own fields only', () => {
    gives('$constructor', undefined);
    gives('$__proto__.x', undefined);
    gives('$a.length', [], { a: [1, 2] });
    gives('$a.toString', undefined, { a: new ObjectId() });
  });

  it('omits missing fields of documents and puts null into arrays', () => {
    gives({ a: '$x', b: ['$x', 1] }, { b: [null, 1] });
  });

  it('refuses malformed paths and documents', () => {
    refuses('$', 'BadValue', /empty field name/);
    refuses('$a..b', 'BadValue', /empty field name/);
    refuses('$a.$b', 'BadValue', /may not start with '\$'/);
    refuses({ 'a.b': 1 }, 'BadValue', /FieldPath 'a\.b'/);
    refuses({ $add: [1], $subtract: [1, 1] }, 'FailedToParse', /exactly one field/);
  });

  it('refuses operators outside the list by name, and nesting deeper than 100', () => {
    for (const name of [
      '$function',
      '$regexMatch',
      '$regexFind',
      '$regexFindAll',
      '$rand',
      '$foo',
      '$constructor',
    ]) {
      refuses({ [name]: {} }, 'CommandNotSupported', new RegExp(`the expression \\${name}$`));
    }
    const nested = (depth: number): unknown => (depth === 0 ? 1 : { $abs: nested(depth - 1) });
    gives(nested(99), 1);
    refuses(nested(150), 'BadValue', /deeper than 100/);
  });
});

describe('aggregate: comparison and logic', () => {
  it('compares across number types, by value', () => {
    gives({ $eq: [1, long('1')] }, true);
    gives({ $eq: [double(0.1), decimal('0.1')] }, false);
    gives({ $cmp: [decimal('0.1'), decimal('0.10')] }, 0);
    gives({ $gt: [long('9007199254740993'), double(9007199254740992)] }, true);
  });

  it('compares documents and arrays in order, ObjectIds by bytes, types by rank', () => {
    gives({ $eq: ['$a', { $literal: { x: 1, y: 2 } }] }, false, { a: { y: 2, x: 1 } });
    gives(
      {
        $cmp: [
          [1, 2],
          [2, 1],
        ],
      },
      -1,
    );
    gives({ $eq: ['$a', '$b'] }, true, {
      a: new ObjectId('0123456789abcdef01234567'),
      b: new ObjectId('0123456789abcdef01234567'),
    });
    gives({ $lt: [5, 'a'] }, true);
    gives({ $lt: ['$missing', null] }, true);
    gives({ $eq: ['$missing', null] }, false);
    gives({ $lte: ['$missing', '$other'] }, true);
  });

  it('holds "" and [] for true, 0 and null for false', () => {
    gives({ $and: ['', []] }, true);
    gives({ $or: [0, null, '$missing', decimal('0')] }, false);
    gives({ $not: [0] }, true);
    gives({ $and: [] }, true);
    gives({ $or: [] }, false);
  });

  it('evaluates only the branch that is taken', () => {
    gives({ $cond: [true, 1, { $divide: [1, 0] }] }, 1);
    gives({ $cond: JSON.parse('{"if": false, "then": 1, "else": 2}') as Document }, 2);
    gives(
      {
        $switch: JSON.parse(
          '{"branches": [{"case": false, "then": 1}, {"case": true, "then": 2}]}',
        ) as Document,
      },
      2,
    );
    refuses(
      { $switch: JSON.parse('{"branches": [{"case": false, "then": 1}]}') as Document },
      'BadValue',
      /no default/,
    );
    gives({ $ifNull: ['$x', null, 3] }, 3);
    gives({ $or: [true, { $divide: [1, 0] }] }, true);
    refuses({ $cond: [1, 2] }, 'BadValue', /takes exactly 3 arguments/);
  });

  it('$let binds in its body only', () => {
    gives({ $let: { vars: { a: 1, b: '$x' }, in: { $add: ['$$a', '$$b'] } } }, 3, { x: 2 });
    refuses(
      { $add: [{ $let: { vars: { a: 1 }, in: '$$a' } }, '$$a'] },
      'FailedToParse',
      /undefined variable: a/,
    );
    refuses({ $let: { vars: { A: 1 }, in: 1 } }, 'FailedToParse', /user variable name/);
    gives({ $literal: { $add: [1, 2] } }, { $add: [1, 2] });
  });
});

describe('aggregate: arithmetic', () => {
  it('keeps number types and is exact among decimals and longs', () => {
    gives({ $add: [1, 2] }, 3);
    gives({ $add: [2147483647, 1] }, long('2147483648'));
    gives({ $add: [long('9007199254740993'), 1] }, long('9007199254740994'));
    gives({ $add: [decimal('0.1'), decimal('0.2')] }, decimal('0.3'));
    gives({ $subtract: [decimal('1.00'), decimal('0.05')] }, decimal('0.95'));
    gives({ $subtract: [5, 7] }, -2);
    gives({ $subtract: [5, 0.5] }, double(4.5));
    gives({ $multiply: [decimal('19.99'), 3] }, decimal('59.97'));
    gives({ $multiply: [3, '$missing'] }, null);
    gives({ $add: [] }, 0);
  });

  it('divides ints to doubles and decimals to decimals', () => {
    gives({ $divide: [10, 4] }, double(2.5));
    gives({ $divide: [10, 5] }, double(2));
    gives({ $divide: [decimal('10'), 4] }, decimal('2.5'));
    gives({ $divide: [decimal('1'), decimal('3')] }, decimal('0.3333333333333333333333333333333333'));
    gives({ $divide: [decimal('2'), 3] }, decimal('0.6666666666666666666666666666666667'));
    gives({ $divide: [decimal('100.00'), decimal('4')] }, decimal('25.00'));
    refuses({ $divide: [1, 0] }, 'BadValue', /can't \$divide by zero/);
    refuses({ $divide: [1, 'x'] }, 'TypeMismatch', /\$divide only supports numeric types, not string/);
  });

  it('takes remainders with the sign of the dividend', () => {
    gives({ $mod: [-7, 3] }, -1);
    gives({ $mod: [7.5, 2] }, double(1.5));
    gives({ $mod: [long('9007199254740993'), 2] }, long('1'));
    gives({ $mod: [decimal('7.50'), 2] }, decimal('1.50'));
    refuses({ $mod: [1, 0] }, 'BadValue', /can't \$mod by zero/);
  });

  it('rounds half to even', () => {
    gives({ $round: [2.5] }, double(2));
    gives({ $round: [10.5, 0] }, double(10));
    gives({ $round: [-5.5, 0] }, double(-6));
    gives({ $round: [19.25, 1] }, double(19.2));
    gives({ $round: [1234, -2] }, 1200);
    gives({ $round: [decimal('2.345'), 2] }, decimal('2.34'));
    gives({ $round: [decimal('2.5'), 2] }, decimal('2.50'));
    gives({ $trunc: [7.85, 1] }, double(7.8));
    gives({ $floor: -1.5 }, double(-2));
    gives({ $ceil: [decimal('1.2')] }, decimal('2'));
    gives({ $floor: 5 }, 5);
    gives({ $abs: -5 }, 5);
    gives({ $abs: decimal('-1.50') }, decimal('1.50'));
    gives({ $round: [null, 1] }, null);
    refuses({ $round: [1.5, 101] }, 'BadValue', /precision value 101/);
  });

  it('moves dates', () => {
    gives({ $add: [date('2026-01-01T00:00:00Z'), 1000] }, date('2026-01-01T00:00:01Z'));
    gives({ $subtract: [date('2026-01-01T00:00:01Z'), date('2026-01-01T00:00:00Z')] }, long('1000'));
    gives({ $subtract: [date('2026-01-01T00:00:01Z'), long('1000')] }, date('2026-01-01T00:00:00Z'));
    refuses({ $add: [now, now] }, 'BadValue', /only one date/);
  });

  it('refuses a long that overflows', () => {
    refuses({ $add: [Long.MAX_VALUE, 1] }, 'BadValue', /overflow/);
  });

  it('$sum, $avg, $min, $max take an array or several operands', () => {
    gives({ $sum: '$a' }, 6, { a: [1, 2, 3, 'x', null] });
    gives({ $sum: ['$a', 1] }, 1, { a: [1, 2] });
    gives({ $sum: '$a' }, double(0.6), { a: [0.1, 0.2, 0.3] });
    gives({ $sum: '$a' }, decimal('0.6'), { a: [decimal('0.1'), decimal('0.2'), decimal('0.3')] });
    gives({ $sum: '$a' }, long('4294967294'), { a: [2147483647, 2147483647] });
    gives({ $sum: '$missing' }, 0);
    gives({ $avg: [1, 2] }, double(1.5));
    gives({ $avg: [decimal('1'), decimal('2')] }, decimal('1.5'));
    gives({ $avg: '$missing' }, null);
    gives({ $min: ['x', 3, null] }, 3);
    gives({ $max: '$a' }, 'x', { a: [1, 'x'] });
    refuses({ $sum: [0.5, decimal('1')] }, 'CommandNotSupported', /Decimal128 together with Double/);
  });
});

describe('aggregate: arrays', () => {
  it('reads elements and parts', () => {
    gives({ $size: [[1, 2]] }, 2);
    refuses({ $size: '$a' }, 'BadValue', /\$size requires an array, found: missing/);
    gives({ $arrayElemAt: ['$a', -1] }, 3, { a: [1, 2, 3] });
    gives({ $arrayElemAt: ['$a', 9] }, undefined, { a: [1] });
    gives({ $first: '$a' }, 1, { a: [1, 2] });
    gives({ $last: '$a' }, 2, { a: [1, 2] });
    gives({ $first: '$missing' }, null);
    gives({ $slice: ['$a', 2] }, [1, 2], { a: [1, 2, 3] });
    gives({ $slice: ['$a', -2] }, [2, 3], { a: [1, 2, 3] });
    gives({ $slice: ['$a', 1, 1] }, [2], { a: [1, 2, 3] });
    gives({ $slice: ['$a', -9, 2] }, [1, 2], { a: [1, 2, 3] });
    refuses({ $slice: ['$a', 1, 0] }, 'BadValue', /must be positive/, { a: [] });
  });

  it('searches by MongoDB equality', () => {
    gives({ $in: [long('2'), '$a'] }, true, { a: [1, 2] });
    gives({ $in: [[1], '$a'] }, true, { a: [[1]] });
    gives({ $indexOfArray: ['$a', 2] }, 1, { a: [1, 2, 2] });
    gives({ $indexOfArray: ['$a', 2, 2, 9] }, 2, { a: [1, 2, 2] });
    gives({ $indexOfArray: ['$a', 9] }, -1, { a: [1] });
    gives({ $isArray: ['$a'] }, true, { a: [] });
  });

  it('builds', () => {
    gives({ $concatArrays: ['$a', [3]] }, [1, 2, 3], { a: [1, 2] });
    gives({ $concatArrays: ['$a', null] }, null, { a: [1] });
    gives({ $reverseArray: '$a' }, [2, 1], { a: [1, 2] });
    gives({ $range: [0, 10, 4] }, [0, 4, 8]);
    gives({ $range: [3, 0, -1] }, [3, 2, 1]);
    refuses({ $range: [0, 2000000] }, 'BadValue', /more than 1000000 elements/);
    refuses({ $range: [0, 1, 0] }, 'BadValue', /non-zero step/);
  });

  it('filters, maps and reduces', () => {
    gives({ $filter: { input: '$a', cond: { $gt: ['$$this', 1] } } }, [2, 3], { a: [1, 2, 3] });
    gives({ $filter: { input: '$a', as: 'n', cond: { $gt: ['$$n', 1] }, limit: 1 } }, [2], { a: [1, 2, 3] });
    gives({ $map: { input: '$a', as: 'n', in: { $multiply: ['$$n', '$k'] } } }, [2, 4], { a: [1, 2], k: 2 });
    gives({ $map: { input: '$a', in: '$$this.b' } }, [1, null], { a: [{ b: 1 }, {}] });
    gives({ $reduce: { input: '$a', initialValue: 0, in: { $add: ['$$value', '$$this'] } } }, 6, {
      a: [1, 2, 3],
    });
    gives({ $map: { input: null, in: 1 } }, null);
  });

  it('sorts and treats arrays as sets', () => {
    gives({ $sortArray: { input: '$a', sortBy: -1 } }, ['x', 3, 1], { a: [3, 'x', 1] });
    gives({ $sortArray: { input: '$a', sortBy: { n: 1 } } }, [{ n: 1 }, { n: 2 }], {
      a: [{ n: 2 }, { n: 1 }],
    });
    gives({ $sortArray: { input: '$a', sortBy: { n: 1 } } }, [5, { n: [2, 1] }, { n: [3, 0] }], {
      a: [{ n: [3, 0] }, 5, { n: [2, 1] }],
    });
    refuses({ $sortArray: { input: [], sortBy: 2 } }, 'BadValue', /\$sort is invalid/);
    gives({ $setUnion: ['$a', [long('1'), 2]] }, [1, 2], { a: [1] });
    gives(
      {
        $setIntersection: [
          [1, 2, 3],
          [3, 2],
        ],
      },
      [2, 3],
    );
    gives({ $setDifference: [[1, 2, 2], [1]] }, [2]);
    gives(
      {
        $setEquals: [
          [1, 2],
          [2, 1, 1],
        ],
      },
      true,
    );
    gives({ $setIsSubset: [[1], [2, 1]] }, true);
    gives({ $anyElementTrue: [[0, false, 1]] }, true);
    gives({ $allElementsTrue: [[1, null]] }, false);
  });
});

describe('aggregate: strings, objects and types', () => {
  it('changes case in ASCII only and counts code points', () => {
    gives({ $toUpper: 'aé' }, 'Aé');
    gives({ $toLower: 'AÉ' }, 'aÉ');
    gives({ $strLenCP: '😀é' }, 2);
    gives({ $strLenBytes: '😀é' }, 6);
    gives({ $substrCP: ['😀éx', 1, 1] }, 'é');
    gives({ $substrBytes: ['héllo', 1, 2] }, 'é');
    refuses({ $substrBytes: ['héllo', 2, 1] }, 'BadValue', /UTF-8 character/);
    gives({ $indexOfCP: ['😀ab', 'b'] }, 2);
    gives({ $strcasecmp: ['Abc', 'abD'] }, -1);
  });

  it('joins, splits, trims and replaces literally', () => {
    gives({ $concat: ['a', '$b'] }, 'ax', { b: 'x' });
    gives({ $concat: ['a', null] }, null);
    refuses({ $concat: ['a', 1] }, 'BadValue', /\$concat requires a string, found: int/);
    gives({ $split: ['a-b-c', '-'] }, ['a', 'b', 'c']);
    gives({ $trim: { input: '  a \n' } }, 'a');
    gives({ $ltrim: { input: 'xxa', chars: 'x' } }, 'a');
    gives({ $rtrim: { input: 'a😀😀', chars: '😀' } }, 'a');
    gives({ $replaceAll: { input: 'a.b.c', find: '.', replacement: { $literal: '$&' } } }, 'a$&b$&c');
    gives({ $replaceOne: { input: 'aa', find: 'a', replacement: 'b' } }, 'ba');
  });

  it('bounds what a string can grow to', () => {
    const double = (depth: number): unknown =>
      depth === 0
        ? '0123456789abcdef'
        : { $let: { vars: { s: double(depth - 1) }, in: { $concat: ['$$s', '$$s'] } } };
    refuses(double(21), 'BadValue', /more than 16777216 characters/);
  });

  it('merges, takes apart and puts together documents', () => {
    gives({ $mergeObjects: ['$a', { b: 2 }, null] }, { a: 1, b: 2 }, { a: { a: 1, b: 1 } });
    gives({ $objectToArray: '$a' }, [{ k: 'x', v: 1 }], { a: { x: 1 } });
    gives(
      {
        $arrayToObject: [
          [
            ['x', 1],
            ['y', 2],
          ],
        ],
      },
      { x: 1, y: 2 },
    );
    gives({ $arrayToObject: '$a' }, { x: 1 }, { a: [{ k: 'x', v: 1 }] });
    gives({ $getField: 'a.b' }, 1, { 'a.b': 1 });
    gives({ $getField: { field: { $literal: '$x' }, input: '$a' } }, 1, { a: { $x: 1 } });
  });

  it('names and converts types', () => {
    gives({ $type: '$x' }, 'missing');
    gives({ $type: [decimal('1')] }, 'decimal');
    gives({ $isNumber: long('1') }, true);
    gives({ $toString: 2.5 }, '2.5');
    gives({ $toString: decimal('2.50') }, '2.50');
    gives({ $toString: new ObjectId('0123456789abcdef01234567') }, '0123456789abcdef01234567');
    gives({ $toString: now }, '2026-01-02T03:04:05.678Z');
    refuses({ $toString: 0.1 + 0.2 }, 'CommandNotSupported', /digits MongoDB chooses otherwise/);
    gives({ $toInt: '42' }, 42);
    gives({ $toInt: -5.9 }, -5);
    refuses({ $toInt: 'x' }, 'BadValue', /Cannot convert string 'x' to int/);
    refuses({ $toInt: long('2147483648') }, 'BadValue', /out of range/);
    gives({ $toLong: decimal('9007199254740993.9') }, long('9007199254740993'));
    gives({ $toDouble: '1.5' }, double(1.5));
    gives({ $toDecimal: '1.10' }, decimal('1.10'));
    gives({ $toDecimal: 0.1 }, decimal('0.100000000000000'));
    gives({ $toBool: 'false' }, true);
    gives({ $toDate: long('0') }, date('1970-01-01T00:00:00Z'));
    gives({ $toDate: '2026-02-28' }, date('2026-02-28T00:00:00Z'));
    refuses({ $toDate: '2026-02-30' }, 'BadValue', /Cannot convert/);
    gives({ $toObjectId: '0123456789abcdef01234567' }, new ObjectId('0123456789abcdef01234567'));
    gives({ $toInt: null }, null);
  });
});

describe('aggregate: dates', () => {
  const moment = date('2026-01-04T23:30:15.250Z');

  it('reads the parts, also in a time zone', () => {
    gives({ $year: moment }, 2026);
    gives({ $month: moment }, 1);
    gives({ $dayOfMonth: moment }, 4);
    gives({ $dayOfWeek: moment }, 1);
    gives({ $dayOfYear: moment }, 4);
    gives({ $hour: { date: moment, timezone: '+02:00' } }, 1);
    gives({ $hour: { date: moment, timezone: 'America/New_York' } }, 18);
    gives({ $dayOfMonth: { date: moment, timezone: 'Europe/Berlin' } }, 5);
    gives({ $minute: moment }, 30);
    gives({ $second: moment }, 15);
    gives({ $millisecond: moment }, 250);
    gives({ $year: null }, null);
    refuses({ $year: 'x' }, 'BadValue', /\$year requires a date/);
    refuses(
      { $year: { date: moment, timezone: 'Mars/Base' } },
      'BadValue',
      /unrecognized time zone identifier: "Mars\/Base"/,
    );
  });

  it('counts weeks as strftime %U and as ISO 8601', () => {
    gives({ $week: date('2026-01-03T00:00:00Z') }, 0);
    gives({ $week: date('2026-06-15T00:00:00Z') }, 24);
    gives({ $isoWeek: date('2027-01-01T00:00:00Z') }, 53);
    gives({ $isoWeekYear: date('2027-01-01T00:00:00Z') }, long('2026'));
    gives({ $isoDayOfWeek: date('2026-01-04T00:00:00Z') }, 7);
  });

  it('formats', () => {
    gives({ $dateToString: { date: moment } }, '2026-01-04T23:30:15.250Z');
    gives(
      { $dateToString: { date: moment, format: '%Y-%m-%d %j %u %w %U %G-%V %%' } },
      '2026-01-04 004 7 1 01 2026-01 %',
    );
    gives(
      { $dateToString: { date: moment, format: '%H:%M %z %Z', timezone: 'America/New_York' } },
      '18:30 -0500 -300',
    );
    gives({ $dateToString: { date: '$x', onNull: 'none' } }, 'none');
    gives({ $dateToString: { date: null } }, null);
    refuses({ $dateToString: { date: moment, format: '%q' } }, 'CommandNotSupported', /'%q'/);
  });

  it('refuses results beyond the range of dates', () => {
    const last = new Date(8.64e15);
    refuses({ $dateAdd: { startDate: last, unit: 'year', amount: 1 } }, 'BadValue', /out of the range/);
    refuses({ $hour: { date: last, timezone: '+01:00' } }, 'BadValue', /out of the range/);
    gives(
      { $dateSubtract: { startDate: date('0000-03-31T00:00:00Z'), unit: 'month', amount: 4 } },
      date('-000001-11-30T00:00:00Z'),
    );
  });

  it('truncates, moves and counts by units', () => {
    gives({ $dateTrunc: { date: moment, unit: 'month' } }, date('2026-01-01T00:00:00Z'));
    gives(
      { $dateTrunc: { date: date('2026-08-20T00:00:00Z'), unit: 'quarter' } },
      date('2026-07-01T00:00:00Z'),
    );
    gives(
      { $dateTrunc: { date: moment, unit: 'week', startOfWeek: 'monday' } },
      date('2025-12-29T00:00:00Z'),
    );
    gives({ $dateTrunc: { date: moment, unit: 'week' } }, date('2026-01-04T00:00:00Z'));
    gives(
      { $dateTrunc: { date: moment, unit: 'day', timezone: 'America/New_York' } },
      date('2026-01-04T05:00:00Z'),
    );
    gives({ $dateTrunc: { date: date('1969-12-31T23:59:59Z'), unit: 'hour' } }, date('1969-12-31T23:00:00Z'));
    refuses({ $dateTrunc: { date: moment, unit: 'day', binSize: 2 } }, 'CommandNotSupported', /binSize/);
    gives(
      { $dateAdd: { startDate: date('2026-01-31T00:00:00Z'), unit: 'month', amount: 1 } },
      date('2026-02-28T00:00:00Z'),
    );
    gives(
      { $dateSubtract: { startDate: date('2024-02-29T00:00:00Z'), unit: 'year', amount: 1 } },
      date('2023-02-28T00:00:00Z'),
    );
    gives(
      {
        $dateAdd: {
          startDate: date('2026-03-28T12:00:00Z'),
          unit: 'day',
          amount: 1,
          timezone: 'Europe/Berlin',
        },
      },
      date('2026-03-29T11:00:00Z'),
    );
    gives(
      {
        $dateDiff: {
          startDate: date('2025-12-31T23:59:59Z'),
          endDate: date('2026-01-01T00:00:00Z'),
          unit: 'year',
        },
      },
      long('1'),
    );
    gives(
      {
        $dateDiff: {
          startDate: date('2026-01-01T00:00:00Z'),
          endDate: date('2026-01-01T00:00:00.600Z'),
          unit: 'second',
        },
      },
      long('0'),
    );
    gives(
      {
        $dateDiff: {
          startDate: date('2026-01-03T00:00:00Z'),
          endDate: date('2026-01-04T00:00:00Z'),
          unit: 'week',
        },
      },
      long('1'),
    );
    refuses(
      { $dateDiff: { startDate: moment, endDate: moment, unit: 'eon' } },
      'FailedToParse',
      /unknown time unit value: eon/,
    );
  });
});

describe('aggregate: the list of expressions', () => {
  it('is closed and holds nothing that runs code or patterns', () => {
    assert.equal(supportedExpressions.length, new Set(supportedExpressions).size);
    assert.ok(supportedExpressions.every((name) => name.startsWith('$')));
    for (const name of [
      '$function',
      '$accumulator',
      '$where',
      '$regexMatch',
      '$regexFind',
      '$regexFindAll',
    ]) {
      assert.ok(!supportedExpressions.includes(name), name);
    }
    assert.equal(evaluated({ $add: [new Int32(1)] })?.toString(), '1');
  });
});
