// What a route is: a row of a table, from which it is mounted, described in the OpenAPI document and walked by tests. Its
// access can't be forgotten, and what it takes is checked before it is asked.
import type { Request, Response } from 'express';
import type { Answers } from '../answers/answer.js';
import type { Permission } from '../auth/permissions.js';
import type { Input, InputCheck } from '../input.js';

/** `open` to anybody, to anybody who is `signed-in`, or to whoever has a permission. */
export type Access = 'open' | 'signed-in' | { readonly permission: Permission };

/** What a request brings, checked. */
export interface RouteInput {
  readonly query: Input;
  readonly body: Input;
}

export interface Route {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** As express reads it; parameters are `:name`. */
  readonly path: string;
  readonly access: Access;
  /** In a sentence, for whoever reads the reference. */
  readonly summary: string;
  /** A header without which it is refused: it must be safe to send again, or lose nobody's change. */
  readonly needs?: 'idempotency-key' | 'if-match';
  /** Parameters of the query string; none if left out. */
  readonly query?: InputCheck;
  /** The JSON body; none if left out, and any JSON where it says so. */
  readonly body?: InputCheck | 'any';
  /** Of the body; 256 KiB if left out. */
  readonly bodyBytesMax?: number;
  /** Takes much more time than others: it has a smaller budget of requests. */
  readonly isCostly?: boolean;
  /** It is noted who asked for it: with what it was to become, or without where that is secret or keeps versions of its own. */
  readonly audited?: 'with-body' | 'without-body';
  readonly answers: Answers;
  handle(request: Request, response: Response, input: RouteInput): Promise<void>;
}
