// What every payment adapter must do, with a provider behind it that takes test cards.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { RecourseError } from '../../../engine/errors/recourse-error.js';
import type { Money } from '../../../engine/money/money.js';
import { type CallResult, requireDone } from '../../../orders/ports/call-result.js';
import type { PaymentPort, PaymentState } from '../../../orders/ports/payment.js';

export interface PaymentWorld {
  readonly port: PaymentPort;
  /** Tokens of means of payment that behave so. */
  readonly methods: {
    readonly good: string;
    readonly declined: string;
    readonly expired: string;
    readonly confirm: string;
  };
  close(): Promise<void>;
}

const money = (amount: string, currency = 'EUR'): Money => ({ amount, currency });
const call = (key: string = randomUUID()) => ({ key, signal: new AbortController().signal });

/** The code of a call that was definitely not made. */
export function codeOf(result: CallResult<unknown>): string {
  assert.equal(result.outcome, 'notDone', JSON.stringify(result));
  return result.outcome === 'notDone' ? result.error.code : '';
}

const coded = (code: string) => (error: unknown) => error instanceof RecourseError && error.code === code;

export function describePaymentPort(name: string, open: () => Promise<PaymentWorld>): void {
  describe(`the payment port: ${name}`, () => {
    let world: PaymentWorld;
    let port: PaymentPort;
    before(async () => {
      world = await open();
      port = world.port;
    });
    after(() => world.close());

    const authorize = async (amount: Money, key?: string): Promise<PaymentState> =>
      requireDone(await port.authorize({ amount, method: world.methods.good, order: '10248' }, call(key)));

    it('holds, takes and gives back, and says so', async () => {
      const held = await authorize(money('12.30'));
      assert.deepEqual(
        [held.status, held.authorized, held.captured],
        ['authorized', money('12.30'), money('0.00')],
      );
      const { payment } = held;
      const taken = requireDone(await port.capture({ payment, amount: money('12.30') }, call()));
      assert.deepEqual(
        [taken.status, taken.authorized, taken.captured],
        ['captured', money('0.00'), money('12.30')],
      );
      const given = requireDone(
        await port.refund({ payment, amount: money('2.30'), reason: 'requested_by_customer' }, call()),
      );
      assert.deepEqual([given.payment, given.amount, given.status], [payment, money('2.30'), 'succeeded']);
      const status = await port.status(payment, call().signal);
      assert.deepEqual([status.captured, status.refunded], [money('12.30'), money('2.30')]);
    });

    it('counts the minor units of currencies with 0, 2 and 3 decimals', async () => {
      for (const amount of [
        money('1230', 'JPY'),
        money('0.50', 'USD'),
        money('1.230', 'KWD'),
        money('500', 'ISK'),
      ]) {
        const held = await authorize(amount);
        assert.deepEqual(held.authorized, amount);
        const { payment } = held;
        assert.deepEqual(requireDone(await port.capture({ payment, amount }, call())).captured, amount);
      }
    });

    it('does the same call once, however often it is sent', async () => {
      const key = randomUUID();
      const first = await authorize(money('20.00'), key);
      assert.equal((await authorize(money('20.00'), key)).payment, first.payment);
      const { payment } = first;
      await port.capture({ payment, amount: money('20.00') }, call(`${key}c`));
      requireDone(await port.capture({ payment, amount: money('20.00') }, call(`${key}c`)));
      for (let time = 0; time < 3; time += 1) {
        requireDone(await port.refund({ payment, amount: money('5.00') }, call(`${key}r`)));
      }
      assert.deepEqual((await port.status(payment, call().signal)).refunded, money('5.00'));
    });

    it('does it once when the same call is sent ten times at once', async () => {
      const { payment } = await authorize(money('20.00'));
      await port.capture({ payment, amount: money('20.00') }, call());
      const key = randomUUID();
      const results = await Promise.all(
        Array.from({ length: 10 }, () => port.refund({ payment, amount: money('1.00') }, call(key))),
      );
      assert.ok(results.every(({ outcome }) => outcome !== 'notDone'));
      requireDone(await port.refund({ payment, amount: money('1.00') }, call(key)));
      assert.deepEqual((await port.status(payment, call().signal)).refunded, money('1.00'));
    });

    it('takes keys of any length and any characters', async () => {
      for (const key of [`${'run/'.repeat(200)}${randomUUID()}`, `ключ 'ö"\n${randomUUID()}`]) {
        const first = await authorize(money('3.00'), key);
        assert.equal((await authorize(money('3.00'), key)).payment, first.payment);
        assert.equal((await port.findAuthorization(key, call().signal))?.payment, first.payment);
      }
    });

    it('refuses a key that belongs to another call, and does nothing', async () => {
      const key = randomUUID();
      await authorize(money('4.00'), key);
      const other = await port.authorize({ amount: money('5.00'), method: world.methods.good }, call(key));
      assert.equal(codeOf(other), 'orders.payment-key-reused');
    });

    it('releases a hold, and all of it but a part', async () => {
      const all = await authorize(money('9.00'));
      assert.equal(requireDone(await port.release({ payment: all.payment }, call())).status, 'voided');
      const part = await authorize(money('9.00'));
      const kept = requireDone(await port.release({ payment: part.payment, keep: money('6.00') }, call()));
      assert.deepEqual([kept.status, kept.authorized], ['authorized', money('6.00')]);
      const taken = requireDone(await port.capture({ payment: part.payment, amount: money('6.00') }, call()));
      assert.deepEqual([taken.authorized, taken.captured], [money('0.00'), money('6.00')]);
    });

    it('keeps the rest of a hold for later captures when asked to', async () => {
      const { payment } = await authorize(money('10.00'));
      const first = requireDone(await port.capture({ payment, amount: money('4.00'), final: false }, call()));
      assert.deepEqual([first.authorized, first.captured], [money('6.00'), money('4.00')]);
      const last = requireDone(await port.capture({ payment, amount: money('5.00') }, call()));
      assert.deepEqual([last.authorized, last.captured], [money('0.00'), money('9.00')]);
    });

    it('says in our codes why it was refused', async () => {
      const amount = money('8.00');
      const { declined, expired, confirm } = world.methods;
      for (const [method, code] of [
        [declined, 'orders.payment-declined'],
        [expired, 'orders.payment-card-invalid'],
        [confirm, 'orders.payment-needs-customer'],
      ] as const) {
        const result = await port.authorize({ amount, method }, call());
        assert.equal(codeOf(result), code);
        assert.ok(result.outcome === 'notDone' && result.settles === 'key');
      }
      const { payment } = await authorize(amount);
      assert.equal(codeOf(await port.refund({ payment, amount }, call())), 'orders.payment-state-refused');
      const tooMuch = await port.capture({ payment, amount: money('8.01') }, call());
      assert.equal(codeOf(tooMuch), 'orders.payment-amount-refused');
      const tooHigh = await port.release({ payment, keep: money('8.01') }, call());
      assert.equal(codeOf(tooHigh), 'orders.payment-amount-refused');
      requireDone(await port.capture({ payment, amount }, call()));
      assert.equal(codeOf(await port.capture({ payment, amount }, call())), 'orders.payment-state-refused');
      assert.equal(codeOf(await port.release({ payment }, call())), 'orders.payment-state-refused');
      const back = await port.refund({ payment, amount: money('8.01') }, call());
      assert.equal(codeOf(back), 'orders.payment-amount-refused');
      requireDone(await port.refund({ payment, amount }, call()));
      assert.equal(codeOf(await port.refund({ payment, amount }, call())), 'orders.payment-state-refused');
      const nobody = await port.capture({ payment: 'pi_nobody', amount }, call());
      assert.equal(codeOf(nobody), 'orders.payment-not-found');
    });

    it('sends no amount that is not positive, too precise or of no currency', async () => {
      for (const amount of [
        money('0.00'),
        money('-1.00'),
        money('1.001'),
        money('1.00', 'XXX'),
        money('1.234', 'KWD'),
      ]) {
        const result = await port.authorize({ amount, method: world.methods.good }, call());
        assert.match(codeOf(result), /^(orders\.payment-amount-refused|money\.(invalid|currency-unknown))$/);
      }
    });

    it('sends no id that would lead elsewhere', async () => {
      for (const payment of ['..', '../refunds', 'a/b', '%2e%2e', '']) {
        assert.equal(codeOf(await port.release({ payment }, call())), 'orders.payment-not-found');
        await assert.rejects(port.status(payment, call().signal), coded('orders.payment-not-found'));
      }
    });

    it('finds what was done under a key, and nothing under another', async () => {
      const [first, other] = [randomUUID(), randomUUID()];
      const { signal } = call();
      const { payment } = await authorize(money('7.00'), first);
      assert.equal((await port.findAuthorization(first, signal))?.payment, payment);
      assert.equal(await port.findAuthorization(other, signal), undefined);
      let key = `${first}c`;
      const part = { payment, amount: money('3.00'), final: false };
      requireDone(await port.capture(part, call(key)));
      assert.equal((await port.findCapture(part, key, signal))?.payment, payment);
      assert.equal(await port.findCapture(part, other, signal), undefined);
      key = `${first}r`;
      const refund = { payment, amount: money('1.00') };
      const made = requireDone(await port.refund(refund, call(key)));
      assert.deepEqual(await port.findRefund(refund, key, signal), made);
      assert.equal(await port.findRefund(refund, other, signal), undefined);
      key = `${first}v`;
      const held = await authorize(money('7.00'));
      assert.equal(await port.findRelease({ payment: held.payment }, key, signal), undefined);
      requireDone(await port.release({ payment: held.payment }, call(key)));
      assert.equal((await port.findRelease({ payment: held.payment }, key, signal))?.status, 'voided');
    });

    it('sends nothing once it was given up', async () => {
      const given = { key: randomUUID(), signal: AbortSignal.abort() };
      const result = await port.authorize({ amount: money('6.00'), method: world.methods.good }, given);
      assert.equal(codeOf(result), 'orders.payment-unavailable');
      assert.equal(await port.findAuthorization(given.key, call().signal), undefined);
    });
  });
}
