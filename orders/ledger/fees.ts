// Fees for cancelling and returning: they raise the total on a change order of their own, which an invoice takes.
import type { Money } from '../../engine/money/money.js';
import { orderErrors } from '../order-errors.js';
import type { Minor, RateText } from '../records/money-fields.js';
import {
  addTax,
  amountIn,
  componentAmounts,
  percentFraction,
  shareOfTaxed,
  splitWithTax,
} from './amounts.js';
import { type BookedChange, bookChange, nextChangeId } from './book-change.js';
import type { Component, Taxed } from './component.js';
import { fraction, one, times } from './fraction.js';
import { itsOwn, priceAlone, worthOf } from './line-value.js';
import type { LedgerSettings } from './settings.js';
import { lineOf, type OrderSummary, remainingOf } from './summary.js';

/**
 * A fee as order-actions §4 has it; positive. `Percentage` is taken of the item's price and tax after its own
 * adjustments, `PercentageGross` of its price with tax before them, both prorated for the quantity.
 */
export type FeeInput =
  | {
      readonly amountType: 'AmountWithTax' | 'AmountWithoutTax';
      readonly amount: Money;
      readonly reason?: string;
    }
  | {
      readonly amountType: 'Percentage' | 'PercentageGross';
      readonly percent: RateText;
      readonly reason?: string;
    };

/** Fees on `quantity` units of one line, and the credit they go with. */
export interface FeeRequest {
  readonly line: string;
  readonly quantity: number;
  readonly fees: readonly FeeInput[];
  /** What the customer gets back for these units; positive. */
  readonly credit: Minor;
}

/**
 * Books the fees of a cancellation or return, or nothing when there are none.
 *
 * @param before the summary that the fees are computed on: before the units went
 * @param after the summary that they are booked on
 * @throws {RecourseError} `orders.amount-invalid`, `orders.fee-exceeds-credit`
 */
export function bookFees(
  before: OrderSummary,
  after: OrderSummary,
  type: 'CancelFee' | 'ReturnFee',
  requests: readonly FeeRequest[],
  settings: LedgerSettings,
): BookedChange | undefined {
  const id = nextChangeId(after);
  const components: Component[] = [];
  for (const request of requests) {
    let sum = 0n;
    for (const fee of request.fees) {
      const component = feeComponent(before, `${id}/${components.length + 1}`, request, fee, settings);
      sum += component.total;
      components.push(component.component);
    }
    if (settings.fees.limit === 'credit' && sum > (request.credit > 0n ? request.credit : 0n)) {
      throw orderErrors.error('fee-exceeds-credit', `the fees of line ${request.line} exceed its credit`);
    }
  }
  if (components.length === 0) return undefined;
  const phase = type === 'CancelFee' ? 'pre' : 'post';
  return bookChange(after, { type, phase, reason: 'fee', addedComponents: components }, settings);
}

function feeComponent(
  summary: OrderSummary,
  id: string,
  { line, quantity }: FeeRequest,
  fee: FeeInput,
  settings: LedgerSettings,
): { readonly component: Component; readonly total: Minor } {
  const owner = { kind: 'line', id: line } as const;
  const { value, taxes, taxIncluded } = worthOf(summary, owner, itsOwn);
  const units = fraction(BigInt(quantity), BigInt(remainingOf(lineOf(summary, line))));
  const taxed = settings.fees.tax === 'none' ? withoutTax(value) : value;
  let amount: Taxed;
  let formula: string;
  if ('amount' in fee) {
    const given = amountIn(fee.amount, summary.original.currency);
    amount =
      fee.amountType === 'AmountWithTax'
        ? splitWithTax(given, taxed, settings)
        : addTax(given, taxed, settings);
    formula = `${fee.amount.amount} ${fee.amountType === 'AmountWithTax' ? 'with tax' : 'and tax like the item'}`;
  } else {
    const gross = fee.amountType === 'PercentageGross';
    const price = gross ? worthOf(summary, owner, priceAlone).value : value;
    const base = settings.fees.tax === 'none' ? withoutTax(price) : price;
    const share = times(percentFraction(fee.percent), units);
    amount = shareOfTaxed(base, share, taxIncluded || gross, settings);
    formula = `round(${fee.percent} % of ${gross ? 'the price with tax' : 'price and tax'} of ${quantity} units)`;
  }
  if (amount.total <= 0n) throw orderErrors.error('amount-invalid', 'a fee is positive');
  const component: Component = {
    id,
    owner: { kind: 'fee', id: line },
    kind: 'fee',
    source: line,
    label: fee.reason ?? 'Fee',
    ...componentAmounts(amount, taxIncluded, taxes, settings.adjustments.individualTaxes),
    base: one,
    formula,
  };
  return { component, total: amount.total };
}

const withoutTax = ({ total }: Taxed): Taxed => ({ net: total, tax: 0n, total });
