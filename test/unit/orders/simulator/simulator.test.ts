// The simulator as a process: Stripe's shapes, a log that survives a kill, refusals, bounds and webhooks.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { readWebhook, type StripeEvent } from '../../../../orders/adapters/stripe/stripe-webhook.js';
import { projectRoot } from '../../../../server/project-root.js';
import { SimulatorProcess } from '../../../conformance/ports/simulator-process.js';

type Shape = Record<string, unknown>;

const fixtures = JSON.parse(
  readFileSync(join(projectRoot(), 'test', 'fixtures', 'stripe', 'fixtures-subset.json'), 'utf8'),
) as Record<string, Shape>;

const authorization = {
  amount: '1000',
  currency: 'eur',
  capture_method: 'manual',
  confirm: 'true',
  payment_method: 'pm_card_visa',
  'metadata[reference]': 'ours',
};

describe('the payment simulator', () => {
  let simulator: SimulatorProcess;
  beforeEach(async () => {
    simulator = await SimulatorProcess.start();
  });
  afterEach(() => simulator.stop());

  const send = async (path: string, form?: Record<string, string>, headers: Record<string, string> = {}) => {
    const response = await fetch(simulator.url + path, {
      method: form === undefined ? 'GET' : 'POST',
      headers: { authorization: 'Bearer sk_test_1', ...headers },
      ...(form === undefined ? {} : { body: new URLSearchParams(form) }),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as Shape };
  };

  it('answers in the shapes of the published fixtures', async () => {
    const { body: made } = await send('/v1/payment_intents', authorization);
    await send(`/v1/payment_intents/${made['id']}/capture`, {});
    const { body: refund } = await send('/v1/refunds', { payment_intent: String(made['id']), amount: '300' });
    const { body: intent } = await send(`/v1/payment_intents/${made['id']}?expand[0]=latest_charge`);
    const charge = intent['latest_charge'] as Shape;
    assert.deepEqual([charge['amount_captured'], charge['amount_refunded']], [1000, 300]);
    for (const [name, shape] of [
      ['payment_intent', intent],
      ['charge', charge],
      ['refund', refund],
    ] as const) {
      const fixture = fixtures[name]!;
      for (const [field, value] of Object.entries(shape)) {
        assert.ok(Object.hasOwn(fixture, field), `${name}.${field} is Stripe's`);
        const theirs = fixture[field];
        const isExpanded = field === 'latest_charge';
        if (value === null || theirs === null || isExpanded) continue;
        assert.equal(typeof value, typeof theirs, `${name}.${field}`);
        assert.equal(Array.isArray(value), Array.isArray(theirs), `${name}.${field}`);
      }
      const needed = Object.keys(fixture).filter((field) =>
        ['id', 'object', 'amount', 'currency', 'status', 'metadata', 'created'].includes(field),
      );
      for (const field of needed) assert.ok(Object.hasOwn(shape, field), `${name}.${field}`);
    }
  });

  it('words its errors as Stripe does, and keeps the refusal of a card under the key', async () => {
    const declined = { ...authorization, payment_method: '4000000000009995' };
    const headers = { 'idempotency-key': randomUUID() };
    const first = await send('/v1/payment_intents', declined, headers);
    const { type, code, decline_code } = first.body['error'] as Shape;
    assert.deepEqual(
      [first.status, type, code, decline_code],
      [402, 'card_error', 'card_declined', 'insufficient_funds'],
    );
    const again = await send('/v1/payment_intents', declined, headers);
    assert.equal(again.headers.get('idempotent-replayed'), 'true');
    assert.deepEqual(again.body, first.body);
    const other = await send('/v1/payment_intents', authorization, headers);
    assert.deepEqual([other.status, (other.body['error'] as Shape)['type']], [400, 'idempotency_error']);
    assert.equal(
      (await send('/v1/payment_intents', authorization, { authorization: 'Bearer x' })).status,
      401,
    );
    assert.equal((await send('/v1/payment_intents', { ...authorization, amount: '1.5' })).status, 400);
    assert.equal((await send('/v1/customers')).status, 404);
    assert.equal(
      (await send('/v1/payment_intents', { ...authorization, note: 'x'.repeat(50_000) })).status,
      413,
    );
    assert.deepEqual(
      (await simulator.log()).filter(({ effect }) => effect !== undefined),
      [],
    );
  });

  it('forgets keys after their lifetime, and not before', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const first = await send('/v1/payment_intents', authorization, headers);
    await simulator.control('/clock', { advanceMs: 86_399_000 });
    assert.equal((await send('/v1/payment_intents', authorization, headers)).body['id'], first.body['id']);
    await simulator.control('/clock', { advanceMs: 1_000 });
    assert.notEqual((await send('/v1/payment_intents', authorization, headers)).body['id'], first.body['id']);
  });

  it('knows everything again after a kill, and drops a line that was cut off', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const first = await send('/v1/payment_intents', authorization, headers);
    await simulator.stop('SIGKILL');
    appendFileSync(simulator.data, '{"seq":2,"at":"20');
    const { data, port } = simulator;
    simulator = await SimulatorProcess.start({ data, port });
    const again = await send('/v1/payment_intents', authorization, headers);
    assert.deepEqual(again.body, first.body);
    assert.deepEqual(
      (await simulator.log()).map(({ seq }) => seq),
      [1],
    );
    const lines = readFileSync(data, 'utf8');
    assert.doesNotMatch(lines, /sk_test/);
    assert.equal(lines.split('\n').length, 2);
  });

  it('finds payments late when it is told to, as Stripe may', async () => {
    await simulator.control('/search', { lagMs: 60_000 });
    await send('/v1/payment_intents', authorization);
    const query = `/v1/payment_intents/search?query=${encodeURIComponent("metadata['reference']:'ours'")}`;
    assert.deepEqual((await send(query)).body['data'], []);
    await simulator.control('/clock', { advanceMs: 61_000 });
    assert.equal(((await send(query)).body['data'] as unknown[]).length, 1);
  });

  it('delivers signed webhooks, twice when told to, with one id', async () => {
    const secret = 'whsec_test';
    const events: (StripeEvent | undefined)[] = [];
    const listener = createServer(async (request, response) => {
      let payload = '';
      for await (const chunk of request) payload += String(chunk);
      const signature = String(request.headers['stripe-signature']);
      events.push(readWebhook({ payload, signature }, secret, Date.now()));
      assert.equal(readWebhook({ payload, signature }, 'whsec_other', Date.now()), undefined);
      assert.equal(readWebhook({ payload: `${payload} `, signature }, secret, Date.now()), undefined);
      assert.equal(readWebhook({ payload, signature }, secret, Date.now() + 301_000), undefined);
      // The first delivery fails, and is made again.
      response.writeHead(events.length === 1 ? 500 : 200).end();
    });
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    try {
      const url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/`;
      await simulator.control('/webhook', { url, secret, times: 2 });
      const { body } = await send('/v1/payment_intents', authorization);
      while (events.length < 3) await new Promise((resolve) => setTimeout(resolve, 10));
      assert.equal(new Set(events.map((event) => event?.id)).size, 1);
      assert.equal(events[0]?.payment, body['id']);
      assert.equal(events[0]?.type, 'payment_intent.amount_capturable_updated');
      const away = simulator.control('/webhook', { url: 'http://192.0.2.1/', secret });
      await assert.rejects(away, /loopback/);
    } finally {
      listener.closeAllConnections();
      listener.close();
    }
  });

  it('is told nothing that it does not understand', async () => {
    for (const plan of [
      { fault: 'flood' },
      { fault: 'huge', call: 'tax' },
      { fault: 'huge', times: 0 },
      { fault: 'late-answer', delayMs: 1e9 },
    ]) {
      await assert.rejects(simulator.control('/faults', plan), /400/);
    }
    assert.equal(
      readWebhook({ payload: 'x'.repeat(2_000_000), signature: 't=1,v1=00' }, 's', 1_000),
      undefined,
    );
  });
});
