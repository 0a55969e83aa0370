// The engine's store on mongoose: what is read, claimed and swept. Units are committed by `unit-commits.ts`.
import type { ClientSession, Collection, Connection } from 'mongoose';
import type {
  Between,
  EffectState,
  EngineStore,
  FlowActivation,
  FlowVersion,
  JournalChunk,
  KeptEvent,
  OutboxRow,
  Schedule,
  Swept,
  Unit,
} from '../engine/ports/engine-store.js';
import type { RecordsPort, RecordType } from '../engine/ports/records.js';
import type { Subject } from '../engine/ports/subjects.js';
import { toTaken } from '../engine/runtime/claim.js';
import { toChunkId } from '../engine/runtime/journal-entry.js';
import { endedStatuses, type InboxItem, type RunState } from '../engine/runtime/run-state.js';
import { isConflict, Refused } from './conflicts.js';
import {
  toChunk,
  toEffect,
  toEffectDocument,
  toEvent,
  toEventDocument,
  toFlow,
  toFlowDocument,
  toInboxDocument,
  toOutboxDocument,
  toRun,
} from './engine-documents.js';
import { type EngineModels, openEngineModels } from './engine-models.js';
import { EngineReads } from './engine-reads.js';
import { insertOnce, isDuplicate } from './insert-once.js';
import type {
  EffectDocument,
  EventDocument,
  FlowDocument,
  InboxDocument,
  JournalDocument,
  RunDocument,
  ScheduleDocument,
} from './models/engine.js';
import { OutboxRows } from './outbox-rows.js';
import { ParsedTexts } from './parsed-texts.js';
import type { RecordBinding } from './record-binding.js';
import { guarded, toStoreError } from './store-faults.js';
import { UnitCommits } from './unit-commits.js';

export interface OpenEngineStore {
  readonly store: EngineStore;
  readonly records: RecordsPort;
}

/** Makes the collections and indexes of the engine where they are missing, and its store on them. */
export async function openEngineStore(
  connection: Connection,
  bindings: readonly RecordBinding[],
): Promise<OpenEngineStore> {
  const models = await openEngineModels(connection);
  const byType = new Map(bindings.map((binding) => [binding.type.name, binding]));
  return { store: new MongooseEngineStore(connection, models, byType), records: toRecordsPort(byType) };
}

function toRecordsPort(bindings: ReadonlyMap<string, RecordBinding>): RecordsPort {
  const types = new Map<string, RecordType>([...bindings].map(([name, { type }]) => [name, type]));
  return {
    types,
    read: async (type, id) => guarded(async () => bindings.get(type)?.read(id)),
    find: async (query) => guarded(async () => (await bindings.get(query.type)?.find(query)) ?? []),
  };
}

/** The filter of a field that counts. */
const within = (field: string, { least, most }: Between): object =>
  least === undefined && most === undefined
    ? {}
    : {
        [field]: {
          ...(least === undefined ? {} : { $gte: least }),
          ...(most === undefined ? {} : { $lte: most }),
        },
      };

class MongooseEngineStore implements EngineStore {
  readonly #connection: Connection;
  readonly #models: EngineModels;
  readonly #commits: UnitCommits;
  readonly #reads: EngineReads;
  readonly #outbox: OutboxRows;
  readonly #definitions = new ParsedTexts<FlowVersion['definition']>();

  constructor(connection: Connection, models: EngineModels, bindings: ReadonlyMap<string, RecordBinding>) {
    this.#connection = connection;
    this.#models = models;
    this.#commits = new UnitCommits(connection, models, bindings);
    this.#reads = new EngineReads(models);
    this.#outbox = new OutboxRows(models);
  }

  loadRun(id: string): Promise<RunState | undefined> {
    return this.#reads.run(id);
  }

  listRuns({
    status,
    flow,
    subject,
    after,
    newest,
    limit,
  }: Parameters<EngineStore['listRuns']>[0]): Promise<RunState[]> {
    const before = newest?.before;
    const filter = {
      ...(status === undefined ? {} : { status }),
      ...(flow === undefined ? {} : { flow }),
      ...(subject === undefined ? {} : { subject: `${subject.type}:${subject.id}` }),
      ...(after === undefined ? {} : { _id: { $gt: after as never } }),
      ...(before === undefined
        ? {}
        : {
            startedAt: { $lte: before.startedAt },
            $or: [{ startedAt: { $lt: before.startedAt } }, { _id: { $lt: before.id as never } }],
          }),
    };
    const sort: Record<string, 1 | -1> = newest === undefined ? { _id: 1 } : { startedAt: -1, _id: -1 };
    return guarded(async () => {
      const found = await this.#models.runs.collection.find(filter, { sort, limit }).toArray();
      return found.map((run) => toRun(run as unknown as RunDocument));
    });
  }

  runsWithWork(names: readonly string[], limit: number, after?: string): Promise<RunState[]> {
    return guarded(() => this.#reads.withWork(names, limit, after));
  }

  commit(unit: Unit): Promise<'committed' | 'conflict'> {
    return this.#commits.commit(unit);
  }

  journalOf(run: string, after: number, limit: number): Promise<JournalChunk[]> {
    return guarded(async () => {
      const found = await this.#models.journal.collection
        .find({ _id: ofRun(run, after + 1), run }, { sort: { _id: 1 }, limit })
        .toArray();
      return found.map((chunk) => toChunk(chunk as unknown as JournalDocument));
    });
  }

  enqueue(item: InboxItem): Promise<'new' | 'duplicate'> {
    return insertOnce(() => this.#models.inbox.collection.insertOne(toInboxDocument(item) as never));
  }

  knownItem(id: string): Promise<Pick<InboxItem, 'hash'> | undefined> {
    return guarded(async () => {
      const found = await this.#models.inbox.collection.findOne({ _id: id as never });
      if (found === null) return undefined;
      const { hash } = found as unknown as InboxDocument;
      return hash === undefined ? {} : { hash };
    });
  }

  async discardItem(id: string): Promise<void> {
    await guarded(() =>
      this.#models.inbox.collection.updateOne(
        { _id: id as never, status: 'kept' },
        { $set: { status: 'consumed' }, $unset: { state: '' } },
      ),
    );
  }

  inboxOf(run: string): Promise<InboxItem[]> {
    return this.#reads.inbox(run);
  }

  keptItems(after: string | undefined, limit: number): Promise<InboxItem[]> {
    const filter = { status: 'kept', ...(after === undefined ? {} : { _id: { $gt: after as never } }) };
    return guarded(async () => {
      const sort = { status: 1, _id: 1 } as const;
      const found = await this.#models.inbox.collection.find(filter, { sort, limit }).toArray();
      return found.map(({ state }) => JSON.parse(String(state)) as InboxItem);
    });
  }

  claimDue(now: string, until: string, limit: number, claims: Between = {}): Promise<RunState[]> {
    return guarded(async () => {
      const { collection } = this.#models.runs;
      const due = await collection
        .find(
          { dueAt: { $lte: now }, ...within('claims', claims) },
          { sort: claims.least === undefined ? { dueAt: 1 } : { claims: 1, dueAt: 1 }, limit },
        )
        .toArray();
      const claimed = await Promise.all(
        due.map(async ({ _id, seq, dueAt }) => {
          const update = { $set: { dueAt: until }, $inc: { claims: 1 } };
          return collection.findOneAndUpdate({ _id, seq, dueAt }, update, { returnDocument: 'after' });
        }),
      );
      return claimed.flatMap((run) => (run === null ? [] : [toRun(run as unknown as RunDocument)]));
    });
  }

  endLeases(now: string, until: string): Promise<void> {
    const later = { $gt: now, $lte: until };
    return guarded(async () => {
      const { runs, outbox } = this.#models;
      await runs.collection.updateMany({ dueAt: later, claims: { $gte: 1 } }, { $set: { dueAt: now } });
      await outbox.collection.updateMany({ claimAt: later, attempt: 1 }, { $set: { claimAt: now } });
    });
  }

  countClaim(run: string, by: 1 | -1): Promise<number> {
    const filter = { _id: run as never, ...(by === 1 ? {} : { claims: { $gte: 1 } }) };
    return guarded(async () => {
      const counted = await this.#models.runs.collection.findOneAndUpdate(
        filter,
        { $inc: { claims: by } },
        { returnDocument: 'after', projection: { claims: 1 } },
      );
      return Number(counted?.['claims'] ?? 0);
    });
  }

  runsInFlight(until: string, after: string | undefined, limit: number): Promise<RunState[]> {
    const filter = {
      inFlightUntil: { $lte: until },
      ...(after === undefined ? {} : { _id: { $gt: after as never } }),
    };
    return guarded(async () => {
      const found = await this.#models.runs.collection.find(filter, { sort: { _id: 1 }, limit }).toArray();
      return found.map((run) => toRun(run as unknown as RunDocument));
    });
  }

  nextDue(after: string): Promise<string | undefined> {
    return guarded(async () => {
      const first = async (
        model: EngineModels['runs' | 'effects' | 'outbox'],
        field: string,
      ): Promise<string | undefined> => {
        const [found] = await (model.collection as Collection)
          .find({ [field]: { $gt: after } }, { sort: { [field]: 1 }, limit: 1, projection: { [field]: 1 } })
          .toArray();
        return found?.[field] as string | undefined;
      };
      const { runs, effects, outbox } = this.#models;
      const all = [
        await first(runs, 'dueAt'),
        await first(runs, 'inFlightUntil'),
        await first(effects, 'claimAt'),
        await first(outbox, 'claimAt'),
      ];
      return all.filter((at) => at !== undefined).sort()[0];
    });
  }

  hasHeld({ type, id }: Subject): Promise<boolean> {
    return this.#reads.hasHeld(`${type}:${id}`);
  }

  runsWaitingOn(key: string, limit: number, after?: string): Promise<string[]> {
    if (after === undefined) return this.#reads.waitingOn(key, limit);
    const filter = { waitsOn: key, _id: { $gt: after as never } };
    return guarded(async () => {
      const found = await this.#models.runs.collection
        .find(filter, { sort: { _id: 1 }, limit, projection: { _id: 1 } })
        .toArray();
      return found.map(({ _id }) => String(_id));
    });
  }

  claimEffects(now: string, owner: string, until: string, limit: number): Promise<EffectState[]> {
    return guarded(async () => {
      const { collection } = this.#models.effects;
      const due = await collection
        .find({ claimAt: { $lte: now } }, { sort: { claimAt: 1 }, limit })
        .toArray();
      const claimed = await Promise.all(
        due.map(async (found) => {
          const before = toEffect(found as unknown as EffectDocument);
          const effect = toTaken(before, owner, until);
          return (await this.saveEffect(effect, before.token)) ? [effect] : [];
        }),
      );
      return claimed.flat();
    });
  }

  effectsTaken(now: string, until: string, after: string | undefined, limit: number): Promise<EffectState[]> {
    const filter = {
      claimAt: { $gt: now, $lte: until },
      ...(after === undefined ? {} : { _id: { $gt: after as never } }),
    };
    return guarded(async () => {
      const found = await this.#models.effects.collection.find(filter, { sort: { _id: 1 }, limit }).toArray();
      return found.map((effect) => toEffect(effect as unknown as EffectDocument));
    });
  }

  loadEffect(id: string): Promise<EffectState | undefined> {
    return guarded(async () => {
      const found = await this.#models.effects.collection.findOne({ _id: id as never });
      return found === null ? undefined : toEffect(found as unknown as EffectDocument);
    });
  }

  effectsOf(run: string): Promise<EffectState[]> {
    return guarded(async () => {
      const found = await this.#models.effects.collection.find({ _id: ofRun(run), run }).toArray();
      return found.map((effect) => toEffect(effect as unknown as EffectDocument));
    });
  }

  saveEffect(effect: EffectState, token: number): Promise<boolean> {
    return guarded(async () => {
      const { matchedCount } = await this.#models.effects.collection.replaceOne(
        { _id: effect.id as never, token },
        toEffectDocument(effect) as never,
      );
      return matchedCount === 1;
    });
  }

  claimOutbox(now: string, until: string, limit: number): Promise<OutboxRow[]> {
    return guarded(() => this.#outbox.claim(now, until, limit));
  }

  async putEvent(event: KeptEvent, row: OutboxRow): Promise<'new' | 'duplicate'> {
    const { events, outbox } = this.#models;
    const isNew = await this.#inTransaction(async (session) => {
      await events.collection.insertOne(toEventDocument(event) as never, { session });
      await outbox.collection.insertOne(toOutboxDocument(row) as never, { session });
    });
    // Only another one of the same id can be in the way.
    return isNew ? 'new' : 'duplicate';
  }

  /** Whether the work was committed; false: something else than it expected was there. */
  async #inTransaction(work: (session: ClientSession) => Promise<void>): Promise<boolean> {
    const session = await guarded(() => this.#connection.startSession());
    try {
      session.startTransaction();
      await work(session);
      await session.commitTransaction();
      return true;
    } catch (error) {
      if (session.inTransaction()) await session.abortTransaction().catch(() => undefined);
      if (isConflict(error)) return false;
      throw toStoreError(error);
    } finally {
      await session.endSession();
    }
  }

  loadEvent(id: string): Promise<KeptEvent | undefined> {
    return guarded(async () => {
      const found = await this.#models.events.collection.findOne({ _id: id as never });
      return found === null ? undefined : toEvent(found as unknown as EventDocument);
    });
  }

  putOutbox(row: OutboxRow): Promise<'new' | 'duplicate'> {
    return this.#outbox.put(row);
  }

  sweep(
    what: 'inbox' | 'effects' | 'events',
    before: string,
    after: string | undefined,
    limit: number,
  ): Promise<Swept> {
    return guarded(async () => {
      const collection = this.#models[what].collection as Collection;
      const filter = {
        ...(what === 'inbox' ? { status: 'consumed' } : {}),
        ...(after === undefined ? {} : { _id: { $gt: after as never } }),
      };
      const found = await collection
        .find(filter, { sort: { _id: 1 }, limit, projection: { run: 1, claimAt: 1, at: 1 } })
        .toArray();
      const old =
        what === 'events'
          ? found.filter(({ at }) => String(at) < before).map(({ _id }) => _id)
          : await this.#ofEnded(found as unknown as readonly OfRun[], before);
      const removed =
        old.length === 0 ? 0 : (await collection.deleteMany({ _id: { $in: old as never[] } })).deletedCount;
      const last = found.at(-1);
      return { removed, ...(found.length < limit || last === undefined ? {} : { next: String(last._id) }) };
    });
  }

  /** Which of consumed items or effects are of runs that ended before. */
  async #ofEnded(found: readonly OfRun[], before: string): Promise<string[]> {
    // An effect that somebody is to take is not settled.
    const settled = found.filter(({ claimAt }) => claimAt === undefined);
    const ended = await this.#endedBefore(before, [...new Set(settled.map(({ run }) => run))]);
    return settled.filter(({ run }) => ended.has(run)).map(({ _id }) => _id);
  }

  async #endedBefore(before: string, ids: readonly string[]): Promise<Set<string>> {
    if (ids.length === 0) return new Set();
    const runs = await this.#models.runs.collection
      .find({ _id: { $in: ids as never[] }, status: { $in: [...endedStatuses] } })
      .toArray();
    const old = runs
      .map((run) => toRun(run as unknown as RunDocument))
      .filter(({ endedAt }) => endedAt !== undefined && endedAt < before);
    return new Set(old.map(({ id }) => id));
  }

  loadSchedule(flow: string): Promise<Schedule | undefined> {
    return guarded(async () => {
      const found = await this.#models.schedules.collection.findOne({ _id: flow as never });
      if (found === null) return undefined;
      const { pattern, nextAt } = found as unknown as ScheduleDocument;
      return { flow, pattern, nextAt: nextAt ?? undefined };
    });
  }

  async saveSchedule({ flow, pattern, nextAt }: Schedule, before: Schedule | undefined): Promise<boolean> {
    const { collection } = this.#models.schedules;
    const document = { _id: flow as never, pattern, nextAt: nextAt ?? null };
    try {
      if (before === undefined) {
        await collection.insertOne(document);
        return true;
      }
      const filter = { _id: flow as never, pattern: before.pattern, nextAt: before.nextAt ?? null };
      return (await collection.replaceOne(filter, document)).matchedCount === 1;
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw toStoreError(error);
    }
  }

  ackOutbox(id: string): Promise<void> {
    return guarded(() => this.#outbox.ack(id));
  }

  delayOutbox(id: string, claimAt: string): Promise<void> {
    return guarded(() => this.#outbox.delay(id, claimAt));
  }

  async saveDraft(version: FlowVersion): Promise<boolean> {
    const { collection } = this.#models.flows;
    return (await insertOnce(() => collection.insertOne(toFlowDocument(version) as never))) === 'new';
  }

  flowByHash(hash: string): Promise<FlowVersion | undefined> {
    return this.#flow({ hash });
  }

  flowByVersion(name: string, version: number): Promise<FlowVersion | undefined> {
    return this.#flow({ _id: `${name}:${version}` });
  }

  #flow(filter: object): Promise<FlowVersion | undefined> {
    return guarded(async () => {
      const found = await this.#models.flows.collection.findOne(filter);
      return found === null ? undefined : toFlow(found as unknown as FlowDocument, this.#definitions);
    });
  }

  activeFlow(name: string): ReturnType<EngineStore['activeFlow']> {
    return this.#reads.activeFlow(name);
  }

  listFlows({ name, status }: Parameters<EngineStore['listFlows']>[0]): Promise<FlowVersion[]> {
    const filter = { ...(name === undefined ? {} : { name }), ...(status === undefined ? {} : { status }) };
    return guarded(async () => {
      const found = await this.#models.flows.collection
        .find(filter, { sort: { name: 1, version: 1 } })
        .toArray();
      return found.map((flow) => toFlow(flow as unknown as FlowDocument, this.#definitions));
    });
  }

  takeFlows(drafts: readonly FlowVersion[], activations: readonly FlowActivation[]): Promise<boolean> {
    const { collection } = this.#models.flows;
    return this.#inTransaction(async (session) => {
      if (drafts.length > 0) await collection.insertMany(drafts.map(toFlowDocument) as never[], { session });
      for (const activation of activations) await this.#activate(activation, session);
      for (const name of new Set(activations.flatMap(({ calls = [] }) => calls))) {
        const filter = { name, status: 'active' };
        // Whoever retires it writes the same document.
        const { matchedCount } = await collection.updateOne(filter, { $inc: { relied: 1 } }, { session });
        if (matchedCount !== 1) throw new Refused();
      }
    });
  }

  async #activate(
    { name, version, expected, activated, relied }: FlowActivation,
    session: ClientSession,
  ): Promise<void> {
    const { collection } = this.#models.flows;
    const active = await collection.findOne({ name, status: 'active' }, { session });
    const seen = active as unknown as FlowDocument | null;
    if ((seen?.version ?? 0) !== expected) throw new Refused();
    if (relied !== undefined && (seen?.relied ?? 0) !== relied) throw new Refused();
    if (active !== null) {
      await collection.updateOne(
        { _id: active._id, status: 'active' },
        { $set: { status: 'retired' } },
        { session },
      );
    }
    if (version > 0) {
      const { matchedCount } = await collection.updateOne(
        { _id: `${name}:${version}` as never },
        {
          $set: {
            status: 'active',
            ...(activated === undefined ? {} : { activatedBy: activated.by, activatedAt: activated.at }),
          },
        },
        { session },
      );
      if (matchedCount !== 1) throw new Refused();
    }
  }
}

/** What the sweep looks at of a consumed item or an effect. */
type OfRun = { readonly _id: string; readonly run: string; readonly claimAt?: string };

/** Ids that begin with a run, and with a sequence from `seq` on. */
const ofRun = (run: string, seq?: number): never =>
  ({ $gte: seq === undefined ? `${run}:` : toChunkId(run, seq, 0), $lt: `${run};` }) as never;
