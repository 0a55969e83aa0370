// Events that other systems tell of over HTTP: by whom, once for each key, and what is answered.
import assert from 'node:assert/strict';
import { openSampleApp, type SampleApp } from './sample-app.js';
import { signInAll } from './senders.js';

describe('events over HTTP', () => {
  let app: SampleApp;
  let users: Record<'analyst' | 'agent' | 'operator' | 'admin', string>;
  before(async () => {
    app = await openSampleApp({ engine: true });
    users = await signInAll(app, {
      analyst: 'analyst',
      agent: 'agent',
      operator: 'operator',
      admin: 'admin',
    });
    const definition = {
      format: 1,
      name: 'on-scan',
      label: 'On a scan',
      start: {
        trigger: {
          type: 'event',
          event: 'parcel.scanned',
          when: { '==': [{ var: '$event.country' }, 'DE'] },
        },
        next: 'done',
      },
      elements: { done: { type: 'end', label: 'Done' } },
    };
    const text = JSON.stringify(definition);
    await send('put', 'flows/on-scan/draft', 'analyst', { text }, { 'if-match': '"0"' }).expect(201);
    await send('post', 'flows/on-scan/activate', 'analyst', { version: 1 }, { 'if-match': '"1"' }).expect(
      200,
    );
  });
  after(() => app.close());

  const send = (
    method: 'put' | 'post',
    path: string,
    by: keyof typeof users,
    body: object,
    headers: Readonly<Record<string, string>>,
  ) => app.request()[method](`/api/v1/${path}`).set('authorization', users[by]).set(headers).send(body);
  const tell = (key: string, body: object, by: keyof typeof users = 'operator') =>
    send('post', 'events', by, body, { 'idempotency-key': key });
  const read = (path: string, by: keyof typeof users = 'operator') =>
    app.request().get(path).set('authorization', users[by]);
  const scanned = { event: 'parcel.scanned', key: 'p1', payload: { country: 'DE' } };

  it('start what listens, say where to look, and are told once under one key', async () => {
    const first = await tell('k1', scanned).expect(202);
    const { id, listeners, starts, by } = first.body;
    assert.deepEqual([listeners, by], [{ flows: 1, runs: 0 }, 'operator']);
    assert.equal(first.get('location'), `/api/v1/events/${id}`);
    const [{ run }] = starts;
    await app.flows.engine.idle();
    const shown = await read(`/api/v1/events/${id}`).expect(200);
    assert.deepEqual(shown.body.starts, [{ flow: 'on-scan', run, began: true }]);
    assert.equal((await read(`/api/v1/runs/${run}`).expect(200)).body.status, 'done');
    const again = await tell('k1', scanned).expect(202);
    assert.equal(again.get('idempotency-replayed'), 'true');
    assert.equal(again.body.id, id);
    const { body } = await tell('k1', { ...scanned, key: 'p2' }).expect(422);
    assert.equal(body.code, 'run.idempotency-mismatch');
    const other = await tell('k1', scanned, 'admin').expect(202);
    assert.notEqual(other.body.id, id, 'the keys of one user are not those of another');
  });

  it('that no flow listens to are taken, and that is said', async () => {
    const { body } = await tell('k2', { event: 'parcel.scaned' }).expect(202);
    assert.deepEqual(body.listeners, { flows: 0, runs: 0 });
    assert.deepEqual([body.starts, body.key], [[], null]);
  });

  it('are refused with what is wrong with them', async () => {
    const missing = await tell('k3', {}).expect(400);
    assert.equal(missing.body.code, 'server.invalid-request');
    await tell('k3', { ...scanned, payload: 'text' }).expect(400);
    await tell('k3', { ...scanned, event: 'x'.repeat(121) }).expect(400);
    await tell('k3', { ...scanned, payload: { text: 'x'.repeat(300_000) } }).expect(413);
    await app.request().post('/api/v1/events').set('authorization', users.operator).send(scanned).expect(400);
    await read('/api/v1/events/none').expect(404);
  });

  it('are told by who has the permission', async () => {
    assert.equal((await tell('k4', scanned, 'agent').expect(403)).body.code, 'server.forbidden');
    const key = { name: 'carrier', owner: 'operator', permissions: ['events.publish'], days: 1 };
    const { body } = await send('post', 'keys', 'admin', key, { 'idempotency-key': 'k5' }).expect(201);
    const { body: told } = await app
      .request()
      .post('/api/v1/events')
      .set({ authorization: `Bearer ${body.token}`, 'idempotency-key': 'k6' })
      .send(scanned)
      .expect(202);
    assert.equal(told.by, 'operator/carrier');
  });

  it('carry a payload of 256 KiB, and no more', async () => {
    const payload = (bytes: number) => ({ text: 'x'.repeat(bytes - JSON.stringify({ text: '' }).length) });
    const most = 256 * 1024;
    await tell('large', { event: 'large', key: 'k'.repeat(200), payload: payload(most) }).expect(202);
    const { body } = await tell('larger', { event: 'large', payload: payload(most + 1) }).expect(422);
    assert.equal(body.code, 'run.event-too-large');
  });
});
