// Reads JSON bodies: bounded in bytes and depth, UTF-8 only, and without the keys that reach an object's prototype.
import type { IncomingMessage } from 'node:http';
import express, { type RequestHandler } from 'express';
import { toPointer } from '../../engine/errors/json-pointer.js';
import { inexactNumberIn } from '../inexact-numbers.js';
import { serverErrors } from '../server-errors.js';

export const bodyBytesMax = 256 * 1024;
export const bodyDepthMax = 64;

const forbiddenKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
const jsonType = /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;

const hasBody = (request: IncomingMessage): boolean =>
  request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;

/** Sets `request.body` to the parsed value, or to undefined where there is no body. */
export const jsonBody = (bytesMax = bodyBytesMax): RequestHandler[] => [
  (request, _response, next) => {
    if (hasBody(request) && !jsonType.test(request.headers['content-type'] ?? '')) {
      throw serverErrors.error(
        'unsupported-media-type',
        'the body is not declared as application/json in UTF-8',
      );
    }
    next();
  },
  express.raw({ type: () => true, limit: bytesMax, inflate: false }),
  (request, _response, next) => {
    const bytes: unknown = request.body;
    request.body = Buffer.isBuffer(bytes) && bytes.length > 0 ? parseJson(bytes) : undefined;
    next();
  },
];

/**
 * Parses one JSON value.
 *
 * @throws {RecourseError} `server.malformed-json`, `server.too-deep`, `server.forbidden-key`, `server.inexact-number`
 */
export function parseJson(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw serverErrors.error('malformed-json', 'the body is not valid UTF-8', { cause });
  }
  // Before parsing, so that what follows can recurse.
  if (depthOf(text) > bodyDepthMax) {
    throw serverErrors.error('too-deep', `the body is nested more than ${bodyDepthMax} levels deep`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw serverErrors.error('malformed-json', 'the body is not one JSON value', { cause });
  }
  refuseForbiddenKeys(value, '');
  const inexact = hasLargeNumber(value) ? inexactNumberIn(text) : undefined;
  if (inexact !== undefined) {
    const { pointer, detail } = inexact;
    throw serverErrors.error('inexact-number', detail, {
      problems: [{ pointer, code: 'server.inexact-number', detail }],
    });
  }
  return value;
}

/** The deepest nesting of brackets outside strings; for well-formed JSON that of the value. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (inString) {
      if (character === '\\') index += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') {
      depth += 1;
      deepest = Math.max(deepest, depth);
    } else if (character === '}' || character === ']') depth -= 1;
  }
  return deepest;
}

/** Only where there is one, the text has to be looked at again. */
function hasLargeNumber(value: unknown): boolean {
  if (typeof value === 'number') return Math.abs(value) > Number.MAX_SAFE_INTEGER;
  return typeof value === 'object' && value !== null && Object.values(value).some(hasLargeNumber);
}

function refuseForbiddenKeys(value: unknown, pointer: string): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    const place = pointer + toPointer([key]);
    if (!Array.isArray(value) && forbiddenKeys.has(key)) {
      const detail = `the key ${key} is not accepted anywhere in a body`;
      throw serverErrors.error('forbidden-key', detail, {
        problems: [{ pointer: place, code: 'server.forbidden-key', detail }],
      });
    }
    refuseForbiddenKeys(member, place);
  }
}
