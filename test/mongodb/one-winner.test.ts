// Many at once on one order, through two server processes that share a database: exactly what is allowed succeeds, the rest is
// refused with the reason, and an order never comes to cost less than nothing.
import assert from 'node:assert/strict';
import { type Copies, copiesOf } from '../../orders/sample/copies.js';
import { insertMissing, readSampleRecords } from '../../server/sample-data.js';
import { toSimulated } from '../../server/engine/payments.js';
import { startSimulator, type Simulator } from '../../orders/simulator/simulator.js';
import { openDatabase } from '../../store/connect.js';
import { openStore, type Store } from '../../store/embedded/index.js';
import { serveWire } from '../../store/embedded/wire/index.js';
import { passwordIn, signIn, Workbench } from '../start/server-process.js';
import { join } from 'node:path';

/** `WINNER_ROUNDS=200` for the long run. */
const rounds = Number(process.env['WINNER_ROUNDS'] ?? 3);
const contenders = 50;

interface Order {
  readonly lines: readonly {
    readonly id: string;
    readonly availableToCancel: number;
    readonly availableToReturn: number;
    readonly quantities: { readonly ordered: number; readonly cancelled: number; readonly returned: number };
  }[];
  readonly changeOrders: readonly unknown[];
  readonly total: Amount;
  readonly payments: readonly { readonly captured: Amount; readonly refunded: Amount }[];
  readonly movements: readonly { readonly state: string }[];
  readonly creditMemos: readonly { readonly total: Amount; readonly open: Amount }[];
}

interface Amount {
  readonly amount: string;
}

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

interface ProviderEffect {
  readonly kind: string;
  readonly payment: string;
}

const minor = ({ amount }: Amount): bigint => BigInt(amount.replace('.', ''));
const sum = (amounts: readonly Amount[]): bigint => amounts.reduce((all, each) => all + minor(each), 0n);

describe('many at once on one order, over two server processes', () => {
  const bench = new Workbench();
  let store: Store;
  let wire: Awaited<ReturnType<typeof serveWire>>;
  let simulator: Simulator;
  let urls: string[];
  let token: string;
  let supervisor: string;

  before(async () => {
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
    const signedIn = async (name: string) =>
      (await signIn(urls[0]!, name, await passwordIn(directories[0]!, name)))!;
    [token, supervisor] = [await signedIn('agent'), await signedIn('supervisor')];
    const database = await openDatabase({ kind: 'mongodb', uri: wire.uri });
    for (const [prefix, number] of Object.entries({ C: '11040', R: '11069' })) {
      const numbers = Array.from({ length: rounds }, (_, round) => `${prefix}${round}`);
      const copies = copiesOf(readSampleRecords(), number, numbers);
      for (const name of Object.keys(copies) as (keyof Copies)[])
        await insertMissing(database.models[name], copies[name]);
      simulator.adopt(copies.payments.map(toSimulated).filter((payment) => payment !== undefined));
    }
    await database.close();
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

  /** Asks both servers in turn, all at once. */
  const race = (ask: (url: string, index: number) => Promise<Response>): Promise<Answer[]> =>
    Promise.all(
      Array.from({ length: contenders }, async (_, index) => {
        let response = await ask(urls[index % 2]!, index);
        // Too many at once for the server: come again when it says, as any client does.
        while (response.status === 503) {
          await response.arrayBuffer();
          await new Promise((resolve) =>
            setTimeout(resolve, Number(response.headers.get('retry-after')) * 1_000),
          );
          response = await ask(urls[index % 2]!, index);
        }
        return { status: response.status, body: (await response.json()) as Record<string, unknown> };
      }),
    );
  const post = (url: string, path: string, key: string, body: object, authorization = token) =>
    fetch(`${url}/api/v1/${path}`, {
      method: 'POST',
      headers: { ...headers(), authorization, 'idempotency-key': key },
      body: JSON.stringify(body),
    });
  const hasWon = ({ status }: Answer): boolean => status >= 200 && status < 300;

  /** Exactly so many have won, and the others were told why not. */
  const checkRace = (answers: readonly Answer[], allowed: number, reasons: RegExp): void => {
    const lost = answers.filter((answer) => !hasWon(answer));
    assert.equal(answers.length - lost.length, allowed, JSON.stringify(lost[0]?.body));
    for (const { status, body } of lost) {
      assert.equal(status, 409, JSON.stringify(body));
      assert.match(String(body['code']), reasons);
      assert.ok(String(body['detail']).length > 15);
    }
    counts.won += allowed;
    counts.refused += lost.length;
  };
  const counts = { won: 0, refused: 0 };

  async function raceCancels(number: string): Promise<void> {
    const { lines } = await orderOf(number);
    const [line] = lines;
    const body = { input: { items: [{ line: line!.id, quantity: 1 }] } };
    const answers = await race((url, index) =>
      post(url, `orders/${number}/actions/cancel-items`, `${number}-${index}`, body),
    );
    checkRace(answers, line!.availableToCancel, /^(orders\.cancel-exceeds-available|run\.not-applicable)$/);
    const after = await orderOf(number);
    assert.equal(after.lines[0]!.availableToCancel, 0);
    assert.equal(after.changeOrders.length, line!.availableToCancel);
    assert.ok(!after.total.amount.startsWith('-'));
  }

  /** @returns the runs, each of which waits for a supervisor's refund */
  async function raceReturns(number: string): Promise<string[]> {
    const { lines } = await orderOf(number);
    const [line] = lines;
    const body = { input: { items: [{ line: line!.id, quantity: 1 }], blind: true } };
    const answers = await race((url, index) =>
      post(url, `orders/${number}/actions/return-items`, `${number}-${index}`, body),
    );
    checkRace(answers, line!.availableToReturn, /^(orders\.return-exceeds-available|run\.not-applicable)$/);
    const after = await orderOf(number);
    assert.equal(after.lines[0]!.availableToReturn, 0);
    assert.equal(after.lines[0]!.quantities.returned, line!.availableToReturn);
    return answers.filter(hasWon).map(({ body: { run } }) => (run as { id: string }).id);
  }

  async function raceRefunds(number: string, runs: readonly string[]): Promise<void> {
    const places = await Promise.all(runs.map(openWork));
    const answerTo = (place: object, name: string, payload: object) => ({ ...place, name, payload });
    for (const [at, run] of runs.entries()) {
      const claim = answerTo(places[at]!, 'claim', {});
      assert.equal(
        (await post(urls[0]!, `runs/${run}/answers`, `${run}-claim`, claim, supervisor)).status,
        200,
      );
    }
    const answers = await race((url, index) => {
      const at = index % runs.length;
      const refund = answerTo(places[at]!, 'answer', { values: { amount: null, comment: null } });
      return post(url, `runs/${runs[at]}/answers`, `${runs[at]}-${index}`, refund, supervisor);
    });
    checkRace(answers, runs.length, /^run\.(event-not-accepted|ended)$/);
    const after = await settledOrder(number);
    for (const { captured, refunded } of after.payments) assert.ok(minor(refunded) <= minor(captured));
    const credited = sum(after.creditMemos.map(({ total }) => total));
    assert.equal(sum(after.payments.map(({ refunded }) => refunded)), credited);
    assert.equal(sum(after.creditMemos.map(({ open }) => open)), 0n);
    const made = (await effects()).filter(({ payment }) => payment.includes(`_${number}_`));
    assert.equal(made.length, runs.length, 'one refund a return at the provider');
  }

  /** Everything that the provider has done. */
  const effects = async (): Promise<ProviderEffect[]> => {
    const all: ProviderEffect[] = [];
    for (let after = 0; ; ) {
      const response = await fetch(`${simulator.controlUrl}/log?after=${after}`);
      const { lines } = (await response.json()) as { lines: { seq: number; effect?: ProviderEffect }[] };
      if (lines.length === 0) return all;
      all.push(...lines.flatMap(({ effect }) => effect ?? []));
      after = lines.at(-1)!.seq;
    }
  };
  const openWork = async (run: string): Promise<object> => {
    for (;;) {
      const response = await fetch(`${urls[0]}/api/v1/runs/${run}`, { headers: headers() });
      const { work } = (await response.json()) as {
        work: { frame: string; element: string; visit: number }[];
      };
      const [open] = work;
      if (open !== undefined) return { frame: open.frame, element: open.element, visit: open.visit };
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  /** The order once no movement of money is under way. */
  const settledOrder = async (number: string): Promise<Order> => {
    for (;;) {
      const order = await orderOf(number);
      if (order.movements.every(({ state }) => state === 'done')) return order;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  it(`lets exactly the allowed cancels, returns and refunds through, ${rounds} × 3 × ${contenders}`, async function () {
    this.timeout(rounds * 60_000);
    for (let round = 0; round < rounds; round += 1) {
      const [, runs] = await Promise.all([raceCancels(`C${round}`), raceReturns(`R${round}`)]);
      await raceRefunds(`R${round}`, runs);
    }
    console.log(`      ${rounds} rounds: ${counts.won} succeeded, ${counts.refused} were refused`);
  });

  it('executes a hundred identical requests once', async () => {
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
