// A run goes on after its incident, with what stopped it or with what an operator gives instead.
import type { EffectState } from '../../ports/engine-store.js';
import type { Ids } from '../../ports/ids.js';
import type { Driver } from '../drive.js';
import { type Attribution, refused, type RunChanges } from './run-changes.js';
import type { Incident, InboxItem, PendingRetry, RunState } from '../run-state.js';
import type { Runs } from './runs.js';
import { awake, type Changed } from '../units.js';

export interface AfterIncidentParts {
  readonly driver: Driver;
  readonly ids: Ids;
  readonly changes: RunChanges;
  readonly runs: Runs;
}

/** What is to be done before anything else about a call of which nobody knows. */
export const doubted = 'say first whether the effect happened';

/** How the run goes on. */
export interface GoingOn {
  readonly run: RunState;
  readonly settlements: readonly EffectState[];
  /** Given instead of what stopped. */
  readonly item?: Pick<InboxItem, 'body'>;
  /** The effect is made again; its outcome goes on. */
  readonly waits?: boolean;
}

/** Lets a run go on as `decide` says. @throws {RecourseError} `run.operation-refused` */
export async function afterIncident(
  { driver, ids, changes, runs }: AfterIncidentParts,
  id: string,
  who: Attribution,
  what: string,
  decide: (run: RunState) => Promise<GoingOn>,
): Promise<RunState> {
  let item: InboxItem | undefined;
  const changed = await changes.change(id, who, async (run) => {
    const { incident } = run;
    if (run.status !== 'incident' || incident === undefined) throw refused(run, 'it has no incident');
    if (incident.kind === 'inDoubt') throw refused(run, doubted);
    const decided = await decide(run);
    const given =
      decided.item === undefined
        ? incident.item
        : { id: ids.next(), run: id, by: who.by, at: driver.now, reason: who.reason, ...decided.item };
    item = decided.waits === true ? undefined : given;
    // Should we be stopped before the item is delivered, a retry that is due at once delivers it.
    const retries =
      item === undefined
        ? decided.run.retries
        : [...decided.run.retries, toRetry(incident, item, driver.now)];
    return changes.noted(
      withoutIncident({ ...decided.run, retries }),
      who,
      { [what]: incident.kind, ...incident.place },
      decided.settlements,
    );
  });
  const retry = changed.retries.find((pending) => pending.item.id === item?.id);
  await driver.tryAgain(id, retry === undefined ? [] : [retry]);
  return runs.run(id);
}

/** Where the item of the incident was taken, it has been: nothing comes in between. */
const toRetry = ({ place, item: own, taken = [] }: Incident, item: InboxItem, at: string): PendingRetry => ({
  place,
  at,
  attempt: 1,
  item,
  ...(item === own && taken.length > 0 ? { taken } : {}),
});

/** The run as it goes on by itself. */
export const withoutIncident = (run: RunState): Changed => ({ ...awake(run), incident: undefined });
