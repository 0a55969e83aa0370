// Who a run acts for: the principal of the request, with everything that its roles permit.
import type { RunUser } from '../../engine/index.js';
import type { Role } from '../../store/models/user.js';
import type { Principal } from './sessions.js';
import { builtInPermissions } from './permissions.js';

/** Groups and queues of tasks are called like the roles whose members work on them. */
const runUser = (id: string, roles: readonly string[], permissions: readonly string[]) => ({
  id,
  permissions,
  groups: roles,
  queues: roles,
});

/** A user with built-in roles. */
export const runUserWith = (id: string, roles: readonly Role[]) =>
  runUser(id, roles, builtInPermissions(roles));

export const toRunUser = ({ userName, owner, roles, permissions, customer }: Principal): RunUser => ({
  ...runUser(userName, roles, [...permissions]),
  ...(owner === undefined ? {} : { person: owner }),
  ...(customer === undefined ? {} : { customer }),
});

/** The only customer whose data a shopper sees, also if that is none; undefined for everybody else. */
const onlyCustomerOf = ({ roles, customer = '' }: Principal): string | undefined =>
  roles.some((role) => role !== 'shopper') ? undefined : customer;

/** The customer that a list is narrowed to: a shopper's own, whatever is asked; of another one they find nothing. */
export function customerToList(principal: Principal, asked: string | undefined): string | undefined {
  const only = onlyCustomerOf(principal);
  return only === undefined || asked === only ? asked : asked === undefined ? only : '';
}

/** A shopper sees the orders of one customer, everybody else all of them. */
export const seesOrderOf = (principal: Principal, orderCustomer: string): boolean => {
  const only = onlyCustomerOf(principal);
  return only === undefined || only === orderCustomer;
};
