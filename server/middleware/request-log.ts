// One log line a request. The path without its query, and no headers or bodies: those hold personal data and secrets.
import type { RequestHandler } from 'express';
import type { Logger } from 'pino';
import { principalOf } from './authenticate.js';
import { traceIdOf } from './trace.js';

const pathLengthMax = 200;

export function requestLog(log: Logger): RequestHandler {
  return (request, response, next) => {
    const began = performance.now();
    response.once('close', () => {
      log.info(
        {
          traceId: traceIdOf(response),
          method: request.method,
          path: request.path.slice(0, pathLengthMax),
          status: response.statusCode,
          ms: Math.round((performance.now() - began) * 10) / 10,
          user: principalOf(response)?.userName,
          ...(response.writableFinished ? {} : { aborted: true }),
        },
        'request',
      );
    });
    next();
  };
}
