// What the engine asks of a store. A unit is written whole, or nothing of it.
import type { FlowDefinition, Json, RetryDefinition } from '../definition/flow.js';
import { defineErrors } from '../errors/catalogue.js';
import type { FlowRef, InboxItem, RunState, RunStatus } from '../runtime/run-state.js';
import type { RecordWrite, VersionedRecord } from './records.js';
import type { Subject } from './subjects.js';

export const unitErrors = defineErrors('unit', {
  'outcome-unknown': {
    status: 503,
    title: 'Not known whether a unit was committed',
    who: 'operator',
    retryable: true,
    remedy: 'Nothing: the engine looks for the journal entry of the unit.',
  },
});

export interface Unit {
  /** As it is to be stored; its `seq` is the expected one + 1. */
  readonly run: RunState;
  /** Sequence that the stored run must have; undefined: the run must not exist yet. */
  readonly expected: number | undefined;
  /** At least one; its id tells later whether the unit was committed. */
  readonly journal: readonly JournalChunk[];
  readonly records: readonly RecordWrite[];
  /** Effects that the unit begins. They are in `run.inFlight`, and nowhere else. */
  readonly intents: readonly EffectState[];
  /** Effects that leave `run.inFlight` for documents of their own; there must be none yet. */
  readonly detached: readonly EffectState[];
  /** Documents of effects as they are to be stored; each stored one must have the token before. */
  readonly settlements: readonly EffectState[];
  readonly outbox: readonly OutboxRow[];
  /** Items of the inbox that this unit consumes. One that is kept with another hash is another item: a conflict. */
  readonly consumed: readonly InboxItem[];
  /** Items to be kept for later. */
  readonly kept: readonly InboxItem[];
  /**
   * Records that the run waits for from now on, as its segment has seen them. A store that leaves out rows (`ifAwaited`) commits the
   * unit only if they still are so: else a change would be told to nobody.
   */
  readonly awaited?: readonly SeenRecord[];
}

export interface SeenRecord {
  readonly type: string;
  readonly id: string;
  /** Undefined: there was none. */
  readonly seen: VersionedRecord | undefined;
}

/** `id`: `<run>:<seq>:<n>`, with `seq` in six digits: ids sort as the chunks do. */
export interface JournalChunk {
  readonly id: string;
  /** Unique to one attempt to commit; two workers that race for one `seq` are told apart by it. */
  readonly unit: string;
  readonly run: string;
  readonly seq: number;
  readonly n: number;
  readonly at: string;
  readonly by: string;
  readonly entries: readonly Json[];
}

/**
 * An external effect. `intended`: to be made, or in flight; `done`, `failed`, `inDoubt`, `skipped`: settled.
 * `claimAt` is when a worker may take it: the time of its next attempt, or the end of the lease.
 */
export interface EffectState {
  /** Idempotency key: `<run>:<frame>:<element>:<visit>`. */
  readonly id: string;
  readonly run: string;
  readonly frame: string;
  readonly element: string;
  readonly visit: number;
  readonly action: string;
  readonly input: Json;
  readonly user: RunState['user'];
  /** The element's policy, else the action's. */
  readonly retry?: RetryDefinition;
  readonly state: 'intended' | 'done' | 'failed' | 'inDoubt' | 'skipped';
  /** Sequence of the run at the intent; what was done later is undone first. */
  readonly seq: number;
  readonly at: string;
  /** Calls begun so far. */
  readonly attempt: number;
  readonly firstAttemptAt?: string;
  readonly output?: Json;
  readonly error?: Json;
  /** The run had gone on without it when its outcome came. */
  readonly late?: boolean;
  readonly undo?: {
    readonly state: 'intended' | 'done' | 'failed' | 'inDoubt';
    readonly cause: 'late' | 'compensate';
    readonly attempt: number;
    readonly detail?: string;
  };
  readonly claimAt?: string;
  readonly owner?: string;
  /** Raised by each claim and each change: the compare-and-swap of the effect. */
  readonly token: number;
  /** Claims after a lease that nobody ended. */
  readonly lost: number;
}

export interface OutboxRow {
  /** `<run>:<frame>:<element>:<visit>:<n>`: the same whenever the segment is run again. */
  readonly id: string;
  readonly run: string;
  readonly topic: string;
  /** Rows with one key are delivered in order. */
  readonly key: string;
  readonly payload: Json;
  readonly at: string;
  /** Sorts the rows of a key. */
  readonly order: string;
  readonly attempt: number;
  readonly claimAt: string;
  /**
   * `<type>:<id>` of a record: only the runs need the row that wait for this record, or are held because of it. A store may leave
   * it out of a unit if, as the unit is committed, there are none. It is not kept: rows that are claimed don't have it.
   */
  readonly ifAwaited?: string;
}

/** An event that was told from outside; kept so that it is told once, and to say what came of it. */
export interface KeptEvent {
  readonly id: string;
  readonly event: string;
  readonly key?: string;
  /** Of all that was told: the same id can't tell of something else. */
  readonly hash: string;
  readonly by: string;
  readonly at: string;
  /** The flows that it may start, and how many runs were waiting for it, when it came. */
  readonly listeners: { readonly flows: readonly string[]; readonly runs: number };
}

export interface FlowVersion extends FlowRef {
  readonly status: 'draft' | 'active' | 'retired';
  readonly definition: FlowDefinition;
  readonly savedAt: string;
  readonly savedBy: string;
  /** Hash of the file it came from, if it came from one. */
  readonly source?: string;
  /** Who made it active, the last time: where it acts with all rights, they answer for it. */
  readonly activated?: Activated;
  /** How often flows that call it have been made active, because it was. */
  readonly relied?: number;
}

/** Who has made a version active, and when. */
export interface Activated {
  readonly by: string;
  readonly at: string;
}

/** A version to be made active (0: none), if the active one is `expected` (0: none). */
export interface FlowActivation {
  readonly name: string;
  readonly version: number;
  readonly expected: number;
  /** Who does it. */
  readonly activated?: Activated;
  /** How often the active one had been relied on when it was decided to give it up. */
  readonly relied?: number;
  /** Flows that it calls, and that have to be active then; it is noted that it relies on them. */
  readonly calls?: readonly string[];
}

export interface Swept {
  readonly removed: number;
  readonly next?: string;
}

/** When a scheduled flow starts next; unset: never again. */
export interface Schedule {
  readonly flow: string;
  /** Cron pattern and time zone that `nextAt` was computed from. */
  readonly pattern: string;
  readonly nextAt: string | undefined;
}

export interface RunFilter {
  readonly status?: RunStatus;
  readonly flow?: string;
  readonly subject?: { readonly type: string; readonly id: string };
  /** Ids greater than this one; in the order of ids, unless `newest` is given. */
  readonly after?: string;
  /** The latest start first; those before a position, where one is given. */
  readonly newest?: { readonly before?: { readonly startedAt: string; readonly id: string } };
  readonly limit: number;
}

/** How often at least, and at most. */
export interface Between {
  readonly least?: number;
  readonly most?: number;
}

/**
 * All methods throw `RecourseError`s; `store.*` with `retryable` means that nothing was done and the same call may
 * succeed later.
 */
export interface EngineStore {
  loadRun(id: string): Promise<RunState | undefined>;
  listRuns(filter: RunFilter): Promise<RunState[]>;
  /**
   * Commits a unit. `conflict`: something it is guarded by has changed, or an item was consumed before; nothing was
   * written.
   *
   * @throws {RecourseError} `unit.outcome-unknown`: ask `journalOf`.
   */
  commit(unit: Unit): Promise<'committed' | 'conflict'>;
  journalOf(run: string, after: number, limit: number): Promise<JournalChunk[]>;

  /** Keeps an item; `duplicate` if one with its id is there already or was consumed. */
  enqueue(item: InboxItem): Promise<'new' | 'duplicate'>;
  /** What is known of an item that is kept or was consumed: its hash, if it came with one. */
  knownItem(id: string): Promise<Pick<InboxItem, 'hash'> | undefined>;
  /** Marks a kept item as consumed, that nothing can take any more. */
  discardItem(id: string): Promise<void>;
  /** Items of a run that are kept, in order of arrival. */
  inboxOf(run: string): Promise<InboxItem[]>;
  /** Kept items of all runs, after an id. */
  keptItems(after: string | undefined, limit: number): Promise<InboxItem[]>;

  /**
   * Takes runs that are due and leases them until `until`; raises `claims` of each, which were within `claims`. Where
   * `claims` has a least, those that were taken least often come first.
   */
  claimDue(now: string, until: string, limit: number, claims?: Between): Promise<RunState[]>;
  /**
   * Makes due at `now` the runs, and the rows of the outbox that were taken once, whose leases end after `now` and by
   * `until`: who took them is gone.
   */
  endLeases(now: string, until: string): Promise<void>;
  /**
   * Counts that a run is about to be given something (1), or that it was given it and lives (-1), beside the claims of its
   * timers; the answer is the count. 0: there is no such run.
   */
  countClaim(run: string, by: 1 | -1): Promise<number>;
  /** Runs whose `inFlightUntil` is no later than an instant, in the order of their ids, after one. */
  runsInFlight(until: string, after: string | undefined, limit: number): Promise<RunState[]>;
  /** When the next run, lease of an effect or outbox row is due, of those after an instant. */
  nextDue(after: string): Promise<string | undefined>;
  /** Runs with open work for any of these names (`user:ada`, `group:supervisor`), however many, in the order of their ids, after one. */
  runsWithWork(names: readonly string[], limit: number, after?: string): Promise<RunState[]>;
  /** Whether a run on a record is held. */
  hasHeld(subject: Subject): Promise<boolean>;
  /** Runs that wait for a record or an event, in the order of their ids, after one. */
  runsWaitingOn(key: string, limit: number, after?: string): Promise<string[]>;

  /** Takes effects with documents of their own whose time has come or whose lease has ended. */
  claimEffects(now: string, owner: string, until: string, limit: number): Promise<EffectState[]>;
  /** Effects that are taken, or put off, until after `now` and by `until`, in the order of their ids, after one. */
  effectsTaken(now: string, until: string, after: string | undefined, limit: number): Promise<EffectState[]>;
  /** The document of an effect. One that is in flight in its run has none, and one that has ended and can't be undone needs none. */
  loadEffect(id: string): Promise<EffectState | undefined>;
  /** All effects of a run that have documents. */
  effectsOf(run: string): Promise<EffectState[]>;
  /** Writes an effect if the stored one has `token`; false if it hasn't. */
  saveEffect(effect: EffectState, token: number): Promise<boolean>;

  /** Takes the first row of each key that is due. */
  claimOutbox(now: string, until: string, limit: number): Promise<OutboxRow[]>;
  ackOutbox(id: string): Promise<void>;
  /** Keeps an event and adds the row that tells of it, both or none; `duplicate` if the event is kept already. */
  putEvent(event: KeptEvent, row: OutboxRow): Promise<'new' | 'duplicate'>;
  loadEvent(id: string): Promise<KeptEvent | undefined>;
  /** Adds a row outside any unit; `duplicate` if one with its id is there. */
  putOutbox(row: OutboxRow): Promise<'new' | 'duplicate'>;
  /** Puts a row off. */
  delayOutbox(id: string, claimAt: string): Promise<void>;

  /**
   * Looks at `limit` consumed items, or settled effects, after an id, and removes those of runs that ended before
   * `before`; or at events, and removes those that came before it. `next` is where to go on; undefined: that were all.
   */
  sweep(
    what: 'inbox' | 'effects' | 'events',
    before: string,
    after: string | undefined,
    limit: number,
  ): Promise<Swept>;

  loadSchedule(flow: string): Promise<Schedule | undefined>;
  /** Writes a schedule if the stored one is as `before` was; false if it isn't. */
  saveSchedule(schedule: Schedule, before: Schedule | undefined): Promise<boolean>;

  /** False if the flow has a version of this number already. */
  saveDraft(version: FlowVersion): Promise<boolean>;
  flowByHash(hash: string): Promise<FlowVersion | undefined>;
  flowByVersion(name: string, version: number): Promise<FlowVersion | undefined>;
  activeFlow(name: string): Promise<FlowRef | undefined>;
  listFlows(filter: {
    readonly name?: string;
    readonly status?: FlowVersion['status'];
  }): Promise<FlowVersion[]>;
  /**
   * Saves drafts, then makes versions active, notes who did, and retires those that were, all of it or nothing; false if a number is taken, one of them can't be made
   * active, a flow that one calls is not active, or one that is given up has been relied on since.
   */
  takeFlows(drafts: readonly FlowVersion[], activations: readonly FlowActivation[]): Promise<boolean>;
}
