// Users who sign in.
import { optionalText, recordSchema, text } from './schemas.js';

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
  readonly roles: readonly Role[];
  /** Of a shopper: the number of the customer whose orders are theirs. */
  readonly customer?: string;
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
  customer: optionalText(40),
  active: { type: Boolean, required: true },
  createdAt: { type: Date, required: true },
});
