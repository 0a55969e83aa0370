// Tells what happened to a listener on loopback, signed as Stripe signs; twice, when told so.
import { createHmac, randomBytes } from 'node:crypto';
import type { EffectKind } from './effect-log.js';
import type { Execution } from './simulated-ledger.js';
import { toIntent } from './stripe-answers.js';

export interface WebhookTarget {
  /** On loopback. */
  readonly url: string;
  /** A secret. */
  readonly secret: string;
  /** How often each event is delivered. */
  readonly times: number;
}

const attemptsMax = 3;
const timeoutMs = 5_000;
const waitingMax = 10_000;

const types: Readonly<Record<EffectKind, string>> = {
  authorize: 'payment_intent.amount_capturable_updated',
  capture: 'payment_intent.succeeded',
  release: 'payment_intent.canceled',
  reduce: 'payment_intent.updated',
  refund: 'charge.refunded',
};

/** Whether a URL is one that webhooks may go to. */
export function isLoopbackUrl(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === 'http:' && /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

export class Webhooks {
  target: WebhookTarget | undefined;
  #waiting = 0;

  send(execution: Execution, nowMs: number): void {
    const { target } = this;
    if (target === undefined || execution.effect === undefined || this.#waiting >= waitingMax) return;
    const created = Math.floor(nowMs / 1_000);
    const payload = JSON.stringify({
      id: `evt_${randomBytes(12).toString('hex')}`,
      object: 'event',
      created,
      livemode: false,
      type: types[execution.effect.kind],
      data: { object: toIntent(execution.payment, true) },
    });
    const signature = createHmac('sha256', target.secret).update(`${created}.${payload}`).digest('hex');
    const headers = {
      'content-type': 'application/json',
      'stripe-signature': `t=${created},v1=${signature}`,
    };
    for (let time = 0; time < target.times; time += 1) void this.#deliver(target.url, headers, payload);
  }

  async #deliver(url: string, headers: Record<string, string>, body: string): Promise<void> {
    this.#waiting += 1;
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
      try {
        const signal = AbortSignal.timeout(timeoutMs);
        const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal });
        await response.body?.cancel();
        if (response.ok) break;
      } catch {
        // The listener is away; the next attempt tells it.
      }
    }
    this.#waiting -= 1;
  }
}
