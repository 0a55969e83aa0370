// Which payments a refund goes to: deterministic, with as few payments as the rule allows.
import type { Minor } from '../records/money-fields.js';
import type { Payment } from './documents.js';

export interface PaymentShare {
  readonly payment: string;
  readonly amount: Minor;
}

/** What can still be refunded on a payment. */
export const refundableOn = ({ captured, refunded }: Payment): Minor => captured - refunded;

/** Earlier captures first, those never captured last; then by id. */
function byCapture(left: Payment, right: Payment): number {
  const [a, b] = [left.capturedAt ?? '~', right.capturedAt ?? '~'];
  if (a !== b) return a < b ? -1 : 1;
  return left.id < right.id ? -1 : 1;
}

/**
 * Spreads an amount over payments: one that has exactly the amount; else the smallest that covers it (or the largest, by
 * `cover`); else several, the largest first. Ties go to the earlier capture, then to the smaller id.
 *
 * @param available what each payment can take
 * @returns shares that add up to the amount, or to all that is available when that is less
 */
export function allocateToPayments(
  amount: Minor,
  payments: readonly Payment[],
  available: (payment: Payment) => Minor,
  cover: 'smallest' | 'largest',
): PaymentShare[] {
  if (amount <= 0n) return [];
  const open = payments.filter((payment) => available(payment) > 0n).sort(byCapture);
  const exact = open.find((payment) => available(payment) === amount);
  if (exact !== undefined) return [{ payment: exact.id, amount }];
  const descending = [...open].sort((a, b) => {
    const difference = available(b) - available(a);
    return difference === 0n ? 0 : difference > 0n ? 1 : -1;
  });
  const covering = descending.filter((payment) => available(payment) > amount);
  if (covering.length > 0) {
    const size = available(covering[cover === 'smallest' ? covering.length - 1 : 0]!);
    return [{ payment: covering.find((payment) => available(payment) === size)!.id, amount }];
  }
  const shares: PaymentShare[] = [];
  let left = amount;
  for (const payment of descending) {
    if (left === 0n) break;
    const share = available(payment) < left ? available(payment) : left;
    shares.push({ payment: payment.id, amount: share });
    left -= share;
  }
  return shares;
}
