// The built-in mailbox: the records of mails are its content, so keeping one there is nothing more to do.
import { type MailTransport, mailboxTransport, type StoredMail } from '../../mail/index.js';
import type { Models } from '../../store/connect.js';
import type { MailRecord } from '../../store/models/template.js';

/** A transport that delivers to nobody: the mail is read in the mailbox. */
export const keptMails = (models: Models): MailTransport =>
  mailboxTransport({
    put: async () => {},
    get: async (id) => {
      const found = await models.mails.findById(id).lean<MailRecord | null>();
      return found === null ? undefined : toStored(found);
    },
    list: async ({ limit }) => {
      const found = await models.mails.find({}).sort({ at: -1, _id: -1 }).limit(limit).lean<MailRecord[]>();
      return found.map(toStored);
    },
  });

const toStored = ({
  _id,
  messageId = '',
  to,
  subject = '',
  html = '',
  text = '',
  at,
}: MailRecord): StoredMail => ({
  id: _id,
  messageId,
  from: { address: '' },
  to: { address: to },
  subject,
  html,
  text,
  at: at.toISOString(),
});
