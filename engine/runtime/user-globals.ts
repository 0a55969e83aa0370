// What expressions see of the user whom a run acts for.
import type { Json } from '../definition/flow.js';
import type { Globals } from './frame-context.js';
import type { RunUser } from './run-state.js';

/** `$user`, which has all its lists also where nothing is said of them, and `$permission`. */
export function userGlobals(user: RunUser): Pick<Globals, 'user' | 'permission'> {
  const { permissions = [], groups = [], queues = [] } = user;
  return {
    user: { ...user, permissions, groups, queues } as Json,
    permission: Object.fromEntries(permissions.map((permission) => [permission, true])),
  };
}
