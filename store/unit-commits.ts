// Commits units: each is written whole or not at all. Units that are ready in the same turn of the event loop share one
// transaction, with one bulk write for each collection they touch; if anything in it is refused, each is tried alone.
import type { ClientSession, Connection } from 'mongoose';
import { type OutboxRow, type Unit, unitErrors } from '../engine/ports/engine-store.js';
import type { RecordWrite } from '../engine/ports/records.js';
import { RecourseError } from '../engine/errors/recourse-error.js';
import { idOf } from '../engine/runtime/decision/record-writes.js';
import { hasLabel, isConflict, Refused } from './conflicts.js';
import {
  toEffectDocument,
  toInboxDocument,
  toJournalDocument,
  toOutboxDocument,
  toRunDocument,
} from './engine-documents.js';
import type { GuardedWrite } from './embedded/store.js';
import type { EngineModels } from './engine-models.js';
import { type AwaitedRow, type GuardedUnits, guardedUnits } from './guarded-units.js';
import type { RecordBinding } from './record-binding.js';
import { toStoreError } from './store-faults.js';

/** What became of a unit. A conflict: something it was decided on has changed, and nothing of it was written. */
export type Committed = 'committed' | 'conflict';

/** Units in one transaction: the more of them, the longer the first one waits for the last to be written. */
const unitsMax = 32;

interface Waiting {
  readonly unit: Unit;
  /** What it writes of records as whole documents, where it can be written without a transaction of ours. */
  readonly whole: readonly GuardedWrite[] | undefined;
  readonly resolve: (committed: Committed) => void;
  readonly reject: (error: unknown) => void;
}

export class UnitCommits {
  readonly #connection: Connection;
  readonly #models: EngineModels;
  readonly #bindings: ReadonlyMap<string, RecordBinding>;
  readonly #guarded: GuardedUnits | undefined;
  #waiting: Waiting[] = [];
  /** Sessions whose last commit went well; the client ends them when it closes. */
  readonly #sessions: ClientSession[] = [];

  constructor(connection: Connection, models: EngineModels, bindings: ReadonlyMap<string, RecordBinding>) {
    this.#connection = connection;
    this.#models = models;
    this.#bindings = bindings;
    this.#guarded = guardedUnits(connection, models, bindings);
  }

  /** @throws {RecourseError} `unit.outcome-unknown`, `store.*` */
  commit(unit: Unit): Promise<Committed> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) setImmediate(() => this.#commitWaiting());
      this.#waiting.push({ unit, whole: this.#guarded?.toWhole(unit), resolve, reject });
    });
  }

  #commitWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    const whole: Waiting[] = [];
    const others: Waiting[] = [];
    for (const each of waiting) (each.whole === undefined ? others : whole).push(each);
    this.#commitInTurn([
      ...toGroups(whole).map((group) => () => this.#commitGroup(group, this.#guarded)),
      ...toGroups(others).map((group) => () => this.#commitGroup(group, undefined)),
    ]);
  }

  /** One group a turn, so that the store is at work on the first while the next one is prepared. */
  #commitInTurn([commit, ...others]: readonly (() => Promise<void>)[]): void {
    if (commit === undefined) return;
    void commit();
    if (others.length > 0) setImmediate(() => this.#commitInTurn(others));
  }

  /** Never rejects: each unit is told what became of it. */
  async #commitGroup(group: readonly Waiting[], guarded: GuardedUnits | undefined): Promise<void> {
    if (group.length > 1 || guarded !== undefined) {
      try {
        const commit =
          guarded === undefined
            ? this.#transaction(group.map(({ unit }) => unit))
            : this.#guardedWrite(guarded, group);
        if ((await commit) === 'committed') {
          for (const { resolve } of group) resolve('committed');
          return;
        }
      } catch (error) {
        if (error instanceof RecourseError && error.code === 'unit.outcome-unknown') {
          for (const { reject } of group) reject(error);
          return;
        }
      }
    }
    // Nothing was written. Whose fault that was, each finds out for itself.
    for (const { unit, resolve, reject } of group) void this.#transaction([unit]).then(resolve, reject);
  }

  async #guardedWrite(guarded: GuardedUnits, group: readonly Waiting[]): Promise<Committed> {
    const units = group.map(({ unit }) => unit);
    const records = group.flatMap(({ whole = [] }) => whole);
    try {
      return (await guarded.write(units, records)) ? 'committed' : 'conflict';
    } catch (error) {
      throw isUnknown(error) ? toUnknown(error) : toStoreError(error);
    }
  }

  async #transaction(units: readonly Unit[]): Promise<Committed> {
    let session: ClientSession | undefined;
    let submitted = false;
    try {
      session = this.#sessions.pop() ?? (await this.#connection.startSession());
      session.startTransaction();
      await this.#write(units, session);
      submitted = true;
      await session.commitTransaction();
      this.#sessions.push(session);
      return 'committed';
    } catch (error) {
      const unknown = submitted && isUnknown(error);
      if (!submitted) await session?.abortTransaction().catch(() => undefined);
      await session?.endSession();
      if (unknown) throw toUnknown(error);
      if (isConflict(error)) return 'conflict';
      throw toStoreError(error);
    }
  }

  async #writeRows(rows: readonly OutboxRow[], session: ClientSession): Promise<void> {
    const awaited: AwaitedRow[] = [];
    const others: OutboxRow[] = [];
    for (const row of rows) {
      if (this.#guarded?.isIfAwaited(row) === true) awaited.push(row);
      else others.push(row);
    }
    if (others.length > 0) {
      const documents = others.map(toOutboxDocument) as never[];
      await this.#models.outbox.collection.insertMany(documents, { session });
    }
    if (awaited.length > 0) await this.#guarded?.insertAwaited(awaited, session);
  }

  /** @throws {Refused} when something is not as a unit expects it */
  async #write(units: readonly Unit[], session: ClientSession): Promise<void> {
    const { runs, journal, effects, inbox } = this.#models;
    const options = { session, ordered: true };
    const { matchedCount } = await runs.collection.bulkWrite(units.map(toRunStatement), options);
    if (matchedCount !== units.filter(({ expected }) => expected !== undefined).length) throw new Refused();
    const chunks = units.flatMap((unit) => unit.journal.map(toJournalDocument));
    await journal.collection.insertMany(chunks as never[], { session });
    const effectStatements = units.flatMap(toEffectStatements);
    if (effectStatements.length > 0) {
      const settled = units.reduce((sum, { settlements }) => sum + settlements.length, 0);
      const written = await effects.collection.bulkWrite(effectStatements, options);
      if (written.matchedCount !== settled) throw new Refused();
    }
    const inboxStatements = units.flatMap(toInboxStatements);
    if (inboxStatements.length > 0) await inbox.collection.bulkWrite(inboxStatements, options);
    await this.#writeRows(
      units.flatMap((unit) => unit.outbox),
      session,
    );
    for (const [type, writes] of byType(units)) {
      const binding = this.#bindings.get(type);
      if (binding === undefined) throw new TypeError(`there are no records of type ${type}`);
      if (!(await binding.write(writes, session))) throw new Refused();
    }
    if ((await this.#guarded?.checkAwaited(units, session)) === false) throw new Refused();
  }
}

/** Units that write the same run or record would refuse each other: the later one is committed by itself. */
function toGroups(waiting: readonly Waiting[]): Waiting[][] {
  const groups: Waiting[][] = [];
  const alone: Waiting[][] = [];
  const taken = new Set<string>();
  for (const each of waiting) {
    const keys = keysOf(each.unit);
    if (keys.some((key) => taken.has(key))) {
      alone.push([each]);
      continue;
    }
    for (const key of keys) taken.add(key);
    const open = groups.at(-1);
    if (open === undefined || open.length === unitsMax) groups.push([each]);
    else open.push(each);
  }
  return [...groups, ...alone];
}

const keysOf = ({ run, records }: Unit): string[] => [
  run.id,
  ...records.map((write) => `${write.type}:${idOf(write)}`),
];

function toRunStatement({ run, expected }: Unit) {
  const document = toRunDocument(run) as never;
  return expected === undefined
    ? { insertOne: { document } }
    : { replaceOne: { filter: { _id: run.id as never, seq: expected }, replacement: document } };
}

const toEffectStatements = ({ detached, settlements }: Unit) => [
  ...detached.map((effect) => ({ insertOne: { document: toEffectDocument(effect) as never } })),
  ...settlements.map((effect) => ({
    replaceOne: {
      filter: { _id: effect.id as never, token: effect.token - 1 },
      replacement: toEffectDocument(effect) as never,
    },
  })),
];

const toInboxStatements = ({ consumed, kept }: Unit) => [
  // One that was consumed before is found under its id, but not as kept, and one that is kept may have another hash: the
  // upsert meets its id then.
  ...consumed.map(({ id, run, at, hash }) => ({
    updateOne: {
      filter: { _id: id as never, status: 'kept', ...(hash === undefined ? {} : { hash }) },
      update: {
        $set: { status: 'consumed' },
        $unset: { state: '' },
        $setOnInsert: { run, at, order: '' },
      },
      upsert: true,
    },
  })),
  ...kept.map((item) => ({ insertOne: { document: toInboxDocument(item) as never } })),
];

function byType(units: readonly Unit[]): Map<string, RecordWrite[]> {
  const types = new Map<string, RecordWrite[]>();
  for (const write of units.flatMap(({ records }) => records))
    types.set(write.type, [...(types.get(write.type) ?? []), write]);
  return types;
}

const isUnknown = (error: unknown): boolean => hasLabel(error, 'UnknownTransactionCommitResult');

const toUnknown = (error: unknown) => unitErrors.error('outcome-unknown', messageOf(error), { cause: error });

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
