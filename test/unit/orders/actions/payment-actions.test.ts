// The payment actions in the engine's contract: schemas and their examples, undoing, and when an outcome counts as unknown.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Action, ActionCall } from '../../../../engine/actions/action.js';
import { createActionRegistry } from '../../../../engine/actions/registry.js';
import type { Json } from '../../../../engine/definition/flow.js';
import type { RecourseError } from '../../../../engine/errors/recourse-error.js';
import { KnownAttempts } from '../../../../orders/actions/known-attempts.js';
import { paymentActions } from '../../../../orders/actions/payment-actions.js';
import { createStripePayments } from '../../../../orders/adapters/stripe/stripe-payments.js';
import { refusedWith } from '../../../conformance/ports/refusal.js';
import { SimulatorProcess } from '../../../conformance/ports/simulator-process.js';

const eur = (amount: string) => ({ amount, currency: 'EUR' });

describe('the payment actions', () => {
  let simulator: SimulatorProcess;
  let actions: ReturnType<typeof createActionRegistry>;
  before(async () => {
    simulator = await SimulatorProcess.start();
    actions = registry();
  });
  after(() => simulator.stop());
  beforeEach(() => simulator.control('/faults', {}, 'DELETE'));

  const registry = () =>
    createActionRegistry(
      paymentActions(createStripePayments({ url: simulator.url, apiKey: 'sk_test_actions', timeoutMs: 200 })),
    );
  const action = (name: string): Action => actions.get(name)!;
  const call = (input: Json, key: string = randomUUID(), attempt = 1): ActionCall => ({
    input,
    key,
    attempt,
    run: 'run-1',
    now: '2026-11-22T10:00:00.000Z',
    user: { id: 'agent' },
    signal: new AbortController().signal,
  });
  const valid = (action: Action, output: Json): Json => {
    const check = new Ajv2020({ strict: false }).compile(action.output);
    assert.ok(check(output), JSON.stringify(check.errors));
    return output;
  };
  const perform = async (name: string, input: Json, key?: string, attempt?: number): Promise<Json> =>
    valid(action(name), await action(name).perform(call(input, key, attempt)));
  const authorized = async (): Promise<string> => {
    const output = await perform('payments.authorize', { amount: eur('10.00'), method: 'pm_card_visa' });
    return (output as { payment: string }).payment;
  };

  it('are declared as the engine wants them, for a day less a margin', () => {
    assert.deepEqual(
      [...actions.names()],
      ['payments.authorize', 'payments.capture', 'payments.void', 'payments.refund', 'payments.status'],
    );
    for (const each of actions.all()) {
      assert.ok(each.title.length > 5 && each.description.length > 20, each.name);
      if (each.name === 'payments.status') {
        assert.equal(each.effect, 'query');
        continue;
      }
      assert.deepEqual([each.effect, each.repeat], ['external', 'keyed']);
      assert.ok(each.keyLifetimeMs! > 23 * 3_600_000 && each.keyLifetimeMs! < 24 * 3_600_000);
      assert.ok(typeof each.undo === 'function' || (each.undo?.none.length ?? 0) > 20, each.name);
      assert.ok(each.lookUp !== undefined);
    }
  });

  it('have strict schemas with descriptions, and examples that are valid', () => {
    for (const each of actions.all()) {
      for (const schema of [each.input, each.output]) {
        const check = new Ajv2020({ strict: true }).compile(schema);
        const examples = schema['examples'] as Json[];
        assert.ok(examples.length > 0, each.name);
        for (const example of examples)
          assert.ok(check(example), `${each.name}: ${JSON.stringify(check.errors)}`);
        assert.ok(!check({}) && !check({ ...(examples[0] as object), extra: 1 }), each.name);
        for (const [field, property] of Object.entries(
          schema['properties'] as Record<string, { description?: string }>,
        )) {
          assert.ok((property.description?.length ?? 0) > 5, `${each.name}: ${field}`);
        }
      }
    }
    const check = new Ajv2020({ strict: true }).compile(action('payments.authorize').input);
    assert.ok(!check({ amount: eur('1.00'), method: '4242424242424242' }), 'no card numbers');
  });

  it('hold, take, give back, release, and look up', async () => {
    const payment = await authorized();
    await perform('payments.void', { payment, keep: eur('6.00') });
    await perform('payments.capture', { payment, amount: eur('6.00') });
    const refund = (await perform('payments.refund', { payment, amount: eur('1.00') })) as { amount: Json };
    assert.deepEqual(refund.amount, eur('1.00'));
    const status = (await perform('payments.status', { payment })) as Record<string, Json>;
    assert.deepEqual(
      [status['status'], status['captured'], status['refunded']],
      ['captured', eur('6.00'), eur('1.00')],
    );
  });

  it('are undone once, however often the undoing is sent', async () => {
    const authorize = action('payments.authorize');
    const given = call({ amount: eur('10.00'), method: 'pm_card_visa' });
    const output = await authorize.perform(given);
    assert.ok(typeof authorize.undo === 'function');
    for (let time = 0; time < 2; time += 1)
      valid(authorize, await authorize.undo({ ...given, key: `${given.key}:undo`, output }));
    const { payment } = output as { payment: string };
    assert.equal(((await perform('payments.status', { payment })) as { status: string }).status, 'voided');

    const capture = action('payments.capture');
    const other = await authorized();
    const taking = call({ payment: other, amount: eur('10.00') });
    const taken = await capture.perform(taking);
    assert.ok(typeof capture.undo === 'function');
    for (let time = 0; time < 2; time += 1)
      await capture.undo({ ...taking, key: `${taking.key}:undo`, output: taken });
    const status = (await perform('payments.status', { payment: other })) as Record<string, Json>;
    assert.deepEqual(status['refunded'], eur('10.00'));
  });

  it('are found by their key, and not before they were made', async () => {
    const authorize = action('payments.authorize');
    const given = call({ amount: eur('10.00'), method: 'pm_card_visa' });
    assert.equal(await authorize.lookUp!(given), undefined);
    const made = (await authorize.perform(given)) as { payment: string };
    assert.equal(((await authorize.lookUp!(given)) as { payment: string }).payment, made.payment);
    const capture = action('payments.capture');
    const taking = call({ payment: made.payment, amount: eur('10.00') });
    assert.equal(await capture.lookUp!(taking), undefined);
    await capture.perform(taking);
    assert.notEqual(await capture.lookUp!(taking), undefined);
    const refund = action('payments.refund');
    const giving = call({ payment: made.payment, amount: eur('2.00') });
    assert.equal(await refund.lookUp!(giving), undefined);
    const back = await refund.perform(giving);
    assert.deepEqual(valid(refund, (await refund.lookUp!(giving))!), back);
    const release = action('payments.void');
    assert.equal(await release.lookUp!(call({ payment: made.payment })), undefined);
  });

  it('refuse with what the provider refused', async () => {
    const declined = perform('payments.authorize', { amount: eur('1.00'), method: 'pm_card_chargeDeclined' });
    await assert.rejects(declined, refusedWith('orders.payment-declined'));
    const tooMuch = perform('payments.capture', { payment: await authorized(), amount: eur('10.01') });
    await assert.rejects(tooMuch, refusedWith('orders.payment-amount-refused'));
  });

  it('say that nothing was sent as long as no attempt was: the order waits, and is completed later', async () => {
    const key = randomUUID();
    const input = { amount: eur('10.00'), method: 'pm_card_visa' };
    await simulator.control('/down');
    for (const attempt of [1, 2, 3]) {
      const down = perform('payments.authorize', input, key, attempt);
      await assert.rejects(down, (error: unknown) => {
        return refusedWith('orders.payment-unavailable')(error) && (error as RecourseError).retryable;
      });
    }
    await simulator.control('/up');
    await perform('payments.authorize', input, key, 4);
    assert.equal((await simulator.effects(key)).length, 1);
  });

  it('stay in doubt when an attempt was lost and the next ones could not be sent', async () => {
    const key = randomUUID();
    const input = { amount: eur('10.00'), method: 'pm_card_visa' };
    const doubtful = refusedWith('action.outcome-unknown');
    await simulator.fault('timeout-after', 'authorize');
    await assert.rejects(perform('payments.authorize', input, key, 1), doubtful);
    await simulator.control('/down');
    await assert.rejects(perform('payments.authorize', input, key, 2), doubtful);
    await assert.rejects(
      perform('payments.authorize', input, key, 1),
      doubtful,
      'also when it is counted anew',
    );
    await simulator.control('/up');
    await simulator.fault('rate-limit', 'authorize');
    await simulator.control('/search', { lagMs: 60_000 });
    await assert.rejects(
      perform('payments.authorize', input, key, 3),
      doubtful,
      'not found yet proves nothing',
    );
    await simulator.control('/search', { lagMs: 0 });
    await perform('payments.authorize', input, key, 4);
    assert.equal((await simulator.effects(key)).length, 1);
  });

  it('are settled by what the provider finds, when it goes on answering with a fault that it keeps', async () => {
    const payment = await authorized();
    await perform('payments.capture', { payment, amount: eur('10.00') });
    const input = { payment, amount: eur('4.00') };
    const key = randomUUID();
    await simulator.fault('error-kept', 'refund');
    await assert.rejects(perform('payments.refund', input, key, 1), refusedWith('action.outcome-unknown'));
    const found = (await perform('payments.refund', input, key, 2)) as { amount: Json };
    assert.deepEqual(found.amount, eur('4.00'));
    assert.equal((await simulator.effects(key)).length, 1);
  });

  it('are in doubt after a restart, too, when an attempt can not be sent', async () => {
    const key = randomUUID();
    const input = { amount: eur('10.00'), method: 'pm_card_visa' };
    await simulator.control('/down');
    const before = registry().get('payments.authorize')!;
    await assert.rejects(before.perform(call(input, key, 1)), refusedWith('orders.payment-unavailable'));
    const after = registry().get('payments.authorize')!;
    await assert.rejects(after.perform(call(input, key, 2)), refusedWith('action.outcome-unknown'));
    await simulator.control('/up');
  });

  it('remember a bounded number of attempts', () => {
    const known = new KnownAttempts();
    known.doubt('first');
    assert.equal(known.notDone('first', 1), false);
    for (let key = 0; key < 10_000; key += 1) assert.equal(known.notDone(`k${key}`, 1), true);
    assert.equal(known.notDone('k1', 3), false);
    assert.equal(known.notDone('k2', 2), true);
    known.forget('k1');
    assert.equal(known.notDone('k1', 1), true);
  });
});
