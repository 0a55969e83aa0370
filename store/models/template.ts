// Versions of mail templates, and the mails that were made of them.
import { Schema } from 'mongoose';
import { date, optionalText, recordSchema, text } from './schemas.js';

/** A version of a template; `_id` is `<name>:<version>`. Immutable but for its status. */
export interface TemplateRecord {
  readonly _id: string;
  readonly name: string;
  readonly templateVersion: number;
  readonly status: 'draft' | 'active' | 'retired';
  /** SHA-256 of the files. */
  readonly hash: string;
  /** The files and the partials they use, as JSON text. */
  readonly files: string;
  readonly savedAt: Date;
  readonly savedBy: string;
  /** Hash of the files in the templates directory it came from. */
  readonly source?: string;
}

export const templateSchema = recordSchema<TemplateRecord>('templates', {
  _id: text(120),
  name: text(100),
  templateVersion: { type: Number, required: true },
  status: { type: String, required: true, enum: ['draft', 'active', 'retired'] },
  hash: text(64),
  files: { type: String, required: true },
  savedAt: date,
  savedBy: text(64),
  source: optionalText(80),
});
templateSchema.index({ name: 1, templateVersion: -1 });
templateSchema.index(
  { name: 1 },
  { unique: true, partialFilterExpression: { status: 'active' }, name: 'one_active_template' },
);

/** A mail to one person; `_id` is the outbox row's, and the number of the recipient. */
export interface MailRecord {
  readonly _id: string;
  readonly run: string;
  /** The record that it is about, `order:10248`. */
  readonly regarding?: string;
  readonly template: string;
  readonly templateVersion?: number;
  readonly locale?: string;
  readonly to: string;
  readonly subject?: string;
  readonly html?: string;
  readonly text?: string;
  readonly state: 'queued' | 'sent' | 'failed';
  readonly messageId?: string;
  readonly attempts: number;
  readonly detail?: string;
  readonly at: Date;
  readonly sentAt?: Date;
}

export const mailSchema = recordSchema<MailRecord>('mails', {
  _id: text(300),
  run: { type: String, maxlength: 100 },
  regarding: optionalText(100),
  template: text(100),
  templateVersion: Number,
  locale: optionalText(35),
  to: text(320),
  subject: optionalText(300),
  html: Schema.Types.String,
  text: Schema.Types.String,
  state: { type: String, required: true, enum: ['queued', 'sent', 'failed'] },
  messageId: optionalText(300),
  attempts: { type: Number, required: true },
  detail: optionalText(1000),
  at: date,
  sentAt: Date,
});
mailSchema.index({ at: -1, _id: -1 });
mailSchema.index({ regarding: 1, at: -1, _id: -1 });
mailSchema.index({ state: 1, at: -1, _id: -1 });
