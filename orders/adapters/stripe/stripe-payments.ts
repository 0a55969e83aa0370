// The payment port over Stripe's API: payment intents with manual capture, and refunds. The simulator speaks the same.
import { createHash } from 'node:crypto';
import { compareMoney, type Money } from '../../../engine/money/money.js';
import { RecourseError } from '../../../engine/errors/recourse-error.js';
import { type CallResult, done, type PortCall } from '../../ports/call-result.js';
import type {
  Authorization,
  Capture,
  PaymentPort,
  PaymentState,
  Refund,
  RefundState,
  Release,
} from '../../ports/payment.js';
import { type StripeConfiguration, StripeClient, toWireKey, unknown } from './stripe-client.js';
import { fromStripeAmount, toStripeAmount } from './stripe-amount.js';
import { paymentError } from './stripe-faults.js';
import {
  keptKey,
  readIntent,
  readList,
  readRefund,
  referenceKey,
  type StripeIntent,
  type StripeRefund,
} from './stripe-objects.js';

/** Stripe's promise: keys are kept for at least 24 hours. */
const keyLifetimeMs = 24 * 60 * 60 * 1_000;
const refundPagesMax = 20;

/** @throws {TypeError} when the configuration can't work; its text has no secret in it */
export function createStripePayments(configuration: StripeConfiguration): PaymentPort {
  return new StripePayments(new StripeClient(configuration));
}

class StripePayments implements PaymentPort {
  readonly keyLifetimeMs = keyLifetimeMs;
  readonly #client: StripeClient;

  constructor(client: StripeClient) {
    this.#client = client;
  }

  authorize(
    { amount, method, customer, order }: Authorization,
    call: PortCall,
  ): Promise<CallResult<PaymentState>> {
    return refusing(() => {
      const whole = toStripeAmount(amount);
      return this.#client.post(
        'v1/payment_intents',
        {
          amount: whole,
          currency: amount.currency.toLowerCase(),
          capture_method: 'manual',
          confirm: true,
          // No one is there to confirm: the attempt fails instead of waiting for the customer.
          error_on_requires_action: true,
          payment_method: method,
          payment_method_types: ['card'],
          customer,
          metadata: { [referenceKey]: toWireKey(call.key), order },
        },
        call,
        (json) => {
          const intent = readIntent(json);
          if (intent === undefined || intent.amount !== whole) return undefined;
          return toAuthorized(intent, amount);
        },
      );
    });
  }

  capture({ payment, amount, final }: Capture, call: PortCall): Promise<CallResult<PaymentState>> {
    return refusing(() =>
      this.#client.post(
        `${pathOf(payment)}/capture`,
        {
          amount_to_capture: toStripeAmount(amount),
          ...(final === false ? { final_capture: false } : {}),
          metadata: { [captureNote(call.key)]: toWireKey(call.key) },
        },
        call,
        (json) => sameIntent(json, payment, amount.currency),
      ),
    );
  }

  release({ payment, keep }: Release, call: PortCall): Promise<CallResult<PaymentState>> {
    return refusing(() => {
      const path = pathOf(payment);
      if (keep !== undefined) {
        const kept = toStripeAmount(keep);
        return this.#client.post(path, { metadata: { [keptKey]: kept } }, call, (json) =>
          toKept(sameIntent(json, payment, keep.currency), keep),
        );
      }
      return this.#client.post(
        `${path}/cancel`,
        { cancellation_reason: 'requested_by_customer' },
        call,
        (json) => {
          const result = sameIntent(json, payment);
          return result?.outcome === 'done' && result.value.status !== 'voided' ? undefined : result;
        },
      );
    });
  }

  refund({ payment, amount, reason }: Refund, call: PortCall): Promise<CallResult<RefundState>> {
    return refusing(() => {
      const whole = toStripeAmount(amount);
      return this.#client.post(
        'v1/refunds',
        { payment_intent: payment, amount: whole, reason, metadata: { [referenceKey]: toWireKey(call.key) } },
        call,
        (json) => {
          const refund = readRefund(json);
          if (refund === undefined || refund.refund.payment !== payment) return undefined;
          return sameMoney(refund.refund.amount, whole, amount.currency) ? toRefunded(refund) : undefined;
        },
      );
    });
  }

  async status(payment: string, signal: AbortSignal): Promise<PaymentState> {
    const intent = await this.#intent(payment, signal);
    if (intent === undefined) throw paymentError('payment-not-found');
    return intent.state;
  }

  async findAuthorization(key: string, signal: AbortSignal): Promise<PaymentState | undefined> {
    const query = `metadata['${referenceKey}']:'${toWireKey(key)}'`;
    const intents = await this.#client.get(
      'v1/payment_intents/search',
      { query, limit: 10 },
      signal,
      (json) => readAll(json, readIntent),
    );
    return intents?.items.find(({ state }) => state.reference === toWireKey(key) && state.status !== 'failed')
      ?.state;
  }

  async findCapture(
    { payment }: Capture,
    key: string,
    signal: AbortSignal,
  ): Promise<PaymentState | undefined> {
    const intent = await this.#intent(payment, signal);
    return intent?.metadata[captureNote(key)] === toWireKey(key) ? intent.state : undefined;
  }

  async findRelease(
    { payment, keep }: Release,
    _key: string,
    signal: AbortSignal,
  ): Promise<PaymentState | undefined> {
    const intent = await this.#intent(payment, signal);
    if (intent === undefined) return undefined;
    if (keep === undefined) return intent.state.status === 'voided' ? intent.state : undefined;
    return intent.metadata[keptKey] === String(toStripeAmount(keep)) ? intent.state : undefined;
  }

  async findRefund({ payment }: Refund, key: string, signal: AbortSignal): Promise<RefundState | undefined> {
    let after: string | undefined;
    for (let page = 0; page < refundPagesMax; page += 1) {
      const refunds = await this.#client.get(
        'v1/refunds',
        { payment_intent: payment, limit: 100, starting_after: after },
        signal,
        (json) => readAll(json, readRefund),
      );
      const found = refunds?.items.find(({ reference }) => reference === toWireKey(key));
      if (found !== undefined) {
        const result = toRefunded(found);
        return result.outcome === 'done' ? result.value : undefined;
      }
      after = refunds?.items.at(-1)?.refund.refund;
      if (refunds?.more !== true || after === undefined) return undefined;
    }
    throw paymentError(
      'payment-answer-invalid',
      {},
      'the payment has more refunds than can be looked through',
    );
  }

  async #intent(payment: string, signal: AbortSignal): Promise<StripeIntent | undefined> {
    return this.#client.get(pathOf(payment), { expand: ['latest_charge'] }, signal, (json) => {
      const intent = readIntent(json);
      return intent?.state.payment === payment ? intent : undefined;
    });
  }
}

/** What can't be put into a request was not done. */
function refusing<T>(send: () => Promise<CallResult<T>>): Promise<CallResult<T>> {
  try {
    return send();
  } catch (error) {
    if (!(error instanceof RecourseError)) throw error;
    return Promise.resolve({ outcome: 'notDone', error, settles: 'key' });
  }
}

function toAuthorized({ state }: StripeIntent, amount: Money): CallResult<PaymentState> | undefined {
  switch (state.status) {
    case 'authorized':
      return state.authorized.currency === amount.currency ? done(state) : undefined;
    case 'pending':
      return unknown('the provider has not decided yet', { payment: state.payment });
    case 'failed':
      return {
        outcome: 'notDone',
        error: paymentError('payment-declined', { payment: state.payment }),
        settles: 'key',
      };
    default:
      return undefined;
  }
}

/** The note alone keeps nothing: the money must still be held. */
function toKept(
  result: CallResult<PaymentState> | undefined,
  keep: Money,
): CallResult<PaymentState> | undefined {
  if (result?.outcome !== 'done') return result;
  const { status, authorized } = result.value;
  if (status !== 'authorized') {
    return { outcome: 'notDone', error: paymentError('payment-state-refused', { status }), settles: 'key' };
  }
  if (compareMoney(authorized, keep) === 0) return result;
  return { outcome: 'notDone', error: paymentError('payment-amount-refused', { status }), settles: 'key' };
}

function toRefunded({ refund, status }: StripeRefund): CallResult<RefundState> {
  if (status === 'succeeded' || status === 'pending') return done({ ...refund, status });
  if (status === 'failed' || status === 'canceled') {
    const error = paymentError('payment-state-refused', {
      refund: refund.refund,
      reason: `refund_${status}`,
    });
    return { outcome: 'notDone', error, settles: 'key' };
  }
  return unknown('the provider has not decided yet', { refund: refund.refund });
}

function sameIntent(json: unknown, payment: string, currency?: string): CallResult<PaymentState> | undefined {
  const state = readIntent(json)?.state;
  if (state?.payment !== payment) return undefined;
  return currency === undefined || state.authorized.currency === currency ? done(state) : undefined;
}

const sameMoney = (money: Money, whole: number, currency: string): boolean =>
  money.amount === fromStripeAmount(whole, currency)?.amount && money.currency === currency;

/** Undefined if one of them isn't what it should be. */
function readAll<T>(
  json: unknown,
  read: (item: unknown) => T | undefined,
): { items: T[]; more: boolean } | undefined {
  const list = readList(json);
  const items = list?.items.map(read) ?? [];
  return list === undefined || items.includes(undefined)
    ? undefined
    : { items: items as T[], more: list.more };
}

/** The note on a payment that a capture was made under a key; Stripe's names of notes have 40 characters at most. */
const captureNote = (key: string): string =>
  `capture_${createHash('sha256').update(key).digest('hex').slice(0, 24)}`;

/** @throws {RecourseError} `orders.payment-not-found` for what can't be an id, and could lead to another path */
function pathOf(payment: string): string {
  if (!/^[A-Za-z0-9_]{1,255}$/.test(payment)) throw paymentError('payment-not-found');
  return `v1/payment_intents/${payment}`;
}
