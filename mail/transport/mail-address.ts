// Addresses that mail is sent to and from: checked once, kept as objects, never parsed again from text. What could end a
// header line, add a recipient or begin another address is refused (nodemailer turns "b@x\r\nBcc: e@x" into a recipient).
import { domainToASCII } from 'node:url';
import { mailErrors } from '../mail-errors.js';
import { mailLimits } from '../mail-limits.js';

declare const checked: unique symbol;

/** An address that `toMailAddress` has let pass. */
export interface MailAddress {
  readonly address: string;
  readonly name: string | undefined;
  readonly [checked]: true;
}

const localPart = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const domainLabel = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;
/** Control and format characters, line and paragraph separators, halves of characters; and what addresses are made of. */
const notInName = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn},;:<>()[\]\\"@]/u;

/**
 * Checks an address. A domain with other letters is written in ASCII (`müller.example` is `xn--mller-kva.example`).
 *
 * @throws {RecourseError} `mail.address-refused`: also for a display name with commas, brackets, quotes or line breaks
 */
export function toMailAddress(address: unknown, name?: unknown): MailAddress {
  const refuse = (why: string) =>
    mailErrors.error('address-refused', `${JSON.stringify(address)?.slice(0, 100) ?? 'nothing'} ${why}`);
  if (typeof address !== 'string') throw refuse('is not a text');
  if (address.length > mailLimits.addressCharsMax) throw refuse('is too long');
  const at = address.lastIndexOf('@');
  const local = address.slice(0, at);
  const written = address.slice(at + 1);
  if (at < 1 || !localPart.test(local) || local.length > mailLimits.localPartCharsMax) {
    throw refuse('has no plain name before the @');
  }
  // The URL parser would also decode and map: only letters of other scripts are left to it.
  const domain = /^[\p{L}\p{M}\p{N}.-]+$/u.test(written) ? domainToASCII(written) : '';
  const labels = domain.split('.');
  const isDomain = labels.every((label) => domainLabel.test(label)) && !/^\d+$/.test(labels.at(-1)!);
  if (domain === '' || domain.length > mailLimits.addressCharsMax - 2 || !isDomain) {
    throw refuse('has no plain domain after the @');
  }
  if (name !== undefined && !isDisplayName(name)) throw refuse('has a display name that is refused');
  return { address: `${local}@${domain}`, name: name as string | undefined } as MailAddress;
}

/**
 * The address of a person as the order data have it; a display name that would be refused is left out, so that nobody's
 * mail is lost because of how they write their name.
 *
 * @throws {RecourseError} `mail.address-refused`
 */
export const toRecipient = (address: unknown, name?: unknown): MailAddress =>
  toMailAddress(address, isDisplayName(name) ? name : undefined);

function isDisplayName(name: unknown): name is string {
  return (
    typeof name === 'string' &&
    name.trim() !== '' &&
    name.length <= mailLimits.nameCharsMax &&
    !notInName.test(name) &&
    !name.includes('=?')
  );
}
