// Gives each request an id, which is in its log line, in its answer's header and in a problem's `traceId`.
import { randomUUID } from 'node:crypto';
import type { RequestHandler, Response } from 'express';

const acceptable = /^[A-Za-z0-9_-]{8,64}$/;

/** Takes the caller's `X-Request-Id` when it is harmless, else makes one. */
export const trace: RequestHandler = (request, response, next) => {
  const given = request.headers['x-request-id'];
  const id = typeof given === 'string' && acceptable.test(given) ? given : randomUUID();
  response.locals['traceId'] = id;
  response.setHeader('X-Request-Id', id);
  next();
};

export const traceIdOf = (response: Response): string => String(response.locals['traceId'] ?? 'none');
