// Flushes to the device, counted per process by the kernel: every acknowledged batch has one. With flushes switched
// off the same count must fail, or it would prove nothing.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StoreStats } from '../../../store/embedded/store.js';
import { skip } from '../../support/skip.js';
import { temporaryDirectory } from '../../support/temporary.js';
import { whyNoStrace } from '../../support/tools.js';

const child = fileURLToPath(new URL('../../support/store-child.js', import.meta.url));

function run(job: string, flush: 'always' | 'never'): StoreStats & { flushes: number } {
  const directory = temporaryDirectory('flush');
  const trace = join(directory, 'trace');
  const { stdout, status } = spawnSync(
    'strace',
    [
      '-f',
      '-o',
      trace,
      '-e',
      'trace=fsync,fdatasync',
      process.execPath,
      child,
      join(directory, 'store'),
      job,
      flush,
    ],
    { encoding: 'utf8' },
  );
  assert.equal(status, 0);
  const stats = JSON.parse(stdout.split('\n').at(-2) ?? '') as StoreStats;
  const flushes = readFileSync(trace, 'utf8').match(/f(?:data)?sync\(.*= 0/g)?.length ?? 0;
  return { ...stats, flushes };
}

describe('flushes of the embedded store', () => {
  before(function () {
    const reason = whyNoStrace();
    if (reason !== undefined) skip(this, reason);
  });

  it('flushes for each of 200 writes made one after the other', () => {
    const { batches, flushes } = run('sequential', 'always');
    assert.ok(batches >= 200, `${batches} batches`);
    assert.ok(flushes >= batches, `${flushes} flushes for ${batches} batches`);
  });

  it('flushes once for many writes in flight: group commit', () => {
    const { batches, submissions, flushes } = run('grouped', 'always');
    assert.ok(flushes >= batches, `${flushes} flushes for ${batches} batches`);
    assert.ok(flushes * 4 < submissions, `${flushes} flushes for ${submissions} writes`);
  });

  it('turns red with synchronous=OFF: the negative control', () => {
    const { batches, flushes } = run('sequential', 'never');
    assert.ok(flushes < batches / 4, `${flushes} flushes for ${batches} batches: the count proves nothing`);
  });
});
