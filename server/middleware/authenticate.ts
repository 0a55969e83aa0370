// Nothing is answered to a stranger: every route but those marked open needs a token, and its permission.
import type { RequestHandler, Response } from 'express';
import { type Permission, permits } from '../auth/permissions.js';
import type { Principal, Sessions } from '../auth/sessions.js';
import { bearerToken, sameHash, tokenHash } from '../auth/tokens.js';
import { serverErrors } from '../server-errors.js';

/** Who makes the request; undefined on open routes. */
export const principalOf = (response: Response): Principal | undefined =>
  response.locals['principal'] as Principal | undefined;

const commandLine: Principal = { userName: 'command-line', roles: ['administrator'] };

/**
 * Finds out who asks.
 *
 * @param localTokenHash of the token that the command line on this machine reads from the data directory
 */
export function authenticate(sessions: Sessions, localTokenHash: string | undefined): RequestHandler {
  return async (request, response, next) => {
    const token = bearerToken(request.headers.authorization);
    if (token === undefined) throw serverErrors.error('sign-in-required', 'the request has no bearer token');
    const isLocal = localTokenHash !== undefined && sameHash(tokenHash(token), localTokenHash);
    const principal = isLocal ? commandLine : await sessions.principalOf(token);
    if (principal === undefined) {
      throw serverErrors.error('sign-in-required', 'the token is unknown, or its session has ended');
    }
    response.locals['principal'] = principal;
    next();
  };
}

/** Lets the request pass if its principal has the permission. */
export function requirePermission(permission: Permission): RequestHandler {
  return (_request, response, next) => {
    const principal = principalOf(response);
    if (principal === undefined || !permits(principal.roles, permission)) {
      throw serverErrors.error('forbidden', `this needs the permission ${permission}`);
    }
    next();
  };
}
