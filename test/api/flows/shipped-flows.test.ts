// The shipped flows over HTTP, on the sample orders and the simulated provider: what an agent and a supervisor do, to the cent.
import assert from 'node:assert/strict';
import { assertProblem } from '../problem.js';
import { openSampleApp, type SampleApp } from '../sample-app.js';
import { Client, type MoneyJson, type OrderJson, type RunJson } from './client.js';

const minor = ({ amount }: MoneyJson): bigint => BigInt(amount.replace('.', ''));
const captured = (order: OrderJson): bigint =>
  order.payments.reduce((sum, { captured: c }) => sum + minor(c), 0n);
const refunded = (order: OrderJson): bigint =>
  order.payments.reduce((sum, { refunded: r }) => sum + minor(r), 0n);
const held = (order: OrderJson): bigint =>
  order.payments.reduce((sum, { authorized: a }) => sum + minor(a), 0n);
const isPaidByCard = (order: OrderJson): boolean =>
  order.payments.every(({ reference }) => reference !== null);

describe('the shipped flows over HTTP', () => {
  let app: SampleApp;
  let agent: Client;
  let supervisor: Client;
  before(async () => {
    app = await openSampleApp({ engine: true });
    agent = await Client.as(app, 'agent');
    supervisor = await Client.as(app, 'supervisor');
  });
  after(() => app.close());

  const settled = async (id: string): Promise<RunJson> => {
    for (;;) {
      const run = await agent.run(id);
      if (run.status !== 'active') return run;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };

  /** The mails about an order, once there are so many and none is queued. */
  const mailsOf = async (order: string, count: number): Promise<string[]> => {
    for (;;) {
      const { body } = await agent.get(`/api/v1/mails?order=${order}`).expect(200);
      const { items } = body as { items: { template: string; state: string }[] };
      if (items.length >= count && items.every(({ state }) => state !== 'queued')) {
        return items.map(({ template, state }) => `${template} ${state}`).sort();
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  it('are all active, and nothing was reported at the start', async () => {
    const { body } = await agent.get('/api/v1/flows').expect(200);
    const items = (body as { items: { name: string; active: number | null }[] }).items;
    assert.ok(items.length >= 11, `${items.length} flows`);
    assert.deepEqual(
      items.filter(({ active }) => active === null),
      [],
    );
    assert.deepEqual(
      app.logged.filter((line) => /"level":(40|50|60)/.test(line)),
      [],
    );
  });

  it('cancel an item: the preview and the submit agree, the total falls, and the hold shrinks by as much', async () => {
    const before = await agent.find(
      'Submitted to Fulfillment',
      (order) => isPaidByCard(order) && order.lines.length > 1,
    );
    const [line] = before.lines;
    const input = { items: [{ line: line!.id, quantity: 1 }], reason: 'ordered by mistake' };
    const preview = await agent.preview(before.number, 'cancel-items', input).expect(200);
    const { figures, hash } = preview.body as { figures: Record<string, unknown>; hash: string };
    assert.deepEqual(await agent.order(before.number), before, 'the preview changed nothing');
    const response = await agent
      .post(`/api/v1/orders/${before.number}/actions/cancel-items`, { input, previewHash: hash })
      .expect(201);
    const { run } = response.body as { run: RunJson };
    assert.equal(run.status, 'done');
    assert.deepEqual(run.outputs, figures);
    const after = await agent.order(before.number);
    assert.deepEqual(after.total, figures['orderTotal']);
    assert.equal(held(after), minor(after.total));
    assert.equal(after.lines[0]!.availableToCancel, line!.availableToCancel - 1);
    assert.deepEqual(
      after.changeOrders.map(({ id, type, by }) => [id, type, by]),
      [['C1', 'Cancel', 'agent']],
    );
    assert.deepEqual(
      after.movements.filter(({ state }) => state !== 'done'),
      [],
    );
    const stale = await agent.post(`/api/v1/orders/${before.number}/actions/cancel-items`, {
      input,
      previewHash: hash,
    });
    const { data } = assertProblem(stale, 409, 'run.preview-outdated') as unknown as {
      data: { figures: Record<string, unknown>; hash: string };
    };
    assert.notEqual(data.hash, hash);
    assert.notDeepEqual(data.figures, figures);
    assert.deepEqual(await agent.order(before.number), after, 'the refused start changed nothing');
  });

  it('say what can be done now, and refuse the rest with a sentence', async () => {
    const order = await agent.find('Fulfilled');
    const { body } = await agent.get(`/api/v1/orders/${order.number}/actions`).expect(200);
    const items = (body as { items: { flow: string; applies: boolean; reasons: string[] }[] }).items;
    for (const { flow, applies, reasons } of items) {
      assert.equal(reasons.length === 0, applies, flow);
      for (const reason of reasons) assert.match(reason, /^(to start|[A-Z]).*[.a-z]$/);
    }
    assert.equal(items.find(({ flow }) => flow === 'return-items')?.applies, true);
    const cancel = items.find(({ flow }) => flow === 'cancel-items');
    assert.equal(cancel?.applies, false);
    const refused = await agent.post(`/api/v1/orders/${order.number}/actions/cancel-items`, {
      input: { items: [{ line: order.lines[0]!.id, quantity: 1 }] },
    });
    assert.match(assertProblem(refused, 409, 'run.not-applicable').detail, /Items can be cancelled while/);
  });

  it('cancel an order as a whole: nothing is owed and nothing is held any more', async () => {
    const isUntouched = (order: OrderJson): boolean => isPaidByCard(order) && order.changeOrders.length === 0;
    const before = await agent.find('Submitted to Fulfillment', isUntouched);
    const run = await agent.start(before.number, 'cancel-order', { reason: 'changed my mind' });
    assert.equal(run.status, 'done');
    const after = await agent.order(before.number);
    assert.equal(after.status, 'Removed');
    assert.equal(minor(after.total), 0n);
    assert.equal(held(after), 0n);
    assert.deepEqual(await mailsOf(before.number, 1), ['cancellation sent']);
  });

  it('empty a cart, which stays New', async () => {
    const cart = await agent.find('New');
    const run = await agent.start(cart.number, 'cancel-order', {});
    assert.equal(run.status, 'done');
    const after = await agent.order(cart.number);
    assert.equal(after.status, 'New');
    assert.ok(after.lines.every(({ remaining }) => remaining === 0));
  });

  it('return an item: received, inspected, credited, and paid back once a supervisor starts it', async () => {
    const fits = (order: OrderJson): boolean =>
      isPaidByCard(order) &&
      order.lines.some(({ returnable, availableToReturn }) => returnable && availableToReturn > 1);
    const before = await agent.find('Fulfilled', fits);
    const line = before.lines.find(
      ({ returnable, availableToReturn }) => returnable && availableToReturn > 1,
    )!;
    const started = await agent.start(before.number, 'return-items', {
      items: [{ line: line.id, quantity: 2, reason: 'does not fit' }],
    });
    assert.equal(started.status, 'waiting');
    const estimate = (started.variables['changeBalances'] as { grandTotalAmount: MoneyJson })
      .grandTotalAmount;
    assert.equal((await agent.order(before.number)).returnOrders[0]?.status, 'Open');
    // In two parcels, the first of one unit.
    const part = await agent.work(started.id, {
      received: [{ returnLine: 'R1-1', quantity: 1 }],
      complete: false,
    });
    assert.equal(part.status, 'waiting');
    await agent.work(started.id, { received: [{ returnLine: 'R1-1', quantity: 1 }], complete: false });
    await agent.work(started.id, { rejected: [] });
    const credited = await agent.order(before.number);
    assert.equal(credited.returnOrders[0]?.status, 'Closed');
    assert.deepEqual(
      credited.creditMemos.map(({ total }) => total),
      [estimate],
    );
    assert.equal(refunded(credited), 0n);
    // An agent may not start the refund.
    const [open] = (await agent.run(started.id)).work;
    assertProblem(await agent.answer(open!, 'claim'), 422, 'run.answer-invalid');
    const paid = await supervisor.work(started.id, { amount: null, comment: null });
    assert.equal((await settled(paid.id)).status, 'done');
    const after = await agent.order(before.number);
    assert.equal(refunded(after), minor(estimate));
    assert.equal(captured(after) - refunded(after), minor(after.total));
    assert.equal(minor(after.creditMemos[0]!.open), 0n);
    assert.ok(after.movements.every(({ state }) => state === 'done'));
    assert.deepEqual(await mailsOf(before.number, 4), [
      'credit-memo sent',
      'refund sent',
      'return-received sent',
      'return-received sent',
    ]);
  });

  it('take a blind return, of which a supervisor pays back less, and the rest later by a credit memo', async () => {
    const before = await agent.find(
      'Fulfilled',
      (order) =>
        isPaidByCard(order) &&
        order.returnOrders.length === 0 &&
        order.lines.some(({ returnable }) => returnable),
    );
    const line = before.lines.find(({ returnable }) => returnable)!;
    const started = await agent.start(before.number, 'return-items', {
      items: [{ line: line.id, quantity: 1 }],
      blind: true,
    });
    const less = { amount: '1.00', currency: before.currency };
    const paid = await supervisor.work(started.id, { amount: less, comment: 'used' });
    assert.equal((await settled(paid.id)).status, 'done');
    const after = await agent.order(before.number);
    assert.equal(refunded(after), 100n);
    assert.ok(minor(after.creditMemos[0]!.open) > 0n);
  });

  it('change an order: more of one line, less of another, an item added and an appeasement', async () => {
    const before = await agent.find(
      'Submitted to Fulfillment',
      (order) => isPaidByCard(order) && order.changeOrders.length === 0 && order.lines.length > 1,
    );
    const [first, second] = before.lines;
    const input = {
      quantities: [
        { line: first!.id, quantity: first!.remaining - 1 },
        { line: second!.id, quantity: second!.remaining + 1 },
      ],
      add: [{ sku: 'NW-011', quantity: 1 }],
      appeasement: { amount: '-1.00', currency: before.currency },
      paymentMethod: 'pm_card_visa',
      reason: 'the customer called',
    };
    const preview = await agent.preview(before.number, 'change-order', input).expect(200);
    const { figures } = preview.body as { figures: { orderTotal: MoneyJson } };
    const run = await agent.start(before.number, 'change-order', input);
    assert.equal(run.status, 'done', JSON.stringify(run.incident));
    const after = await agent.order(before.number);
    assert.deepEqual(after.total, figures.orderTotal);
    assert.equal(held(after), minor(after.total), 'what is held is what it costs');
    assert.equal(after.lines.length, before.lines.length + 2);
    const nothing = await agent.post(`/api/v1/orders/${before.number}/actions/change-order`, { input: {} });
    assertProblem(nothing, 422, 'raised.error');
  });

  it('enter an order, which waits for another payment, an approver, and the end of the remorse period', async () => {
    const input = {
      customer: {
        number: 'ALFKI',
        name: 'Maria Anders',
        account: 'Alfreds Futterkiste',
        email: 'maria@alfki.example',
      },
      address: {
        name: 'Maria Anders',
        street: 'Obere Str. 57',
        city: 'Berlin',
        postalCode: '12209',
        country: 'DE',
      },
      items: [{ sku: 'NW-038', quantity: 5 }],
      paymentMethod: 'pm_card_chargeDeclined',
      properties: { gift: 'yes' },
    };
    const response = await agent.post('/api/v1/flows/submit-order/runs', { input });
    assert.equal(response.status, 201, JSON.stringify(response.body));
    const { run } = response.body as { run: RunJson };
    assert.equal(run.work[0]?.element, 'ask');
    const number = String((run.work[0]!.form['subject'] as string).split(' ').at(-1));
    assert.equal((await agent.order(number)).status, 'New');
    const again = await agent.work(run.id, { method: 'pm_card_visa', label: 'Visa', giveUp: false });
    const waiting = await settled(again.id);
    const [approval] = waiting.work;
    assert.equal(approval?.form['kind'], 'approval');
    const approver = await Client.as(app, 'approver');
    await approver.answer(approval!, 'claim').expect(200);
    await approver.answer(approval!, 'answer', { approved: true, comment: 'fine' }).expect(200);
    const done = await settled(run.id);
    assert.deepEqual(
      [done.status, done.outputs?.['outcome'], done.outputs?.['order']],
      ['done', 'submitted', number],
    );
    const submitted = await agent.order(number);
    assert.equal(submitted.status, 'Submitted to Fulfillment');
    assert.equal(held(submitted), minor(submitted.total));
    app.clock.advance(3_600_000 + 1_000);
    // Nobody has asked for an hour: the sessions have ended.
    agent = await Client.as(app, 'agent');
    supervisor = await Client.as(app, 'supervisor');
    for (;;) {
      const now = await agent.order(number);
      if (now.status === 'Being Processed') break;
      assert.equal(now.status, 'Submitted to Fulfillment');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const released = await agent.order(number);
    assert.ok(released.lines.every(({ availableToCancel }) => availableToCancel === 0));
  });

  it('exchange an item, and pay the difference back', async () => {
    const fits = (order: OrderJson): boolean =>
      isPaidByCard(order) &&
      order.returnOrders.length === 0 &&
      order.changeOrders.length === 0 &&
      order.lines.some(
        ({ returnable, availableToReturn, total }) =>
          returnable && availableToReturn > 0 && minor(total) > 10_000n,
      );
    const before = await agent.find('Fulfilled', fits);
    const line = before.lines.find(({ returnable, total }) => returnable && minor(total) > 10_000n)!;
    const started = await agent.start(before.number, 'exchange-items', {
      items: [{ line: line.id, quantity: line.availableToReturn }],
      add: [{ sku: 'NW-011', quantity: 1 }],
    });
    const amount = started.variables['refundAmount'] as MoneyJson;
    assert.ok(minor(amount) > 0n);
    const paid = await supervisor.work(started.id, { amount: null, comment: null });
    const done = await settled(paid.id);
    assert.equal(done.status, 'done', JSON.stringify(done.incident));
    assert.equal(refunded(await agent.order(before.number)), minor(amount));
  });
});
