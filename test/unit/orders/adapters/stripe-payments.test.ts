// The payment adapter over the simulator in a process of its own: the conformance suite, and every fault on every call with
// the same key sent again: the simulator's own log shows what was done at most once.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createStripePayments } from '../../../../orders/adapters/stripe/stripe-payments.js';
import type { CallResult } from '../../../../orders/ports/call-result.js';
import { requireDone } from '../../../../orders/ports/call-result.js';
import type { PaymentPort } from '../../../../orders/ports/payment.js';
import { type CallKind, type FaultKind, faultKinds } from '../../../../orders/simulator/faults.js';
import { describePaymentPort } from '../../../conformance/ports/payment.js';
import { SimulatorProcess } from '../../../conformance/ports/simulator-process.js';

const apiKey = 'sk_test_51SecretOfTheTests';
const eur = (amount: string) => ({ amount, currency: 'EUR' });
const signal = new AbortController().signal;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describePaymentPort("Stripe's shapes, over the simulator", async () => {
  const simulator = await SimulatorProcess.start();
  return {
    port: createStripePayments({ url: simulator.url, apiKey }),
    methods: {
      good: 'pm_card_visa',
      declined: 'pm_card_visa_chargeDeclinedInsufficientFunds',
      expired: 'pm_card_chargeDeclinedExpiredCard',
      confirm: 'pm_card_authenticationRequired',
    },
    close: () => simulator.stop(),
  };
});

describe('the payment adapter when the provider fails', () => {
  let simulator: SimulatorProcess;
  let port: PaymentPort;
  before(async () => {
    simulator = await SimulatorProcess.start();
    port = createStripePayments({ url: simulator.url, apiKey, timeoutMs: 200 });
  });
  after(() => simulator.stop());
  beforeEach(() => simulator.control('/faults', {}, 'DELETE'));

  const authorized = async (): Promise<string> => {
    const call = { key: randomUUID(), signal };
    return requireDone(await port.authorize({ amount: eur('10.00'), method: 'pm_card_visa' }, call)).payment;
  };
  const captured = async (): Promise<string> => {
    const payment = await authorized();
    requireDone(await port.capture({ payment, amount: eur('10.00') }, { key: randomUUID(), signal }));
    return payment;
  };
  type Send = (key: string) => Promise<CallResult<unknown>>;
  interface Call {
    readonly kind: CallKind;
    prepare(): Promise<{ send: Send; find: (key: string) => Promise<unknown> }>;
  }
  const calls: Readonly<Record<string, Call>> = {
    authorize: {
      kind: 'authorize',
      prepare: async () => ({
        send: (key) => port.authorize({ amount: eur('10.00'), method: 'pm_card_visa' }, { key, signal }),
        find: (key) => port.findAuthorization(key, signal),
      }),
    },
    capture: {
      kind: 'capture',
      prepare: async () => {
        const capture = { payment: await authorized(), amount: eur('10.00') };
        return {
          send: (key) => port.capture(capture, { key, signal }),
          find: (key) => port.findCapture(capture, key, signal),
        };
      },
    },
    release: {
      kind: 'release',
      prepare: async () => {
        const release = { payment: await authorized() };
        return {
          send: (key) => port.release(release, { key, signal }),
          find: (key) => port.findRelease(release, key, signal),
        };
      },
    },
    reduce: {
      kind: 'release',
      prepare: async () => {
        const release = { payment: await authorized(), keep: eur('4.00') };
        return {
          send: (key) => port.release(release, { key, signal }),
          find: (key) => port.findRelease(release, key, signal),
        };
      },
    },
    refund: {
      kind: 'refund',
      prepare: async () => {
        const refund = { payment: await captured(), amount: eur('3.00') };
        return {
          send: (key) => port.refund(refund, { key, signal }),
          find: (key) => port.findRefund(refund, key, signal),
        };
      },
    },
  };

  /** What the first attempt must come to, and the last. */
  const expected: Readonly<
    Record<FaultKind, readonly [CallResult<unknown>['outcome'], CallResult<unknown>['outcome']]>
  > = {
    decline: ['notDone', 'notDone'],
    'timeout-before': ['unknown', 'done'],
    'timeout-after': ['unknown', 'done'],
    'reset-before': ['unknown', 'done'],
    'reset-after': ['unknown', 'done'],
    'error-before': ['unknown', 'done'],
    'error-after': ['unknown', 'done'],
    'error-kept': ['unknown', 'unknown'],
    unavailable: ['unknown', 'done'],
    'rate-limit': ['notDone', 'done'],
    redirect: ['unknown', 'done'],
    'late-doing': ['unknown', 'done'],
    'late-answer': ['unknown', 'done'],
    twice: ['done', 'done'],
    cut: ['unknown', 'done'],
    'not-json': ['unknown', 'done'],
    'other-object': ['unknown', 'done'],
    huge: ['unknown', 'done'],
    'forget-key': ['done', 'done'],
  };

  for (const fault of faultKinds) {
    for (const [name, { kind, prepare }] of Object.entries(calls)) {
      it(`${fault} × ${name}: at most once, and its outcome is never wrong`, async () => {
        const { send, find } = await prepare();
        const key = randomUUID();
        await simulator.fault(fault, kind, { delayMs: 500 });
        const first = await send(key);
        assert.equal(first.outcome, expected[fault][0], JSON.stringify(first));
        let last = first;
        for (let attempt = 2; attempt < 20 && last.outcome !== 'done'; attempt += 1) {
          if (last.outcome === 'notDone' && last.settles === 'key') break;
          if (fault === 'error-kept' && attempt > 3) break;
          if (attempt > 2) await pause(100);
          last = await send(key);
        }
        assert.equal(last.outcome, expected[fault][1], JSON.stringify(last));
        const effects = await simulator.effects(key);
        assert.equal(effects.length, last.outcome === 'notDone' ? 0 : 1);
        assert.equal((await find(key)) !== undefined, effects.length === 1);
      });
    }
  }

  it('is sure that nothing was sent when the provider is down, and goes on when it is up', async () => {
    const { send } = await calls['refund']!.prepare();
    const key = randomUUID();
    await simulator.control('/down');
    const result = await send(key);
    await simulator.control('/up');
    assert.ok(result.outcome === 'notDone' && result.settles === 'attempt' && result.error.retryable);
    assert.equal(result.error.code, 'orders.payment-unavailable');
    assert.equal((await send(key)).outcome, 'done');
    assert.equal((await simulator.effects(key)).length, 1);
  });

  it('does not settle a key by what is answered before the key is looked at', async () => {
    const { send } = await calls['refund']!.prepare();
    const stranger = createStripePayments({ url: simulator.url, apiKey: 'not-a-secret-key' });
    const result = await stranger.authorize(
      { amount: eur('1.00'), method: 'pm_card_visa' },
      { key: 'k', signal },
    );
    assert.ok(result.outcome === 'notDone' && result.settles === 'attempt');
    assert.equal(result.error.code, 'orders.payment-access-refused');
    await simulator.fault('rate-limit', 'refund');
    const busy = await send(randomUUID());
    assert.ok(busy.outcome === 'notDone' && busy.settles === 'attempt' && busy.error.retryable);
  });

  it('doubles a refund that is sent again after its key was forgotten, which is why the engine asks then', async () => {
    const { send, find } = await calls['refund']!.prepare();
    const key = randomUUID();
    assert.equal((await send(key)).outcome, 'done');
    await simulator.control('/clock', { advanceMs: port.keyLifetimeMs + 1 });
    assert.notEqual(await find(key), undefined);
    assert.equal((await send(key)).outcome, 'done');
    assert.equal((await simulator.effects(key)).length, 2, 'the log shows it');
  });

  it('tells of the fault by amount until it was done', async () => {
    const call = { key: randomUUID(), signal };
    const first = await port.authorize({ amount: eur('90000.04'), method: 'pm_card_visa' }, call);
    assert.equal(first.outcome, 'unknown');
    const second = await port.authorize({ amount: eur('90000.04'), method: 'pm_card_visa' }, call);
    assert.ok(second.outcome === 'done' && second.replayed === true);
  });

  it('gives up a call when it is told to, and says that its outcome is unknown', async () => {
    await simulator.fault('timeout-after', 'authorize');
    const key = randomUUID();
    const slow = createStripePayments({ url: simulator.url, apiKey, timeoutMs: 20_000 });
    const controller = new AbortController();
    const sent = slow.authorize(
      { amount: eur('10.00'), method: 'pm_card_visa' },
      { key, signal: controller.signal },
    );
    while ((await simulator.effects(key)).length === 0) await pause(10);
    controller.abort();
    const result = await sent;
    assert.equal(result.outcome, 'unknown');
    assert.ok(result.outcome === 'unknown' && result.error.code === 'action.outcome-unknown');
  });

  it('asks with errors of questions, never with an outcome', async () => {
    const payment = await authorized();
    for (const fault of [
      'timeout-before',
      'unavailable',
      'not-json',
      'other-object',
      'huge',
      'cut',
      'redirect',
    ] as const) {
      await simulator.fault(fault, 'status');
      await assert.rejects(
        port.status(payment, signal),
        { name: 'RecourseError', message: /provider/ },
        fault,
      );
    }
    assert.equal((await port.status(payment, signal)).status, 'authorized');
  });
});

describe('the payment adapter when the provider is killed', () => {
  it('doubles and loses no refund over five kills', async () => {
    let simulator = await SimulatorProcess.start();
    const { data, port: number } = simulator;
    try {
      const port = createStripePayments({ url: simulator.url, apiKey, timeoutMs: 2_000 });
      const pay = { key: randomUUID(), signal };
      const { payment } = requireDone(
        await port.authorize({ amount: eur('1000.00'), method: 'pm_card_visa' }, pay),
      );
      requireDone(await port.capture({ payment, amount: eur('1000.00') }, { key: randomUUID(), signal }));
      const keys = Array.from({ length: 100 }, () => randomUUID());
      let made = 0;
      const refunded = Promise.all(
        Array.from({ length: 4 }, async (_, worker) => {
          for (const key of keys.filter((__, index) => index % 4 === worker)) {
            for (;;) {
              const result = await port.refund({ payment, amount: eur('1.00') }, { key, signal });
              if (result.outcome === 'done') break;
              await pause(5);
            }
            made += 1;
          }
        }),
      );
      for (let kill = 0; kill < 5; kill += 1) {
        while (made < 15 * (kill + 1)) await pause(1);
        await simulator.stop('SIGKILL');
        simulator = await SimulatorProcess.start({ data, port: number });
      }
      await refunded;
      const log = await simulator.log();
      for (const key of keys) {
        assert.equal(log.filter((line) => line.key === key && line.effect?.kind === 'refund').length, 1);
      }
      assert.deepEqual((await port.status(payment, signal)).refunded, eur('100.00'));
    } finally {
      await simulator.stop();
    }
  });
});
