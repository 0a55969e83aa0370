// The built-in mailbox, where mails go when no SMTP server is set: to look at, not to deliver.
import { checkMessage } from './compose-message.js';
import type { MailTransport, OutgoingMail } from './mail-transport.js';
import { messageIdOf } from './message-id.js';

/** A mail as the mailbox keeps it: plain JSON. */
export interface StoredMail {
  /** The outbox id. */
  readonly id: string;
  readonly messageId: string;
  readonly from: { readonly address: string; readonly name?: string };
  readonly to: { readonly address: string; readonly name?: string };
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  /** ISO 8601. */
  readonly at: string;
}

/** Where the mailbox keeps its mails. */
export interface MailboxPort {
  /** Keeps a mail; one with an id that is kept already changes nothing. */
  put(mail: StoredMail): Promise<void>;
  get(id: string): Promise<StoredMail | undefined>;
  /** The latest first, at most `limit`; those before the mail with the id `before`, if it is given. */
  list(page: { readonly limit: number; readonly before?: string }): Promise<readonly StoredMail[]>;
}

const toStored = ({ address, name }: OutgoingMail['to']): StoredMail['to'] =>
  name === undefined ? { address } : { address, name };

/** A transport into a mailbox; since keeping is idempotent, a failure is simply tried again. */
export function mailboxTransport(mailbox: MailboxPort): MailTransport {
  return {
    async send(mail) {
      checkMessage(mail);
      const { id, from, to, subject, html, text, at } = mail;
      const messageId = messageIdOf(mail);
      try {
        await mailbox.put({ id, messageId, from: toStored(from), to: toStored(to), subject, html, text, at });
      } catch (error) {
        return {
          outcome: 'unknown',
          messageId,
          detail: error instanceof Error ? error.message : String(error),
        };
      }
      return { outcome: 'sent', messageId, detail: 'kept in the mailbox' };
    },
    async close() {},
  };
}
