// Nothing is answered to a stranger: every route but those marked open needs a token, and its permission.
import type { RequestHandler, Response } from 'express';
import type { Auth } from '../auth/compose-auth.js';
import { builtInPermissions, type Permission } from '../auth/permissions.js';
import type { Principal } from '../auth/sessions.js';
import { bearerToken, sameHash, tokenHash } from '../auth/tokens.js';
import { serverErrors } from '../server-errors.js';

/** Who makes the request; undefined on open routes. */
export const principalOf = (response: Response): Principal | undefined =>
  response.locals['principal'] as Principal | undefined;

const commandLine: Principal = {
  userName: 'command-line',
  roles: ['administrator'],
  permissions: new Set(builtInPermissions(['administrator'])),
};

/**
 * Finds out who asks.
 *
 * @param localTokenHash of the token that the command line on this machine reads from the data directory
 */
export function authenticate(
  { sessions, keys }: Pick<Auth, 'sessions' | 'keys'>,
  localTokenHash: string | undefined,
): RequestHandler {
  return async (request, response, next) => {
    const token = bearerToken(request.headers.authorization);
    if (token === undefined) throw serverErrors.error('sign-in-required', 'the request has no bearer token');
    const isLocal = localTokenHash !== undefined && sameHash(tokenHash(token), localTokenHash);
    const principal = isLocal
      ? commandLine
      : ((await sessions.principalOf(token)) ?? (await keys.principalOf(token)));
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
    if (principal?.permissions.has(permission) !== true) {
      throw serverErrors.error('forbidden', `this needs the permission ${permission}`);
    }
    next();
  };
}
