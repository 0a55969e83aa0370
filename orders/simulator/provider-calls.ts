// The calls of Stripe's API that the simulator knows: what each does to the payments.
import { randomBytes } from 'node:crypto';
import { declineOf } from './cards.js';
import type { Execution, SimulatedLedger } from './simulated-ledger.js';
import { cancelled, captured, invalid, refunded, type SimulatedPayment } from './simulated-payment.js';
import { type Shape, toIntent, toRefund } from './stripe-answers.js';

type Parameters = Readonly<Record<string, string>>;

const amountMax = 999_999_999_999;
const metadataKeysMax = 50;
const pageMax = 100;

const newId = (prefix: string): string => `${prefix}_${randomBytes(12).toString('hex')}`;
const seconds = (ledger: SimulatedLedger): number => Math.floor(ledger.nowMs / 1_000);

/** @throws {Refusal} */
export function authorize(ledger: SimulatedLedger, parameters: Parameters): Execution {
  const amount = amountOf(parameters, 'amount');
  const currency = parameters['currency'] ?? '';
  const method = parameters['payment_method'] ?? parameters['payment_method_data[card][number]'] ?? '';
  if (!/^[a-z]{3}$/.test(currency)) throw invalid('Invalid currency.', { param: 'currency' });
  if (method === '') throw invalid('Missing payment method.', { param: 'payment_method' });
  if (parameters['capture_method'] !== 'manual' || parameters['confirm'] !== 'true') {
    throw invalid('The simulator knows payment intents with manual capture, confirmed at once.', {
      param: 'capture_method',
    });
  }
  const metadata = metadataOf(parameters);
  const decline = declineOf(method);
  if (decline !== undefined) throw decline;
  const payment: SimulatedPayment = {
    id: newId('pi'),
    charge: newId('ch'),
    amount,
    currency,
    // Numbers of cards are not kept.
    method: /^\d+$/.test(method) ? newId('pm') : method.slice(0, 255),
    customer: parameters['customer'] ?? null,
    status: 'requires_capture',
    capturable: amount,
    received: 0,
    metadata,
    created: seconds(ledger),
    canceledAt: null,
    cancellationReason: null,
    refunds: [],
  };
  return changed(payment, { kind: 'authorize', amount });
}

/** @throws {Refusal} */
export function capture(ledger: SimulatedLedger, id: string, parameters: Parameters): Execution {
  const before = ledger.payment(id);
  const amount =
    parameters['amount_to_capture'] === undefined
      ? before.capturable
      : amountOf(parameters, 'amount_to_capture');
  const after = captured(before, amount, parameters['final_capture'] !== 'false');
  return changed(
    { ...after, metadata: { ...after.metadata, ...metadataOf(parameters) } },
    { kind: 'capture', amount },
  );
}

/** @throws {Refusal} */
export function cancel(ledger: SimulatedLedger, id: string, parameters: Parameters): Execution {
  const before = ledger.payment(id);
  const after = cancelled(before, parameters['cancellation_reason'] ?? null, seconds(ledger));
  return changed(after, { kind: 'release', amount: before.capturable });
}

/** Notes only, as on a payment intent whose money is held. @throws {Refusal} */
export function update(ledger: SimulatedLedger, id: string, parameters: Parameters): Execution {
  const before = ledger.payment(id);
  if (parameters['amount'] !== undefined) {
    throw invalid('The amount of this PaymentIntent can not be changed.', {
      code: 'payment_intent_unexpected_state',
    });
  }
  const payment = { ...before, metadata: { ...before.metadata, ...metadataOf(parameters) } };
  return { ...changed(payment, { kind: 'reduce', amount: 0 }) };
}

/** @throws {Refusal} */
export function refund(ledger: SimulatedLedger, parameters: Parameters): Execution {
  const before = ledger.payment(parameters['payment_intent']);
  const amount = parameters['amount'] === undefined ? before.received : amountOf(parameters, 'amount');
  const made = {
    id: newId('re'),
    amount,
    status: 'succeeded',
    reason: parameters['reason'] ?? null,
    metadata: metadataOf(parameters),
    created: seconds(ledger),
  } as const;
  const payment = refunded(before, made);
  const effect = {
    kind: 'refund',
    payment: payment.id,
    refund: made.id,
    amount,
    currency: payment.currency,
  } as const;
  return { payment, effect, body: toRefund(payment, made) };
}

/** @throws {Refusal} */
export function readPayment(ledger: SimulatedLedger, id: string, query: Parameters): Shape {
  const expand = Object.entries(query).some(
    ([name, value]) => name.startsWith('expand[') && value === 'latest_charge',
  );
  return toIntent(ledger.payment(id), expand);
}

/** Only `metadata['name']:'value'`; payments younger than the lag are not found yet, as at Stripe. @throws {Refusal} */
export function search(ledger: SimulatedLedger, query: Parameters, lagMs: number): Shape {
  const match = /^metadata\['([\w-]{1,40})'\]:'([^'\\]{1,500})'$/.exec(query['query'] ?? '');
  if (match === null) throw invalid('The query could not be parsed.', { param: 'query' });
  const [, name, value] = match;
  const until = ledger.nowMs - lagMs;
  const found = [...ledger.payments()].filter(
    ({ metadata, created }) => metadata[name!] === value && created * 1_000 <= until,
  );
  const limit = limitOf(query);
  return {
    object: 'search_result',
    url: '/v1/payment_intents/search',
    has_more: found.length > limit,
    next_page: null,
    data: found.slice(0, limit).map((payment) => toIntent(payment, false)),
  };
}

/** @throws {Refusal} */
export function listRefunds(ledger: SimulatedLedger, query: Parameters): Shape {
  const payment = ledger.payment(query['payment_intent']);
  const newestFirst = payment.refunds.toReversed();
  const after = query['starting_after'];
  const from = after === undefined ? 0 : newestFirst.findIndex(({ id }) => id === after) + 1;
  const limit = limitOf(query);
  return {
    object: 'list',
    url: '/v1/refunds',
    has_more: newestFirst.length > from + limit,
    data: newestFirst.slice(from, from + limit).map((each) => toRefund(payment, each)),
  };
}

function changed(
  payment: SimulatedPayment,
  { kind, amount }: { kind: 'authorize' | 'capture' | 'release' | 'reduce'; amount: number },
): Execution {
  const effect = { kind, payment: payment.id, amount, currency: payment.currency };
  return { payment, effect, body: toIntent(payment, false) };
}

function amountOf(parameters: Parameters, name: string): number {
  const text = parameters[name] ?? '';
  const amount = /^\d{1,12}$/.test(text) ? Number(text) : 0;
  if (amount < 1 || amount > amountMax) throw invalid('Invalid positive integer.', { param: name });
  return amount;
}

function metadataOf(parameters: Parameters): Record<string, string> {
  const metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(parameters)) {
    const match = /^metadata\[([\w-]{1,40})\]$/.exec(name);
    if (match === null) continue;
    if (value.length > 500)
      throw invalid('Metadata values can have up to 500 characters.', { param: 'metadata' });
    metadata[match[1]!] = value;
  }
  if (Object.keys(metadata).length > metadataKeysMax)
    throw invalid('Too much metadata.', { param: 'metadata' });
  return metadata;
}

const limitOf = (query: Parameters): number => {
  const limit = Number(query['limit'] ?? 10);
  return Number.isInteger(limit) && limit >= 1 && limit <= pageMax ? limit : 10;
};
