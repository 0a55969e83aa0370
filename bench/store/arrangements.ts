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
    for (const { request } of requests) batch.answer(request);
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

async function measureOne(name: string, arrangement: Arrangement, count: number, concurrency: number) {
  const write = (n: number) =>
    arrangement.submit({
      kind: 'write',
      ordered: true,
      once: undefined,
      statements: [{ type: 'insert', ns: 't.a', document: serialize(sampleDocument(n)) }],
    });
  await inFlight(500, concurrency, write);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const start = performance.now();
  await inFlight(count, concurrency, write);
  const seconds = (performance.now() - start) / 1000;
  delay.disable();
  const [p99, max] = [delay.percentile(99) / 1e6, delay.max / 1e6];
  console.log(
    `  ${name.padEnd(16)} ${String(concurrency).padStart(5)} in flight ${String(Math.round(count / seconds)).padStart(8)}/s   event loop delayed p99 ${round(p99)} ms, most ${round(max)} ms`,
  );
}

export async function run(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'recourse-bench-'));
  for (const concurrency of [1, 64, 1024]) {
    for (let pass = 0; pass < 3; pass += 1) {
      const count = concurrency === 1 ? 1000 : 20_000;
      const thread = await Writer.open({
        file: join(directory, `t${concurrency}-${pass}.db`),
        flush: 'always',
      });
      await measureOne('writer thread', thread, count, concurrency);
      await thread.close();
      const main = onMainThread(join(directory, `m${concurrency}-${pass}.db`));
      await measureOne('main thread', main, count, concurrency);
      await main.close();
    }
  }
  rmSync(directory, { recursive: true, force: true });
}
