// Why a figure is what it is: a tree from the figure down to the order lines, for programs and, in words, for people.
import { fromMinor, type Money } from '../../engine/money/money.js';
import type { Minor } from '../records/money-fields.js';
import type { RoundingMode } from './rounding.js';

/** One figure; where it has children, it is exactly their sum. */
export interface Explanation {
  /** What kind of figure it is: `refund`, `change-order`, `line`, `delivery`, `product`, `tax` … */
  readonly kind: string;
  readonly label: string;
  readonly amount: Money;
  /** The id of what the figure belongs to: a change order, line, component or payment. */
  readonly subject?: string;
  /** How it was computed, in the currency's units: `round(25.64 × 1/2) - 25.64`. */
  readonly formula?: string;
  /** How it was rounded; left out where nothing had to be. */
  readonly rounding?: { readonly mode: RoundingMode; readonly scope: string };
  /** Tax that the amount contains, under prices with tax. */
  readonly containedTax?: Money;
  readonly children: readonly Explanation[];
}

/** An amount as text without its currency: `-12.30`. */
export const plain = (minor: Minor, currency: string): string => fromMinor(minor, currency).amount;

/** A node whose amount is the sum of its children, given in minor units beside them. */
export function explain(
  kind: string,
  label: string,
  amount: Minor,
  currency: string,
  rest: Omit<Explanation, 'kind' | 'label' | 'amount' | 'children'> = {},
  children: readonly Explanation[] = [],
): Explanation {
  return { kind, label, amount: fromMinor(amount, currency), ...rest, children };
}

const turned = ({ amount, currency }: Money): Money => ({
  amount: amount.startsWith('-') ? amount.slice(1) : /[1-9]/.test(amount) ? `-${amount}` : amount,
  currency,
});

/** The same figure seen from the other side: what a change takes off the total is what a credit gives back. */
export function opposite(explanation: Explanation): Explanation {
  const { amount, containedTax, formula, children } = explanation;
  return {
    ...explanation,
    amount: turned(amount),
    ...(containedTax === undefined ? {} : { containedTax: turned(containedTax) }),
    ...(formula === undefined ? {} : { formula: `-(${formula})` }),
    children: children.map(opposite),
  };
}

/** The explanation in words, one figure a line, indented by its depth. */
export function inWords(explanation: Explanation, depth = 0): string {
  const { label, amount, formula, rounding, containedTax, children } = explanation;
  const how = formula === undefined ? '' : ` = ${formula}`;
  const rounded = rounding === undefined ? '' : ` (rounded ${rounding.mode} per ${rounding.scope})`;
  const contained = containedTax === undefined ? '' : `, ${containedTax.amount} tax contained`;
  const line = `${'  '.repeat(depth)}${label}: ${amount.amount} ${amount.currency}${how}${rounded}${contained}`;
  return [line, ...children.map((child) => inWords(child, depth + 1))].join('\n');
}
