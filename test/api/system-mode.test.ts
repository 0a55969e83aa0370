// Flows in system mode over HTTP: who may make them active on every way that does, and what is kept of it.
import assert from 'node:assert/strict';
import { openSampleApp, type SampleApp } from './sample-app.js';
import { senderOf, signInAll } from './senders.js';

const reason = 'Agents may not see payments.';
const flow = (name: string, more: object = {}) => ({
  format: 1,
  name,
  label: name,
  start: { trigger: { type: 'action' }, next: 'done' },
  elements: { done: { type: 'end', label: 'Done' } },
  ...more,
});
const mode = { system: { reason } };

describe('flows in system mode over HTTP', () => {
  let app: SampleApp;
  let users: Record<'analyst' | 'agent' | 'administrator', string>;
  let send: ReturnType<typeof senderOf<keyof typeof users>>;
  before(async () => {
    app = await openSampleApp({ engine: true });
    users = await signInAll(app, { analyst: 'analyst', agent: 'agent', administrator: 'admin' });
    send = senderOf(app, users);
  });
  after(() => app.close());

  const read = async (path: string) =>
    (await app.request().get(`/api/v1/${path}`).set('authorization', users.administrator).expect(200)).body;
  const activate = (by: keyof typeof users, version: number, seen: number) =>
    send('post', 'flows/powerful/activate', by, { version }, String(seen));

  it('are saved by analysts and made active by administrators, as a roll-back is; then everybody starts them', async () => {
    const draft = { text: JSON.stringify(flow('powerful', { mode })) };
    const saved = await send('put', 'flows/powerful/draft', 'analyst', draft).expect(201);
    assert.deepEqual([saved.body.systemMode, saved.body.activatedBy], [reason, null]);
    const { body } = await activate('analyst', 1, 1).expect(403);
    assert.equal(body.code, 'version.forbidden');
    assert.match(body.detail, /flows\.system/);
    await activate('administrator', 1, 1).expect(200);
    const {
      items: [version],
    } = await read('flows/powerful/versions');
    assert.equal(version.activatedBy, 'admin');
    assert.ok(Date.parse(version.activatedAt) > 0);
    await send('post', 'flows/powerful/runs', 'agent', {}).expect(201);
    const listed = (await read('flows')).items.find(({ name }: { name: string }) => name === 'powerful');
    assert.equal(listed.systemMode, reason);
    const tame = { text: JSON.stringify(flow('powerful')) };
    await send('put', 'flows/powerful/draft', 'analyst', tame, '1').expect(201);
    await activate('analyst', 2, 2).expect(200);
    await activate('analyst', 1, 2).expect(403);
    await send('post', 'flows/powerful/retire', 'analyst', {}, '2').expect(200);
    await activate('analyst', 1, 2).expect(403);
    assert.equal((await read('flows/powerful')).active, null);
  });

  it('are taken in as drafts by analysts; made active with the import by administrators, or nothing is', async () => {
    const flows = { plain: flow('plain'), strong: flow('strong', { mode }) };
    const take = (by: keyof typeof users, activates: boolean) =>
      send('post', 'flow-import', by, { format: 1, flows, activate: activates });
    assert.equal((await take('analyst', true).expect(403)).body.code, 'version.forbidden');
    const names = (await read('flows')).items.map(({ name }: { name: string }) => name);
    assert.ok(!names.includes('plain') && !names.includes('strong'), 'nothing is left of a refused import');
    await take('analyst', false).expect(200);
    await take('administrator', true).expect(200);
    assert.equal((await read('flows/strong/versions')).items[0].activatedBy, 'admin');
    await take('analyst', true).expect(200);
  });

  it('are in the audit log with their reason', async () => {
    const { items } = await read('audit?limit=100');
    const notes = items.map(({ by, note, status }: { by: string; note: string; status: number }) => ({
      by,
      note,
      status,
    }));
    assert.deepEqual(
      notes.filter(({ note }: { note: string | null }) => note !== null).reverse(),
      ['powerful', 'strong'].map((name) => ({
        by: 'admin',
        note: `${name} acts in system mode: ${reason}`,
        status: 200,
      })),
    );
  });

  it('that files bring are answered for by the files', async () => {
    const [version] = (await read('flows/release-after-remorse/versions')).items;
    assert.deepEqual([version.activatedBy, version.status], ['files', 'active']);
  });

  it('are warned of by the check', async () => {
    const text = JSON.stringify(flow('powerful', { mode }));
    const { body } = await send('post', 'flows/validate', 'analyst', { text }).expect(200);
    assert.equal(body.valid, true);
    assert.deepEqual(
      body.problems.map(({ code, severity }: { code: string; severity: string }) => [code, severity]),
      [['flow.system-mode', 'warning']],
    );
  });
});
