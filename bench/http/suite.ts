// The main routes over HTTP with 100,000 orders in the store, each against a bare express route of the same run; client and
// server share the machine.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inFlight, measureInTurn, ratio, round, saveReport } from '../harness.js';
import { fillStore, type Started, startServer } from '../server.js';

const orders = Number(process.env['BENCH_ORDERS'] ?? 100_000);
const requests = Number(process.env['BENCH_REQUESTS'] ?? 1_000);
const rounds = 3;
const concurrency = 16;

interface Asked {
  readonly name: string;
  readonly path: string;
  readonly body?: object;
}

export async function run(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'recourse-bench-'));
  const bare = spawn(process.execPath, [fileURLToPath(new URL('./bare.js', import.meta.url))], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [said] = (await once(bare.stdout, 'data')) as [Buffer];
    const bareUrl = /ready at (http\S+)/.exec(said.toString())![1]!;
    await fillStore(dataDir, orders);
    const server = await startServer(dataDir);
    try {
      await compare(bareUrl, server);
    } finally {
      await server.stop();
    }
  } finally {
    bare.kill('SIGTERM');
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function compare(bareUrl: string, { url, token, tokenOf }: Started): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const took = new Map<string, number[]>();
  const ask = async (base: string, { name, path, body }: Asked): Promise<void> => {
    const began = performance.now();
    const response = await fetch(
      base + path,
      body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) },
    );
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    took.set(name, [...(took.get(name) ?? []), performance.now() - began]);
  };
  const { next } = (await (await fetch(`${url}/api/v1/orders?limit=100`, { headers })).json()) as {
    next: string;
  };
  const items = [{ line: 'C7-1', quantity: 1 }];
  const bare = { name: 'bare express route', path: '/health' };
  const asked: Asked[] = [
    { name: 'GET /health', path: '/health' },
    { name: 'GET /me', path: '/api/v1/me' },
    { name: 'GET /orders: newest 25', path: '/api/v1/orders' },
    { name: 'GET /orders: next page', path: `/api/v1/orders?cursor=${encodeURIComponent(next)}` },
    { name: 'GET /orders: by number', path: '/api/v1/orders?number=C77777' },
    {
      name: 'GET /orders: by SKU and status',
      path: '/api/v1/orders?sku=NW-021&status=Submitted%20to%20Fulfillment',
    },
    { name: 'GET /orders/{number}', path: '/api/v1/orders/R77' },
    { name: 'GET /orders/{number}/actions', path: '/api/v1/orders/C77/actions' },
    {
      name: 'POST …/cancel-items/preview',
      path: '/api/v1/orders/C7/actions/cancel-items/preview',
      body: { input: { items } },
    },
    { name: 'GET /runs', path: '/api/v1/runs' },
  ];
  const rows = await measureInTurn(
    [bare, ...asked].map((each, index) => ({
      name: each.name,
      operations: requests,
      work: () => inFlight(requests, concurrency, () => ask(index === 0 ? bareUrl : url, each)),
    })),
    rounds,
  );
  const report = rows.map((row) => {
    const times = took.get(row.name)!.toSorted((left, right) => left - right);
    const at = (share: number): number => round(times[Math.floor(times.length * share)]!);
    return {
      name: row.name,
      perSecond: round(row.rate),
      toBare: round(ratio(row, rows[0]!)),
      p50: at(0.5),
      p95: at(0.95),
      p99: at(0.99),
    };
  });
  console.log(
    `\nOver HTTP with ${orders} orders, ${concurrency} requests in flight, medians of ${rounds} rounds`,
  );
  for (const { name, perSecond, toBare, p50, p95, p99 } of report) {
    console.log(
      `  ${name.padEnd(34)} ${String(perSecond).padStart(6)}/s  ${String(toBare).padStart(6)} of bare   p50 ${p50}  p95 ${p95}  p99 ${p99} ms`,
    );
  }
  const metrics = await fetch(`${url}/metrics`, {
    headers: { authorization: `Bearer ${await tokenOf('operator')}` },
  });
  const text = await metrics.text();
  const lagMs = (name: string): number =>
    round(Number(new RegExp(`^nodejs_eventloop_lag_${name}_seconds (\\S+)`, 'm').exec(text)?.[1]) * 1_000);
  const eventLoop = { p99Ms: lagMs('p99'), maxMs: lagMs('max') };
  console.log(`  event loop held up: p99 ${eventLoop.p99Ms} ms, at most ${eventLoop.maxMs} ms`);
  saveReport('http', { orders, report, eventLoop });
}
