// What is decided about, and what a decision may be. Nothing is written before the driver commits it.
import type { EffectState } from '../../ports/engine-store.js';
import type { Delivery, DeliveryOptions, Refused } from './delivery.js';
import type { InboxItem, RunState } from '../run-state.js';
import type { SegmentMoved } from '../segment/segment-task.js';
import type { Changed, UnitParts } from '../units.js';

/** An item and its run, as they stand when something is decided about them. */
export interface Situation {
  readonly run: RunState;
  readonly item: InboxItem;
  readonly options: DeliveryOptions;
  /** The effect that the item is about, as it is stored. */
  readonly effect: EffectState | undefined;
  readonly now: string;
}

/** A situation that an effect is a part of. */
export interface EffectSituation extends Situation {
  readonly effect: EffectState;
}

export interface UnitDecision {
  readonly kind: 'unit';
  readonly changed: Changed;
  readonly parts: UnitParts;
  /** The item is kept for later. */
  readonly keeps?: boolean;
  readonly moved?: {
    /** The end of the segment that moved the run, whose waits are looked at again after the commit. */
    readonly end: SegmentMoved;
    /** What is decided instead if the run has become too large to be stored. */
    readonly ifTooLarge: () => UnitDecision | Refused;
  };
}

export type Decision =
  | UnitDecision
  | { readonly kind: 'enqueue'; readonly run: RunState; readonly item: InboxItem }
  | Extract<Delivery, { kind: 'stale' | 'refused' }>;
