// A payment of the simulator: what Stripe's documentation says happens to a payment intent with manual capture. Pure.

export interface SimulatedRefund {
  readonly id: string;
  readonly amount: number;
  readonly status: 'succeeded' | 'pending';
  readonly reason: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  /** Seconds since 1970. */
  readonly created: number;
}

export interface SimulatedPayment {
  readonly id: string;
  readonly charge: string;
  readonly amount: number;
  readonly currency: string;
  readonly method: string;
  readonly customer: string | null;
  readonly status: 'requires_capture' | 'succeeded' | 'canceled';
  readonly capturable: number;
  readonly received: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly created: number;
  readonly canceledAt: number | null;
  readonly cancellationReason: string | null;
  readonly refunds: readonly SimulatedRefund[];
}

/** An error as Stripe words it. */
export class Refusal extends Error {
  readonly status: number;
  readonly fault: Readonly<Record<string, string>>;

  constructor(status: number, fault: Readonly<Record<string, string>>) {
    super(fault['message'] ?? 'refused');
    this.status = status;
    this.fault = fault;
  }
}

export const invalid = (
  message: string,
  more: Readonly<Record<string, string>> = {},
  status = 400,
): Refusal => new Refusal(status, { type: 'invalid_request_error', message, ...more });

const unexpected = (payment: SimulatedPayment, what: string): Refusal =>
  invalid(`This PaymentIntent could not be ${what} because it has a status of ${payment.status}.`, {
    code: 'payment_intent_unexpected_state',
  });

export const refundedOf = (payment: SimulatedPayment): number =>
  payment.refunds.reduce((sum, { amount }) => sum + amount, 0);

/** @throws {Refusal} */
export function captured(payment: SimulatedPayment, amount: number, final: boolean): SimulatedPayment {
  if (payment.status !== 'requires_capture') {
    if (payment.status === 'succeeded') {
      throw invalid('This payment has already been captured.', { code: 'charge_already_captured' });
    }
    throw unexpected(payment, 'captured');
  }
  if (amount > payment.capturable) {
    throw invalid('The requested capture amount is greater than the authorized amount.', {
      code: 'amount_too_large',
      param: 'amount_to_capture',
    });
  }
  const rest = final ? 0 : payment.capturable - amount;
  return {
    ...payment,
    capturable: rest,
    received: payment.received + amount,
    status: rest === 0 ? 'succeeded' : 'requires_capture',
  };
}

/** Releases what is held; what was captured before stays captured. @throws {Refusal} */
export function cancelled(payment: SimulatedPayment, reason: string | null, at: number): SimulatedPayment {
  if (payment.status !== 'requires_capture' || payment.received > 0) throw unexpected(payment, 'canceled');
  return { ...payment, status: 'canceled', capturable: 0, canceledAt: at, cancellationReason: reason };
}

/** @throws {Refusal} */
export function refunded(payment: SimulatedPayment, refund: SimulatedRefund): SimulatedPayment {
  const left = payment.received - refundedOf(payment);
  if (payment.received === 0) throw unexpected(payment, 'refunded');
  if (left === 0) throw invalid('The charge has already been refunded.', { code: 'charge_already_refunded' });
  if (refund.amount > left) {
    throw invalid('Refund amount is greater than unrefunded amount on charge.', { param: 'amount' });
  }
  return { ...payment, refunds: [...payment.refunds, refund] };
}
