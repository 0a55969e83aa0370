// What each role may do. A route names the permission it needs; a role that isn't listed with it is refused.
import type { Role } from '../../store/models/user.js';

export const permissions = ['orders.read', 'store.back-up', 'store.restore', 'users.manage'] as const;
export type Permission = (typeof permissions)[number];

const byRole: Readonly<Record<Role, readonly Permission[]>> = {
  administrator: permissions,
  supervisor: ['orders.read'],
  agent: ['orders.read'],
  approver: ['orders.read'],
  analyst: ['orders.read'],
  operator: ['orders.read', 'store.back-up'],
};

/** Whether any of the roles has the permission. */
export const permits = (roles: readonly Role[], permission: Permission): boolean =>
  roles.some((role) => byRole[role]?.includes(permission));
