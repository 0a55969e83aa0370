// Cases, as records of flows: the fields lie under `value`.
import { Schema } from 'mongoose';
import { recordSchema, text } from './schemas.js';

export interface CaseDocument {
  /** The case number. */
  readonly _id: string;
  /** A `CaseRecord`. */
  readonly value: Readonly<Record<string, unknown>>;
}

export const caseSchema = recordSchema<CaseDocument>('cases', {
  _id: text(40),
  // The engine has checked it against the record type.
  value: { type: Schema.Types.Mixed, required: true } as never,
});
caseSchema.index({ 'value.openedAt': -1, _id: -1 });
caseSchema.index({ 'value.order': 1, 'value.openedAt': -1, _id: -1 });
caseSchema.index({ 'value.customer': 1, 'value.openedAt': -1, _id: -1 });
caseSchema.index({ 'value.status': 1, 'value.openedAt': -1, _id: -1 });
