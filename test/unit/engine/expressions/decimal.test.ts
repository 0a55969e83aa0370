// Decimal arithmetic on JSON numbers against exact rationals of big integers.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  add,
  divide,
  multiply,
  numberOfText,
  numberText,
  remainder,
  roundNumber,
  subtract,
} from '../../../../engine/expressions/decimal.js';

/** `digits / 10^scale`, as people write it. */
interface Exact {
  readonly digits: bigint;
  readonly scale: number;
}

const decimals = fc
  .tuple(fc.bigInt({ min: -9_999_999n, max: 9_999_999n }), fc.integer({ min: 0, max: 6 }))
  .map(([digits, scale]): Exact => ({ digits, scale }));

function numberOf({ digits, scale }: Exact): number {
  return Number(`${digits}e-${scale}`);
}

/** The double nearest to a fraction of big integers, by its first 40 decimals. */
function nearest(over: bigint, under: bigint): number {
  return Number(`${(over * 10n ** 40n) / under}e-40`) + 0;
}

function raise({ digits, scale }: Exact, to: number): bigint {
  return digits * 10n ** BigInt(to - scale);
}

describe('decimal arithmetic', () => {
  it('adds and subtracts exactly', () => {
    fc.assert(
      fc.property(decimals, decimals, (a, b) => {
        const unit = 10n ** 6n;
        assert.equal(add(numberOf(a), numberOf(b)), nearest(raise(a, 6) + raise(b, 6), unit));
        assert.equal(subtract(numberOf(a), numberOf(b)), nearest(raise(a, 6) - raise(b, 6), unit));
      }),
    );
  });

  it('multiplies exactly', () => {
    fc.assert(
      fc.property(decimals, decimals, (a, b) => {
        const exact = nearest(a.digits * b.digits, 10n ** BigInt(a.scale + b.scale));
        assert.equal(multiply(numberOf(a), numberOf(b)), exact);
      }),
    );
  });

  it('divides to the nearest number, and what is left of a division is exact', () => {
    fc.assert(
      fc.property(decimals, decimals, (a, b) => {
        fc.pre(b.digits !== 0n);
        const [over, under] = [raise(a, 6), raise(b, 6)];
        const quotient = divide(numberOf(a), numberOf(b));
        const exact = nearest(over, under);
        assert.ok(Math.abs(quotient - exact) <= Math.abs(exact) * 1e-15);
        assert.equal(remainder(numberOf(a), numberOf(b)), nearest(over % under, 10n ** 6n));
      }),
    );
  });

  it('gives neither NaN nor Infinity nor minus zero, whatever the numbers', () => {
    const any = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(
        any,
        any,
        fc.constantFrom(add, subtract, multiply, divide, remainder),
        (a, b, operation) => {
          let result: number;
          try {
            result = operation(a, b);
          } catch (error) {
            const { code } = error as { code: string };
            assert.ok(code === 'expression.number-range' || code === 'expression.division-by-zero');
            return;
          }
          assert.ok(Number.isFinite(result));
          assert.ok(!Object.is(result, -0));
        },
      ),
    );
  });

  it('knows these by heart', () => {
    assert.equal(add(0.1, 0.2), 0.3);
    assert.equal(subtract(1, 0.9), 0.1);
    assert.equal(multiply(1.1, 1.1), 1.21);
    assert.equal(multiply(4.35, 100), 435);
    assert.equal(divide(1, 3), 0.3333333333333333);
    assert.equal(divide(1, 3e30), 3.3333333333333333e-31);
    assert.equal(divide(1e-300, 1e-10), 1e-290);
    assert.equal(divide(-2e300, 3e-8), -6.666666666666666e307);
    assert.equal(divide(0, 1e-300), 0);
    assert.equal(remainder(-5.5, 2), -1.5);
    assert.equal(roundNumber(1.005, 2), 1.01);
    assert.equal(roundNumber(-2.5, 0), -3);
    assert.throws(() => multiply(1e200, 1e200), { code: 'expression.number-range' });
    assert.throws(() => divide(1, 0), { code: 'expression.division-by-zero' });
  });

  it('reads numbers in text and writes them in plain digits', () => {
    assert.equal(numberOfText(' -1.50 '), -1.5);
    assert.equal(numberOfText('1e2'), 100);
    for (const text of [
      '',
      ' ',
      '.',
      '1,5',
      '0x10',
      '1e',
      'NaN',
      'Infinity',
      '1e999',
      '1_000',
      '٣',
      '1'.repeat(101),
    ]) {
      assert.equal(numberOfText(text), undefined, text);
    }
    assert.equal(numberText(1e21), '1000000000000000000000');
    assert.equal(numberText(1e-7), '0.0000001');
    assert.equal(numberText(-0.5), '-0.5');
  });
});
