// Takes down what payments did: authorized, captured, voided. Refunds are in `refund.ts`.
import { orderErrors } from '../../order-errors.js';
import type { Minor } from '../../records/money-fields.js';
import { authorizedOf, paidOf } from '../change-balances.js';
import type { OrderDocuments, Payment } from '../documents.js';
import { allocateToPayments, type PaymentShare } from '../payment-allocation.js';
import type { LedgerSettings } from '../settings.js';
import { type OrderSummary, summarize } from '../summary.js';

/** @throws {RecourseError} `orders.payment-unknown` */
export function paymentOf({ payments }: Pick<OrderDocuments, 'payments'>, id: string): Payment {
  const payment = payments.find((each) => each.id === id);
  if (payment === undefined) throw orderErrors.error('payment-unknown', `the order has no payment ${id}`);
  return payment;
}

export const withPayment = (summary: OrderSummary, payment: Payment): OrderSummary =>
  summarize({
    ...summary,
    payments: summary.payments.map((each) => (each.id === payment.id ? payment : each)),
  });

/** Adds a payment on which an amount was authorized. @throws {RecourseError} `orders.payment-invalid` */
export function authorizePayment(
  summary: OrderSummary,
  { id, method, amount }: { readonly id: string; readonly method: string; readonly amount: Minor },
): OrderSummary {
  if (amount <= 0n || summary.payments.some((payment) => payment.id === id)) {
    throw orderErrors.error('payment-invalid', `payment ${id} can't be authorized`);
  }
  const payment: Payment = { id, method, authorized: amount, captured: 0n, refunded: 0n };
  return summarize({ ...summary, payments: [...summary.payments, payment] });
}

/** @param at instant of the capture, ISO 8601 in UTC. @throws {RecourseError} `orders.payment-invalid`, `orders.payment-unknown` */
export function capturePayment(summary: OrderSummary, id: string, amount: Minor, at: string): OrderSummary {
  const payment = paymentOf(summary, id);
  checkAuthorized(payment, amount);
  const { authorized, captured } = payment;
  return withPayment(summary, {
    ...payment,
    authorized: authorized - amount,
    captured: captured + amount,
    capturedAt: at,
  });
}

/** Gives up a part of an authorization. @throws {RecourseError} `orders.payment-invalid`, `orders.payment-unknown` */
export function voidAuthorization(summary: OrderSummary, id: string, amount: Minor): OrderSummary {
  const payment = paymentOf(summary, id);
  checkAuthorized(payment, amount);
  return withPayment(summary, { ...payment, authorized: payment.authorized - amount });
}

/** What of the authorizations is no longer needed, by the rule that spreads refunds. */
export function planVoids(summary: OrderSummary, settings: LedgerSettings): PaymentShare[] {
  const needed = summary.totals.grand.total - paidOf(summary);
  const beyond = authorizedOf(summary) - (needed > 0n ? needed : 0n);
  return allocateToPayments(beyond, summary.payments, ({ authorized }) => authorized, settings.refunds.cover);
}

/** How far an order is paid, as people say it. */
export type PaymentState =
  | 'Free'
  | 'Unpaid'
  | 'Authorized'
  | 'Partially paid'
  | 'Paid'
  | 'Partially refunded'
  | 'Refunded';

export function paymentState(summary: OrderSummary): PaymentState {
  const captured = summary.payments.reduce((sum, payment) => sum + payment.captured, 0n);
  const refunded = summary.payments.reduce((sum, payment) => sum + payment.refunded, 0n);
  if (refunded > 0n) return refunded === captured ? 'Refunded' : 'Partially refunded';
  if (captured > 0n) return captured >= summary.totals.grand.total ? 'Paid' : 'Partially paid';
  if (summary.totals.grand.total === 0n) return 'Free';
  return authorizedOf(summary) > 0n ? 'Authorized' : 'Unpaid';
}

function checkAuthorized({ id, authorized }: Payment, amount: Minor): void {
  if (amount <= 0n || amount > authorized) {
    throw orderErrors.error('payment-invalid', `payment ${id} has ${authorized} authorized, not ${amount}`);
  }
}
