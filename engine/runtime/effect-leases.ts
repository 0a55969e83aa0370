// Leases on effects: renewed, put off, given back, taken over and ended, of those in flight in their run and of those that have
// documents of their own.
import type { ActionRegistry } from '../actions/registry.js';
import type { Json } from '../definition/flow.js';
import { engineLimits } from '../limits.js';
import type { Clock } from '../ports/clock.js';
import type { EffectState, EngineStore } from '../ports/engine-store.js';
import { leaseUntil, nobody, toTaken } from './claim.js';
import type { Driver } from './drive.js';
import { firstToken, inFlightIn } from './in-flight.js';
import { toIso } from './instants.js';
import { runErrors } from './run-errors.js';
import type { RunState } from './run-state.js';

export interface EffectLeasesParts {
  readonly store: EngineStore;
  readonly actions: ActionRegistry;
  readonly clock: Clock;
  readonly driver: Driver;
  readonly owner: string;
}

export class EffectLeases {
  readonly #parts: EffectLeasesParts;

  constructor(parts: EffectLeasesParts) {
    this.#parts = parts;
  }

  /** Writes an effect if nobody has changed it since it had `token`; false: somebody has. `note`: what the journal says of it. */
  async save(effect: EffectState, token: number, note: string): Promise<boolean> {
    const { store } = this.#parts;
    if (token !== firstToken) return store.saveEffect(effect, token);
    for (let conflicts = 0; conflicts < engineLimits.conflictsMax; conflicts += 1) {
      const run = await store.loadRun(effect.run);
      if (run === undefined || inFlightIn(run, effect.id) === undefined)
        return store.saveEffect(effect, token);
      if (await this.#detach(run, [effect], note)) return true;
    }
    throw runErrors.error('contended', `the run ${effect.run} is changed by many at once`);
  }

  /** Takes effects whose time has come or whose lease has ended, each at once; the answer says whether there may be more. */
  async claim(take: (effect: EffectState) => void): Promise<boolean> {
    const { store, clock, owner } = this.#parts;
    const now = toIso(clock.now());
    const toClaimed = (effect: EffectState): EffectState | undefined =>
      effect.claimAt! <= now ? toTaken(effect, owner, leaseUntil(clock)) : undefined;
    await this.#detachAll(now, 'its worker was lost', toClaimed, take);
    const claimed = await store.claimEffects(now, owner, leaseUntil(clock), engineLimits.claimBatch);
    claimed.forEach(take);
    return claimed.length === engineLimits.claimBatch;
  }

  /**
   * Takes over at once what workers had that are known to be gone: only calls that are repeated under their key. Any
   * other call may still be on its way, and what is asked about it too early would not be the truth.
   */
  async end(until: string): Promise<void> {
    const { store, actions, clock, owner } = this.#parts;
    const now = toIso(clock.now());
    const toEnded = (effect: EffectState): EffectState | undefined =>
      effect.owner !== owner && actions.get(effect.action)?.repeat === 'keyed'
        ? { ...effect, claimAt: now, token: effect.token + 1 }
        : undefined;
    await this.#detachAll(until, 'its worker is gone', toEnded, () => {});
    let after: string | undefined;
    for (;;) {
      const taken = await store.effectsTaken(now, until, after, engineLimits.claimBatch);
      for (const effect of taken) {
        if (effect.owner === undefined || effect.owner === nobody) continue;
        const ended = toEnded(effect);
        if (ended !== undefined) await store.saveEffect(ended, effect.token);
      }
      after = taken.at(-1)?.id;
      if (taken.length < engineLimits.claimBatch) return;
    }
  }

  /** Changes what runs have in flight whose leases may have ended by an instant; those that somebody else changes are left to them. */
  async #detachAll(
    until: string,
    note: string,
    change: (effect: EffectState) => EffectState | undefined,
    detached: (effect: EffectState) => void,
  ): Promise<void> {
    const { store } = this.#parts;
    const detach = async (run: RunState): Promise<void> => {
      const changed = (run.inFlight ?? []).flatMap((effect) => change(effect) ?? []);
      if (changed.length > 0 && (await this.#detach(run, changed, note))) changed.forEach(detached);
    };
    let after: string | undefined;
    for (;;) {
      const runs = await store.runsInFlight(until, after, engineLimits.claimBatch);
      // All at once: units that are ready together share a transaction.
      await Promise.all(runs.map(detach));
      after = runs.at(-1)?.id;
      if (runs.length < engineLimits.claimBatch) return;
    }
  }

  #detach(run: RunState, changed: readonly EffectState[], note: string): Promise<boolean> {
    const entries = changed.map(
      ({ frame, element, visit }): Json => ({ frame, element, visit, on: 'inFlight', outcome: note }),
    );
    return this.#parts.driver.changeInFlight(run, {
      now: toIso(this.#parts.clock.now()),
      by: 'engine',
      entries,
      settlements: changed,
    });
  }
}
