// Starts the flows that start by themselves: when a record has changed, and when an event has come. What tells of it is
// a row of the outbox, which may come twice; the id of the run follows from it, so the flow starts once.
import { createHash } from 'node:crypto';
import type { CompiledFlow } from '../compile/compile-flow.js';
import type { Json, Trigger } from '../definition/flow.js';
import type { FlowVersions } from '../definition/versions.js';
import { RecourseError } from '../errors/recourse-error.js';
import { isTruthy } from '../expressions/compare.js';
import { engineLimits } from '../limits.js';
import type { Clock } from '../ports/clock.js';
import type { EngineStore, OutboxRow } from '../ports/engine-store.js';
import type { Logger } from '../ports/logger.js';
import { FrameContext, type Globals } from './frame-context.js';
import { newFrame } from './frames.js';
import { toIso } from './instants.js';
import type { StartRequest } from './operations.js';
import type { FlowRef, RunState, RunUser } from './run-state.js';

export interface TriggerParts {
  readonly store: EngineStore;
  readonly versions: FlowVersions;
  readonly clock: Clock;
  readonly log: Logger;
  readonly calendars: Readonly<Record<string, unknown>>;
  readonly start: (request: StartRequest) => Promise<RunState>;
  /** Whom flows act for that nobody starts. */
  readonly user: RunUser;
}

/** An active flow that starts by itself. */
export interface TriggeredFlow {
  readonly ref: FlowRef;
  readonly compiled: CompiledFlow;
  readonly trigger: Exclude<Trigger, { type: 'action' }>;
}

/** What a `record.changed` row tells. */
export interface RecordChange {
  readonly type: string;
  readonly id: string;
  readonly change: 'create' | 'update' | 'delete';
  /** The record after the change; null when it was deleted. */
  readonly value: Json;
  /** The record before; null when it is new. */
  readonly prior: Json;
  readonly depth: number;
}

/** The id of the run that one cause makes of a flow. */
export const toTriggeredId = (flow: string, cause: string): string =>
  `${flow}-${createHash('sha256').update(`${flow}\n${cause}`).digest('hex').slice(0, 24)}`;

export class Triggers {
  readonly #parts: TriggerParts;
  #known: readonly TriggeredFlow[] | undefined;
  #knownUntil = 0;

  constructor(parts: TriggerParts) {
    this.#parts = parts;
  }

  /** Flows have become active: what is known of them is out of date. */
  forget(): void {
    this.#known = undefined;
  }

  /** The active flows that start by themselves; what another worker activated is known a second later at most. */
  async flows(): Promise<readonly TriggeredFlow[]> {
    const { store, versions, clock, log } = this.#parts;
    const now = clock.now();
    const isFresh = now < this.#knownUntil && now >= this.#knownUntil - engineLimits.triggersAgeMsMax;
    if (this.#known !== undefined && isFresh) return this.#known;
    const found: TriggeredFlow[] = [];
    for (const version of await store.listFlows({ status: 'active' })) {
      const { trigger } = version.definition.start;
      if (trigger.type === 'action') continue;
      const ref = { name: version.name, version: version.version, hash: version.hash };
      try {
        found.push({ ref, compiled: await versions.compiled(ref), trigger });
      } catch (error) {
        // One broken flow doesn't keep the others from starting.
        log.error({ flow: ref.name, error: textOf(error) }, 'a flow that starts by itself is not valid here');
      }
    }
    this.#known = found;
    this.#knownUntil = now + engineLimits.triggersAgeMsMax;
    return found;
  }

  /** @throws {RecourseError} retryable ones: the row is to be delivered again */
  async recordChanged(row: OutboxRow): Promise<void> {
    const change = row.payload as unknown as RecordChange;
    for (const flow of await this.flows()) {
      const { trigger } = flow;
      if (trigger.type !== 'recordChange' || trigger.record !== change.type) continue;
      if (!trigger.on.includes(change.change) || !this.#isMeant(flow, trigger, change)) continue;
      await this.#start(flow, row, change.depth ?? 0, {
        subject: { type: change.type, id: change.id },
        recordPrior: change.prior ?? null,
      });
    }
  }

  /** @throws {RecourseError} retryable ones: the row is to be delivered again */
  async eventCame(row: OutboxRow): Promise<void> {
    const { event, payload = null } = row.payload as { readonly event?: string; readonly payload?: Json };
    for (const flow of await this.flows()) {
      const { trigger } = flow;
      if (trigger.type !== 'event' || trigger.event !== event) continue;
      if (!this.#holds(flow, { event: payload })) continue;
      const depth = row.run === '' ? 0 : ((await this.#parts.store.loadRun(row.run))?.depth ?? 0);
      await this.#start(flow, row, depth, { event: payload, input: toInput(flow.compiled, payload) });
    }
  }

  #isMeant(
    flow: TriggeredFlow,
    { newlyTrue }: Extract<Trigger, { type: 'recordChange' }>,
    { value = null, prior = null }: RecordChange,
  ): boolean {
    if (!this.#holds(flow, { record: value, recordPrior: prior })) return false;
    if (newlyTrue !== true || prior === null) return true;
    return !this.#holds(flow, { record: prior, recordPrior: null });
  }

  /** Whether the trigger's own condition holds; one that can't be evaluated doesn't. */
  #holds(
    { ref, compiled }: TriggeredFlow,
    { record = null, recordPrior, event }: { record?: Json; recordPrior?: Json; event?: Json },
  ): boolean {
    if (compiled.triggerWhen === undefined) return true;
    const { calendars, clock, user, log } = this.#parts;
    const now = toIso(clock.now());
    const globals: Globals = {
      now,
      user: user as Json,
      permission: Object.fromEntries((user.permissions ?? []).map((permission) => [permission, true])),
      run: { id: '', startedAt: now },
      calendars,
      record: () => record,
      recordPrior,
      event,
    };
    try {
      const context = new FrameContext(newFrame('main', ref, compiled, {}), compiled, globals);
      return isTruthy(context.evaluate(compiled.triggerWhen));
    } catch (error) {
      log.warn({ flow: ref.name, error: textOf(error) }, 'the condition of a trigger failed');
      return false;
    }
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
