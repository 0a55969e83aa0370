// What a route is: a row of a table, so that a test can walk all of them. Its access can't be forgotten.
import type { Request, Response } from 'express';
import type { Permission } from '../auth/permissions.js';

/** `open` to anybody, to anybody who is `signed-in`, or to whoever has a permission. */
export type Access = 'open' | 'signed-in' | { readonly permission: Permission };

export interface Route {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  readonly path: string;
  readonly access: Access;
  handle(request: Request, response: Response): Promise<void>;
}
