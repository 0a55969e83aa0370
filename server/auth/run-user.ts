// Who a run acts for: the principal of the request, with everything that its roles permit.
import type { RunUser } from '../../engine/index.js';
import type { Role } from '../../store/models/user.js';
import type { Principal } from './sessions.js';
import { permissionsOf } from './permissions.js';

/** Groups and queues of tasks are called like the roles whose members work on them. */
export const runUserWith = (id: string, roles: readonly Role[]) => ({
  id,
  permissions: permissionsOf(roles),
  groups: roles,
  queues: roles,
});

export const toRunUser = ({ userName, roles, customer }: Principal): RunUser => ({
  ...runUserWith(userName, roles),
  ...(customer === undefined ? {} : { customer }),
});

/** A shopper sees the orders of one customer, everybody else all of them. */
export const seesOrderOf = ({ roles, customer }: Principal, orderCustomer: string): boolean =>
  roles.some((role) => role !== 'shopper') || customer === orderCustomer;
