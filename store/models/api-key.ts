// Keys of programs. The token itself is never stored, only its SHA-256: 256 random bits need no slow hash.
import { date, recordSchema, text } from './schemas.js';

export interface ApiKeyRecord {
  /** SHA-256 of the token, in hexadecimal. */
  readonly _id: string;
  /** Unique among the keys of its owner. */
  readonly name: string;
  /** The user whose rights it has, as far as it has them. */
  readonly owner: string;
  readonly permissions: readonly string[];
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly expiresAt: Date;
  readonly lastUsedAt?: Date;
}

export const apiKeySchema = recordSchema<ApiKeyRecord>('api_keys', {
  _id: text(64),
  name: text(60),
  owner: text(64),
  permissions: { type: [text(60)], required: true },
  createdAt: date,
  createdBy: text(64),
  expiresAt: date,
  lastUsedAt: Date,
});
apiKeySchema.index({ owner: 1, name: 1 }, { unique: true });
