// Which changes of records flows start on, as far as it is known when a change is decided.
import type { Json } from '../definition/flow.js';

/** A change of a record, as it is told. */
export interface ChangedRecord {
  readonly type: string;
  readonly change: 'create' | 'update' | 'delete';
  /** The record after the change; null when it was deleted. */
  readonly value: Json;
  /** The record before; null when it is new. */
  readonly prior: Json;
}

export interface StartingChanges {
  /** Whether a flow may start on it. */
  has(changed: ChangedRecord): boolean;
}

export const allChanges: StartingChanges = { has: () => true };
