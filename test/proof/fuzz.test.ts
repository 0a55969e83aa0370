// Requests made from the OpenAPI document, sound and spoiled, against the real application with its engine and sample orders:
// no server error, no stack, no answer that the document does not know, nothing that ends the process.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Schema } from '../../server/answers/answer.js';
import { openSampleApp, type SampleApp } from '../api/sample-app.js';
import { hostile, pick, type Random, seeded, soundValue, spoiled } from '../support/schema-values.js';

const requests = Number(process.env['FUZZ_REQUESTS'] ?? 20_000);
const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_127);
const inFlight = 8;

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[];
  readonly body: Schema | undefined;
}

/** What would end this test’s own way in, or copy the store each time; signing in is throttled, and has tests of its own. */
const left = /^\/api\/v1\/(sign-in|sign-out|me\/|admin\/(backup|restore))/;

describe('requests made from the OpenAPI document', function () {
  this.timeout(600_000);
  let app: SampleApp;
  let server: Server;
  let url: string;
  let operations: Operation[];
  const rejections: unknown[] = [];
  const note = (reason: unknown): void => {
    rejections.push(reason);
  };

  before(async () => {
    process.on('unhandledRejection', note);
    app = await openSampleApp({ engine: true, requestsPerMinute: 1_000_000_000 });
    server = createServer(app.handler);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const document = (await (await fetch(`${url}/openapi.json`)).json()) as {
      paths: Record<
        string,
        Record<
          string,
          {
            parameters: Operation['parameters'];
            requestBody?: { content: { 'application/json': { schema: Schema } } };
          }
        >
      >;
    };
    operations = Object.entries(document.paths)
      .filter(([path]) => !left.test(path))
      .flatMap(([path, byMethod]) =>
        Object.entries(byMethod).map(([method, { parameters, requestBody }]) => ({
          method,
          path,
          parameters,
          body: requestBody?.content['application/json'].schema,
        })),
      );
  });
  after(async () => {
    process.off('unhandledRejection', note);
    server.closeAllConnections();
    server.close();
    await app.close();
  });

  /** Texts that mean something here: with them a request comes through the door. */
  const words = [
    ...[
      '11075',
      '11069',
      '11077',
      '10248',
      '11069-1',
      '11075-1',
      '11077-1',
      'ALFKI',
      'agent',
      'clerk',
      'receive',
    ],
    ...['main', 'total', 'H1', 'en', 'orders.read', 'cancel-items', 'a@b.example', '2026-05-01', 'broken'],
  ];
  /** By parameter of the path; what answers bring is added. */
  const names: Readonly<Record<string, string[]>> = {
    number: ['11075', '11069', '11077', '11065'],
    figure: ['total', 'C1'],
    flow: ['cancel-items', 'return-items', 'open-case', 'hold-order', 'lift-hold', 'change-order'],
    run: [],
    signal: ['parcelScanned'],
    document: ['11069-R1', '11069-M1'],
    case: ['K1001'],
    customer: ['ALFKI', 'ANTON'],
    template: ['cancellation', 'refund'],
    version: ['1', '2'],
    mail: [],
    name: ['agent', 'supervisor', 'clerk'],
    role: ['agent', 'clerk'],
    key: [],
    job: [],
  };
  /** What each flow on orders takes. */
  const inputs = new Map<string, Schema>();

  const prime = async (token: string): Promise<void> => {
    const call = async (method: string, path: string, body?: object, more: object = {}) =>
      fetch(`${url}/api/v1/${path}`, {
        method,
        headers: {
          authorization: token,
          'content-type': 'application/json',
          'idempotency-key': randomUUID(),
          ...more,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    const { items } = (await (await call('GET', 'orders/11069/actions')).json()) as {
      items: { flow: string; input: Schema }[];
    };
    for (const { flow, input } of items) inputs.set(flow, input);
    const returned = { items: [{ line: '11069-1', quantity: 1, reason: 'broken' }], blind: true };
    for (const [path, input] of [
      ['orders/11069/actions/return-items', returned],
      ['orders/11075/actions/cancel-items', { items: [{ line: '11075-1', quantity: 1 }] }],
      ['orders/11075/actions/open-case', { subject: 'Where is it?' }],
    ] as const) {
      assert.equal((await call('POST', path, { input })).status, 201, path);
    }
    await call('PUT', 'roles/clerk', { title: 'Clerk', permissions: ['orders.read'] }, { 'if-match': '"0"' });
    const { id } = (await (
      await call('POST', 'keys', { name: 'fuzz', permissions: ['orders.read'] })
    ).json()) as { id: string };
    names['key']!.push(id);
  };
  /** Takes the ids out of an answer, for the paths of later requests. */
  const learn = (path: string, text: string): void => {
    const kind = { '/api/v1/mails': 'mail', '/api/v1/runs': 'run', '/api/v1/runs/bulk': 'job' }[path];
    const found =
      kind !== undefined
        ? [kind, ...[...text.matchAll(/"id":"([^"]+)"/g)].map(([, id]) => id!)]
        : ['run', ...[...text.matchAll(/"run":\{"id":"([^"]+)"/g)].map(([, id]) => id!)];
    const pool = names[found[0]!]!;
    for (const id of found.slice(1)) if (!pool.includes(id)) pool.push(id);
    while (pool.length > 30) pool.shift();
  };
  const encode = (value: unknown): string =>
    encodeURIComponent(
      (typeof value === 'string' ? value : JSON.stringify(value)).replace(/[\ud800-\udfff]/g, '?'),
    );

  const toRequest = (operation: Operation, random: Random): [string, RequestInit] => {
    const isSound = random() < 0.5;
    const spoil = (sound: unknown): unknown => (isSound || random() < 0.5 ? sound : spoiled(sound, random));
    const make = (schema: Schema): unknown => spoil(soundValue(schema, words, random));
    let path = operation.path;
    let flow = '';
    const query: string[] = [];
    const headers: Record<string, string> = {};
    for (const { name, in: where, schema } of operation.parameters) {
      if (where === 'path') {
        const known = names[name] ?? [];
        const value = known.length === 0 ? 'none' : pick(known, random);
        if (name === 'flow') flow = value;
        path = path.replace(`{${name}}`, encode(spoil(value)).slice(0, 600) || 'x');
      } else if (where === 'query' && random() < 0.5)
        query.push(`${encode(name)}=${encode(make(schema)).slice(0, 600)}`);
      else if (name === 'Idempotency-Key')
        headers[name] = isSound ? randomUUID() : pick(['', 'k', 'k'.repeat(300), randomUUID()], random);
      else if (name === 'If-Match') headers[name] = pick(['"0"', '"1"', '"2"', '*', 'W/"1"', ''], random);
    }
    if (!isSound && random() < 0.2) query.push(`${encode(pick(hostile, random)).slice(0, 200)}=1`);
    if (operation.body !== undefined) {
      headers['content-type'] = random() < 0.98 ? 'application/json' : 'text/plain';
    }
    const made = operation.body === undefined ? undefined : soundValue(operation.body, words, random);
    const input = inputs.get(flow);
    const sound =
      input !== undefined && operation.path.includes('/actions/')
        ? { input: soundValue(input, words, random) }
        : made;
    const body = sound === undefined ? undefined : JSON.stringify(spoil(sound));
    return [
      `${url}${path}${query.length === 0 ? '' : `?${query.join('&')}`}`,
      {
        method: operation.method.toUpperCase(),
        headers: { ...headers, prefer: 'wait=0' },
        ...(body === undefined ? {} : { body }),
      },
    ];
  };

  it(`${requests} of them are answered as it says, and none makes the server fail`, async () => {
    const users = ['admin', 'agent', 'supervisor', 'operator', 'shopper'] as const;
    const tokens = new Map<string, string>();
    for (const name of users) tokens.set(name, await app.signIn(name));
    await prime(tokens.get('admin')!);
    const statuses: Record<string, number> = {};
    const succeeded = new Set<string>();
    const failures: string[] = [];
    const delay = monitorEventLoopDelay({ resolution: 10 });
    delay.enable();
    const random = seeded(seed);
    let sent = 0;
    const work = async (): Promise<void> => {
      while (sent < requests && failures.length < 10) {
        const operation = operations[sent % operations.length]!;
        sent += 1;
        const name = random() < 0.6 ? 'admin' : pick(users, random);
        const [target, init] = toRequest(operation, random);
        const response = await fetch(target, {
          ...init,
          headers: { ...(init.headers as object), authorization: tokens.get(name)! },
        });
        const text = await response.text();
        const { status } = response;
        statuses[status] = (statuses[status] ?? 0) + 1;
        const where = `${init.method} ${target.slice(url.length, url.length + 200)} ${String(init.body).slice(0, 300)}`;
        if (status >= 500) failures.push(`${status} ${where}: ${text.slice(0, 300)}`);
        if (status === 401) tokens.set(name, await app.signIn(name).catch(() => tokens.get(name)!));
        if (status < 300) succeeded.add(`${operation.method} ${operation.path}`);
        if (status >= 400 && /node_modules|\.js:\d+/.test(text)) failures.push(`stack ${where}`);
        if (status < 300) learn(operation.path, text);
      }
    };
    await Promise.all(Array.from({ length: inFlight }, work));
    delay.disable();
    const ms = (nanoseconds: number): number => Math.round(nanoseconds / 1e5) / 10;
    console.log(
      `      seed ${seed}: ${JSON.stringify(statuses)}; ${succeeded.size} of ${operations.length} operations succeeded at least once; ` +
        `event loop held up p99 ${ms(delay.percentile(99))} ms, at most ${ms(delay.max)} ms`,
    );
    assert.deepEqual(failures, []);
    assert.deepEqual(rejections, []);
    const never = operations
      .map(({ method, path }) => `${method} ${path}`)
      .filter((each) => !succeeded.has(each));
    assert.ok(succeeded.size >= operations.length * 0.7, `never succeeded: ${never.join(', ')}`);
    await (await fetch(`${url}/health`)).json();
  });
});
