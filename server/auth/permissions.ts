// What there is to be permitted, and what the built-in roles may do. A route or an action of flows names the permission it
// needs; whoever has no role with it is refused.
import type { Role } from '../../store/models/user.js';

export const permissions = [
  'orders.read',
  'orders.write',
  'orders.cancel',
  'orders.return',
  'orders.change',
  'orders.adjust',
  'orders.credit',
  'orders.submit',
  'orders.approve',
  'orders.release',
  'orders.hold',
  'returns.read',
  'returns.receive',
  'refunds.initiate',
  'refunds.adjust',
  'cases.read',
  'cases.write',
  'customers.read',
  'flows.read',
  'flows.edit',
  'flows.activate',
  'flows.system',
  'runs.read',
  'runs.operate',
  'events.publish',
  'tasks.work',
  'templates.read',
  'templates.edit',
  'mails.read',
  'mails.send',
  'users.manage',
  'roles.manage',
  'keys.manage',
  'metrics.read',
  'audit.read',
  'store.back-up',
  'store.restore',
] as const;
export type Permission = (typeof permissions)[number];

const agent: readonly Permission[] = [
  'orders.read',
  'orders.write',
  'orders.cancel',
  'orders.return',
  'orders.change',
  'orders.adjust',
  'orders.credit',
  'orders.submit',
  'orders.hold',
  'returns.read',
  'returns.receive',
  'cases.read',
  'cases.write',
  'customers.read',
  'flows.read',
  'runs.read',
  'tasks.work',
  'templates.read',
  'mails.read',
  'mails.send',
];

const byRole: Readonly<Record<Role, readonly Permission[]>> = {
  administrator: permissions,
  supervisor: [...agent, 'orders.approve', 'orders.release', 'refunds.initiate', 'refunds.adjust'],
  agent,
  // A rejected order is cancelled by whoever rejects it.
  approver: [
    'orders.read',
    'orders.write',
    'orders.approve',
    'orders.cancel',
    'flows.read',
    'runs.read',
    'tasks.work',
  ],
  analyst: [
    'orders.read',
    'returns.read',
    'cases.read',
    'customers.read',
    'flows.read',
    'flows.edit',
    'flows.activate',
    'runs.read',
    'templates.read',
  ],
  operator: [
    'orders.read',
    'orders.write',
    'orders.hold',
    'orders.release',
    'returns.read',
    'cases.read',
    'customers.read',
    'flows.read',
    'runs.read',
    'runs.operate',
    'events.publish',
    'mails.read',
    'mails.send',
    'metrics.read',
    'store.back-up',
  ],
  shopper: ['orders.read', 'orders.write', 'orders.cancel', 'orders.return', 'returns.read'],
};

/** Everything that built-in roles may do together. */
export const builtInPermissions = (roles: readonly Role[]): readonly Permission[] =>
  permissions.filter((permission) => roles.some((role) => byRole[role].includes(permission)));

export const isPermission = (name: string): name is Permission =>
  (permissions as readonly string[]).includes(name);
