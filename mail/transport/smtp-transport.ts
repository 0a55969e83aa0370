// Sends mails by SMTP: one conversation a mail, with the envelope that was meant and no other. The one thing that matters
// about a failure is whether the server can have taken the mail: it can't before the last byte was handed over.
import { Readable } from 'node:stream';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { mailLimits } from '../mail-limits.js';
import { composeMessage } from './compose-message.js';
import type { MailTransport, OutgoingMail, SendResult } from './mail-transport.js';
import { messageIdOf } from './message-id.js';
import { toSmtpServer, type SmtpServerAddress } from './smtp-url.js';

export interface SmtpTransportOptions {
  /** `SMTP_URL`. */
  readonly url: string;
  readonly connectMsMax?: number;
  readonly silenceMsMax?: number;
  readonly conversationMsMax?: number;
}

type Limits = Required<Omit<SmtpTransportOptions, 'url'>>;

/** What nodemailer says about a failure. */
interface SmtpFault extends Error {
  readonly code?: string | undefined;
  readonly responseCode?: number | undefined;
}

/** A transport to the server of `SMTP_URL`. @throws {RecourseError} `mail.smtp-url-invalid` */
export function smtpTransport({ url, ...limits }: SmtpTransportOptions): MailTransport {
  const server = toSmtpServer(url);
  const running = new Set<Promise<SendResult>>();
  const bounds: Limits = {
    connectMsMax: mailLimits.smtpConnectMsMax,
    silenceMsMax: mailLimits.smtpSilenceMsMax,
    conversationMsMax: mailLimits.smtpConversationMsMax,
    ...limits,
  };
  return {
    async send(mail) {
      const message = await composeMessage(mail);
      const sending = converse(server, bounds, mail, message);
      running.add(sending);
      try {
        return await sending;
      } finally {
        running.delete(sending);
      }
    },
    async close() {
      await Promise.all(running);
    },
  };
}

function converse(
  { host, port, secure, requireTLS, auth }: SmtpServerAddress,
  bounds: Limits,
  mail: OutgoingMail,
  message: Buffer,
): Promise<SendResult> {
  const messageId = messageIdOf(mail);
  const envelope = { from: mail.from.address, to: [mail.to.address], size: message.length };
  return new Promise((resolve) => {
    const connection = new SMTPConnection({
      host,
      port,
      secure,
      requireTLS,
      connectionTimeout: bounds.connectMsMax,
      greetingTimeout: bounds.connectMsMax,
      socketTimeout: bounds.silenceMsMax,
    });
    let handedOver = false;
    let settled = false;
    const settle = (result: SendResult): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      // A farewell is not worth waiting for once the mail is taken; anything else is cut off.
      if (result.outcome === 'sent') connection.quit();
      else connection.close();
      resolve(result);
    };
    const fail = (fault: SmtpFault): void => settle(toOutcome(fault, handedOver, messageId));
    const timer = setTimeout(() => {
      fail(new Error(`the conversation took more than ${bounds.conversationMsMax} ms`));
    }, bounds.conversationMsMax);
    const send = (): void => {
      const source = Readable.from([message]);
      // Its end comes before the closing dot is written: from here on the server may have the mail.
      source.once('end', () => {
        handedOver = true;
      });
      connection.send(envelope, source, (fault, info) => {
        if (fault) return fail(fault);
        const accepted = info?.accepted ?? [];
        const isIntended = accepted.length === 1 && accepted[0] === mail.to.address;
        const detail = String(info?.response ?? '').slice(0, 200);
        if (isIntended) return settle({ outcome: 'sent', messageId, detail });
        // Can't be, as the envelope is checked text: but if it were, nobody should believe that it was sent.
        settle({
          outcome: 'unknown',
          messageId,
          detail: `accepted for ${accepted.join(' ')}: ${detail}`.slice(0, 200),
        });
      });
    };
    connection.on('error', fail);
    connection.once('end', () => fail(new Error('the connection was closed')));
    connection.connect((fault) => {
      if (fault) return fail(fault);
      if (auth === undefined) return send();
      connection.login({ credentials: auth, user: auth.user }, (refused) =>
        refused ? fail(refused) : send(),
      );
    });
  });
}

function toOutcome(fault: SmtpFault, handedOver: boolean, messageId: string): SendResult {
  const { code, responseCode, message } = fault;
  const detail = message.replace(/\p{Cc}+/gu, ' ').slice(0, 200);
  // A complete answer to the mail itself is one that refuses it; a torn one proves nothing.
  const isRefusal = code === 'EMESSAGE' && responseCode !== undefined;
  if (handedOver && !isRefusal) return { outcome: 'unknown', messageId, detail };
  const permanent = responseCode !== undefined && responseCode >= 500;
  return { outcome: 'not-sent', messageId, permanent, detail };
}
