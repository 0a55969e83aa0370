// Who may come in, put together: users, their roles, their sessions, and the keys of programs.
import type { Models } from '../../store/connect.js';
import type { Clock } from '../clock.js';
import { ApiKeys } from './api-keys.js';
import { Roles } from './roles.js';
import { Sessions } from './sessions.js';
import { Users } from './users.js';

export interface Auth {
  readonly roles: Roles;
  readonly sessions: Sessions;
  readonly users: Users;
  readonly keys: ApiKeys;
}

export function composeAuth(models: Models, clock: Clock): Auth {
  const roles = new Roles(models, clock);
  const sessions = new Sessions(models, clock, roles);
  return {
    roles,
    sessions,
    users: new Users(models, sessions, clock),
    keys: new ApiKeys(models, clock, roles),
  };
}
