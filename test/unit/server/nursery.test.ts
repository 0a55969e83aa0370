// The nursery that the command line asks for, in the main thread and in others.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const nursery = new URL('../../../server/nursery.js', import.meta.url).href;

/** Tells the bytes of the nurseries of the main thread and of a thread whose memory is limited. */
const script = `
import { Worker } from 'node:worker_threads';
import { getHeapSpaceStatistics } from 'node:v8';
import { keepNurseryToMainThread } from ${JSON.stringify(nursery)};
keepNurseryToMainThread();
const bytes = () => getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size;
const code = "import { getHeapSpaceStatistics } from 'node:v8'; import { parentPort } from 'node:worker_threads';"
  + 'const bytes = ' + bytes + '; parentPort.postMessage(bytes());';
const worker = new Worker(code, { eval: true, resourceLimits: { maxYoungGenerationSizeMb: 16 } });
worker.on('message', (thread) => console.log(JSON.stringify({ main: bytes(), thread })));
`;

describe('the nursery that the command line asks for', () => {
  it('is the main thread’s only: others keep within their limits', async () => {
    const flags = ['--min-semi-space-size=32', '--max-semi-space-size=32', '--input-type=module'];
    const { stdout } = await promisify(execFile)(process.execPath, [...flags, '-e', script]);
    const { main, thread } = JSON.parse(stdout) as Record<'main' | 'thread', number>;
    assert.ok(main >= 32 * 2 ** 20, `${main}`);
    assert.ok(thread <= 16 * 2 ** 20, `${thread}`);
  });
});
