// What a segment is given, and what it comes to.
import type { CompiledFlow, Registries } from '../../compile/compile-flow.js';
import type { Json } from '../../definition/flow.js';
import type { RecourseError } from '../../errors/recourse-error.js';
import type { AssigneePort } from '../../ports/assignees.js';
import type { Clock } from '../../ports/clock.js';
import type { EffectState, OutboxRow, SeenRecord } from '../../ports/engine-store.js';
import type { Random } from '../../ports/ids.js';
import type { Logger } from '../../ports/logger.js';
import type { RecordsPort } from '../../ports/records.js';
import type {
  Compensation,
  FlowRef,
  Incident,
  InboxItem,
  PendingRetry,
  Place,
  RunState,
  RunUser,
} from '../run-state.js';
import type { SavingSite, Within } from '../saving-site.js';
import type { BeforeSaveHook, SegmentRecords } from './segment-records.js';

/** What all segments of an engine share. */
export interface SegmentWorld {
  readonly registries: Registries;
  readonly records: RecordsPort;
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: Random;
  readonly calendars: Readonly<Record<string, unknown>>;
  /** Whom work can be given to; anybody if left out. */
  readonly assignees?: AssigneePort;
  flow(ref: FlowRef): Promise<CompiledFlow>;
  effectsOf(run: string): Promise<readonly EffectState[]>;
  loadEffect(id: string): Promise<EffectState | undefined>;
  /** What runs before the saves of a visit; its site is asked for when there is anything. */
  readonly beforeSave?: { of(type: string, site: () => SavingSite): ReturnType<BeforeSaveHook> };
}

export interface SegmentTask {
  readonly run: RunState;
  readonly item: InboxItem;
  /** The effect that the item is about, as it is stored. */
  readonly effect?: EffectState;
  /** Which retry this is. */
  readonly retry?: PendingRetry;
  /** A record that has been read to decide whether the segment may run. */
  readonly seen?: SeenRecord;
  readonly owner: string;
  /** End of the lease on the effects that the segment begins. */
  readonly leaseUntil: string;
  /** Of a flow that runs before a save. */
  readonly within?: Within;
}

export interface SegmentMoved {
  readonly kind: 'moved';
  readonly root: RunState['root'];
  readonly ended?: { readonly outputs: Readonly<Record<string, Json>> } | 'cancelled';
  /** Whom the run acts for now. */
  readonly actor: RunUser;
  readonly compensation: Compensation | undefined;
  readonly journal: readonly Json[];
  readonly records: SegmentRecords;
  readonly intents: readonly EffectState[];
  readonly settlements: readonly EffectState[];
  /** Ids of effects that have ended, and that nobody will ask for again. */
  readonly over: readonly string[];
  /** Where the item was taken. */
  readonly taken: readonly Place[];
  readonly outbox: readonly OutboxRow[];
}

export type SegmentEnd =
  | SegmentMoved
  /** Nobody waits for the item any more. */
  | { readonly kind: 'stale' }
  /** The sender's mistake: nothing happened. */
  | { readonly kind: 'refused'; readonly error: RecourseError }
  /** `flow`: that of the element; `thrown`: the fault itself, where it is known. */
  | {
      readonly kind: 'incident';
      readonly incident: Incident;
      readonly flow: string;
      readonly thrown?: RecourseError | undefined;
    }
  | { readonly kind: 'retry'; readonly retry: PendingRetry; readonly journal: readonly Json[] };

/** Thrown to end a segment from wherever it stands. */
export class Stop {
  constructor(readonly end: SegmentEnd) {}
}
