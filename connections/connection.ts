// Other systems that flows may call: who they are, and with which secrets, is the operator's to say, in a file that flows,
// the store and its backups never hold.
import { isIP } from 'node:net';
import { connectionErrors } from './connection-errors.js';
import { isPublicAddress } from './public-address.js';

export interface Connection {
  /** Everything that is called lies below it. */
  readonly url: URL;
  /** Sent with each call; secrets. */
  readonly headers: Readonly<Record<string, string>>;
  /** In the own network: addresses that are not public, and HTTP without TLS, are allowed. */
  readonly inside: boolean;
}

/** By name. */
export type Connections = ReadonlyMap<string, Connection>;

const nameShape = /^[a-z][a-z0-9-]{0,39}$/;
const headerShape = /^[A-Za-z0-9-]{1,100}$/;
const valueShape = /^[\x20-\x7e]{0,4000}$/;
/** What each call says of itself. */
const ownHeaders =
  /^(host|connection|content-length|content-type|transfer-encoding|idempotency-key|accept)$/i;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Reads `{ "carrier": { "url": "https://api.carrier.example/v1", "headers": { "authorization": "…" }, "inside": false } }`.
 *
 * @throws {RecourseError} `connection.file-invalid` with every mistake; the values of headers are never told
 */
export function readConnections(text: string): Connections {
  const problems: { pointer: string; code: string; detail: string }[] = [];
  const wrong = (pointer: string, detail: string): void => {
    problems.push({ pointer, code: 'connection.file-invalid', detail: `${pointer}: ${detail}` });
  };
  const connections = new Map<string, Connection>();
  const given = parsed(text);
  if (!isObject(given)) wrong('', 'expected a JSON object with a connection by each name');
  for (const [name, value] of Object.entries(isObject(given) ? given : {})) {
    const pointer = `/${name}`;
    if (!nameShape.test(name))
      wrong(
        pointer,
        'a name has lower-case letters, digits and hyphens, 40 at most, and begins with a letter',
      );
    else if (!isObject(value)) wrong(pointer, 'expected an object with url, headers and inside');
    else
      connections.set(
        name,
        connectionOf(value, (path, detail) => wrong(`${pointer}${path}`, detail)),
      );
  }
  if (problems.length > 0)
    throw connectionErrors.error('file-invalid', problems.map(({ detail }) => detail).join('\n'), {
      problems,
    });
  return connections;
}

function connectionOf(
  given: Readonly<Record<string, unknown>>,
  wrong: (path: string, detail: string) => void,
): Connection {
  const { url: address, headers = {}, inside = false, ...others } = given;
  for (const name of Object.keys(others)) wrong(`/${name}`, 'there is only url, headers and inside');
  if (typeof inside !== 'boolean') wrong('/inside', 'expected true or false');
  const url = typeof address === 'string' && URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    wrong('/url', 'expected an address with https://');
  else if (url.username !== '' || url.password !== '')
    wrong('/url', 'put user and password into the header authorization');
  else if (url.search !== '' || url.hash !== '') wrong('/url', 'expected no query and no fragment');
  else if (inside !== true) {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (url.protocol !== 'https:') wrong('/url', 'expected https://, or inside: true');
    if (isIP(host) !== 0 && !isPublicAddress(host))
      wrong('/url', 'the address is not public; expected a public one, or inside: true');
  }
  const sent: Record<string, string> = {};
  if (!isObject(headers)) wrong('/headers', 'expected an object of texts');
  for (const [name, value] of Object.entries(isObject(headers) ? headers : {})) {
    if (!headerShape.test(name)) wrong(`/headers/${name}`, 'not the name of a header');
    else if (ownHeaders.test(name)) wrong(`/headers/${name}`, 'each call sets this header itself');
    else if (typeof value !== 'string' || !valueShape.test(value))
      wrong(`/headers/${name}`, 'expected a text of printable ASCII characters, 4000 at most');
    else sent[name.toLowerCase()] = value;
  }
  return { url: url ?? new URL('https://invalid.example'), headers: sent, inside: inside === true };
}

/** Undefined where it is not JSON: the parser's own message would show a part of the file, and a secret with it. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
