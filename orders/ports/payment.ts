// The payment port: holds, takes and gives back money through a payment provider, each call at most once per key.
import type { Money } from '../../engine/money/money.js';
import type { CallResult, PortCall } from './call-result.js';

export const paymentStatuses = ['authorized', 'captured', 'voided', 'pending', 'failed'] as const;
/**
 * `authorized`: money is held; `captured`: it was taken, at least in part, and nothing is held any more; `voided`: released
 * before anything was taken; `pending`: the provider or the customer has not decided; `failed`: no money was held.
 */
export type PaymentStatus = (typeof paymentStatuses)[number];

/** A payment as the provider has it. */
export interface PaymentState {
  /** The provider's id of it. */
  readonly payment: string;
  readonly status: PaymentStatus;
  /** Held, and can still be captured. */
  readonly authorized: Money;
  readonly captured: Money;
  /** Of what was captured; left out where the provider did not say. */
  readonly refunded?: Money;
  /** Ours, as given with the authorization. */
  readonly reference?: string;
}

export const refundStatuses = ['succeeded', 'pending'] as const;

export interface RefundState {
  /** The provider's id of it. */
  readonly refund: string;
  readonly payment: string;
  /** `pending`: on its way, and counts as made. */
  readonly status: (typeof refundStatuses)[number];
  readonly amount: Money;
}

export interface Authorization {
  /** Greater than zero. */
  readonly amount: Money;
  /** The provider's token of a means of payment; never a card number. */
  readonly method: string;
  /** The provider's id of the customer whose method it is. */
  readonly customer?: string;
  readonly order?: string;
}

export interface Capture {
  readonly payment: string;
  readonly amount: Money;
  /** False: the rest stays held for later captures; else it is released. */
  readonly final?: boolean;
}

export interface Release {
  readonly payment: string;
  /** What stays held; nothing if left out. */
  readonly keep?: Money;
}

export interface Refund {
  readonly payment: string;
  readonly amount: Money;
  readonly reason?: 'duplicate' | 'fraudulent' | 'requested_by_customer';
}

/**
 * Accepted when `test/conformance/ports/payment.ts` passes. Nothing is retried inside: each call is sent once, and its result
 * says whether it was made. No result, error or log line holds a secret. The key of a call is also our reference for
 * looking it up.
 */
export interface PaymentPort {
  /** How long the provider remembers a key, in milliseconds. */
  readonly keyLifetimeMs: number;
  authorize(authorization: Authorization, call: PortCall): Promise<CallResult<PaymentState>>;
  capture(capture: Capture, call: PortCall): Promise<CallResult<PaymentState>>;
  /** Releases what is held, or all but `keep`, which a provider may do only when the payment is captured. */
  release(release: Release, call: PortCall): Promise<CallResult<PaymentState>>;
  refund(refund: Refund, call: PortCall): Promise<CallResult<RefundState>>;
  /** @throws {RecourseError} `orders.payment-not-found`, `-unavailable` and the like */
  status(payment: string, signal: AbortSignal): Promise<PaymentState>;

  /** The payment that was authorized under a key; the provider may need up to a minute until it finds it. */
  findAuthorization(key: string, signal: AbortSignal): Promise<PaymentState | undefined>;
  findCapture(capture: Capture, key: string, signal: AbortSignal): Promise<PaymentState | undefined>;
  findRelease(release: Release, key: string, signal: AbortSignal): Promise<PaymentState | undefined>;
  findRefund(refund: Refund, key: string, signal: AbortSignal): Promise<RefundState | undefined>;
}
