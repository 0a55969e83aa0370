// Headers that make a request safe to send again, or refuse it when what it is about has changed.
import type { Request, Response } from 'express';
import type { Principal } from '../auth/sessions.js';
import { principalOf } from '../middleware/authenticate.js';
import { serverErrors } from '../server-errors.js';

const keyShape = /^[\x21-\x7e]{1,255}$/;
const etagShape = /^(?:W\/)?"([A-Za-z0-9._-]{1,80})"$/;
export const waitSecondsDefault = 5;
const waitSecondsMax = 30;

/** @throws {RecourseError} `server.sign-in-required`: a route that is not open always has one */
export function signedIn(response: Response): Principal {
  const principal = principalOf(response);
  if (principal === undefined) throw serverErrors.error('sign-in-required', 'nobody is signed in');
  return principal;
}

/** @throws {RecourseError} `server.idempotency-key-required` */
export function idempotencyKey(request: Request): string {
  const key = request.get('idempotency-key');
  if (key === undefined || !keyShape.test(key)) {
    throw serverErrors.error(
      'idempotency-key-required',
      key === undefined ? 'the header Idempotency-Key is missing' : 'the Idempotency-Key is not acceptable',
    );
  }
  return key;
}

/** The version that the caller has seen. @throws {RecourseError} `server.if-match-required` */
export function ifMatch(request: Request): string {
  const [, tag] = etagShape.exec(request.get('if-match') ?? '') ?? [];
  if (tag === undefined)
    throw serverErrors.error('if-match-required', 'the header If-Match is missing or no ETag');
  return tag;
}

/**
 * Refuses a change by somebody who has seen none of these versions.
 *
 * @param seen what `ifMatch` gave
 * @param data what is there now
 * @throws {RecourseError} `server.edited-meanwhile`
 */
export function requireSeen(
  seen: string,
  versions: readonly number[],
  detail: string,
  data: Readonly<Record<string, unknown>>,
): void {
  if (!versions.some((version) => seen === String(version)))
    throw serverErrors.error('edited-meanwhile', detail, { data });
}

/** How long the caller waits for an end, by `Prefer: wait=N`. */
export function preferredWaitMs(request: Request): number {
  const [, given] = /(?:^|[,;\s])wait=(\d{1,6})(?:$|[,;\s])/.exec(request.get('prefer') ?? '') ?? [];
  const seconds = given === undefined ? waitSecondsDefault : Number(given);
  return Math.min(seconds, waitSecondsMax) * 1_000;
}

/** The peer's address; headers that a caller can write are not believed. */
export const addressOf = (request: Request): string => request.socket.remoteAddress ?? 'unknown';
