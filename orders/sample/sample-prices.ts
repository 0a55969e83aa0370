// Prices, discounts and taxes of one sample order, in minor units. Half-up rounding per amount, largest remainder
// where one amount is shared out, so that the parts always add up.
import { allocate } from '../../engine/money/allocate.js';
import { toMinor } from '../../engine/money/money.js';
import { toRate } from '../../engine/money/rate.js';
import { roundHalfUp } from '../../engine/money/round.js';
import { roundToMoney } from '../../engine/money/round-money.js';
import type { Minor } from '../records/money-fields.js';
import type { AdjustmentRecord, TaxRecord } from '../records/order.js';
import type { SampleTax } from './countries.js';
import type { NorthwindLine } from './northwind-source.js';

/** A decimal number of Northwind in minor units of the currency; no conversion between currencies. */
export const sampleMinor = (decimal: number, currency: string): Minor =>
  toMinor(roundToMoney(decimal, currency));

/** `amount` times a decimal fraction, half-up. */
export function shareOf(amount: Minor, rate: string): Minor {
  const { digits, scale } = toRate(rate);
  return roundHalfUp(amount * digits, 10n ** BigInt(scale));
}

/** What is paid for an amount, and the taxes that are added to it (net) or contained in it (gross). */
export function taxed(
  amount: Minor,
  taxes: readonly SampleTax[],
  policy: 'net' | 'gross',
): { taxes: TaxRecord[]; taxTotal: Minor; total: Minor } {
  if (policy === 'net') {
    const added = taxes.map(({ name, rate }) => ({ name, rate, amount: shareOf(amount, rate) }));
    const taxTotal = sum(added.map((tax) => tax.amount));
    return { taxes: added, taxTotal, total: amount + taxTotal };
  }
  const unit = 10n ** 20n;
  const weights = taxes.map(({ rate }) => shareOf(unit, rate));
  const all = sum(weights);
  const taxTotal = amount - roundHalfUp(amount * unit, unit + all);
  const parts = all === 0n ? [] : allocate(taxTotal, weights);
  return {
    taxes: taxes.map(({ name, rate }, index) => ({ name, rate, amount: parts[index] ?? 0n })),
    taxTotal,
    total: amount,
  };
}

export interface PricedLine {
  readonly unitPrice: Minor;
  readonly subtotal: Minor;
  readonly adjustments: readonly AdjustmentRecord[];
  readonly distributed: Minor;
  readonly net: Minor;
  readonly taxes: readonly TaxRecord[];
  readonly taxTotal: Minor;
  readonly total: Minor;
}

/**
 * Northwind has no discounts on whole orders: every 20th order number has 5 % off, and the tenth after it a voucher
 * of 10.00 where the goods cost at least 100.00.
 */
function orderAdjustments(orderNumber: number, goods: Minor, currency: string): AdjustmentRecord[] {
  if (orderNumber % 20 === 0) {
    const rate = '-0.05';
    return [{ id: 'O1', reason: 'Volume discount', rate, amount: shareOf(goods, rate) }];
  }
  if (orderNumber % 20 === 10 && goods >= sampleMinor(100, currency)) {
    return [{ id: 'O1', reason: 'Voucher', amount: sampleMinor(-10, currency) }];
  }
  return [];
}

/** Prices the lines of an order and shares its order-level discounts out over them, by value. */
export function pricedLines(
  orderNumber: number,
  source: readonly NorthwindLine[],
  {
    currency,
    taxPolicy,
    taxes,
  }: { currency: string; taxPolicy: 'net' | 'gross'; taxes: readonly SampleTax[] },
): { lines: PricedLine[]; adjustments: AdjustmentRecord[] } {
  const discounted = source.map((line, index) => {
    const unitPrice = sampleMinor(line.UnitPrice, currency);
    const subtotal = unitPrice * BigInt(line.Quantity);
    const rate = `-${line.Discount}`;
    const adjustments: AdjustmentRecord[] =
      line.Discount === 0
        ? []
        : [{ id: `L${index + 1}`, reason: 'Line discount', rate, amount: shareOf(subtotal, rate) }];
    return {
      unitPrice,
      subtotal,
      adjustments,
      value: subtotal + sum(adjustments.map(({ amount }) => amount)),
    };
  });
  const values = discounted.map(({ value }) => value);
  const adjustments = orderAdjustments(orderNumber, sum(values), currency);
  const shares =
    adjustments.length === 0 ? [] : allocate(sum(adjustments.map(({ amount }) => amount)), values);
  const lines = discounted.map(({ value, ...line }, index) => {
    const distributed = shares[index] ?? 0n;
    const net = value + distributed;
    return { ...line, distributed, net, ...taxed(net, taxes, taxPolicy) };
  });
  return { lines, adjustments };
}

export const sum = (amounts: readonly Minor[]): Minor =>
  amounts.reduce((total, amount) => total + amount, 0n);
