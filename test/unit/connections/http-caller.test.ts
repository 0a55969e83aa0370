// What a call makes of paths, of answers and of faults: what surely did not happen, and what nobody knows.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RecourseError } from '../../../engine/errors/recourse-error.js';
import { callLimits, HttpCaller, readConnections } from '../../../connections/index.js';
import type { OutgoingCall } from '../../../connections/call-port.js';

describe('a call to another system', () => {
  let server: Server;
  let caller: HttpCaller;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  const received: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] = [];

  before(async () => {
    server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      received.push({ method: request.method!, url: request.url!, headers: request.headers, body });
      answer(request, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    caller = new HttpCaller(
      readConnections(
        JSON.stringify({
          warehouse: {
            url: `http://127.0.0.1:${port}/api/v1/`,
            headers: { Authorization: 'Bearer very-secret' },
            inside: true,
          },
          nobody: { url: 'http://127.0.0.1:1/', inside: true },
        }),
      ),
    );
  });
  after(async () => {
    await caller.close();
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    received.length = 0;
    answer = (_request, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":"L1"}');
  });

  const call = (more: Partial<OutgoingCall> = {}) =>
    caller.call({
      connection: 'warehouse',
      method: 'GET',
      path: '/labels',
      params: {},
      query: {},
      signal: AbortSignal.timeout(5_000),
      ...more,
    });

  it('carries the secrets of the connection, its body and its key', async () => {
    const body = { order: '10248', note: 'für Anna' };
    assert.deepEqual(await call({ method: 'PUT', body, key: 'run-1:main:label:1' }), {
      status: 200,
      body: { id: 'L1' },
    });
    const [got] = received;
    assert.deepEqual([got?.method, got?.url], ['PUT', '/api/v1/labels']);
    assert.deepEqual(JSON.parse(got!.body), body);
    assert.equal(got?.headers.authorization, 'Bearer very-secret');
    assert.equal(got?.headers['idempotency-key'], 'run-1:main:label:1');
    assert.equal(got?.headers['content-type'], 'application/json');
  });

  it('puts values into path and query so that they stay what they are', async () => {
    await call({
      path: '/parcels/{parcel}/events',
      params: { parcel: '../../admin?x=1#y' },
      query: { from: '2026-01-01&all=true', limit: 5, full: false },
    });
    assert.equal(
      received[0]?.url,
      '/api/v1/parcels/..%2F..%2Fadmin%3Fx%3D1%23y/events?from=2026-01-01%26all%3Dtrue&limit=5&full=false',
    );
  });

  it('is made over a connection of its own: an idle one that was closed looks like one that broke under way', async () => {
    let opened = 0;
    const count = (): void => {
      opened += 1;
    };
    server.on('connection', count);
    for (let calls = 0; calls < 3; calls += 1) await call({ method: 'POST' });
    server.off('connection', count);
    assert.equal(opened, 3);
  });

  it('never leaves the address of its connection', async () => {
    for (const path of [
      ...['/../admin', '/%2e%2e/admin', '/a/../../admin', '/.%2E/x', '//evil.example/x', '/\\evil', '/a b'],
      ...['/x?y=1', '/x#y', 'x', '', '/{parcel}', '/{', '/x}'],
    ]) {
      if (path === '//evil.example/x') {
        // A path with two slashes, on the same host.
        await call({ path });
        assert.equal(received.at(-1)?.url, '/api/v1//evil.example/x');
      } else await assert.rejects(call({ path }), { code: 'connection.path-refused' }, path);
    }
    for (const parcel of ['.', '..', ''])
      await assert.rejects(call({ path: '/{parcel}', params: { parcel } }), {
        code: 'connection.path-refused',
      });
    assert.equal(received.length, 1);
  });

  const answers = (status: number, body = '', type = 'text/plain') => {
    answer = (_request, response) => response.writeHead(status, { 'content-type': type }).end(body);
  };
  /** The code of the error, whether the same call may succeed later; `unknown` where nobody knows whether it happened. */
  const failure = async (more: Partial<OutgoingCall>): Promise<string> => {
    const error: unknown = await call(more).then(
      () => assert.fail('it must fail'),
      (thrown: unknown) => thrown,
    );
    return error instanceof RecourseError ? `${error.code}${error.retryable ? ' later' : ''}` : 'unknown';
  };

  it('tells what did not happen from what nobody knows', async () => {
    const cases: [status: number, asked: string, sent: string][] = [
      [400, 'connection.refused', 'connection.refused'],
      [404, 'connection.refused', 'connection.refused'],
      [409, 'connection.refused', 'connection.refused'],
      [429, 'connection.busy later', 'connection.busy later'],
      [408, 'connection.busy later', 'unknown'],
      [500, 'connection.busy later', 'unknown'],
      [503, 'connection.busy later', 'unknown'],
      [304, 'connection.answer-refused', 'unknown'],
    ];
    for (const [status, asked, sent] of cases) {
      answers(status, 'why not');
      assert.equal(await failure({ method: 'GET' }), asked, `GET ${status}`);
      assert.equal(await failure({ method: 'POST' }), sent, `POST ${status}`);
    }
    answers(302);
    assert.equal(await failure({ method: 'POST' }), 'unknown');
    answer = (request) => request.socket.destroy();
    assert.equal(await failure({ method: 'GET' }), 'connection.unreachable later');
    assert.equal(await failure({ method: 'POST' }), 'unknown');
    for (const method of ['GET', 'POST'] as const)
      assert.equal(await failure({ method, connection: 'nobody' }), 'connection.unreachable later');
    assert.equal(await failure({ connection: 'else' }), 'connection.unknown');
    answer = () => undefined;
    const soon = () => AbortSignal.timeout(100);
    assert.equal(await failure({ method: 'GET', signal: soon() }), 'connection.unreachable later');
    assert.equal(await failure({ method: 'POST', signal: soon() }), 'unknown');
  });

  it('takes out what the other system echoes of its secrets', async () => {
    const echo = (status: number) => {
      answer = ({ headers }, response) =>
        response
          .writeHead(status, { 'content-type': 'application/json' })
          .end(JSON.stringify({ got: headers.authorization }));
    };
    echo(200);
    assert.deepEqual(await call(), { status: 200, body: { got: 'Bearer ***' } });
    for (const status of [400, 429, 500]) {
      echo(status);
      for (const method of ['GET', 'POST'] as const)
        await assert.rejects(call({ method }), ({ message }: Error) => /Bearer \*\*\*/.test(message));
    }
  });

  it('says what the other system answered, and no secret', async () => {
    answers(422, `{"error":"no such parcel"}${'x'.repeat(5_000)}`);
    await assert.rejects(call(), (error: Error) => {
      assert.match(error.message, /^it answers 422: \{"error":"no such parcel"\}x+$/);
      assert.ok(error.message.length < 400);
      return !error.message.includes('secret');
    });
  });

  it('takes JSON, text or nothing, up to its limit', async () => {
    answers(200, 'plain');
    assert.deepEqual(await call(), { status: 200, body: 'plain' });
    answers(204);
    assert.deepEqual(await call({ method: 'DELETE' }), { status: 204, body: null });
    answers(200, '{"a":1}', 'application/problem+json; charset=utf-8');
    assert.deepEqual(await call(), { status: 200, body: { a: 1 } });
    answers(200, '{"a":', 'application/json');
    assert.equal(await failure({ method: 'GET' }), 'connection.answer-refused');
    assert.equal(await failure({ method: 'POST' }), 'unknown');
    answers(200, 'x'.repeat(callLimits.answerBytesMax + 1));
    assert.equal(await failure({ method: 'GET' }), 'connection.answer-refused');
    assert.equal(await failure({ method: 'POST' }), 'unknown');
    answers(200, 'x'.repeat(callLimits.answerBytesMax));
    assert.equal(String((await call()).body).length, callLimits.answerBytesMax);
  });
});

describe('the file of connections', () => {
  it('tells every mistake and its place, and no secret', () => {
    const file = {
      Carrier: { url: 'https://a.example' },
      noUrl: 1,
      a: {},
      b: { url: 'ftp://a.example' },
      c: { url: 'http://a.example' },
      d: { url: 'https://user:secret@a.example' },
      e: { url: 'https://a.example/?key=secret' },
      f: { url: 'https://a.example', headers: { host: 'secret', 'x y': 'secret', 'x-key': 'secret\n' } },
      g: { url: 'https://a.example', inside: 'yes', flows: [] },
    };
    assert.throws(
      () => readConnections(JSON.stringify(file)),
      (error: RecourseError) => {
        assert.equal(error.code, 'connection.file-invalid');
        assert.deepEqual(
          error.problems.map(({ pointer }) => pointer),
          [
            ...['/Carrier', '/noUrl', '/a/url', '/b/url', '/c/url', '/d/url', '/e/url', '/f/headers/host'],
            ...['/f/headers/x y', '/f/headers/x-key', '/g/flows', '/g/inside'],
          ],
        );
        return !JSON.stringify([error.message, error.problems]).includes('secret');
      },
    );
    for (const text of ['', '[]', '{"a": {"url": "https://a.example", "headers": {"x": "secret"}}', 'null'])
      assert.throws(() => readConnections(text), { code: 'connection.file-invalid' });
    assert.equal(readConnections('{}').size, 0);
  });
});
