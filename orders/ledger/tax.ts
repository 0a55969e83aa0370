// Taxes of an amount, exactly: each is the amount times a fraction that depends on the rates alone.
import { toRate } from '../../engine/money/rate.js';
import type { RateText } from '../records/money-fields.js';
import { type Fraction, fraction, one, plus, times } from './fraction.js';

export interface TaxRate {
  readonly name: string;
  /** `"0.19"` is 19 %. */
  readonly rate: RateText;
}

export function rateFraction(rate: RateText): Fraction {
  const { digits, scale } = toRate(rate);
  return fraction(digits, 10n ** BigInt(scale));
}

/**
 * The share of an amount that each tax is: of the amount before tax, or of the amount with tax where prices contain it.
 *
 * @param compound each tax is taken on the taxes before it, too.
 */
export function taxShares(rates: readonly TaxRate[], included: boolean, compound: boolean): Fraction[] {
  let before = one;
  const shares = rates.map(({ rate }) => {
    const share = compound ? times(rateFraction(rate), before) : rateFraction(rate);
    before = plus(before, share);
    return share;
  });
  if (!included) return shares;
  return shares.map((share) => times(share, fraction(before.over, before.num)));
}
