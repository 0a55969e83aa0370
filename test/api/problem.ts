// What every error answer must be, whatever route it comes from.
import assert from 'node:assert/strict';
import type { Response } from 'supertest';
import { flowProblems } from '../../engine/index.js';
import { catalogue } from '../../server/catalogue.js';

export interface ProblemBody {
  readonly code: string;
  readonly status: number;
  readonly detail: string;
  readonly problems?: readonly {
    readonly code: string;
    readonly detail: string;
    readonly pointer?: string;
    readonly parameter?: string;
    readonly expected?: string;
    readonly remedy?: string;
  }[];
}

/** Problems of flows and templates have documents of their own. */
const isDocumented = (code: string): boolean =>
  catalogue.has(code) || Object.hasOwn(flowProblems, code) || code.startsWith('template.');

/** Asserts RFC 9457 with a code of the catalogue, and no trace of our code in it. */
export function assertProblem(response: Response, status: number, code: string): ProblemBody {
  const body = response.body as ProblemBody & Record<string, unknown>;
  assert.equal(response.headers['content-type'], 'application/problem+json');
  assert.deepEqual([response.status, body.code], [status, code], JSON.stringify(body));
  assert.equal(body.status, status);
  const entry = catalogue.get(code);
  assert.ok(entry, `${code} is not in the catalogue`);
  assert.equal(body['type'], `urn:recourse:error:${code}`);
  assert.equal(body['title'], entry.title);
  assert.equal(body['remedy'], entry.remedy);
  assert.equal(body['retryable'], entry.retryable);
  assert.equal(body['traceId'], response.headers['x-request-id']);
  for (const problem of body.problems ?? []) {
    assert.ok(isDocumented(problem.code), `${problem.code} is not in the catalogue`);
    assert.ok(problem.remedy, `${problem.code} says no remedy`);
    assert.ok(problem.pointer !== undefined || problem.parameter !== undefined, 'a problem has a place');
  }
  assert.doesNotMatch(JSON.stringify(body), /node_modules|\.js:\d+|at [A-Z]\w+\./);
  return body;
}
