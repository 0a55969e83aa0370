// Errors as RFC 9457 problem details. What is no RecourseError is a bug: 500, and its text stays in the log.
import type { ServerResponse } from 'node:http';
import { RecourseError } from '../engine/errors/recourse-error.js';
import { flowProblems } from '../engine/index.js';
import { catalogue } from './catalogue.js';
import type { RequestProblem } from './request-problem.js';
import { serverErrors } from './server-errors.js';

export const problemMediaType = 'application/problem+json';

/** The error to answer with for anything that was thrown. */
export function toAnswerable(thrown: unknown): RecourseError {
  if (thrown instanceof RecourseError) return thrown;
  return serverErrors.error('internal', 'something went wrong on our side', { cause: thrown });
}

function toListed({ pointer, code, detail, parameter, expected }: RequestProblem): Record<string, unknown> {
  return {
    ...(parameter === undefined ? { pointer } : { parameter }),
    code,
    detail,
    ...(expected === undefined ? {} : { expected }),
    ...remedyOf(code),
  };
}

/** What to do: of flows, as their own list of problems explains; of templates, as their guide does. */
function remedyOf(code: string): { readonly remedy?: string } {
  const known = code.startsWith('template.') ? 'mail.template-invalid' : code;
  const remedy = catalogue.get(known)?.remedy ?? flowProblems[code as keyof typeof flowProblems]?.explanation;
  return remedy === undefined ? {} : { remedy };
}

/** The body of the answer. The text of a bug or of an operator's trouble never reaches the caller. */
export function problemDetails(error: RecourseError, traceId: string): Record<string, unknown> {
  const { code, entry, problems, data } = error;
  return {
    type: `urn:recourse:error:${code}`,
    title: entry.title,
    status: entry.status,
    detail: entry.who === 'caller' || code === 'server.unavailable' ? error.message : entry.title,
    code,
    retryable: entry.retryable,
    remedy: entry.remedy,
    traceId,
    ...(problems.length === 0 ? {} : { problems: problems.map(toListed) }),
    ...(Object.keys(data).length === 0 ? {} : { data }),
  };
}

/** Answers with the error, unless an answer has begun: then all that is left is to cut the connection. */
export function answerWithProblem(response: ServerResponse, error: RecourseError, traceId: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { allow, retryAfterSeconds } = error.data;
  if (Array.isArray(allow)) response.setHeader('Allow', allow.join(', '));
  if (typeof retryAfterSeconds === 'number') response.setHeader('Retry-After', String(retryAfterSeconds));
  else if (error.status === 503) response.setHeader('Retry-After', '1');
  if (error.status === 401) response.setHeader('WWW-Authenticate', 'Bearer realm="recourse"');
  response.statusCode = error.status;
  response.setHeader('Content-Type', problemMediaType);
  response.end(JSON.stringify(problemDetails(error, traceId)));
}
