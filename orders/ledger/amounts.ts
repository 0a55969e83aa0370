// Amounts as requests give them: money of the order's currency, or a percentage, split into what is before tax and tax.
import { allocate } from '../../engine/money/allocate.js';
import { type Money, toMinor } from '../../engine/money/money.js';
import { orderErrors } from '../order-errors.js';
import type { Minor, RateText } from '../records/money-fields.js';
import type { Component, ComponentTax, Taxed } from './component.js';
import { type Fraction, fraction, times } from './fraction.js';
import { roundBy } from './rounding.js';
import type { LedgerSettings } from './settings.js';
import { rateFraction } from './tax.js';

/** Minor units of an amount in the order's currency. @throws {RecourseError} `orders.amount-invalid` */
export function amountIn(money: Money, currency: string): Minor {
  if (money.currency !== currency) {
    throw orderErrors.error('amount-invalid', `${money.currency} on an order in ${currency}`);
  }
  return toMinor(money);
}

/** `"-12.5"` percent as an exact fraction. @throws {RecourseError} `money.rate-invalid` */
export const percentFraction = (percent: RateText): Fraction =>
  times(rateFraction(percent), fraction(1n, 100n));

/** `whole × part / of`, rounded; zero where there is nothing to take a part of. */
export function proportion(whole: Minor, part: Minor, of: Minor, settings: LedgerSettings): Minor {
  if (of === 0n) return 0n;
  const sign = of < 0n ? -1n : 1n;
  return roundBy(settings.rounding.mode, fraction(whole * part * sign, of * sign));
}

/** `whole × share`, rounded. */
export const shareOf = (whole: Minor, share: Fraction, settings: LedgerSettings): Minor =>
  roundBy(settings.rounding.mode, times(share, fraction(whole, 1n)));

/** A share of an amount with tax, such that the sums fit the rounding of what the price is quoted in. */
export function shareOfTaxed(
  value: Taxed,
  share: Fraction,
  included: boolean,
  settings: LedgerSettings,
): Taxed {
  const tax = shareOf(value.tax, share, settings);
  if (included) {
    const total = shareOf(value.total, share, settings);
    return { net: total - tax, tax, total };
  }
  const net = shareOf(value.net, share, settings);
  return { net, tax, total: net + tax };
}

/** An amount with tax, split as the value it is a part of. */
export function splitWithTax(total: Minor, value: Taxed, settings: LedgerSettings): Taxed {
  const net = value.total === 0n ? total : proportion(total, value.net, value.total, settings);
  return { net, tax: total - net, total };
}

/** An amount before tax, with the tax of the value it is a part of. */
export function addTax(net: Minor, value: Taxed, settings: LedgerSettings): Taxed {
  const tax = proportion(net, value.tax, value.net, settings);
  return { net, tax, total: net + tax };
}

/**
 * The amount and taxes of a component: one combined tax, or a part of each tax that the item bears.
 *
 * @param taxes those of the item, with their amounts as they are now
 */
export function componentAmounts(
  { net, tax, total }: Taxed,
  taxIncluded: boolean,
  taxes: readonly ComponentTax[],
  individual: boolean,
): Pick<Component, 'amount' | 'taxes' | 'taxIncluded'> {
  const parts = tax === 0n ? [] : splitTax(tax, taxes, individual);
  return { amount: taxIncluded ? total : net, taxes: parts, taxIncluded };
}

function splitTax(tax: Minor, taxes: readonly ComponentTax[], individual: boolean): ComponentTax[] {
  const charged = taxes.filter(({ amount }) => amount > 0n);
  if (charged.length === 1 || (individual && charged.length > 0)) {
    const parts = allocate(
      tax,
      charged.map(({ amount }) => amount),
    );
    return charged.map((each, index) => ({ ...each, amount: parts[index]! }));
  }
  return [{ name: charged.map(({ name }) => name).join(' + ') || 'Tax', amount: tax }];
}
