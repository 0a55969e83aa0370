// What operators do about a run that has stopped: they try again, skip, edit, move, or say what became of an effect.
import type { Registries } from '../../compile/compile-flow.js';
import type { Json } from '../../definition/flow.js';
import type { FlowVersions } from '../../definition/versions.js';
import { toPointer } from '../../errors/json-pointer.js';
import { engineLimits } from '../../limits.js';
import type { Clock } from '../../ports/clock.js';
import type { EffectState, EngineStore } from '../../ports/engine-store.js';
import { toClaim } from '../claim.js';
import { hasLeftOpen, withoutLeftOpen } from '../decision/left-open.js';
import { isAwaited } from '../decision/settle-effect.js';
import { frameOf, placeKey } from '../frames.js';
import { inFlightIn } from '../in-flight.js';
import { runErrors, toErrorProblems } from '../run-errors.js';
import type { Frame, Incident, Override, RunState } from '../run-state.js';
import { toRunText } from '../run-text.js';
import { type AfterIncidentParts, afterIncident, type GoingOn, withoutIncident } from './after-incident.js';
import { toDropped, toSkipped, toTriedAgain } from './doubted-effect.js';
import { giveItem } from './give-item.js';
import { leavesOpen, type Path, stoppedElsewhere, toMove } from './moves.js';
import { actionOf, checkRecorded } from './recorded-output.js';
import { type Attribution, refused } from './run-changes.js';
import { settleLeftOpen } from './settle-left-open.js';

export interface RepairsParts extends AfterIncidentParts {
  readonly store: EngineStore;
  readonly versions: FlowVersions;
  readonly clock: Clock;
  readonly registries: Registries;
}

/** What an operator has found out about an effect. */
export type Truth = { readonly happened: true; readonly output: Json } | { readonly happened: false };

export interface Repairs {
  /** Runs again what stopped at the incident; of a run that has ended, the undoing that failed. @throws {RecourseError} `run.operation-refused` */
  retry(id: string, who: Attribution): Promise<RunState>;
  /**
   * Goes on without the element of the incident, with a recorded output; of a run that has ended, leaves what could not be
   * undone as it is.
   *
   * @throws {RecourseError} `run.operation-refused`, `run.input-invalid` for an output that the action could not have given
   */
  skip(id: string, recorded: Recorded, who: Attribution): Promise<RunState>;
  /**
   * Changes variables of a stopped run.
   *
   * @throws {RecourseError} `run.operation-refused`, `run.variable-invalid`, `run.limit-state`
   */
  editVariables(
    id: string,
    frame: string,
    variables: Readonly<Record<string, Json>>,
    who: Attribution,
  ): Promise<RunState>;
  /**
   * Puts control from an element that it stands at to another of the same branch. A run that has an incident is moved from
   * where it has stopped.
   *
   * @throws {RecourseError} `run.operation-refused`
   */
  move(id: string, path: Path, who: Attribution): Promise<RunState>;
  /**
   * Says what became of an effect that nobody knows about.
   *
   * @throws {RecourseError} `run.operation-refused`, `run.effect-unknown`, `run.input-invalid` for an output that the action could
   * not have given
   */
  resolveInDoubt(id: string, effect: string, truth: Truth, who: Attribution): Promise<RunState>;
}

interface Recorded {
  readonly output?: Json;
  readonly outlet?: string;
}

export function createRepairs(parts: RepairsParts): Repairs {
  const { store, driver, versions, ids, clock, changes, runs, registries } = parts;

  const tryAgain = (effect: EffectState): EffectState =>
    toTriedAgain(effect, toClaim(clock, driver.owner), driver.now);

  const effectOf = async ({ incident }: RunState): Promise<EffectState | undefined> =>
    incident?.effect === undefined ? undefined : store.loadEffect(incident.effect);

  return {
    async retry(id, who) {
      if (hasLeftOpen(await runs.run(id)))
        return settleLeftOpen(parts, id, who, 'retry', (effect) => [tryAgain(effect)]);
      return afterIncident(parts, id, who, 'retry', async (run) => {
        const effect = await effectOf(run);
        if (effect?.state !== 'failed' && effect?.undo?.state !== 'failed') return { run, settlements: [] };
        return { run, settlements: [tryAgain(effect)], waits: true };
      });
    },

    async skip(id, recorded, who) {
      if (hasLeftOpen(await runs.run(id))) return settleLeftOpen(parts, id, who, 'skip', () => []);
      return afterIncident(parts, id, who, 'skip', async (run) => {
        const effect = run.incident!.kind === 'fault' ? undefined : await effectOf(run);
        if (effect === undefined) await requireFitting(parts, run, run.incident!, recorded);
        else if (effect.undo === undefined)
          checkRecorded(registries.actions.get(effect.action), registries, recorded.output);
        return effect === undefined
          ? withoutElement(run, run.incident!, recorded, who)
          : withoutEffect(run, effect, recorded, who);
      });
    },

    editVariables: (id, frame, variables, who) =>
      changes.change(id, who, async (run) => {
        if (run.status !== 'incident' && run.status !== 'suspended' && run.status !== 'held') {
          throw refused(run, 'only variables of a stopped run can be changed');
        }
        const root = structuredClone(run.root);
        const found = frameOf(root, frame);
        if (found === undefined) throw refused(run, `there is no frame ${frame}`);
        await assignAll(versions, found, variables);
        const edited = { ...run, root };
        if (toRunText(edited).length > engineLimits.runStateBytesMax)
          throw runErrors.error(
            'limit-state',
            `the run would be larger than ${engineLimits.runStateBytesMax} bytes`,
          );
        return changes.noted(edited, who, { edited: Object.keys(variables), frame });
      }),

    async move(id, path, who) {
      const { run, delivery } = await giveItem(parts, id, who, async (run) => {
        const body = await toMove(versions, run, path);
        const { by, reason } = who;
        return {
          item: { id: ids.next(), run: id, body, by, at: driver.now, reason },
          accepts: ({ root }) => (leavesOpen(run, root) ? refused(run, stoppedElsewhere(run)) : undefined),
        };
      });
      if (delivery.kind === 'taken') return delivery.run;
      const { from, to, frame = 'main' } = path;
      throw refused(
        run,
        `control can't go from ${from ?? 'where it is'} to ${to} in ${frame}: it is not there, or in another branch`,
      );
    },

    async resolveInDoubt(id, effect, truth, who) {
      const inDoubt = async (run: RunState): Promise<EffectState> => {
        const found = inFlightIn(run, effect) ?? (await store.loadEffect(effect));
        if (found === undefined || found.run !== id)
          throw runErrors.error('effect-unknown', `the run ${id} has no effect ${effect}`);
        if ((found.undo ?? found).state !== 'inDoubt')
          throw refused(run, `the effect ${effect} is not in doubt`);
        return found;
      };
      if (!truth.happened)
        return changes.change(id, who, async (run) => {
          const found = await inDoubt(run);
          const concerned =
            run.incident?.effect === effect ? withoutIncident(run) : withoutLeftOpen(run, effect);
          // What the run has gone on without, or has ended without, is not made after all.
          const settlement = isAwaited(run, found) ? tryAgain(found) : toDropped(found);
          return changes.noted(concerned, who, { effect, happened: false }, [settlement]);
        });
      const { run, delivery } = await giveItem(parts, id, who, async (run) => {
        const found = await inDoubt(run);
        const undoing = found.undo !== undefined;
        if (!undoing) checkRecorded(registries.actions.get(found.action), registries, truth.output);
        return {
          item: {
            id: `${effect}:resolved:${found.token}`,
            run: id,
            body: undoing
              ? { kind: 'undone', effect, ok: true }
              : { kind: 'outcome', effect, output: truth.output },
            by: who.by,
            at: driver.now,
            reason: who.reason,
          },
        };
      });
      if (delivery.kind === 'stale') throw refused(run, `the effect ${effect} is not in doubt any more`);
      return runs.run(id);
    },
  };
}

/**
 * @throws {RecourseError} `run.operation-refused` for a way that does not lead out of the element, `run.input-invalid` for an
 * output that it could not have
 */
async function requireFitting(
  { versions, registries }: RepairsParts,
  run: RunState,
  { place: { frame, element }, flow: ref = frameOf(run.root, frame)?.flow }: Incident,
  { output, outlet = 'next' }: Recorded,
): Promise<void> {
  const flow = ref && (await versions.compiled(ref));
  const stopped = flow?.elements.get(element);
  if (flow === undefined || stopped === undefined) return;
  checkRecorded(actionOf(stopped, flow.definition, registries), registries, output);
  const { outlets } = stopped;
  if (outlets.has(outlet)) return;
  const ways =
    outlets.size === 0 ? 'no way leads out of it: move the run' : `ways out are ${[...outlets].join(', ')}`;
  throw refused(run, `${element} has no outlet ${outlet}; ${ways}`);
}

/** The run with an override of the element that its incident is at. */
function withoutElement(
  run: RunState,
  { place }: Incident,
  { output, outlet }: Recorded,
  { by, reason }: Attribution,
): GoingOn {
  const override: Override = {
    by,
    reason,
    ...(output === undefined ? {} : { output }),
    ...(outlet === undefined ? {} : { outlet }),
  };
  return { run: { ...run, overrides: { ...run.overrides, [placeKey(place)]: override } }, settlements: [] };
}

/** The run goes on as if the effect, or its undoing, had ended. */
function withoutEffect(
  run: RunState,
  effect: EffectState,
  { output = null }: Recorded,
  { reason }: Attribution,
): GoingOn {
  if (effect.undo?.state === 'failed') {
    const body = { kind: 'undone', effect: effect.id, ok: false, skipped: true, detail: reason } as const;
    return { run, settlements: [], item: { body } };
  }
  // The element is parked on the call: the recorded output is taken for its outcome.
  return {
    run,
    settlements: [toSkipped(effect, output)],
    item: { body: { kind: 'outcome', effect: effect.id, output } },
  };
}

/** @throws {RecourseError} `run.variable-invalid` */
async function assignAll(
  versions: FlowVersions,
  frame: Frame,
  variables: Readonly<Record<string, Json>>,
): Promise<void> {
  const flow = await versions.compiled(frame.flow);
  for (const [name, value] of Object.entries(variables)) {
    const variable = flow.variables.get(name);
    const problems = variable?.check(value) ?? [{ pointer: '', detail: `there is no variable ${name}` }];
    if (problems.length > 0) {
      throw runErrors.error('variable-invalid', `${name}: ${problems[0]?.detail ?? 'is not valid'}`, {
        problems: toErrorProblems(
          problems.map((problem) => ({
            ...problem,
            pointer: `${toPointer(['variables', name])}${problem.pointer}`,
          })),
          'run.variable-invalid',
        ),
      });
    }
    frame.variables[name] = value;
  }
}
