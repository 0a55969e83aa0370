// Changes of runs by people: each with who and why, and refused if the run is not where it was seen.
import type { Json } from '../../definition/flow.js';
import type { Change, Driver } from '../drive.js';
import { runErrors } from '../run-errors.js';
import type { RunState } from '../run-state.js';
import type { Changed, UnitParts } from '../units.js';

/** Who does something to a run, and why. */
export interface Attribution {
  readonly by: string;
  readonly reason: string;
  /** Refused unless the run is still at this sequence, so that the operation can be sent again. */
  readonly seq?: number;
}

export class RunChanges {
  readonly #driver: Driver;

  constructor(driver: Driver) {
    this.#driver = driver;
  }

  /** Changes a run that is at the sequence that was seen. @throws {RecourseError} `run.operation-refused`, `run.unknown` */
  change(id: string, who: Attribution, decide: Change): Promise<RunState> {
    return this.#driver.change(id, (run) => {
      insistOnSeq(run, who);
      return decide(run);
    });
  }

  /** A change with its note in the journal, and the effects that it settles. */
  noted(
    changed: Changed,
    { by, reason }: Pick<Attribution, 'by' | 'reason'>,
    note: { readonly [name: string]: Json },
    settlements: UnitParts['settlements'] = [],
  ): { readonly changed: Changed; readonly parts: UnitParts } {
    const entries = [{ ...note, by, reason }];
    return { changed, parts: { now: this.#driver.now, by, entries, settlements } };
  }
}

/** @throws {RecourseError} `run.operation-refused` */
export function insistOnSeq(run: RunState, { seq }: Attribution): void {
  if (seq !== undefined && seq !== run.seq) throw refused(run, `it is at ${run.seq} now, not at ${seq}`);
}

export const refused = (run: RunState, detail: string) =>
  runErrors.error('operation-refused', `the run ${run.id} is ${run.status}: ${detail}`, {
    data: { status: run.status },
  });
