// Stripe's errors in our codes, and whether they settle what became of everything sent under the key.
import type { RecourseError } from '../../../engine/errors/recourse-error.js';
import { orderErrors } from '../../order-errors.js';
import type { NotDone } from '../../ports/call-result.js';
import type { portErrorEntries } from '../../ports/port-errors.js';
import type { StripeFault } from './stripe-objects.js';

type PaymentCode = Extract<keyof typeof portErrorEntries, `payment-${string}`>;

const byCode: Readonly<Record<string, PaymentCode>> = {
  card_declined: 'payment-declined',
  card_decline_rate_limit_exceeded: 'payment-declined',
  processing_error: 'payment-declined',
  payment_intent_authentication_failure: 'payment-declined',
  expired_card: 'payment-card-invalid',
  incorrect_cvc: 'payment-card-invalid',
  incorrect_number: 'payment-card-invalid',
  incorrect_zip: 'payment-card-invalid',
  invalid_cvc: 'payment-card-invalid',
  invalid_expiry_month: 'payment-card-invalid',
  invalid_expiry_year: 'payment-card-invalid',
  invalid_number: 'payment-card-invalid',
  authentication_required: 'payment-needs-customer',
  payment_intent_action_required: 'payment-needs-customer',
  amount_too_large: 'payment-amount-refused',
  amount_too_small: 'payment-amount-refused',
  balance_insufficient: 'payment-amount-refused',
  invalid_charge_amount: 'payment-amount-refused',
  invalid_charge_amount_no_decimal_compatible: 'payment-amount-refused',
  resource_missing: 'payment-not-found',
  payment_intent_unexpected_state: 'payment-state-refused',
  charge_already_captured: 'payment-state-refused',
  charge_already_refunded: 'payment-state-refused',
  charge_disputed: 'payment-state-refused',
  charge_expired_for_capture: 'payment-state-refused',
  capture_charge_authorization_expired: 'payment-state-refused',
  lock_timeout: 'payment-busy',
  rate_limit: 'payment-busy',
};

const sentences: Readonly<Record<PaymentCode, string>> = {
  'payment-declined': 'the card was declined',
  'payment-card-invalid': 'the card can not be used',
  'payment-needs-customer': 'the bank wants the customer to confirm the payment',
  'payment-amount-refused': 'the provider does not take this amount',
  'payment-not-found': 'the provider knows no such payment or means of payment',
  'payment-state-refused': 'the payment is not in a state that allows this',
  'payment-request-refused': 'the provider refused the request',
  'payment-key-reused': 'the idempotency key was used for another request before',
  'payment-access-refused': 'the provider refused our API key',
  'payment-busy': 'the provider asks to be called more slowly',
  'payment-unavailable': 'the provider can not be reached',
  'payment-answer-invalid': 'what answered is not the provider',
};

/** `facts`: plain words for programs, no text of the provider's. */
export function paymentError(
  code: PaymentCode,
  facts: Readonly<Record<string, unknown>> = {},
  detail: string = sentences[code],
): RecourseError {
  return orderErrors.error(code, detail, { data: facts });
}

/** Answers that are given before the key is looked at: they say nothing about earlier attempts. */
const beforeTheKey: ReadonlySet<PaymentCode> = new Set([
  'payment-access-refused',
  'payment-busy',
  'payment-key-reused',
  'payment-request-refused',
]);

/** For statuses 400 to 499, where nothing was done by this attempt. */
export function toNotDone(
  status: number,
  fault: StripeFault | undefined,
  facts: Readonly<Record<string, unknown>>,
): NotDone {
  const code = codeOf(status, fault);
  const { code: reason, declineCode, parameter } = fault ?? {};
  const error = paymentError(code, {
    ...facts,
    ...(reason === undefined ? {} : { reason }),
    ...(declineCode === undefined ? {} : { declineCode }),
    ...(parameter === undefined ? {} : { parameter }),
  });
  const settled = fault !== undefined && !beforeTheKey.has(code);
  return { outcome: 'notDone', error, settles: settled ? 'key' : 'attempt' };
}

function codeOf(status: number, fault: StripeFault | undefined): PaymentCode {
  if (status === 401 || status === 403) return 'payment-access-refused';
  if (status === 429) return 'payment-busy';
  if (fault === undefined) return 'payment-request-refused';
  if (fault.type === 'idempotency_error') return 'payment-key-reused';
  if (fault.code !== undefined && Object.hasOwn(byCode, fault.code)) return byCode[fault.code]!;
  if (fault.type === 'card_error') return 'payment-declined';
  if (fault.parameter === 'amount' || fault.parameter === 'amount_to_capture')
    return 'payment-amount-refused';
  return status === 404 ? 'payment-not-found' : 'payment-request-refused';
}
