// Hostile texts through the public doors: operators of the database in every field, rules that reach for the process or never
// end, and templates that do. Each with a control that shows that the payload bites where nothing guards.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import Handlebars from 'handlebars';
import jsonLogic from 'json-logic-js';
import type { Schema } from '../../server/answers/answer.js';
import { Client } from './flows/client.js';
import { assertProblem } from './problem.js';
import { openSampleApp, type SampleApp } from './sample-app.js';

describe('hostile texts through the public doors', () => {
  let app: SampleApp;
  let admin: Client;
  let token: string;
  before(async () => {
    app = await openSampleApp({ engine: true });
    token = await app.signIn('admin');
    admin = new Client(app, token);
  });
  after(() => app.close());

  const operators = [{ $ne: null }, { $gt: '' }, { $regex: '.*' }, { $where: '1' }, { $in: ['agent'] }];

  it('take an operator of the database for what it is in no field of a body, and in no parameter', async () => {
    const { body: document } = await app.request().get('/openapi.json').expect(200);
    const { paths } = document as {
      paths: Record<
        string,
        Record<
          string,
          {
            parameters: { name: string; in: string }[];
            requestBody?: {
              content: { 'application/json': { schema: { properties?: Record<string, Schema> } } };
            };
          }
        >
      >;
    };
    let tried = 0;
    for (const [path, byMethod] of Object.entries(paths)) {
      for (const [method, { parameters, requestBody }] of Object.entries(byMethod)) {
        const url = path.replace(/\{\w+\}/g, 'agent');
        const send = (to: string) =>
          app
            .request()
            [method as 'get'](to)
            .set('authorization', token)
            .set('idempotency-key', randomUUID())
            .set('if-match', '"1"');
        for (const { name, in: where } of parameters) {
          if (where !== 'query') continue;
          const { problems } = assertProblem(
            await send(`${url}?${name}[$ne]=x`),
            400,
            'server.invalid-request',
          );
          assert.ok(
            problems!.some(({ parameter }) => parameter === `${name}[$ne]`),
            `${url} ${name}`,
          );
          tried += 1;
        }
        const properties = requestBody?.content['application/json'].schema.properties ?? {};
        for (const [name, schema] of Object.entries(properties)) {
          if (schema['type'] === 'object') continue;
          for (const operator of operators) {
            const { problems } = assertProblem(
              await send(url).send({ [name]: operator }),
              400,
              'server.invalid-request',
            );
            assert.ok(
              problems!.some(({ pointer }) => pointer === `/${name}`),
              `${url} ${name}`,
            );
            tried += 1;
          }
        }
      }
    }
    assert.ok(tried > 150, `${tried} were tried`);
    const { collection } = app.database.models.users;
    const all = await collection.countDocuments({});
    for (const operator of operators.filter((each) => !('$where' in each))) {
      const found = await collection.countDocuments({ _id: operator as never });
      assert.ok(found > 0, `control: ${JSON.stringify(operator)} would have found some of ${all}`);
    }
  });

  const flowWith = (when: unknown, name: string): string =>
    JSON.stringify({
      format: 1,
      name,
      label: 'Hostile',
      start: { trigger: { type: 'action' }, next: 'look' },
      elements: {
        look: {
          type: 'decision',
          label: 'Look',
          outcomes: [{ name: 'yes', label: 'Yes', when, next: 'stop' }],
          next: 'stop',
        },
        stop: { type: 'end', label: 'Stop' },
      },
    });

  it('refuse rules that are called like what every object has', async () => {
    const names = Object.getOwnPropertyNames(Object.prototype).filter(
      (name) => !/^(__proto__|constructor)$/.test(name),
    );
    for (const name of [...names, 'method', 'log', 'eval', 'require', 'Function', 'apply', 'call', 'bind']) {
      for (const given of [[], [{ var: 'x' }], ['process.exit()']]) {
        const { body } = await admin
          .post('/api/v1/flows/validate', { text: flowWith({ [name]: given }, 'hostile') })
          .expect(200);
        assert.equal((body as { valid: boolean }).valid, false, name);
      }
    }
    for (const name of ['__proto__', 'constructor']) {
      const text = flowWith('PAYLOAD', 'hostile').replace('"PAYLOAD"', `{"${name}":["return process"]}`);
      const { body } = await admin.post('/api/v1/flows/validate', { text }).expect(200);
      assert.equal((body as { valid: boolean }).valid, false, name);
    }
    assert.equal(typeof process.exit, 'function');
  });

  it('stop rules that would go on for very long, and the next request is answered', async () => {
    const list = Array.from({ length: 60 }, (_, at) => at);
    const nested = (depth: number): unknown =>
      depth === 0 ? 1 : { reduce: [list, { '+': [{ var: 'accumulator' }, nested(depth - 1)] }, 0] };
    const doubled = (times: number): unknown =>
      times === 0
        ? 'xxxxxxxxxxxxxxxx'
        : { reduce: [[1, 2], { cat: [{ var: 'accumulator' }, doubled(times - 1)] }, ''] };
    const rounds = { count: 0 };
    jsonLogic.add_operation('counted', () => {
      rounds.count += 1;
      return 1;
    });
    const bare = {
      reduce: [list, { '+': [{ var: 'accumulator' }, { reduce: [list, { counted: [] }, 0] }] }, 0],
    };
    jsonLogic.apply(bare as unknown as Parameters<typeof jsonLogic.apply>[0]);
    assert.equal(rounds.count, 3_600, 'control: two levels alone are 3,600 rounds, four are 12,960,000');
    for (const [index, rule] of [nested(4), doubled(12), nested(8)].entries()) {
      const name = `hostile-${index}`;
      const saved = await admin.put(
        `/api/v1/flows/${name}/draft`,
        { text: flowWith({ '>': [rule, 0] }, name) },
        '"0"',
      );
      if (saved.status === 422) continue;
      assert.equal(saved.status, 201, JSON.stringify(saved.body));
      await app
        .request()
        .post(`/api/v1/flows/${name}/activate`)
        .set('authorization', token)
        .set('if-match', '"1"')
        .send({ version: 1 })
        .expect(200);
      const started = await admin.post(`/api/v1/flows/${name}/runs`, {});
      const { run, code } = started.body as { run?: { status: string }; code?: string };
      assert.ok(started.status < 500, JSON.stringify(started.body));
      assert.ok(
        code?.startsWith('expression.') === true || run?.status === 'incident',
        JSON.stringify(started.body),
      );
      await admin.get('/api/v1/me').expect(200);
    }
  });

  it('refuse templates that reach beyond their variables', async () => {
    const { body: found } = await admin.get('/api/v1/templates/refund').expect(200);
    const { files } = found as { files: Record<string, string> };
    const payloads = [
      '{{constructor.constructor "return process"}}',
      '{{#with "s" as |string|}}{{#with split as |x|}}{{x}}{{/with}}{{/with}}',
      '{{lookup this "constructor"}}',
      '{{__proto__.polluted}}',
      '{{> (lookup . "partial")}}',
      '{{#*inline "x"}}{{/inline}}',
      '{{{customer}}}',
      '{{log "x" level="error"}}',
      '<script>{{customer}}</script>',
      '<a href={{customer}}>x</a>',
      '<a href="{{customer}}">x</a>',
    ];
    for (const payload of payloads) {
      const edited = { ...files, 'en/body.html.hbs': payload };
      const preview = await admin.post('/api/v1/templates/refund/preview', { files: edited });
      assert.equal(preview.status, 422, `${payload} ${JSON.stringify(preview.body)}`);
      assertProblem(preview, 422, 'mail.template-invalid');
      const saved = await admin.put('/api/v1/templates/refund', { files: edited }, '"1"');
      assertProblem(saved, 422, 'mail.template-invalid');
    }
    assert.equal(
      ((await admin.get('/api/v1/templates/refund').expect(200)).body as { version: number }).version,
      1,
    );
    const unguarded = Handlebars.compile('<a href={{customer}}>x</a>')({ customer: 'x onclick=evil()' });
    assert.match(unguarded, /<a href=x onclick/, 'control: without the check the value adds an attribute');
  });

  it('refuse addresses that carry further recipients, headers or commands', async () => {
    const before = (await admin.get('/api/v1/mails?limit=100').expect(200)).body as { items: unknown[] };
    for (const to of [
      'a@b.example\r\nBcc: evil@x.example',
      'a@b.example, evil@x.example',
      'a@b.example;evil@x.example',
      '<a@b.example>',
      'Evil <evil@x.example>',
      'a@b.example\u0000',
      'a b@c.example',
      '@b.example',
      ['a@b.example', 'evil@x.example'],
      { address: 'evil@x.example' },
    ]) {
      const answer = await admin.post('/api/v1/templates/refund/test', { to });
      assertProblem(answer, 400, 'server.invalid-request');
    }
    const after = (await admin.get('/api/v1/mails?limit=100').expect(200)).body as { items: unknown[] };
    assert.equal(after.items.length, before.items.length);
    await admin.post('/api/v1/templates/refund/test', { to: 'a@b.example' }).expect(202);
  });
});
