// Puts changes after fulfilment on a credit memo, from which refunds are paid.
import { orderErrors } from '../../order-errors.js';
import { creditableChanges } from '../change-balances.js';
import type { ChangeOrder } from '../change-order.js';
import { addTaxed, negateTaxed, nothing } from '../component.js';
import type { CreditMemo } from '../documents.js';
import { type Explanation, explain, opposite } from '../explanation.js';
import { type OrderSummary, summarize } from '../summary.js';

export interface CreditMemoOutcome {
  readonly creditMemo: CreditMemo;
  readonly explanation: Explanation;
  readonly summary: OrderSummary;
}

/** @throws {RecourseError} `orders.change-unknown`, `orders.change-not-creditable` */
export function createCreditMemo(
  summary: OrderSummary,
  input: { readonly changeOrders: readonly string[] },
): CreditMemoOutcome {
  const changes = changesOf(summary, input.changeOrders);
  const creditable = creditableChanges(summary);
  const other = changes.find((change) => !creditable.includes(change));
  if (changes.length === 0 || other !== undefined) {
    throw orderErrors.error('change-not-creditable', `${other?.id ?? 'nothing'} can't go on a credit memo`);
  }
  const amount = negateTaxed(changes.map(({ totals }) => totals).reduce(addTaxed, nothing));
  const id = `M${summary.creditMemos.length + 1}`;
  const explanation = explain(
    'credit-memo',
    `Credit memo ${id}`,
    amount.total,
    summary.original.currency,
    { subject: id },
    changes.map((change) => opposite(change.explanation)),
  );
  const creditMemo: CreditMemo = {
    id,
    changeOrders: changes.map((each) => each.id),
    ...amount,
    settled: 0n,
    explanation,
  };
  const creditMemos = [...summary.creditMemos, creditMemo];
  return { creditMemo, explanation, summary: summarize({ ...summary, creditMemos }) };
}

/** @throws {RecourseError} `orders.change-unknown` */
export function changesOf({ changeOrders }: OrderSummary, ids: readonly string[]): ChangeOrder[] {
  return [...new Set(ids)].map((id) => {
    const change = changeOrders.find((each) => each.id === id);
    if (change === undefined)
      throw orderErrors.error('change-unknown', `the order has no change order ${id}`);
    return change;
  });
}
