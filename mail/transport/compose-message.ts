// A mail as bytes, the same on every attempt. Strings and checked addresses only: no file and no address on the net is
// ever read for it.
import MailComposer from 'nodemailer/lib/mail-composer';
import { mailErrors } from '../mail-errors.js';
import { mailLimits } from '../mail-limits.js';
import type { MailAddress } from './mail-address.js';
import type { OutgoingMail } from './mail-transport.js';
import { boundaryOf, messageIdOf } from './message-id.js';

const toHeader = ({ address, name }: MailAddress): { address: string; name: string } => ({
  address,
  name: name ?? '',
});

/** The message in RFC 5322 form. @throws {RecourseError} `mail.message-refused` */
export async function composeMessage(mail: OutgoingMail): Promise<Buffer> {
  checkMessage(mail);
  const composer = new MailComposer({
    disableFileAccess: true,
    disableUrlAccess: true,
    messageId: messageIdOf(mail),
    baseBoundary: boundaryOf(mail.id),
    date: new Date(mail.at),
    from: toHeader(mail.from),
    to: [toHeader(mail.to)],
    ...(mail.replyTo === undefined ? {} : { replyTo: toHeader(mail.replyTo) }),
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    // RFC 3834: nobody's out-of-office answers a machine.
    headers: { 'Auto-Submitted': 'auto-generated' },
  });
  return composer.compile().build();
}

/** @throws {RecourseError} `mail.message-refused` */
export function checkMessage({ id, subject, html, text, at }: OutgoingMail): void {
  const refuse = (detail: string) => mailErrors.error('message-refused', detail);
  if (typeof id !== 'string' || id === '') throw refuse('the mail has no id');
  for (const [what, value] of Object.entries({ subject, html, text })) {
    if (typeof value !== 'string' || value === '') throw refuse(`the ${what} is not a text`);
    if (value.length > mailLimits.outputCharsMax) throw refuse(`the ${what} is too long`);
  }
  if (/[\p{Cc}\u2028\u2029]/u.test(subject))
    throw refuse('the subject has a line break or a control character');
  if (Number.isNaN(Date.parse(at))) throw refuse('the time of the mail is not a date');
}
