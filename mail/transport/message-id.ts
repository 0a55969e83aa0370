// The Message-ID of a mail: made from its outbox id alone, so that every attempt has the same.
import { createHash } from 'node:crypto';
import type { OutgoingMail } from './mail-transport.js';

const digestOf = (id: string): string => createHash('sha256').update(id).digest('hex').slice(0, 32);

/** `<…@domain of the sender>`. */
export function messageIdOf({ id, from }: Pick<OutgoingMail, 'id' | 'from'>): string {
  return `<${digestOf(id)}@${from.address.slice(from.address.lastIndexOf('@') + 1)}>`;
}

/** Separates the parts of the message; as stable as its id. */
export const boundaryOf = (id: string): string => digestOf(`boundary ${id}`);
