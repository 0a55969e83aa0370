// The commands that use the API, by the real command: the same with a server and without one.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Ended, signIn, Workbench } from './server-process.js';

describe('commands on the data', () => {
  const bench = new Workbench();
  let DATA_DIR: string;
  before(async () => {
    DATA_DIR = await bench.directory();
  });
  after(() => bench.close());

  const run = (...parameters: string[]): Promise<Ended> => bench.run(parameters, { DATA_DIR }).ended();
  const asked = async <Answer>(...parameters: string[]): Promise<Answer> => {
    const { code, stdout, stderr } = await run('--json', ...parameters);
    assert.equal(code, 0, stdout + stderr);
    return JSON.parse(stdout) as Answer;
  };
  type Runs = { readonly items: readonly { readonly id: string; readonly status: string }[] };

  it('make a store, a user and a run where no server is', async () => {
    const { findings } = await asked<{ findings: { state: string; what: string }[] }>('doctor');
    assert.ok(
      findings.every(({ state }) => state !== 'failure'),
      JSON.stringify(findings),
    );
    assert.ok(findings.some(({ what }) => what.startsWith('no server is running')));
    assert.ok(!existsSync(join(DATA_DIR, 'admin.json')), 'no server is left');
    const { password } = await asked<{ password: string }>(
      'user',
      'add',
      'carla',
      '--role',
      'agent',
      'operator',
    );
    assert.ok(password.length >= 16);
    const list = await run('user', 'list');
    assert.match(list.stdout, /^carla {2}carla {2}agent,operator$/m);
    const audit = await run('audit', '--limit', '1');
    assert.match(audit.stdout, /^\S+ {2}\S.* {2}PUT {2}\/api\/v1\/users\/carla {2}201$/m);
    const items = JSON.stringify({ items: [{ line: '11069-1', quantity: 1, reason: 'broken' }] });
    const first = await asked<{ run: { id: string } }>(
      'run',
      'return-items',
      '--order',
      '11069',
      '--input',
      items,
      '--key',
      'k1',
    );
    const again = await asked<{ run: { id: string } }>(
      'run',
      'return-items',
      '--order',
      '11069',
      '--input',
      items,
      '--key',
      'k1',
    );
    assert.equal(again.run.id, first.run.id);
    const { items: runs } = await asked<Runs>('runs', '--flow', 'return-items');
    assert.deepEqual(
      runs.map(({ id, status }) => [id, status]),
      [[first.run.id, 'waiting']],
    );
  });

  it('do the same through the server that is running', async () => {
    const server = bench.run(['serve'], { DATA_DIR, PORT: '0' });
    const url = await server.url();
    const [{ id }] = (await asked<Runs>('runs', '--status', 'waiting')).items as unknown as [{ id: string }];
    const stopped = await run('operate', 'suspend', id, 'run-of-nobody', '--reason', 'closed');
    assert.equal(stopped.code, 1);
    assert.match(stopped.stdout, /^run-of-nobody: run\.unknown: .*\n1 of 2 done, 1 refused\n$/);
    assert.equal((await asked<Runs>('runs', '--status', 'suspended')).items.length, 1);
    const resumed = await run('operate', 'resume', id, '--reason', 'open');
    assert.equal(resumed.code, 0);
    const { findings } = await asked<{ findings: { what: string }[] }>('doctor');
    assert.ok(findings.some(({ what }) => what === 'a server is running and answers'));
    const { password } = await asked<{ password: string }>('user', 'add', 'dora', '--role', 'agent');
    assert.ok(await signIn(url, 'dora', password));
    await server.stop();
  });

  it('carry flows from one store to another, all or none', async () => {
    const file = join(await bench.directory(), 'flows.json');
    const written = await run('export', file, '--flows', 'cancel-items', 'pay-out');
    assert.match(written.stdout, /^2 flows written to /);
    const twice = await run('export', file);
    assert.deepEqual([twice.code, twice.stderr.includes('it exists')], [1, true]);
    const other = await bench.directory();
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('Cancels units that have not', 'Takes back units that have not'));
    const imported = await bench.run(['import', file, '--activate'], { DATA_DIR: other }).ended();
    assert.match(imported.stdout, /^cancel-items {2}2 {2}active\npay-out {2}1 {2}active {2}unchanged\n$/);
    await writeFile(file, text.replaceAll('"next": "keep"', '"next": "kept"'));
    const wrong = await bench.run(['import', file], { DATA_DIR: other }).ended();
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /server\.invalid-request: \/flows\/cancel-items\/elements\/cancel\/next /);
  });

  it('say what is wrong with what they are given', async () => {
    for (const [parameters, code, text] of [
      [['run', 'cancel-items', '--order', '11075', '--input', '{'], 2, /--input.*It is not JSON/],
      [['run', 'cancel-items', '--order', '99999'], 1, /orders\.unknown-order/],
      [['run', 'nothing'], 1, /version\.unknown|run\./],
      [['import', join(DATA_DIR, 'none.json')], 1, /can not be read/],
      [['user', 'add', 'Carla', '--role', 'agent'], 1, /server\.edited-meanwhile/],
      [['user', 'add', 'eva', '--role', 'emperor'], 1, /there is no role emperor/],
      [['operate', 'explode', 'x', '--reason', 'y'], 2, /Allowed choices are retry, /],
      [['operate', 'suspend', 'x', '--reason', 'y', '--input', '{'], 2, /It is not JSON/],
      [['runs', '--status', 'bogus'], 2, /Allowed choices are active, /],
      [['runs', '--limit', 'many'], 2, /not a whole number/],
      [['user', 'add', 'eva'], 2, /required option '--role/],
      [['operate', 'suspend', 'x'], 2, /required option '--reason/],
      [['dance'], 2, /unknown command/],
    ] as const) {
      const ended = await run(...parameters);
      assert.equal(ended.code, code, parameters.join(' ') + ended.stderr);
      assert.match(ended.stderr, text, parameters.join(' '));
      assert.doesNotMatch(ended.stderr, /\.js:\d+/);
    }
  });

  it('say in JSON what was mistyped, to whoever asks for it', async () => {
    for (const [parameters, detail] of [
      [['bogus'], /^unknown command 'bogus'/],
      [['operate', 'retry', 'x'], /^required option '--reason/],
      [['runs', '--status', 'bogus'], /Allowed choices are active, /],
      [[], /^no command is given$/],
    ] as const) {
      const { code, stdout, stderr } = await run('--json', ...parameters);
      assert.deepEqual([code, stderr], [2, '']);
      const { error } = JSON.parse(stdout) as { error: { code: string; detail: string } };
      assert.equal(error.code, 'server.mistyped');
      assert.match(error.detail, detail);
    }
  });
});
