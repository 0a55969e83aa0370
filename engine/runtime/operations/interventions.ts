// Operators stop a run for a while, or for good.
import type { ActionRegistry } from '../../actions/registry.js';
import type { Clock } from '../../ports/clock.js';
import type { EngineStore } from '../../ports/engine-store.js';
import { outlives, withLeftOpen } from '../decision/left-open.js';
import { awake } from '../units.js';
import { toClaim } from '../claim.js';
import { toUndo, toUndoing } from '../segment/compensation.js';
import type { Driver } from '../drive.js';
import { type Attribution, refused, type RunChanges } from './run-changes.js';
import { runErrors } from '../run-errors.js';
import { type Compensation, endedStatuses, type RunState } from '../run-state.js';

export interface InterventionsParts {
  readonly store: EngineStore;
  readonly driver: Driver;
  readonly actions: ActionRegistry;
  readonly clock: Clock;
  readonly changes: RunChanges;
}

export interface Interventions {
  /** Ends a run; with `compensate` what it did outside is undone first, last first. */
  cancel(id: string, who: Attribution, options?: { compensate?: boolean }): Promise<RunState>;
  suspend(id: string, who: Attribution): Promise<RunState>;
  resume(id: string, who: Attribution): Promise<RunState>;
}

export function createInterventions(parts: InterventionsParts): Interventions {
  const { store, driver, actions, clock, changes } = parts;

  const requireOpen = ({ id, status }: RunState): void => {
    if (endedStatuses.has(status)) throw runErrors.error('ended', `the run ${id} has ended`);
  };

  /** What is being undone goes on, and the run ends after it. */
  const cancelAfterwards = (run: RunState, compensation: Compensation, who: Attribution) => {
    if (compensation.afterwards === 'cancelled') throw refused(run, 'it is being cancelled already');
    const changed = {
      ...run,
      root: { ...run.root, activities: {} },
      dueAt: undefined,
      waitsOn: [],
      retries: [],
      compensation: { ...compensation, afterwards: 'cancelled' as const },
    };
    return changes.noted(changed, who, { cancelled: compensation.remaining.length });
  };

  return {
    cancel: (id, who, { compensate = false } = {}) =>
      changes.change(id, who, async (run) => {
        requireOpen(run);
        if (run.compensation !== undefined) return cancelAfterwards(run, run.compensation, who);
        const effects = compensate ? await store.effectsOf(id) : [];
        const remaining = toUndo(effects, (name) => actions.get(name));
        const first = effects.find((effect) => effect.id === remaining[0]);
        const { incident } = run;
        // A cancellation settles no doubt.
        const stays = {
          ...(incident !== undefined && outlives(incident) ? withLeftOpen(run, incident) : run),
          root: { ...run.root, activities: {} },
          dueAt: undefined,
          waitsOn: [],
          retries: [],
          incident: undefined,
          held: undefined,
        };
        if (first === undefined) {
          const ended = { ...stays, status: 'cancelled', endedAt: driver.now } as const;
          return changes.noted(ended, who, { cancelled: true });
        }
        const compensation = { remaining, afterwards: 'cancelled', undone: 0, failed: 0 } as const;
        const undoing = toUndoing(first, toClaim(clock, driver.owner), first.token + 1);
        return changes.noted(
          { ...stays, status: 'compensating', compensation },
          who,
          { cancelled: remaining.length },
          [undoing],
        );
      }),

    suspend: (id, who) =>
      changes.change(id, who, async (run) => {
        requireOpen(run);
        if (run.status !== 'active' && run.status !== 'waiting') throw refused(run, 'it is stopped already');
        const suspended = { by: who.by, reason: who.reason, at: driver.now };
        const changed = { ...run, status: 'suspended', suspended, dueAt: undefined } as const;
        return changes.noted(changed, who, { suspended: true });
      }),

    async resume(id, who) {
      const run = await changes.change(id, who, async (run) => {
        if (run.status !== 'suspended') throw refused(run, 'it is not suspended');
        return changes.noted({ ...awake(run), suspended: undefined }, who, { resumed: true });
      });
      await driver.drainInbox(id);
      return run;
    },
  };
}
