// Units made of what a segment, or an operator, has decided.
import type { Json } from '../definition/flow.js';
import type { EffectState, OutboxRow, SeenRecord, Unit } from '../ports/engine-store.js';
import type { Ids } from '../ports/ids.js';
import type { RecordWrite } from '../ports/records.js';
import { toChunks } from './journal-entry.js';
import { derive } from './frames.js';
import { toEffectWrites } from './in-flight.js';
import type { InboxItem, RunState } from './run-state.js';

/** A run with properties that may be unset. */
export type Changed = { readonly [Property in keyof RunState]: RunState[Property] | undefined };

/** What changes besides the run. */
export interface UnitParts {
  readonly now: string;
  readonly by: string;
  readonly entries: readonly Json[];
  readonly records?: readonly RecordWrite[];
  readonly intents?: readonly EffectState[];
  readonly settlements?: readonly EffectState[];
  /** Ids of effects in flight that have ended, and that nobody will ask for again. */
  readonly over?: readonly string[];
  readonly outbox?: readonly OutboxRow[];
  readonly consumed?: readonly InboxItem[];
  readonly kept?: readonly InboxItem[];
  readonly awaited?: readonly SeenRecord[];
}

/** The run as it goes on by itself. */
export function awake(run: RunState): Changed {
  const { status, dueAt } = derive(run.root, run.retries);
  return { ...run, status: run.compensation === undefined ? status : 'compensating', dueAt };
}

/** The unit that makes `changed` of `run`; undefined: the run is new. */
export function toUnit(run: RunState | undefined, changed: Changed, parts: UnitParts, ids: Ids): Unit {
  const seq = (run?.seq ?? 0) + 1;
  const { now, by, entries, intents = [], settlements = [], over = [], outbox: told = [] } = parts;
  const effects = toEffectWrites(run, { now, intents, settlements, over });
  const { inFlight, inFlightUntil } = effects;
  let { lastTold } = changed;
  const outbox = told.map((row) => {
    lastTold = toOrder(ids.next(), lastTold);
    return { ...row, order: lastTold };
  });
  return {
    // What is unset stays so, undefined: its JSON text leaves it out.
    run: { ...changed, inFlight, inFlightUntil, lastTold, seq, claims: 0 } as RunState,
    expected: run?.seq,
    journal: toChunks({ run: changed.id!, seq, at: now, by, unit: ids.next() }, entries),
    records: parts.records ?? [],
    intents,
    detached: effects.detached,
    settlements: effects.settlements,
    outbox,
    consumed: parts.consumed ?? [],
    kept: parts.kept ?? [],
    ...(parts.awaited === undefined ? {} : { awaited: parts.awaited }),
  };
}

/** Sorts after all that the run has told before, also where the clock of the worker that told it is ahead of ours. */
function toOrder(id: string, last: string | undefined): string {
  if (last === undefined || id > last) return id;
  const [base = '', times = '0'] = last.split('~');
  return `${base}~${String(Number(times) + 1).padStart(6, '0')}`;
}

/** What the journal says of an item. */
export const toItemEntry = ({ id, body, by, at, reason }: InboxItem): Json => ({
  item: id,
  kind: body.kind,
  by,
  at,
  ...('signal' in body ? { signal: body.signal } : {}),
  ...('name' in body ? { name: body.name } : {}),
  ...(reason === undefined ? {} : { reason }),
});
