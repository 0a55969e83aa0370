// Calls other systems over HTTP. The address that a name stands for is looked up once for each connection made, checked, and
// connected to: it can't change in between. No proxy of the environment is used.
import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { Agent, type Dispatcher, errors, request } from 'undici';
import type { Json } from '../engine/definition/flow.js';
import { answerOf, shown } from './answer.js';
import { connectionErrors } from './connection-errors.js';
import type { CallAnswer, CallPort, OutgoingCall } from './call-port.js';
import type { Connection, Connections } from './connection.js';
import { isPublicAddress } from './public-address.js';
import { isBelow, targetUrl } from './target-url.js';

export const callLimits = { overallMs: 10_000, answerBytesMax: 1_000_000, redirectsMax: 3 } as const;
const connectMs = 5_000;
/** What is shorter may stand in an answer by chance. */
const secretCharsMin = 8;

export type Lookup = (host: string) => Promise<readonly LookupAddress[]>;

export interface HttpCallerOptions {
  /** By default that of the operating system. */
  readonly lookup?: Lookup;
  readonly isPublic?: (address: string) => boolean;
}

const lookUpBySystem: Lookup = (host) =>
  new Promise((resolve, reject) => {
    systemLookup(host, { all: true }, (error, addresses) =>
      error === null ? resolve(addresses) : reject(error),
    );
  });

export class HttpCaller implements CallPort {
  readonly names: readonly string[];
  readonly #connections: Connections;
  readonly #outside: Agent;
  readonly #inside: Agent;

  constructor(connections: Connections, options: HttpCallerOptions = {}) {
    const { lookup = lookUpBySystem, isPublic = isPublicAddress } = options;
    this.names = [...connections.keys()];
    this.#connections = connections;
    this.#outside = new Agent({ connect: { timeout: connectMs, lookup: checkedLookup(lookup, isPublic) } });
    this.#inside = new Agent({ connect: { timeout: connectMs, lookup: checkedLookup(lookup, () => true) } });
  }

  async call(call: OutgoingCall): Promise<CallAnswer> {
    const connection = this.#connections.get(call.connection);
    if (connection === undefined)
      throw connectionErrors.error('unknown', `there is no connection ${call.connection}`);
    const signal = AbortSignal.any([call.signal, AbortSignal.timeout(callLimits.overallMs)]);
    const onlyAsks = call.method === 'GET';
    let url = targetUrl(connection.url, call);
    for (let redirects = 0; ; redirects += 1) {
      const response = await this.#send(connection, { ...call, signal }, url);
      const { statusCode: status, headers } = response;
      if (status >= 300 && status < 400 && onlyAsks) {
        await response.body.dump();
        if (redirects === callLimits.redirectsMax)
          throw connectionErrors.error('answer-refused', `it redirects more than ${redirects} times`);
        url = redirectedTo(headers['location'], url, connection.url);
        continue;
      }
      const text = withoutSecrets(await textOf(response.body, onlyAsks), connection.headers);
      const isFine = status >= 200 && status < 300;
      return answerOf(status, isFine ? bodyOf(text, headers['content-type'], onlyAsks) : text, onlyAsks);
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#outside.close(), this.#inside.close()]);
  }

  async #send(
    { headers, inside }: Connection,
    { method, body, key, signal }: OutgoingCall,
    url: URL,
  ): Promise<Dispatcher.ResponseData> {
    try {
      return await request(url, {
        method,
        dispatcher: inside ? this.#inside : this.#outside,
        signal,
        headers: {
          ...headers,
          accept: 'application/json, text/*;q=0.5',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(key === undefined ? {} : { 'idempotency-key': key }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (error) {
      throw toCallError(error, url, method === 'GET');
    }
  }
}

/** Looks a name up and hands on what is allowed; one address that isn't refuses the name. */
function checkedLookup(lookup: Lookup, isAllowed: (address: string) => boolean): LookupFunction {
  return (host, options, callback) => {
    lookup(host).then(
      (addresses) => {
        const refused = addresses.find(({ address }) => !isAllowed(address));
        const [first] = addresses;
        if (refused !== undefined) {
          const error = connectionErrors.error('address-refused', `${host} is at ${refused.address}`);
          callback(error, '', 0);
        } else if (first === undefined) callback(new Error(`${host} has no address`), '', 0);
        else if (options.all === true) callback(null, [...addresses]);
        else callback(null, first.address, first.family);
      },
      (error: Error) => callback(error, '', 0),
    );
  };
}

/** Codes of failures before the first byte of the request was sent. */
const beforeSending: ReadonlySet<string> = new Set([
  ...['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'],
  ...[
    'CERT_HAS_EXPIRED',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'ERR_TLS_CERT_ALTNAME_INVALID',
  ],
  ...['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'EPROTO'],
]);

function toCallError(error: unknown, { host }: URL, onlyAsks: boolean): unknown {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code = '' } = cause as { code?: string };
    if (code === 'connection.address-refused') return cause;
    if (cause instanceof AggregateError && cause.errors.every((each) => beforeSending.has(each.code)))
      return connectionErrors.error('unreachable', `${host}: ${cause.errors[0]?.code}`);
    if (beforeSending.has(code) || cause instanceof errors.ConnectTimeoutError)
      return connectionErrors.error('unreachable', `${host}: ${code}`, { cause });
  }
  const said = error instanceof Error ? error.message : String(error);
  return onlyAsks ? connectionErrors.error('unreachable', `${host}: ${said}`) : error;
}

/** @throws {RecourseError} `connection.answer-refused` */
function redirectedTo(location: string | string[] | undefined, from: URL, base: URL): URL {
  const target =
    typeof location === 'string' && URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (target === undefined || !isBelow(target, base))
    throw connectionErrors.error('answer-refused', `it redirects to ${shown(String(location))}`);
  return target;
}

/** Takes out what a system echoes of the headers it was sent: flows, journals and incidents are read by many. */
function withoutSecrets(text: string, headers: Connection['headers']): string {
  let left = text;
  for (const value of Object.values(headers)) {
    // The scheme of a header is no secret: Bearer, Basic.
    const secret = value.slice(value.indexOf(' ') + 1);
    if (secret.length >= secretCharsMin) left = left.replaceAll(secret, '***');
  }
  return left;
}

async function textOf(body: Dispatcher.ResponseData['body'], onlyAsks: boolean): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > callLimits.answerBytesMax) {
        body.destroy();
        throw unusable(`it answers more than ${callLimits.answerBytesMax} bytes`, onlyAsks);
      }
      chunks.push(chunk);
    }
  } catch (error) {
    if (onlyAsks && !isOurs(error))
      throw connectionErrors.error('unreachable', `its answer broke off: ${(error as Error).message}`);
    throw error;
  }
  return Buffer.concat(chunks).toString('utf8');
}

function bodyOf(text: string, type: string | string[] | undefined, onlyAsks: boolean): Json {
  if (text === '') return null;
  if (!/^application\/([a-z0-9.-]+\+)?json\b/i.test(String(type))) return text;
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw unusable('it says that it answers JSON, and does not', onlyAsks);
  }
}

const isOurs = (error: unknown): boolean =>
  String((error as { code?: unknown }).code).startsWith('connection.');

/** What was asked can be asked again; what was sent has happened, and nobody knows what became of it. */
const unusable = (detail: string, onlyAsks: boolean): Error =>
  onlyAsks ? connectionErrors.error('answer-refused', detail) : new Error(detail);
