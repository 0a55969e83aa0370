// A real SMTP server on the loopback that can be told to misbehave, and remembers what it took.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** How the server treats one conversation. */
export type Behaviour =
  | 'accept'
  | 'drop-at-connect'
  | 'refuse-at-connect'
  | 'refuse-sender-later'
  | 'refuse-recipient'
  | 'refuse-recipient-later'
  | 'refuse-message'
  | 'refuse-message-later'
  | 'drop-at-data'
  | 'silent-at-recipient'
  /** Takes the mail, and closes without an answer. */
  | 'close-after-data'
  /** Loses the mail, and closes without an answer. */
  | 'lose-after-data'
  /** Takes the mail, and never answers. */
  | 'silent-after-data';

export interface Received {
  readonly from: string;
  readonly to: readonly string[];
  readonly message: string;
  readonly messageId: string;
}

export interface TestSmtpServer {
  readonly url: string;
  /** What the server has taken, whether it said so or not. */
  readonly received: readonly Received[];
  /** Every RCPT that it was sent, also those it refused. */
  readonly recipients: readonly string[];
  close(): Promise<void>;
}

const later = (message: string): Error => Object.assign(new Error(message), { responseCode: 451 });
const never = (message: string): Error => Object.assign(new Error(message), { responseCode: 550 });

/** Starts one; `next` says how to treat each conversation. */
export async function testSmtpServer(next: () => Behaviour): Promise<TestSmtpServer> {
  const received: Received[] = [];
  const recipients: string[] = [];
  const behaviours = new Map<string, Behaviour>();
  const drop = (id: string): void => {
    for (const connection of server.connections) if (connection.id === id) connection._socket.destroy();
  };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    logger: false,
    onConnect({ id }, done) {
      const behaviour = next();
      behaviours.set(id, behaviour);
      if (behaviour === 'drop-at-connect') drop(id);
      else if (behaviour === 'refuse-at-connect') done(never('no thanks'));
      else done();
    },
    onMailFrom(_address, { id }, done) {
      if (behaviours.get(id) === 'refuse-sender-later') done(later('busy'));
      else done();
    },
    onRcptTo({ address }, { id }, done) {
      recipients.push(address);
      const behaviour = behaviours.get(id);
      if (behaviour === 'silent-at-recipient') return;
      if (behaviour === 'refuse-recipient') done(never('no such mailbox'));
      else if (behaviour === 'refuse-recipient-later') done(later('greylisted'));
      else done();
    },
    onData(stream, { id, envelope }, done) {
      const behaviour = behaviours.get(id);
      if (behaviour === 'drop-at-data') {
        drop(id);
        return;
      }
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.once('end', () => {
        if (behaviour === 'refuse-message') return done(never('spam'));
        if (behaviour === 'refuse-message-later') return done(later('disk full'));
        if (behaviour === 'lose-after-data') return drop(id);
        const message = Buffer.concat(chunks).toString('utf8');
        const messageId = /^Message-ID: (\S+)/im.exec(message)?.[1] ?? '';
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
        received.push({ from, to: envelope.rcptTo.map(({ address }) => address), message, messageId });
        if (behaviour === 'close-after-data') return drop(id);
        if (behaviour === 'silent-after-data') return;
        done(null, 'taken');
      });
    },
  });
  server.on('error', () => {});
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const { port } = listening.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    received,
    recipients,
    async close() {
      for (const connection of server.connections) connection._socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
