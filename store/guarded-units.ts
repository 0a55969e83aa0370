// Units as whole documents under guards, for a store that writes such without a transaction of ours.
import type { ClientSession, Connection } from 'mongoose';
import type { EffectState, OutboxRow, Unit } from '../engine/ports/engine-store.js';
import { endedStatuses } from '../engine/runtime/run-state.js';
import type { EmbeddedClient } from './embedded/index.js';
import type { GuardedCheck, GuardedWrite, InsertIfAny } from './embedded/store.js';
import { embeddedClientOf } from './embedded-client.js';
import {
  toEffectDocument,
  toConsumedDocument,
  toInboxDocument,
  toJournalDocument,
  toOutboxDocument,
  toRunDocument,
} from './engine-documents.js';
import type { EngineModels } from './engine-models.js';
import { isWholeWrite, namespaceOf, type RecordBinding } from './record-binding.js';

/** Undefined for MongoDB, which has no such writes. */
export function guardedUnits(
  connection: Connection,
  models: EngineModels,
  bindings: ReadonlyMap<string, RecordBinding>,
): GuardedUnits | undefined {
  const client = embeddedClientOf(connection);
  return client && new GuardedUnits(client, models, bindings);
}

/** A row that may be left out. */
export type AwaitedRow = OutboxRow & { readonly ifAwaited: string };

export class GuardedUnits {
  readonly #client: EmbeddedClient;
  readonly #names: Readonly<Record<'runs' | 'journal' | 'effects' | 'inbox' | 'outbox', string>>;
  readonly #bindings: ReadonlyMap<string, RecordBinding>;

  constructor(client: EmbeddedClient, models: EngineModels, bindings: ReadonlyMap<string, RecordBinding>) {
    this.#client = client;
    const { runs, journal, effects, inbox, outbox } = models;
    this.#names = {
      runs: namespaceOf(runs.collection),
      journal: namespaceOf(journal.collection),
      effects: namespaceOf(effects.collection),
      inbox: namespaceOf(inbox.collection),
      outbox: namespaceOf(outbox.collection),
    };
    this.#bindings = bindings;
  }

  /** Has a transaction refused unless what runs begin to wait for is as they have seen it; false: it isn't now. */
  async checkAwaited(units: readonly Unit[], session: ClientSession): Promise<boolean> {
    const checks = this.#toChecks(units);
    return checks.length === 0 || (await this.#client.check(checks, session));
  }

  /** Whether a row may be left out: whoever begins to wait for such a record is refused if it has changed. */
  isIfAwaited(row: OutboxRow): row is AwaitedRow {
    const type = row.ifAwaited?.split(':', 1)[0];
    return type !== undefined && this.#bindings.get(type)?.toCheck !== undefined;
  }

  /** Adds rows to a transaction that may be left out of it. */
  insertAwaited(rows: readonly AwaitedRow[], session: ClientSession): Promise<void> {
    return this.#client.insertIfAny(
      rows.map((row) => this.#toAwaited(row)),
      session,
    );
  }

  #toAwaited(row: AwaitedRow): InsertIfAny {
    const { runs: ns, outbox } = this.#names;
    const { ifAwaited: value } = row;
    // Runs that wait for the record, and those that are held because of it.
    const ifAny = ['waitsOn_1__id_1', 'subject_1__id_1'].map((index) => ({ ns, index, value }));
    return { ns: outbox, document: toOutboxDocument(row), ifAny };
  }

  /** What a unit writes of records, as whole documents; undefined where that is not how all of it can be written. */
  toWhole({ records }: Unit): readonly GuardedWrite[] | undefined {
    const whole: GuardedWrite[] = [];
    for (const write of records) {
      const documents = isWholeWrite(write) ? this.#bindings.get(write.type)?.toGuarded?.(write) : undefined;
      if (documents === undefined) return undefined;
      whole.push(...documents);
    }
    return whole;
  }

  /**
   * Writes all of the units or none, and `records`, what they write of records. False: something was not as expected, or an item that is consumed was kept before: it is
   * written as if it had never been.
   */
  write(units: readonly Unit[], records: readonly GuardedWrite[]): Promise<boolean> {
    const { runs, journal, effects, inbox, outbox } = this.#names;
    // What is new of one collection stands together: the store writes it in few statements.
    const writes = [
      ...units.filter(({ expected }) => expected === undefined).map((unit) => toRunWrite(runs, unit)),
      ...units.flatMap((unit) => unit.journal.map((chunk) => final(journal, toJournalDocument(chunk)))),
      ...units.flatMap(({ detached }) => detached.map((effect) => toEffectWrite(effects, effect))),
      ...units.flatMap(({ consumed }) => consumed.map((item) => final(inbox, toConsumedDocument(item)))),
      ...units.flatMap(({ kept }) => kept.map((item) => final(inbox, toInboxDocument(item)))),
      ...units.flatMap((unit) =>
        unit.outbox.map(
          (row): GuardedWrite =>
            this.isIfAwaited(row) ? this.#toAwaited(row) : { ns: outbox, document: toOutboxDocument(row) },
        ),
      ),
      ...units.filter(({ expected }) => expected !== undefined).map((unit) => toRunWrite(runs, unit)),
      ...units.flatMap(({ settlements }) =>
        settlements.map((effect) => ({
          ...toEffectWrite(effects, effect),
          guard: { field: 'token', value: effect.token - 1 },
        })),
      ),
      ...records,
    ];
    return this.#client.writeGuarded(writes, this.#toChecks(units));
  }

  #toChecks(units: readonly Unit[]): GuardedCheck[] {
    return units.flatMap(({ awaited = [] }) =>
      awaited.flatMap(({ type, id, seen }) => this.#bindings.get(type)?.toCheck?.(id, seen) ?? []),
    );
  }
}

const final = (ns: string, document: GuardedWrite['document']): GuardedWrite => ({
  ns,
  document,
  isFinal: true,
});

const toRunWrite = (ns: string, { run, expected }: Unit): GuardedWrite => ({
  ns,
  document: toRunDocument(run),
  ...(expected === undefined ? {} : { guard: { field: 'seq', value: expected } }),
  isFinal: endedStatuses.has(run.status),
});

const toEffectWrite = (ns: string, effect: EffectState): GuardedWrite => ({
  ns,
  document: toEffectDocument(effect),
  isFinal: effect.claimAt === undefined,
});
