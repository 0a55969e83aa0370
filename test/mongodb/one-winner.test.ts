// Many at once on one order, through two server processes that share a database: exactly what is allowed succeeds, the rest is
// refused with the reason, and an order never comes to cost less than nothing.
import assert from 'node:assert/strict';
import { readSampleRecords } from '../../server/sample-data.js';
import { toSimulated } from '../../server/engine/payments.js';
import { startSimulator, type Simulator } from '../../orders/simulator/simulator.js';
import { openStore, type Store } from '../../store/embedded/index.js';
import { serveWire } from '../../store/embedded/wire/index.js';
import { passwordIn, signIn, Workbench } from '../start/server-process.js';
import { join } from 'node:path';

/** `WINNER_ROUNDS=200` for the long run. */
const rounds = Number(process.env['WINNER_ROUNDS'] ?? 5);
const contenders = 50;

interface Order {
  readonly lines: readonly {
    readonly id: string;
    readonly remaining: number;
    readonly availableToReturn: number;
    readonly quantities: { readonly ordered: number; readonly cancelled: number; readonly returned: number };
  }[];
  readonly changeOrders: readonly unknown[];
  readonly total: { readonly amount: string };
}

describe('many at once on one order, over two server processes', () => {
  const bench = new Workbench();
  let store: Store;
  let wire: Awaited<ReturnType<typeof serveWire>>;
  let simulator: Simulator;
  let urls: string[];
  let token: string;

  before(async function () {
    this.timeout(120_000);
    store = await openStore(':memory:');
    wire = await serveWire(store, { port: 0 });
    const directories = [await bench.directory(), await bench.directory()];
    simulator = await startSimulator({
      port: 0,
      controlPort: 0,
      data: join(directories[0]!, 'effects.jsonl'),
      keyLifetimeMs: 86_400_000,
      now: Date.now,
    });
    simulator.adopt(
      readSampleRecords()
        .payments.map(toSimulated)
        .filter((payment) => payment !== undefined),
    );
    const environment = {
      MONGODB_URI: wire.uri,
      LOG_LEVEL: 'silent',
      PAYMENT_URL: simulator.url,
      PAYMENT_KEY: 'sk_test_winner',
    };
    urls = [];
    for (const DATA_DIR of directories) {
      urls.push(await bench.run(['serve'], { ...environment, DATA_DIR }).url());
    }
    token = (await signIn(urls[0]!, 'agent', await passwordIn(directories[0]!, 'agent')))!;
  });

  after(async () => {
    await bench.close();
    await simulator.close();
    await wire.close();
    await store.close();
  });

  const headers = () => ({ authorization: token, 'content-type': 'application/json' });
  const orderOf = async (number: string): Promise<Order> =>
    (await (await fetch(`${urls[0]}/api/v1/orders/${number}`, { headers: headers() })).json()) as Order;

  it(`lets exactly the allowed ones through, ${rounds} × ${contenders}`, async function () {
    this.timeout(rounds * 60_000);
    const { orders } = readSampleRecords();
    const fulfilled = orders
      .filter(({ status, lines }) => status === 'Fulfilled' && lines[0]!.returnable)
      .filter(({ lines }) => lines[0]!.quantities.fulfilled < contenders);
    assert.ok(fulfilled.length >= rounds, `${fulfilled.length} orders`);
    const counts = { won: 0, refused: 0 };
    for (let round = 0; round < rounds; round += 1) {
      const { _id: number, lines } = fulfilled[round]!;
      const line = lines[0]!;
      const answers = await Promise.all(
        Array.from({ length: contenders }, async (_, index) => {
          const response = await fetch(`${urls[index % 2]}/api/v1/orders/${number}/actions/return-items`, {
            method: 'POST',
            headers: { ...headers(), 'idempotency-key': `round-${round}-${index}` },
            body: JSON.stringify({ input: { items: [{ line: line.id, quantity: 1 }], blind: true } }),
          });
          return { status: response.status, body: (await response.json()) as Record<string, unknown> };
        }),
      );
      const won = answers.filter(({ status }) => status === 201 || status === 202);
      const lost = answers.filter(({ status }) => status !== 201 && status !== 202);
      assert.equal(won.length, line.quantities.fulfilled, `${number}: ${JSON.stringify(lost[0]?.body)}`);
      for (const { status, body } of lost) {
        assert.equal(status, 409, JSON.stringify(body));
        assert.match(String(body['code']), /^(orders\.return-exceeds-available|run\.not-applicable)$/);
        assert.ok(String(body['detail']).length > 15);
      }
      const after = await orderOf(number);
      const now = after.lines.find(({ id }) => id === line.id)!;
      assert.equal(now.availableToReturn, 0);
      assert.equal(now.quantities.returned, line.quantities.fulfilled);
      assert.equal(after.changeOrders.length, line.quantities.fulfilled);
      assert.ok(!after.total.amount.startsWith('-'));
      counts.won += won.length;
      counts.refused += lost.length;
    }
    console.log(`      ${rounds} rounds: ${counts.won} succeeded, ${counts.refused} were refused`);
  });

  it('lets no more be cancelled than is there, whoever asks where', async function () {
    this.timeout(120_000);
    const { orders } = readSampleRecords();
    const open = orders.filter(({ _id, status, lines }) => {
      return (
        status === 'Submitted to Fulfillment' && _id !== '11075' && lines[0]!.quantities.ordered < contenders
      );
    });
    assert.ok(open.length >= 4);
    for (const { _id: number, lines } of open.slice(0, 4)) {
      const [line] = lines;
      const statuses = await Promise.all(
        Array.from({ length: contenders }, async (_, index) => {
          const response = await fetch(`${urls[index % 2]}/api/v1/orders/${number}/actions/cancel-items`, {
            method: 'POST',
            headers: { ...headers(), 'idempotency-key': `cancel-${number}-${index}` },
            body: JSON.stringify({ input: { items: [{ line: line!.id, quantity: 1 }] } }),
          });
          await response.arrayBuffer();
          return response.status;
        }),
      );
      const won = statuses.filter((status) => status === 201 || status === 202).length;
      assert.equal(won, line!.quantities.ordered, number);
      assert.deepEqual([...new Set(statuses.filter((status) => status > 202))], [409]);
    }
  });

  it('executes a hundred identical requests once', async function () {
    this.timeout(60_000);
    const order = readSampleRecords().orders.find(({ _id }) => _id === '11075')!;
    const body = JSON.stringify({ input: { items: [{ line: order.lines[0]!.id, quantity: 1 }] } });
    const ask = async (index: number, key: string, text = body) =>
      fetch(`${urls[index % 2]}/api/v1/orders/11075/actions/cancel-items`, {
        method: 'POST',
        headers: { ...headers(), 'idempotency-key': key },
        body: text,
      });
    const responses = await Promise.all(Array.from({ length: 100 }, (_, index) => ask(index, 'the-same')));
    const runs = await Promise.all(
      responses.map(async (response) => {
        assert.ok(response.status === 201 || response.status === 202, String(response.status));
        return ((await response.json()) as { run: { id: string } }).run.id;
      }),
    );
    assert.equal(new Set(runs).size, 1);
    assert.equal((await orderOf('11075')).changeOrders.length, 1);
    const other = await ask(0, 'the-same', body.replace('"quantity":1', '"quantity":2'));
    assert.equal(other.status, 422);
    assert.equal(((await other.json()) as { code: string }).code, 'run.idempotency-mismatch');
  });
});
