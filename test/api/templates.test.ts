// Mail templates over HTTP: seen, changed with nobody's change lost, previewed exactly, rolled back, and never dangerous.
import assert from 'node:assert/strict';
import { Client } from './flows/client.js';
import { assertProblem } from './problem.js';
import { openSampleApp, type SampleApp } from './sample-app.js';

interface Template {
  readonly version: number;
  readonly files: Record<string, string>;
}

describe('mail templates over HTTP', () => {
  let app: SampleApp;
  let admin: Client;
  before(async () => {
    app = await openSampleApp({ engine: true });
    admin = await Client.as(app, 'admin');
  });
  after(() => app.close());

  const path = '/api/v1/templates/cancellation';
  const get = async () => {
    const response = await admin.get(path).expect(200);
    return { etag: response.headers['etag']!, template: response.body as Template };
  };

  it('are listed with their languages, and shown with files, schema and ETag', async () => {
    const { body } = await admin.get('/api/v1/templates').expect(200);
    const { items } = body as { items: { name: string; locales: string[] }[] };
    assert.equal(items.length, 7);
    assert.ok(items.every(({ locales }) => locales.join() === 'de,en'));
    const { etag, template } = await get();
    assert.equal(etag, `"${template.version}"`);
    assert.ok(template.files['en/subject.hbs']);
    assertProblem(await admin.get('/api/v1/templates/nothing'), 404, 'server.template-unknown');
  });

  it('are changed with If-Match only, previewed, and rolled back', async () => {
    const { etag, template } = await get();
    const files = { ...template.files, 'en/subject.hbs': 'Gone: {{order.number}}\n' };
    assertProblem(await admin.put(path, { files }, 'nonsense'), 428, 'server.if-match-required');
    assertProblem(await admin.put(path, { files }, '"77"'), 412, 'server.edited-meanwhile');
    const preview = await admin.post(`${path}/preview`, { files, locale: 'en' }).expect(200);
    assert.equal((preview.body as { subject: string }).subject, 'Gone: 10643');
    assert.equal((await get()).template.version, template.version, 'a preview saves nothing');
    const saved = await admin.put(path, { files }, etag).expect(201);
    assert.equal(saved.headers['etag'], `"${template.version + 1}"`);
    assertProblem(await admin.put(path, { files }, etag), 412, 'server.edited-meanwhile');
    const order = await admin.post(`${path}/preview`, { order: '11075' }).expect(200);
    assert.match((order.body as { text: string }).text, /\S/);
    const back = await admin
      .post(`${path}/activate`, { version: template.version })
      .set('if-match', `"${template.version + 1}"`);
    assert.equal(back.status, 200, JSON.stringify(back.body));
    assert.equal((await get()).template.files['en/subject.hbs'], template.files['en/subject.hbs']);
    const { body } = await admin.get(`${path}/versions`).expect(200);
    assert.deepEqual(
      (body as { items: { version: number; status: string }[] }).items.map(({ status }) => status),
      ['retired', 'active'],
    );
  });

  it('with mistakes are refused with all of them, each with file, line and column', async () => {
    const { etag, template } = await get();
    const files = {
      ...template.files,
      'en/body.html.hbs': '<p>{{custmer}}</p>\n<a href={{order.number}}>x</a>',
    };
    const refused = assertProblem(await admin.put(path, { files }, etag), 422, 'mail.template-invalid');
    assert.ok(refused.problems!.length >= 2);
    assert.ok(refused.problems!.every(({ pointer }) => pointer === '/en~1body.html.hbs'));
    const checked = await admin.post(`${path}/validate`, { files }).expect(200);
    assert.equal((checked.body as { valid: boolean }).valid, false);
  });

  it('that would run for ever are stopped, and the next one is rendered', async () => {
    const { template } = await get();
    const rounds = '{{#each items as |a|}}'.repeat(6);
    const files = {
      ...template.files,
      'en/body.text.hbs': `${rounds}x${'{{/each}}'.repeat(6)}`,
    };
    const item = { sku: 'a', name: 'b', quantity: 1, amount: { amount: '1.00', currency: 'EUR' } };
    const sample = JSON.parse(template.files['sample.json']!) as Record<string, unknown>;
    const variables = { ...sample, items: Array.from({ length: 100 }, () => item) };
    const bomb = await admin.post(`${path}/preview`, { files, locale: 'en', variables });
    assert.ok([422, 503].includes(bomb.status), JSON.stringify(bomb.body));
    await admin.post(`${path}/preview`, { locale: 'en' }).expect(200);
  });

  it('are sent to be looked at, and the mail is shown exactly, where nothing in it can act', async () => {
    const sent = await admin.post(`${path}/test`, { to: 'ada@shop.example' }).expect(202);
    const { mail } = sent.body as { mail: string };
    const at = `/api/v1/mails/${encodeURIComponent(mail)}`;
    const shown = await admin.get(at).expect(200);
    const { to, html, state } = shown.body as { to: string; html: string; state: string };
    assert.deepEqual([to, state], ['ada@shop.example', 'sent']);
    const page = await admin.get(`${at}/html`).expect(200);
    assert.equal(page.text, html);
    assert.match(page.headers['content-security-policy'] ?? '', /default-src 'none'.*sandbox/);
    const agent = await Client.as(app, 'agent');
    assertProblem(await agent.post(`${path}/test`, { to: 'x@y.example' }), 403, 'server.forbidden');
    assertProblem(await admin.get('/api/v1/mails/nothing'), 404, 'server.mail-unknown');
  });
});
