// Units as whole documents under guards, for a store that writes such without a transaction of ours.
import type { Connection } from 'mongoose';
import type { Unit } from '../engine/ports/engine-store.js';
import { endedStatuses } from '../engine/runtime/run-state.js';
import { EmbeddedClient } from './embedded/index.js';
import type { GuardedWrite } from './embedded/store.js';
import {
  toEffectDocument,
  toInboxDocument,
  toJournalDocument,
  toOutboxDocument,
  toRunDocument,
} from './engine-documents.js';
import type { EngineModels } from './engine-models.js';
import type { RecordBinding } from './record-binding.js';

/** Undefined for MongoDB, which has no such writes. */
export function guardedUnits(
  connection: Connection,
  models: EngineModels,
  bindings: ReadonlyMap<string, RecordBinding>,
): GuardedUnits | undefined {
  const client: unknown = connection.getClient();
  return client instanceof EmbeddedClient ? new GuardedUnits(client, models, bindings) : undefined;
}

export class GuardedUnits {
  readonly #client: EmbeddedClient;
  readonly #names: Readonly<Record<'runs' | 'journal' | 'effects' | 'inbox' | 'outbox', string>>;
  readonly #bindings: ReadonlyMap<string, RecordBinding>;

  constructor(client: EmbeddedClient, models: EngineModels, bindings: ReadonlyMap<string, RecordBinding>) {
    this.#client = client;
    const { runs, journal, effects, inbox, outbox } = models;
    this.#names = {
      runs: namespaceOf(runs),
      journal: namespaceOf(journal),
      effects: namespaceOf(effects),
      inbox: namespaceOf(inbox),
      outbox: namespaceOf(outbox),
    };
    this.#bindings = bindings;
  }

  /** Whether all that a unit writes are whole documents. */
  isWhole({ records }: Unit): boolean {
    return records.every((write) => this.#bindings.get(write.type)?.toGuarded?.(write) !== undefined);
  }

  /**
   * Writes all of the units or none. False: something was not as expected, or an item that is consumed was kept before: it is
   * written as if it had never been.
   */
  write(units: readonly Unit[]): Promise<boolean> {
    return this.#client.writeGuarded(units.flatMap((unit) => this.#writesOf(unit)));
  }

  #writesOf({ run, expected, journal, ...unit }: Unit): GuardedWrite[] {
    const names = this.#names;
    const written = (ns: string, document: GuardedWrite['document']): GuardedWrite => ({ ns, document });
    const final = (ns: string, document: GuardedWrite['document']): GuardedWrite => ({
      ns,
      document,
      isFinal: true,
    });
    return [
      {
        ...written(names.runs, toRunDocument(run)),
        ...(expected === undefined ? {} : { guard: { field: 'seq', value: expected } }),
        isFinal: endedStatuses.has(run.status),
      },
      ...journal.map((chunk) => final(names.journal, toJournalDocument(chunk))),
      ...unit.intents.map((effect) => written(names.effects, toEffectDocument(effect))),
      ...unit.settlements.map((effect) => ({
        ...written(names.effects, toEffectDocument(effect)),
        guard: { field: 'token', value: effect.token - 1 },
        isFinal: effect.claimAt === undefined,
      })),
      ...unit.consumed.map(({ id, run: of, at }) =>
        final(names.inbox, { _id: id, run: of, at, order: '', status: 'consumed' }),
      ),
      ...unit.kept.map((item) => final(names.inbox, toInboxDocument(item))),
      ...unit.outbox.map((row) => final(names.outbox, toOutboxDocument(row))),
      ...unit.records.map((write) => this.#bindings.get(write.type)!.toGuarded!(write)!),
    ];
  }
}

const namespaceOf = (model: EngineModels[keyof EngineModels]): string =>
  `${model.db.name}.${model.collection.collectionName}`;
