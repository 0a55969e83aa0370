// The configuration: environment variables only, checked at start, with every mistake told at once.
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { serverErrors } from './server-errors.js';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface Config {
  readonly host: string;
  /** 0 lets the operating system choose. */
  readonly port: number;
  /** Absolute. */
  readonly dataDir: string;
  /** Absent: the embedded store in `dataDir`. Holds a password, so it is never printed. */
  readonly mongodbUri?: string;
  readonly logLevel: LogLevel;
  /** Whether an empty store is filled with sample orders and demo users. */
  readonly demo: boolean;
  /** Taken of one user; of one address five times as many. */
  readonly requestsPerMinute: number;
  /** Where mails go; absent: into the built-in mailbox. Holds a password, so it is never printed. */
  readonly smtpUrl?: string;
  readonly mailFrom: string;
  /** Absent: the payment simulator, inside this process. */
  readonly payment?: { readonly url: string; readonly apiKey: string };
  /** Absolute path of the file that tells the other systems that flows may call; absent: none. */
  readonly connections?: string;
}

interface Variable<T> {
  readonly fallback: string;
  readonly expected: string;
  /** Undefined when the text isn't what is expected. */
  read(text: string): T | undefined;
  readonly secret?: boolean;
}

const hostName = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,62})(\.[a-z0-9][a-z0-9-]{0,62})*$/i;
const looksNumeric = /^[\d.]+$/;

const variables = {
  HOST: {
    fallback: '127.0.0.1',
    expected: 'an IP address or a host name to listen on',
    read: (text) =>
      isIP(text) !== 0 || (hostName.test(text) && !looksNumeric.test(text)) ? text : undefined,
  } satisfies Variable<string>,
  PORT: {
    fallback: '3000',
    expected: 'a whole number from 0 to 65535',
    read: (text) => (/^\d{1,5}$/.test(text) && Number(text) <= 65535 ? Number(text) : undefined),
  } satisfies Variable<number>,
  DATA_DIR: {
    fallback: './data',
    expected: 'the path of a directory, without a NUL character',
    read: (text) => (text.trim() === '' || text.includes('\0') ? undefined : resolve(text)),
  } satisfies Variable<string>,
  MONGODB_URI: {
    fallback: '',
    expected: 'a connection string that begins with mongodb:// or mongodb+srv:// and names a host',
    secret: true,
    read: (text) => (text === '' || /^mongodb(\+srv)?:\/\/[^\s/]+/.test(text) ? text : undefined),
  } satisfies Variable<string>,
  LOG_LEVEL: {
    fallback: 'info',
    expected: `one of ${logLevels.join(', ')}`,
    read: (text) => logLevels.find((level) => level === text),
  } satisfies Variable<LogLevel>,
  DEMO: {
    fallback: 'on',
    expected: 'on or off',
    read: (text) => (text === 'on' ? true : text === 'off' ? false : undefined),
  } satisfies Variable<boolean>,
  REQUESTS_PER_MINUTE: {
    fallback: '6000',
    expected: 'a whole number from 60 to 1000000000',
    read: (text) =>
      /^\d{2,10}$/.test(text) && Number(text) >= 60 && Number(text) <= 1_000_000_000
        ? Number(text)
        : undefined,
  } satisfies Variable<number>,
  SMTP_URL: {
    fallback: '',
    expected: 'smtp://user:password@host:587 or smtps://user:password@host:465',
    secret: true,
    read: (text) => (text === '' || /^smtps?:\/\/[^\s/]+/.test(text) ? text : undefined),
  } satisfies Variable<string>,
  MAIL_FROM: {
    fallback: 'service@recourse.example',
    expected: 'an e-mail address',
    read: (text) => (/^[^\s@<>,]+@[^\s@<>,]+$/.test(text) ? text : undefined),
  } satisfies Variable<string>,
  PAYMENT_URL: {
    fallback: '',
    expected: "the address of a payment provider that speaks Stripe's API, such as https://api.stripe.com",
    read: (text) => (text === '' || /^https?:\/\/[^\s/]+/.test(text) ? text : undefined),
  } satisfies Variable<string>,
  PAYMENT_KEY: {
    fallback: '',
    expected: 'the secret key of the payment provider',
    secret: true,
    read: (text) => (/^[\x21-\x7e]{0,255}$/.test(text) ? text : undefined),
  } satisfies Variable<string>,
  CONNECTIONS: {
    fallback: '',
    expected: 'the path of a JSON file, without a NUL character',
    read: (text) => (text === '' ? text : text.includes('\0') ? undefined : resolve(text)),
  } satisfies Variable<string>,
} as const;

/**
 * Reads the configuration; a variable that is unset or empty has its default.
 *
 * @throws {RecourseError} `server.invalid-configuration`, one problem a mistaken variable.
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const problems: { pointer: string; code: string; detail: string }[] = [];
  const read = <T>(name: string, variable: Variable<T>): T | undefined => {
    const given = environment[name] || variable.fallback;
    const value = variable.read(given);
    if (value === undefined) {
      const shown = variable.secret ? 'a value that is not shown' : JSON.stringify(given.slice(0, 100));
      problems.push({
        pointer: `/${name}`,
        code: 'server.invalid-configuration',
        detail: `${name}: expected ${variable.expected}, but was given ${shown}`,
      });
    }
    return value;
  };
  const host = read('HOST', variables.HOST);
  const port = read('PORT', variables.PORT);
  const dataDir = read('DATA_DIR', variables.DATA_DIR);
  const mongodbUri = read('MONGODB_URI', variables.MONGODB_URI);
  const logLevel = read('LOG_LEVEL', variables.LOG_LEVEL);
  const demo = read('DEMO', variables.DEMO);
  const requestsPerMinute = read('REQUESTS_PER_MINUTE', variables.REQUESTS_PER_MINUTE);
  const smtpUrl = read('SMTP_URL', variables.SMTP_URL);
  const mailFrom = read('MAIL_FROM', variables.MAIL_FROM);
  const paymentUrl = read('PAYMENT_URL', variables.PAYMENT_URL);
  const paymentKey = read('PAYMENT_KEY', variables.PAYMENT_KEY);
  const connections = read('CONNECTIONS', variables.CONNECTIONS);
  if (
    host === undefined ||
    port === undefined ||
    dataDir === undefined ||
    mongodbUri === undefined ||
    logLevel === undefined ||
    demo === undefined ||
    requestsPerMinute === undefined ||
    smtpUrl === undefined ||
    mailFrom === undefined ||
    paymentUrl === undefined ||
    paymentKey === undefined ||
    connections === undefined
  ) {
    throw serverErrors.error('invalid-configuration', problems.map(({ detail }) => detail).join('\n'), {
      problems,
    });
  }
  return {
    host,
    port,
    dataDir,
    logLevel,
    demo,
    requestsPerMinute,
    mailFrom,
    ...(mongodbUri === '' ? {} : { mongodbUri }),
    ...(smtpUrl === '' ? {} : { smtpUrl }),
    ...(paymentUrl === '' ? {} : { payment: { url: paymentUrl, apiKey: paymentKey } }),
    ...(connections === '' ? {} : { connections }),
  };
}
