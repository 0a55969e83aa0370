// Sessions of signed-in users. The token itself is never stored, only its SHA-256: 256 random bits need no slow hash.
import { date, recordSchema, text } from './schemas.js';

export interface SessionRecord {
  /** SHA-256 of the token, in hexadecimal. */
  readonly _id: string;
  readonly userName: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date;
  readonly expiresAt: Date;
}

export const sessionSchema = recordSchema<SessionRecord>('sessions', {
  _id: text(64),
  userName: text(64),
  createdAt: date,
  lastUsedAt: date,
  expiresAt: date,
});
sessionSchema.index({ userName: 1 });
sessionSchema.index({ expiresAt: 1 });
