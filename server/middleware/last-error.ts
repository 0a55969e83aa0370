// The last handler: every error leaves as a problem, and is logged at the level of whoever must act.
import type { ErrorRequestHandler } from 'express';
import type { Logger } from 'pino';
import type { RecourseError } from '../../engine/errors/recourse-error.js';
import { toStoreError } from '../../store/store-faults.js';
import { answerWithProblem, toAnswerable } from '../problem-answer.js';
import { serverErrors } from '../server-errors.js';
import { traceIdOf } from './trace.js';

/** What express and its body reader throw, by their documented `type` and class. */
function fromExpress(thrown: unknown): RecourseError | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const { type, status, limit } = thrown as Error & { type?: unknown; status?: unknown; limit?: unknown };
  const cause = { cause: thrown };
  if (type === 'entity.too.large') {
    return serverErrors.error('too-large', `the body has more than ${limit} bytes, the most here`, cause);
  }
  if (type === 'encoding.unsupported') {
    return serverErrors.error('unsupported-media-type', 'a compressed body is not accepted', cause);
  }
  if (type === 'request.aborted' || type === 'request.size.invalid') {
    return serverErrors.error('malformed-request', 'the body did not arrive as its length announced', cause);
  }
  if (thrown instanceof URIError && status === 400) {
    return serverErrors.error('malformed-request', 'the path is not correctly percent-encoded', cause);
  }
  return undefined;
}

export function lastError(log: Logger): ErrorRequestHandler {
  // Express tells an error handler by its four parameters.
  return (thrown: unknown, _request, response, _next) => {
    const error = toAnswerable(fromExpress(thrown) ?? toStoreError(thrown));
    const traceId = traceIdOf(response);
    const line = { traceId, code: error.code, detail: error.message };
    if (error.entry.who === 'bug') log.error({ ...line, err: error.cause ?? error }, 'bug');
    else if (error.entry.who === 'operator') log.warn({ ...line, err: error.cause }, 'operator must act');
    else log.debug(line, 'refused');
    answerWithProblem(response, error, traceId);
  };
}
