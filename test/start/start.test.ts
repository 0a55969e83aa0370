// Starting and stopping the real process: first start, restart, refusals, and a kill in the middle of the first start.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { orderNumbers, passwordIn, signIn, Workbench } from './server-process.js';

describe('starting the server', () => {
  let bench: Workbench;
  beforeEach(() => {
    bench = new Workbench();
  });
  afterEach(() => bench.close());

  it('makes data, users and sample orders at the first start, and keeps them', async () => {
    const DATA_DIR = join(await bench.directory(), 'not', 'there');
    const first = bench.run(['serve'], { DATA_DIR });
    const url = await first.url();
    assert.match(first.stdout, /830 orders loaded/);
    assert.match(first.stdout, /What is unsafe about it/);
    const password = await passwordIn(DATA_DIR, 'agent');
    assert.ok(first.stdout.includes(password));
    for (const name of ['demo-users.json', 'admin.json']) {
      assert.equal((await stat(join(DATA_DIR, name))).mode & 0o777, 0o600, name);
    }
    assert.equal((await stat(DATA_DIR)).mode & 0o077, 0);
    const token = await signIn(url, 'agent', password);
    assert.equal((await orderNumbers(url, token!)).length, 830);
    const { code, stderr } = await first.stop();
    assert.equal(code, 0, stderr);
    assert.ok(!existsSync(join(DATA_DIR, 'admin.json')));

    const second = bench.run(['serve'], { DATA_DIR });
    const again = await second.url();
    assert.doesNotMatch(second.stdout, /orders loaded/);
    assert.ok(!second.stdout.includes(password));
    assert.equal((await orderNumbers(again, token!)).length, 830);
    assert.equal((await second.stop('SIGINT')).code, 0);
  });

  it('refuses a second process on the directory, and starts again after kill -9', async () => {
    const DATA_DIR = await bench.directory();
    const first = bench.run(['serve'], { DATA_DIR, DEMO: 'off' });
    await first.url();
    const second = await bench.run(['serve'], { DATA_DIR }).ended();
    assert.notEqual(second.code, 0);
    assert.match(second.stderr, /in use by another process/);
    assert.match(second.stderr, /DATA_DIR/);
    assert.doesNotMatch(second.stderr, /\n\s+at /);
    await first.stop('SIGKILL');
    const third = bench.run(['serve'], { DATA_DIR });
    assert.match(await third.url(), /^http/);
  });

  it('leaves the running server reachable for the command line when a second process is refused', async () => {
    const DATA_DIR = await bench.directory();
    await bench.run(['serve'], { DATA_DIR, DEMO: 'off' }).url();
    assert.equal((await bench.run(['serve'], { DATA_DIR }).ended()).code, 1);
    assert.equal((await bench.run(['user', 'reset', 'admin'], { DATA_DIR }).ended()).code, 0);
    await writeFile(join(DATA_DIR, 'admin.json'), '{no JSON');
    const { code, stderr } = await bench.run(['user', 'reset', 'admin'], { DATA_DIR }).ended();
    assert.deepEqual([code, /can't be asked/.test(stderr)], [1, true]);
  });

  it('says of a data directory that it can not use what is wrong with it', async () => {
    const file = join(await bench.directory(), 'file');
    await writeFile(file, '');
    for (const DATA_DIR of [file, join(file, 'below')]) {
      const { code, stdout } = await bench.run(['--json', 'serve'], { DATA_DIR }).ended();
      assert.deepEqual([code, /store\.no-access/.test(stdout)], [1, true], stdout);
    }
  });

  it('refuses a port that is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    try {
      const PORT = String((taken.address() as AddressInfo).port);
      const DATA_DIR = await bench.directory();
      const { code, stderr } = await bench.run(['serve'], { DATA_DIR, PORT }).ended();
      assert.equal(code, 1);
      assert.match(stderr, new RegExp(`port ${PORT}: another process listens there`));
      assert.doesNotMatch(stderr, /\n\s+at /);
      assert.ok(!existsSync(join(DATA_DIR, 'demo-users.json')), 'nothing was prepared');
    } finally {
      taken.close();
    }
  });

  it('tells every mistake of the configuration, for people and for programs', async () => {
    const DATA_DIR = await bench.directory();
    const mistaken = { DATA_DIR, PORT: 'x', LOG_LEVEL: 'loud' };
    const text = await bench.run(['serve'], mistaken).ended();
    assert.equal(text.code, 1);
    assert.match(text.stderr, /PORT: expected .*given "x"\nLOG_LEVEL: expected .*given "loud"/);
    const json = await bench.run(['--json', 'serve'], mistaken).ended();
    const { error } = JSON.parse(json.stdout) as { error: { code: string } };
    assert.equal(error.code, 'server.invalid-configuration');
    assert.deepEqual(await readdir(DATA_DIR), []);
    assert.equal((await bench.run(['fly'], {}).ended()).code, 2);
  });

  it('finishes the first start after kill -9 in the middle of it, without doubles', async () => {
    const DATA_DIR = await bench.directory();
    let interrupted = 0;
    for (const afterMs of [300, 500, 700, 900, 1100, 1500]) {
      const started = bench.run(['serve'], { DATA_DIR });
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      if (!started.stdout.includes('ready at')) interrupted += 1;
      await started.stop('SIGKILL');
    }
    assert.ok(interrupted > 0, 'no kill came before the server was ready');
    const last = bench.run(['serve'], { DATA_DIR });
    const url = await last.url();
    const token = await signIn(url, 'agent', await passwordIn(DATA_DIR, 'agent'));
    const numbers = await orderNumbers(url, token!);
    assert.deepEqual([numbers.length, new Set(numbers).size], [830, 830]);
    const whole = await fetch(`${url}/api/v1/orders/10250`, { headers: { authorization: token! } });
    const { shipments, payments, shipmentInvoices } = (await whole.json()) as Record<string, unknown[]>;
    assert.deepEqual([shipments!.length, payments!.length, shipmentInvoices!.length], [1, 1, 1]);
  });

  it('finishes a request that has begun, and takes no more, when it is told to stop', async () => {
    const DATA_DIR = await bench.directory();
    const server = bench.run(['serve'], { DATA_DIR, DEMO: 'off' });
    const url = await server.url();
    const body = JSON.stringify({ username: 'admin', password: await passwordIn(DATA_DIR, 'admin') });
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    let answer = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      answer += text;
    });
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.write(
      `POST /api/v1/sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 5)}`,
    );
    // The health answer comes after the server has taken the half request in.
    await fetch(`${url}/health`);
    server.child.kill('SIGTERM');
    server.child.kill('SIGTERM');
    await assert.rejects(async () => {
      for (;;) await fetch(`${url}/health`);
    });
    socket.write(body.slice(5));
    await closed;
    assert.match(answer, /^HTTP\/1\.1 200 [\s\S]*"token"/);
    assert.equal((await server.ended()).code, 0);
  });
}).timeout(120_000);
