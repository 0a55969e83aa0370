// Calls of Stripe's API: one request each, and what its answer means for whether something was done.
import { createHash } from 'node:crypto';
import type { RecourseError } from '../../../engine/errors/recourse-error.js';
import { actionErrors } from '../../../engine/runtime/run-errors.js';
import type { CallResult, PortCall } from '../../ports/call-result.js';
import { type Exchange, exchangeJson } from '../json-exchange.js';
import { type FormValue, toForm } from './form-body.js';
import { paymentError, toNotDone } from './stripe-faults.js';
import { readFault } from './stripe-objects.js';

export interface StripeConfiguration {
  /** `https://api.stripe.com`; plain http is for loopback only. */
  readonly url: string;
  /** A secret. */
  readonly apiKey: string;
  /** Sent as `Stripe-Version`; the account's own version if left out. */
  readonly apiVersion?: string;
  readonly timeoutMs?: number;
}

const timeoutMsDefault = 10_000;
const timeoutMsMax = 120_000;
const answerBytesMax = 1_048_576;

type Parameters = Readonly<Record<string, FormValue>>;

/** Keeps the key where neither JSON nor `inspect` finds it. */
export class StripeClient {
  readonly #base: URL;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #timeoutMs: number;
  readonly #secret: string;

  /** @throws {TypeError} when the configuration can't work; its text has no secret in it */
  constructor({ url, apiKey, apiVersion, timeoutMs = timeoutMsDefault }: StripeConfiguration) {
    this.#base = toBase(url);
    if (!/^[\x21-\x7e]{8,512}$/.test(apiKey)) throw new TypeError('the API key is not one');
    if (!Number.isInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > timeoutMsMax) {
      throw new TypeError(`the time-out is between 1 and ${timeoutMsMax} ms`);
    }
    this.#timeoutMs = timeoutMs;
    this.#secret = apiKey;
    this.#headers = {
      authorization: `Bearer ${apiKey}`,
      accept: 'application/json',
      'user-agent': 'recourse',
      ...(apiVersion === undefined ? {} : { 'stripe-version': apiVersion }),
    };
  }

  /** Changes something; `read` gives the value, or the error why the answer is none, or undefined if it isn't an answer. */
  async post<T>(
    path: string,
    parameters: Parameters,
    { key, signal }: PortCall,
    read: (json: unknown) => CallResult<T> | undefined,
  ): Promise<CallResult<T>> {
    const exchange = await exchangeJson({
      method: 'POST',
      url: new URL(path, this.#base),
      headers: {
        ...this.#headers,
        'content-type': 'application/x-www-form-urlencoded',
        'idempotency-key': toWireKey(key),
      },
      body: toForm(parameters).toString(),
      timeoutMs: this.#timeoutMs,
      answerBytesMax,
      signal,
      secret: this.#secret,
    });
    if (exchange.kind === 'notSent') {
      const error = paymentError(
        'payment-unavailable',
        {},
        `nothing was sent to the provider: ${exchange.why}`,
      );
      return { outcome: 'notDone', error, settles: 'attempt' };
    }
    if (exchange.kind === 'lost') return unknown(exchange.why);
    return toResult(exchange, read);
  }

  /** Asks; undefined when the provider has no such thing. @throws {RecourseError} `orders.payment-*` */
  async get<T>(
    path: string,
    parameters: Parameters,
    signal: AbortSignal,
    read: (json: unknown) => T | undefined,
  ): Promise<T | undefined> {
    const url = new URL(path, this.#base);
    url.search = toForm(parameters).toString();
    const exchange = await exchangeJson({
      method: 'GET',
      url,
      headers: this.#headers,
      timeoutMs: this.#timeoutMs,
      answerBytesMax,
      signal,
      secret: this.#secret,
    });
    if (exchange.kind !== 'answer') {
      throw paymentError(
        'payment-unavailable',
        {},
        `the provider did not answer a question: ${exchange.why}`,
      );
    }
    const { status, json } = exchange;
    const fault = readFault(json);
    if (status === 404 && fault !== undefined) return undefined;
    if (status >= 400 && status < 500) throw toNotDone(status, fault, factsOf(exchange)).error;
    const value = status === 200 ? read(json) : undefined;
    if (value !== undefined) return value;
    if (status >= 500)
      throw paymentError('payment-unavailable', factsOf(exchange), `the provider answered ${status}`);
    throw paymentError('payment-answer-invalid', factsOf(exchange));
  }
}

/** Keys that Stripe takes are sent as they are, others as their hash: the same key is always sent as the same. */
export function toWireKey(key: string): string {
  if (/^[A-Za-z0-9._:/@#+=-]{1,255}$/.test(key)) return key;
  return `sha256-${createHash('sha256').update(key).digest('hex')}`;
}

type Answer = Extract<Exchange, { kind: 'answer' }>;

function toResult<T>(answer: Answer, read: (json: unknown) => CallResult<T> | undefined): CallResult<T> {
  const { status, json, header } = answer;
  if (status === 200) {
    const result = read(json);
    if (result === undefined) return unknown('the answer was not one of the provider', factsOf(answer));
    const replayed = header('idempotent-replayed') === 'true';
    return replayed && result.outcome === 'done' ? { ...result, replayed } : result;
  }
  const fault = readFault(json);
  const inProgress =
    fault?.code === 'idempotency_key_in_use' || (status === 409 && fault?.code === undefined);
  if (status >= 400 && status < 500 && status !== 408 && !inProgress) {
    return toNotDone(status, fault, factsOf(answer));
  }
  const why = inProgress
    ? 'an earlier call with the same key is still under way'
    : `the provider answered ${status}`;
  return unknown(
    status >= 300 && status < 400 ? 'a redirect was answered, and not followed' : why,
    factsOf(answer),
  );
}

export function unknown(why: string, facts: Readonly<Record<string, unknown>> = {}): CallResult<never> {
  const error: RecourseError = actionErrors.error(
    'outcome-unknown',
    `it is not known whether the payment provider did it: ${why}`,
    { data: facts },
  );
  return { outcome: 'unknown', error };
}

function factsOf({ status, header }: Answer): Readonly<Record<string, unknown>> {
  const requestId = header('request-id');
  return requestId !== undefined && /^[\w-]{1,80}$/.test(requestId) ? { status, requestId } : { status };
}

function toBase(url: string): URL {
  if (!URL.canParse(url)) throw new TypeError('the address of the payment provider is not a URL');
  const base = new URL(url);
  if (base.username !== '' || base.password !== '' || base.search !== '' || base.hash !== '') {
    throw new TypeError(
      'the address of the payment provider has more in it than scheme, host, port and path',
    );
  }
  const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(base.hostname);
  if (base.protocol !== 'https:' && !(base.protocol === 'http:' && loopback)) {
    throw new TypeError('the payment provider is reached over https, or over http on loopback');
  }
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  return base;
}
