// The simulator's payments in the shapes of Stripe's API; a test compares the names of the fields with Stripe's own fixtures.
import type { Refusal, SimulatedPayment, SimulatedRefund } from './simulated-payment.js';
import { refundedOf } from './simulated-payment.js';

export type Shape = Readonly<Record<string, unknown>>;

export function toIntent(payment: SimulatedPayment, expandCharge: boolean): Shape {
  const { id, amount, currency, status, metadata, created } = payment;
  return {
    id,
    object: 'payment_intent',
    amount,
    amount_capturable: payment.capturable,
    amount_details: { tip: {} },
    amount_received: payment.received,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: null,
    canceled_at: payment.canceledAt,
    cancellation_reason: payment.cancellationReason,
    capture_method: 'manual',
    client_secret: null,
    confirmation_method: 'automatic',
    created,
    currency,
    customer: payment.customer,
    description: null,
    last_payment_error: null,
    latest_charge: expandCharge ? toCharge(payment) : payment.charge,
    livemode: false,
    metadata,
    next_action: null,
    on_behalf_of: null,
    payment_method: payment.method,
    payment_method_options: {},
    payment_method_types: ['card'],
    processing: null,
    receipt_email: null,
    review: null,
    setup_future_usage: null,
    shipping: null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status,
    transfer_data: null,
    transfer_group: null,
  };
}

function toCharge(payment: SimulatedPayment): Shape {
  const { charge, amount, currency, created, received } = payment;
  const given = refundedOf(payment);
  return {
    id: charge,
    object: 'charge',
    amount,
    amount_captured: received,
    amount_refunded: given,
    application: null,
    balance_transaction: null,
    captured: received > 0,
    created,
    currency,
    customer: payment.customer,
    description: null,
    disputed: false,
    failure_code: null,
    failure_message: null,
    livemode: false,
    metadata: payment.metadata,
    paid: true,
    payment_intent: payment.id,
    payment_method: payment.method,
    receipt_email: null,
    refunded: received > 0 && given === received,
    status: 'succeeded',
  };
}

export function toRefund(payment: SimulatedPayment, refund: SimulatedRefund): Shape {
  return {
    id: refund.id,
    object: 'refund',
    amount: refund.amount,
    balance_transaction: null,
    charge: payment.charge,
    created: refund.created,
    currency: payment.currency,
    metadata: refund.metadata,
    payment_intent: payment.id,
    reason: refund.reason,
    receipt_number: null,
    source_transfer_reversal: null,
    status: refund.status,
    transfer_reversal: null,
  };
}

export const toFaultBody = ({ fault }: Refusal): Shape => ({ error: fault });
