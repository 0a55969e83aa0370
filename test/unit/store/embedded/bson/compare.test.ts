// The order of BSON values, from MongoDB's manual, "Comparison/Sort Order".
import assert from 'node:assert/strict';
import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  DBRef,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson';
import fc from 'fast-check';
import { compareValues, equalValues, typeBracket } from '../../../../../store/embedded/bson/compare.js';
import { documentOf, values } from './random-values.js';

/** Each is below the next. */
function ascending(...list: unknown[]): void {
  for (const [i, a] of list.entries()) {
    for (const [j, b] of list.entries()) {
      assert.equal(Math.sign(compareValues(a, b)), Math.sign(i - j), `${i} against ${j}`);
    }
  }
}

describe('compareValues', () => {
  it('orders the types', () => {
    ascending(
      new MinKey(),
      undefined,
      null,
      new Int32(5),
      'a',
      {},
      [],
      new Binary(Uint8Array.of()),
      new ObjectId(),
      false,
      new Date(0),
      new Timestamp({ t: 0, i: 0 }),
      new BSONRegExp('a'),
      new Code('f'),
      new Code('f', {}),
      new MaxKey(),
    );
  });

  it('orders numbers by value across types, NaN lowest', () => {
    ascending(
      new Double(NaN),
      new Double(-Infinity),
      Decimal128.fromString('-1E6000'),
      new Double(-1.5),
      Decimal128.fromString('-1E-6000'),
      new Int32(0),
      Decimal128.fromString('1E-6000'),
      new Double(Number.MIN_VALUE),
      Decimal128.fromString('0.1'),
      new Double(0.1),
      new Int32(1),
      new Double(9007199254740992),
      Long.fromString('9007199254740993'),
      Decimal128.fromString('9007199254740993.5'),
      Long.MAX_VALUE,
      new Double(2 ** 63),
      new Double(Number.MAX_VALUE),
      Decimal128.fromString('1E309'),
      Decimal128.fromString('Infinity'),
    );
  });

  it('holds equal what differs by type only', () => {
    for (const [a, b] of [
      [new Int32(1), new Double(1)],
      [Long.fromNumber(1), Decimal128.fromString('1.00')],
      [new Double(-0), new Int32(0)],
      [new Double(NaN), Decimal128.fromString('NaN')],
      [new Double(Infinity), Decimal128.fromString('Infinity')],
      [new BSONSymbol('a'), 'a'],
      [{ a: new Int32(1) }, { a: Long.fromNumber(1) }],
      [[new Int32(1)], [Decimal128.fromString('1')]],
      [new DBRef('x', new ObjectId('0'.repeat(24))), { $ref: 'x', $id: new ObjectId('0'.repeat(24)) }],
    ]) {
      assert.ok(equalValues(a, b));
    }
  });

  it('orders strings by code point, not by UTF-16 unit', () => {
    ascending('', '\0', 'A', 'a', 'a\0', 'aa', 'b', 'é', '\ue000', '\uffff', '😀');
  });

  it('orders documents by type, then name, then value of each field, then length', () => {
    ascending({}, { a: 1 }, { a: 1, b: 1 }, { a: 2 }, { b: 1 }, { a: 'x' }, { a: 'x', b: 1 }, { b: 'a' });
    assert.ok(!equalValues({ a: 1, b: 2 }, { b: 2, a: 1 }));
  });

  it('orders arrays by their elements, then length', () => {
    ascending([], [null], [1], [1, 1], [2], ['a'], [[]]);
  });

  it('orders bytes by length, subtype and content', () => {
    const bytes = (subtype: number, ...list: number[]) => new Binary(Uint8Array.from(list), subtype);
    ascending(bytes(0), bytes(128), bytes(0, 1), bytes(0, 200), bytes(5, 0), bytes(0, 0, 0));
  });

  it('orders dates as signed and timestamps as unsigned', () => {
    ascending(new Date(-1), new Date(0), new Date(1));
    ascending(
      new Timestamp({ t: 0, i: 1 }),
      new Timestamp({ t: 1, i: 0 }),
      new Timestamp({ t: 0x7fffffff, i: 0 }),
      new Timestamp({ t: 0xffffffff, i: 0 }),
      new Timestamp({ t: 0xffffffff, i: 0xffffffff }),
    );
  });

  it('orders regular expressions by pattern, then options', () => {
    ascending(new BSONRegExp('a'), new BSONRegExp('a', 'i'), new BSONRegExp('b'));
    assert.ok(equalValues(/a/i, new BSONRegExp('a', 'i')));
  });

  it('takes fields named as prototypes or BSON types for data', () => {
    const spoof = documentOf([['_bsontype', 'MinKey']]);
    assert.equal(typeBracket(spoof), typeBracket({}));
    assert.ok(!equalValues(documentOf([['__proto__', 1]]), documentOf([['__proto__', 2]])));
    assert.ok(!equalValues(documentOf([['constructor', 1]]), {}));
  });

  it('is a total order', () => {
    fc.assert(
      fc.property(values, values, values, (a, b, c) => {
        assert.ok(equalValues(a, a));
        assert.equal(Math.sign(compareValues(a, b)) + Math.sign(compareValues(b, a)), 0);
        const [low, mid, high] = [a, b, c].sort(compareValues);
        assert.ok(compareValues(low, high) <= 0 && compareValues(low, mid) <= 0);
        if (equalValues(a, b)) assert.equal(Math.sign(compareValues(a, c)), Math.sign(compareValues(b, c)));
      }),
      { numRuns: 2000 },
    );
  });
});
