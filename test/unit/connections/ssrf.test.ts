// Calls of flows reach nothing inside: not by an address that a name server changes, not by a spelling, not by a redirect. Each
// with the same call unguarded, which does reach it. (reliability.md S6)
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent, request } from 'undici';
import { HttpCaller, readConnections } from '../../../connections/index.js';
import { isPublicAddress } from '../../../connections/public-address.js';
import type { Connection } from '../../../connections/connection.js';
import { NameServer } from '../../support/name-server.js';

/** Stands for a public address; the internal listener is at 127.0.0.1. */
const publicAddress = '127.0.0.2';
const isPublic = (address: string): boolean => address === publicAddress || isPublicAddress(address);

describe('calls to other systems reach nothing inside', () => {
  let internal: Server;
  let external: Server;
  let port: number;
  let reached: number;
  let names: NameServer;
  let addresses: (host: string, count: number) => readonly string[];
  let redirectTo: string;
  const callers: HttpCaller[] = [];

  before(async () => {
    internal = createServer((_request, response) => {
      reached += 1;
      response.end('secret');
    });
    internal.listen(0, '127.0.0.1');
    await once(internal, 'listening');
    ({ port } = internal.address() as AddressInfo);
    external = createServer((request, response) => {
      if (request.url?.startsWith('/api/redirect')) response.writeHead(302, { location: redirectTo }).end();
      else
        response
          .writeHead(200, { 'content-type': 'application/json', connection: 'close' })
          .end('{"ok":true}');
    });
    external.listen(port, publicAddress);
    await once(external, 'listening');
    names = await NameServer.start((host, count) => addresses(host, count));
  });
  after(async () => {
    for (const caller of callers) await caller.close();
    names.close();
    for (const server of [internal, external]) {
      server.closeAllConnections();
      server.close();
    }
  });
  beforeEach(() => {
    reached = 0;
    names.asked.length = 0;
  });

  /** A caller whose connection would be https to the public in earnest: the guard does not depend on that. */
  const callerTo = (host: string): HttpCaller => {
    const connection: Connection = { url: new URL(`http://${host}:${port}/api`), headers: {}, inside: false };
    const caller = new HttpCaller(new Map([['shop', connection]]), { lookup: names.lookup, isPublic });
    callers.push(caller);
    return caller;
  };
  const ask = (caller: HttpCaller, path = '/things') =>
    caller.call({
      connection: 'shop',
      method: 'GET',
      path,
      params: {},
      query: {},
      signal: AbortSignal.timeout(5_000),
    });
  /** Checks the address of a name and then calls the name: what the guard must not be. */
  const askUnguarded = async (url: URL): Promise<void> => {
    const [found] = await names.lookup(url.hostname).catch(() => [{ address: url.hostname, family: 4 }]);
    assert.ok(found !== undefined);
    const agent = new Agent({
      connect: {
        lookup: (host, _options, callback) => {
          names.lookup(host).then(
            ([again]) => callback(null, [{ address: again!.address, family: 4 }]),
            (error: Error) => callback(error, '', 0),
          );
        },
      },
    });
    const { body } = await request(url, { dispatcher: agent });
    await body.dump();
    await agent.close();
  };

  it('when the name server gives a public address first and an internal one then', async () => {
    addresses = (_host, count) => [count === 1 ? publicAddress : '127.0.0.1'];
    const caller = callerTo('rebinding.example');
    assert.deepEqual(await ask(caller), { status: 200, body: { ok: true } });
    assert.deepEqual(names.asked, ['rebinding.example'], 'one question for one connection');
    await assert.rejects(ask(caller), { code: 'connection.address-refused', retryable: false });
    assert.equal(reached, 0);
    names.asked.length = 0;
    await askUnguarded(new URL(`http://rebinding.example:${port}/api/things`));
    assert.equal(reached, 1, 'the control reaches it');
  });

  it('when one of several addresses is internal', async () => {
    addresses = () => [publicAddress, '127.0.0.1'];
    await assert.rejects(ask(callerTo('both.example')), { code: 'connection.address-refused' });
    assert.equal(reached, 0);
  });

  it('when it is redirected, to a name, an address or the metadata of a cloud', async () => {
    addresses = (host) => [host === 'outside.example' ? publicAddress : '127.0.0.1'];
    const caller = callerTo('outside.example');
    for (const target of [
      `http://127.0.0.1:${port}/api/`,
      `http://inside.example:${port}/api/`,
      'http://169.254.169.254/latest/meta-data/',
      `http://outside.example:${port}/admin`,
      `//127.0.0.1:${port}/api/x`,
      'file:///etc/passwd',
      '',
    ]) {
      redirectTo = target;
      await assert.rejects(ask(caller, '/redirect'), { code: 'connection.answer-refused' }, target);
    }
    redirectTo = '/api/redirect/again';
    await assert.rejects(ask(caller, '/redirect'), /redirects more than 3 times/);
    redirectTo = '/api/things';
    assert.equal((await ask(caller, '/redirect')).status, 200);
    assert.equal(reached, 0);
    redirectTo = `http://127.0.0.1:${port}/api/`;
    await fetch(`http://${publicAddress}:${port}/api/redirect`);
    assert.equal(reached, 1, 'the control follows it');
  });

  it('by no spelling of an address', () => {
    const hosts = [
      ...['127.0.0.1', '127.1', '2130706433', '0x7f000001', '0177.0.0.1', '0', '10.0.0.1', '172.16.0.1'],
      ...[
        '192.168.1.1',
        '169.254.169.254',
        '100.64.0.1',
        '192.0.0.1',
        '198.18.0.1',
        '224.0.0.1',
        '240.0.0.1',
      ],
      ...['255.255.255.255', '[::1]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[64:ff9b::7f00:1]'],
      ...['[2002:7f00:1::]', '[2001:0:1::1]', '[fe80::1]', '[fc00::1]', '[fd00:ec2::254]', '[ff02::1]'],
    ];
    for (const host of hosts) {
      const file = JSON.stringify({ shop: { url: `https://${host}/` } });
      assert.throws(() => readConnections(file), /\/shop\/url: the address is not public/, host);
      assert.equal(
        readConnections(file.replace('}}', ',"inside":true}}')).size,
        1,
        `the control takes ${host}`,
      );
    }
    for (const host of ['93.184.216.34', '[2606:2800:220:1:248:1893:25c8:1946]', 'api.carrier.example'])
      assert.equal(readConnections(JSON.stringify({ shop: { url: `https://${host}/` } })).size, 1, host);
  });

  it('by a name that stands for this machine', async () => {
    addresses = () => ['127.0.0.1'];
    for (const host of ['localhost', 'localhost.', 'inside.example']) {
      await assert.rejects(ask(callerTo(host)), { code: 'connection.address-refused' }, host);
    }
    assert.equal(reached, 0);
    const url = new URL(`http://inside.example:${port}/api`);
    const trusted = new HttpCaller(new Map([['shop', { url, headers: {}, inside: true }]]), {
      lookup: names.lookup,
    });
    callers.push(trusted);
    assert.equal((await ask(trusted)).body, 'secret');
    assert.equal(reached, 1, 'a connection that is inside reaches it');
  });
});
