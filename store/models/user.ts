// Users who sign in, and the roles that say what they may do.
import { optionalText, recordSchema, text } from './schemas.js';

/** The built-in roles. */
export const roles = [
  'administrator',
  'supervisor',
  'agent',
  'approver',
  'analyst',
  'operator',
  'shopper',
] as const;
export type Role = (typeof roles)[number];

export interface UserRecord {
  /** The user name, in lower case. */
  readonly _id: string;
  readonly displayName: string;
  /** Names of roles, built-in ones or others. */
  readonly roles: readonly string[];
  /** Of a shopper: the number of the customer whose orders are theirs. */
  readonly customer?: string;
  /** argon2id in PHC form, its parameters and salt included. */
  readonly passwordHash: string;
  readonly active: boolean;
  readonly createdAt: Date;
  /** Counts its writes. */
  readonly version: number;
}

export const userSchema = recordSchema<Omit<UserRecord, 'version'>>('users', {
  _id: text(64),
  displayName: text(),
  roles: { type: [text(40)], required: true },
  passwordHash: text(200),
  customer: optionalText(40),
  active: { type: Boolean, required: true },
  createdAt: { type: Date, required: true },
});

/** A role of this installation: a further one, or a built-in one that was changed. */
export interface RoleRecord {
  readonly _id: string;
  readonly title: string;
  readonly permissions: readonly string[];
  readonly version: number;
}

export const roleSchema = recordSchema<Omit<RoleRecord, 'version'>>('roles', {
  _id: text(40),
  title: text(100),
  permissions: { type: [text(60)], required: true },
});
