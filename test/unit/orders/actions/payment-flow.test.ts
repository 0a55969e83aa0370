// The payment actions under the real engine, over the real simulator: faults at every call, a provider that is down, and
// engines that die; the simulator's log shows each effect once.
import assert from 'node:assert/strict';
import type { ActionCall, FlowDefinition, Json, RunState } from '../../../../engine/index.js';
import { paymentActions } from '../../../../orders/actions/payment-actions.js';
import { createStripePayments } from '../../../../orders/adapters/stripe/stripe-payments.js';
import type { FaultKind } from '../../../../orders/simulator/faults.js';
import { SimulatorProcess } from '../../../conformance/ports/simulator-process.js';
import { CrashPoints } from '../../../support/crash-points.js';
import { agent, type EngineWorld, openWorld } from '../../../support/engine-world.js';
import { flow } from '../../../support/flows.js';

const eur = (amount: string): Json => ({ amount, currency: 'EUR' });
const payment = { var: 'authorize.payment' };
const day = 24 * 3_600_000;

const paying: FlowDefinition = flow('paying', 'authorize', {
  authorize: {
    type: 'action',
    label: 'Authorize',
    action: 'payments.authorize',
    input: { amount: eur('30.00'), method: 'pm_card_visa' },
    next: 'capture',
  },
  capture: {
    type: 'action',
    label: 'Capture',
    action: 'payments.capture',
    input: { payment, amount: eur('30.00') },
    next: 'refund',
  },
  refund: {
    type: 'action',
    label: 'Refund',
    action: 'payments.refund',
    input: { payment, amount: eur('10.00') },
    next: 'status',
  },
  status: { type: 'action', label: 'Status', action: 'payments.status', input: { payment } },
});

describe('payments in a flow', () => {
  let simulator: SimulatorProcess;
  let world: EngineWorld;
  beforeEach(async () => {
    simulator = await SimulatorProcess.start();
    const port = createStripePayments({ url: simulator.url, apiKey: 'sk_test_flow', timeoutMs: 200 });
    const actions = paymentActions(port).map((action) => ({
      ...action,
      perform: (call: ActionCall) => world.points.around(action.name, () => action.perform(call)),
    }));
    world = await openWorld({ actions });
    await world.publish(paying);
  });
  afterEach(async () => {
    await world.engine.close();
    await world.close();
    await simulator.stop();
  });

  const start = (): Promise<RunState> =>
    world.engine.start({ flow: 'paying', input: {}, user: agent, id: 'r1' });
  const settled = async (): Promise<RunState> => {
    await world.pass(day / 2);
    return (await world.store.loadRun('r1'))!;
  };
  const kinds = async () =>
    (await simulator.log()).flatMap(({ effect }) => (effect === undefined ? [] : [effect.kind])).sort();

  for (const fault of [
    'timeout-before',
    'timeout-after',
    'reset-after',
    'error-after',
    'error-kept',
    'huge',
    'rate-limit',
  ] as const satisfies readonly FaultKind[]) {
    it(`goes on after ${fault} at every call, and does each once`, async () => {
      for (const call of ['authorize', 'capture', 'refund'] as const) await simulator.fault(fault, call);
      await start();
      const run = await settled();
      assert.equal(run.status, 'done', JSON.stringify(run.incident));
      assert.deepEqual(await kinds(), ['authorize', 'capture', 'refund']);
    });
  }

  it('waits while the provider is down, and goes on when it is up', async () => {
    await simulator.control('/down');
    await start();
    await world.pass(60_000);
    assert.equal((await world.store.loadRun('r1'))!.status, 'active');
    await simulator.control('/up');
    assert.equal((await settled()).status, 'done');
    assert.deepEqual(await kinds(), ['authorize', 'capture', 'refund']);
  });

  it('ends in an incident that says why when the card is declined, and holds nothing', async () => {
    await simulator.fault('decline', 'authorize', { decline: 'insufficient' });
    await start();
    const run = await settled();
    assert.deepEqual([run.status, run.incident?.error.code], ['incident', 'orders.payment-declined']);
    assert.deepEqual(await kinds(), []);
  });

  it('does each once when engines die at every write and call', async () => {
    let deaths = 0;
    const statusOf = async (id: string) => (await world.store.loadRun(id))?.status;
    for (let at = 1; ; at += 1) {
      const id = `run-${at}`;
      const points = new CrashPoints(at);
      const begin = () =>
        world.engine.start({ flow: 'paying', input: {}, user: agent, id }).catch(() => undefined);
      world.begin(points);
      // A dead engine never answers.
      void begin();
      // Calls that took too long on a busy machine are made again: what neither died nor ended goes on.
      for (let pass = 0; pass < 20 && !points.dead && (await statusOf(id)) !== 'done'; pass += 1)
        await world.pass(60_000);
      if (!points.dead) break;
      deaths += 1;
      world.begin();
      await begin();
      await world.pass(600_000);
      assert.equal(await statusOf(id), 'done', id);
    }
    assert.ok(deaths > 12, `${deaths} deaths`);
    const log = await simulator.log();
    const keys = log.filter(({ effect }) => effect !== undefined).map(({ key }) => key);
    assert.equal(keys.length, 3 * (deaths + 1));
    assert.equal(new Set(keys).size, keys.length);
  });
});
