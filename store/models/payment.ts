// Payments, by order and by the processor's reference.
import {
  type PaymentRecord,
  type PaymentTransactionRecord,
  paymentMethods,
} from '../../orders/records/payment.js';
import { currency, date, minor, partSchema, recordSchema, text } from './schemas.js';

const transactionSchema = partSchema<PaymentTransactionRecord>({
  id: text(80),
  type: { type: String, required: true, enum: ['authorize', 'capture', 'refund', 'void'] },
  amount: minor,
  at: date,
  reference: text(),
});

export const paymentSchema = recordSchema<PaymentRecord>('payments', {
  _id: text(60),
  orderNumber: text(40),
  method: { type: String, required: true, enum: paymentMethods },
  label: text(),
  currency,
  authorized: minor,
  captured: minor,
  refunded: minor,
  transactions: { type: [transactionSchema], required: true },
});
paymentSchema.index({ orderNumber: 1, _id: 1 });
paymentSchema.index({ 'transactions.reference': 1 });
