// Kills the real server with -9 while agents and supervisors work through it, against a payment provider in a process of its
// own. What was acknowledged is there, and the provider's log shows each refund once.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSampleRecords } from '../../../server/sample-data.js';
import { toSimulated } from '../../../server/engine/payments.js';
import type { FirstUser } from '../../../server/first-users.js';
import { startSimulator } from '../../../orders/simulator/simulator.js';
import { ServerProcess } from '../../start/server-process.js';

const rounds = 40;
const workers = 4;
const simulatorMain = fileURLToPath(new URL('../../../orders/simulator/main.js', import.meta.url));

interface Job {
  readonly order: string;
  readonly line: string;
  run?: string;
  /** Set once the answer that starts the refund was acknowledged. */
  isPaid?: boolean;
}

interface Work {
  readonly frame: string;
  readonly element: string;
  readonly visit: number;
  readonly answers: readonly string[];
}

describe('a server that is killed while people work', () => {
  it(`keeps all that it acknowledged, and refunds each return once, over ${rounds} kills`, async function () {
    this.timeout(600_000);
    const directory = await mkdtemp(join(tmpdir(), 'recourse-kill-'));
    const provider = await startProvider(directory);
    try {
      const outcome = await killRepeatedly(directory, provider.url);
      console.log(
        `      ${rounds} kills, ${outcome.inFlight} with requests in flight; ${outcome.started} returns started, ${outcome.paid} refunds`,
      );
      assert.ok(outcome.inFlight >= rounds / 2, `only ${outcome.inFlight} kills hit work in flight`);
      assert.ok(outcome.paid >= rounds / 2, `only ${outcome.paid} refunds were made`);
      await checkRefunds(outcome.jobs, provider.controlUrl, outcome.refunds);
    } finally {
      provider.child.kill('SIGKILL');
      await rm(directory, { recursive: true, force: true });
    }
  });
});

async function startProvider(
  directory: string,
): Promise<{ child: ChildProcess; url: string; controlUrl: string }> {
  const data = join(directory, 'effects.jsonl');
  const first = await startSimulator({
    port: 0,
    controlPort: 0,
    data,
    keyLifetimeMs: 86_400_000,
    now: Date.now,
  });
  first.adopt(
    readSampleRecords()
      .payments.map(toSimulated)
      .filter((payment) => payment !== undefined),
  );
  await first.close();
  const child = spawn(process.execPath, [simulatorMain, '--data', data], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  for (;;) {
    const [, url, controlUrl] = /ready at (\S+), control at (\S+) /.exec(said) ?? [];
    if (url !== undefined && controlUrl !== undefined) return { child, url, controlUrl };
    assert.equal(child.exitCode, null);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function killRepeatedly(directory: string, providerUrl: string) {
  const dataDir = join(directory, 'data');
  const environment = {
    DATA_DIR: dataDir,
    LOG_LEVEL: 'silent',
    PAYMENT_URL: providerUrl,
    PAYMENT_KEY: 'sk_test_kill',
  };
  const jobs = jobList();
  const next = jobs[Symbol.iterator]();
  const all: Job[] = [];
  const refunds = new Map<string, bigint>();
  let server = new ServerProcess(['serve'], environment);
  let url: string | undefined = await server.url();
  const users = JSON.parse(await readFile(join(dataDir, 'demo-users.json'), 'utf8')) as FirstUser[];
  const [agent, supervisor] = await Promise.all(
    ['agent', 'supervisor'].map(async (username) => {
      const password = users.find((user) => user.username === username)!.password;
      const response = await fetch(`${url!}/api/v1/sign-in`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ username, password }),
      });
      return ((await response.json()) as { token: string }).token;
    }),
  );
  let asking = 0;
  let isOver = false;
  /** Asks until there is an answer: the same request under the same key. */
  async function insist(token: string, method: string, path: string, key: string, body?: object) {
    for (;;) {
      const at = url;
      if (at === undefined) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        continue;
      }
      asking += 1;
      try {
        const response = await fetch(`${at}${path}`, {
          method,
          headers: {
            authorization: `Bearer ${token}`,
            'content-type': 'application/json',
            'idempotency-key': key,
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        const answer = (await response.json()) as Record<string, unknown>;
        if (response.status !== 503) return { status: response.status, answer };
      } catch {
        // The server has died: whether it did what was asked is what the same request will tell.
      } finally {
        asking -= 1;
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
  async function work(): Promise<void> {
    while (!isOver) {
      const { value: job } = next.next() as { value: Job | undefined };
      if (job === undefined) throw new Error('there are too few orders for this test');
      all.push(job);
      const started = await insist(
        agent!,
        'POST',
        `/api/v1/orders/${job.order}/actions/return-items`,
        `start-${job.order}`,
        { input: { items: [{ line: job.line, quantity: 1 }], blind: true } },
      );
      assert.ok(started.status === 201 || started.status === 202, JSON.stringify(started));
      job.run = (started.answer['run'] as { id: string }).id;
      for (const name of ['claim', 'answer']) {
        const { answer } = await insist(supervisor!, 'GET', `/api/v1/runs/${job.run}`, 'read');
        const [open] = answer['work'] as Work[];
        if (open?.answers.includes(name) !== true) continue;
        const { frame, element, visit } = open;
        const payload = name === 'claim' ? {} : { values: { amount: null, comment: null } };
        const done = await insist(
          supervisor!,
          'POST',
          `/api/v1/runs/${job.run}/answers`,
          `${name}-${job.order}`,
          {
            frame,
            element,
            visit,
            name,
            payload,
          },
        );
        assert.equal(done.status, 200, JSON.stringify(done));
      }
      job.isPaid = true;
    }
  }
  const working = Array.from({ length: workers }, work);
  const paid = (): number => all.filter(({ isPaid }) => isPaid).length;
  let inFlight = 0;
  for (let round = 0; round < rounds; round += 1) {
    const before = paid();
    await new Promise((resolve) => setTimeout(resolve, 200 + Math.random() * 1_000));
    // On a slow machine most lives would be over before anything was refunded.
    while (round % 2 === 1 && paid() === before) await new Promise((resolve) => setTimeout(resolve, 10));
    if (asking > 0) inFlight += 1;
    url = undefined;
    await server.stop('SIGKILL');
    server = new ServerProcess(['serve'], environment);
    url = await server.url();
  }
  isOver = true;
  await Promise.all(working);
  // All that was acknowledged comes to its end without anybody asking again.
  for (const job of all) {
    for (;;) {
      const { answer } = await insist(agent!, 'GET', `/api/v1/runs/${job.run!}`, 'read');
      if (answer['status'] === 'done') {
        const outputs = answer['outputs'] as { refundTotal: { amount: string } };
        refunds.set(job.order, BigInt(outputs.refundTotal.amount.replace('.', '')));
        break;
      }
      assert.equal(answer['status'], 'active', JSON.stringify(answer['incident'] ?? answer['work']));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const { answer } = await insist(agent!, 'GET', `/api/v1/orders/${job.order}`, 'read');
    const { changeOrders, creditMemos } = answer as { changeOrders: unknown[]; creditMemos: unknown[] };
    assert.deepEqual([changeOrders.length, creditMemos.length], [1, 1], job.order);
  }
  const { code } = await server.stop('SIGTERM');
  assert.equal(code, 0);
  return {
    inFlight,
    jobs: all,
    started: all.length,
    paid: paid(),
    refunds,
  };
}

/** One returnable line of each order that a card or wallet paid for. */
function* jobList(): Generator<Job> {
  const { orders, payments } = readSampleRecords();
  for (const { _id, status, lines } of orders) {
    const line = lines.find(({ returnable }) => returnable);
    const own = payments.filter(({ orderNumber }) => orderNumber === _id);
    const isProcessed = own.every(({ method }) => method === 'card' || method === 'wallet');
    if (status === 'Fulfilled' && isProcessed && line !== undefined) yield { order: _id, line: line.id };
  }
}

/** The provider's own log: what it gave back for each order is what the order says, once. */
async function checkRefunds(
  jobs: readonly Job[],
  controlUrl: string,
  expected: ReadonlyMap<string, bigint>,
): Promise<void> {
  const made = new Map<string, bigint[]>();
  for (let after: number | null = 0; after !== null; ) {
    const response = await fetch(`${controlUrl}/log?after=${after}`);
    const page = (await response.json()) as {
      lines: { effect?: { kind: string; payment: string; amount: number } }[];
      next: number | null;
    };
    for (const { effect } of page.lines) {
      if (effect?.kind !== 'refund') continue;
      const order = /^sample_P(\d+)_/.exec(effect.payment)![1]!;
      made.set(order, [...(made.get(order) ?? []), BigInt(effect.amount)]);
    }
    after = page.next;
  }
  for (const { order } of jobs) {
    assert.deepEqual(made.get(order), [expected.get(order)], `refunds of order ${order}`);
  }
  assert.equal(made.size, jobs.length, 'nothing else was refunded');
}
