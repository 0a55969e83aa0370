// One request over HTTP and its JSON answer: sent once, bounded in time and size, redirects refused, and precise about
// whether the other side can have seen it. What goes wrong is told in words of ours, so that no secret gets into them.
import { type Dispatcher, request as send } from 'undici';
import { networkFault } from '../../connections/network-fault.js';

export interface ExchangeRequest {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
  readonly answerBytesMax: number;
  readonly signal: AbortSignal;
  /** Whatever answers may repeat it to us: it is taken out of the answer before anything is read. */
  readonly secret: string;
}

export type Exchange =
  /** `json` is undefined when the body isn't JSON. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly header: (name: string) => string | undefined;
      readonly json: unknown;
    }
  /** The other side can't have seen it. */
  | { readonly kind: 'notSent'; readonly why: string }
  /** It may have been seen and acted on; there is no answer to go by. */
  | { readonly kind: 'lost'; readonly why: string };

/** Never rejects. */
export async function exchangeJson(request: ExchangeRequest): Promise<Exchange> {
  const clean = (text: string): string => text.replaceAll(request.secret, '[secret]');
  if (request.signal.aborted) return { kind: 'notSent', why: 'the call was given up before it was sent' };
  const timeout = AbortSignal.timeout(request.timeoutMs);
  try {
    const {
      statusCode: status,
      headers,
      body,
    } = await send(request.url, {
      method: request.method,
      headers: request.headers,
      // A connection of its own for each: one that was closed while idle could not be told from one that broke under way.
      reset: true,
      signal: AbortSignal.any([request.signal, timeout]),
      ...(request.body === undefined ? {} : { body: request.body }),
    });
    const text = await readText(body, request.answerBytesMax);
    if (text === undefined) {
      return { kind: 'lost', why: `the answer was larger than ${request.answerBytesMax} bytes` };
    }
    const header = (name: string): string | undefined =>
      clean([headers[name] ?? ''].flat().join(', ')) || undefined;
    return { kind: 'answer', status, header, json: parse(clean(text)) };
  } catch (error) {
    if (timeout.aborted) return { kind: 'lost', why: `no answer within ${request.timeoutMs} ms` };
    if (request.signal.aborted) return { kind: 'lost', why: 'the call was given up while it was under way' };
    const { code, beforeSending } = networkFault(error);
    return beforeSending
      ? { kind: 'notSent', why: `no connection (${code})` }
      : { kind: 'lost', why: `the connection broke (${code})` };
  }
}

/** Undefined if there is more than `bytesMax`; the rest is not read. */
async function readText(
  body: Dispatcher.ResponseData['body'],
  bytesMax: number,
): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    // Leaving the loop ends the body, and with it the connection.
    if (bytes > bytesMax) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
