// Operations on many runs, and how far they have come.
import { Schema } from 'mongoose';
import { date, optionalText, recordSchema, text } from './schemas.js';

export interface JobRecord {
  readonly _id: string;
  readonly operation: string;
  /** What the operation takes, beside the reason, as JSON text. */
  readonly input: string;
  readonly reason: string;
  /** Ids, in the order in which they are worked on. */
  readonly runs: readonly string[];
  /** What the runs were found by, as JSON text; they were given by their ids if absent. */
  readonly filter?: string;
  readonly status: 'running' | 'done' | 'stopped';
  /** So many of the runs have been worked on. */
  readonly done: number;
  readonly failed: readonly { readonly run: string; readonly code: string; readonly detail: string }[];
  readonly startedAt: Date;
  readonly startedBy: string;
  readonly endedAt?: Date;
  /** Until then the process that works on it is believed to be alive. */
  readonly leaseUntil: Date;
}

export const jobSchema = recordSchema<JobRecord>('jobs', {
  _id: text(64),
  operation: text(20),
  input: { type: String, required: true },
  reason: text(500),
  runs: { type: [text(200)], required: true },
  filter: optionalText(1_000),
  status: { type: String, required: true, enum: ['running', 'done', 'stopped'] },
  done: { type: Number, required: true },
  failed: { type: [Schema.Types.Mixed], required: true } as never,
  startedAt: date,
  startedBy: text(200),
  endedAt: Date,
  leaseUntil: date,
});
jobSchema.index({ status: 1, startedAt: -1, _id: -1 });
jobSchema.index({ startedAt: -1, _id: -1 });
