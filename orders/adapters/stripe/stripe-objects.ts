// What we read of Stripe's answers. Everything is checked: an answer that isn't what it should be says nothing.
import { fromStripeAmount } from './stripe-amount.js';
import type { PaymentState, PaymentStatus, RefundState } from '../../ports/payment.js';

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isId = (value: unknown): value is string =>
  typeof value === 'string' && /^[A-Za-z0-9_]{1,255}$/.test(value);
const isAmount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

export interface StripeIntent {
  readonly state: PaymentState;
  readonly metadata: Readonly<Record<string, string>>;
  /** What was asked to be held. */
  readonly amount: number;
}

/** Where a release that keeps a part of the hold is noted: Stripe can't lower a hold, only capture less of it. */
export const keptKey = 'recourse_kept';
export const referenceKey = 'reference';

const statuses: Readonly<Record<string, PaymentStatus>> = {
  requires_capture: 'authorized',
  succeeded: 'captured',
  canceled: 'voided',
  processing: 'pending',
  requires_action: 'pending',
  requires_confirmation: 'pending',
  requires_payment_method: 'failed',
};

/** Undefined if it is no payment intent. */
export function readIntent(json: unknown): StripeIntent | undefined {
  if (!isFields(json) || json['object'] !== 'payment_intent') return undefined;
  const { id, amount, amount_capturable: held, amount_received: received, currency, status, metadata } = json;
  if (!isId(id) || !isAmount(amount) || !isAmount(held) || !isAmount(received)) return undefined;
  if (typeof currency !== 'string' || typeof status !== 'string' || !Object.hasOwn(statuses, status))
    return undefined;
  const notes = readMetadata(metadata);
  const kept = notes[keptKey];
  const capturable = kept !== undefined && /^\d{1,12}$/.test(kept) ? Math.min(held, Number(kept)) : held;
  const authorized = fromStripeAmount(capturable, currency);
  const captured = fromStripeAmount(received, currency);
  if (authorized === undefined || captured === undefined) return undefined;
  const charge = json['latest_charge'];
  const given =
    isFields(charge) && isAmount(charge['amount_refunded']) ? charge['amount_refunded'] : undefined;
  const refunded = given === undefined ? undefined : fromStripeAmount(given, currency);
  const reference = notes[referenceKey];
  return {
    amount,
    metadata: notes,
    state: {
      payment: id,
      status: statuses[status]!,
      authorized,
      captured,
      ...(refunded === undefined ? {} : { refunded }),
      ...(reference === undefined ? {} : { reference }),
    },
  };
}

export interface StripeRefund {
  readonly refund: Omit<RefundState, 'status'>;
  readonly status: string;
  readonly reference: string | undefined;
}

/** Undefined if it is no refund of a payment intent. */
export function readRefund(json: unknown): StripeRefund | undefined {
  if (!isFields(json) || json['object'] !== 'refund') return undefined;
  const { id, amount, currency, status, payment_intent: payment, metadata } = json;
  if (!isId(id) || !isId(payment) || !isAmount(amount)) return undefined;
  if (typeof currency !== 'string' || typeof status !== 'string') return undefined;
  const money = fromStripeAmount(amount, currency);
  if (money === undefined) return undefined;
  return {
    refund: { refund: id, payment, amount: money },
    status,
    reference: readMetadata(metadata)[referenceKey],
  };
}

/** The items of a list or of a search; undefined if it is neither. */
export function readList(
  json: unknown,
): { readonly items: readonly unknown[]; readonly more: boolean } | undefined {
  if (!isFields(json) || !Array.isArray(json['data'])) return undefined;
  return { items: json['data'], more: json['has_more'] === true };
}

export interface StripeFault {
  readonly type: string;
  readonly code: string | undefined;
  readonly declineCode: string | undefined;
  readonly parameter: string | undefined;
}

/** Its words are left out: they can quote what was sent. */
export function readFault(json: unknown): StripeFault | undefined {
  if (!isFields(json) || !isFields(json['error'])) return undefined;
  const { type, code, decline_code: declineCode, param: parameter } = json['error'];
  const word = (value: unknown): string | undefined =>
    typeof value === 'string' && /^[\w[\].-]{1,80}$/.test(value) ? value : undefined;
  const kind = word(type);
  return kind === undefined
    ? undefined
    : { type: kind, code: word(code), declineCode: word(declineCode), parameter: word(parameter) };
}

function readMetadata(value: unknown): Readonly<Record<string, string>> {
  if (!isFields(value)) return {};
  const entries = Object.entries(value).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(entries);
}
