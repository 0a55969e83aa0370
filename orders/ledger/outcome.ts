// What an action hands back: new documents and figures. Nothing is stored here; the caller commits or drops them.
import { type ChangeBalances, changeBalances } from './change-balances.js';
import type { ChangeOrder } from './change-order.js';
import { sumOf } from './component.js';
import { type Explanation, explain } from './explanation.js';
import type { OrderSummary } from './summary.js';

export interface Outcome {
  /** In the order of booking; fees are not among them. */
  readonly changeOrders: readonly ChangeOrder[];
  /** The change order of the fees, which an invoice takes. */
  readonly feeChangeOrder?: ChangeOrder;
  readonly changeBalances: ChangeBalances;
  /** The change of the order's total, down to the lines. */
  readonly explanation: Explanation;
  /** The summary after the action. */
  readonly summary: OrderSummary;
}

export function outcomeOf(
  label: string,
  after: OrderSummary,
  changeOrders: readonly ChangeOrder[],
  feeChangeOrder?: ChangeOrder,
): Outcome {
  const all = feeChangeOrder === undefined ? changeOrders : [...changeOrders, feeChangeOrder];
  const total = sumOf(all.map(({ totals }) => totals.total));
  return {
    changeOrders,
    ...(feeChangeOrder === undefined ? {} : { feeChangeOrder }),
    changeBalances: changeBalances(after, all),
    explanation: explain(
      'change',
      label,
      total,
      after.original.currency,
      {},
      all.map(({ explanation }) => explanation),
    ),
    summary: after,
  };
}
