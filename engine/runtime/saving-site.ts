// What a segment shares with the flows that run before its saves.
import type { Json } from '../definition/flow.js';
import type { RecordValue } from '../ports/records.js';
import type { Place, RunState, RunUser } from './run-state.js';
import type { SegmentRecords } from './segment/segment-records.js';

/** A visit that may save records. */
export interface SavingSite {
  readonly run: RunState;
  readonly place: Place;
  /** Whom the segment acts for. */
  readonly actor: RunUser;
  readonly now: string;
  /** Flows inside one another at the place, 1 in the main one. */
  readonly depth: number;
  /** Elements that the segment has entered. */
  readonly steps: { taken: number };
  readonly records: SegmentRecords;
  readonly journal: Json[];
  /** Saves that something has run before. */
  saves: number;
}

/** The segment that a flow runs in before a save, and the record that it is about. */
export interface Within extends Pick<SavingSite, 'now' | 'depth' | 'steps' | 'records'> {
  readonly draft: { value: RecordValue | undefined };
}
