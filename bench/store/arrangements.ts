// Where to write: in a thread of its own, as the store does, or on the main thread, with the same batches. What counts
// beside the rate is how long the event loop stands still. See docs/decisions/0002-writer-thread.md.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { serialize } from 'bson';
import { Connection } from '../../store/embedded/storage/connection.js';
import { layOut } from '../../store/embedded/storage/layout.js';
import { Batch } from '../../store/embedded/writer/batch.js';
import type { Request } from '../../store/embedded/writer/requests.js';
import { Writer } from '../../store/embedded/writer/writer.js';
import { inFlight, round } from '../harness.js';
import { sampleDocument } from './sample-document.js';

interface Arrangement {
  submit(request: Request): Promise<unknown>;
  close(): unknown;
}

/** The same work on the main thread: all requests of one turn of the event loop in one commit. */
function onMainThread(file: string): Arrangement {
  const connection = new Connection(file);
  connection.get('PRAGMA journal_mode = WAL');
  connection.exec('PRAGMA synchronous = FULL');
  layOut(connection);
  const batch = new Batch(connection);
  let waiting: { request: Request; resolve: () => void }[] = [];
  const commit = (): void => {
    const requests = waiting;
    waiting = [];
    connection.run('BEGIN IMMEDIATE');
    for (const { request } of requests) batch.answer(request, requests.length > 1);
    connection.run('COMMIT');
    for (const { resolve } of requests) resolve();
  };
  return {
    submit: (request) =>
      new Promise<void>((resolve) => {
        if (waiting.push({ request, resolve }) === 1) setImmediate(commit);
      }),
    close: () => connection.close(),
  };
}

/** What a server does for each write beside writing: casting, validating, answering. */
function otherWork(microseconds: number): void {
  const end = performance.now() + microseconds / 1000;
  while (performance.now() < end);
}

interface Load {
  readonly concurrency: number;
  /** Microseconds of the main thread for each write. */
  readonly work: number;
}

async function measureOne(name: string, arrangement: Arrangement, { concurrency, work }: Load) {
  const count = concurrency === 1 ? 1000 : 10_000;
  const write = (n: number) => {
    otherWork(work);
    return arrangement.submit({
      kind: 'write',
      ordered: true,
      once: undefined,
      statements: [{ type: 'insert', ns: 't.a', document: serialize(sampleDocument(n)) }],
    });
  };
  await inFlight(500, concurrency, write);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const start = performance.now();
  await inFlight(count, concurrency, write);
  const seconds = (performance.now() - start) / 1000;
  delay.disable();
  const [p99, max] = [delay.percentile(99) / 1e6, delay.max / 1e6];
  const load = `${concurrency} in flight, ${work} µs of other work each`;
  console.log(
    `  ${name.padEnd(14)} ${load.padEnd(44)} ${String(Math.round(count / seconds)).padStart(7)}/s   event loop delayed p99 ${round(p99)} ms, most ${round(max)} ms`,
  );
}

export async function run(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'recourse-bench-'));
  const loads = [1, 64, 1024].flatMap((concurrency) => [0, 50].map((work) => ({ concurrency, work })));
  for (const [position, load] of loads.entries()) {
    for (let pass = 0; pass < 3; pass += 1) {
      const file = (kind: string) => join(directory, `${kind}-${position}-${pass}.db`);
      const thread = await Writer.open({ file: file('thread'), flush: 'always' });
      await measureOne('writer thread', thread, load);
      await thread.close();
      const main = onMainThread(file('main'));
      await measureOne('main thread', main, load);
      await main.close();
    }
  }
  rmSync(directory, { recursive: true, force: true });
}
