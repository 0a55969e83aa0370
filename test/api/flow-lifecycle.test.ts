// What analysts and agents may not do with whole flows, and what they are told: retire one that others call, start one by hand
// that something else starts, or preview it; and an answer that a stopped run keeps.
import assert from 'node:assert/strict';
import { openSampleApp, type SampleApp } from './sample-app.js';
import { senderOf, signInAll } from './senders.js';

const element = { type: 'screen', label: 'Ask', fields: [], next: 'done' };
const flow = (
  name: string,
  trigger: object,
  elements: object = { done: { type: 'end', label: 'Done' } },
) => ({
  format: 1,
  name,
  label: name,
  start: { trigger, next: Object.keys(elements)[0] },
  elements,
});

describe('flows over HTTP', () => {
  let app: SampleApp;
  let users: Record<'analyst' | 'agent' | 'operator' | 'administrator' | 'shopper', string>;
  let send: ReturnType<typeof senderOf<keyof typeof users>>;
  before(async () => {
    app = await openSampleApp({ engine: true });
    users = await signInAll(app, {
      analyst: 'analyst',
      agent: 'agent',
      operator: 'operator',
      administrator: 'admin',
      shopper: 'shopper',
    });
    send = senderOf(app, users);
  });
  after(() => app.close());

  const publish = async (definition: ReturnType<typeof flow>) => {
    const { name } = definition;
    await send('put', `flows/${name}/draft`, 'analyst', { text: JSON.stringify(definition) }).expect(201);
    await send('post', `flows/${name}/activate`, 'analyst', { version: 1 }, '1').expect(200);
  };

  it('are not retired while others call them', async () => {
    const { body } = await send('post', 'flows/pay-out/retire', 'analyst', {}, '1').expect(409);
    assert.equal(body.code, 'version.called');
    assert.match(body.detail, /^pay-out is called by /);
  });

  it('are saved by one of those who have seen the same version, and the others are told theirs', async () => {
    const draft = (label: string, seen: string) =>
      send(
        'put',
        'flows/race/draft',
        'analyst',
        { text: JSON.stringify({ ...flow('race', { type: 'action' }), label }) },
        seen,
      );
    await draft('First', '0').expect(201);
    const answers = await Promise.all(['A', 'B', 'C', 'D'].map(async (label) => draft(label, '1')));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 412, 412, 412]);
    const saved = answers.find(({ status }) => status === 201)!;
    assert.equal(saved.body.version, 2);
    for (const { body } of answers.filter(({ status }) => status === 412)) {
      assert.equal(body.code, 'server.edited-meanwhile');
      assert.equal(body.data.newest, 2);
      assert.match(body.data.text, /"label": "[ABCD]"/);
    }
  });

  it('are retired by whoever has seen the newest version or the active one, and again', async () => {
    const leaving = flow('leaving', { type: 'action' });
    await publish(leaving);
    const text = JSON.stringify({ ...leaving, label: 'Leaving soon' });
    await send('put', 'flows/leaving/draft', 'analyst', { text }, '1').expect(201);
    const shown = await app.request().get('/api/v1/flows/leaving').set('authorization', users.analyst);
    assert.equal(shown.headers['etag'], '"2"');
    const retire = (seen: string) => send('post', 'flows/leaving/retire', 'analyst', {}, seen);
    const refused = await retire('3').expect(412);
    assert.deepEqual(refused.body.data, { newest: 2, active: 1 });
    await retire('2').expect(200);
    const again = await retire('2').expect(200);
    assert.deepEqual(again.body, { name: 'leaving', active: null });
  });

  it('are not retired while somebody makes active what calls them', async () => {
    await publish(flow('callee', { type: 'action' }));
    const caller = flow(
      'caller',
      { type: 'action' },
      {
        call: { type: 'subflow', label: 'Call', flow: 'callee', next: 'done' },
        done: { type: 'end', label: 'Done' },
      },
    );
    await send('put', 'flows/caller/draft', 'analyst', { text: JSON.stringify(caller) }).expect(201);
    const [retired, activated] = await Promise.all([
      send('post', 'flows/callee/retire', 'analyst', {}, '1').then(({ status }) => status),
      send('post', 'flows/caller/activate', 'analyst', { version: 1 }, '1').then(({ status }) => status),
    ]);
    assert.ok(
      (retired === 200 && activated === 422) || (retired === 409 && activated === 200),
      `retired: ${retired}, activated: ${activated}`,
    );
  });

  it('that an event starts are not started by hand', async () => {
    await publish(flow('listening', { type: 'event', event: 'order.gone' }));
    const { body } = await send('post', 'flows/listening/runs', 'agent', {}).expect(409);
    assert.equal(body.code, 'run.not-applicable');
  });

  it('that act with all rights once something else starts them are not previewed by hand, either', async () => {
    const mode = { system: { reason: 'Partners ask for orders of all customers.' } };
    const variables = { who: { schema: { type: 'string' }, input: true } };
    const look = { type: 'getRecords', label: 'Look', record: 'order', id: { var: 'who' }, next: 'done' };
    const done = { type: 'end', label: 'Done' };
    const trigger = { type: 'event', event: 'crm.asked' };
    const definition = { ...flow('sys-look', trigger, { look, done }), mode, variables };
    const text = JSON.stringify(definition);
    await send('put', 'flows/sys-look/draft', 'administrator', { text }).expect(201);
    await send('post', 'flows/sys-look/activate', 'administrator', { version: 1 }, '1').expect(200);
    const { items } = (await app.request().get('/api/v1/orders').set('authorization', users.shopper)).body;
    const path = `orders/${items[0].number}/actions/sys-look`;
    const input = { who: '10250' };
    const started = await send('post', path, 'shopper', { input }).expect(409);
    const previewed = await send('post', `${path}/preview`, 'shopper', { input }).expect(409);
    assert.equal(previewed.body.code, 'run.not-applicable');
    assert.equal(previewed.body.detail, started.body.detail);
  });

  it('keep an answer while their run is suspended, which is no 200', async () => {
    await publish(flow('asking', { type: 'action' }, { ask: element, done: { type: 'end', label: 'Done' } }));
    const { body } = await send('post', 'flows/asking/runs', 'agent', {}).expect(201);
    const run = `runs/${body.run.id}`;
    await send('post', `${run}/suspend`, 'operator', { reason: 'a look' }).expect(200);
    const answer = { element: 'ask', visit: 1, payload: { values: {} } };
    const wrong = await send('post', `${run}/answers`, 'agent', { ...answer, element: 'aks' }).expect(409);
    assert.match(wrong.body.detail, /accepted: answer of ask, visit 1$/);
    await send('post', `${run}/answers`, 'agent', answer).expect(202);
    const ended = await send('post', `${run}/resume`, 'operator', { reason: 'seen' }).expect(200);
    assert.equal(ended.body.status, 'done');
  });

  it('say where in the request a wrong input is', async () => {
    const listed = await app.request().get('/api/v1/orders').set('authorization', users.agent).expect(200);
    const order = `orders/${listed.body.items[0].number}/actions/hold-order`;
    for (const path of [order, `${order}/preview`, 'flows/hold-order/runs']) {
      const { body } = await send('post', path, 'agent', { input: { reason: 5, 'x/y': 1 } }).expect(422);
      const pointers = body.problems.map(({ pointer }: { pointer: string }) => pointer);
      assert.ok(pointers.includes('/input/x~1y') && pointers.includes('/input/reason'), String(pointers));
    }
  });

  it('take no hash of a preview in a preview', async () => {
    const listed = await app.request().get('/api/v1/orders').set('authorization', users.agent).expect(200);
    const path = `orders/${listed.body.items[0].number}/actions/hold-order/preview`;
    const body = { input: { reason: 'odd' }, previewHash: 'a'.repeat(64) };
    const refused = await send('post', path, 'agent', body).expect(400);
    assert.equal(refused.body.problems[0].pointer, '/previewHash');
  });

  it('list open work in pages, none of which is empty at the end', async () => {
    for (let started = 0; started < 2; started += 1)
      await send('post', 'flows/asking/runs', 'agent', {}).expect(201);
    const sizes = [];
    let next = '';
    do {
      const path = `/api/v1/tasks?limit=1${next}`;
      const { body } = await app.request().get(path).set('authorization', users.agent).expect(200);
      sizes.push(body.items.length);
      next = body.next === null ? '' : `&after=${body.next}`;
    } while (next !== '');
    assert.ok(sizes.length > 1 && sizes.every((size) => size === 1), String(sizes));
  });

  it('refuse another answer under the key of one that was taken', async () => {
    const done = { type: 'end', label: 'Done' };
    const elements = { s1: { ...element, next: 's2' }, s2: element, done };
    await publish(flow('asking-twice', { type: 'action' }, elements));
    const { body } = await send('post', 'flows/asking-twice/runs', 'agent', {}).expect(201);
    const answers = `runs/${body.run.id}/answers`;
    const answer = (at: string, payload: object = { values: {} }) =>
      send('post', answers, 'agent', { element: at, visit: 1, payload }).set('idempotency-key', 'one');
    await answer('s1').expect(200);
    for (const other of [answer('s2'), answer('s1', { values: {}, note: 'else' })]) {
      const refused = await other.expect(422);
      assert.equal(refused.body.code, 'run.idempotency-mismatch');
    }
    const again = await answer('s1').expect(200);
    assert.deepEqual([again.headers['idempotency-replayed'], again.body.status], ['true', 'waiting']);
  });

  it('refuse another signal under the key of one that is kept, and lose none', async () => {
    const wait = (signal: string, next: string) => ({
      type: 'wait',
      label: signal,
      events: [{ name: 'came', signal, next }],
    });
    const elements = {
      w: wait('go', 'w2'),
      w2: wait('buf', 'done'),
      done: { type: 'end', label: 'Done' },
    };
    const signals = { go: { schema: {} }, buf: { schema: {}, buffered: true } };
    await publish({ ...flow('signalled', { type: 'action' }, elements), ...{ signals } });
    const { body } = await send('post', 'flows/signalled/runs', 'agent', {}).expect(201);
    const signal = (name: string, key: string, payload: object = {}) =>
      send('post', `runs/${body.run.id}/signals/${name}`, 'agent', payload).set('idempotency-key', key);
    await signal('buf', 'one').expect(202);
    const refused = await signal('go', 'one').expect(422);
    assert.equal(refused.body.code, 'run.idempotency-mismatch');
    await signal('go', 'two', { n: 1 }).expect(200);
    await signal('go', 'two', { n: 2 }).expect(422);
    assert.equal((await signal('go', 'two', { n: 1 }).expect(200)).body.run.status, 'done');
  });
});
