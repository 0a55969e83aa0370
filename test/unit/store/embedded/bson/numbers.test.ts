// $inc and $mul: which type comes out, overflow, and decimal arithmetic to 34 digits.
import assert from 'node:assert/strict';
import { Decimal128, Double, Int32, Long } from 'bson';
import fc from 'fast-check';
import { CommandError } from '../../../../../store/embedded/errors.js';
import {
  addNumbers,
  compareNumbers,
  isNumber,
  multiplyNumbers,
  type NumericValue,
  toExact,
} from '../../../../../store/embedded/bson/numbers.js';

const int = (value: number) => new Int32(value);
const double = (value: number) => new Double(value);
const long = (value: string) => Long.fromString(value);
const decimal = (value: string) => Decimal128.fromString(value);

/** Type and written value. */
function shown(value: NumericValue): string {
  return `${(value as Int32)._bsontype} ${value.toString()}`;
}

describe('addNumbers', () => {
  it('promotes int to long to double to decimal', () => {
    assert.equal(shown(addNumbers(int(1), int(2))), 'Int32 3');
    assert.equal(shown(addNumbers(int(1), long('2'))), 'Long 3');
    assert.equal(shown(addNumbers(long('1'), double(2))), 'Double 3');
    assert.equal(shown(addNumbers(int(1), double(0.5))), 'Double 1.5');
    assert.equal(shown(addNumbers(double(0.5), decimal('1'))), 'Decimal128 1.500000000000000');
    assert.equal(shown(addNumbers(int(1), decimal('0.10'))), 'Decimal128 1.10');
    assert.equal(shown(addNumbers(1, 2)), 'Int32 3');
    assert.equal(shown(addNumbers(0.5, 2)), 'Double 2.5');
    assert.equal(shown(addNumbers(1n, 2)), 'Long 3');
  });

  it('makes a long of an int that overflows, and refuses a long that does', () => {
    assert.equal(shown(addNumbers(int(2147483647), int(1))), 'Long 2147483648');
    assert.equal(shown(addNumbers(int(-2147483648), int(-1))), 'Long -2147483649');
    assert.throws(
      () => addNumbers(long('9223372036854775807'), int(1)),
      (error) => error instanceof CommandError && error.codeName === 'BadValue',
    );
  });

  it('adds decimals exactly, rounding the 35th digit half to even', () => {
    assert.equal(addNumbers(decimal('0.1'), decimal('0.2')).toString(), '0.3');
    assert.equal(addNumbers(decimal('1.10'), decimal('2.2')).toString(), '3.30');
    const nines = '9'.repeat(34);
    assert.equal(addNumbers(decimal(nines), decimal('1')).toString(), `1.${'0'.repeat(33)}E+34`);
    const big = `1${'0'.repeat(32)}2`;
    assert.equal(addNumbers(decimal(big), decimal('0.5')).toString(), big);
    assert.equal(addNumbers(decimal(big), decimal('0.50001')).toString(), `1${'0'.repeat(32)}3`);
    assert.equal(addNumbers(decimal(`1${'0'.repeat(32)}1`), decimal('0.5')).toString(), big);
    assert.equal(
      addNumbers(decimal('1E6000'), decimal('1E-6000')).toString(),
      decimal(`1.${'0'.repeat(33)}E6000`).toString(),
    );
    assert.equal(addNumbers(decimal('0E-6176'), decimal('5')).toString(), `5.${'0'.repeat(33)}`);
  });

  it('carries infinities and NaN', () => {
    assert.equal(addNumbers(decimal('Infinity'), int(1)).toString(), 'Infinity');
    assert.equal(addNumbers(decimal('Infinity'), decimal('-Infinity')).toString(), 'NaN');
    assert.equal(addNumbers(decimal('1'), double(NaN)).toString(), 'NaN');
    assert.equal(
      addNumbers(decimal('9.999999999999999999999999999999999E6144'), decimal('9E6144')).toString(),
      'Infinity',
    );
  });
});

describe('multiplyNumbers', () => {
  it('promotes and overflows like addition', () => {
    assert.equal(shown(multiplyNumbers(int(6), int(7))), 'Int32 42');
    assert.equal(shown(multiplyNumbers(int(65536), int(65536))), 'Long 4294967296');
    assert.equal(shown(multiplyNumbers(int(3), double(0.5))), 'Double 1.5');
    assert.equal(shown(multiplyNumbers(long('3'), int(0))), 'Long 0');
    assert.throws(() => multiplyNumbers(long('9223372036854775807'), long('2')), CommandError);
  });

  it('multiplies decimals to 34 digits', () => {
    assert.equal(multiplyNumbers(decimal('1.2'), decimal('1.20')).toString(), '1.440');
    const ones = '1'.repeat(34);
    assert.equal(
      multiplyNumbers(decimal(ones), decimal(ones)).toString(),
      '1.234567901234567901234567901234568E+66',
    );
    assert.equal(multiplyNumbers(decimal('1E-6176'), decimal('0.1')).toString(), '0E-6176');
    assert.equal(multiplyNumbers(decimal('1E-6176'), decimal('0.51')).toString(), '1E-6176');
    assert.equal(multiplyNumbers(decimal('1E6000'), decimal('-1E6000')).toString(), '-Infinity');
    assert.equal(multiplyNumbers(decimal('0'), decimal('Infinity')).toString(), 'NaN');
    assert.equal(multiplyNumbers(decimal('-1'), decimal('0')).toString(), '-0');
  });
});

describe('laws of arithmetic', () => {
  const small = fc
    .tuple(fc.bigInt(-(10n ** 15n), 10n ** 15n), fc.integer({ min: -9, max: 0 }))
    .map(([digits, exponent]) => ({ digits, exponent, value: decimal(`${digits}E${exponent}`) }));

  it('decimals of few digits add and multiply exactly, in either order', () => {
    fc.assert(
      fc.property(small, small, (a, b) => {
        const sum = a.digits * 10n ** BigInt(a.exponent + 9) + b.digits * 10n ** BigInt(b.exponent + 9);
        assert.equal(compareNumbers(addNumbers(a.value, b.value), decimal(`${sum}E-9`)), 0);
        assert.equal(compareNumbers(addNumbers(b.value, a.value), decimal(`${sum}E-9`)), 0);
        const product = decimal(`${a.digits * b.digits}E${a.exponent + b.exponent}`);
        assert.equal(compareNumbers(multiplyNumbers(a.value, b.value), product), 0);
      }),
    );
  });

  it('doubles and decimals have the exact value that their text has', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const exact = toExact(double(value));
        assert.ok(typeof exact !== 'string');
        assert.equal(Number(`${exact.coefficient}e${exact.exponent}`), value + 0);
      }),
    );
    assert.deepEqual(toExact(decimal('-1.50')), { coefficient: -150n, exponent: -2 });
    assert.equal(toExact(decimal('-Infinity')), '-Infinity');
    assert.equal(toExact(double(NaN)), 'NaN');
  });
});

describe('isNumber', () => {
  it('knows the numeric types', () => {
    for (const value of [int(1), double(1), long('1'), decimal('1'), 1, 1n]) assert.ok(isNumber(value));
    for (const value of ['1', null, undefined, true, [], {}, new Date(0)]) assert.ok(!isNumber(value));
  });
});
