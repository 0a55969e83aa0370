// How many requests are taken, and the figures of the server.
import assert from 'node:assert/strict';
import { assertProblem } from './problem.js';
import { openSampleApp, type SampleApp } from './sample-app.js';

describe('limits and figures', () => {
  const perMinute = 60;
  let app: SampleApp;
  beforeEach(async () => {
    app = await openSampleApp({ orders: false, engine: true, requestsPerMinute: perMinute });
  });
  afterEach(() => app.close());

  const get = (path: string, authorization: string) =>
    app.request().get(path).set('authorization', authorization);

  it('takes so many requests of a user in a minute, at ten times the rate too, and says when to come again', async () => {
    const [agent, analyst] = [await app.signIn('agent'), await app.signIn('analyst')];
    const answers = [];
    for (let asked = 0; asked < perMinute * 4; asked += 1) answers.push(await get('/api/v1/me', agent));
    const taken = answers.filter(({ status }) => status === 200).length;
    assert.equal(taken, perMinute);
    const refused = answers.at(-1)!;
    assertProblem(refused, 429, 'server.too-many-requests');
    const wait = Number(refused.headers['retry-after']);
    assert.ok(wait >= 1 && wait <= 60, String(wait));
    await get('/api/v1/me', analyst).expect(200);
  });

  it('takes fewer of costly ones, and the others go on', async () => {
    const analyst = await app.signIn('analyst');
    const check = () =>
      app.request().post('/api/v1/flows/validate').set('authorization', analyst).send({ text: '{}' });
    for (let asked = 0; asked < perMinute / 10; asked += 1) await check().expect(200);
    assertProblem(await check(), 429, 'server.too-many-requests');
    await get('/api/v1/flows', analyst).expect(200);
  });

  it('takes five times as many of one address, whatever tokens it tries', async () => {
    const statuses = [];
    for (let asked = 0; asked < perMinute * 5 + 10; asked += 1)
      statuses.push((await get('/api/v1/me', `Bearer ${'x'.repeat(43)}`)).status);
    assert.equal(statuses.filter((status) => status === 401).length, perMinute * 5);
    assert.equal(statuses.at(-1), 429);
    await app.request().get('/health').expect(200);
  });

  it('tells its figures to who may read them, by route and not by path', async () => {
    assertProblem(await app.request().get('/metrics'), 401, 'server.sign-in-required');
    assertProblem(await get('/metrics', await app.signIn('agent')), 403, 'server.forbidden');
    const operator = await app.signIn('operator');
    for (const number of ['1', '2', '3']) await get(`/api/v1/orders/${number}`, operator).expect(404);
    const { text, headers } = await get('/metrics', operator).expect(200);
    assert.match(headers['content-type']!, /^text\/plain; version=0\.0\.4/);
    assert.match(
      text,
      /recourse_http_requests_total\{method="GET",route="\/api\/v1\/orders\/:number",status="404"\} 3/,
    );
    for (const name of [
      'recourse_runs{status="incident"} 0',
      'recourse_outbox_messages 0',
      'nodejs_eventloop_lag_p99_seconds',
    ])
      assert.ok(text.includes(name), name);
    assert.ok(!/orders\/1/.test(text));
  });

  it('refuses starts at once when too many are worked on, loses none, and takes them when they come again', async () => {
    const other = await openSampleApp({ engine: true });
    try {
      const agent = await other.signIn('agent');
      const starts = 120;
      const start = (index: number) =>
        other
          .request()
          .post(`/api/v1/orders/${10_300 + index}/actions/open-case`)
          .set('authorization', agent)
          .set('idempotency-key', `call-${index}`)
          .send({ input: { subject: `Question ${index}` } });
      const answers = await Promise.all(Array.from({ length: starts }, (_, index) => start(index)));
      const refused = answers.flatMap(({ status }, index) => (status === 503 ? [index] : []));
      assert.ok(refused.length > 0 && refused.length < starts, `${refused.length} were refused`);
      for (const [index, answer] of answers.entries()) {
        if (!refused.includes(index)) assert.equal(answer.status, 201, JSON.stringify(answer.body));
        else {
          assertProblem(answer, 503, 'run.overloaded');
          assert.equal(answer.headers['retry-after'], '1');
        }
      }
      for (let left = refused; left.length > 0; ) {
        const again = await Promise.all(left.map(start));
        assert.ok(again.some(({ status }) => status === 201));
        left = left.filter((_, at) => again[at]!.status !== 201);
      }
      assert.equal(await other.database.models.cases.countDocuments({}), starts);
    } finally {
      await other.close();
    }
  });
});
