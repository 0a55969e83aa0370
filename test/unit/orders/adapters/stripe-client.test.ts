// What goes over the wire, and what comes of answers that no honest provider gives; secrets stay where they are.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { createStripePayments } from '../../../../orders/adapters/stripe/stripe-payments.js';
import { toForm } from '../../../../orders/adapters/stripe/form-body.js';
import { fromStripeAmount, toStripeAmount } from '../../../../orders/adapters/stripe/stripe-amount.js';
import { toWireKey } from '../../../../orders/adapters/stripe/stripe-client.js';
import { currencyDigits } from '../../../../engine/money/currency.js';
import { fromMinor } from '../../../../engine/money/money.js';
import { paymentActions } from '../../../../orders/actions/payment-actions.js';
import { refusedWith } from '../../../conformance/ports/refusal.js';

const apiKey = 'sk_test_51TopSecretKeyOfTheShop';
const { signal } = new AbortController();
const amount = { amount: '10.00', currency: 'EUR' };

const intent = (more: object = {}) => ({
  id: 'pi_1',
  object: 'payment_intent',
  amount: 1000,
  amount_capturable: 1000,
  amount_received: 0,
  currency: 'eur',
  status: 'requires_capture',
  metadata: { reference: 'key-1' },
  ...more,
});

interface Seen {
  readonly request: IncomingMessage;
  readonly body: string;
}

describe('the payment adapter on the wire', () => {
  let server: Server;
  let url: string;
  let seen: Seen[];
  let answer: (response: ServerResponse) => void;
  before(async () => {
    server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      seen.push({ request, body });
      answer(response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    seen = [];
  });

  const json = (status: number, body: unknown, headers: Record<string, string> = {}) => {
    answer = (response) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    };
  };
  const port = () => createStripePayments({ url, apiKey, timeoutMs: 500 });
  const authorize = (key = 'key-1') =>
    port().authorize({ amount, method: 'pm_card_visa', order: '10248' }, { key, signal });

  it('sends a form, the key of the call, and the API key where it belongs', async () => {
    json(200, intent());
    assert.equal((await authorize()).outcome, 'done');
    const [{ request, body }] = seen as [Seen];
    assert.equal(`${request.method} ${request.url}`, 'POST /v1/payment_intents');
    assert.equal(request.headers['content-type'], 'application/x-www-form-urlencoded');
    assert.equal(request.headers['idempotency-key'], 'key-1');
    assert.equal(request.headers.authorization, `Bearer ${apiKey}`);
    assert.equal(request.headers.connection, 'close');
    assert.deepEqual(Object.fromEntries(new URLSearchParams(body)), {
      amount: '1000',
      currency: 'eur',
      capture_method: 'manual',
      confirm: 'true',
      error_on_requires_action: 'true',
      payment_method: 'pm_card_visa',
      'payment_method_types[0]': 'card',
      'metadata[reference]': 'key-1',
      'metadata[order]': '10248',
    });
  });

  it('keeps the path of the address', async () => {
    json(200, intent());
    await createStripePayments({ url: `${url}/proxy`, apiKey }).status('pi_1', signal);
    assert.match(seen[0]!.request.url!, /^\/proxy\/v1\/payment_intents\/pi_1\?/);
  });

  it('says that nothing is known after an answer that is not what it should be', async () => {
    const bodies: unknown[] = [
      '',
      'null',
      '[]',
      '{"object":"payment_intent"',
      '"payment_intent"',
      {},
      { object: 'refund' },
      intent({ id: '../x' }),
      intent({ id: 7 }),
      intent({ amount: 999 }),
      intent({ amount: '1000' }),
      intent({ amount_capturable: -1 }),
      intent({ amount_capturable: 1e300 }),
      intent({ amount_received: 0.5 }),
      intent({ currency: 'usd' }),
      intent({ currency: 'zzz' }),
      intent({ status: 'splendid' }),
      intent({ status: 'toString' }),
      intent({ status: 'processing' }),
      `{"object":"payment_intent","__proto__":{"id":"pi_1"}}`,
      '['.repeat(500_000),
    ];
    for (const body of bodies) {
      json(200, body);
      const result = await authorize();
      assert.equal(result.outcome, 'unknown', JSON.stringify(body).slice(0, 100));
    }
  });

  it('never says done or not done to what it was not told, whatever comes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 200, max: 599 }), fc.json(), async (status, body) => {
        fc.pre(status !== 204 && status !== 205 && status !== 304);
        json(status, body);
        const { outcome } = await authorize();
        const isRefusal = status >= 400 && status < 500 && ![408, 409].includes(status);
        assert.equal(outcome, isRefusal ? 'notDone' : 'unknown');
      }),
      { numRuns: 150 },
    );
  });

  it('gives up an answer that never ends, in time and in size', async () => {
    answer = (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const drip = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(drip));
    };
    assert.match(messageOf(await authorize()), /no answer within 500 ms/);
    answer = (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const pour = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      };
      response.on('drain', pour);
      pour();
    };
    assert.match(messageOf(await authorize()), /larger than 1048576 bytes|no answer within/);
  });

  it('follows no redirect, and takes the key nowhere else', async () => {
    for (const status of [301, 302, 303, 307, 308]) {
      json(status, {}, { location: `${url}/elsewhere` });
      const result = await authorize();
      assert.equal(result.outcome, 'unknown');
      assert.match(messageOf(result), /redirect/);
    }
    assert.equal(seen.length, 5);
    assert.ok(seen.every(({ request }) => request.url === '/v1/payment_intents'));
  });

  it('has no secret and no word of the provider in results, errors, or what is logged of them', async () => {
    const talkative = {
      error: {
        type: 'invalid_request_error',
        code: apiKey,
        param: `${apiKey}_x`,
        message: `Invalid key ${apiKey} for 4242424242424242`,
      },
    };
    const shown: string[] = [inspect(port(), { depth: 9, showHidden: true }), JSON.stringify(port())];
    const actions = paymentActions(port());
    shown.push(inspect(actions, { depth: 9 }));
    for (const [status, body] of [
      [400, talkative],
      [401, talkative],
      [402, talkative],
      [500, talkative],
      [200, apiKey],
    ] as const) {
      json(status, body, { 'request-id': apiKey });
      const result = await authorize();
      shown.push(inspect(result, { depth: 9, showHidden: true }), messageOf(result));
      await port()
        .status('pi_1', signal)
        .catch((error: unknown) => shown.push(inspect(error, { depth: 9, showHidden: true })));
    }
    const closed = createStripePayments({ url: 'http://127.0.0.1:1', apiKey });
    shown.push(
      inspect(await closed.authorize({ amount, method: 'pm_1' }, { key: 'k', signal }), { depth: 9 }),
    );
    assert.equal(shown.length, 3 + 15 + 1);
    for (const text of shown) assert.doesNotMatch(text, /TopSecret|4242424242424242/);
  });

  it('takes no configuration that can not be safe, and does not repeat the secret', () => {
    for (const [wrong, why] of [
      ['http://payments.example', /https/],
      ['ftp://127.0.0.1', /https/],
      ['https://user:TopSecret@payments.example', /more in it/],
      ['https://payments.example/?key=TopSecret', /more in it/],
      ['payments', /not a URL/],
    ] as const) {
      assert.throws(
        () => createStripePayments({ url: wrong, apiKey }),
        (error: unknown) =>
          error instanceof TypeError && why.test(error.message) && !/TopSecret/.test(error.message),
      );
    }
    for (const key of ['', 'short', `${apiKey}\r\nX-Evil: 1`]) {
      assert.throws(() => createStripePayments({ url, apiKey: key }), { message: 'the API key is not one' });
    }
    assert.throws(() => createStripePayments({ url, apiKey, timeoutMs: 0 }), TypeError);
  });
});

describe("Stripe's words for our values", () => {
  it('nests in brackets, and leaves out what is undefined', () => {
    const form = toForm({ a: 1, b: [true, 'x'], c: { d: { e: 'ü&=' } }, f: undefined });
    assert.equal(decodeURIComponent(form.toString()), 'a=1&b[0]=true&b[1]=x&c[d][e]=ü&=');
  });

  it('counts each currency as Stripe does, there and back', () => {
    for (const [money, whole] of [
      [['12.30', 'EUR'], 1230],
      [['500', 'JPY'], 500],
      [['5', 'ISK'], 500],
      [['5', 'UGX'], 500],
      [['5.00', 'MGA'], 5],
      [['5.120', 'KWD'], 5120],
    ] as const) {
      const value = { amount: money[0], currency: money[1] };
      assert.equal(toStripeAmount(value), whole);
      assert.deepEqual(fromStripeAmount(whole, money[1].toLowerCase()), value);
    }
    for (const [refused, currency] of [
      ['5.124', 'KWD'],
      ['5.01', 'MGA'],
      ['0.00', 'EUR'],
      ['9999999999999.00', 'EUR'],
    ] as const) {
      assert.throws(
        () => toStripeAmount({ amount: refused, currency }),
        refusedWith('orders.payment-amount-refused'),
      );
    }
    assert.equal(fromStripeAmount(501, 'isk'), undefined);
  });

  it('changes no amount of any currency on the way', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...currencyDigits.keys()),
        fc.integer({ min: 1, max: 999_999_99 }),
        (currency, minor) => {
          const money = fromMinor(BigInt(minor) * 100n, currency);
          assert.deepEqual(fromStripeAmount(toStripeAmount(money), currency.toLowerCase()), money);
        },
      ),
    );
  });

  it('sends the same key as the same, and different ones as different', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 400 }), fc.string({ maxLength: 400 }), (left, right) => {
        assert.match(toWireKey(left), /^[\x21-\x7e]{1,255}$/);
        assert.equal(toWireKey(left) === toWireKey(right), left === right);
      }),
    );
  });
});

const messageOf = (result: { readonly outcome: string; readonly error?: Error }): string =>
  result.error?.message ?? '';
