// Hostile requests: every refusal is a problem with the right status, and nothing makes the server fail.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import fc from 'fast-check';
import { answerMalformedHttp } from '../../server/malformed-http.js';
import { bodyBytesMax, bodyDepthMax } from '../../server/middleware/json-body.js';
import { assertProblem } from './problem.js';
import { openSampleApp, type SampleApp } from './sample-app.js';

describe('bad input', () => {
  let app: SampleApp;
  let authorization: string;
  before(async () => {
    app = await openSampleApp({ orders: false });
    authorization = await app.signIn('agent');
  });
  after(() => app.close());

  const post = (body: string | Buffer, type = 'application/json') =>
    app.request().post('/api/v1/sign-in').set('content-type', type).send(body);

  it('answers what is not JSON with 400', async () => {
    for (const body of ['{', '{"a":1', 'nul', '{"a":1}{}', '\u0000', '{"a":"\u0001"}', "{'a':1}", 'NaN']) {
      assertProblem(await post(body), 400, 'server.malformed-json');
    }
    const notUtf8 = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]);
    const request = app.request().post('/api/v1/sign-in').set('content-type', 'application/json');
    request.write(notUtf8);
    assertProblem(await request, 400, 'server.malformed-json');
  });

  it('refuses the keys that reach a prototype, at any depth and however they are written', async () => {
    const bodies = [
      ['{"__proto__":{"admin":true}}', '/__proto__'],
      ['{"username":{"constructor":1}}', '/username/constructor'],
      ['[[{"prototype":null}]]', '/0/0/prototype'],
      ['{"\\u005f_proto__":1}', '/__proto__'],
    ] as const;
    for (const [body, pointer] of bodies) {
      const { problems = [] } = assertProblem(await post(body), 400, 'server.forbidden-key');
      assert.equal(problems[0]?.pointer, pointer);
    }
  });

  it('refuses numbers that would be read as others, and says where they stand', async () => {
    const bodies = [
      ['{"input":{"items":[{"quantity":9007199254740993}]}}', '/input/items/0/quantity'],
      ['{"username":-9007199254740993}', '/username'],
      ['{"a":1,"b/c":12345678901234567890}', '/b~1c'],
      ['[1e400]', '/0'],
      ['{"a":1e308,"b":-1E+309}', '/b'],
      [`{"a":${'9'.repeat(400)}}`, '/a'],
    ] as const;
    for (const [body, pointer] of bodies) {
      const { problems = [], detail } = assertProblem(await post(body), 400, 'server.inexact-number');
      assert.equal(problems[0]?.pointer, pointer);
      assert.ok(detail.length < 120);
    }
    const held =
      '[9007199254740992,1e300,-9007199254740991,0.1234567890123456789,1e-400,123456789012345680000]';
    assertProblem(await post(held), 400, 'server.invalid-request');
  });

  it('bounds depth and size', async () => {
    const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
    assertProblem(await post(nested(bodyDepthMax)), 400, 'server.invalid-request');
    assertProblem(await post(nested(bodyDepthMax + 1)), 400, 'server.too-deep');
    assertProblem(await post(nested(bodyBytesMax / 2)), 400, 'server.too-deep');
    assertProblem(await post(`"${'['.repeat(1000)}"`), 400, 'server.invalid-request');
    assertProblem(await post(`"${'x'.repeat(bodyBytesMax - 2)}"`), 400, 'server.invalid-request');
    assertProblem(await post(`"${'x'.repeat(bodyBytesMax - 1)}"`), 413, 'server.too-large');
  });

  it('takes application/json in UTF-8 only', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/json; charset=latin1',
    ]) {
      assertProblem(await post('{}', type), 415, 'server.unsupported-media-type');
    }
    const zipped = app.request().post('/api/v1/sign-in').set('content-type', 'application/json');
    assertProblem(
      await zipped.set('content-encoding', 'gzip').send('{}'),
      415,
      'server.unsupported-media-type',
    );
    assertProblem(await post('{}', 'application/json; charset=UTF-8'), 400, 'server.invalid-request');
  });

  describe('says what is wrong, and where', () => {
    let operator: string;
    before(async () => {
      operator = await app.signIn('operator');
    });
    const refused = async (path: string, body: unknown) => {
      const request = app.request().post(`/api/v1/${path}`).set('authorization', operator);
      const sent = request.set('content-type', 'application/json').set('idempotency-key', 'bad');
      return assertProblem(await sent.send(JSON.stringify(body)), 400, 'server.invalid-request');
    };
    const bulk = { operation: 'suspend', reason: 'closed' };
    const mistakes = async (body: object) =>
      (await refused('runs/bulk', body)).problems!.map(({ pointer, code, detail }) => [
        pointer,
        code.replace('server.', ''),
        detail,
      ]);

    it('of lists', async () => {
      const empty = 'runs must NOT have fewer than 1 items';
      assert.deepEqual(await mistakes({ ...bulk, runs: [] }), [['/runs', 'invalid-field', empty]]);
      const [[, , twice] = []] = await mistakes({ ...bulk, runs: ['a', 'a'] });
      assert.match(twice!, /^runs must NOT have duplicate items/);
      const [[pointer, , wrong] = []] = await mistakes({ ...bulk, runs: ['a', 'b c'] });
      assert.deepEqual([pointer, wrong!.slice(0, 23)], ['/runs/1', 'runs.1 must match patte']);
      const reason = [['/reason', 'invalid-field', 'reason must be string']];
      assert.deepEqual(await mistakes({ ...bulk, reason: ['x'], runs: ['a'] }), reason);
    });

    it('inside members', async () => {
      const { problems } = await refused('runs/bulk', { ...bulk, filter: { status: 'bogus' } });
      const [{ pointer, expected } = {}] = problems!;
      assert.equal(pointer, '/filter/status');
      assert.match(expected!, /^one of active, /);
      assert.deepEqual(await mistakes({ ...bulk, filter: { 'f/o': 1 } }), [
        ['/filter/f~1o', 'unknown-field', '"filter.f/o" is not known here'],
      ]);
    });

    it('where nothing is taken, and of whole numbers', async () => {
      const me = await app.request().get('/api/v1/me?x=1').set('authorization', operator);
      const { problems: [parameter] = [] } = assertProblem(me, 400, 'server.invalid-request');
      assert.equal(parameter!.expected, 'no parameters');
      const { problems: [field] = [] } = await refused('sign-out', { foo: 1 });
      assert.equal(field!.expected, 'no fields');
      const { problems: [seq] = [] } = await refused('runs/r1/suspend', { reason: 'closed', seq: 'x' });
      assert.match(seq!.expected!, /^an integer from 0/);
    });

    it('without telling more than the first few in one sentence', async () => {
      const unknown = Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`u${n}`, n]));
      const { detail, problems } = await refused('runs/r1/suspend', { reason: 'closed', ...unknown });
      assert.equal(problems!.length, 9);
      assert.match(detail, /^"u0" [^;]+; "u1" [^;]+; "u2" [^;]+; and 6 more$/);
    });

    it('of a body that is null', async () => {
      assert.equal((await refused('runs/r1/suspend', null)).detail, 'the body is not an object');
      assert.equal((await refused('sign-out', null)).detail, 'the body is not an object');
    });
  });

  it('names the methods that a path has', async () => {
    const paths: [path: string, method: 'put' | 'get' | 'delete' | 'options', allow: string][] = [
      ['/health', 'put', 'GET, HEAD'],
      ['/health', 'options', 'GET, HEAD'],
      ['/api/v1/sign-in', 'get', 'POST'],
      ['/api/v1/orders', 'delete', 'GET, HEAD'],
    ];
    for (const [path, method, allow] of paths) {
      const response = await app.request()[method](path).set('authorization', authorization);
      assertProblem(response, 405, 'server.method-not-allowed');
      assert.equal(response.headers['allow'], allow);
    }
    assertProblem(await app.request().get('/health/'), 404, 'server.not-found');
  });

  it('survives 2,000 seeded random requests on all routes without a 5xx', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.constantFrom(
        '__proto__',
        'constructor',
        '$where',
        '$ne',
        '../../etc/passwd',
        '\u0000',
        '%',
        '\ud800',
      ),
    );
    const paths = app.routes.map(({ path }) => path).filter((path) => !path.endsWith('/backup'));
    const pairs = fc.array(fc.tuple(text, text), { maxLength: 4 });
    const request = fc.record({
      method: fc.constantFrom('get', 'post', 'put', 'patch', 'delete', 'head', 'options' as const),
      path: fc.constantFrom(...paths, '/', '/api', '/api/v1'),
      segment: text,
      query: pairs,
      body: fc.oneof(fc.json({ maxDepth: 4 }), fc.string({ maxLength: 60 }), fc.constant(undefined)),
      type: fc.constantFrom('application/json', 'text/plain', 'application/json; charset=x'),
    });
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(request, async ({ method, path, segment, query, body, type }) => {
        const parameters = query.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
        const url = `${path.replace(/:\w+/, encode(segment) || 'x')}?${parameters}`;
        const sent = app.request()[method as 'post'](url).set('authorization', authorization);
        const response = await (body === undefined ? sent : sent.set('content-type', type).send(body));
        assert.ok(response.status < 500, `${method} ${url}: ${response.status}`);
        if (response.status < 400) return;
        refused += 1;
        if (method !== 'head') {
          assert.equal(response.headers['content-type'], 'application/problem+json');
          assert.doesNotMatch(JSON.stringify(response.body), /node_modules|\.js:\d+/);
        }
      }),
      { numRuns: 2000, seed: 20261122 },
    );
    assert.ok(refused > 1000, `${refused} of them were refused`);
  }).timeout(120_000);

  describe('below HTTP', () => {
    let server: Server;
    before(async () => {
      server = createServer({ requireHostHeader: false }, app.handler);
      server.on('clientError', answerMalformedHttp);
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    });
    after(() => {
      server.closeAllConnections();
      server.close();
    });

    async function raw(bytes: string | Buffer): Promise<string> {
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.end(bytes);
      let answer = '';
      socket.setEncoding('utf8').on('data', (chunk: string) => {
        answer += chunk;
      });
      await once(socket, 'close');
      return answer;
    }

    it('answers bytes that are no HTTP with a problem', async () => {
      for (const bytes of [
        'nonsense\r\n\r\n',
        'GET / HTTP/9.9\r\n\r\n',
        'GET  HTTP/1.1\r\n\r\n',
        '\u0016\u0003\u0001',
      ]) {
        assert.match(
          await raw(bytes),
          /^HTTP\/1\.1 400 [\s\S]*"code":"server\.malformed-request"/,
          JSON.stringify(bytes),
        );
      }
      const long = `GET / HTTP/1.1\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`;
      assert.match(await raw(long), /^HTTP\/1\.1 431 [\s\S]*"code":"server\.headers-too-large"/);
    });

    it('survives 500 seeded random byte strings', async () => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
          assert.doesNotMatch(await raw(Buffer.from(bytes)), /^HTTP\/1\.1 5/);
        }),
        { numRuns: 500, seed: 20261122 },
      );
      assert.match(
        await raw('GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'),
        /^HTTP\/1\.1 200/,
      );
    });
  });
});

/** Percent-encoding that also takes lone surrogates. */
const encode = (text: string): string => encodeURIComponent(Buffer.from(text).toString());
