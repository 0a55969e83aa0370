// A mailbox in memory, for tests.
import type { MailboxPort, StoredMail } from '../../mail/transport/mailbox.js';

export function memoryMailbox(): MailboxPort {
  const mails = new Map<string, StoredMail>();
  return {
    async put(mail) {
      if (!mails.has(mail.id)) mails.set(mail.id, structuredClone(mail));
    },
    async get(id) {
      return mails.get(id);
    },
    async list({ limit, before }) {
      const latest = [...mails.values()].reverse();
      const start = before === undefined ? 0 : latest.findIndex(({ id }) => id === before) + 1;
      return latest.slice(start, start + limit);
    },
  };
}
