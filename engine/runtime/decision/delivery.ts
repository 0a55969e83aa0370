// How an item is given to its run, and what may become of it.
import type { Json } from '../../definition/flow.js';
import type { RecourseError } from '../../errors/recourse-error.js';
import type { EffectState } from '../../ports/engine-store.js';
import type { PendingRetry, RunState } from '../run-state.js';
import type { SegmentMoved } from '../segment/segment-task.js';

export interface Refused {
  readonly kind: 'refused';
  readonly error: RecourseError;
}

/** What became of an item. */
export type Delivery =
  | { readonly kind: 'taken'; readonly run: RunState }
  /** Kept for later: the run is stopped, or nothing waits for it yet. */
  | { readonly kind: 'kept'; readonly run: RunState }
  | { readonly kind: 'duplicate' }
  /** Nobody waits for it. */
  | { readonly kind: 'stale'; readonly run: RunState }
  | Refused
  | { readonly kind: 'unknown' };

export interface DeliveryOptions {
  /** The item is in the inbox already. */
  readonly kept?: boolean;
  /** The effect as this worker knows it. */
  readonly effect?: EffectState;
  readonly retry?: PendingRetry;
  /** It was decided on at this sequence of the run: stale if the run has gone on since. */
  readonly seq?: number;
  /** The run to be created by a start. */
  readonly starts?: RunState;
  /** The run is written before its first segment, which is due at once: one that ends its worker is counted. */
  readonly postpones?: boolean;
  /** Nobody else can have started a run of this id. */
  readonly isNew?: boolean;
  /** A fault that is the sender's mistake refuses the item, instead of stopping the run at an incident. */
  readonly refusesFaults?: boolean;
  /** Looks at what the segment comes to before it is committed; an error refuses the item. */
  readonly accepts?: (end: SegmentMoved) => RecourseError | undefined;
}

/** What a caller's mistake has refused, and the steps that its discarded segment had passed. */
export interface Refusal {
  readonly run: RunState;
  readonly error: RecourseError;
  readonly trace: readonly Json[];
}
