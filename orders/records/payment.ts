// One means of payment of an order, and what was authorized, captured and refunded on it.
import type { Minor } from './money-fields.js';

export const paymentMethods = ['card', 'wallet', 'account', 'gift-card'] as const;
export type PaymentMethod = (typeof paymentMethods)[number];

export interface PaymentTransactionRecord {
  readonly id: string;
  readonly type: 'authorize' | 'capture' | 'refund' | 'void';
  /** Never negative; the type says the direction. */
  readonly amount: Minor;
  readonly at: Date;
  /** The processor's name for it. */
  readonly reference: string;
}

export interface PaymentRecord {
  readonly _id: string;
  readonly orderNumber: string;
  readonly method: PaymentMethod;
  /** What a person may see of it: `Visa ending in 4242`. */
  readonly label: string;
  readonly currency: string;
  /** Authorized and neither captured nor voided: what can still be captured. */
  readonly authorized: Minor;
  readonly captured: Minor;
  /** At most `captured`. */
  readonly refunded: Minor;
  readonly transactions: readonly PaymentTransactionRecord[];
}
