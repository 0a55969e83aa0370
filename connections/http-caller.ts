// Calls other systems over HTTP. The address that a name stands for is looked up once for each connection made, checked, and
// connected to: it can't change in between. No proxy of the environment is used.
import type { LookupAddress } from 'node:dns';
import { lookup as systemLookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { Agent, type Dispatcher, request } from 'undici';
import type { Json } from '../engine/definition/flow.js';
import { answerOf, shown } from './answer.js';
import { connectionErrors } from './connection-errors.js';
import type { CallAnswer, CallPort, OutgoingCall } from './call-port.js';
import type { Connection, Connections } from './connection.js';
import { networkFault } from './network-fault.js';
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

const lookUpBySystem: Lookup = (host) => systemLookup(host, { all: true });

export class HttpCaller implements CallPort {
  readonly names: readonly string[];
  readonly #connections: Connections;
  readonly #outside: Agent;
  readonly #inside: Agent;

  constructor(connections: Connections, options: HttpCallerOptions = {}) {
    const { lookup = lookUpBySystem, isPublic = isPublicAddress } = options;
    this.names = [...connections.keys()];
    this.#connections = connections;
    // A connection of its own for each call: one that was closed while idle could not be told from one that broke under way.
    const agent = (isAllowed: (address: string) => boolean): Agent =>
      new Agent({ pipelining: 0, connect: { timeout: connectMs, lookup: checkedLookup(lookup, isAllowed) } });
    this.#outside = agent(isPublic);
    this.#inside = agent(() => true);
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

function toCallError(error: unknown, { host }: URL, onlyAsks: boolean): unknown {
  if (isOurs(error)) return error;
  const { code, beforeSending } = networkFault(error);
  if (beforeSending) return connectionErrors.error('unreachable', `${host}: ${code}`, { cause: error });
  return onlyAsks ? connectionErrors.error('unreachable', `${host}: ${(error as Error).message}`) : error;
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
