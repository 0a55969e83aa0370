// Addresses of mails: one line of text each, so that nothing can be smuggled into the head of a mail.
import type { Json } from '../definition/flow.js';
import { defineErrors } from '../errors/catalogue.js';

export const addressErrors = defineErrors('mail-address', {
  invalid: {
    status: 422,
    title: 'Not a mail address',
    who: 'caller',
    retryable: false,
    remedy: 'Give an address such as ada@shop.example, or a list of them.',
  },
  missing: {
    status: 422,
    title: 'Mail without a receiver',
    who: 'caller',
    retryable: false,
    remedy: 'Give at least one address.',
  },
});

const addressShape = /^[^\s@<>,;:"()[\]\\]{1,64}@[^\s@<>,;:"()[\]\\]{1,255}$/;
const addressesMax = 100;

/** @throws {RecourseError} `mail-address.invalid` */
export function toAddresses(value: Json): readonly string[] {
  const listed: readonly Json[] = value === null ? [] : Array.isArray(value) ? value : [value];
  if (listed.length > addressesMax) {
    throw addressErrors.error('invalid', `a mail has at most ${addressesMax} receivers`);
  }
  return listed.map((address) => {
    if (typeof address === 'string' && addressShape.test(address)) return address;
    throw addressErrors.error('invalid', `${JSON.stringify(address).slice(0, 80)} is not a mail address`);
  });
}
