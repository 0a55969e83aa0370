// The engine's collections. What only the engine reads is JSON text in `state`: it comes back as it was written, whatever
// names are in it; what is searched for is beside it, with an index.
import { Schema, type SchemaDefinition } from 'mongoose';

function engineSchema<T>(collection: string, definition: SchemaDefinition<T>): Schema<T> {
  return new Schema<T>(definition, {
    collection,
    strict: 'throw',
    strictQuery: 'throw',
    versionKey: false,
    autoIndex: false,
    autoCreate: false,
  }) as Schema<T>;
}

const text = { type: String, required: true } as const;
const whole = { type: Number, required: true } as const;

/** A run. Instants are ISO 8601 text in UTC. */
export interface RunDocument {
  _id: string;
  flow: string;
  /** Of one that has ended and left something open, `incident`: see `engine/runtime/decision/left-open.ts`. */
  status: string;
  seq: number;
  /** `<type>:<id>` */
  subject?: string;
  startedAt: string;
  dueAt?: string;
  inFlightUntil?: string;
  /** Effects that stand in the run, as JSON text. */
  inFlight?: string;
  claims: number;
  waitsOn?: string[];
  /** Whose work is open in it. */
  workFor?: string[];
  state: string;
}

export const runSchema = engineSchema<RunDocument>('runs', {
  _id: text,
  flow: text,
  status: text,
  seq: whole,
  subject: String,
  startedAt: text,
  dueAt: String,
  inFlightUntil: String,
  inFlight: String,
  claims: whole,
  waitsOn: { type: [String], default: undefined },
  workFor: { type: [String], default: undefined },
  state: text,
});
runSchema.index({ dueAt: 1 }, { sparse: true });
runSchema.index({ inFlightUntil: 1 }, { sparse: true });
runSchema.index({ waitsOn: 1, _id: 1 }, { sparse: true });
runSchema.index({ workFor: 1, _id: 1 }, { sparse: true });
runSchema.index({ startedAt: -1, _id: -1 });
runSchema.index({ status: 1, startedAt: -1, _id: -1 });
runSchema.index({ flow: 1, startedAt: -1, _id: -1 });
runSchema.index({ subject: 1, startedAt: -1, _id: -1 }, { sparse: true });
runSchema.index({ subject: 1, _id: 1 }, { partialFilterExpression: { status: 'held' } });

/** One chunk of a segment's journal; `_id` is `<run>:<seq>:<n>` and sorts as the chunks do. */
export interface JournalDocument {
  _id: string;
  run: string;
  seq: number;
  n: number;
  unit: string;
  at: string;
  by: string;
  state: string;
}

export const journalSchema = engineSchema<JournalDocument>('journal', {
  _id: text,
  run: text,
  seq: whole,
  n: whole,
  unit: text,
  at: text,
  by: text,
  state: text,
});

/** An item that was sent to a run: kept, or consumed and known by its id and hash only. */
export interface InboxDocument {
  _id: string;
  run: string;
  status: 'kept' | 'consumed';
  at: string;
  order: string;
  hash?: string;
  state?: string;
}

export const inboxSchema = engineSchema<InboxDocument>('inbox', {
  _id: text,
  run: text,
  status: { type: String, required: true, enum: ['kept', 'consumed'] },
  at: text,
  order: text,
  hash: String,
  state: String,
});
inboxSchema.index({ run: 1, status: 1, order: 1 });
inboxSchema.index({ status: 1, _id: 1 });

/** An external effect that is not, or not any more, in flight in its run; `_id` is its idempotency key, which begins with the run. */
export interface EffectDocument {
  _id: string;
  run: string;
  token: number;
  claimAt?: string;
  state: string;
}

export const effectSchema = engineSchema<EffectDocument>('effects', {
  _id: text,
  run: text,
  token: whole,
  claimAt: String,
  state: text,
});
effectSchema.index({ claimAt: 1 }, { sparse: true });

/** A message to be delivered; removed once it is. */
export interface OutboxDocument {
  _id: string;
  key: string;
  order: string;
  claimAt: string;
  /** Of the claim that got it last. */
  claim?: string;
  attempt: number;
  state: string;
}

export const outboxSchema = engineSchema<OutboxDocument>('outbox', {
  _id: text,
  key: text,
  order: text,
  claimAt: text,
  claim: String,
  attempt: whole,
  state: text,
});
outboxSchema.index({ claimAt: 1 });
outboxSchema.index({ key: 1, order: 1 });

/** An event that was told from outside. */
export interface EventDocument {
  _id: string;
  at: string;
  state: string;
}

export const eventSchema = engineSchema<EventDocument>('events', { _id: text, at: text, state: text });

/** When a scheduled flow starts next; `_id` is the name of the flow. */
export interface ScheduleDocument {
  _id: string;
  pattern: string;
  /** Null: never again. */
  nextAt: string | null;
}

export const scheduleSchema = engineSchema<ScheduleDocument>('schedules', {
  _id: text,
  pattern: text,
  nextAt: { type: String, default: null },
});

/** A version of a flow; `_id` is `<name>:<version>`. */
export interface FlowDocument {
  _id: string;
  name: string;
  version: number;
  hash: string;
  status: 'draft' | 'active' | 'retired';
  savedAt: string;
  savedBy: string;
  source?: string;
  activatedBy?: string;
  activatedAt?: string;
  relied?: number;
  state: string;
}

export const flowSchema = engineSchema<FlowDocument>('flows', {
  _id: text,
  name: text,
  version: whole,
  hash: text,
  status: { type: String, required: true, enum: ['draft', 'active', 'retired'] },
  savedAt: text,
  savedBy: text,
  source: String,
  activatedBy: String,
  activatedAt: String,
  relied: Number,
  state: text,
});
flowSchema.index({ hash: 1 });
flowSchema.index(
  { name: 1 },
  { unique: true, partialFilterExpression: { status: 'active' }, name: 'one_active' },
);
flowSchema.index({ name: 1, version: 1 });
