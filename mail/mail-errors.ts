// The errors of the mail room.
import { defineErrors } from '../engine/errors/catalogue.js';

const caller = { status: 422, who: 'caller', retryable: false } as const;
const operator = { status: 500, who: 'operator', retryable: false } as const;

export const mailErrors = defineErrors('mail', {
  'template-invalid': {
    ...caller,
    title: 'The mail template has problems',
    remedy: 'Correct every place that `problems` lists; docs/guides/admin.md explains the codes.',
  },
  'template-unreadable': {
    ...operator,
    title: 'The directory of mail templates is not laid out as it should be',
    remedy: 'Lay the files out as docs/guides/admin.md shows.',
  },
  'variables-invalid': {
    ...caller,
    title: 'The variables do not fit the mail template',
    remedy: 'Give each variable that `problems` names a value as the schema of the template says.',
  },
  'variable-missing': {
    ...caller,
    title: 'A variable of the mail template has no value',
    remedy: 'Give the variable a value, or print it inside {{#if}} only.',
  },
  'value-refused': {
    ...caller,
    title: 'A value cannot be shown as the mail template asks',
    remedy: 'Give a value that the named helper takes.',
  },
  'output-too-large': {
    ...caller,
    title: 'The mail is too large',
    remedy: 'Print fewer or shorter values; the limits are in docs/guides/admin.md.',
  },
  'render-over-time': {
    ...caller,
    retryable: true,
    title: 'Rendering took too long and was stopped',
    remedy: 'Make the template simpler; if it is simple, the machine was busy: try again.',
  },
  'render-over-memory': {
    ...caller,
    title: 'Rendering took too much memory and was stopped',
    remedy: 'Make the template simpler or give it less data.',
  },
  'render-busy': {
    ...operator,
    status: 503,
    retryable: true,
    title: 'Too many mails wait to be rendered',
    remedy: 'Try again later.',
  },
  'render-failed': {
    ...operator,
    retryable: true,
    title: 'The render worker failed',
    remedy: 'Try again; if it goes on, report it with the template.',
  },
  'address-refused': {
    ...caller,
    title: 'Not an address that mail is sent to',
    remedy: 'Give one plain address such as name@example.com, without comma, brackets or line breaks.',
  },
  'message-refused': {
    ...caller,
    title: 'Not a mail that can be sent',
    remedy: 'Give a subject of one line, and HTML and text as strings.',
  },
  'smtp-url-invalid': {
    ...operator,
    title: 'SMTP_URL is not valid',
    remedy: 'Give SMTP_URL as smtp://user:password@host:587 or smtps://user:password@host:465.',
  },
});
