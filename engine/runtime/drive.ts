// Drives runs: an item comes, a segment takes it, a unit is committed. One at a time for each run in this process;
// between processes the run's `seq` decides. A conflict runs the segment again, never only the commit.
import { RecourseError } from '../errors/recourse-error.js';
import type { FlowVersions } from '../definition/versions.js';
import type { Json } from '../definition/flow.js';
import { engineLimits } from '../limits.js';
import type { EffectState, EngineStore, OutboxRow, Unit } from '../ports/engine-store.js';
import type { Ids } from '../ports/ids.js';
import type { Logger } from '../ports/logger.js';
import type { RecordValue, RecordWrite } from '../ports/records.js';
import type { SubjectPort, SubjectState } from '../ports/subjects.js';
import { activityAt, derive, waitsOf } from './frames.js';
import { toIso } from './instants.js';
import { runErrors } from './run-errors.js';
import {
  type Compensation,
  endedStatuses,
  type InboxItem,
  type Incident,
  type PendingRetry,
  type RunState,
  type RunStatus,
} from './run-state.js';
import { isInfrastructure, runSegment, type SegmentMoved, type SegmentWorld } from './segment.js';
import { toItemEntry, toUnit, type UnitParts } from './units.js';

export interface DriverParts {
  readonly store: EngineStore;
  readonly world: SegmentWorld;
  readonly versions: FlowVersions;
  readonly subjects: SubjectPort | undefined;
  readonly ids: Ids;
  readonly log: Logger;
  /** Name of this worker. */
  readonly owner: string;
  readonly refused?: (refusal: Refusal) => void;
}

/** What a caller's mistake has refused, and the steps that its discarded segment had passed. */
export interface Refusal {
  readonly run: RunState;
  readonly error: RecourseError;
  readonly trace: readonly Json[];
}

/** What became of an item. */
export type Delivery =
  | { readonly kind: 'taken'; readonly run: RunState }
  /** Kept for later: the run is stopped, or nothing waits for it yet. */
  | { readonly kind: 'kept'; readonly run: RunState }
  | { readonly kind: 'duplicate' }
  /** Nobody waits for it. */
  | { readonly kind: 'stale'; readonly run: RunState }
  | { readonly kind: 'refused'; readonly error: RecourseError }
  | { readonly kind: 'unknown' };

export interface DeliveryOptions {
  /** The item is in the inbox already. */
  readonly kept?: boolean;
  /** The effect as this worker knows it. */
  readonly effect?: EffectState;
  readonly retry?: PendingRetry;
  /** The run to be created by a start. */
  readonly starts?: RunState;
  /** A fault that is the sender's mistake refuses the item, instead of stopping the run at an incident. */
  readonly refusesFaults?: boolean;
  /** Looks at what the segment comes to before it is committed; an error refuses the item. */
  readonly accepts?: (end: SegmentMoved) => RecourseError | undefined;
}

/** A change of a run by an operator, decided on its stored state. */
export type Change = (run: RunState) => Promise<{ readonly changed: Changed; readonly parts: UnitParts }>;

/** A run with properties that may be unset. */
export type Changed = { readonly [Property in keyof RunState]: RunState[Property] | undefined };

/** What is told after each commit. */
export interface CommitListener {
  committed(unit: Unit): void;
}

const stopped: ReadonlySet<RunStatus> = new Set(['held', 'suspended', 'incident']);

export class Driver {
  readonly #parts: DriverParts;
  readonly #queues = new Map<string, Promise<unknown>>();
  /** Runs as this worker committed them last; the stored `seq` shows when one is out of date. */
  readonly #cache = new Map<string, RunState>();
  readonly #background = new Set<Promise<unknown>>();
  listener: CommitListener | undefined;

  constructor(parts: DriverParts) {
    this.#parts = parts;
  }

  /** Runs with something under way. */
  get inFlight(): number {
    return this.#queues.size;
  }

  get owner(): string {
    return this.#parts.owner;
  }

  get calendars(): Readonly<Record<string, unknown>> {
    return this.#parts.world.calendars;
  }

  get records(): SegmentWorld['records'] {
    return this.#parts.world.records;
  }

  get now(): string {
    return toIso(this.#parts.world.clock.now());
  }

  /** Gives an item to its run. */
  deliver(item: InboxItem, options: DeliveryOptions = {}): Promise<Delivery> {
    return this.#inTurn(item.run, () => this.#deliver(item, options));
  }

  /** Changes a run in one unit, again if somebody else changed it meanwhile. @throws what `change` throws */
  change(id: string, change: Change): Promise<RunState> {
    return this.#inTurn(id, async () => {
      for (let conflicts = 0; conflicts < engineLimits.conflictsMax; conflicts += 1) {
        const run = await this.#parts.store.loadRun(id);
        if (run === undefined) throw runErrors.error('unknown', `there is no run ${id}`);
        const { changed, parts } = await change(run);
        const unit = toUnit(run, changed, parts, this.#parts.ids);
        if (await this.#commit(unit)) return unit.run;
      }
      throw runErrors.error('contended', `the run ${id} is changed by many at once`);
    });
  }

  /** Lets something run on without anybody waiting for it; faults are logged. */
  inBackground(work: Promise<unknown>, what: string): void {
    const tracked = work
      .catch((error: unknown) => {
        const level = isInfrastructure(error) ? 'warn' : 'error';
        this.#parts.log[level](
          { what, error: error instanceof Error ? error.message : String(error) },
          'failed',
        );
      })
      .finally(() => this.#background.delete(tracked));
    this.#background.add(tracked);
  }

  /** When nothing is under way any more. */
  async idle(): Promise<void> {
    while (this.#background.size > 0 || this.#queues.size > 0) {
      await Promise.allSettled([...this.#background, ...this.#queues.values()]);
    }
  }

  /** Looks for kept items that a run can take now. */
  async drainInbox(id: string): Promise<void> {
    for (const item of await this.#parts.store.inboxOf(id)) {
      const delivery = await this.deliver(item, { kept: true });
      if (delivery.kind !== 'stale' || stopped.has(delivery.run.status)) continue;
      // Only a signal may be waited for later.
      if (item.body.kind !== 'signal' || endedStatuses.has(delivery.run.status)) {
        await this.#parts.store.discardItem(item.id);
      }
    }
  }

  /** Stops a run that ends its worker again and again. */
  async poison(id: string, detail: string): Promise<void> {
    await this.change(id, async (run) => ({
      changed: {
        ...run,
        status: 'incident',
        dueAt: undefined,
        incident: toIncident('poison', 'run.poisoned', detail, undefined, this.now),
      },
      parts: { now: this.now, by: 'engine', entries: [{ incident: 'poison', detail }] },
    }));
  }

  async #inTurn<T>(id: string, work: () => Promise<T>): Promise<T> {
    const before = this.#queues.get(id);
    const mine = (before ?? Promise.resolve()).then(work, work);
    this.#queues.set(id, mine);
    try {
      return await mine;
    } finally {
      if (this.#queues.get(id) === mine) this.#queues.delete(id);
    }
  }

  /** The run as this worker committed it last: others may have changed it since. */
  known(id: string): RunState | undefined {
    return this.#cache.get(id);
  }

  async #load(id: string): Promise<RunState | undefined> {
    return this.#cache.get(id) ?? (await this.#parts.store.loadRun(id));
  }

  async #deliver(item: InboxItem, options: DeliveryOptions): Promise<Delivery> {
    const { store, log } = this.#parts;
    let { effect } = options;
    for (let conflicts = 0; conflicts < engineLimits.conflictsMax; conflicts += 1) {
      const cached = this.#cache.has(item.run);
      const stored = await this.#load(item.run);
      const run = stored ?? options.starts;
      if (run === undefined) return { kind: 'unknown' };
      if (stored !== undefined && options.starts !== undefined) return { kind: 'duplicate' };
      if ('effect' in item.body) {
        effect ??= await store.loadEffect(item.body.effect);
        if (effect === undefined) return { kind: 'stale', run };
        if (options.effect !== undefined && hasLost(options.effect, effect, item))
          return { kind: 'stale', run };
      }
      const decision = this.#withoutRetry(run, item, options, await this.#decide(run, item, options, effect));
      if (decision.kind !== 'unit') {
        // What a worker remembers may be out of date; nobody is refused because of it.
        if (
          cached &&
          (decision.kind === 'stale' || decision.kind === 'refused' || decision.kind === 'enqueue')
        ) {
          this.#cache.delete(item.run);
          effect = undefined;
          continue;
        }
        if (decision.kind !== 'enqueue') return decision;
        const kept = await store.enqueue(decision.item);
        return kept === 'new' ? { kind: 'kept', run } : { kind: 'duplicate' };
      }
      const unit = toUnit(stored, decision.changed, decision.parts, this.#parts.ids);
      if (unit.run.seq === engineLimits.segmentsPerRunWarn)
        log.warn({ run: run.id }, 'the run has many segments');
      if (await this.#commit(unit)) {
        await decision.afterwards?.(unit);
        return { kind: decision.keeps === true ? 'kept' : 'taken', run: unit.run };
      }
      effect = undefined;
      if (options.kept !== true && unit.consumed.length > 0 && (await store.knowsItem(item.id))) {
        return { kind: 'duplicate' };
      }
    }
    throw runErrors.error('contended', `the run ${item.run} is changed by many at once`);
  }

  async #decide(
    run: RunState,
    item: InboxItem,
    options: DeliveryOptions,
    effect: EffectState | undefined,
  ): Promise<Decision> {
    const { body } = item;
    const pending = options.retry;
    if (pending !== undefined && !run.retries.some((retry) => isSame(retry, pending)))
      return { kind: 'stale', run };
    if (effect !== undefined && isSettledAlready(run, effect, item, options)) return { kind: 'stale', run };
    if (endedStatuses.has(run.status))
      return effect === undefined ? { kind: 'stale', run } : this.#late(run, item, options, effect);
    if (effect !== undefined && body.kind !== 'undone' && !isAwaited(run, effect))
      return this.#late(run, item, options, effect);
    if ((body.kind === 'undone' || body.kind === 'inDoubt') && effect?.undo?.cause === 'late')
      return this.#late(run, item, options, effect);
    if (stopped.has(run.status) && !isResolution(run, item, effect))
      return this.#keep(run, item, options, effect);
    if (body.kind === 'inDoubt' && effect !== undefined)
      return this.#doubt(run, item, options, effect, body.detail);

    if (body.kind === 'undone' && !body.ok && body.skipped !== true && effect !== undefined)
      return this.#notUndone(run, item, options, effect, body.detail ?? 'it could not be undone');

    const subject = await this.#subjectOf(run);
    if (subject.hold !== undefined && options.refusesFaults === true && run.seq === 0)
      return { kind: 'refused', error: runErrors.error('held', subject.hold.reason) };
    if (subject.hold !== undefined) return this.#hold(run, item, options, effect, subject);
    if (run.seq >= engineLimits.segmentsPerRunMax) return this.#limit(run, item, options);

    const end = await runSegment(this.#parts.world, {
      run,
      item,
      ...(effect === undefined ? {} : { effect }),
      ...(options.retry === undefined ? {} : { retry: options.retry }),
      owner: this.#parts.owner,
      leaseUntil: this.#leaseUntil(),
    });
    const retries = run.retries.filter((retry) => pending === undefined || !isSame(retry, pending));
    const base = { now: this.now, by: item.by, consumed: consumes(item, options) ? [item] : [] };
    switch (end.kind) {
      case 'stale':
        return { kind: 'stale', run };
      case 'refused':
        return end;
      case 'retry': {
        const all = [...retries, end.retry];
        const { status, dueAt } = derive(run.root, all);
        return {
          kind: 'unit',
          changed: { ...run, status, retries: all, dueAt, incident: undefined },
          parts: {
            ...base,
            entries: [toItemEntry(item), { retry: end.retry.attempt, at: end.retry.at }, ...end.journal],
            // The item stays, but its effect has ended: nobody must take it for lost.
            settlements: effect === undefined ? [] : settle(effect, item),
          },
        };
      }
      case 'incident':
        if (options.refusesFaults === true && end.thrown?.entry.who === 'caller') {
          this.#parts.refused?.({ run, error: end.thrown, trace: end.incident.trace });
          return { kind: 'refused', error: end.thrown };
        }
        return this.#incident(run, end.incident, retries, base, effect);
      case 'moved': {
        const error = options.accepts?.(end);
        if (error !== undefined) return { kind: 'refused', error };
      }
    }
    return this.#moved(run, item, end, subject, retries, base);
  }

  /** The state of what a run acts on; flows that look after holds are not stopped by one. */
  async #subjectOf({ subject, flow }: RunState): Promise<SubjectState> {
    const { subjects, versions } = this.#parts;
    if (subject === undefined || subjects === undefined) return {};
    const { hold, ...free } = await subjects.stateOf(subject);
    if (hold === undefined) return free;
    const { trigger } = (await versions.compiled(flow)).definition.start;
    return trigger.type === 'action' && trigger.whileHeld === true ? free : { ...free, hold };
  }

  /** What a start would come to; nothing is written. @throws {RecourseError} what the start would be refused with */
  async preview(item: InboxItem, run: RunState): Promise<SegmentMoved> {
    const { hold } = await this.#subjectOf(run);
    if (hold !== undefined) throw runErrors.error('held', hold.reason);
    const leaseUntil = this.#leaseUntil();
    const end = await runSegment(this.#parts.world, { run, item, owner: this.#parts.owner, leaseUntil });
    switch (end.kind) {
      case 'moved':
        return end;
      case 'refused':
        throw end.error;
      case 'incident':
        throw end.thrown ?? runErrors.error('preview-failed', end.incident.error.detail);
      default:
        throw runErrors.error('preview-failed', 'what it asks can not be had now');
    }
  }

  /** A retry that nobody waits for any more is forgotten, or it would be due for ever. */
  #withoutRetry(run: RunState, item: InboxItem, { retry }: DeliveryOptions, decision: Decision): Decision {
    if (decision.kind !== 'stale' || retry === undefined || stopped.has(run.status)) return decision;
    const retries = run.retries.filter((pending) => !isSame(pending, retry));
    if (retries.length === run.retries.length || endedStatuses.has(run.status)) return decision;
    const { status, dueAt } = derive(run.root, retries);
    const entry: Json = { ...(toItemEntry(item) as object), stale: true };
    return {
      kind: 'unit',
      changed: { ...run, status: run.compensation === undefined ? status : run.status, retries, dueAt },
      parts: { now: this.now, by: item.by, entries: [entry] },
    };
  }

  #moved(
    run: RunState,
    item: InboxItem,
    end: SegmentMoved,
    subject: SubjectState,
    retries: RunState['retries'],
    base: Pick<UnitParts, 'now' | 'by' | 'consumed'>,
  ): Decision {
    const { now } = base;
    const { status, dueAt, waitsOn, parked } = derive(end.root, retries);
    const ended = end.ended;
    const stuck = ended === undefined && !parked && end.compensation === undefined;
    if (stuck) return this.#incident(run, toStuck(run, item, now), retries, base, undefined);
    if (JSON.stringify(end.root).length > engineLimits.runStateBytesMax) {
      return this.#incident(run, toTooLarge(run, item, now), retries, base, undefined);
    }
    const writes = end.records.writes();
    const root = ended === undefined ? end.root : { ...end.root, activities: {} };
    const changed: Changed = {
      ...run,
      root,
      status: toStatus(ended, end.compensation, status),
      dueAt: ended === undefined ? dueAt : undefined,
      waitsOn: ended === undefined ? waitsOn : [],
      retries: ended === undefined ? retries : [],
      endedAt: ended === undefined ? undefined : now,
      outputs: typeof ended === 'object' ? ended.outputs : undefined,
      compensation: end.compensation,
      incident: undefined,
      held: undefined,
      actor: end.actor === run.user ? undefined : end.actor,
    };
    return {
      kind: 'unit',
      changed,
      parts: {
        ...base,
        entries: [toItemEntry(item), ...end.journal],
        records: withGuard(writes, subject.guard),
        intents: end.intents,
        settlements: end.settlements,
        outbox: [...end.outbox, ...toChangeRows(run, writes, end.records, this.records.types, now)],
        // What was to be tried again with the outcome of an effect is not any more: the effect came late.
        kept:
          ended === undefined
            ? []
            : retries.flatMap(({ item }) =>
                item.body.kind === 'outcome' ? [{ ...item, id: `${item.id}:late` }] : [],
              ),
      },
      afterwards: (unit) => this.#recheck(unit.run, item, end),
    };
  }

  /** Looks again at the records that a parked run waits for: they may have changed while it was being parked. */
  async #recheck(run: RunState, item: InboxItem, end: SegmentMoved): Promise<void> {
    if (run.waitsOn.length === 0) return;
    const written = new Set(
      end.records.writes().map((write) => `${write.type}:${'value' in write ? write.value.id : write.id}`),
    );
    for (const key of run.waitsOn) {
      const split = key.indexOf(':');
      const type = key.slice(0, split);
      const id = key.slice(split + 1);
      const seen = end.records.versionOf(type, id);
      if (seen === undefined && item.body.kind === 'record') continue;
      const stored = (await this.#parts.world.records.read(type, id))?.version;
      if (stored === (seen === undefined || !written.has(key) ? seen : seen + 1)) continue;
      this.inBackground(this.deliver(this.recordItem(run.id, type, id)), 'a record that was waited for');
    }
  }

  recordItem(run: string, type: string, id: string): InboxItem {
    return {
      id: `${run}:record:${this.#parts.ids.next()}`,
      run,
      body: { kind: 'record', type, id },
      by: 'engine',
      at: this.now,
    };
  }

  #incident(
    run: RunState,
    incident: Incident,
    retries: RunState['retries'],
    base: Pick<UnitParts, 'now' | 'by' | 'consumed'>,
    effect: EffectState | undefined,
  ): Decision {
    const { item } = incident;
    this.#parts.log.warn(
      { run: run.id, flow: run.flow.name, code: incident.error.code, ...incident.place },
      'the run stopped at an incident',
    );
    return {
      kind: 'unit',
      changed: { ...run, status: 'incident', incident, dueAt: undefined, retries },
      parts: {
        ...base,
        entries: [
          ...(item === undefined ? [] : [toItemEntry(item)]),
          {
            incident: incident.kind,
            ...incident.place,
            code: incident.error.code,
            detail: incident.error.detail,
          },
        ],
        settlements: item === undefined || effect === undefined ? [] : settle(effect, item),
      },
    };
  }

  #limit(run: RunState, item: InboxItem, options: DeliveryOptions): Decision {
    const detail = `the run has had ${run.seq} segments`;
    const incident = toIncident('limit', 'run.limit-segments', detail, item, this.now);
    // Stopping it takes a segment, too; the one that stops it is the last.
    return options.kept === true
      ? { kind: 'stale', run }
      : this.#incident(run, incident, run.retries, { now: this.now, by: item.by, consumed: [] }, undefined);
  }

  /** The run stops until its subject is free; the item stays. */
  #hold(
    run: RunState,
    item: InboxItem,
    options: DeliveryOptions,
    effect: EffectState | undefined,
    subject: SubjectState,
  ): Decision {
    const reason = subject.hold?.reason ?? '';
    const keeps = mustBeKept(item, options);
    return {
      kind: 'unit',
      keeps: true,
      changed: { ...run, status: 'held', held: { reason }, dueAt: undefined },
      parts: {
        now: this.now,
        by: item.by,
        entries: [toItemEntry(item), { held: reason }],
        // Lifted meanwhile, the hold would stop the run for ever: whoever lifts it has looked for held runs before.
        records: subject.guard === undefined ? [] : [subject.guard],
        settlements: effect === undefined ? [] : settle(effect, item),
        kept: keeps ? [toKept(run, item)] : [],
      },
    };
  }

  /** A stopped run takes nothing; what can't come again is kept. */
  #keep(run: RunState, item: InboxItem, options: DeliveryOptions, effect: EffectState | undefined): Decision {
    if (!mustBeKept(item, options)) return { kind: 'stale', run };
    if (effect === undefined) {
      return takes(run, item) ? { kind: 'enqueue', run, item: toKept(run, item) } : { kind: 'stale', run };
    }
    return {
      kind: 'unit',
      keeps: true,
      changed: run,
      parts: {
        now: this.now,
        by: item.by,
        entries: [{ ...(toItemEntry(item) as object), kept: true } as Json],
        settlements: settle(effect, item),
        kept: [item],
      },
    };
  }

  #doubt(
    run: RunState,
    item: InboxItem,
    options: DeliveryOptions,
    effect: EffectState,
    detail: string,
  ): Decision {
    const incident = toIncident('inDoubt', 'action.outcome-unknown', detail, item, this.now);
    return this.#effectIncident(run, item, options, effect, { ...incident, inputs: { input: effect.input } });
  }

  /** What can't be undone is for an operator to look at, before anything older is undone. */
  #notUndone(
    run: RunState,
    item: InboxItem,
    options: DeliveryOptions,
    effect: EffectState,
    detail: string,
  ): Decision {
    const incident = toIncident('effect', 'action.undo-failed', detail, item, this.now);
    const inputs = { input: effect.input, output: effect.output ?? null };
    return this.#effectIncident(run, item, options, effect, { ...incident, inputs });
  }

  /** Stops the run at an effect, where an operator finds what it was called with. */
  #effectIncident(
    run: RunState,
    item: InboxItem,
    options: DeliveryOptions,
    effect: EffectState,
    what: Incident,
  ): Decision {
    const { frame, element, visit, id } = effect;
    const incident: Incident = { ...what, place: { frame, element, visit }, effect: id };
    const consumed = consumes(item, options) ? [item] : [];
    return this.#incident(run, incident, run.retries, { now: this.now, by: item.by, consumed }, effect);
  }

  /** An effect that the run has gone on without: it is settled, and undone if it can be. */
  #late(run: RunState, item: InboxItem, options: DeliveryOptions, effect: EffectState): Decision {
    const [settledEffect = settledBefore(run, effect, item, options)] = settle(effect, item);
    if (settledEffect === undefined) return { kind: 'stale', run };
    const action = this.#parts.world.registries.actions.get(effect.action);
    const undoes = item.body.kind === 'outcome' && typeof action?.undo === 'function';
    const { frame, element, visit } = effect;
    if (item.body.kind === 'inDoubt')
      this.#parts.log.warn(
        { run: run.id, effect: effect.id },
        'in doubt, and the run has gone on without it',
      );
    return {
      kind: 'unit',
      changed: run,
      parts: {
        now: this.now,
        by: item.by,
        consumed: consumes(item, options) ? [item] : [],
        entries: [toItemEntry(item), { frame, element, visit, on: item.body.kind, late: true }],
        settlements: [
          {
            ...settledEffect,
            late: true,
            ...(undoes
              ? {
                  undo: { state: 'intended', cause: 'late', attempt: 1 } as const,
                  claimAt: this.#leaseUntil(),
                  owner: this.#parts.owner,
                  lost: 0,
                }
              : {}),
          },
        ],
      },
    };
  }

  #leaseUntil(): string {
    return toIso(this.#parts.world.clock.now() + engineLimits.leaseMs);
  }

  /** Whether the unit was committed; false: something it was decided on has changed. */
  async #commit(unit: Unit): Promise<boolean> {
    const { store } = this.#parts;
    const { id, seq } = unit.run;
    let committed: boolean;
    try {
      committed = (await store.commit(unit)) === 'committed';
    } catch (error) {
      this.#cache.delete(id);
      if (!(error instanceof RecourseError) || error.code !== 'unit.outcome-unknown') throw error;
      const [chunk] = await store.journalOf(id, seq - 1, 1);
      committed = chunk?.unit === unit.journal[0]?.unit;
    }
    if (!committed) {
      this.#cache.delete(id);
      return false;
    }
    this.#remember(unit.run);
    this.listener?.committed(unit);
    return true;
  }

  #remember(run: RunState): void {
    this.#cache.delete(run.id);
    if (endedStatuses.has(run.status)) return;
    if (this.#cache.size >= engineLimits.cachedRunsMax) this.#cache.delete(this.#cache.keys().next().value!);
    this.#cache.set(run.id, run);
  }
}

type Decision =
  | {
      readonly kind: 'unit';
      readonly changed: Changed;
      readonly parts: UnitParts;
      readonly keeps?: boolean;
      readonly afterwards?: (unit: Unit) => Promise<void>;
    }
  | { readonly kind: 'enqueue'; readonly run: RunState; readonly item: InboxItem }
  | Extract<Delivery, { kind: 'stale' | 'refused' }>;

/** Whether a run waits for a signal or an answer. */
export function takes(run: RunState, { body }: InboxItem): boolean {
  if (body.kind === 'start') return true;
  if (body.kind === 'record') return run.waitsOn.includes(`${body.type}:${body.id}`);
  for (const { place, wait } of waitsOf(run.root)) {
    if (body.kind === 'signal' && wait.kind === 'signal' && wait.signal === body.signal) return true;
    if (
      body.kind === 'answer' &&
      wait.kind === 'answer' &&
      wait.name === body.name &&
      place.frame === body.frame &&
      place.element === body.element &&
      place.visit === body.visit
    ) {
      return true;
    }
  }
  return false;
}

const isSame = (left: PendingRetry, right: PendingRetry): boolean =>
  left.item.id === right.item.id && left.attempt === right.attempt && left.at === right.at;

/** Items that are known by their id for ever. */
const fromOutside = ({ body }: InboxItem): boolean => body.kind === 'signal' || body.kind === 'answer';

/** Items that don't come again by themselves, and that the run does not have yet. */
const mustBeKept = ({ body }: InboxItem, { kept, retry }: DeliveryOptions): boolean =>
  kept !== true && retry === undefined && body.kind !== 'timer' && body.kind !== 'move';

/** The item as a stopped run keeps it: of the changes of one record, one is enough. */
const toKept = (run: RunState, item: InboxItem): InboxItem =>
  item.body.kind === 'record'
    ? { ...item, id: `${run.id}:record:${item.body.type}:${item.body.id}:${run.seq}` }
    : item;

/** Whether the unit writes down that the item was taken. Others are fenced by the activity that they are for. */
const consumes = (item: InboxItem, { kept, retry }: DeliveryOptions): boolean =>
  kept === true || (fromOutside(item) && retry === undefined);

/** Whether a run waits for the end of an effect, or of its undoing. */
export function isAwaited(run: RunState, { frame, element, visit, id, undo }: EffectState): boolean {
  if (undo?.state === 'intended' || undo?.state === 'inDoubt') return true;
  return activityAt(run.root, { frame, element, visit })?.effect === id;
}

/** Whether the effect's end has been written before: by another worker, or before a crash. */
function isSettledAlready(
  run: RunState,
  effect: EffectState,
  { body }: InboxItem,
  { kept, retry }: DeliveryOptions,
): boolean {
  const { state, undo } = effect;
  // It was settled when the run stopped, and is taken now.
  const again = kept === true || retry !== undefined;
  if (body.kind === 'outcome') return !again && state !== 'intended' && state !== 'inDoubt';
  if (body.kind === 'undone') {
    if (again && run.compensation?.remaining[0] === effect.id) return false;
    return undo === undefined || undo.state === 'done' || undo.state === 'failed';
  }
  if (body.kind === 'inDoubt') return (undo ?? effect).state !== (kept === true ? 'inDoubt' : 'intended');
  return false;
}

/**
 * Whether what a worker says of a call does not count any more: another one has taken the effect over, or it is about to
 * be undone. That a call was made counts whoever says so.
 */
function hasLost(before: EffectState, now: EffectState, { body }: InboxItem): boolean {
  if (body.kind === 'outcome' || (body.kind === 'undone' && body.ok)) return false;
  return now.owner !== before.owner || (now.undo === undefined) !== (before.undo === undefined);
}

/** What an incident has been waiting for: the truth about its effect, or an operator's move. */
function isResolution(run: RunState, { body }: InboxItem, effect: EffectState | undefined): boolean {
  if (run.status !== 'incident') return false;
  if (body.kind === 'move') return true;
  return effect !== undefined && run.incident?.effect === effect.id && body.kind !== 'inDoubt';
}

/** An effect that ended while its run was stopped, and that the run then went on without. */
function settledBefore(
  run: RunState,
  effect: EffectState,
  { body }: InboxItem,
  { kept, retry }: DeliveryOptions,
): EffectState | undefined {
  const { state, undo, late } = effect;
  const waits = (kept === true || retry !== undefined) && body.kind === 'outcome' && state === 'done';
  // The compensation will come to it.
  if (run.compensation?.remaining.includes(effect.id) === true) return undefined;
  return waits && undo === undefined && late !== true ? { ...effect, token: effect.token + 1 } : undefined;
}

/** The effect as an item leaves it. Empty: it was settled before. */
function settle(effect: EffectState, { body }: InboxItem): EffectState[] {
  const { claimAt: _claimAt, owner: _owner, ...rest } = effect;
  const base: EffectState = { ...rest, token: effect.token + 1 };
  const open = effect.state === 'intended' || effect.state === 'inDoubt';
  switch (body.kind) {
    case 'outcome':
      return open ? [{ ...base, state: 'done', output: body.output }] : [];
    case 'failed':
      return open
        ? [{ ...base, state: 'failed', error: { code: body.error.code, detail: body.error.detail } }]
        : [];
    case 'inDoubt':
      return effect.undo === undefined
        ? [{ ...base, state: 'inDoubt' }]
        : [{ ...base, undo: { ...effect.undo, state: 'inDoubt', detail: body.detail } }];
    case 'undone':
      return effect.undo === undefined
        ? []
        : [
            {
              ...base,
              undo: {
                ...effect.undo,
                state: body.ok ? 'done' : 'failed',
                ...(body.detail === undefined ? {} : { detail: body.detail }),
              },
            },
          ];
    default:
      return [];
  }
}

/** The subject's guard, unless the writes guard the same record themselves. */
function withGuard(writes: readonly RecordWrite[], guard: RecordWrite | undefined): readonly RecordWrite[] {
  if (guard === undefined) return writes;
  const idOf = (write: RecordWrite): string => ('value' in write ? write.value.id : write.id);
  return writes.some((write) => write.type === guard.type && idOf(write) === idOf(guard))
    ? writes
    : [...writes, guard];
}

/** Rows that tell of changed records: waits and record-change flows hang on them. */
function toChangeRows(
  run: RunState,
  writes: readonly RecordWrite[],
  records: SegmentMoved['records'],
  types: SegmentWorld['records']['types'],
  now: string,
): OutboxRow[] {
  return writes.flatMap((write) => {
    if (write.kind === 'touch') return [];
    const told = (value: RecordValue | undefined): Json =>
      value === undefined ? null : withoutOpaque(value, types.get(write.type)?.opaque);
    const id = 'value' in write ? write.value.id : write.id;
    const version = write.kind === 'create' ? 1 : write.version + 1;
    return [
      {
        id: `${run.id}:${write.type}:${id}:${version}:changed`,
        run: run.id,
        topic: 'record.changed',
        key: `record:${write.type}:${id}`,
        payload: {
          type: write.type,
          id,
          change: write.kind,
          depth: run.depth,
          value: told('value' in write ? write.value : undefined),
          prior: told(records.storedOf(write.type, id)),
        },
        at: now,
        order: '',
        attempt: 0,
        claimAt: now,
      },
    ];
  });
}

function withoutOpaque(value: RecordValue, opaque: string | undefined): Json {
  if (opaque === undefined) return value;
  const { [opaque]: _opaque, ...rest } = value;
  return rest;
}

function toStatus(
  ended: SegmentMoved['ended'],
  compensation: Compensation | undefined,
  otherwise: RunStatus,
): RunStatus {
  if (ended === 'cancelled') return 'cancelled';
  if (ended !== undefined) return 'done';
  return compensation === undefined ? otherwise : 'compensating';
}

/** An incident of the run as a whole. */
export function toIncident(
  kind: Incident['kind'],
  code: string,
  detail: string,
  item: InboxItem | undefined,
  at: string,
): Incident {
  const place = { frame: 'main', element: '$run', visit: 1 };
  return {
    kind,
    place,
    error: { code, detail, ...place },
    at,
    inputs: null,
    trace: [],
    ...(item === undefined ? {} : { item }),
  };
}

const toStuck = (run: RunState, item: InboxItem, at: string): Incident =>
  toIncident(
    'fault',
    'run.stuck',
    `${run.flow.name}: nothing is waited for, and the flow has not ended`,
    item,
    at,
  );

const toTooLarge = (run: RunState, item: InboxItem, at: string): Incident =>
  toIncident(
    'limit',
    'run.limit-state',
    `${run.flow.name}: the state is larger than ${engineLimits.runStateBytesMax} bytes`,
    item,
    at,
  );
