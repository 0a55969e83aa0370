// Who may open a store's directory, what is refused, and what a backup is worth.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { serialize } from 'bson';
import { openStore } from '../../../../../store/embedded/open.js';
import type { Store } from '../../../../../store/embedded/store.js';
import { temporaryDirectory } from '../../../../support/temporary.js';

const child = fileURLToPath(new URL('../../../../support/store-child.js', import.meta.url));

async function fill(store: Store, count: number): Promise<void> {
  const statements = Array.from({ length: count }, (_, n) => ({
    type: 'insert' as const,
    ns: 't.a',
    document: serialize({ _id: n, pad: 'x'.repeat(200) }),
  }));
  await store.write(statements, { ordered: true });
}

describe('the directory of an embedded store', () => {
  it('is refused to a second process at once, naming the first', async () => {
    const directory = temporaryDirectory('lock');
    const store = await openStore(directory);
    const { stderr, status } = spawnSync(process.execPath, [child, directory, 'sequential'], {
      encoding: 'utf8',
    });
    await store.close();
    assert.notEqual(status, 0);
    assert.match(stderr, new RegExp(`in use by another process \\(pid ${process.pid}\\)`));
  });

  it('is free again after its process was killed', async () => {
    const directory = temporaryDirectory('lock');
    const victim = spawn(process.execPath, [child, directory, 'mixed']);
    for await (const line of createInterface(victim.stdout)) if (line.startsWith('commit')) break;
    victim.kill('SIGKILL');
    await new Promise((resolve) => victim.once('close', resolve));
    const store = await openStore(directory);
    assert.ok((await store.count('t.orders', { filter: {} })) > 0);
    await store.close();
  });

  it('refuses a damaged file and says what to do', async () => {
    const directory = temporaryDirectory('damage');
    const store = await openStore(directory);
    await fill(store, 2000);
    await store.close();
    const file = join(directory, 'store.db');
    const bytes = readFileSync(file);
    bytes.fill(0xff, 8192, 8192 + 600);
    writeFileSync(file, bytes);
    await assert.rejects(openStore(directory), /damaged|malformed/);
    // The refusal has let go of the directory.
    await assert.rejects(openStore(directory), /damaged|malformed/);
  });

  it('answers a read of a page that was damaged meanwhile with a fault of the store', async () => {
    const directory = temporaryDirectory('damage');
    const before = await openStore(directory);
    await fill(before, 5000);
    await before.close();
    const store = await openStore(directory);
    const file = join(directory, 'store.db');
    const bytes = readFileSync(file);
    bytes.fill(0xff, 16 * 4096);
    writeFileSync(file, bytes);
    const reading = (async () => {
      const cursor = await store.find('t.a', { filter: {} });
      await cursor.next(5000);
    })();
    await assert.rejects(reading, { name: 'CommandError', codeName: 'OperationFailed' });
    await store.close();
  });

  it('is refused at once where none can be made', async () => {
    await assert.rejects(openStore('/proc/nothing/here'), /ENOENT|EACCES|EPERM/);
    const file = join(temporaryDirectory('file'), 'file');
    writeFileSync(file, '');
    await assert.rejects(openStore(join(file, 'store')), /ENOTDIR/);
  });

  it('of a store in memory is gone when the store is closed', async () => {
    const root = existsSync('/dev/shm') ? '/dev/shm' : undefined;
    const mine = (): string[] =>
      root === undefined
        ? []
        : readdirSync(root).filter((name) => name.startsWith(`recourse-memory-${process.pid}-`));
    const before = mine().length;
    const store = await openStore(':memory:');
    await fill(store, 1);
    if (root !== undefined) assert.equal(mine().length, before + 1);
    await store.close();
    assert.equal(mine().length, before);
  });
});

describe('backup of an embedded store', () => {
  it('is a checked copy, made while writes go on, that opens as a store', async () => {
    const directory = temporaryDirectory('backup');
    const store = await openStore(join(directory, 'store'));
    await fill(store, 500);
    await store.createIndexes('t.a', [{ name: 'pad_1', key: [['pad', 1]], unique: false, sparse: false }]);
    let stop = false;
    let written = 500;
    const writing = (async () => {
      for (; !stop; written += 1) {
        const document = serialize({ _id: written });
        await store.write([{ type: 'insert', ns: 't.a', document }], { ordered: true });
      }
    })();
    const target = join(directory, 'copy', 'store.db');
    await assert.rejects(store.backup(target), /backup failed/);
    const file = join(directory, 'copy.db');
    const { bytes } = await store.backup(file);
    const during = written;
    stop = true;
    await writing;
    await store.close();
    assert.ok(bytes > 500 * 200);

    const restored = temporaryDirectory('restored');
    writeFileSync(join(restored, 'store.db'), readFileSync(file));
    const copy = await openStore(restored);
    const count = await copy.count('t.a', { filter: {} });
    assert.ok(count >= 500 && count <= during, `${count} documents`);
    assert.deepEqual(
      (await copy.listIndexes('t.a')).map(({ name }) => name),
      ['_id_', 'pad_1'],
    );
    await copy.close();
  });

  it('never overwrites a file', async () => {
    const directory = temporaryDirectory('backup');
    const file = join(directory, 'precious');
    writeFileSync(file, 'x');
    const store = await openStore(':memory:');
    await assert.rejects(store.backup(file), /exists: a backup never overwrites/);
    await store.close();
    assert.equal(readFileSync(file, 'utf8'), 'x');
  });
});
