// Users who sign in.
import { recordSchema, text } from './schemas.js';

export const roles = ['administrator', 'supervisor', 'agent', 'approver', 'analyst', 'operator'] as const;
export type Role = (typeof roles)[number];

export interface UserRecord {
  /** The user name, in lower case. */
  readonly _id: string;
  readonly displayName: string;
  readonly roles: readonly Role[];
  /** argon2id in PHC form, its parameters and salt included. */
  readonly passwordHash: string;
  readonly active: boolean;
  readonly createdAt: Date;
}

export const userSchema = recordSchema<UserRecord>('users', {
  _id: text(64),
  displayName: text(),
  roles: { type: [{ type: String, enum: roles }], required: true },
  passwordHash: text(200),
  active: { type: Boolean, required: true },
  createdAt: { type: Date, required: true },
});
