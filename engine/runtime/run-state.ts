// A run as it is stored between segments: one JSON document, changed only by compare-and-swap on `seq`.
import type { Json } from '../definition/flow.js';
import type { Wait } from '../elements/element.js';
import type { EffectState } from '../ports/engine-store.js';
import type { Subject } from '../ports/subjects.js';

export interface FlowRef {
  readonly name: string;
  readonly version: number;
  /** Content hash of the canonical definition. */
  readonly hash: string;
}

/**
 * - `active`: the engine has something to do: an effect in flight, a retry.
 * - `waiting`: for a time, a signal, a record or a person.
 * - `held`: its subject is on hold; `suspended`: an operator stopped it; `incident`: an operator must act.
 */
export type RunStatus =
  | 'active'
  | 'waiting'
  | 'held'
  | 'suspended'
  | 'incident'
  | 'compensating'
  | 'done'
  | 'failed'
  | 'cancelled';

export const endedStatuses: ReadonlySet<RunStatus> = new Set(['done', 'failed', 'cancelled']);

/** The run goes on by itself, or waits for what will come to it. */
export const isLive = ({ status }: Pick<RunState, 'status'>): boolean =>
  status === 'active' || status === 'waiting';

/** The run takes nothing until somebody acts. */
export const stoppedStatuses: ReadonlySet<RunStatus> = new Set(['held', 'suspended', 'incident']);

/** The user a run acts for; `permissions` decides what it may read and write. */
export interface RunUser {
  readonly id: string;
  /** Where a program acts, who answers for it: one person with those who have the same. */
  readonly person?: string;
  readonly permissions?: readonly string[];
  /** Groups and queues whose tasks the user may claim. */
  readonly groups?: readonly string[];
  readonly queues?: readonly string[];
  readonly [property: string]: Json | undefined;
}

export interface RunState {
  readonly id: string;
  readonly flow: FlowRef;
  /** Versions of all flows that it calls, directly or not, by name. */
  readonly pinned: Readonly<Record<string, FlowRef>>;
  /** Segments committed so far; the next unit is refused unless this is still so. */
  readonly seq: number;
  readonly status: RunStatus;
  readonly subject?: Subject;
  /** Who started it. */
  readonly user: RunUser;
  /** Whom it acts for, since somebody else answered a screen, task or approval. */
  readonly actor?: RunUser;
  /** What lists call it. */
  readonly label?: string;
  readonly startedAt: string;
  readonly endedAt?: string;
  /** What started it: the depth of record-change flows that started each other. */
  readonly depth: number;
  readonly root: Frame;
  /** The record before the change that started the run. */
  readonly recordPrior?: Json;
  /** What the event told that started the run. */
  readonly event?: Json;
  /** Hash of what a start with an idempotency key asked for. */
  readonly startHash?: string;
  /** When a worker must look at it next; unset while it is stopped or ended. */
  readonly dueAt?: string;
  /** `<type>:<id>` of records whose change it waits for; of events, what `eventKey` makes of them. */
  readonly waitsOn: readonly string[];
  readonly outputs?: Readonly<Record<string, Json>>;
  readonly error?: Fault;
  readonly incident?: Incident;
  /** What its effects left open that ended after it, for an operator; see `decision/left-open.ts`. */
  readonly leftOpen?: readonly Incident[];
  readonly held?: { readonly reason: string };
  readonly suspended?: { readonly by: string; readonly reason: string; readonly at: string };
  /** Outputs recorded by operators, by `<frame>:<element>:<visit>`. */
  readonly overrides: Readonly<Record<string, Override>>;
  /** Segments to be run again later, with the item they took. */
  readonly retries: readonly PendingRetry[];
  /** Effects that are being made by the workers who began them; one that changes hands has a document of its own from then on. */
  readonly inFlight?: readonly EffectState[];
  /** No later than the end of the first lease on one of them. */
  readonly inFlightUntil?: string;
  /** Order of the last row of the outbox that it has written: rows of its later units come after it. */
  readonly lastTold?: string;
  /** Undoing of what has been done, one after the other. */
  readonly compensation?: Compensation;
  /**
   * Claims of the timers since the last commit, and deliveries under way of what may have ended a worker; a run that ends
   * its worker again and again is stopped by it.
   */
  readonly claims: number;
}

/** One flow being executed in a run: the main one, or a subflow called by an element. */
export interface Frame {
  /** `main`, or `<frame>/<element>.<visit>` of the call. */
  readonly id: string;
  readonly flow: FlowRef;
  readonly compiler: number;
  /** XState value. */
  value: unknown;
  variables: Record<string, Json>;
  /** What the inputs were; variables go back to it when the frame's first segment is rolled back. */
  readonly input: Readonly<Record<string, Json>>;
  outputs: Record<string, Json>;
  visits: Record<string, number>;
  /** What elements keep, in the order in which they began to. */
  memory: Record<string, Json>;
  activities: Record<string, Activity>;
  error?: Fault;
  /** Codes with which elements failed whose fault was dealt with, until they are entered again. */
  errors?: Record<string, string>;
  /** Of the last element entered that names one. */
  stage?: string;
}

/** An element that has been entered and not yet left. */
export interface Activity {
  readonly visit: number;
  waits: readonly Wait[];
  /** Id of the effect in flight. */
  effect?: string;
  /** Called flow. */
  child?: Frame;
  /** Branches that have ended, of a parallel element. */
  ended?: string[];
}

export interface Fault {
  readonly code: string;
  readonly detail: string;
  readonly element: string;
  readonly visit: number;
  readonly frame: string;
  readonly data?: Json;
}

export interface Place {
  readonly frame: string;
  readonly element: string;
  readonly visit: number;
}

export interface Incident {
  /** `fault`: the segment was discarded; `effect`: an external call failed; `inDoubt`: nobody knows whether it happened. */
  readonly kind: 'fault' | 'effect' | 'inDoubt' | 'poison' | 'limit';
  readonly place: Place;
  /** Of the frame, which may be one that the discarded segment had begun. */
  readonly flow?: FlowRef;
  readonly error: Fault;
  readonly at: string;
  /** Variables of the frame at the fault, and the inputs of the call if there was one. */
  readonly inputs: Json;
  /** Journal entries of the segment that was discarded, truth tables included. */
  readonly trace: readonly Json[];
  /** What the discarded segment had taken, and where. */
  readonly item?: InboxItem;
  readonly taken?: readonly Place[];
  readonly effect?: string;
}

export interface Override {
  readonly output?: Json;
  readonly outlet?: string;
  readonly by: string;
  readonly reason: string;
}

export interface PendingRetry {
  /** Of the element that failed. */
  readonly place: Place;
  /** Where the item was taken. */
  readonly taken?: readonly Place[];
  readonly at: string;
  readonly attempt: number;
  readonly item: InboxItem;
}

export interface Compensation {
  /** Effects that are still to be undone, next first. */
  readonly remaining: readonly string[];
  readonly afterwards: 'cancelled' | Place;
  readonly undone: number;
  readonly failed: number;
}

/** Something that has come for a run. One segment consumes one item. */
export interface InboxItem {
  /** Unique over all runs; a second item with this id is the same item. */
  readonly id: string;
  /** Of what was sent, where the sender gave the id: the same id can't bring something else. */
  readonly hash?: string;
  readonly run: string;
  readonly body: ItemBody;
  /** Who sent it. */
  readonly by: string;
  /** Of an answer: the run acts for this user from then on. */
  readonly user?: RunUser;
  /** Instant of its arrival. */
  readonly at: string;
  readonly reason?: string;
  /** Of what a stopped run keeps and is not buffered: where it was awaited when it came. No wait that begins later has it. */
  readonly awaitedAt?: readonly Place[];
}

export type ItemBody =
  | { readonly kind: 'start' }
  | { readonly kind: 'signal'; readonly signal: string; readonly payload: Json }
  /** Told to all runs that wait for it. */
  | { readonly kind: 'event'; readonly event: string; readonly key: string; readonly payload: Json }
  | {
      readonly kind: 'answer';
      readonly frame: string;
      readonly element: string;
      readonly visit: number;
      readonly name: string;
      readonly payload: Json;
    }
  | {
      readonly kind: 'timer';
      readonly frame: string;
      readonly element: string;
      readonly visit: number;
      readonly name: string;
    }
  | { readonly kind: 'record'; readonly type: string; readonly id: string }
  | { readonly kind: 'outcome'; readonly effect: string; readonly output: Json }
  | {
      readonly kind: 'failed';
      readonly effect: string;
      readonly error: Omit<Fault, 'frame' | 'element' | 'visit'>;
    }
  | { readonly kind: 'inDoubt'; readonly effect: string; readonly detail: string }
  | {
      readonly kind: 'undone';
      readonly effect: string;
      readonly ok: boolean;
      readonly detail?: string;
      /** An operator goes on without undoing it. */
      readonly skipped?: boolean;
    }
  | { readonly kind: 'move'; readonly frame: string; readonly from: string; readonly to: string };
