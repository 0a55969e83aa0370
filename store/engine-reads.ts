// What the engine reads most, by key: each once for all that ask for it in one turn of the event loop.
import type { FlowRef, InboxItem, RunState } from '../engine/runtime/run-state.js';
import { toRun } from './engine-documents.js';
import type { EngineModels } from './engine-models.js';
import type { FlowDocument, RunDocument } from './models/engine.js';
import { guarded } from './store-faults.js';
import { oneOf, TurnBatch } from './turn-batch.js';

/** Kept items that are read together. */
const itemsMax = 1_000;
/** Runs that are read together. */
const waitingMax = 1_000;
/** Names whose work is looked for together. */
const namesMax = 100;

/** What is read for each key by itself. */
async function oneByOne<T>(
  keys: readonly string[],
  read: (key: readonly [string]) => Promise<ReadonlyMap<string, T>>,
): Promise<Map<string, T>> {
  const found = new Map<string, T>();
  for (const key of keys) for (const [name, value] of await read([key])) found.set(name, value);
  return found;
}

export class EngineReads {
  readonly #models: EngineModels;
  readonly #runs = new TurnBatch((ids) => guarded(() => this.#readRuns(ids)));
  readonly #inboxes = new TurnBatch((runs) => guarded(() => this.#readInboxes(runs)));
  readonly #waitingOn = new TurnBatch((keys) => guarded(() => this.#readWaitingOn(keys)));
  readonly #held = new TurnBatch((subjects) => guarded(() => this.#readHeld(subjects)));
  readonly #activeFlows = new TurnBatch((names) => guarded(() => this.#readActiveFlows(names)));

  constructor(models: EngineModels) {
    this.#models = models;
  }

  run(id: string): Promise<RunState | undefined> {
    return this.#runs.get(id);
  }

  /** Kept items of a run, in their order. */
  async inbox(run: string): Promise<InboxItem[]> {
    return (await this.#inboxes.get(run)) ?? [];
  }

  activeFlow(name: string): Promise<FlowRef | undefined> {
    return this.#activeFlows.get(name);
  }

  /** Whether a run on a subject, `<type>:<id>`, is held. */
  async hasHeld(subject: string): Promise<boolean> {
    return (await this.#held.get(subject)) === true;
  }

  /** Ids of the runs that wait on something, in order, so many at most. */
  async waitingOn(key: string, limit: number): Promise<string[]> {
    return ((await this.#waitingOn.get(key)) ?? []).slice(0, limit);
  }

  /** Runs with open work for any of the names, in order. */
  async withWork(names: readonly string[], limit: number, after = ''): Promise<RunState[]> {
    let ids: string[] = [];
    for (let at = 0; at < names.length; at += namesMax) {
      const range = { $gt: after, ...(ids.length < limit ? {} : { $lt: ids.at(-1) }) };
      const found = await this.#readWithWork(names.slice(at, at + namesMax), range, limit);
      ids = [...new Set([...ids, ...found])].sort().slice(0, limit);
    }
    const runs = await this.#readRuns(ids);
    return ids.flatMap((id) => runs.get(id) ?? []);
  }

  /** The first ids, and maybe others: of several names together no index has the order, so that these are all, or read name by name. */
  async #readWithWork(names: readonly string[], range: object, limit: number): Promise<string[]> {
    const sort = names.length === 1 ? { sort: { _id: 1 } as const } : {};
    const found = await this.#models.runs.collection
      .find({ workFor: oneOf(names), _id: range as never }, { ...sort, limit, projection: { _id: 1 } })
      .toArray();
    if (found.length < limit || names.length === 1) return found.map(({ _id }) => String(_id));
    return (await Promise.all(names.map((name) => this.#readWithWork([name], range, limit)))).flat();
  }

  async #readRuns(ids: readonly string[]): Promise<Map<string, RunState>> {
    const found = await this.#models.runs.collection.find({ _id: oneOf(ids) }).toArray();
    return new Map(found.map((run) => [String(run._id), toRun(run as unknown as RunDocument)]));
  }

  /** Few of the runs have anything; if that is too much to be read together, each is read by itself. */
  async #readInboxes(runs: readonly string[]): Promise<Map<string, InboxItem[]>> {
    const filter = { run: oneOf(runs), status: 'kept' };
    const sort = { run: 1, status: 1, order: 1 } as const;
    const found = await this.#models.inbox.collection.find(filter, { sort, limit: itemsMax }).toArray();
    if (found.length === itemsMax && runs.length > 1) return oneByOne(runs, (run) => this.#readInboxes(run));
    const inboxes = new Map<string, InboxItem[]>();
    for (const { run, state } of found) {
      const item = JSON.parse(String(state)) as InboxItem;
      const inbox = inboxes.get(String(run));
      if (inbox === undefined) inboxes.set(String(run), [item]);
      else inbox.push(item);
    }
    return inboxes;
  }

  /** Few keys have runs that wait; if these are too many to be read together, they are read key by key. */
  async #readWaitingOn(keys: readonly string[]): Promise<Map<string, string[]>> {
    // Of several keys together no index has the order: all runs that wait would be read for the first of them.
    const sort = keys.length === 1 ? { sort: { _id: 1 } as const } : {};
    const found = await this.#models.runs.collection
      .find({ waitsOn: oneOf(keys) }, { ...sort, limit: waitingMax, projection: { waitsOn: 1 } })
      .toArray();
    if (found.length === waitingMax && keys.length > 1)
      return oneByOne(keys, (key) => this.#readWaitingOn(key));
    const waiting = new Map<string, string[]>(keys.map((key) => [key, []]));
    for (const { _id, waitsOn } of found) {
      for (const key of waitsOn as string[]) waiting.get(key)?.push(String(_id));
    }
    if (keys.length > 1) for (const runs of waiting.values()) runs.sort();
    return waiting;
  }

  async #readHeld(subjects: readonly string[]): Promise<Map<string, true>> {
    const held = await this.#models.runs.collection.distinct('subject', {
      subject: oneOf(subjects),
      status: 'held',
    });
    return new Map(held.map((subject) => [String(subject), true]));
  }

  async #readActiveFlows(names: readonly string[]): Promise<Map<string, FlowRef>> {
    const found = await this.#models.flows.collection
      .find({ name: oneOf(names), status: 'active' }, { projection: { name: 1, version: 1, hash: 1 } })
      .toArray();
    return new Map(
      found.map((flow) => {
        const { name, version, hash } = flow as unknown as FlowDocument;
        return [name, { name, version, hash }];
      }),
    );
  }
}
