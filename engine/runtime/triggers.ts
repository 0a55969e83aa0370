// Starts the flows that start by themselves: when a record has changed, and when an event has come. What tells of it is
// a row of the outbox, which may come twice; the id of the run follows from it, so the flow starts once.
import { createHash } from 'node:crypto';
import type { CompiledFlow } from '../compile/compile-flow.js';
import type { Json } from '../definition/flow.js';
import { isBeforeSave } from '../definition/record-target.js';
import { RecourseError } from '../errors/recourse-error.js';
import { engineLimits } from '../limits.js';
import type { Clock } from '../ports/clock.js';
import type { EngineStore, OutboxRow } from '../ports/engine-store.js';
import type { Logger } from '../ports/logger.js';
import type { ActiveTriggers, TriggeredFlow } from './active-triggers.js';
import { atOnce } from './at-once.js';
import { toIso } from './instants.js';
import type { StartRequest } from './operations/prepare-start.js';
import type { RunState, RunUser } from './run-state.js';
import type { ChangedRecord, StartingChanges } from './starting-changes.js';
import { holds, isMeant, type TriggerGlobals } from './trigger-condition.js';
import { userGlobals } from './user-globals.js';

export interface TriggerParts {
  readonly store: EngineStore;
  readonly active: ActiveTriggers;
  readonly clock: Clock;
  readonly log: Logger;
  readonly calendars: Readonly<Record<string, unknown>>;
  readonly start: (request: StartRequest) => Promise<RunState>;
  /** Whom flows act for that nobody starts. */
  readonly user: RunUser;
}

/** What a `record.changed` row tells. */
export interface RecordChange extends ChangedRecord {
  readonly id: string;
  readonly depth: number;
}

/** The id of the run that one cause makes of a flow. */
export const toTriggeredId = (flow: string, cause: string): string =>
  `${flow}-${createHash('sha256').update(`${flow}\n${cause}`).digest('hex').slice(0, 24)}`;

/** Whether a cause has made a run. */
export const isStartedBy = (run: string, cause: string): boolean =>
  run === toTriggeredId(run.slice(0, run.lastIndexOf('-')), cause);

export class Triggers {
  readonly #parts: TriggerParts;

  constructor(parts: TriggerParts) {
    this.#parts = parts;
  }

  /** Which changes start flows; at once where it is known. @throws {RecourseError} `store.*` when the flows can't be read */
  starts(): StartingChanges | Promise<StartingChanges> {
    return atOnce(this.#parts.active.flows(), (flows) => this.#toStarts(flows));
  }

  /** What can't be evaluated may start: it is told, and logged then. */
  #toStarts(flows: readonly TriggeredFlow[]): StartingChanges {
    const isMeantHere = (flow: TriggeredFlow, changed: ChangedRecord): boolean => {
      try {
        return isMeant(flow, changed, this.#globals());
      } catch {
        return true;
      }
    };
    return { has: (changed) => flows.some((flow) => startsOn(flow, changed) && isMeantHere(flow, changed)) };
  }

  /** @throws {RecourseError} retryable ones: the row is to be delivered again */
  async recordChanged(row: OutboxRow): Promise<void> {
    const change = row.payload as unknown as RecordChange;
    for (const flow of await this.#parts.active.flows()) {
      if (!startsOn(flow, change) || !this.#isMeant(flow, change)) continue;
      await this.#start(flow, row, change.depth ?? 0, {
        subject: { type: change.type, id: change.id },
        recordPrior: change.prior ?? null,
      });
    }
  }

  /** @throws {RecourseError} retryable ones: the row is to be delivered again */
  async eventCame(row: OutboxRow): Promise<void> {
    const { event, payload = null } = row.payload as { readonly event?: string; readonly payload?: Json };
    for (const flow of await this.#parts.active.flows()) {
      const { trigger } = flow;
      if (trigger.type !== 'event' || trigger.event !== event) continue;
      if (!this.#logged(flow, () => holds(flow, { event: payload }, this.#globals()))) continue;
      const depth = row.run === '' ? 0 : ((await this.#parts.store.loadRun(row.run))?.depth ?? 0);
      await this.#start(flow, row, depth, { event: payload, input: toInput(flow.compiled, payload) });
    }
  }

  #isMeant(flow: TriggeredFlow, { value = null, prior = null }: RecordChange): boolean {
    return this.#logged(flow, () => isMeant(flow, { value, prior }, this.#globals()));
  }

  /** One that can't be evaluated doesn't hold. */
  #logged({ ref }: TriggeredFlow, holds: () => boolean): boolean {
    try {
      return holds();
    } catch (error) {
      this.#parts.log.warn({ flow: ref.name, error: textOf(error) }, 'the condition of a trigger failed');
      return false;
    }
  }

  #globals(): TriggerGlobals {
    const { calendars, clock, user } = this.#parts;
    const now = toIso(clock.now());
    return {
      now,
      ...userGlobals(user),
      run: { id: '', startedAt: now },
      calendars,
    };
  }

  async #start(
    { ref }: TriggeredFlow,
    row: OutboxRow,
    depth: number,
    more: Partial<StartRequest>,
  ): Promise<void> {
    if (depth >= engineLimits.changeDepthMax) {
      const at = { flow: ref.name, row: row.id, depth };
      this.#parts.log.error(at, 'not started: too many flows have started one another');
      return;
    }
    await this.startOnce({
      ...more,
      flow: ref.name,
      user: this.#parts.user,
      id: toTriggeredId(ref.name, row.id),
      depth: depth + 1,
      postpones: row.attempt > 0,
    });
  }

  /**
   * Starts a flow for a cause that may come again. A flow that does not apply is no fault.
   *
   * @throws {RecourseError} retryable ones
   */
  async startOnce(request: StartRequest): Promise<void> {
    const { start, log } = this.#parts;
    try {
      await start(request);
    } catch (error) {
      if (!(error instanceof RecourseError) || error.retryable) throw error;
      if (error.code === 'run.exists' || error.code === 'run.not-applicable') return;
      log.error(
        { flow: request.flow, code: error.code, error: error.message },
        'a flow could not be started',
      );
    }
  }
}

const startsOn = ({ trigger }: TriggeredFlow, { type, change }: ChangedRecord): boolean =>
  trigger.type === 'recordChange' &&
  !isBeforeSave(trigger) &&
  trigger.record === type &&
  trigger.on.includes(change);

/** The parts of an event that the flow has inputs for. */
function toInput(flow: CompiledFlow, payload: Json): Record<string, Json> {
  if (payload === null || typeof payload !== 'object' || Array.isArray(payload)) return {};
  const given = payload as { readonly [name: string]: Json };
  const input: Record<string, Json> = {};
  for (const { name, input: isInput } of flow.variables.values()) {
    if (isInput && Object.hasOwn(given, name)) input[name] = given[name] ?? null;
  }
  return input;
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
