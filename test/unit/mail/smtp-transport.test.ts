// The SMTP transport against a real server that drops, delays, refuses and closes after DATA: what it says became of a mail
// is true, none is lost, and a duplicate has the same Message-ID.
import assert from 'node:assert/strict';
import { RecourseError } from '../../../engine/errors/recourse-error.js';
import { toMailAddress } from '../../../mail/transport/mail-address.js';
import type { OutgoingMail } from '../../../mail/transport/mail-transport.js';
import { mailboxTransport } from '../../../mail/transport/mailbox.js';
import { messageIdOf } from '../../../mail/transport/message-id.js';
import { smtpTransport } from '../../../mail/transport/smtp-transport.js';
import { toSmtpServer } from '../../../mail/transport/smtp-url.js';
import { memoryMailbox } from '../../support/memory-mailbox.js';
import { type Behaviour, type TestSmtpServer, testSmtpServer } from '../../support/smtp-server.js';

const mail = (id: string): OutgoingMail => ({
  id,
  from: toMailAddress('shop@shop.example', 'Northwind Traders'),
  to: toMailAddress('ada@customer.example', 'Ada Lovelace'),
  subject: 'Ihre Bestellung: Grüße',
  html: '<p>Grüße</p>',
  text: '.\r\n.x\nGrüße\n',
  at: '2026-03-01T12:00:00Z',
});

describe('the SMTP transport', () => {
  let server: TestSmtpServer | undefined;
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  const send = async (behaviour: Behaviour, silenceMsMax = 20_000) => {
    server = await testSmtpServer(() => behaviour);
    const transport = smtpTransport({ url: server.url, silenceMsMax });
    return { result: await transport.send(mail('run-1:2')), server };
  };

  it('delivers, with the envelope that was meant', async () => {
    const { result, server } = await send('accept');
    assert.equal(result.outcome, 'sent');
    const [received, ...more] = server.received;
    assert.deepEqual(more, []);
    assert.deepEqual([received?.from, received?.to], ['shop@shop.example', ['ada@customer.example']]);
    assert.equal(received?.messageId, messageIdOf(mail('run-1:2')));
    assert.match(received?.message ?? '', /^From: Northwind Traders <shop@shop\.example>\r$/m);
    assert.match(received?.message ?? '', /^Date: Sun, 01 Mar 2026 12:00:00 \+0000\r$/m);
    assert.match(received?.message ?? '', /^Auto-Submitted: auto-generated\r$/m);
  });

  it('sends the same bytes under the same id, and another Message-ID for another id', async () => {
    server = await testSmtpServer(() => 'accept');
    const transport = smtpTransport({ url: server.url });
    for (const id of ['a', 'a', 'b']) await transport.send(mail(id));
    const [first, second, third] = server.received;
    assert.equal(first?.message, second?.message);
    assert.notEqual(first?.messageId, third?.messageId);
  });

  const outcomes: Readonly<Record<Behaviour, string>> = {
    accept: 'sent',
    'drop-at-connect': 'not-sent, later',
    'refuse-at-connect': 'not-sent, permanent',
    'refuse-sender-later': 'not-sent, later',
    'refuse-recipient': 'not-sent, permanent',
    'refuse-recipient-later': 'not-sent, later',
    'refuse-message': 'not-sent, permanent',
    'refuse-message-later': 'not-sent, later',
    'drop-at-data': 'not-sent, later or unknown',
    'silent-at-recipient': 'not-sent, later',
    'close-after-data': 'unknown',
    'lose-after-data': 'unknown',
    'silent-after-data': 'unknown',
  };
  for (const [behaviour, expected] of Object.entries(outcomes) as [Behaviour, string][]) {
    it(`${behaviour}: ${expected}`, async () => {
      const { result } = await send(behaviour, behaviour.startsWith('silent') ? 300 : undefined);
      const { outcome } = result;
      const said =
        result.outcome === 'not-sent' ? `not-sent, ${result.permanent ? 'permanent' : 'later'}` : outcome;
      assert.ok(expected.includes(said), `${said}: ${result.detail}`);
      assert.equal(result.messageId, messageIdOf(mail('run-1:2')));
    });
  }

  it('says that nothing was sent where nobody listens, and ends a conversation that goes on for ever', async () => {
    server = await testSmtpServer(() => 'silent-after-data');
    const slow = await smtpTransport({ url: server.url, conversationMsMax: 300 }).send(mail('x'));
    assert.equal(slow.outcome, 'unknown');
    const { url } = server;
    await server.close();
    server = undefined;
    const result = await smtpTransport({ url }).send(mail('x'));
    assert.equal(result.outcome, 'not-sent');
  });

  it('loses none of 120 mails to a server that fails at random, and doubles no more than it left unknown', async () => {
    const kinds = Object.keys(outcomes).filter((kind) => !kind.startsWith('silent')) as Behaviour[];
    let seed = 20_261_122;
    const chance = (): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
      return seed / 0x80000000;
    };
    const met = new Set<Behaviour>();
    server = await testSmtpServer(() => {
      // Each kind once, so that none depends on chance; then by chance.
      const next = kinds.find((kind) => !met.has(kind));
      const kind = next ?? (chance() < 0.4 ? 'accept' : kinds[Math.floor(chance() * kinds.length)]!);
      met.add(kind);
      return kind;
    });
    const transport = smtpTransport({ url: server.url });
    let unknown = 0;
    const deliver = async (index: number): Promise<void> => {
      // The outbox: again, until it is sent. Permanent refusals here are the server's whims, so they too are tried again.
      for (let attempt = 1; ; attempt += 1) {
        const result = await transport.send(mail(`run:${index}`));
        if (result.outcome === 'sent') return;
        if (result.outcome === 'unknown') unknown += 1;
        assert.ok(attempt < 100, result.detail);
      }
    };
    await Promise.all(Array.from({ length: 120 }, (_, index) => deliver(index)));
    assert.deepEqual([...met].sort(), [...kinds].sort(), 'every kind of failure was met');
    const ids = server.received.map(({ messageId }) => messageId);
    const expected = new Set(Array.from({ length: 120 }, (_, index) => messageIdOf(mail(`run:${index}`))));
    assert.deepEqual(new Set(ids), expected);
    const doubled = ids.length - expected.size;
    assert.ok(doubled > 0 && doubled <= unknown, `${doubled} doubled, ${unknown} unknown`);
  });

  it('would lose mails if it took a silence after DATA for a delivery: the control', async () => {
    const { result, server } = await send('lose-after-data');
    assert.deepEqual([server.received.length, result.outcome], [0, 'unknown']);
    const naive = result.outcome === 'unknown' ? 'sent' : result.outcome;
    assert.ok(naive === 'sent' && server.received.length === 0, 'taking unknown for sent loses this mail');
  });

  it('refuses a subject of two lines, files in place of text, and empty parts', async () => {
    const transport = smtpTransport({ url: 'smtp://127.0.0.1:9' });
    const wrong: readonly Partial<Record<keyof OutgoingMail, unknown>>[] = [
      { subject: 'x\r\nBcc: evil@x.example' },
      { subject: 'x\u2028y' },
      { html: { path: '/etc/passwd' } },
      { text: { href: 'http://127.0.0.1/' } },
      { text: '' },
      { id: '' },
      { at: 'yesterday' },
    ];
    for (const part of wrong) {
      await assert.rejects(transport.send({ ...mail('x'), ...part } as OutgoingMail), {
        code: 'mail.message-refused',
      });
    }
  });

  it('reads SMTP_URL strictly, and tells no password', () => {
    assert.deepEqual(toSmtpServer('smtps://me:p%40ss@mail.example'), {
      host: 'mail.example',
      port: 465,
      secure: true,
      requireTLS: false,
      auth: { user: 'me', pass: 'p@ss' },
    });
    assert.equal(toSmtpServer('smtp://me:secret@mail.example').requireTLS, true);
    assert.equal(toSmtpServer('smtp://[::1]:2525').host, '::1');
    for (const url of [
      'mail.example',
      'http://x',
      'smtp://',
      'smtp://u:secret@h/x?y=1',
      'smtp://u@h',
      'smtp://u:%E0@h',
      'smtp://u:secret%0d%0a@h',
    ]) {
      assert.throws(
        () => toSmtpServer(url),
        (error) =>
          error instanceof RecourseError &&
          error.code === 'mail.smtp-url-invalid' &&
          !error.message.includes('secret'),
        url,
      );
    }
  });
});

describe('the mailbox', () => {
  it('keeps each mail once, and lists the latest first', async () => {
    const mailbox = memoryMailbox();
    const transport = mailboxTransport(mailbox);
    for (const id of ['a', 'b', 'a', 'c']) assert.equal((await transport.send(mail(id))).outcome, 'sent');
    const [latest, ...rest] = await mailbox.list({ limit: 2 });
    assert.deepEqual([latest?.id, rest.map(({ id }) => id)], ['c', ['b']]);
    assert.deepEqual(
      (await mailbox.list({ limit: 2, before: 'b' })).map(({ id }) => id),
      ['a'],
    );
    assert.deepEqual(await mailbox.get('a'), {
      id: 'a',
      messageId: messageIdOf(mail('a')),
      from: { address: 'shop@shop.example', name: 'Northwind Traders' },
      to: { address: 'ada@customer.example', name: 'Ada Lovelace' },
      subject: 'Ihre Bestellung: Grüße',
      html: '<p>Grüße</p>',
      text: '.\r\n.x\nGrüße\n',
      at: '2026-03-01T12:00:00Z',
    });
  });

  it('calls a failure to keep a mail unknown', async () => {
    const broken = { ...memoryMailbox(), put: () => Promise.reject(new Error('no space')) };
    const result = await mailboxTransport(broken).send(mail('a'));
    assert.deepEqual([result.outcome, result.detail], ['unknown', 'no space']);
  });
});
