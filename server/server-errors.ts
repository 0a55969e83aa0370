// The errors of the server room: what HTTP callers and whoever starts the process can meet.
import { defineErrors } from '../engine/errors/catalogue.js';

const caller = { status: 400, who: 'caller', retryable: false } as const;
const operator = { status: 500, who: 'operator', retryable: false } as const;

export const serverErrors = defineErrors('server', {
  internal: {
    status: 500,
    title: 'Internal error',
    who: 'bug',
    retryable: false,
    remedy: 'Report it with its traceId: the server log has the cause under that id.',
  },
  unavailable: {
    ...operator,
    status: 503,
    retryable: true,
    title: 'Not ready',
    remedy: 'Send the request again after the seconds in Retry-After.',
  },
  'template-unknown': {
    ...caller,
    status: 404,
    title: 'No such template, or version of it',
    remedy: 'Look at the list of templates at `GET /api/v1/templates`.',
  },
  'mail-unknown': {
    ...caller,
    status: 404,
    title: 'No such mail',
    remedy: 'Look at the list of mails at `GET /api/v1/mails`.',
  },
  'edited-meanwhile': {
    ...caller,
    status: 412,
    title: 'It was changed meanwhile',
    remedy: 'Get it again, make your change to what it is now, and send it with the new ETag in If-Match.',
  },
  'if-match-required': {
    ...caller,
    status: 428,
    title: 'If-Match is missing',
    remedy: 'Send the ETag of what you changed in the header If-Match.',
  },
  'idempotency-key-required': {
    ...caller,
    title: 'Idempotency-Key is missing',
    remedy:
      'Send a new text of 1 to 255 characters in the header Idempotency-Key, and the same one when you try again.',
  },
  'not-found': {
    ...caller,
    status: 404,
    title: 'No such resource',
    remedy: 'Check the path against the README.',
  },
  'method-not-allowed': {
    ...caller,
    status: 405,
    title: 'Method not allowed',
    remedy: 'Use one of the methods in the Allow header.',
  },
  'malformed-request': {
    ...caller,
    title: 'Malformed request',
    remedy: 'Send a well-formed HTTP/1.1 request with a correctly encoded path.',
  },
  'malformed-json': {
    ...caller,
    title: 'Malformed JSON',
    remedy: 'Send one JSON value, encoded in UTF-8.',
  },
  'inexact-number': {
    ...caller,
    title: 'Number that can not be held',
    remedy:
      'Send whole numbers up to 9,007,199,254,740,992. Send a longer one, such as a card or account number, as text, and an amount as money, {"amount":"12.30","currency":"EUR"}.',
  },
  'forbidden-key': {
    ...caller,
    title: 'Forbidden key',
    remedy: 'Leave out the keys `__proto__`, `constructor` and `prototype`.',
  },
  'too-deep': {
    ...caller,
    title: 'Nested too deeply',
    remedy: 'Nest arrays and objects at most 64 levels.',
  },
  'too-large': {
    ...caller,
    status: 413,
    title: 'Body too large',
    remedy: 'Send at most as many bytes in one request as the detail says.',
  },
  'headers-too-large': {
    ...caller,
    status: 431,
    title: 'Headers too large',
    remedy: 'Send less than 16 KiB of headers, the path included.',
  },
  'request-timeout': {
    ...caller,
    status: 408,
    retryable: true,
    title: 'Request not received in time',
    remedy: 'Send the whole request without pausing.',
  },
  'unsupported-media-type': {
    ...caller,
    status: 415,
    title: 'Unsupported media type',
    remedy: 'Send the body as `application/json` in UTF-8, not compressed.',
  },
  'invalid-request': {
    ...caller,
    title: 'Invalid request',
    remedy: 'Correct what `problems` lists.',
  },
  'unknown-parameter': {
    ...caller,
    title: 'Unknown parameter',
    remedy: 'Leave it out, or use one of the names in `expected`.',
  },
  'invalid-parameter': {
    ...caller,
    title: 'Invalid parameter',
    remedy: 'Give the parameter once, with a value as `expected` says.',
  },
  'unknown-field': {
    ...caller,
    title: 'Unknown field',
    remedy: 'Leave it out, or use one of the names in `expected`.',
  },
  'invalid-field': {
    ...caller,
    title: 'Invalid field',
    remedy: 'Give the field at `pointer` a value as `expected` says.',
  },
  'invalid-cursor': {
    ...caller,
    title: 'Invalid cursor',
    remedy: 'Use `next` of the page before as it stands, with the same filters; or begin without a cursor.',
  },
  'sign-in-required': {
    ...caller,
    status: 401,
    title: 'Sign in first',
    remedy: 'Sign in at `POST /api/v1/sign-in` and send the token as `Authorization: Bearer <token>`.',
  },
  'sign-in-refused': {
    ...caller,
    status: 401,
    title: 'Wrong user name or password',
    remedy: 'Check both; an operator makes a new password with `recourse user reset <name>`.',
  },
  'sign-in-throttled': {
    ...caller,
    status: 429,
    retryable: true,
    title: 'Too many failed sign-ins',
    remedy: 'Wait for the seconds in Retry-After; the wait grows with every further failure.',
  },
  'too-many-requests': {
    ...caller,
    status: 429,
    retryable: true,
    title: 'Too many requests',
    remedy: 'Wait for the seconds in Retry-After. An operator sets the limit with REQUESTS_PER_MINUTE.',
  },
  forbidden: {
    ...caller,
    status: 403,
    title: 'Not permitted',
    remedy: 'Ask an administrator for a role with the permission that the detail names.',
  },
  'unknown-user': {
    ...caller,
    status: 404,
    title: 'No such user',
    remedy: 'Check the user name.',
  },
  'role-in-use': {
    ...caller,
    status: 409,
    title: 'The role is in use',
    remedy: 'Give the users with the role another one first, and have the work done that is for them.',
  },
  'fixed-role': {
    ...caller,
    status: 409,
    title: 'The role is fixed',
    remedy: 'Make a role of your own with the permissions you want; administrators always have all of them.',
  },
  'last-administrator': {
    ...caller,
    status: 409,
    title: 'It is the last administrator',
    remedy: 'Make somebody else an administrator first.',
  },
  'job-mismatch': {
    ...caller,
    status: 422,
    title: 'The key belongs to another job',
    remedy: 'Send a new Idempotency-Key, or what was sent with this one before.',
  },
  'key-exists': {
    ...caller,
    status: 409,
    title: 'The key exists',
    remedy: 'Give the key another name, or revoke the one there is.',
  },
  'unknown-flow-file': {
    ...caller,
    status: 404,
    title: 'No such flow file',
    remedy: 'Name directories that hold a flow.json; leave the names out for all of them.',
  },
  'invalid-configuration': {
    ...operator,
    title: 'Invalid configuration',
    remedy: 'Correct the environment variables that are listed.',
  },
  'cannot-listen': {
    ...operator,
    title: 'Cannot listen',
    remedy: 'Stop the process that listens there, or set PORT or HOST to something else.',
  },
  'command-refused': {
    ...caller,
    status: 409,
    title: 'The server refused it',
    remedy: 'Do what the text says; docs/errors.md explains the code before it.',
  },
  mistyped: {
    ...caller,
    title: 'The command was mistyped',
    remedy: 'Look at the help of the command: `recourse <command> --help`.',
  },
  'invalid-file': {
    ...caller,
    title: 'The file or text can not be used',
    remedy: 'Check the path and its content.',
  },
  'admin-unreachable': {
    ...operator,
    title: 'The running server did not answer',
    remedy: 'Check that the process that has the data directory open is Recourse and answers GET /health.',
  },
});
