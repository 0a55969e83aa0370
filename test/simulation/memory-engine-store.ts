// The engine's store in memory, for the simulation: one thread, no waiting, the same guards as the real one. That it is
// the same store is checked by test/conformance/engine-store.ts, which both must pass.
import { isDeepStrictEqual } from 'node:util';
import type { Subject } from '../../engine/ports/subjects.js';
import { workKeysOf } from '../../engine/runtime/work.js';
import type { Between, FlowActivation, KeptEvent } from '../../engine/ports/engine-store.js';
import type {
  EffectState,
  EngineStore,
  FlowRef,
  FlowVersion,
  InboxItem,
  JournalChunk,
  OutboxRow,
  RecordQuery,
  RecordsPort,
  RecordType,
  RecordValue,
  RecordWrite,
  RunFilter,
  RunState,
  Schedule,
  Swept,
  Unit,
  VersionedRecord,
} from '../../engine/index.js';
import { toTaken } from '../../engine/runtime/claim.js';
import { versionAfter } from '../../engine/runtime/decision/record-writes.js';
import { listedStatus } from '../../engine/runtime/decision/left-open.js';
import { compareRecords, matchesQuery } from '../../engine/runtime/record-query.js';

interface StoredRun {
  seq: number;
  status: string;
  flow: string;
  subject: string | undefined;
  dueAt: string | undefined;
  inFlightUntil: string | undefined;
  claims: number;
  waitsOn: readonly string[];
  /** As JSON text: nobody shares an object with the store. */
  state: string;
}

interface StoredItem {
  run: string;
  kept: boolean;
  order: string;
  hash: string | undefined;
  state: string;
}

const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
const byText = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

const isWithin = (count: number, { least = 0, most = Number.POSITIVE_INFINITY }: Between): boolean =>
  count >= least && count <= most;

export class MemoryEngineStore implements EngineStore {
  readonly runs = new Map<string, StoredRun>();
  readonly journal = new Map<string, JournalChunk>();
  readonly inbox = new Map<string, StoredItem>();
  readonly effects = new Map<string, EffectState>();
  readonly outbox = new Map<string, OutboxRow>();
  readonly events = new Map<string, KeptEvent>();
  readonly flows = new Map<string, FlowVersion>();
  readonly schedules = new Map<string, Schedule>();
  readonly values = new Map<string, VersionedRecord>();
  readonly records: RecordsPort;

  constructor(types: readonly RecordType[]) {
    this.records = {
      types: new Map(types.map((type) => [type.name, type])),
      read: async (type, id) => this.recordOf(type, id),
      find: async (query) => this.#find(query),
    };
  }

  recordOf(type: string, id: string): VersionedRecord | undefined {
    return this.values.get(`${type}:${id}`);
  }

  /** Writes a record beside any run. */
  putRecord(type: string, value: RecordValue): void {
    const version = (this.recordOf(type, value.id)?.version ?? 0) + 1;
    this.values.set(`${type}:${value.id}`, { value: copy(value), version });
  }

  #find({ type, where, sort = [], limit }: RecordQuery): VersionedRecord[] {
    return [...this.values]
      .filter(([key, { value }]) => key === `${type}:${value.id}` && matchesQuery(value, where))
      .map(([, record]) => record)
      .sort((left, right) => compareRecords(left.value, right.value, sort))
      .slice(0, limit);
  }

  runOf(id: string): RunState | undefined {
    const stored = this.runs.get(id);
    if (stored === undefined) return undefined;
    const { state, dueAt, claims } = stored;
    const { dueAt: _dueAt, ...run } = JSON.parse(state) as RunState;
    return { ...run, claims, ...(dueAt === undefined ? {} : { dueAt }) };
  }

  /** Effects that runs have in flight, and those with documents of their own. */
  allEffects(): EffectState[] {
    const inFlight = [...this.runs.keys()].flatMap((id) => this.runOf(id)!.inFlight ?? []);
    return [...inFlight, ...this.effects.values()];
  }

  async loadRun(id: string): Promise<RunState | undefined> {
    return this.runOf(id);
  }

  async listRuns({ status, flow, subject, after, newest, limit }: RunFilter): Promise<RunState[]> {
    const key = subject === undefined ? undefined : `${subject.type}:${subject.id}`;
    return [...this.runs]
      .filter(
        ([id, run]) =>
          (status === undefined || run.status === status) &&
          (flow === undefined || run.flow === flow) &&
          (key === undefined || run.subject === key) &&
          (after === undefined || id > after),
      )
      .map(([id]) => this.runOf(id)!)
      .filter((run) => newest?.before === undefined || isBefore(run, newest.before))
      .sort((left, right) =>
        newest === undefined ? (left.id < right.id ? -1 : 1) : isBefore(left, right) ? 1 : -1,
      )
      .slice(0, limit);
  }

  async runsWithWork(names: readonly string[], limit: number, after = ''): Promise<RunState[]> {
    return [...this.runs.keys()]
      .filter((id) => id > after)
      .sort()
      .map((id) => this.runOf(id)!)
      .filter((run) => workKeysOf(run).some((key) => names.includes(key)))
      .slice(0, limit);
  }

  async hasHeld({ type, id }: Subject): Promise<boolean> {
    return [...this.runs.values()].some((run) => run.status === 'held' && run.subject === `${type}:${id}`);
  }

  async commit(unit: Unit): Promise<'committed' | 'conflict'> {
    if (!this.#holds(unit)) return 'conflict';
    const { run } = unit;
    this.runs.set(run.id, {
      seq: run.seq,
      status: listedStatus(run),
      flow: run.flow.name,
      subject: run.subject === undefined ? undefined : `${run.subject.type}:${run.subject.id}`,
      dueAt: run.dueAt,
      inFlightUntil: run.inFlightUntil,
      claims: run.claims,
      waitsOn: [...run.waitsOn],
      state: JSON.stringify(run),
    });
    for (const chunk of unit.journal) this.journal.set(chunk.id, copy(chunk));
    for (const effect of [...unit.detached, ...unit.settlements]) this.effects.set(effect.id, copy(effect));
    for (const { id, run: of, hash } of unit.consumed) {
      const known = this.inbox.get(id);
      const { run: kept = of, order = '' } = known ?? {};
      this.inbox.set(id, { run: kept, kept: false, order, hash: known?.hash ?? hash, state: '' });
    }
    for (const item of unit.kept) {
      this.inbox.set(item.id, {
        run: item.run,
        kept: true,
        order: `${item.at}:${run.seq}`,
        hash: item.hash,
        state: JSON.stringify(item),
      });
    }
    for (const row of unit.outbox) {
      const { ifAwaited: _ifAwaited, ...kept } = row;
      if (this.isNeeded(row)) this.outbox.set(row.id, copy(kept));
    }
    for (const write of unit.records) this.#write(write);
    return 'committed';
  }

  /** What may be left out is: nobody must need it later. */
  isNeeded({ ifAwaited }: OutboxRow): boolean {
    return (
      ifAwaited === undefined ||
      [...this.runs.values()].some(
        ({ waitsOn, status, subject }) =>
          waitsOn.includes(ifAwaited) || (status === 'held' && subject === ifAwaited),
      )
    );
  }

  #holds(unit: Unit): boolean {
    const { run, expected } = unit;
    if (this.runs.get(run.id)?.seq !== expected) return false;
    if (unit.journal.some(({ id }) => this.journal.has(id))) return false;
    if (unit.detached.some(({ id }) => this.effects.has(id))) return false;
    if (unit.settlements.some(({ id, token }) => this.effects.get(id)?.token !== token - 1)) return false;
    for (const { id, hash } of unit.consumed) {
      const known = this.inbox.get(id);
      if (known?.kept === false || (known && hash !== undefined && known.hash !== hash)) return false;
    }
    if (unit.kept.some(({ id }) => this.inbox.has(id))) return false;
    if (unit.outbox.some(({ id }) => this.outbox.has(id))) return false;
    // Since rows are left out that nobody needs.
    if (unit.awaited?.some(({ type, id, seen }) => !isDeepStrictEqual(this.recordOf(type, id), seen)))
      return false;
    return unit.records.every((write) => {
      const id = 'value' in write ? write.value.id : write.id;
      const stored = this.recordOf(write.type, id);
      return write.kind === 'create' ? stored === undefined : stored?.version === write.version;
    });
  }

  #write(write: RecordWrite): void {
    const id = 'value' in write ? write.value.id : write.id;
    const key = `${write.type}:${id}`;
    if (write.kind === 'delete') {
      this.values.delete(key);
      return;
    }
    const value = 'value' in write ? copy(write.value) : this.values.get(key)!.value;
    this.values.set(key, { value, version: versionAfter(write) });
  }

  async journalOf(run: string, after: number, limit: number): Promise<JournalChunk[]> {
    return [...this.journal.values()]
      .filter((chunk) => chunk.run === run && chunk.seq > after)
      .sort((left, right) => left.seq - right.seq || left.n - right.n)
      .slice(0, limit)
      .map(copy);
  }

  async enqueue(item: InboxItem): Promise<'new' | 'duplicate'> {
    if (this.inbox.has(item.id)) return 'duplicate';
    const { id, run, at: order, hash } = item;
    this.inbox.set(id, { run, kept: true, order, hash, state: JSON.stringify(item) });
    return 'new';
  }

  async knownItem(id: string): Promise<Pick<InboxItem, 'hash'> | undefined> {
    const known = this.inbox.get(id);
    return known && (known.hash === undefined ? {} : { hash: known.hash });
  }

  async discardItem(id: string): Promise<void> {
    const item = this.inbox.get(id);
    if (item !== undefined) item.kept = false;
  }

  async inboxOf(run: string): Promise<InboxItem[]> {
    return [...this.inbox.values()]
      .filter((item) => item.run === run && item.kept)
      .sort((left, right) => byText(left.order, right.order))
      .map(({ state }) => JSON.parse(state) as InboxItem);
  }

  async keptItems(after: string | undefined, limit: number): Promise<InboxItem[]> {
    return [...this.inbox]
      .filter(([id, { kept }]) => kept && (after === undefined || id > after))
      .sort(([left], [right]) => byText(left, right))
      .slice(0, limit)
      .map(([, { state }]) => JSON.parse(state) as InboxItem);
  }

  async claimDue(now: string, until: string, limit: number, claims: Between = {}): Promise<RunState[]> {
    const due = [...this.runs]
      .filter(
        ([, { dueAt, claims: before }]) => dueAt !== undefined && dueAt <= now && isWithin(before, claims),
      )
      .sort(
        ([, left], [, right]) =>
          (claims.least === undefined ? 0 : left.claims - right.claims) || byText(left.dueAt!, right.dueAt!),
      )
      .slice(0, limit);
    return due.map(([id, run]) => {
      run.dueAt = until;
      run.claims += 1;
      return this.runOf(id)!;
    });
  }

  async endLeases(now: string, until: string): Promise<void> {
    const isLater = (at: string | undefined): boolean => at !== undefined && at > now && at <= until;
    for (const run of this.runs.values()) if (run.claims > 0 && isLater(run.dueAt)) run.dueAt = now;
    for (const row of [...this.outbox.values()]) {
      if (row.attempt === 1 && isLater(row.claimAt)) this.outbox.set(row.id, { ...row, claimAt: now });
    }
  }

  async countClaim(run: string, by: 1 | -1): Promise<number> {
    const stored = this.runs.get(run);
    if (stored === undefined) return 0;
    stored.claims = Math.max(0, stored.claims + by);
    return stored.claims;
  }

  async nextDue(after: string): Promise<string | undefined> {
    const all = [
      ...[...this.runs.values()].flatMap(({ dueAt, inFlightUntil }) => [dueAt, inFlightUntil]),
      ...[...this.effects.values()].map(({ claimAt }) => claimAt),
      ...[...this.outbox.values()].map(({ claimAt }) => claimAt),
    ];
    return all.filter((at) => at !== undefined && at > after).sort()[0];
  }

  async runsInFlight(until: string, after = '', limit: number): Promise<RunState[]> {
    return [...this.runs]
      .filter(
        ([id, { inFlightUntil }]) => id > after && inFlightUntil !== undefined && inFlightUntil <= until,
      )
      .map(([id]) => this.runOf(id)!)
      .sort((left, right) => byText(left.id, right.id))
      .slice(0, limit);
  }

  async runsWaitingOn(key: string, limit: number, after = ''): Promise<string[]> {
    return [...this.runs]
      .filter(([id, { waitsOn }]) => id > after && waitsOn.includes(key))
      .map(([id]) => id)
      .sort(byText)
      .slice(0, limit);
  }

  async claimEffects(now: string, owner: string, until: string, limit: number): Promise<EffectState[]> {
    const due = [...this.effects.values()]
      .filter(({ claimAt }) => claimAt !== undefined && claimAt <= now)
      .sort((left, right) => byText(left.claimAt!, right.claimAt!))
      .slice(0, limit);
    return due.map((before) => {
      const effect = toTaken(before, owner, until);
      this.effects.set(effect.id, effect);
      return copy(effect);
    });
  }

  async effectsTaken(
    now: string,
    until: string,
    after: string | undefined,
    limit: number,
  ): Promise<EffectState[]> {
    return [...this.effects.values()]
      .filter(
        ({ id, claimAt }) => claimAt !== undefined && claimAt > now && claimAt <= until && id > (after ?? ''),
      )
      .sort((left, right) => byText(left.id, right.id))
      .slice(0, limit)
      .map(copy);
  }

  async loadEffect(id: string): Promise<EffectState | undefined> {
    const found = this.effects.get(id);
    return found === undefined ? undefined : copy(found);
  }

  async effectsOf(run: string): Promise<EffectState[]> {
    return [...this.effects.values()].filter((effect) => effect.run === run).map(copy);
  }

  async saveEffect(effect: EffectState, token: number): Promise<boolean> {
    if (this.effects.get(effect.id)?.token !== token) return false;
    this.effects.set(effect.id, copy(effect));
    return true;
  }

  async claimOutbox(now: string, until: string, limit: number): Promise<OutboxRow[]> {
    const due = [...this.outbox.values()]
      .filter(({ claimAt }) => claimAt <= now)
      .sort((left, right) => byText(left.claimAt, right.claimAt));
    const firsts = [...new Set(due.map(({ key }) => key))].flatMap((key) => {
      const [first] = [...this.outbox.values()]
        .filter((row) => row.key === key)
        .sort((left, right) => byText(left.order, right.order));
      return first === undefined || first.claimAt > now ? [] : [first];
    });
    return firsts.slice(0, limit).map((first) => {
      this.outbox.set(first.id, { ...first, claimAt: until, attempt: first.attempt + 1 });
      return copy(first);
    });
  }

  async putEvent(event: KeptEvent, row: OutboxRow): Promise<'new' | 'duplicate'> {
    if (this.events.has(event.id)) return 'duplicate';
    this.events.set(event.id, copy(event));
    return this.putOutbox(row);
  }

  async loadEvent(id: string): Promise<KeptEvent | undefined> {
    return this.events.get(id);
  }

  async putOutbox(row: OutboxRow): Promise<'new' | 'duplicate'> {
    if (this.outbox.has(row.id)) return 'duplicate';
    this.outbox.set(row.id, copy(row));
    return 'new';
  }

  async sweep(): Promise<Swept> {
    return { removed: 0 };
  }

  async loadSchedule(flow: string): Promise<Schedule | undefined> {
    return this.schedules.get(flow);
  }

  async saveSchedule(schedule: Schedule, before: Schedule | undefined): Promise<boolean> {
    const stored = this.schedules.get(schedule.flow);
    if (stored?.pattern !== before?.pattern || stored?.nextAt !== before?.nextAt) return false;
    this.schedules.set(schedule.flow, schedule);
    return true;
  }

  async ackOutbox(id: string): Promise<void> {
    this.outbox.delete(id);
  }

  async delayOutbox(id: string, claimAt: string): Promise<void> {
    const row = this.outbox.get(id);
    if (row !== undefined) this.outbox.set(id, { ...row, claimAt });
  }

  async saveDraft(version: FlowVersion): Promise<boolean> {
    const key = `${version.name}:${version.version}`;
    if (this.flows.has(key)) return false;
    this.flows.set(key, copy(version));
    return true;
  }

  async flowByHash(hash: string): Promise<FlowVersion | undefined> {
    return [...this.flows.values()].find((version) => version.hash === hash);
  }

  async flowByVersion(name: string, version: number): Promise<FlowVersion | undefined> {
    return this.flows.get(`${name}:${version}`);
  }

  async activeFlow(name: string): Promise<FlowRef | undefined> {
    const found = [...this.flows.values()].find((flow) => flow.name === name && flow.status === 'active');
    return found === undefined ? undefined : { name, version: found.version, hash: found.hash };
  }

  async listFlows(filter: { name?: string; status?: FlowVersion['status'] }): Promise<FlowVersion[]> {
    return [...this.flows.values()]
      .filter(
        ({ name, status }) =>
          (filter.name === undefined || name === filter.name) &&
          (filter.status === undefined || status === filter.status),
      )
      .sort((left, right) => byText(left.name, right.name) || left.version - right.version);
  }

  async takeFlows(drafts: readonly FlowVersion[], activations: readonly FlowActivation[]): Promise<boolean> {
    const flows = new Map(this.flows);
    for (const draft of drafts) {
      if (flows.has(`${draft.name}:${draft.version}`)) return false;
      flows.set(`${draft.name}:${draft.version}`, copy(draft));
    }
    const activeOf = (name: string): FlowVersion | undefined =>
      [...flows.values()].find((flow) => flow.name === name && flow.status === 'active');
    for (const { name, version, expected, activated, relied = activeOf(name)?.relied } of activations) {
      const active = activeOf(name);
      if ((active?.version ?? 0) !== expected || (active?.relied ?? 0) !== (relied ?? 0)) return false;
      if (active !== undefined) flows.set(`${name}:${active.version}`, { ...active, status: 'retired' });
      if (version === 0) continue;
      const chosen = flows.get(`${name}:${version}`);
      if (chosen === undefined) return false;
      flows.set(`${name}:${version}`, {
        ...chosen,
        status: 'active',
        ...(activated === undefined ? {} : { activated }),
      });
    }
    for (const name of new Set(activations.flatMap(({ calls = [] }) => calls))) {
      const active = activeOf(name);
      if (active === undefined) return false;
      flows.set(`${name}:${active.version}`, { ...active, relied: (active.relied ?? 0) + 1 });
    }
    for (const [key, version] of flows) this.flows.set(key, version);
    return true;
  }
}

const isBefore = (
  left: { readonly startedAt: string; readonly id: string },
  right: { readonly startedAt: string; readonly id: string },
): boolean => (left.startedAt === right.startedAt ? left.id < right.id : left.startedAt < right.startedAt);
