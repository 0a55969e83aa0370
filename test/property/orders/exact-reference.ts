// An independent, exact reference for the figures of an order: rationals of BigInt, rounded once, sharing no code with
// the ledger. It knows prices, discounts, taxes and what is left of a line or delivery; nothing of change orders.
import type { DraftAdjustment, DraftOrder } from '../../../orders/ledger/index.js';

/** `[numerator, denominator]`, the denominator positive. */
export type Exact = readonly [bigint, bigint];

const abs = (value: bigint): bigint => (value < 0n ? -value : value);

/** To the nearest integer, halves away from zero. */
export function nearest([num, over]: Exact): bigint {
  const whole = abs(num) / over;
  const rest = abs(num) % over;
  const rounded = 2n * rest >= over ? whole + 1n : whole;
  return num < 0n ? -rounded : rounded;
}

export function exactDecimal(text: string): Exact {
  const [whole = '0', fraction = ''] = text.replace('-', '').split('.');
  const digits = BigInt(whole + fraction);
  return [text.startsWith('-') ? -digits : digits, 10n ** BigInt(fraction.length)];
}

export const minorOf = (text: string, digits: number): bigint => {
  const [num, over] = exactDecimal(text);
  return (num * 10n ** BigInt(digits)) / over;
};

/** Parts of a whole by weight: rounded toward zero, then one each for the largest rests, the first of equals first. */
export function parts(whole: bigint, weights: readonly bigint[]): bigint[] {
  const all = weights.reduce((a, b) => a + b, 0n);
  const sign = whole < 0n ? -1n : 1n;
  const found = weights.map((weight) => (abs(whole) * weight) / all);
  const rests = weights.map((weight) => (abs(whole) * weight) % all);
  let missing = abs(whole) - found.reduce((a, b) => a + b, 0n);
  while (missing > 0n) {
    let best = 0;
    for (let at = 1; at < rests.length; at += 1) if (rests[at]! > rests[best]!) best = at;
    found[best]! += 1n;
    rests[best] = -1n;
    missing -= 1n;
  }
  return found.map((part) => part * sign);
}

/**
 * What parts of one line are when their sum is rounded once: each to the nearest, and the rest on the last share of an
 * order-level adjustment; without one, each rounded down and the rest on the largest fractions.
 */
export function fitted(found: readonly { readonly exact: Exact; readonly isShared: boolean }[]): bigint[] {
  const common = found.reduce((product, { exact: [, over] }) => product * over, 1n);
  const sum = found.reduce((total, { exact: [num, over] }) => total + (num * common) / over, 0n);
  // Halves of the sum go up, also below zero.
  const twice = 2n * sum + common;
  const whole = (twice - (((twice % (2n * common)) + 2n * common) % (2n * common))) / (2n * common);
  let shared = -1;
  for (const [at, { exact, isShared }] of found.entries()) if (isShared && exact[0] !== 0n) shared = at;
  const round = ([num, over]: Exact): bigint =>
    shared >= 0 ? nearest([num, over]) : num >= 0n || num % over === 0n ? num / over : num / over - 1n;
  const values = found.map(({ exact }) => round(exact));
  let rest = whole - values.reduce((a, b) => a + b, 0n);
  if (shared >= 0) values[shared]! += rest;
  const fractions = found.map(
    ({ exact: [num, over] }) => ((num - round([num, over]) * over) * common) / over,
  );
  while (shared < 0 && rest > 0n) {
    let best = 0;
    for (let at = 1; at < fractions.length; at += 1) if (fractions[at]! > fractions[best]!) best = at;
    values[best]! += 1n;
    fractions[best] = -1n;
    rest -= 1n;
  }
  return values;
}

export interface ReferenceAmount {
  readonly amount: bigint;
  readonly taxes: readonly bigint[];
}

/** Every amount of a drafted order by the id of its component. */
export function referencePrices(draft: DraftOrder, digits: number): Map<string, ReferenceAmount> {
  const found = new Map<string, ReferenceAmount>();
  const included = draft.taxPolicy === 'gross';
  const put = (id: string, amount: bigint, taxes: readonly { rate: string }[]): void => {
    const rates = taxes.map(({ rate }) => exactDecimal(rate));
    // With tax inside, an amount is 1 + all rates of what it is before tax.
    const common = rates.reduce((product, [, over]) => product * over, 1n);
    const all = rates.reduce((sum, [num, over]) => sum + (num * common) / over, common);
    const taxed = rates.map(([num, over]): bigint =>
      included ? nearest([amount * num * common, over * all]) : nearest([amount * num, over]),
    );
    found.set(id, { amount, taxes: taxed });
  };
  const off = ({ amount, rate }: DraftAdjustment, of: bigint): bigint => {
    if (amount !== undefined) return minorOf(amount, digits);
    const [num, over] = exactDecimal(rate!);
    return nearest([of * num, over]);
  };
  const values = draft.lines.map((line) => {
    const price = minorOf(line.unitPrice!, digits) * BigInt(line.quantity);
    put(`${line.id}/price`, price, line.taxes ?? []);
    let value = price;
    for (const adjustment of line.adjustments ?? []) {
      const amount = off(adjustment, price);
      put(`${line.id}/${adjustment.id}`, amount, line.taxes ?? []);
      value += amount;
    }
    return value;
  });
  for (const adjustment of draft.adjustments ?? []) {
    const sum = values.reduce((a, b) => a + b, 0n);
    const weights = sum === 0n ? values.map(() => 1n) : values;
    const shares = parts(off(adjustment, sum), weights);
    for (const [at, line] of draft.lines.entries()) {
      put(`${line.id}/${adjustment.id}`, shares[at]!, line.taxes ?? []);
    }
  }
  for (const group of draft.deliveryGroups ?? []) {
    put(`${group.id}/charge`, minorOf(group.charge, digits), group.taxes ?? []);
  }
  return found;
}
