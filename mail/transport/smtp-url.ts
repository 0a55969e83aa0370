// Reads SMTP_URL: smtp://user:password@host:587 (STARTTLS) or smtps://user:password@host:465 (TLS from the start).
import { mailErrors } from '../mail-errors.js';

export interface SmtpServerAddress {
  readonly host: string;
  readonly port: number;
  /** TLS from the start. */
  readonly secure: boolean;
  /** Refuse to go on without TLS: always when a password would be sent to another machine. */
  readonly requireTLS: boolean;
  readonly auth: { readonly user: string; readonly pass: string } | undefined;
}

const loopback: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/** @throws {RecourseError} `mail.smtp-url-invalid`; its text has no password */
export function toSmtpServer(text: string): SmtpServerAddress {
  const refuse = (detail: string) => mailErrors.error('smtp-url-invalid', `SMTP_URL ${detail}`);
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw refuse('is not a URL');
  }
  const secure = url.protocol === 'smtps:';
  if (!secure && url.protocol !== 'smtp:') throw refuse('begins with smtp:// or smtps://');
  if (url.hostname === '' || !/^[A-Za-z0-9.:[\]-]+$/.test(url.hostname)) throw refuse('names no host');
  if ((url.pathname !== '' && url.pathname !== '/') || url.search !== '' || url.hash !== '') {
    throw refuse('has nothing after the port');
  }
  let user: string;
  let pass: string;
  try {
    [user, pass] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  } catch {
    throw refuse('has a user or password that is not percent-encoded');
  }
  if (/\p{Cc}/u.test(user + pass)) throw refuse('has a control character in user or password');
  if ((user === '') !== (pass === '')) throw refuse('has a user and a password, or neither');
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    requireTLS: user !== '' && !secure && !loopback.has(url.hostname),
    auth: user === '' ? undefined : { user, pass },
  };
}
