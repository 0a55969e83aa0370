// Drives runs: an item comes, a segment takes it, a unit is committed. One at a time for each run in this process;
// between processes the run's `seq` decides. A conflict runs the segment again, never only the commit.
import { RecourseError } from '../errors/recourse-error.js';
import { engineLimits } from '../limits.js';
import type { EffectState, EngineStore, Unit } from '../ports/engine-store.js';
import type { Ids } from '../ports/ids.js';
import { Decider, type DeciderParts } from './decision/decide.js';
import type { UnitDecision } from './decision/decision.js';
import type { Delivery, DeliveryOptions, Refused } from './decision/delivery.js';
import { isInfrastructure } from './segment/faults.js';
import { toIncident } from './decision/incidents.js';
import { inFlightIn } from './in-flight.js';
import { toIso } from './instants.js';
import { takes } from './decision/item-rules.js';
import { changedWhileParking } from './decision/parked-records.js';
import { runErrors } from './run-errors.js';
import {
  endedStatuses,
  type InboxItem,
  isLive,
  type PendingRetry,
  type RunState,
  stoppedStatuses,
} from './run-state.js';
import { inShape } from './run-shape.js';
import { toRunText } from './run-text.js';
import type { SegmentMoved, SegmentWorld } from './segment/segment-task.js';
import { hasLost } from './decision/settle-effect.js';
import { Turns } from './turns.js';
import { type Changed, toItemEntry, toUnit, type UnitParts } from './units.js';

export interface DriverParts extends DeciderParts {
  readonly store: EngineStore;
  readonly ids: Ids;
  /** Another one when what is told of records (`starts`) may be other than before. */
  readonly era: () => number;
}

/** A change of a run by an operator, decided on its stored state. */
export type Change = (run: RunState) => Promise<{ readonly changed: Changed; readonly parts: UnitParts }>;

type Prepared =
  | Exclude<Delivery, { kind: 'taken' }>
  /** `parked`: what the segment has seen of the records that the run waits for now. */
  | {
      readonly kind: 'unit';
      readonly unit: Unit;
      readonly keeps: boolean;
      readonly parked: SegmentMoved['records'] | undefined;
    }
  /** Decided on what is not so any more. */
  | { readonly kind: 'outdated' };

const notAwaited = (): RecourseError =>
  runErrors.error('event-not-accepted', 'what waited for it when it came does so no more');

/** What is told after each commit. */
export interface CommitListener {
  committed(unit: Unit): void;
}

export class Driver {
  readonly #parts: DriverParts;
  readonly #decider: Decider;
  readonly #turns = new Turns();
  /** Runs as this worker committed them last; the stored `seq` shows when one is out of date. */
  readonly #cache = new Map<string, RunState>();
  readonly #background = new Set<Promise<unknown>>();
  readonly #committing = new Set<Promise<unknown>>();
  listener: CommitListener | undefined;

  constructor(parts: DriverParts) {
    this.#parts = parts;
    this.#decider = new Decider(parts);
  }

  /** Runs with something under way. */
  get inFlight(): number {
    return this.#turns.size;
  }

  get owner(): string {
    return this.#parts.owner;
  }

  get records(): SegmentWorld['records'] {
    return this.#parts.world.records;
  }

  get now(): string {
    return toIso(this.#parts.world.clock.now());
  }

  /** Gives an item to its run. */
  deliver(item: InboxItem, options: DeliveryOptions = {}): Promise<Delivery> {
    return this.#turns.take(item.run, () => this.#deliver(item, options));
  }

  /** Changes a run in one unit, again if somebody else changed it meanwhile. @throws what `change` throws */
  change(id: string, change: Change): Promise<RunState> {
    return this.#turns.take(id, async () => {
      for (let conflicts = 0; conflicts < engineLimits.conflictsMax; conflicts += 1) {
        const run = await this.#stored(id);
        if (run === undefined) throw runErrors.error('unknown', `there is no run ${id}`);
        const { changed, parts } = await change(run);
        const unit = toUnit(run, changed, parts, this.#parts.ids);
        if (await this.#commit(unit)) return unit.run;
      }
      throw runErrors.error('contended', `the run ${id} is changed by many at once`);
    });
  }

  /**
   * Changes what a run has in flight, beside whatever else is under way with it; false: somebody else has changed the run
   * meanwhile. It waits for no turn: a lease has to be renewed while a segment takes its time, which is then run again.
   */
  changeInFlight(run: RunState, parts: UnitParts): Promise<boolean> {
    const unit = toUnit(run, run, parts, this.#parts.ids);
    // Nothing has come of what the run was given: that still counts.
    return this.#write({ ...unit, run: { ...unit.run, claims: run.claims } });
  }

  /** When what is being committed now has been. */
  async committed(): Promise<void> {
    await Promise.allSettled([...this.#committing]);
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
    while (this.#background.size > 0 || this.#turns.size > 0) {
      await Promise.allSettled([...this.#background, ...this.#turns.ends]);
    }
  }

  /**
   * Gives a run what may have ended a worker before. It counts as a claim of the run: one that ends its worker again and
   * again is stopped, and keeps the item.
   */
  async recover(item: InboxItem, options: DeliveryOptions = {}): Promise<Delivery> {
    const { store } = this.#parts;
    const run = await store.loadRun(item.run);
    if (run === undefined || !isLive(run) || !takes(run, item)) return this.deliver(item, options);
    const claims = await store.countClaim(run.id, 1);
    if (claims > engineLimits.recoveriesMax)
      await this.poison(run.id, `it was given ${item.id} ${claims} times, and nothing came of it`);
    try {
      return await this.deliver(item, options);
    } finally {
      await store.countClaim(run.id, -1);
    }
  }

  /** Looks for kept items that a run can take now. `recovers`: they may have ended a worker before. */
  async drainInbox(id: string, { recovers = false } = {}): Promise<void> {
    for (const item of await this.#parts.store.inboxOf(id)) {
      const delivery = await (recovers
        ? this.recover(item, { kept: true })
        : this.deliver(item, { kept: true }));
      if (delivery.kind === 'refused') await this.#noteRefused(item, delivery.error);
      if (delivery.kind !== 'stale' || stoppedStatuses.has(delivery.run.status)) continue;
      const isSignal = item.body.kind === 'signal' && !endedStatuses.has(delivery.run.status);
      // Only one that is buffered may be waited for later.
      if (!isSignal) await this.#parts.store.discardItem(item.id);
      else if (item.awaitedAt !== undefined) await this.#noteRefused(item, notAwaited());
    }
  }

  /** Tries again what is due. What has come meanwhile comes before it: it may be what keeps it from going on. */
  async tryAgain(id: string, retries: readonly PendingRetry[]): Promise<void> {
    await this.drainInbox(id);
    for (const retry of retries) await this.deliver(retry.item, { retry });
  }

  /** Who gave the item is not there any more: the journal has why it was not taken. */
  async #noteRefused(item: InboxItem, { code, message: detail }: RecourseError): Promise<void> {
    const entries = [{ ...(toItemEntry(item) as object), refused: { code, detail } }];
    const isGone = () => this.#isGone(item, { kept: true });
    try {
      await this.change(item.run, async (run) => {
        if (await isGone()) throw runErrors.error('event-not-accepted', `${item.id} was taken meanwhile`);
        return { changed: run, parts: { now: this.now, by: item.by, consumed: [item], entries } };
      });
    } catch (error) {
      if (!(await isGone())) throw error;
    }
  }

  /** Stops a run that ends its worker again and again. */
  async poison(id: string, detail: string): Promise<void> {
    await this.change(id, async (run) => {
      if (run.claims <= engineLimits.recoveriesMax)
        throw runErrors.error('contended', `the run ${id} has gone on meanwhile`);
      return {
        changed: {
          ...run,
          status: 'incident',
          dueAt: undefined,
          incident: toIncident('poison', 'run.poisoned', detail, undefined, this.now),
        },
        parts: { now: this.now, by: 'engine', entries: [{ incident: 'poison', detail }] },
      };
    });
  }

  /** The run as this worker committed it last: others may have changed it since. */
  known(id: string): RunState | undefined {
    return this.#cache.get(id);
  }

  async #load(id: string, isNew: boolean): Promise<RunState | undefined> {
    return this.#cache.get(id) ?? (isNew ? undefined : await this.#stored(id));
  }

  async #stored(id: string): Promise<RunState | undefined> {
    const run = await this.#parts.store.loadRun(id);
    return run && inShape(run);
  }

  async #deliver(item: InboxItem, options: DeliveryOptions): Promise<Delivery> {
    for (let conflicts = 0; conflicts < engineLimits.conflictsMax; conflicts += 1) {
      // Of the segment no more is remembered than this while its unit is being committed.
      const prepared = await this.#prepare(item, options, conflicts === 0);
      if (prepared.kind === 'outdated') continue;
      if (prepared.kind !== 'unit') return prepared;
      const { unit, keeps, parked } = prepared;
      if (await this.#commit(unit)) {
        if (parked !== undefined) await this.#recheck(unit, item, parked);
        return { kind: keeps ? 'kept' : 'taken', run: unit.run };
      }
      const noted = unit.consumed.length > 0 || unit.kept.some(({ id }) => id === item.id);
      if (noted && (await this.#isGone(item, options))) return { kind: 'duplicate' };
    }
    throw runErrors.error('contended', `the run ${item.run} is changed by many at once`);
  }

  /** What an item comes to: a unit to be committed, or what has become of it without one. `isFirst`: nobody has been in the way yet. */
  async #prepare(item: InboxItem, options: DeliveryOptions, isFirst: boolean): Promise<Prepared> {
    const { store, log } = this.#parts;
    const cached = this.#cache.has(item.run);
    const stored = await this.#load(item.run, options.isNew === true && isFirst);
    const run = stored ?? (options.starts && inShape(options.starts));
    if (run === undefined) return { kind: 'unknown' };
    if (stored !== undefined && options.starts !== undefined) return { kind: 'duplicate' };
    // What a worker remembers may be out of date; nobody is refused because of it.
    const outdated = (): Prepared => {
      this.#cache.delete(item.run);
      return { kind: 'outdated' };
    };
    let effect: EffectState | undefined;
    if ('effect' in item.body) {
      const { effect: id } = item.body;
      effect = inFlightIn(run, id) ?? (isFirst ? options.effect : undefined) ?? (await store.loadEffect(id));
      const { effect: before } = options;
      if (before !== undefined && (effect === undefined || hasLost(before, effect, item)))
        return cached ? outdated() : { kind: 'stale', run };
    }
    const era = this.#parts.era();
    const decision = await this.#decider.decide({ run, item, options, effect });
    if (decision.kind !== 'unit') {
      if (cached) return outdated();
      if (decision.kind !== 'enqueue') return decision;
      const kept = await store.enqueue(decision.item);
      return kept === 'new' ? { kind: 'kept', run } : { kind: 'duplicate' };
    }
    const unit = this.#toUnit(stored, decision);
    if ('kind' in unit) return cached ? outdated() : unit;
    const leavesOut = unit.outbox.some(({ ifAwaited }) => ifAwaited !== undefined);
    if (leavesOut && era !== this.#parts.era()) return { kind: 'outdated' };
    if (unit.run.seq === engineLimits.segmentsPerRunWarn)
      log.warn({ run: run.id }, 'the run has many segments');
    const { keeps = false, moved } = decision;
    const waits = unit.run.waitsOn.length > 0 && unit.run.status !== 'incident';
    return { kind: 'unit', unit, keeps, parked: waits ? moved?.end.records : undefined };
  }

  /** Whether somebody else has taken an item meanwhile. */
  async #isGone({ id, run }: InboxItem, { kept }: DeliveryOptions): Promise<boolean> {
    const { store } = this.#parts;
    if (kept !== true) return (await store.knownItem(id)) !== undefined;
    return (await store.inboxOf(run)).every((item) => item.id !== id);
  }

  #toUnit(stored: RunState | undefined, { changed, parts, moved }: UnitDecision): Unit | Refused {
    const unit = toUnit(stored, changed, parts, this.#parts.ids);
    if (moved === undefined || toRunText(unit.run).length <= engineLimits.runStateBytesMax) return unit;
    const instead = moved.ifTooLarge();
    return instead.kind === 'refused' ? instead : this.#toUnit(stored, this.#decider.told(unit.run, instead));
  }

  /** What a start would come to; nothing is written. @throws {RecourseError} what the start would be refused with */
  preview(item: InboxItem, run: RunState): Promise<SegmentMoved> {
    return this.#decider.preview(item, run);
  }

  /** Looks again at the records that a parked run waits for: they may have changed while it was being parked. */
  async #recheck(unit: Unit, item: InboxItem, seen: SegmentMoved['records']): Promise<void> {
    for await (const { type, id } of changedWhileParking(unit, item, seen, this.records)) {
      this.inBackground(this.deliver(this.recordItem(unit.run.id, type, id)), 'a record that was waited for');
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

  /** Whether the unit was committed; false: something it was decided on has changed. */
  async #commit(unit: Unit): Promise<boolean> {
    if (!(await this.#write(unit))) return false;
    this.listener?.committed(unit);
    return true;
  }

  async #write(unit: Unit): Promise<boolean> {
    const { store } = this.#parts;
    const { id, seq } = unit.run;
    let committed: boolean;
    const committing = store.commit(unit);
    this.#committing.add(committing);
    try {
      committed = (await committing) === 'committed';
    } catch (error) {
      this.#cache.delete(id);
      if (!(error instanceof RecourseError) || error.code !== 'unit.outcome-unknown') throw error;
      const [chunk] = await store.journalOf(id, seq - 1, 1);
      committed = chunk?.unit === unit.journal[0]?.unit;
    } finally {
      this.#committing.delete(committing);
    }
    if (!committed) {
      this.#cache.delete(id);
      return false;
    }
    this.#remember(unit.run);
    return true;
  }

  #remember(run: RunState): void {
    if (endedStatuses.has(run.status)) {
      this.#cache.delete(run.id);
      return;
    }
    this.#cache.set(run.id, run);
    if (this.#cache.size > engineLimits.cachedRunsMax) this.#cache.delete(this.#cache.keys().next().value!);
  }
}
