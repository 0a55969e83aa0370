// Mails from the outbox to a real SMTP server that misbehaves: none is lost, none is sent twice without need, and what can't be
// sent is there to be seen, with the reason.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { pino } from 'pino';
import type { OutboxRow } from '../../../engine/index.js';
import { MailRenderer, type MailTransport, smtpTransport } from '../../../mail/index.js';
import { systemClock } from '../../../server/clock.js';
import { Mails } from '../../../server/mails/mail-handler.js';
import { Templates } from '../../../server/mails/templates.js';
import { projectRoot } from '../../../server/project-root.js';
import { type OpenDatabase, openDatabase } from '../../../store/connect.js';
import { type Behaviour, testSmtpServer, type TestSmtpServer } from '../../support/smtp-server.js';

const triesMax = 20;

describe('mails on their way from the outbox', () => {
  let database: OpenDatabase;
  let renderer: MailRenderer;
  let smtp: TestSmtpServer;
  let transport: MailTransport;
  let mails: Mails;
  let script: Behaviour[] = [];
  let sample: unknown;

  before(async () => {
    database = await openDatabase({ kind: 'memory' });
    renderer = new MailRenderer();
    smtp = await testSmtpServer(() => script.shift() ?? 'accept');
    transport = smtpTransport({ url: smtp.url, silenceMsMax: 300, conversationMsMax: 3_000 });
    const templates = new Templates(database.models, renderer, systemClock);
    await templates.syncFiles(join(projectRoot(), 'templates'), pino({ level: 'silent' }));
    sample = JSON.parse((await templates.get('cancellation')).template.files['sample.json']!);
    mails = new Mails({
      models: database.models,
      templates,
      renderer,
      transport,
      clock: systemClock,
      from: 'service@shop.example',
    });
  });
  after(async () => {
    await transport.close();
    await smtp.close();
    await renderer.close();
    await database.close();
  });

  const row = (id: string, payload: object): OutboxRow => ({
    id,
    run: 'run-1',
    topic: 'mail',
    key: '10248',
    payload: {
      template: 'cancellation',
      to: ['maria@alfki.example'],
      variables: sample,
      ...payload,
    } as never,
    at: '2026-11-27T10:00:00.000Z',
    order: '1',
    attempt: 0,
    claimAt: '2026-11-27T10:00:00.000Z',
  });
  /** As the outbox does: again, until it is taken. */
  async function deliver(mail: OutboxRow): Promise<number> {
    for (let tries = 1; tries <= triesMax; tries += 1) {
      try {
        await mails.handler(mail);
        return tries;
      } catch {
        // Tried again.
      }
    }
    throw new Error('never taken');
  }
  const stored = async (id: string) => (await database.models.mails.findById(`${id}:1`).lean())!;
  const receivedOf = (to: string) => smtp.received.filter((each) => each.to.includes(to));

  it('are sent once where the server takes them, and a row that comes again sends nothing more', async () => {
    await deliver(row('once', { to: ['once@alfki.example'] }));
    await deliver(row('once', { to: ['once@alfki.example'] }));
    assert.equal(receivedOf('once@alfki.example').length, 1);
    const mail = await stored('once');
    assert.deepEqual([mail.state, mail.regarding, mail.locale], ['sent', 'order:10248', 'en']);
    assert.match(mail.html ?? '', /10643/);
  });

  it('are lost in none of the ways in which a server fails for now', async () => {
    const failures: Behaviour[] = [
      'drop-at-connect',
      'refuse-recipient-later',
      'refuse-message-later',
      'drop-at-data',
      'silent-at-recipient',
    ];
    for (const [index, failure] of failures.entries()) {
      script = [failure, failure];
      const to = `later${index}@alfki.example`;
      assert.equal(await deliver(row(`later-${index}`, { to: [to] })), 3, failure);
      assert.equal(receivedOf(to).length, 1, failure);
      assert.equal((await stored(`later-${index}`)).state, 'sent');
    }
  });

  it('that may have arrived are sent again under the same Message-ID', async () => {
    for (const [index, failure] of (
      ['close-after-data', 'silent-after-data', 'lose-after-data'] as const
    ).entries()) {
      script = [failure];
      const to = `twice${index}@alfki.example`;
      await deliver(row(`twice-${index}`, { to: [to] }));
      const arrived = receivedOf(to);
      assert.equal(arrived.length, failure === 'lose-after-data' ? 1 : 2, failure);
      assert.equal(new Set(arrived.map(({ messageId }) => messageId)).size, 1, failure);
    }
  });

  it('that are refused for good are kept as failed with the reason, and can be sent again', async () => {
    script = ['refuse-recipient'];
    assert.equal(await deliver(row('refused', { to: ['refused@alfki.example'] })), 1);
    const mail = await stored('refused');
    assert.equal(mail.state, 'failed');
    assert.match(mail.detail ?? '', /550|refused|no/i);
    const again = await mails.resend(mail, 'ada:1');
    assert.equal(await mails.resend(mail, 'ada:1'), again);
    assert.equal(receivedOf('refused@alfki.example').length, 1);
  });

  it('that can not be written are kept as failed, and hold nobody up', async () => {
    for (const [id, payload, reason] of [
      ['unknown', { template: 'nothing' }, /no active version/],
      ['wrong', { variables: { whole: 'maybe' } }, /variables-invalid/],
      ['address', { to: ['a@b.example\r\nBcc: evil@x.example'] }, /address-refused/],
    ] as const) {
      assert.equal(await deliver(row(id, payload)), 1, id);
      const mail = await stored(id);
      assert.equal(mail.state, 'failed', id);
      assert.match(mail.detail ?? '', reason);
    }
    assert.ok(!smtp.recipients.some((recipient) => recipient.includes('evil')));
  });

  it('go to each recipient by themselves: one that fails sends the other nothing twice', async () => {
    script = ['accept', 'refuse-recipient-later'];
    const both = row('both', { to: ['first@alfki.example'], cc: ['second@alfki.example'] });
    await deliver(both);
    assert.equal(receivedOf('first@alfki.example').length, 1);
    assert.equal(receivedOf('second@alfki.example').length, 1);
  });

  it('that somebody sends again, and whose process ends meanwhile, are sent by the next', async () => {
    const to = 'left@alfki.example';
    await deliver(row('left', { to: [to] }));
    let began: () => void;
    const sending = new Promise<void>((resolve) => {
      began = resolve;
    });
    const neverAnswers = {
      ...transport,
      send: () => {
        began();
        return new Promise<never>(() => undefined);
      },
    };
    let now = Date.now();
    const parts = {
      models: database.models,
      templates: new Templates(database.models, renderer, systemClock),
      renderer,
      clock: { now: () => new Date(now) },
      from: 'service@shop.example',
    };
    const ended = new Mails({ ...parts, transport: neverAnswers });
    void ended.resend(await stored('left'), 'agent:key');
    await sending;
    const next = new Mails({ ...parts, transport });
    await next.sendLeft();
    assert.equal(receivedOf(to).length, 1, 'it may still be on its way');
    now += 121_000;
    await Promise.all([next.sendLeft(), next.sendLeft()]);
    assert.equal(receivedOf(to).length, 2);
    now += 121_000;
    await next.sendLeft();
    assert.equal(receivedOf(to).length, 2);
    assert.equal(await database.models.mails.countDocuments({ to, state: 'sent' }), 2);
  });
});
