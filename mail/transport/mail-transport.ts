// What a transport takes and what it says became of it.
import type { MailAddress } from './mail-address.js';

/** One mail to one person; several recipients are several mails, so that each has one outcome. */
export interface OutgoingMail {
  /** The outbox id: the same on every attempt, so that a receiver can drop what it has seen. */
  readonly id: string;
  readonly from: MailAddress;
  readonly to: MailAddress;
  readonly replyTo?: MailAddress;
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  /** When it was written (ISO 8601): the same on every attempt. */
  readonly at: string;
}

export type SendResult =
  | { readonly outcome: 'sent'; readonly messageId: string; readonly detail: string }
  /** Certainly not delivered. Permanent: the same again would fail the same way, somebody has to act. */
  | {
      readonly outcome: 'not-sent';
      readonly messageId: string;
      readonly permanent: boolean;
      readonly detail: string;
    }
  /** The mail was handed over whole, and no answer came: send it again, under the same Message-ID. */
  | { readonly outcome: 'unknown'; readonly messageId: string; readonly detail: string };

export interface MailTransport {
  /** Settles with an outcome for whatever the other side does. @throws {RecourseError} `mail.message-refused` */
  send(mail: OutgoingMail): Promise<SendResult>;
  /** Waits for what is being sent. */
  close(): Promise<void>;
}
