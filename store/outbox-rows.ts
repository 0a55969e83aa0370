// The rows of the outbox: claimed the first of each key, many at once, and taken away when they were delivered.
import { randomUUID } from 'node:crypto';
import type { OutboxRow } from '../engine/ports/engine-store.js';
import type { EmbeddedClient } from './embedded/index.js';
import { embeddedClientOf } from './embedded-client.js';
import { toOutboxDocument, toRow } from './engine-documents.js';
import type { EngineModels } from './engine-models.js';
import { insertOnce } from './insert-once.js';
import type { OutboxDocument } from './models/engine.js';
import { namespaceOf } from './record-binding.js';
import { TurnBatch } from './turn-batch.js';

const rowsReadPerKey = 4;
/** Larger ones are not sent to the store again to be claimed. */
const stateCharsWritten = 4 * 1024;
/** So often one claim looks past rows that wait behind others of their keys. */
const looksMax = 10;
/** While rows are found, those of other keys are looked for this often: there may be many to look past. */
const looksOnMs = 100;

export class OutboxRows {
  readonly #collection: EngineModels['outbox']['collection'];
  /** Absent on MongoDB, which has no writes under guards. */
  readonly #client: EmbeddedClient | undefined;
  #lookedOnAt = Number.NEGATIVE_INFINITY;
  readonly #acks = new TurnBatch<true>(async (ids) => {
    await this.#collection.deleteMany({ _id: { $in: ids as never[] } });
    return new Map<string, true>();
  });

  constructor({ outbox }: EngineModels) {
    this.#collection = outbox.collection;
    this.#client = embeddedClientOf(outbox.db);
  }

  put(row: OutboxRow): Promise<'new' | 'duplicate'> {
    return insertOnce(() => this.#collection.insertOne(toOutboxDocument(row) as never));
  }

  /** Leases rows that are due until an instant: of each key the first, if it is due. */
  async claim(now: string, until: string, limit: number): Promise<OutboxRow[]> {
    const claimed: OutboxRow[] = [];
    const keys = new Set<string>();
    for (let looks = 0; looks < looksMax && (looks === 0 || this.#looksOn(now, claimed)); looks += 1) {
      const wanted = limit - claimed.length;
      const due = await this.#due(now, [...keys], wanted);
      claimed.push(...(await this.#claimFirst(due, now, until)));
      if (due.length < wanted || claimed.length === limit) break;
      for (const { key } of due) keys.add(key);
    }
    return claimed;
  }

  /** Many rows of one key, which wait for its first, must not hide those of other keys. */
  #looksOn(now: string, claimed: readonly OutboxRow[]): boolean {
    const at = Date.parse(now);
    if (claimed.length > 0 && Math.abs(at - this.#lookedOnAt) < looksOnMs) return false;
    this.#lookedOnAt = at;
    return true;
  }

  async #due(now: string, without: readonly string[], limit: number): Promise<OutboxDocument[]> {
    const others = without.length === 0 ? {} : { key: { $nin: [...without] } };
    const found = await this.#collection
      .find({ claimAt: { $lte: now }, ...others }, { sort: { claimAt: 1 }, limit, hint: { claimAt: 1 } })
      .toArray();
    return found as unknown as OutboxDocument[];
  }

  async #claimFirst(due: readonly OutboxDocument[], now: string, until: string): Promise<OutboxRow[]> {
    if (due.length === 0) return [];
    const first = (await this.#firstOf(due)).filter(({ claimAt }) => claimAt <= now);
    if (first.length === 0) return [];
    if (await this.#claimWhole(first, until)) return first.map(toRow);
    const claim = randomUUID();
    const { matchedCount } = await this.#collection.bulkWrite(
      first.map(({ _id, claimAt }) => ({
        updateOne: {
          filter: { _id: _id as never, claimAt },
          update: { $set: { claimAt: until, claim }, $inc: { attempt: 1 } },
        },
      })),
      { ordered: false },
    );
    return (matchedCount === first.length ? first : await this.#claimed(first, claim)).map(toRow);
  }

  /** Claims all of them or none, by writing them as a whole, where the store takes such writes: updates cost it more. */
  async #claimWhole(rows: readonly OutboxDocument[], until: string): Promise<boolean> {
    if (this.#client === undefined || rows.some(({ state }) => state.length > stateCharsWritten))
      return false;
    const ns = namespaceOf(this.#collection);
    return this.#client.writeGuarded(
      rows.map((row) => ({
        ns,
        document: { ...row, claimAt: until, attempt: row.attempt + 1 },
        guard: { field: 'claimAt', value: row.claimAt },
      })),
    );
  }

  /** The first row of each key of these. Most keys have few rows; of one that has many, not all are read. */
  async #firstOf(rows: readonly OutboxDocument[]): Promise<OutboxDocument[]> {
    const keys = [...new Set(rows.map(({ key }) => key))];
    const limit = rowsReadPerKey * keys.length;
    const found = await this.#inOrder({ $in: keys }, limit);
    const first = new Map<string, OutboxDocument>();
    for (const row of found) if (!first.has(row.key)) first.set(row.key, row);
    if (found.length === limit) {
      const unread = keys.filter((key) => !first.has(key));
      for (const [row] of await Promise.all(unread.map((key) => this.#inOrder(key, 1)))) {
        if (row !== undefined) first.set(row.key, row);
      }
    }
    return [...first.values()];
  }

  async #inOrder(key: unknown, limit: number): Promise<OutboxDocument[]> {
    const sort = { key: 1, order: 1 } as const;
    const found = await this.#collection.find({ key: key as never }, { sort, limit }).toArray();
    return found as unknown as OutboxDocument[];
  }

  /** Those that this claim has got, when others have claimed at the same time. */
  async #claimed(rows: readonly OutboxDocument[], claim: string): Promise<OutboxDocument[]> {
    const ids = rows.map(({ _id }) => _id as never);
    const found = await this.#collection
      .find({ _id: { $in: ids }, claim }, { projection: { _id: 1 } })
      .toArray();
    const got = new Set(found.map(({ _id }) => String(_id)));
    return rows.filter(({ _id }) => got.has(_id));
  }

  async ack(id: string): Promise<void> {
    await this.#acks.get(id);
  }

  async delay(id: string, claimAt: string): Promise<void> {
    await this.#collection.updateOne({ _id: id as never }, { $set: { claimAt } });
  }
}
