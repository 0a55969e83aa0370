// Index keys: memcmp of the bytes and `compareValues` of the values never disagree, over every type.
import assert from 'node:assert/strict';
import { Binary, Code, Decimal128, Double, Int32, Long, MaxKey, MinKey } from 'bson';
import fc from 'fast-check';
import { compareBytes, compareValues } from '../../../../../store/embedded/bson/compare.js';
import {
  idBytes,
  keyBytes,
  keyPrefix,
  successor,
  typeRange,
} from '../../../../../store/embedded/bson/key-bytes.js';
import { numbers, strings, values } from './random-values.js';

const directions = fc.constantFrom<1 | -1>(1, -1);

function agree(a: unknown, b: unknown): void {
  assert.equal(Math.sign(compareBytes(idBytes(a), idBytes(b))), Math.sign(compareValues(a, b)));
}

describe('keyBytes', () => {
  for (const [name, arbitrary, numRuns] of [
    ['numbers', numbers, 4000],
    ['strings', strings, 2000],
    ['values of every type', values, 4000],
  ] as const) {
    it(`orders ${name} as compareValues does`, () => {
      fc.assert(fc.property(arbitrary, arbitrary, agree), { numRuns });
    });
  }

  it('orders tuples field by field, each in its direction', () => {
    const tuple = fc.tuple(values, values, values);
    fc.assert(
      fc.property(
        tuple,
        tuple,
        fc.boolean(),
        fc.tuple(directions, directions, directions),
        (a, b, shared, by) => {
          const other = shared ? [a[0], ...b.slice(1)] : b;
          let expected = 0;
          for (let field = 0; field < 3 && expected === 0; field += 1) {
            expected = Math.sign(compareValues(a[field], other[field])) * by[field]!;
          }
          // `expected + 0`: no difference in a descending field is not -0.
          assert.equal(Math.sign(compareBytes(keyBytes(a, by), keyBytes(other, by))), expected + 0);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('encodes one number alike in every numeric type', () => {
    const one = Buffer.from(idBytes(new Int32(1))).toString('hex');
    for (const value of [new Double(1), Long.fromNumber(1), Decimal128.fromString('1.0'), 1, 1n]) {
      assert.equal(Buffer.from(idBytes(value)).toString('hex'), one);
    }
    agree(new Double(-0), new Int32(0));
  });

  it('tells a double from the decimal it is written as', () => {
    assert.ok(compareBytes(idBytes(new Double(0.1)), idBytes(Decimal128.fromString('0.1'))) > 0);
    assert.ok(compareBytes(idBytes(new Double(0.7)), idBytes(Decimal128.fromString('0.7'))) < 0);
  });

  it('keeps longs apart that share a double', () => {
    agree(Long.fromString('9007199254740993'), new Double(9007199254740992));
    agree(Long.fromString('9223372036854775807'), Long.fromString('9223372036854775806'));
    agree(Long.MAX_VALUE, new Double(2 ** 63));
  });

  it('orders bytes by length before content, and code by its scope', () => {
    agree(new Binary(Uint8Array.of(255)), new Binary(Uint8Array.of(0, 0)));
    agree(new Code('f', { a: 1 }), new Code('f', { a: 2 }));
    agree(new Code('g'), new Code('f', { a: 1 }));
  });
});

describe('bounds of keys', () => {
  it('has a prefix that a key starts with exactly if its first fields are equal', () => {
    const tuple = fc.tuple(values, values);
    fc.assert(
      fc.property(tuple, values, fc.tuple(directions, directions), (pair, first, by) => {
        const key = keyBytes(pair, by);
        const prefix = keyPrefix([first], by);
        const within = compareBytes(key, prefix) >= 0 && compareBytes(key, successor(prefix)) < 0;
        assert.equal(within, compareValues(pair[0], first) === 0);
        assert.ok(compareBytes(key, successor(keyPrefix([pair[0]], by))) < 0);
      }),
      { numRuns: 2000 },
    );
  });

  it('has a range per type that holds the values of the type and no others', () => {
    const same = (a: unknown, b: unknown) => typeRange(a)[0][0] === typeRange(b)[0][0];
    fc.assert(
      fc.property(values, values, directions, (a, b, by) => {
        const [low, high] = typeRange(a, by);
        const key = keyBytes([b], [by]);
        assert.equal(compareBytes(key, low) >= 0 && compareBytes(key, high) < 0, same(a, b));
      }),
      { numRuns: 2000 },
    );
  });

  it('puts everything between MinKey and MaxKey', () => {
    fc.assert(
      fc.property(values, (value) => {
        assert.ok(compareBytes(idBytes(new MinKey()), idBytes(value)) <= 0);
        assert.ok(compareBytes(idBytes(value), idBytes(new MaxKey())) <= 0);
      }),
    );
  });

  it('finds the successor past bytes of 255, and none above 255 alone', () => {
    assert.deepEqual(successor(Uint8Array.of(1, 255, 255)), Uint8Array.of(2));
    assert.deepEqual(successor(Uint8Array.of(1, 2)), Uint8Array.of(1, 3));
    assert.throws(() => successor(Uint8Array.of(255)), RangeError);
  });
});
