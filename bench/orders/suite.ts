// The shipped flows on real orders: cancel and return, in process and over HTTP, with few and with many orders in the store.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { permissions } from '../../server/auth/permissions.js';
import { compose } from '../../server/compose.js';
import { createLog } from '../../server/log.js';
import { inFlight, round, saveReport } from '../harness.js';
import { fillStore, type Started, startServer } from '../server.js';

const sizes = (process.env['BENCH_ORDERS'] ?? '1000,100000').split(',').map(Number);
const flows = Number(process.env['BENCH_FLOWS'] ?? 280);
const concurrency = 32;

interface Row {
  readonly orders: number;
  readonly what: string;
  readonly perSecond: number;
  readonly halfLoadMs: { readonly p50: number; readonly p95: number; readonly p99: number };
}

export async function run(): Promise<void> {
  const rows: Row[] = [];
  for (const size of sizes) rows.push(...(await measure(size)));
  const inProcess = await measureInProcess();
  console.log(
    `\nIn process, 16 in flight: ${inProcess.perSecond} cancel flows/s, ${inProcess.cpuMs} ms of processor time each`,
  );
  console.log(
    '\nFlows over HTTP, client and server on the same cores, each refund or release made at the simulator',
  );
  for (const { orders, what, perSecond, halfLoadMs: h } of rows) {
    console.log(
      `  ${String(orders).padStart(7)} orders  ${what.padEnd(44)} ${String(perSecond).padStart(6)}/s   at half load p50 ${h.p50}  p95 ${h.p95}  p99 ${h.p99} ms`,
    );
  }
  saveReport('orders', { rows, inProcess });
}

async function measure(size: number): Promise<Row[]> {
  const directory = mkdtempSync(join(tmpdir(), 'recourse-bench-'));
  try {
    await fillStore(directory, size);
    const server = await startServer(directory);
    try {
      const cancel = (n: number): Promise<void> =>
        act(server, n, 'cancel-items', { items: [{ line: `C${n}-1`, quantity: 1 }] }, `C${n}`);
      const giveBack = (n: number): Promise<void> =>
        act(server, n, 'return-items', { items: [{ line: `R${n}-1`, quantity: 1 }], blind: true }, `R${n}`);
      const counters = { cancelled: 0, returned: 0 };
      const take = (what: keyof typeof counters): number => {
        counters[what] += 1;
        return counters[what];
      };
      // The code is compiled once it has run.
      await inFlight(60, concurrency, () => cancel(take('cancelled')));
      const cancelled = await rate(() => cancel(take('cancelled')));
      const cancelLatency = await latencies(cancelled / 2, () => cancel(take('cancelled')));
      const returned = await rate(() => giveBack(take('returned')));
      const returnLatency = await latencies(returned / 2, () => giveBack(take('returned')));
      return [
        {
          orders: size,
          what: 'cancel an item, the hold lowered',
          perSecond: cancelled,
          halfLoadMs: cancelLatency,
        },
        {
          orders: size,
          what: 'start a blind return, to the supervisor',
          perSecond: returned,
          halfLoadMs: returnLatency,
        },
      ];
    } finally {
      await server.stop();
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The same cancel flow without HTTP, the simulator in the same process. */
async function measureInProcess(): Promise<{ perSecond: number; cpuMs: number }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'recourse-bench-'));
  await fillStore(dataDir, 2 * flows + 200);
  const config = {
    host: '',
    port: 0,
    dataDir,
    logLevel: 'silent',
    demo: true,
    requestsPerMinute: 1_000_000,
    mailFrom: 'a@b.example',
  } as const;
  const composed = await compose(
    config,
    createLog('silent', () => {}),
    {
      phase: () => 'ready',
      restore: () => Promise.reject(new Error('not here')),
    },
  );
  try {
    await composed.prepare();
    const user = { id: 'bench', permissions: [...permissions] };
    let next = 0;
    const cancel = async (): Promise<void> => {
      next += 1;
      const order = `C${next}`;
      const { id } = await composed.engine.start({
        flow: 'cancel-items',
        user,
        subject: { type: 'order', id: order },
        input: { order, items: [{ line: `${order}-1`, quantity: 1 }] },
      });
      const { status } = await composed.engine.settled(id, 60_000);
      if (status !== 'done') throw new Error(`the run ${id} is ${status}`);
    };
    await inFlight(60, 16, cancel);
    const began = performance.now();
    const used = process.cpuUsage();
    await inFlight(flows, 16, cancel);
    const { user: own, system } = process.cpuUsage(used);
    return {
      perSecond: round((flows * 1_000) / (performance.now() - began)),
      cpuMs: round((own + system) / 1_000 / flows),
    };
  } finally {
    await composed.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Starts an action and waits until it is over, or asks a person. */
async function act(
  { url, token }: Started,
  n: number,
  flow: string,
  input: object,
  order: string,
): Promise<void> {
  const response = await fetch(`${url}/api/v1/orders/${order}/actions/${flow}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'idempotency-key': `${flow}-${n}`,
    },
    body: JSON.stringify({ input }),
  });
  const text = await response.text();
  if (response.status !== 201) throw new Error(`${order}: ${response.status} ${text.slice(0, 300)}`);
}

async function rate(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await inFlight(flows, concurrency, work);
  return round((flows * 1_000) / (performance.now() - began));
}

/** Begins one at a fixed rate, whether the one before has ended or not. */
async function latencies(perSecond: number, work: () => Promise<void>): Promise<Row['halfLoadMs']> {
  const took: number[] = [];
  const begun: Promise<void>[] = [];
  const start = performance.now();
  for (let n = 0; n < flows / 2; n += 1) {
    const due = start + (n * 1_000) / perSecond;
    const wait = due - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    const began = Math.min(due, performance.now());
    begun.push(
      work().then(() => {
        took.push(performance.now() - began);
      }),
    );
  }
  await Promise.all(begun);
  took.sort((left, right) => left - right);
  const at = (share: number): number =>
    round(took[Math.min(took.length - 1, Math.floor(took.length * share))]!);
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
