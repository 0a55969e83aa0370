// What operators and analysts do to many things at once: jobs over runs, and bundles of flows.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { bodyBytesMax } from '../../server/middleware/json-body.js';
import { bundleBytesMax } from '../../server/routes/flow-bundle.js';
import { Client, type RunJson } from './flows/client.js';
import { assertProblem } from './problem.js';
import { openSampleApp, type SampleApp } from './sample-app.js';

interface Job {
  readonly id: string;
  readonly status: string;
  readonly of: number;
  readonly done: number;
  readonly endedAt: string | null;
  readonly failed: readonly { readonly run: string; readonly code: string }[];
}

describe('many runs at once', () => {
  let app: SampleApp;
  let agent: Client;
  let operator: Client;
  let runs: string[];
  beforeEach(async () => {
    app = await openSampleApp({ engine: true });
    [agent, operator] = [await Client.as(app, 'agent'), await Client.as(app, 'operator')];
    const { body } = await agent.get('/api/v1/orders?status=Fulfilled&limit=40').expect(200);
    runs = [];
    for (const { number } of (body as { items: { number: string }[] }).items) {
      const order = await agent.order(number);
      const line = order.lines.find(
        ({ returnable, availableToReturn }) => returnable && availableToReturn > 0,
      );
      if (line === undefined || runs.length === 25) continue;
      const input = { items: [{ line: line.id, quantity: 1, reason: 'broken' }] };
      runs.push((await agent.start(number, 'return-items', input)).id);
    }
    assert.equal(runs.length, 25);
  });
  afterEach(() => app.close());

  const ended = async (id: string): Promise<Job> => {
    for (;;) {
      const { body } = await operator.get(`/api/v1/jobs/${id}`).expect(200);
      if ((body as Job).status !== 'running') return body as Job;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const statuses = async (): Promise<string[]> =>
    Promise.all(runs.map(async (id) => ((await operator.run(id)) as RunJson).status));

  it('are refused for a run that has moved on since it was looked at', async () => {
    const id = runs[0]!;
    const { seq } = (await operator.run(id)) as RunJson & { seq: number };
    const wanted = (seq: number, more: object = {}) => ({ reason: 'closed', seq, ...more });
    const path = `/api/v1/runs/${id}`;
    const refusedWhenStale = async (operation: string, at: number, more: object = {}): Promise<void> => {
      const { body } = await operator.post(`${path}/${operation}`, wanted(at - 1, more)).expect(409);
      assert.equal((body as { code: string }).code, 'run.operation-refused', operation);
      assert.match((body as { detail: string }).detail, new RegExp(`it is at ${at} now, not at ${at - 1}`));
    };
    await refusedWhenStale('suspend', seq);
    await refusedWhenStale('cancel', seq);
    await refusedWhenStale('move', seq, { to: 'inspect' });
    const { body } = await operator.post(`${path}/suspend`, wanted(seq)).expect(200);
    assert.deepEqual(Object.keys((body as { suspended: object }).suspended).sort(), ['at', 'by', 'reason']);
    await refusedWhenStale('edit', seq + 1, { variables: {} });
    await refusedWhenStale('resume', seq + 1);
    await operator.post(`${path}/resume`, wanted(seq + 1)).expect(200);
  });

  it('are suspended and resumed by one request each, with progress, once for each key', async () => {
    const body = {
      operation: 'suspend',
      reason: 'the warehouse is closed',
      filter: { flow: 'return-items' },
    };
    const key = randomUUID();
    const first = await operator.post('/api/v1/runs/bulk', body, key).expect(202);
    const again = await operator.post('/api/v1/runs/bulk', body, key).expect(202);
    const { id } = first.body as Job;
    assert.equal((again.body as Job).id, id);
    assert.equal(again.headers['idempotency-replayed'], 'true');
    assert.equal(first.headers['location'], `/api/v1/jobs/${id}`);
    const job = await ended(id);
    assert.deepEqual([job.status, job.of, job.done, job.failed], ['done', 25, 25, []]);
    assert.deepEqual(new Set(await statuses()), new Set(['suspended']));
    const other = await operator.post('/api/v1/runs/bulk', { ...body, operation: 'cancel' }, key);
    assertProblem(other, 422, 'server.job-mismatch');
    const resumed = await operator.post('/api/v1/runs/bulk', {
      operation: 'resume',
      reason: 'open again',
      runs,
    });
    await ended((resumed.body as Job).id);
    assert.deepEqual(new Set(await statuses()), new Set(['waiting']));
  });

  it('are those that the key was first given for, or its filter', async () => {
    const suspend = { operation: 'suspend', reason: 'closed' };
    const first = { ...suspend, runs: runs.slice(0, 2) };
    const filtered = { ...suspend, filter: { flow: 'nope' } };
    for (const [key, asked, others] of [
      ['by-ids', first, [{ ...suspend, runs: runs.slice(0, 1) }, filtered]],
      ['by-filter', filtered, [{ ...suspend, filter: { flow: 'return-items' } }, first]],
    ] as const) {
      const { body } = await operator.post('/api/v1/runs/bulk', asked, key).expect(202);
      for (const other of others)
        assertProblem(await operator.post('/api/v1/runs/bulk', other, key), 422, 'server.job-mismatch');
      await ended((body as Job).id);
      const again = await operator.post('/api/v1/runs/bulk', asked, key).expect(202);
      assert.equal((again.body as Job).id, (body as Job).id);
    }
  });

  it('that refuse are noted, and stop none of the others', async () => {
    await operator.post(`/api/v1/runs/${runs[0]!}/cancel`, { reason: 'a mistake' }).expect(200);
    const body = { operation: 'suspend', reason: 'closed', runs: [...runs, 'run-of-nobody'] };
    const { body: begun } = await operator.post('/api/v1/runs/bulk', body).expect(202);
    const job = await ended((begun as Job).id);
    assert.deepEqual(
      job.failed.map(({ run, code }) => [run, code]),
      [
        [runs[0], 'run.ended'],
        ['run-of-nobody', 'run.unknown'],
      ],
    );
    assert.equal((await statuses()).filter((status) => status === 'suspended').length, 24);
  });

  it('that are none make a job that is done', async () => {
    const body = { operation: 'cancel', reason: 'tidy', filter: { flow: 'nope' } };
    const { body: begun } = await operator.post('/api/v1/runs/bulk', body).expect(202);
    await app.jobs.resume();
    const { status, of, done, endedAt } = await ended((begun as Job).id);
    assert.deepEqual([status, of, done], ['done', 0, 0]);
    assert.ok(endedAt);
  });

  it('are told of as far as they were done when the job is stopped', async () => {
    await operator.post(`/api/v1/runs/${runs[0]!}/cancel`, { reason: 'a mistake' }).expect(200);
    const body = { operation: 'suspend', reason: 'closed', runs };
    const { body: begun } = await operator.post('/api/v1/runs/bulk', body).expect(202);
    const { body: stopped } = await operator.post(`/api/v1/jobs/${(begun as Job).id}/stop`, {}).expect(200);
    const { status, done, failed } = stopped as Job;
    assert.equal(status, 'stopped');
    assert.deepEqual(
      failed.map(({ run }) => run),
      [runs[0]],
    );
    assert.equal((await statuses()).filter((one) => one === 'suspended').length, done - failed.length);
    assert.ok(done > 0 && done < runs.length);
  });

  it('go on after a crash where the job had come to', async () => {
    const now = app.clock.now();
    const jobs = app.database.models.jobs;
    await jobs.collection.insertOne({
      _id: 'f'.repeat(32) as never,
      operation: 'suspend',
      input: '{}',
      reason: 'closed',
      runs,
      status: 'running',
      done: 10,
      failed: [],
      startedAt: now,
      startedBy: 'operator',
      leaseUntil: new Date(now.getTime() + 60_000),
      version: 0,
    });
    await app.jobs.resume();
    assert.equal(
      (await operator.get(`/api/v1/jobs/${'f'.repeat(32)}`)).body.done,
      10,
      'another process has it',
    );
    app.clock.advance(60_000);
    await app.jobs.resume();
    const job = await ended('f'.repeat(32));
    assert.deepEqual([job.done, job.failed], [25, []]);
    assert.deepEqual(
      (await statuses()).map((status) => status === 'suspended'),
      runs.map((_, at) => at >= 10),
    );
  });

  it('are done once, however long the process that does them takes', async () => {
    const { body } = await operator
      .post('/api/v1/runs/bulk', { operation: 'suspend', reason: 'closed', runs })
      .expect(202);
    // Its lease is over while it still works.
    app.clock.advance(61_000);
    await app.jobs.resume();
    const { done, failed } = await ended((body as Job).id);
    assert.deepEqual([done, failed], [25, []]);
  });

  it('are refused to who may not, and where the request makes no sense', async () => {
    const suspend = { operation: 'suspend', reason: 'closed', runs };
    assertProblem(await agent.post('/api/v1/runs/bulk', suspend), 403, 'server.forbidden');
    for (const wrong of [
      { ...suspend, filter: { status: 'waiting' } },
      { operation: 'suspend', reason: 'closed' },
      { ...suspend, operation: 'explode' },
      { ...suspend, operation: 'move' },
      { ...suspend, input: { force: true } },
      { ...suspend, runs: ['a', 'a'] },
      { operation: 'suspend', reason: 'closed', filter: { status: { $ne: 1 } } },
    ]) {
      assertProblem(await operator.post('/api/v1/runs/bulk', wrong), 400, 'server.invalid-request');
    }
    for (const [input, place, said] of [
      [{ force: true }, '/input/force', /not known here/],
      [{ seq: 3 }, '/input/seq', /one run/],
      [{ reason: 'open' }, '/input/reason', /not known here/],
    ] as const) {
      const answer = await operator.post('/api/v1/runs/bulk', { ...suspend, input });
      const { problems, detail } = assertProblem(answer, 400, 'server.invalid-request');
      assert.deepEqual(
        problems!.map(({ pointer }) => pointer),
        [place],
      );
      assert.match(detail, said);
    }
    const move = { ...suspend, operation: 'move' };
    const { problems } = assertProblem(
      await operator.post('/api/v1/runs/bulk', move),
      400,
      'server.invalid-request',
    );
    assert.equal(problems![0]!.pointer, '/input/to');
    assertProblem(await operator.get('/api/v1/jobs/none'), 404, 'server.not-found');
  });
});

describe('what a run left open that has ended', () => {
  let app: SampleApp;
  let operator: Client;
  before(async () => {
    app = await openSampleApp({ engine: true });
    operator = await Client.as(app, 'operator');
  });
  after(() => app.close());

  it('is in the list of incidents, and in the run, until an operator has settled it', async () => {
    const agent = await Client.as(app, 'agent');
    const { id } = await agent.start('11068', 'hold-order', { reason: 'looks odd' });
    const runs = app.database.connection.collection('runs');
    const stored = (await runs.findOne({ _id: id as never }))!;
    const state = JSON.parse(String(stored['state'])) as { seq: number };
    const place = { frame: 'main', element: 'pay', visit: 1 };
    const open = {
      kind: 'effect',
      place,
      error: { code: 'action.undo-failed', detail: 'it is on its way', ...place },
      at: '2026-01-01T00:00:00.000Z',
      inputs: {},
      trace: [],
      effect: `${id}:main:pay:1`,
    };
    const left = { status: 'incident', state: JSON.stringify({ ...state, leftOpen: [open] }) };
    await runs.updateOne({ _id: id as never }, { $set: left });
    const listed = async (): Promise<unknown> =>
      ((await operator.get('/api/v1/runs?status=incident').expect(200)).body as { items: unknown[] }).items;
    const [row, ...more] = (await listed()) as Record<string, unknown>[];
    assert.deepEqual([row!['id'], row!['status'], more], [id, 'done', []]);
    assert.deepEqual(row!['incident'], { kind: 'effect', element: 'pay', code: 'action.undo-failed' });
    const whole = (await operator.run(id)) as RunJson & { leftOpen: unknown; incident: unknown };
    assert.deepEqual([whole.leftOpen, whole.incident], [[open], open]);
    await operator.post(`/api/v1/runs/${id}/skip`, { reason: 'called back by hand' }).expect(200);
    assert.deepEqual(await listed(), []);
    assert.deepEqual(((await operator.run(id)) as unknown as { leftOpen: unknown }).leftOpen, []);
    const again = await operator.post(`/api/v1/runs/${id}/skip`, { reason: 'called back by hand' });
    assertProblem(again, 409, 'run.operation-refused');
  });
});

describe('flows from one server to another', () => {
  let app: SampleApp;
  let analyst: Client;
  before(async () => {
    app = await openSampleApp({ orders: false, engine: true });
    analyst = await Client.as(app, 'analyst');
  });
  after(() => app.close());

  type Bundle = { readonly format: 1; readonly flows: Record<string, Record<string, unknown>> };
  const exported = async (names = ''): Promise<Bundle> =>
    (await analyst.get(`/api/v1/flow-export${names === '' ? '' : `?flows=${names}`}`).expect(200))
      .body as Bundle;

  it('are exported and taken in again without a new version', async () => {
    const bundle = await exported();
    assert.ok(Object.keys(bundle.flows).length >= 15);
    const { body } = await analyst.post('/api/v1/flow-import', bundle).expect(200);
    const { items } = body as { items: { name: string; isNew: boolean; status: string }[] };
    assert.ok(items.every(({ isNew, status }) => !isNew && status === 'active'));
  });

  it('are taken in together, as drafts or active, when they call each other', async () => {
    const { flows } = await exported('cancel-items,pay-out');
    const renamed = JSON.parse(
      JSON.stringify({ 'cancel-twice': flows['cancel-items'], 'pay-twice': flows['pay-out'] })
        .replaceAll('"pay-out"', '"pay-twice"')
        .replaceAll('"cancel-items"', '"cancel-twice"'),
    ) as Bundle['flows'];
    const first = await analyst.post('/api/v1/flow-import', { format: 1, flows: renamed }).expect(200);
    assert.deepEqual(
      (first.body as { items: unknown[] }).items,
      ['cancel-twice', 'pay-twice'].map((name) => ({ name, version: 1, status: 'draft', isNew: true })),
    );
    const second = await analyst
      .post('/api/v1/flow-import', { format: 1, flows: renamed, activate: true })
      .expect(200);
    assert.deepEqual(
      (second.body as { items: unknown[] }).items,
      ['cancel-twice', 'pay-twice'].map((name) => ({ name, version: 1, status: 'active', isNew: false })),
    );
  });

  it('that are at work already stay so, and make no version, though there is a newer draft', async () => {
    const { flows } = await exported('hold-order');
    const again = { 'hold-again': { ...flows['hold-order'], name: 'hold-again' } };
    const take = async (labelled: object, activate: boolean) => {
      const taken = { 'hold-again': { ...again['hold-again'], ...labelled } };
      const { body } = await analyst
        .post('/api/v1/flow-import', { format: 1, flows: taken, activate })
        .expect(200);
      return (body as { items: unknown[] }).items;
    };
    const first = { name: 'hold-again', version: 1, status: 'active', isNew: true };
    assert.deepEqual(await take({}, true), [first]);
    assert.deepEqual(await take({ description: 'A draft' }, false), [
      { ...first, version: 2, status: 'draft' },
    ]);
    assert.deepEqual(await take({}, true), [{ ...first, isNew: false }]);
    const { body } = await analyst.get('/api/v1/flows/hold-again').expect(200);
    const { newest, active } = body as { newest: number; active: number };
    assert.deepEqual({ newest, active }, { newest: 2, active: 1 });
  });

  it('are all taken in or none, whenever another process makes a version of one active', async () => {
    const { versions } = app.flows.engine;
    const { flows } = await exported('hold-order');
    const named = (name: string, label: string) => ({ ...flows['hold-order'], name, label });
    const race = async (prefix: string, ms: number): Promise<void> => {
      const [half, last] = [Array.from({ length: 20 }, (_, at) => `${prefix}-${at}`), `${prefix}-zz-last`];
      for (const label of ['One', 'Two']) await versions.save(named(last, label) as never, 'ana');
      await versions.activate(last, 1, 0, { id: 'ana' });
      const taken = Object.fromEntries([...half, last].map((name) => [name, named(name, 'New')]));
      const [answer] = await Promise.all([
        analyst.post('/api/v1/flow-import', { format: 1, flows: taken, activate: true }),
        // Not over HTTP: one process changes flows one after the other.
        delay(ms).then(() => versions.activate(last, 2, 1, { id: 'ana' }).catch(() => undefined)),
      ]);
      const isTaken = answer.status === 200;
      if (!isTaken) assertProblem(answer, 412, 'version.conflict');
      for (const name of half)
        assert.equal((await versions.list(name))[0]?.status, isTaken ? 'active' : undefined);
      assert.equal((await versions.list(last)).length, isTaken ? 3 : 2);
    };
    for (const ms of [0, 20, 40, 80, 120]) await race(`after-${ms}`, ms);
  });

  it('may be more than another body, up to a bound', async () => {
    const { flows } = await exported('hold-order');
    const many = Object.fromEntries(
      Array.from({ length: 120 }, (_, index) => {
        const name = `hold-${index}`;
        return [name, { ...flows['hold-order'], name, description: 'x'.repeat(3_500) }];
      }),
    );
    const bundle = { format: 1, flows: many };
    assert.ok(JSON.stringify(bundle).length > 2 * bodyBytesMax);
    await analyst.post('/api/v1/flow-import', bundle).expect(200);
    const text = 'x'.repeat(bundleBytesMax);
    const { detail } = assertProblem(
      await analyst.post('/api/v1/flow-import', { text }),
      413,
      'server.too-large',
    );
    assert.ok(detail.includes(` ${bundleBytesMax} bytes`), detail);
  });

  it('have so many problems listed and no more, however many they have', async () => {
    const bad = { type: 'nothing', label: 'X' };
    const elements = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`e${at}`, bad]));
    const many = Object.fromEntries(
      Array.from({ length: 60 }, (_, at) => [
        `wrong-${at}`,
        { format: 1, name: `wrong-${at}`, label: 'W', start: { next: 'e0' }, elements },
      ]),
    );
    const answer = await analyst.post('/api/v1/flow-import', { format: 1, flows: many });
    const { problems, detail } = assertProblem(answer, 400, 'server.invalid-request');
    assert.equal(problems!.length, 1_001);
    const { code, pointer } = problems!.at(-1)!;
    assert.deepEqual([code, pointer], ['flow.too-many-problems', '/flows']);
    assert.match(problems!.at(-1)!.detail, /^\d+ more problems are not shown$/);
    assert.ok(detail.length < 200, detail.slice(0, 200));
    const long = { ['x'.repeat(101)]: {} };
    const refused = await analyst.post('/api/v1/flow-import', { format: 1, flows: long });
    assert.ok(assertProblem(refused, 400, 'server.invalid-request').problems!.length === 1);
    assert.ok(JSON.stringify(refused.body).length < 2_000);
  });

  it('are all refused when one of them is wrong, with every problem and its place', async () => {
    const { flows } = await exported('hold-order,lift-hold');
    const wrong = structuredClone(flows) as Bundle['flows'];
    (wrong['lift-hold']!['start'] as Record<string, unknown>)['next'] = 'nowhere';
    wrong['hold-order']!['label'] = 'Hold it';
    const answer = await analyst.post('/api/v1/flow-import', { format: 1, flows: wrong, activate: true });
    const { problems } = assertProblem(answer, 400, 'server.invalid-request');
    assert.ok(problems!.some(({ pointer }) => pointer === '/flows/lift-hold/start/next'));
    const { body } = await analyst.get('/api/v1/flows/hold-order').expect(200);
    assert.equal((body as { newest: number }).newest, 1);
    for (const flow of [
      {},
      { name: 5 },
      { name: 'x', elements: 7, variables: 3 },
      { format: 1, name: 'x', elements: { a: null } },
    ]) {
      assertProblem(
        await analyst.post('/api/v1/flow-import', { format: 1, flows: { x: flow } }),
        400,
        'server.invalid-request',
      );
    }
    assertProblem(await analyst.get('/api/v1/flow-export?flows=nothing'), 404, 'version.unknown');
    const odd = await analyst.post('/api/v1/flow-import', {
      format: 1,
      flows: { 'x/y~z': flows['hold-order'] },
    });
    assert.equal(
      assertProblem(odd, 400, 'server.invalid-request').problems![0]!.pointer,
      '/flows/x~1y~0z/name',
    );
    const agent = await Client.as(app, 'agent');
    assertProblem(await agent.post('/api/v1/flow-import', { format: 1, flows }), 403, 'server.forbidden');
  });
});
