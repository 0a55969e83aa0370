// What came of orders, found over all of them: returns, credit memos, cases and customers; and holds, over HTTP.
import assert from 'node:assert/strict';
import { assertProblem } from '../problem.js';
import { openSampleApp, type SampleApp } from '../sample-app.js';
import { Client, type RunJson } from './client.js';

interface Row {
  readonly id: string;
  readonly order: string;
  readonly customer: string;
  readonly status?: string;
  readonly [name: string]: unknown;
}

describe('what came of orders, over HTTP', () => {
  let app: SampleApp;
  let agent: Client;
  let supervisor: Client;
  let shopper: Client;
  before(async () => {
    app = await openSampleApp({ engine: true });
    [agent, supervisor, shopper] = (await Promise.all(
      ['agent', 'supervisor', 'shopper'].map((name) => Client.as(app, name)),
    )) as [Client, Client, Client];
  });
  after(() => app.close());

  const rows = async (client: Client, path: string): Promise<Row[]> =>
    ((await client.get(path).expect(200)).body as { items: Row[] }).items;
  /** All pages of a list, two rows at a time. */
  const paged = async (path: string): Promise<Row[]> => {
    const all: Row[] = [];
    let next: string | null = '';
    while (next !== null) {
      const cursor: string = next === '' ? '' : `&cursor=${encodeURIComponent(next)}`;
      const { body } = await agent
        .get(`${path}${path.includes('?') ? '&' : '?'}limit=2${cursor}`)
        .expect(200);
      all.push(...(body as { items: Row[] }).items);
      next = (body as { next: string | null }).next;
    }
    return all;
  };

  it('are empty lists at first', async () => {
    for (const path of ['returns', 'credit-memos', 'cases'])
      assert.deepEqual(await rows(agent, `/api/v1/${path}`), []);
  });

  it('tells returns and credit memos as they come about, with the order they belong to', async () => {
    const { body } = await agent.get('/api/v1/orders?status=Fulfilled&customer=ALFKI&limit=5').expect(200);
    const numbers = (body as { items: { number: string }[] }).items.map(({ number }) => number).slice(0, 3);
    const runs: RunJson[] = [];
    for (const number of numbers) {
      app.clock.advance(1_000);
      const order = await agent.order(number);
      const line = order.lines.find(
        ({ returnable, availableToReturn }) => returnable && availableToReturn > 0,
      );
      assert.ok(line, number);
      runs.push(
        await agent.start(number, 'return-items', {
          items: [{ line: line.id, quantity: 1, reason: 'broken' }],
        }),
      );
    }
    const open = await paged('/api/v1/returns?status=Open');
    assert.deepEqual(
      open.map(({ order, id, customer }) => [id, order, customer]),
      [...numbers].reverse().map((number) => [`${number}-R1`, number, 'ALFKI']),
    );
    const [run, number] = [runs[0]!, numbers[0]!];
    await agent.work(run.id, { received: [{ returnLine: 'R1-1', quantity: 1 }], complete: false });
    await agent.work(run.id, { rejected: [] });
    await supervisor.work(run.id, { amount: null, comment: null });
    for (;;) if ((await agent.run(run.id)).status === 'done') break;
    const memos = await rows(agent, `/api/v1/credit-memos?order=${number}`);
    const [inOrder] = (await agent.order(number)).creditMemos;
    assert.deepEqual(
      memos.map(({ id, total, open: left }) => ({ id, total, open: left })),
      [{ id: `${number}-M1`, total: inOrder!.total, open: inOrder!.open }],
    );
    assert.deepEqual((await agent.get(`/api/v1/credit-memos/${number}-M1`).expect(200)).body, memos[0]);
    assert.deepEqual(await rows(agent, '/api/v1/credit-memos?status=Open'), []);
    const { body: closed } = await agent.get(`/api/v1/returns/${number}-R1`).expect(200);
    assert.equal((closed as Row).status, 'Closed');
    assert.equal((await rows(agent, '/api/v1/returns?status=Open')).length, numbers.length - 1);
  });

  it('shows a shopper what is theirs, and the rest as if it were not there', async () => {
    const { body } = await agent.get('/api/v1/orders?status=Fulfilled&limit=100').expect(200);
    const foreign = (body as { items: { number: string; customer: { number: string } }[] }).items.find(
      ({ customer }) => customer.number !== 'ALFKI',
    )!;
    const order = await agent.order(foreign.number);
    const line = order.lines.find(
      ({ returnable, availableToReturn }) => returnable && availableToReturn > 0,
    )!;
    await agent.start(foreign.number, 'return-items', {
      items: [{ line: line.id, quantity: 1, reason: 'broken' }],
    });

    assert.equal((await rows(agent, `/api/v1/returns?customer=${foreign.customer.number}`)).length, 1);
    assert.deepEqual(await rows(shopper, `/api/v1/returns?customer=${foreign.customer.number}`), []);
    for (const path of ['returns', 'credit-memos', 'orders']) {
      const seen = await rows(shopper, `/api/v1/${path}?limit=100`);
      assert.ok(seen.length > 0, path);
      const customers = seen.map((row) =>
        path === 'orders' ? (row as unknown as { customer: Row }).customer['number'] : row.customer,
      );
      assert.deepEqual(new Set(customers), new Set(['ALFKI']), path);
    }
    assertProblem(await shopper.get(`/api/v1/returns/${foreign.number}-R1`), 404, 'server.not-found');
    assertProblem(await shopper.get('/api/v1/cases'), 403, 'server.forbidden');
    assertProblem(await shopper.get('/api/v1/customers'), 403, 'server.forbidden');
  });

  it('refuses what no return, credit memo, case or customer can be called', async () => {
    for (const path of ['returns', 'credit-memos', 'cases', 'customers']) {
      for (const id of ['10248-R9', '$ne', "x'%20or", 'a'.repeat(300), '..%2F..', '%00']) {
        assertProblem(await agent.get(`/api/v1/${path}/${id}`), 404, 'server.not-found');
      }
    }
    const wrong = await agent.get('/api/v1/returns?status=open&order[$ne]=1&limit=0');
    const { problems } = assertProblem(wrong, 400, 'server.invalid-request');
    assert.deepEqual(problems!.map(({ parameter }) => parameter).sort(), ['limit', 'order[$ne]', 'status']);
  });

  it('opens a case for a call, finds it at the next one, and closes it', async () => {
    const call = { subject: 'Where is my parcel?', description: 'Promised for Monday.' };
    const first = await agent.start('11069', 'open-case', call);
    const again = await agent.start('11069', 'open-case', call);
    assert.deepEqual(
      [first, again].map(({ outputs }) => outputs),
      [
        { case: 'K1001', isNew: true },
        { case: 'K1001', isNew: false },
      ],
    );
    await agent.start('11069', 'open-case', { subject: 'Invoice address' });
    await agent.start('11069', 'close-case', { case: 'K1001', resolution: 'It came on Tuesday.' });
    const all = await paged('/api/v1/cases?order=11069');
    assert.deepEqual(all.map(({ id, status }) => [id, status]).sort(), [
      ['K1001', 'Closed'],
      ['K1002', 'New'],
    ]);
    assert.deepEqual(
      (await rows(agent, '/api/v1/cases?status=New')).map(({ id }) => id),
      ['K1002'],
    );
    const { body } = await agent.get('/api/v1/cases/K1001').expect(200);
    const { order, resolution, openedBy, closedBy } = body as Row;
    assert.deepEqual(
      [order, resolution, openedBy, closedBy],
      ['11069', 'It came on Tuesday.', 'agent', 'agent'],
    );
    const { cases } = (await agent.order('11069')) as unknown as { cases: Row[] };
    assert.deepEqual(cases.map(({ id, status }) => [id, status]).sort(), [
      ['K1001', 'Closed'],
      ['K1002', 'New'],
    ]);
    const refused = await agent.post('/api/v1/orders/11069/actions/close-case', {
      input: { case: 'K1001', resolution: 'Again.' },
    });
    assert.match(assertProblem(refused, 422, 'raised.error').detail, /closed already/);
  });

  it('makes one case of a call that is noted twenty times at once', async () => {
    const call = { subject: 'Wrong colour' };
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => agent.post('/api/v1/orders/11068/actions/open-case', { input: call })),
    );
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([201]));
    assert.equal((await rows(agent, '/api/v1/cases?order=11068')).length, 1);
  });

  it('holds an order, says who must lift it, and goes on when it is lifted', async () => {
    const held = await agent.find('Submitted to Fulfillment', ({ lines }) =>
      lines.some(({ availableToCancel }) => availableToCancel > 0),
    );
    const { outputs } = await agent.start(held.number, 'hold-order', { reason: 'possible fraud' });
    assert.deepEqual(outputs, { made: 'H1' });
    const { body } = await agent.get(`/api/v1/orders/${held.number}/actions`).expect(200);
    const offered = (body as { items: { flow: string; applies: boolean; reasons: string[] }[] }).items;
    assert.deepEqual(
      offered.filter(({ applies }) => applies).map(({ flow }) => flow),
      ['close-case', 'hold-order', 'lift-hold', 'open-case'],
    );
    const items = [
      { line: held.lines.find(({ availableToCancel }) => availableToCancel > 0)!.id, quantity: 1 },
    ];
    const cancel = () =>
      agent.post(`/api/v1/orders/${held.number}/actions/cancel-items`, { input: { items } });
    assert.match(assertProblem(await cancel(), 409, 'run.not-applicable').detail, /on hold/);
    await supervisor.start(held.number, 'lift-hold', { hold: 'H1', reason: 'checked' });
    await cancel().then(({ status }) => assert.equal(status, 201));
    const history = ((await agent.order(held.number)) as unknown as { history: Row[] }).history;
    assert.ok(history.some(({ what, by }) => what === 'lifted: checked' && by === 'supervisor'));
  });

  it('finds customers by number, e-mail and the beginning of the last name, page by page', async () => {
    const all: string[] = [];
    let after: string | null = '';
    while (after !== null) {
      const { body } = await agent
        .get(`/api/v1/customers?limit=40${after === '' ? '' : `&after=${after}`}`)
        .expect(200);
      const { items, next } = body as { items: { number: string }[]; next: string | null };
      all.push(...items.map(({ number }) => number));
      after = next;
    }
    assert.equal(all.length, await app.database.models.customers.countDocuments({}));
    assert.deepEqual(all, [...all].sort());
    const { body } = await agent.get('/api/v1/customers/ALFKI').expect(200);
    const { email, lastName } = body as { email: string; lastName: string };
    for (const query of [`email=${email.toUpperCase()}`, `lastName=${lastName.slice(0, 3)}`]) {
      const found = await rows(agent, `/api/v1/customers?${query}`);
      assert.ok(
        found.some(({ number }) => number === 'ALFKI'),
        query,
      );
      assert.ok(found.length < all.length, query);
    }
  });
});
