// A full disk, a write that fails, a flush that fails: a clear error, no false acknowledgement, and what was
// acknowledged is there when the store is opened again.
import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { openStore } from '../../../store/embedded/open.js';
import { skip } from '../../support/skip.js';
import { temporaryDirectory } from '../../support/temporary.js';
import { whyNoSmallDisk, whyNoStrace } from '../../support/tools.js';

const child = fileURLToPath(new URL('../../support/store-child.js', import.meta.url));

interface Fault {
  readonly acknowledged: number;
  readonly codeName: string;
  readonly message: string;
  readonly labels: string[];
  readonly readable: number;
}

async function countAfter(directory: string): Promise<number> {
  const store = await openStore(directory);
  try {
    return await store.count('t.a', { filter: {} });
  } finally {
    await store.close();
  }
}

function lastLine(stdout: string): Fault {
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Fault;
}

describe('disk faults of the embedded store', () => {
  it('answers a full disk with OutOfDiskSpace and goes on when there is room again', async function () {
    const reason = whyNoSmallDisk();
    if (reason !== undefined) skip(this, reason);
    const disk = temporaryDirectory('disk');
    const script = `mount -t tmpfs -o size=4m tmpfs ${disk} && head -c 1500000 /dev/zero > ${disk}/ballast && exec "$0" ${child} ${disk}/store untilFault retry`;
    const victim: ChildProcessWithoutNullStreams = spawn('unshare', [
      '-m',
      'sh',
      '-c',
      script,
      process.execPath,
    ]);
    const lines = createInterface(victim.stdout)[Symbol.asyncIterator]();
    assert.equal((await lines.next()).value, 'open');
    const fault = JSON.parse((await lines.next()).value as string) as Fault;
    assert.equal(fault.codeName, 'OutOfDiskSpace');
    assert.match(fault.message, /disk is full: nothing was written/);
    assert.equal(fault.readable, fault.acknowledged);
    assert.ok(fault.acknowledged > 10);
    // Its mount is its own: room is made through its view of the file system.
    const freed = spawnSync('nsenter', ['-t', String(victim.pid), '-m', 'rm', `${disk}/ballast`]);
    assert.equal(freed.status, 0, String(freed.stderr));
    victim.stdin.write('go\n');
    const { recovered } = JSON.parse((await lines.next()).value as string) as { recovered: number };
    assert.equal(recovered, fault.acknowledged + 1);
    const [code] = (await once(victim, 'close')) as [number];
    assert.equal(code, 0);
  });

  it('answers a failed write with OperationFailed and keeps what was acknowledged', async () => {
    const directory = join(temporaryDirectory('limit'), 'store');
    // A limit on the size of files, with its signal ignored, makes write() itself fail.
    const script = `trap '' XFSZ; ulimit -f 1000; exec "$0" ${child} ${directory} untilFault`;
    const { stdout, status } = spawnSync('sh', ['-c', script, process.execPath], { encoding: 'utf8' });
    assert.equal(status, 0);
    const fault = lastLine(stdout);
    assert.equal(fault.codeName, 'OperationFailed');
    assert.match(fault.message, /the store's file failed: disk I\/O error/);
    assert.equal(fault.readable, fault.acknowledged);
    assert.equal(await countAfter(directory), fault.acknowledged);
  });

  it('acknowledges nothing after a failed flush, and says that the outcome is unknown', async function () {
    const reason = whyNoStrace();
    if (reason !== undefined) skip(this, reason);
    const directory = join(temporaryDirectory('eio'), 'store');
    const inject = ['-f', '-o', '/dev/null', '-e', 'trace=fsync', '-e', 'inject=fsync:error=EIO:when=40'];
    const { stdout, status } = spawnSync(
      'strace',
      [...inject, process.execPath, child, directory, 'untilFault'],
      { encoding: 'utf8' },
    );
    assert.equal(status, 0);
    const fault = lastLine(stdout);
    assert.equal(fault.codeName, 'OperationFailed');
    assert.match(fault.message, /failed to flush/);
    assert.deepEqual(fault.labels, ['UnknownTransactionCommitResult']);
    // The write whose flush failed may be there or not; none that was acknowledged is missing.
    const count = await countAfter(directory);
    assert.ok(
      count === fault.acknowledged || count === fault.acknowledged + 1,
      `${count} of ${fault.acknowledged}`,
    );
  });
});
