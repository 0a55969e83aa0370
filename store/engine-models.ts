// The models of the engine's collections, made with their indexes where they are missing.
import type { Connection, Model, Schema } from 'mongoose';
import {
  type EffectDocument,
  effectSchema,
  type EventDocument,
  eventSchema,
  type FlowDocument,
  flowSchema,
  type InboxDocument,
  inboxSchema,
  type JournalDocument,
  journalSchema,
  type OutboxDocument,
  outboxSchema,
  type RunDocument,
  runSchema,
  type ScheduleDocument,
  scheduleSchema,
} from './models/engine.js';
import { makeCollections } from './make-collections.js';

export interface EngineModels {
  readonly runs: Model<RunDocument>;
  readonly journal: Model<JournalDocument>;
  readonly inbox: Model<InboxDocument>;
  readonly effects: Model<EffectDocument>;
  readonly outbox: Model<OutboxDocument>;
  readonly events: Model<EventDocument>;
  readonly schedules: Model<ScheduleDocument>;
  readonly flows: Model<FlowDocument>;
}

export async function openEngineModels(connection: Connection): Promise<EngineModels> {
  const models = {
    runs: toModel<RunDocument>(connection, 'EngineRun', runSchema),
    journal: toModel<JournalDocument>(connection, 'EngineJournal', journalSchema),
    inbox: toModel<InboxDocument>(connection, 'EngineInbox', inboxSchema),
    effects: toModel<EffectDocument>(connection, 'EngineEffect', effectSchema),
    outbox: toModel<OutboxDocument>(connection, 'EngineOutbox', outboxSchema),
    events: toModel<EventDocument>(connection, 'EngineEvent', eventSchema),
    schedules: toModel<ScheduleDocument>(connection, 'EngineSchedule', scheduleSchema),
    flows: toModel<FlowDocument>(connection, 'EngineFlow', flowSchema),
  };
  await makeCollections(Object.values(models));
  return models;
}

function toModel<T>(connection: Connection, name: string, schema: Schema<T>): Model<T> {
  return (connection.models[name] as Model<T> | undefined) ?? connection.model<T>(name, schema);
}
