// What stops every run on a record: a hold, a suspension, an alert that nobody has cleared.
import type { RecordWrite, VersionedRecord } from './records.js';

/** The record that a run is about. */
export interface Subject {
  readonly type: string;
  readonly id: string;
}

export interface SubjectState {
  /** Present: no run on the subject may go on. */
  readonly hold?: { readonly reason: string };
  /**
   * Goes into the unit that was decided under this state: refused if the state has changed since. Without it nobody may wake a run
   * whose hold is lifted while the run is being held.
   */
  readonly guard?: RecordWrite;
}

export interface SubjectPort {
  /** `record` reads the subject's record; what is decided under the state is decided on the record that was read for it. */
  stateOf(subject: Subject, record: () => Promise<VersionedRecord | undefined>): Promise<SubjectState>;
}
