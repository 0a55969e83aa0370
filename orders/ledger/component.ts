// A component: one amount of an order with its taxes (a price, an adjustment, a share of an order-level adjustment, a
// delivery charge, a fee). Lines and deliveries shrink; their components shrink with them, and always by the same rule.
import type { Minor, RateText } from '../records/money-fields.js';
import type { Fraction } from './fraction.js';

export type ComponentKind =
  | 'product'
  | 'adjustment'
  | 'order-adjustment'
  | 'delivery'
  | 'delivery-adjustment'
  | 'fee';

export interface ComponentTax {
  readonly name: string;
  /** Left out where taxes of several rates are combined in one. */
  readonly rate?: RateText;
  readonly amount: Minor;
}

/** What a component belongs to, and shrinks with; a fee stays as it is. */
export interface Owner {
  readonly kind: 'line' | 'delivery' | 'fee';
  readonly id: string;
}

export interface Component {
  readonly id: string;
  readonly owner: Owner;
  readonly kind: ComponentKind;
  /** The adjustment whose amount this is a share of, or the item that a fee is for. */
  readonly source?: string;
  readonly label: string;
  /** As booked when the component was made; negative for discounts. With tax if `taxIncluded`, else before tax. */
  readonly amount: Minor;
  readonly taxes: readonly ComponentTax[];
  readonly taxIncluded: boolean;
  /** How much of the owner was there when it was made: units of a line, or the share of a delivery charge. */
  readonly base: Fraction;
  /** How the amount came about, for explanations. */
  readonly formula?: string;
}

/** The amount and the taxes of a component as they are now, or a change of them; `taxes` is parallel to the component's. */
export interface Booked {
  readonly amount: Minor;
  readonly taxes: readonly Minor[];
}

/** An amount before tax, its tax, and both. */
export interface Taxed {
  readonly net: Minor;
  readonly tax: Minor;
  readonly total: Minor;
}

export const nothing: Taxed = { net: 0n, tax: 0n, total: 0n };

export const sumOf = (amounts: readonly Minor[]): Minor => {
  let sum = 0n;
  for (const amount of amounts) sum += amount;
  return sum;
};

/** A booked amount before, of and with tax, by whether its price contains the tax. */
export function taxedOf({ taxIncluded }: Pick<Component, 'taxIncluded'>, { amount, taxes }: Booked): Taxed {
  const tax = sumOf(taxes);
  return taxIncluded ? { net: amount - tax, tax, total: amount } : { net: amount, tax, total: amount + tax };
}

export const addTaxed = (left: Taxed, right: Taxed): Taxed => ({
  net: left.net + right.net,
  tax: left.tax + right.tax,
  total: left.total + right.total,
});

export const negateTaxed = ({ net, tax, total }: Taxed): Taxed => ({ net: -net, tax: -tax, total: -total });

export const bookedAtFirst = ({ amount, taxes }: Component): Booked => ({
  amount,
  taxes: taxes.map((tax) => tax.amount),
});
