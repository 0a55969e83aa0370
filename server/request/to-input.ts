// What a request brings, checked against what its route takes, before the route is asked.
import type { Request } from 'express';
import type { Input } from '../input.js';
import type { Route, RouteInput } from '../routes/route.js';
import { idempotencyKey, ifMatch } from './conditions.js';
import { nothing } from './inputs.js';

const needed = { 'idempotency-key': idempotencyKey, 'if-match': ifMatch } as const;

/** @throws {RecourseError} `server.invalid-request`, `server.idempotency-key-required`, `server.if-match-required` */
export function toInput(
  { method, needs, query = nothing, body = nothing }: Route,
  request: Request,
): RouteInput {
  if (needs !== undefined) needed[needs](request);
  const parameters = query.query(request.query);
  if (method === 'get') return { query: parameters, body: {} };
  const sent: unknown = request.body === undefined ? {} : request.body;
  return { query: parameters, body: body === 'any' ? (sent as Input) : body.body(sent) };
}
