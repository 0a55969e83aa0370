// What Stripe tells us by itself: the signature is checked first, then the event is read. Events come late, twice and out of
// order: use the id to take each once, and ask for the status of the payment instead of believing what is in it.
import { createHmac, timingSafeEqual } from 'node:crypto';

export interface StripeEvent {
  /** Stable over all deliveries. */
  readonly id: string;
  /** `payment_intent.succeeded`, `charge.refunded` … */
  readonly type: string;
  /** The payment that it is about. */
  readonly payment?: string;
}

export interface WebhookDelivery {
  /** The body exactly as it came. */
  readonly payload: string;
  /** The header `Stripe-Signature`. */
  readonly signature: string;
}

const toleranceMs = 300_000;
const payloadCharsMax = 1_048_576;
const signatureCharsMax = 4_096;

/** Undefined unless it was signed with the secret in the last five minutes, and is an event. */
export function readWebhook(
  { payload, signature }: WebhookDelivery,
  secret: string,
  nowMs: number,
): StripeEvent | undefined {
  if (payload.length > payloadCharsMax || signature.length > signatureCharsMax) return undefined;
  const parts = signature.split(',').map((part) => part.trim().split('='));
  const time = parts.find(([name]) => name === 't')?.[1] ?? '';
  if (!/^\d{1,12}$/.test(time) || Math.abs(nowMs - Number(time) * 1_000) > toleranceMs) return undefined;
  const expected = createHmac('sha256', secret).update(`${time}.${payload}`).digest();
  const isSigned = parts.some(([name, value]) => {
    const given = name === 'v1' ? Buffer.from(value ?? '', 'hex') : Buffer.alloc(0);
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
  return isSigned ? toEvent(payload) : undefined;
}

function toEvent(payload: string): StripeEvent | undefined {
  let event: unknown;
  try {
    event = JSON.parse(payload);
  } catch {
    return undefined;
  }
  const { id, type, object, data } = (event ?? {}) as Readonly<Record<string, unknown>>;
  if (object !== 'event' || !isWord(id) || !isWord(type)) return undefined;
  const about = ((data ?? {}) as { object?: unknown }).object as
    | Readonly<Record<string, unknown>>
    | undefined;
  const payment = about?.['object'] === 'payment_intent' ? about['id'] : about?.['payment_intent'];
  return isWord(payment) ? { id, type, payment } : { id, type };
}

const isWord = (value: unknown): value is string => typeof value === 'string' && /^[\w.]{1,255}$/.test(value);
