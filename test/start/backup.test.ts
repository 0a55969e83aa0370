// `recourse backup`, `restore` and `user reset`, with and without a running server, by the real command.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { orderNumbers, passwordIn, signIn, Workbench } from './server-process.js';

describe('backup and restore', () => {
  let bench: Workbench;
  beforeEach(() => {
    bench = new Workbench();
  });
  afterEach(() => bench.close());

  it('backs up while it serves, and restores what was there then', async () => {
    const directory = await bench.directory();
    const DATA_DIR = join(directory, 'data');
    const file = join(directory, 'one.backup');
    const server = bench.run(['serve'], { DATA_DIR });
    const url = await server.url();
    const before = await passwordIn(DATA_DIR, 'agent');

    const backup = await bench.run(['--json', 'backup', file], { DATA_DIR }).ended();
    assert.equal(backup.code, 0, backup.stderr);
    const { bytes, through } = JSON.parse(backup.stdout) as { bytes: number; through: string };
    assert.deepEqual([through, (await stat(file)).size], ['server', bytes]);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.deepEqual((await readdir(directory)).sort(), ['data', 'one.backup']);
    assert.ok(!(await readdir(DATA_DIR)).some((name) => name.startsWith('backup-')));
    const twice = await bench.run(['backup', file], { DATA_DIR }).ended();
    assert.deepEqual([twice.code, /exists/.test(twice.stderr)], [1, true]);

    // A change after the backup, made through the running server.
    const reset = await bench.run(['--json', 'user', 'reset', 'agent'], { DATA_DIR }).ended();
    const { password } = JSON.parse(reset.stdout) as { password: string };
    assert.ok(await signIn(url, 'agent', password));
    assert.equal(await signIn(url, 'agent', before), undefined);

    // While it serves: the same process goes on, with the data of then.
    const live = await bench.run(['--json', 'restore', file], { DATA_DIR }).ended();
    assert.equal(live.code, 0, live.stderr);
    const first = JSON.parse(live.stdout) as { aside: string; through: string };
    assert.equal(first.through, 'server');
    assert.ok(existsSync(join(first.aside, 'store.db')));
    await assertRestored(url);
    const audit = await bench.run(['audit', '--limit', '1'], { DATA_DIR }).ended();
    assert.match(
      audit.stdout,
      /command-line {2}POST {2}\/api\/v1\/admin\/restore {2}200\n$/,
      'in the store of now',
    );
    // The command line finds the server again, which has a new token for it.
    const later = await bench.run(['--json', 'user', 'reset', 'agent'], { DATA_DIR }).ended();
    assert.equal(later.code, 0, later.stderr);
    await server.stop();

    const restore = await bench.run(['--json', 'restore', file], { DATA_DIR }).ended();
    assert.equal(restore.code, 0, restore.stderr);
    const { aside, through: how } = JSON.parse(restore.stdout) as { aside: string; through: string };
    assert.equal(how, 'store');
    assert.ok(existsSync(join(aside, 'store.db')));
    await assertRestored(await bench.run(['serve'], { DATA_DIR }).url());

    async function assertRestored(address: string): Promise<void> {
      const token = await signIn(address, 'agent', before);
      assert.ok(token);
      assert.equal(await signIn(address, 'agent', password), undefined);
      assert.equal((await orderNumbers(address, token)).length, 830);
    }
  });

  it('refuses an unsound backup while it serves, and a restore that nobody has laid ready', async () => {
    const directory = await bench.directory();
    const DATA_DIR = join(directory, 'data');
    const server = bench.run(['serve'], { DATA_DIR, DEMO: 'off' });
    const url = await server.url();
    const text = join(directory, 'text');
    await writeFile(text, 'not a store at all');
    const { code, stderr } = await bench.run(['restore', text], { DATA_DIR }).ended();
    assert.deepEqual([code, /not a sound backup/.test(stderr)], [1, true]);
    const password = await passwordIn(DATA_DIR, 'admin');
    const authorization = await signIn(url, 'admin', password);
    const headers = { authorization: authorization! };
    const answer = await fetch(`${url}/api/v1/admin/restore`, { method: 'POST', headers });
    assert.equal(answer.status, 409);
    assert.equal(((await answer.json()) as { code: string }).code, 'store.nothing-staged');
    assert.ok(await signIn(url, 'admin', password));
  });

  it('restores while requests run: each is answered whole, and a stop in the middle ends with code 0', async () => {
    const directory = await bench.directory();
    const DATA_DIR = join(directory, 'data');
    const file = join(directory, 'busy.backup');
    const server = bench.run(['serve'], { DATA_DIR });
    const url = await server.url();
    assert.equal((await bench.run(['backup', file], { DATA_DIR }).ended()).code, 0);
    // As a backup is often kept.
    await chmod(file, 0o444);
    const authorization = (await signIn(url, 'agent', await passwordIn(DATA_DIR, 'agent')))!;
    const statuses = new Map<string, number>();
    let on = true;
    async function ask(path: string): Promise<void> {
      while (on) {
        const answer = await fetch(url + path, { headers: { authorization } });
        await answer.json();
        const key = `${path} ${answer.status}`;
        statuses.set(key, (statuses.get(key) ?? 0) + 1);
      }
    }
    const asking = Promise.all(
      Array.from({ length: 8 }, (_, index) => ask(index % 2 === 0 ? '/api/v1/orders' : '/health')),
    );
    const rounds: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const [one, other] = await Promise.all(
        [1, 2].map(() => bench.run(['--json', 'restore', file], { DATA_DIR }).ended()),
      );
      rounds.push(one!.code!, other!.code!);
      for (const { code, stdout } of [one!, other!]) {
        if (code !== 0) assert.match(stdout, /store\.restore-under-way/);
      }
    }
    assert.ok(rounds.filter((code) => code === 0).length >= 3, `${rounds}`);
    on = false;
    await asking;
    assert.deepEqual(
      [...statuses.keys()].filter((key) => !/ (200|401|503)$/.test(key)),
      [],
    );
    assert.equal((await stat(join(DATA_DIR, 'store', 'store.db'))).mode & 0o777, 0o600);
    assert.ok((await signIn(url, 'agent', await passwordIn(DATA_DIR, 'agent'))) !== undefined);

    const last = bench.run(['restore', file], { DATA_DIR });
    while (!server.stderr.slice(-3000).includes('restoring a backup')) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (last.child.exitCode !== null) break;
    }
    const ended = await server.stop();
    assert.deepEqual([ended.code, ended.signal], [0, null]);
    await last.ended();
    assert.ok(!(await readdir(DATA_DIR)).includes('admin.json'));
    assert.ok(!(await readdir(DATA_DIR)).includes('store.staged'));
    assert.doesNotMatch(ended.stderr, /"level":(50|60)/);
    assert.ok(await bench.run(['serve'], { DATA_DIR }).url());
  });

  it('throws away what a crash before the swap has left, and never puts it in place later', async () => {
    const DATA_DIR = await bench.directory();
    const server = bench.run(['serve'], { DATA_DIR, DEMO: 'off' });
    await server.url();
    await server.stop();
    // As it lies after the copy was renamed, and before the present data was.
    await cp(join(DATA_DIR, 'store'), join(DATA_DIR, 'store.restored'), { recursive: true });
    const again = bench.run(['serve'], { DATA_DIR });
    await again.url();
    await again.stop();
    assert.ok(!existsSync(join(DATA_DIR, 'store.restored')));
  });

  it('works without a server, into an empty directory too', async () => {
    const directory = await bench.directory();
    const [DATA_DIR, other] = [join(directory, 'data'), join(directory, 'other')];
    const file = join(directory, 'two.backup');
    const server = bench.run(['serve'], { DATA_DIR, DEMO: 'off' });
    await server.url();
    await server.stop();
    const backup = await bench.run(['--json', 'backup', file], { DATA_DIR }).ended();
    assert.equal((JSON.parse(backup.stdout) as { through: string }).through, 'store');
    const restore = await bench.run(['--json', 'restore', file], { DATA_DIR: other }).ended();
    assert.equal((JSON.parse(restore.stdout) as { aside: unknown }).aside, null);
    const reset = await bench.run(['--json', 'user', 'reset', 'admin'], { DATA_DIR: other }).ended();
    const { password } = JSON.parse(reset.stdout) as { password: string };
    const restored = bench.run(['serve'], { DATA_DIR: other });
    assert.ok(await signIn(await restored.url(), 'admin', password));
  });

  it('refuses what is no sound backup, and changes nothing', async () => {
    const directory = await bench.directory();
    const DATA_DIR = join(directory, 'data');
    const server = bench.run(['serve'], { DATA_DIR, DEMO: 'off' });
    await server.url();
    await server.stop();
    const sound = join(directory, 'sound');
    await bench.run(['backup', sound], { DATA_DIR }).ended();
    const bytes = await readFile(sound);
    const damaged = join(directory, 'damaged');
    // Every second page's middle.
    for (let at = 4096 + 2048; at < bytes.length; at += 8192) bytes.fill(0xa5, at, at + 512);
    await writeFile(damaged, bytes);
    const text = join(directory, 'text');
    await writeFile(text, 'not a store at all');
    const cut = join(directory, 'cut');
    await writeFile(cut, (await readFile(sound)).subarray(0, 20_000));
    const before = await readdir(DATA_DIR);
    for (const file of [damaged, text, cut, join(directory, 'missing')]) {
      const { code, stderr } = await bench.run(['restore', file], { DATA_DIR }).ended();
      assert.equal(code, 1, file);
      assert.match(stderr, /not a sound backup/, file);
      assert.doesNotMatch(stderr, /\n\s+at /);
    }
    // Only the directory of the lock has come.
    assert.deepEqual(
      (await readdir(DATA_DIR)).filter((name) => name !== 'store.restoring'),
      before,
    );
    assert.ok(await bench.run(['serve'], { DATA_DIR }).url());
  });

  it('finishes at the next start what a crash between its two renames has left', async () => {
    const DATA_DIR = await bench.directory();
    const server = bench.run(['serve'], { DATA_DIR, DEMO: 'off' });
    await server.url();
    await server.stop();
    // As it lies after the first rename: the old data is aside, the copy not yet in place.
    await rename(join(DATA_DIR, 'store'), join(DATA_DIR, 'store.restored'));
    await mkdir(join(DATA_DIR, 'store.before-x'));
    const again = bench.run(['serve'], { DATA_DIR });
    const url = await again.url();
    assert.ok(await signIn(url, 'admin', await passwordIn(DATA_DIR, 'admin')));
    assert.ok(!existsSync(join(DATA_DIR, 'store.restored')));
  });

  it('says so when there is nothing to back up, and that MongoDB has its own tools', async () => {
    const DATA_DIR = await bench.directory();
    const file = join(DATA_DIR, 'x');
    assert.match((await bench.run(['backup', file], { DATA_DIR }).ended()).stderr, /holds no store/);
    const nowhere = join(DATA_DIR, 'missing', 'x');
    await mkdir(join(DATA_DIR, 'some', 'store'), { recursive: true });
    const refused = await bench
      .run(['--json', 'backup', nowhere], { DATA_DIR: join(DATA_DIR, 'some') })
      .ended();
    assert.deepEqual([refused.code, /store\.no-access/.test(refused.stdout)], [1, true]);
    await rm(join(DATA_DIR, 'some'), { recursive: true });
    const MONGODB_URI = 'mongodb://127.0.0.1:1/x';
    for (const parameters of [
      ['backup', file],
      ['restore', file],
    ]) {
      const { code, stderr } = await bench.run(parameters, { DATA_DIR, MONGODB_URI }).ended();
      assert.deepEqual([code, /MongoDB/.test(stderr)], [1, true]);
    }
    assert.match((await bench.run(['user', 'reset', 'admin'], { DATA_DIR }).ended()).stderr, /no users/);
    assert.deepEqual(await readdir(DATA_DIR), []);
  });
}).timeout(120_000);
