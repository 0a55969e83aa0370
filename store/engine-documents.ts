// What the engine's state is in its collections, and back: what is searched for is beside the JSON text.
import type {
  EffectState,
  FlowVersion,
  KeptEvent,
  JournalChunk,
  OutboxRow,
} from '../engine/ports/engine-store.js';
import type { InboxItem, RunState } from '../engine/runtime/run-state.js';
import { takeRunText } from '../engine/runtime/run-text.js';
import { listedStatus } from '../engine/runtime/decision/left-open.js';
import { workKeysOf } from '../engine/runtime/work.js';
import type { ParsedTexts } from './parsed-texts.js';
import type {
  EffectDocument,
  EventDocument,
  FlowDocument,
  InboxDocument,
  JournalDocument,
  OutboxDocument,
  RunDocument,
} from './models/engine.js';

export function toRunDocument(run: RunState): RunDocument {
  const { dueAt, inFlight, inFlightUntil, claims, subject } = run;
  const work = workKeysOf(run);
  return {
    _id: run.id,
    flow: run.flow.name,
    status: listedStatus(run),
    seq: run.seq,
    startedAt: run.startedAt,
    claims,
    ...(subject === undefined ? {} : { subject: `${subject.type}:${subject.id}` }),
    ...(dueAt === undefined ? {} : { dueAt }),
    ...(inFlightUntil === undefined ? {} : { inFlightUntil }),
    ...(run.waitsOn.length === 0 ? {} : { waitsOn: [...run.waitsOn] }),
    ...(work.length === 0 ? {} : { workFor: work }),
    ...(inFlight === undefined ? {} : { inFlight: JSON.stringify(inFlight) }),
    state: takeRunText(run),
  };
}

/** `dueAt` and `claims` change with a claim, which leaves the rest as it is. */
export function toRun({ state, dueAt, inFlight, inFlightUntil, claims }: RunDocument): RunState {
  const run = JSON.parse(state) as RunState;
  return {
    ...run,
    claims,
    ...(dueAt === undefined ? {} : { dueAt }),
    ...(inFlight === undefined ? {} : { inFlight: JSON.parse(inFlight) as EffectState[] }),
    ...(inFlightUntil === undefined ? {} : { inFlightUntil }),
  };
}

export const toJournalDocument = ({
  id,
  run,
  seq,
  n,
  unit,
  at,
  by,
  entries,
}: JournalChunk): JournalDocument => ({
  _id: id,
  run,
  seq,
  n,
  unit,
  at,
  by,
  state: JSON.stringify(entries),
});

export const toChunk = ({ _id, run, seq, n, unit, at, by, state }: JournalDocument): JournalChunk => ({
  id: _id,
  run,
  seq,
  n,
  unit,
  at,
  by,
  entries: JSON.parse(state) as JournalChunk['entries'],
});

/** Items of one millisecond stay in the order in which this process was given them. */
let itemsKept = 0;
const itemDigits = 12;

export function toInboxDocument(item: InboxItem): InboxDocument {
  itemsKept += 1;
  const order = `${item.at}:${String(itemsKept).padStart(itemDigits, '0')}`;
  return { ...known(item), status: 'kept', order, state: JSON.stringify(item) };
}

export const toConsumedDocument = (item: InboxItem): InboxDocument => ({
  ...known(item),
  status: 'consumed',
  order: '',
});

/** What stays known of an item. */
const known = ({ id: _id, run, at, hash }: InboxItem) => ({
  _id,
  run,
  at,
  ...(hash === undefined ? {} : { hash }),
});

export const toEffectDocument = (effect: EffectState): EffectDocument => ({
  _id: effect.id,
  run: effect.run,
  token: effect.token,
  ...(effect.claimAt === undefined ? {} : { claimAt: effect.claimAt }),
  state: JSON.stringify(effect),
});

export const toEffect = ({ state }: EffectDocument): EffectState => JSON.parse(state) as EffectState;

export const toOutboxDocument = ({ ifAwaited: _ifAwaited, ...row }: OutboxRow): OutboxDocument => ({
  _id: row.id,
  key: row.key,
  order: row.order,
  claimAt: row.claimAt,
  attempt: row.attempt,
  state: JSON.stringify(row),
});

export const toRow = ({ state, claimAt, attempt }: OutboxDocument): OutboxRow => ({
  ...(JSON.parse(state) as OutboxRow),
  claimAt,
  attempt,
});

export const toEventDocument = (event: KeptEvent): EventDocument => ({
  _id: event.id,
  at: event.at,
  state: JSON.stringify(event),
});

export const toEvent = ({ state }: EventDocument): KeptEvent => JSON.parse(state) as KeptEvent;

export function toFlowDocument({
  name,
  version,
  hash,
  status,
  definition,
  savedAt,
  savedBy,
  source,
}: FlowVersion): FlowDocument {
  return {
    _id: `${name}:${version}`,
    name,
    version,
    hash,
    status,
    savedAt,
    savedBy,
    ...(source === undefined ? {} : { source }),
    state: JSON.stringify(definition),
  };
}

export const toFlow = (
  {
    name,
    version,
    hash,
    status,
    savedAt,
    savedBy,
    source,
    activatedBy,
    activatedAt,
    relied,
    state,
  }: FlowDocument,
  definitions: ParsedTexts<FlowVersion['definition']>,
): FlowVersion => ({
  name,
  version,
  hash,
  status,
  savedAt,
  savedBy,
  ...(source === undefined ? {} : { source }),
  ...(activatedBy === undefined || activatedAt === undefined
    ? {}
    : { activated: { by: activatedBy, at: activatedAt } }),
  ...(relied === undefined ? {} : { relied }),
  definition: definitions.parse(state),
});
