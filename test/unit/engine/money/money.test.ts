// Money arithmetic against its definition in exact rationals: conversions, rounding, allocation.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { allocate } from '../../../../engine/money/allocate.js';
import { currencyDigits, digitsOf } from '../../../../engine/money/currency.js';
import {
  compareMoney,
  fromMinor,
  isMoney,
  multiplyMoney,
  negateMoney,
  subtractMoney,
  sumMoney,
  toMinor,
} from '../../../../engine/money/money.js';
import { roundHalfUp } from '../../../../engine/money/round.js';
import { roundToMoney, roundToStep } from '../../../../engine/money/round-money.js';

const money = (amount: string, currency = 'EUR') => ({ amount, currency });
const currency = fc.constantFrom('EUR', 'USD', 'JPY', 'KWD');
const minor = fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n });
const abs = (value: bigint) => (value < 0n ? -value : value);

describe('money', () => {
  it('gives no amount that it could not read again', () => {
    const most = money(`${'9'.repeat(30)}.99`);
    assert.deepEqual(sumMoney([most, money('0.00')]), most);
    assert.throws(() => sumMoney([most, money('0.01')]), { code: 'money.invalid' });
    assert.throws(() => subtractMoney(negateMoney(most), money('0.01')), { code: 'money.invalid' });
    assert.throws(() => multiplyMoney(most, '10'), { code: 'money.invalid' });
  });

  it('reads and writes minor units with 0, 2 and 3 decimals', () => {
    assert.equal(toMinor(money('12.3')), 1230n);
    assert.equal(toMinor(money('-0.05')), -5n);
    assert.equal(toMinor(money('7', 'JPY')), 7n);
    assert.equal(toMinor(money('1.234', 'KWD')), 1234n);
    assert.deepEqual(fromMinor(-5n, 'EUR'), money('-0.05'));
    assert.deepEqual(fromMinor(0n, 'JPY'), money('0', 'JPY'));
    assert.deepEqual(fromMinor(1n, 'KWD'), money('0.001', 'KWD'));
  });

  it('reverses every amount in every known currency', () => {
    fc.assert(
      fc.property(minor, fc.constantFrom(...currencyDigits.keys()), (value, code) => {
        assert.equal(toMinor(fromMinor(value, code)), value);
      }),
    );
  });

  it('refuses what is not an amount of the currency', () => {
    for (const amount of ['', '.5', '1.', '1e3', '0x1', ' 1', '1.234', 'NaN', '--1', '1,5', '1'.repeat(31)]) {
      assert.throws(() => toMinor(money(amount)), { code: 'money.invalid' }, amount);
    }
    assert.throws(() => toMinor(money('1.5', 'JPY')), { code: 'money.invalid' });
    for (const code of ['XXX', 'eur', '', 'constructor', '__proto__', 'toString']) {
      assert.throws(() => digitsOf(code), { code: 'money.currency-unknown' }, code);
    }
  });

  it('knows money by own properties only', () => {
    assert.equal(isMoney(money('1.00')), true);
    for (const other of [
      null,
      1,
      [],
      {},
      { amount: 1, currency: 'EUR' },
      { amount: '1' },
      Object.create(money('1')),
    ]) {
      assert.equal(isMoney(other), false);
    }
    assert.equal(isMoney({ ...money('1'), note: '' }), false);
  });

  it('never mixes currencies', () => {
    const mixed = { code: 'money.currency-mixed' };
    assert.throws(() => sumMoney([money('1'), money('1', 'USD')]), mixed);
    assert.throws(() => subtractMoney(money('1'), money('1', 'USD')), mixed);
    assert.throws(() => compareMoney(money('1'), money('1', 'USD')), mixed);
    assert.throws(() => sumMoney([]), { code: 'money.invalid' });
  });

  it('adds, subtracts, negates and compares like integers', () => {
    fc.assert(
      fc.property(minor, minor, currency, (a, b, code) => {
        const [x, y] = [fromMinor(a, code), fromMinor(b, code)];
        assert.equal(toMinor(sumMoney([x, y])), a + b);
        assert.equal(toMinor(subtractMoney(x, y)), a - b);
        assert.deepEqual(sumMoney([x, negateMoney(x)]), fromMinor(0n, code));
        assert.equal(compareMoney(x, y), a < b ? -1 : a > b ? 1 : 0);
      }),
    );
  });

  it('multiplies by a decimal rate and rounds once, to the nearest unit', () => {
    assert.deepEqual(multiplyMoney(money('0.50'), '0.19'), money('0.10'));
    assert.deepEqual(multiplyMoney(money('10.05'), '0.5'), money('5.03'));
    assert.deepEqual(multiplyMoney(money('-10.05'), 0.5), money('-5.03'));
    assert.deepEqual(multiplyMoney(money('105', 'JPY'), '0.1'), money('11', 'JPY'));
    const forms = [0.0000001, '.0000001', '1e-7', '+0.0000001', ' 0.1E-6 ', '0.00000010', '-.0000001'];
    for (const rate of forms) {
      const size = multiplyMoney(money('12345678.00'), rate).amount;
      assert.equal(size, String(rate).startsWith('-') ? '-1.23' : '1.23', String(rate));
    }
    assert.deepEqual(multiplyMoney(money('1'), '1.5e3'), money('1500.00'));
    for (const rate of [
      '',
      '.',
      'e5',
      '-',
      '1e20',
      '1e-21',
      'NaN',
      '1/3',
      Number.NaN,
      1e21,
      '1'.repeat(21),
    ]) {
      assert.throws(() => multiplyMoney(money('1'), rate), { code: 'money.rate-invalid' }, String(rate));
    }
    fc.assert(
      fc.property(minor, fc.integer({ min: -99999, max: 99999 }), currency, (value, permille, code) => {
        const rate = (permille / 1000).toFixed(3);
        const exactTimesThousand = value * BigInt(permille);
        const error = abs(toMinor(multiplyMoney(fromMinor(value, code), rate)) * 1000n - exactTimesThousand);
        assert.ok(error <= 500n);
      }),
    );
  });

  it('rounds to money and to a cash step', () => {
    assert.deepEqual(roundToMoney('2.345', 'EUR'), money('2.35'));
    assert.deepEqual(roundToMoney('-2.345', 'EUR'), money('-2.35'));
    assert.deepEqual(roundToMoney(0.5, 'JPY'), money('1', 'JPY'));
    assert.deepEqual(roundToStep(money('1.03', 'CHF'), '0.05'), money('1.05', 'CHF'));
    assert.deepEqual(roundToStep(money('1.02', 'CHF'), '0.05'), money('1.00', 'CHF'));
    for (const step of ['0', '-0.05', '0.005']) {
      assert.throws(() => roundToStep(money('1'), step), { code: 'money.rate-invalid' });
    }
  });
});

describe('roundHalfUp', () => {
  it('rounds halves away from zero', () => {
    const halves: [bigint, bigint, bigint][] = [
      [1n, 2n, 1n],
      [-1n, 2n, -1n],
      [3n, -2n, -2n],
      [5n, 4n, 1n],
      [7n, 4n, 2n],
      [0n, 5n, 0n],
    ];
    for (const [over, under, rounded] of halves) assert.equal(roundHalfUp(over, under), rounded);
    assert.throws(() => roundHalfUp(1n, 0n), RangeError);
  });

  it('is nearest, and odd', () => {
    fc.assert(
      fc.property(minor, fc.bigInt({ min: 1n, max: 10n ** 9n }), (over, under) => {
        const rounded = roundHalfUp(over, under);
        assert.ok(2n * abs(over - rounded * under) <= under);
        assert.equal(roundHalfUp(-over, under), -rounded);
      }),
    );
  });
});

describe('allocate', () => {
  const weights = fc.array(fc.bigInt({ min: 0n, max: 10n ** 9n }), { minLength: 1, maxLength: 30 });

  it('gives the left-over unit to the largest remainder, then to the earlier', () => {
    assert.deepEqual(allocate(100n, [1n, 1n, 1n]), [34n, 33n, 33n]);
    assert.deepEqual(allocate(5n, [1n, 2n]), [2n, 3n]);
    assert.deepEqual(allocate(-100n, [1n, 1n, 1n]), [-34n, -33n, -33n]);
    assert.deepEqual(allocate(1n, [0n, 0n, 5n]), [0n, 0n, 1n]);
    assert.deepEqual(allocate(0n, [3n, 4n]), [0n, 0n]);
  });

  it('refuses weights that nothing can be shared out by', () => {
    for (const bad of [[], [0n], [0n, 0n], [-1n, 2n], [-1n]]) {
      assert.throws(() => allocate(1n, bad), { code: 'money.weights-invalid' });
    }
  });

  it('adds up, and each part is within one unit of its exact share', () => {
    fc.assert(
      fc.property(minor, weights, (total, shares) => {
        const sum = shares.reduce((a, b) => a + b, 0n);
        fc.pre(sum > 0n);
        const parts = allocate(total, shares);
        assert.equal(
          parts.reduce((a, b) => a + b, 0n),
          total,
        );
        parts.forEach((part, index) => {
          assert.ok(abs(part * sum - total * shares[index]!) < sum);
          if (shares[index] === 0n) assert.equal(part, 0n);
        });
      }),
    );
  });
});
