// Items that operators decide on: a run takes one only as it was when that was decided.
import { engineLimits } from '../../limits.js';
import type { Delivery, DeliveryOptions } from '../decision/delivery.js';
import type { Driver } from '../drive.js';
import { runErrors } from '../run-errors.js';
import type { InboxItem, RunState } from '../run-state.js';
import { type Attribution, insistOnSeq } from './run-changes.js';
import type { Runs } from './runs.js';

export interface GivenItem extends Pick<DeliveryOptions, 'accepts'> {
  readonly item: InboxItem;
}

/**
 * Gives a run what `decide` makes of it as it is stored; decided again if it has gone on meanwhile.
 *
 * @throws {RecourseError} `run.unknown`, `run.operation-refused`, `run.contended`, and what `decide` throws
 */
export async function giveItem(
  { driver, runs }: { readonly driver: Driver; readonly runs: Runs },
  id: string,
  who: Attribution,
  decide: (run: RunState) => Promise<GivenItem>,
): Promise<{ readonly run: RunState; readonly delivery: Delivery }> {
  for (let conflicts = 0; conflicts < engineLimits.conflictsMax; conflicts += 1) {
    const run = await runs.run(id);
    insistOnSeq(run, who);
    const { item, ...options } = await decide(run);
    const delivery = await driver.deliver(item, { ...options, seq: run.seq });
    if (delivery.kind === 'refused') throw delivery.error;
    if (delivery.kind === 'taken') await driver.drainInbox(id);
    if (delivery.kind !== 'stale' || delivery.run.seq === run.seq) return { run, delivery };
  }
  throw runErrors.error('contended', `the run ${id} is changed by many at once`);
}
