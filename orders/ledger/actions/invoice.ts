// Bills change orders that raised the total: fees and added items.
import { orderErrors } from '../../order-errors.js';
import { isFee } from '../change-balances.js';
import { addTaxed, nothing } from '../component.js';
import type { Invoice } from '../documents.js';
import { type Explanation, explain } from '../explanation.js';
import { type OrderSummary, summarize } from '../summary.js';
import { changesOf } from './credit-memo.js';

export interface InvoiceOutcome {
  readonly invoice: Invoice;
  readonly explanation: Explanation;
  readonly summary: OrderSummary;
}

/** @throws {RecourseError} `orders.change-unknown`, `orders.change-not-billable` */
export function createInvoice(
  summary: OrderSummary,
  input: { readonly changeOrders: readonly string[] },
): InvoiceOutcome {
  const changes = changesOf(summary, input.changeOrders);
  const billed = new Set(summary.invoices.flatMap(({ changeOrders }) => changeOrders));
  const other = changes.find(({ id, totals }) => totals.total <= 0n || billed.has(id));
  if (changes.length === 0 || other !== undefined) {
    throw orderErrors.error('change-not-billable', `${other?.id ?? 'nothing'} can't go on an invoice`);
  }
  const [first, ...rest] = changes.map(isFee);
  if (rest.some((each) => each !== first)) {
    throw orderErrors.error('change-not-billable', 'fees and items go on invoices of their own');
  }
  const amount = changes.map(({ totals }) => totals).reduce(addTaxed, nothing);
  const id = `I${summary.invoices.length + 1}`;
  const explanation = explain(
    'invoice',
    `Invoice ${id}`,
    amount.total,
    summary.original.currency,
    { subject: id },
    changes.map((change) => change.explanation),
  );
  const invoice: Invoice = {
    id,
    kind: first ? 'fees' : 'items',
    changeOrders: changes.map((each) => each.id),
    ...amount,
    paid: 0n,
    explanation,
  };
  return {
    invoice,
    explanation,
    summary: summarize({ ...summary, invoices: [...summary.invoices, invoice] }),
  };
}
