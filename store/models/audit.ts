// Who changed what may be done and what the shop does: accounts, roles, keys, flows, templates, the store itself.
import { Schema } from 'mongoose';
import { date, optionalText, recordSchema, text } from './schemas.js';

export interface AuditRecord {
  readonly _id: string;
  readonly at: Date;
  /** User name. */
  readonly by: string;
  /** What was asked for, `PUT /api/v1/roles/{role}`, and of what. */
  readonly action: string;
  readonly path: string;
  /** What it was to become, as JSON text, without secrets; absent where the thing itself keeps its versions. */
  readonly body?: string;
  /** What else is worth knowing of it, in a sentence. */
  readonly note?: string;
  readonly traceId: string;
  /** Of HTTP; absent while it is under way, or when the process ended meanwhile. */
  readonly status?: number;
}

export const auditSchema = recordSchema<AuditRecord>('audit', {
  _id: text(64),
  at: date,
  by: text(200),
  action: text(200),
  path: text(1_000),
  body: { type: Schema.Types.String },
  note: optionalText(2_000),
  traceId: text(64),
  status: Number,
});
auditSchema.index({ at: -1, _id: -1 });
auditSchema.index({ by: 1, at: -1, _id: -1 });
