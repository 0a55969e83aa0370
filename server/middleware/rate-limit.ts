// How many requests are taken in a minute: of each address, of each user or key, and of each of them on costly routes. Kept
// in memory, per process: a restart forgets it, and several workers count apart.
import { ipKeyGenerator, type RateLimitRequestHandler, rateLimit } from 'express-rate-limit';
import type { Request, Response } from 'express';
import { addressOf } from '../request/conditions.js';
import { serverErrors } from '../server-errors.js';
import { principalOf } from './authenticate.js';

const windowMs = 60_000;
/** People behind one router, and programs on one machine, share an address. */
const perAddressFactor = 5;
const costlyShare = 0.1;
const ipv6PrefixLength = 56;

const networkOf = (request: Request): string => ipKeyGenerator(addressOf(request), ipv6PrefixLength);
const userOf = (request: Request, response: Response): string =>
  principalOf(response)?.userName ?? networkOf(request);

export interface RateLimits {
  readonly byAddress: RateLimitRequestHandler;
  readonly byUser: RateLimitRequestHandler;
  readonly costly: RateLimitRequestHandler;
}

/** @param perMinute of one user */
export const createRateLimits = (perMinute: number): RateLimits => ({
  byAddress: limiter(perMinute * perAddressFactor, networkOf),
  byUser: limiter(perMinute, userOf),
  costly: limiter(Math.max(1, Math.floor(perMinute * costlyShare)), userOf),
});

const limiter = (
  limit: number,
  keyGenerator: (request: Request, response: Response) => string,
): RateLimitRequestHandler =>
  rateLimit({
    windowMs,
    limit,
    keyGenerator,
    // The limits are nested: the headers tell of the last one that was asked.
    standardHeaders: 'draft-7',
    legacyHeaders: false,
    handler(request) {
      const { resetTime } = (request as Request & { rateLimit?: { resetTime?: Date } }).rateLimit ?? {};
      const waitMs = resetTime === undefined ? windowMs : resetTime.getTime() - Date.now();
      throw serverErrors.error('too-many-requests', `more than ${limit} requests in a minute`, {
        data: { retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1_000)) },
      });
    },
  });
