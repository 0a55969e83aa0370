// S5 and F9: a thousand hostile names and addresses through a real SMTP server: the recipients are those that were meant
// and no other. The control sends the same to nodemailer as text, and finds recipients that nobody meant.
import assert from 'node:assert/strict';
import { createTransport } from 'nodemailer';
import { RecourseError } from '../../../engine/errors/recourse-error.js';
import { type MailAddress, toMailAddress, toRecipient } from '../../../mail/transport/mail-address.js';
import { smtpTransport } from '../../../mail/transport/smtp-transport.js';
import { type TestSmtpServer, testSmtpServer } from '../../support/smtp-server.js';

const pieces = [
  '\r\nBcc: evil@x.example',
  '\nRCPT TO:<evil@x.example>',
  '\r\n.\r\nMAIL FROM:<evil@x.example>',
  ', evil@x.example',
  '; evil@x.example',
  '<evil@x.example>',
  '> <evil@x.example',
  '"<evil@x.example>"',
  '" <evil@x.example>, "',
  '(evil@x.example)',
  'evil@x.example:',
  'group: evil@x.example;',
  '\\\r\n evil@x.example',
  '\u2028evil@x.example',
  '\u0000evil@x.example',
  '=?utf-8?q?=0D=0ABcc:_evil=40x.example?=',
  '\u202eelpmaxe.x@live',
  '%0d%0aBcc:evil@x.example',
  '@evil.example',
  '\tevil@x.example',
  ' evil@x.example',
  '\u00a0evil@x.example',
  'evil＠x.example',
  '\ud800evil@x.example',
  '\x1b[31mevil@x.example',
];
const bases = [
  'ada@customer.example',
  'Ada',
  '',
  'a.b+c@customer.example',
  '"quoted"@customer.example',
  'ä@customer.example',
  'x@münchen.example',
  'x@[127.0.0.1]',
];

/** Address and name, hostile in one or both. */
const hostile: readonly (readonly [string, string])[] = bases
  .flatMap((base) =>
    pieces.flatMap((piece) => [
      `${base}${piece}`,
      `${piece}${base}`,
      `${base.slice(0, 2)}${piece}${base.slice(2)}`,
    ]),
  )
  .flatMap((text): [string, string][] => [
    [text, 'Ada'],
    ['ada@customer.example', text],
  ])
  .slice(0, 1_200);

describe('hostile names and addresses', () => {
  let server: TestSmtpServer;
  before(async () => {
    server = await testSmtpServer(() => 'accept');
  });
  after(() => server.close());

  const from = toMailAddress('shop@shop.example', 'Shop');
  const content = { subject: 'x', html: '<p>x</p>', text: 'x', at: '2026-03-01T12:00:00Z' };
  const attempt = (make: () => MailAddress): MailAddress | undefined => {
    try {
      return make();
    } catch (error) {
      assert.ok(error instanceof RecourseError && error.code === 'mail.address-refused', String(error));
      return undefined;
    }
  };

  it('are a thousand at least', () => {
    assert.ok(new Set(hostile.map(([address, name]) => `${address}\0${name}`)).size >= 1_000);
  });

  it('reach nobody but whom they were meant for', async () => {
    const transport = smtpTransport({ url: server.url });
    const start = server.received.length;
    const recipientsBefore = server.recipients.length;
    const meant: string[] = [];
    const sending: Promise<void>[] = [];
    let refused = 0;
    for (const [index, [address, name]] of hostile.entries()) {
      const strict = attempt(() => toMailAddress(address, name));
      const lenient = attempt(() => toRecipient(address, name));
      if (strict === undefined) refused += 1;
      // A hostile name alone costs the name, not the mail.
      assert.equal(lenient === undefined, attempt(() => toMailAddress(address)) === undefined);
      const to = strict ?? (index % 10 === 1 ? lenient : undefined);
      if (to === undefined) continue;
      meant.push(to.address);
      const id = `hostile:${index}`;
      sending.push(
        transport.send({ id, from, to, ...content }).then((result) => {
          assert.equal(result.outcome, 'sent', `${JSON.stringify([address, name])}: ${result.detail}`);
        }),
      );
      if (sending.length % 40 === 0) await Promise.all(sending);
    }
    await Promise.all(sending);
    const received = server.received.slice(start);
    assert.deepEqual(received.map(({ to }) => to.join()).sort(), [...meant].sort());
    assert.deepEqual(server.recipients.slice(recipientsBefore).sort(), [...meant].sort());
    for (const { message } of received) {
      const [head = ''] = message.split('\r\n\r\n');
      assert.doesNotMatch(head, /^bcc:/im);
      assert.equal(head.match(/^to:/gim)?.length, 1);
    }
    assert.ok(refused > 900, `${refused} refused`);
    assert.ok(meant.length >= 50, `${meant.length} sent`);
  });

  it('would reach others as text: the control', async () => {
    const { hostname: host, port } = new URL(server.url);
    const careless = createTransport({ host, port: Number(port), secure: false });
    const start = server.recipients.length;
    for (const to of ['b@x.example\r\nBcc: evil@x.example', 'ada@customer.example, evil@x.example']) {
      await careless.sendMail({ from: 'shop@shop.example', to, subject: 'x', text: 'x' });
    }
    assert.ok(server.recipients.slice(start).includes('evil@x.example'));
  });

  it('keeps names with any letters, and writes other domains in ASCII', () => {
    const address = toMailAddress('x@München.example', 'Žofie O’Neil-Müller 李');
    assert.deepEqual([address.address, address.name], ['x@xn--mnchen-3ya.example', 'Žofie O’Neil-Müller 李']);
    for (const wrong of [
      undefined,
      null,
      1,
      {},
      ['a@b.example'],
      'a@b.example.',
      'a@-b.example',
      'a@1.2.3.4',
      `${'a'.repeat(65)}@b.example`,
      `a@${'b.'.repeat(130)}example`,
    ]) {
      assert.equal(
        attempt(() => toMailAddress(wrong)),
        undefined,
        String(wrong),
      );
    }
  });
});
