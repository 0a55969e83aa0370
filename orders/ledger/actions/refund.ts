// Pays back what is owed: credit memos and excess funds, less invoices, over the payments of the order.
import type { Money } from '../../../engine/money/money.js';
import { orderErrors } from '../../order-errors.js';
import type { Minor } from '../../records/money-fields.js';
import { amountIn } from '../amounts.js';
import { authorizedOf, creditableChanges, excessFunds, keptForFees, paidOf } from '../change-balances.js';
import { sumOf } from '../component.js';
import type { CreditMemo, Invoice } from '../documents.js';
import { explainTotal } from '../explain-total.js';
import { type Explanation, explain, opposite } from '../explanation.js';
import { allocateToPayments, type PaymentShare, refundableOn } from '../payment-allocation.js';
import type { LedgerSettings } from '../settings.js';
import { type OrderSummary, summarize } from '../summary.js';
import { paymentOf } from './payments.js';

export interface RefundInput {
  readonly creditMemos?: readonly string[];
  /** Of the excess funds; `all` takes what there is. */
  readonly excessFunds?: Money | 'all';
  /** Invoices, usually of fees, that are set off against the refund. */
  readonly invoicesToPay?: readonly string[];
  /** Payments to use first, in this order; what is left goes by the rule. */
  readonly sequences?: readonly { readonly payment: string; readonly amount: Money }[];
  /** Less than is owed, as a supervisor may decide; the rest stays owed. */
  readonly amount?: Money;
}

export interface RefundPlan {
  readonly total: Minor;
  readonly refunds: readonly PaymentShare[];
  readonly creditMemos: readonly string[];
  readonly invoicePayments: readonly { readonly invoice: string; readonly amount: Minor }[];
  readonly explanation: Explanation;
}

/**
 * Plans a refund without making it; each planned share is for the payment port, then for `recordRefunds`.
 *
 * @throws {RecourseError} `orders.nothing-captured`, `orders.nothing-to-refund`, `orders.refund-exceeds-owed`,
 *   `orders.refund-exceeds-captured`, `orders.amount-invalid`, `orders.memo-unknown`, `orders.invoice-unknown`,
 *   `orders.payment-unknown`
 */
export function planRefund(summary: OrderSummary, input: RefundInput, settings: LedgerSettings): RefundPlan {
  if (summary.payments.every(({ captured }) => captured === 0n)) {
    throw orderErrors.error('nothing-captured', 'no payment of the order was captured');
  }
  const { currency } = summary.original;
  const memos = [...new Set(input.creditMemos ?? [])].map((id) => memoOf(summary, id));
  const fromMemos = sumOf(memos.map(({ total, settled }) => total - settled));
  const excess = excessFunds(summary);
  const asked = input.excessFunds ?? 'all';
  const fromExcess =
    asked === 'all'
      ? input.excessFunds === undefined && memos.length > 0
        ? 0n
        : excess
      : amountIn(asked, currency);
  if (fromExcess > excess) throw exceedsOwed(excess);
  if (fromExcess < 0n) throw orderErrors.error('amount-invalid', 'excess funds are positive');
  const owed = fromMemos + fromExcess;
  if (owed === 0n)
    throw orderErrors.error('nothing-to-refund', 'no credit memo is open and no funds are in excess');
  const invoicePayments = payInvoices(summary, input.invoicesToPay ?? [], owed);
  const setOff = sumOf(invoicePayments.map(({ amount }) => amount));
  const most = owed - setOff;
  const given = input.amount === undefined ? most : amountIn(input.amount, currency);
  if (given < 0n || (input.amount !== undefined && given === 0n)) {
    throw orderErrors.error('amount-invalid', 'a refund is positive');
  }
  if (given > most) throw exceedsOwed(most);
  const feesNow = sumOf(
    invoicePayments
      .filter(({ invoice: id }) => summary.invoices.some((each) => each.id === id && each.kind === 'fees'))
      .map(({ amount }) => amount),
  );
  const total = covered(summary, given, feesNow, settings);
  const refunds = spread(summary, total, input.sequences ?? [], settings);
  return {
    total,
    refunds,
    creditMemos: memos.map(({ id }) => id),
    invoicePayments,
    explanation: explainRefund(summary, memos, fromExcess, invoicePayments, total, refunds),
  };
}

const exceedsOwed = (owed: Minor) =>
  orderErrors.error('refund-exceeds-owed', `at most ${owed} minor units are owed`, {
    data: { available: String(owed) },
  });

function memoOf({ creditMemos }: OrderSummary, id: string): CreditMemo {
  const memo = creditMemos.find((each) => each.id === id);
  if (memo === undefined) throw orderErrors.error('memo-unknown', `the order has no credit memo ${id}`);
  return memo;
}

function payInvoices(
  summary: OrderSummary,
  ids: readonly string[],
  owed: Minor,
): RefundPlan['invoicePayments'] {
  let left = owed;
  return [...new Set(ids)].map((id) => {
    const invoice: Invoice | undefined = summary.invoices.find((each) => each.id === id);
    if (invoice === undefined || invoice.paid === invoice.total) {
      throw orderErrors.error('invoice-unknown', `the order has no unpaid invoice ${id}`);
    }
    const open = invoice.total - invoice.paid;
    const amount = open < left ? open : left;
    left -= amount;
    return { invoice: id, amount };
  });
}

/** The amount, or as much of it as the payments and what the order still costs leave room for. */
function covered(summary: OrderSummary, amount: Minor, feesNow: Minor, settings: LedgerSettings): Minor {
  const captured = sumOf(summary.payments.map(refundableOn));
  // Money that pays for what the customer keeps is not given back: an exchange or an unpaid rest comes first.
  const kept = summary.totals.order.total + keptForFees(summary) + feesNow;
  const beyond = paidOf(summary) + authorizedOf(summary) - kept;
  const room = beyond < captured ? (beyond > 0n ? beyond : 0n) : captured;
  if (amount <= room) return amount;
  if (settings.refunds.partial && room > 0n) return room;
  const what = room === captured ? 'refund-exceeds-captured' : 'refund-exceeds-owed';
  throw orderErrors.error(what, `${amount} minor units, but at most ${room} can be refunded`, {
    data: { available: String(room) },
  });
}

function spread(
  summary: OrderSummary,
  total: Minor,
  sequences: NonNullable<RefundInput['sequences']>,
  settings: LedgerSettings,
): PaymentShare[] {
  const used = new Map<string, Minor>();
  const shares: PaymentShare[] = [];
  let left = total;
  for (const { payment: id, amount: money } of sequences) {
    const payment = paymentOf(summary, id);
    const amount = amountIn(money, summary.original.currency);
    if (amount <= 0n) throw orderErrors.error('amount-invalid', 'a refund is positive');
    const before = used.get(id) ?? 0n;
    if (before + amount > refundableOn(payment)) {
      throw orderErrors.error(
        'refund-exceeds-captured',
        `payment ${id} has less than ${before + amount} left`,
      );
    }
    if (amount > left) throw exceedsOwed(total);
    used.set(id, before + amount);
    shares.push({ payment: id, amount });
    left -= amount;
  }
  const available = (payment: OrderSummary['payments'][number]): Minor =>
    refundableOn(payment) - (used.get(payment.id) ?? 0n);
  return [...shares, ...allocateToPayments(left, summary.payments, available, settings.refunds.cover)];
}

/**
 * Takes down refunds that the processor made, all of a plan or some of them, and what was set off against invoices.
 *
 * @throws {RecourseError} `orders.refund-exceeds-captured`, `orders.payment-unknown`, `orders.amount-invalid`
 */
export function recordRefunds(
  summary: OrderSummary,
  { refunds, creditMemos, invoicePayments }: Pick<RefundPlan, 'refunds' | 'creditMemos' | 'invoicePayments'>,
): OrderSummary {
  const payments = [...summary.payments];
  for (const { payment: id, amount } of refunds) {
    const index = payments.indexOf(paymentOf({ payments }, id));
    const payment = payments[index]!;
    if (amount <= 0n) throw orderErrors.error('amount-invalid', 'a refund is positive');
    if (amount > refundableOn(payment)) {
      throw orderErrors.error('refund-exceeds-captured', `payment ${id} has less than ${amount} left`);
    }
    payments[index] = { ...payment, refunded: payment.refunded + amount };
  }
  let left = sumOf([...refunds, ...invoicePayments].map(({ amount }) => amount));
  const memos = summary.creditMemos.map((memo) => {
    if (!creditMemos.includes(memo.id)) return memo;
    const open = memo.total - memo.settled;
    const part = open < left ? open : left;
    left -= part;
    return { ...memo, settled: memo.settled + part };
  });
  const paid = new Map(invoicePayments.map(({ invoice, amount }) => [invoice, amount]));
  const invoices = summary.invoices.map((each) => ({ ...each, paid: each.paid + (paid.get(each.id) ?? 0n) }));
  return summarize({ ...summary, payments, creditMemos: memos, invoices });
}

function explainRefund(
  summary: OrderSummary,
  memos: readonly CreditMemo[],
  fromExcess: Minor,
  invoicePayments: RefundPlan['invoicePayments'],
  total: Minor,
  refunds: readonly PaymentShare[],
): Explanation {
  const { currency } = summary.original;
  const node = (kind: string, label: string, amount: Minor, children: readonly Explanation[] = []) =>
    explain(kind, label, amount, currency, {}, children);
  const children: Explanation[] = memos.map((memo) =>
    node('credit', `Open on ${memo.id}`, memo.total - memo.settled, [
      memo.explanation,
      ...(memo.settled === 0n ? [] : [node('settled', 'settled before', -memo.settled)]),
    ]),
  );
  if (fromExcess > 0n) children.push(explainExcess(summary, fromExcess));
  for (const { invoice: id, amount } of invoicePayments) {
    const invoice = summary.invoices.find((each) => each.id === id)!;
    const rest = invoice.total - amount;
    children.push(
      node('invoice', `Set off against ${id}`, -amount, [
        opposite(invoice.explanation),
        ...(rest === 0n ? [] : [node('open', 'paid before or still open', rest)]),
      ]),
    );
  }
  const owed = sumOf([
    ...memos.map((memo) => memo.total - memo.settled),
    fromExcess,
    ...invoicePayments.map(({ amount }) => -amount),
  ]);
  if (owed !== total) children.push(node('withheld', 'not refunded now', total - owed));
  const ways = refunds.map(
    ({ payment, amount }) => `${explain('', '', amount, currency).amount.amount} to ${payment}`,
  );
  return explain('refund', `Refund (${ways.join(', ') || 'nothing'})`, total, currency, {}, children);
}

function explainExcess(summary: OrderSummary, used: Minor): Explanation {
  const { currency } = summary.original;
  const node = (kind: string, label: string, amount: Minor, children: readonly Explanation[] = []) =>
    explain(kind, label, amount, currency, {}, children);
  const outstanding = sumOf(creditableChanges(summary).map(({ totals }) => totals.total));
  const open = sumOf(summary.creditMemos.map(({ total, settled }) => settled - total));
  const fees = summary.totals.fees.total;
  const keptFees = keptForFees(summary);
  const parts = [
    node(
      'paid',
      'Paid',
      paidOf(summary),
      summary.payments.map(({ id, captured, refunded }) => node('payment', id, captured - refunded)),
    ),
    opposite(explainTotal(summary)),
    ...(fees === 0n ? [] : [node('fees', 'fees, which are on invoices', fees)]),
    ...(keptFees === 0n ? [] : [node('kept', 'kept for invoices of fees', -keptFees)]),
    ...(outstanding === 0n ? [] : [node('outstanding', 'waiting for a credit memo', outstanding)]),
    ...(open === 0n ? [] : [node('memos', 'open on credit memos', open)]),
  ];
  const kept = used - excessFunds(summary);
  return node('excess', 'Funds in excess', used, [
    ...parts,
    ...(kept === 0n ? [] : [node('withheld', 'not refunded now', kept)]),
  ]);
}
