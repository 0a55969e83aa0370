// What a change means in money: the `changeBalances` of order-actions §3. Signs are opposite to the change order's:
// what the customer no longer owes is positive.
import { orderErrors } from '../order-errors.js';
import type { Minor } from '../records/money-fields.js';
import type { ChangeOrder } from './change-order.js';
import { addTaxed, type Component, negateTaxed, nothing, sumOf, type Taxed, taxedOf } from './component.js';
import type { OrderDocuments } from './documents.js';
import type { OrderSummary } from './summary.js';

export interface ChangeBalances {
  /** Without fees, as they are on change orders of their own. */
  readonly grandTotalAmount: Minor;
  readonly totalAmount: Minor;
  readonly totalTaxAmount: Minor;
  readonly totalAdjustedProductAmount: Minor;
  readonly totalAdjustedProductTaxAmount: Minor;
  readonly totalAdjustedProductAmtWithTax: Minor;
  readonly totalAdjustedDeliveryAmount: Minor;
  readonly totalAdjustedDeliveryTaxAmount: Minor;
  readonly totalAdjustedDeliveryAmtWithTax: Minor;
  readonly totalAdjustmentDistributedAmount: Minor;
  readonly totalAdjustmentDistributedTaxAmount: Minor;
  readonly totalAdjustmentDistributedAmountWithTax: Minor;
  readonly totalFeeAmount: Minor;
  readonly totalFeeTaxAmount: Minor;
  /** Captured, owed to the customer, and on no invoice or memo; of the whole order. */
  readonly totalExcessFundsAmount: Minor;
  /** Excess funds and changes after fulfilment that are on no credit memo yet. */
  readonly totalRefundableAmount: Minor;
  /** What the order costs beyond all money captured or authorized. */
  readonly totalRequiredFundsAmount: Minor;
}

/** Captured and not refunded. */
export const paidOf = ({ payments }: Pick<OrderDocuments, 'payments'>): Minor =>
  sumOf(payments.map(({ captured, refunded }) => captured - refunded));

export const authorizedOf = ({ payments }: Pick<OrderDocuments, 'payments'>): Minor =>
  sumOf(payments.map(({ authorized }) => authorized));

export const isFee = ({ type }: ChangeOrder): boolean => type === 'CancelFee' || type === 'ReturnFee';

/** Change orders that a credit memo takes: after fulfilment, lowering the total, on no memo yet. */
export function creditableChanges({ changeOrders, creditMemos }: OrderDocuments): ChangeOrder[] {
  const onMemo = new Set(creditMemos.flatMap((memo) => memo.changeOrders));
  return changeOrders.filter(
    (change) =>
      change.phase === 'post' && !isFee(change) && change.totals.total < 0n && !onMemo.has(change.id),
  );
}

const outstandingCredit = (documents: OrderDocuments): Minor =>
  -sumOf(creditableChanges(documents).map(({ totals }) => totals.total));

const unsettledMemos = ({ creditMemos }: OrderDocuments): Minor =>
  sumOf(creditMemos.map(({ total, settled }) => total - settled));

/** What was kept of the payments for fees, by setting invoices off against refunds. */
export const keptForFees = ({ invoices }: Pick<OrderDocuments, 'invoices'>): Minor =>
  sumOf(invoices.filter(({ kind }) => kind === 'fees').map(({ paid }) => paid));

/**
 * What was paid beyond what the order costs without fees, less what credit memos pay back, those to come included.
 * Fees reduce a refund only by the invoices that are set off against it.
 */
export function excessFunds(summary: OrderSummary): Minor {
  const owed = outstandingCredit(summary) + unsettledMemos(summary);
  const beyond = paidOf(summary) - keptForFees(summary) - summary.totals.order.total - owed;
  return beyond > 0n ? beyond : 0n;
}

/** What the customer still owes beyond everything captured or authorized. */
export function requiredFunds(summary: OrderSummary): Minor {
  const missing = summary.totals.grand.total - paidOf(summary) - authorizedOf(summary);
  return missing > 0n ? missing : 0n;
}

/** @throws {RecourseError} `orders.ledger-broken` when an identity of order-actions §3 does not hold. */
export function changeBalances(after: OrderSummary, changeOrders: readonly ChangeOrder[]): ChangeBalances {
  const components = new Map(after.components.map((component) => [component.id, component]));
  let [product, delivery, distributed, fees, all] = [nothing, nothing, nothing, nothing, nothing];
  for (const change of changeOrders) {
    all = addTaxed(all, change.totals);
    for (const entry of change.entries) {
      const component = components.get(entry.component) as Component;
      const value = taxedOf(component, entry);
      if (component.kind === 'fee') fees = addTaxed(fees, value);
      else if (component.kind === 'order-adjustment') distributed = addTaxed(distributed, value);
      else if (component.owner.kind === 'delivery') delivery = addTaxed(delivery, value);
      else product = addTaxed(product, value);
    }
  }
  [product, delivery, distributed, fees, all] = [product, delivery, distributed, fees, all].map(
    negateTaxed,
  ) as [Taxed, Taxed, Taxed, Taxed, Taxed];
  const excess = excessFunds(after);
  const balances: ChangeBalances = {
    grandTotalAmount: all.total - fees.total,
    totalAmount: all.net - fees.net,
    totalTaxAmount: all.tax - fees.tax,
    totalAdjustedProductAmount: product.net,
    totalAdjustedProductTaxAmount: product.tax,
    totalAdjustedProductAmtWithTax: product.total,
    totalAdjustedDeliveryAmount: delivery.net,
    totalAdjustedDeliveryTaxAmount: delivery.tax,
    totalAdjustedDeliveryAmtWithTax: delivery.total,
    totalAdjustmentDistributedAmount: distributed.net,
    totalAdjustmentDistributedTaxAmount: distributed.tax,
    totalAdjustmentDistributedAmountWithTax: distributed.total,
    totalFeeAmount: fees.net,
    totalFeeTaxAmount: fees.tax,
    totalExcessFundsAmount: excess,
    totalRefundableAmount: excess + outstandingCredit(after),
    totalRequiredFundsAmount: requiredFunds(after),
  };
  assertBalances(balances);
  return balances;
}

/** What a change gives back with its fees taken off; negative where the customer owes more. */
export const creditAfterFees = (balances: ChangeBalances): Minor =>
  balances.grandTotalAmount + balances.totalFeeAmount + balances.totalFeeTaxAmount;

/** The identities of order-actions §3. @throws {RecourseError} `orders.ledger-broken` */
export function assertBalances(balances: ChangeBalances): void {
  const b = balances;
  const holds =
    b.grandTotalAmount === b.totalAmount + b.totalTaxAmount &&
    b.totalAdjustedProductAmtWithTax === b.totalAdjustedProductAmount + b.totalAdjustedProductTaxAmount &&
    b.totalAdjustedDeliveryAmtWithTax === b.totalAdjustedDeliveryAmount + b.totalAdjustedDeliveryTaxAmount &&
    b.totalAdjustmentDistributedAmountWithTax ===
      b.totalAdjustmentDistributedAmount + b.totalAdjustmentDistributedTaxAmount &&
    b.totalAmount ===
      b.totalAdjustedProductAmount + b.totalAdjustedDeliveryAmount + b.totalAdjustmentDistributedAmount &&
    b.totalTaxAmount ===
      b.totalAdjustedProductTaxAmount +
        b.totalAdjustedDeliveryTaxAmount +
        b.totalAdjustmentDistributedTaxAmount &&
    b.totalRefundableAmount >= b.totalExcessFundsAmount;
  if (!holds) throw orderErrors.error('ledger-broken', 'the balances of a change do not add up');
}
