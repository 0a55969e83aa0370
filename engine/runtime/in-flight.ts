// Effects in flight stand in their run, in the document that is written anyway: their intent costs no other. An effect whose
// worker is gone, that is put off, or whose end must be known later leaves it for a document of its own.
import type { EffectState } from '../ports/engine-store.js';
import { earliest } from './instants.js';
import type { RunState } from './run-state.js';

/** Of an effect as it is begun; whatever changes it afterwards raises its token, and has detached it. */
export const firstToken = 1;

/** An effect that a run has in flight. */
export const inFlightIn = ({ inFlight }: RunState, id: string): EffectState | undefined =>
  inFlight?.find((effect) => effect.id === id);

export interface EffectChanges {
  readonly now: string;
  readonly intents: readonly EffectState[];
  readonly settlements: readonly EffectState[];
  /** Ids of effects that have ended, and that nobody will ask for again. */
  readonly over: readonly string[];
}

export interface EffectWrites {
  readonly inFlight: readonly EffectState[] | undefined;
  readonly inFlightUntil: string | undefined;
  readonly detached: readonly EffectState[];
  readonly settlements: readonly EffectState[];
}

/** What a run has in flight after a unit, and the documents that the unit writes of its effects. */
export function toEffectWrites(
  run: RunState | undefined,
  { now, intents, settlements, over }: EffectChanges,
): EffectWrites {
  const before = run?.inFlight ?? [];
  const changed = new Set([...settlements.map(({ id }) => id), ...over]);
  const inFlight = [...before.filter(({ id }) => !changed.has(id)), ...intents];
  const isDetached = ({ id }: EffectState): boolean => before.some((effect) => effect.id === id);
  return {
    inFlight: inFlight.length === 0 ? undefined : inFlight,
    inFlightUntil: toBound(inFlight, run?.inFlightUntil, now),
    detached: settlements.filter(isDetached),
    settlements: settlements.filter((effect) => !isDetached(effect)),
  };
}

/** The bound stays until it is reached: a new one is an entry of an index that goes, and one that comes. */
function toBound(
  inFlight: readonly EffectState[],
  before: string | undefined,
  now: string,
): string | undefined {
  const first = earliest(inFlight.map(({ claimAt }) => claimAt));
  if (first === undefined || before === undefined || before > first) return first;
  return before > now ? before : first;
}
