// Three times what the server can do, at a fixed rate that doesn't wait for answers: what is admitted and how late it is
// answered, what is refused and how, how much memory it takes, and how soon it is itself again.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inFlight, round, saveReport } from '../harness.js';
import { fillStore, type Started, startServer } from '../server.js';

const orders = 40_000;
const warmUp = 600;
const measured = 600;
const seconds = Number(process.env['BENCH_SECONDS'] ?? 30);
const factor = 3;

export async function run(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'recourse-bench-'));
  try {
    await fillStore(dataDir, orders);
    const server = await startServer(dataDir);
    try {
      saveReport('overload', await overload(server));
    } finally {
      await server.stop();
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function overload(server: Started): Promise<Record<string, unknown>> {
  let next = 0;
  const cancel = async (): Promise<Response> => {
    next += 1;
    const number = `C${next}`;
    const response = await fetch(`${server.url}/api/v1/orders/${number}/actions/cancel-items`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${server.token}`,
        'content-type': 'application/json',
        'idempotency-key': number,
      },
      body: JSON.stringify({ input: { items: [{ line: `${number}-1`, quantity: 1 }] } }),
    });
    await response.arrayBuffer();
    return response;
  };
  await inFlight(warmUp, 32, cancel);
  const began = performance.now();
  await inFlight(measured, 32, cancel);
  const capacity = (measured * 1_000) / (performance.now() - began);

  const statuses: Record<string, number> = {};
  const admitted: number[] = [];
  let withoutRetryAfter = 0;
  const asked: Promise<void>[] = [];
  const start = performance.now();
  const rate = capacity * factor;
  for (let n = 0; n < rate * seconds; n += 1) {
    const due = start + (n * 1_000) / rate;
    const wait = due - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    asked.push(
      cancel().then(
        (response) => {
          const { status } = response;
          statuses[status] = (statuses[status] ?? 0) + 1;
          if (status < 300) admitted.push(performance.now() - due);
          else if (response.headers.get('retry-after') === null) withoutRetryAfter += 1;
        },
        () => {
          statuses['no answer'] = (statuses['no answer'] ?? 0) + 1;
        },
      ),
    );
  }
  const over = performance.now();
  const rssMiB = residentMiB(server.pid);
  for (;;) {
    const response = await cancel();
    if (response.status < 300) break;
  }
  const recoveryMs = Math.round(performance.now() - over);
  await Promise.all(asked);
  admitted.sort((left, right) => left - right);
  const at = (share: number): number => round(admitted[Math.floor(admitted.length * share)] ?? 0);
  const report = {
    capacity: round(capacity),
    offered: round(rate),
    seconds,
    statuses,
    withoutRetryAfter,
    admittedMs: { p50: at(0.5), p95: at(0.95), p99: at(0.99) },
    rssMiB,
    recoveryMs,
  };
  console.log(`\n${JSON.stringify(report, undefined, 2)}`);
  return report;
}

/** Memory of a process, as the system tells it; undefined where it doesn't. */
function residentMiB(pid: number): number | undefined {
  try {
    const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kib === undefined ? undefined : Math.round(Number(kib) / 1_024);
  } catch {
    return undefined;
  }
}
