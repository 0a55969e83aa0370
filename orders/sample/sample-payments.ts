// Payments of a sample order: authorized in full when it is placed, captured when invoiced, voided when removed.
import type { InvoiceRecord } from '../records/invoice.js';
import type { Minor } from '../records/money-fields.js';
import type { OrderRecord } from '../records/order.js';
import type { PaymentMethod, PaymentRecord, PaymentTransactionRecord } from '../records/payment.js';
import { shareOf } from './sample-prices.js';

const methods: readonly { method: PaymentMethod; label: string }[] = [
  { method: 'card', label: 'Visa ending in 4242' },
  { method: 'card', label: 'Mastercard ending in 4444' },
  { method: 'account', label: 'On account, 30 days' },
  { method: 'wallet', label: 'Wallet' },
];
const giftCard = { method: 'gift-card', label: 'Gift card ending in 0001' } as const;

/** The order number chooses the method; where it ends in 3, a gift card pays the first quarter. */
function shares(
  orderNumber: number,
  grand: Minor,
): { method: PaymentMethod; label: string; amount: Minor }[] {
  const main = methods[orderNumber % methods.length]!;
  if (orderNumber % 10 !== 3) return [{ ...main, amount: grand }];
  const first = shareOf(grand, '0.25');
  return [
    { ...giftCard, amount: first },
    { ...main, amount: grand - first },
  ];
}

/** The payments, in the order in which an invoice is taken from them; a cart has none. */
export function samplePayments(
  orderNumber: number,
  order: OrderRecord,
  invoice: InvoiceRecord | undefined,
): PaymentRecord[] {
  if (order.status === 'New') return [];
  let open = invoice?.total ?? 0n;
  return shares(orderNumber, order.totals.grand).map(({ method, label, amount }, index) => {
    const id = `P${order._id}-${index + 1}`;
    // As a provider would name it: letters, digits and underscores.
    const reference = `sample_${id.replace('-', '_')}`;
    const captured = open < amount ? open : amount;
    open -= captured;
    const voided = order.status === 'Removed' ? amount : 0n;
    const transactions: PaymentTransactionRecord[] = [
      { id: `${id}-A`, type: 'authorize', amount, at: order.placedAt, reference },
    ];
    if (captured > 0n && invoice !== undefined) {
      transactions.push({
        id: `${id}-C`,
        type: 'capture',
        amount: captured,
        at: invoice.issuedAt,
        reference: `${reference}_C`,
      });
    }
    if (voided > 0n) {
      const at = order.remorseUntil ?? order.placedAt;
      transactions.push({ id: `${id}-V`, type: 'void', amount: voided, at, reference: `${reference}_V` });
    }
    return {
      _id: id,
      orderNumber: order._id,
      method,
      label,
      currency: order.currency,
      authorized: amount - captured - voided,
      captured,
      refunded: 0n,
      transactions,
    };
  });
}
