// The active flows that start by themselves, as this process knows them: its own activations at once, those of other
// processes a second later at most.
import type { CompiledFlow } from '../compile/compile-flow.js';
import type { Trigger } from '../definition/flow.js';
import { type BeforeSaveTrigger, isBeforeSave } from '../definition/record-target.js';
import type { FlowVersions } from '../definition/versions.js';
import { engineLimits } from '../limits.js';
import type { Clock } from '../ports/clock.js';
import type { EngineStore } from '../ports/engine-store.js';
import type { Logger } from '../ports/logger.js';
import { atOnce } from './at-once.js';
import type { FlowRef } from './run-state.js';
import { isInfrastructure } from './segment/faults.js';

/** An active flow that starts by itself. */
export interface TriggeredFlow {
  readonly ref: FlowRef;
  readonly compiled: CompiledFlow;
  readonly trigger: Exclude<Trigger, { type: 'action' }>;
}

/** An active flow that runs before saves; `broken`: it is not valid here, so nobody knows what it would say. */
export type BeforeSaveFlow =
  | (TriggeredFlow & { readonly trigger: BeforeSaveTrigger })
  | { readonly ref: FlowRef; readonly trigger: BeforeSaveTrigger; readonly broken: unknown };

const none: readonly BeforeSaveFlow[] = [];

interface Known {
  readonly flows: readonly TriggeredFlow[];
  /** By record type, in the order in which they run. */
  readonly beforeSave: ReadonlyMap<string, readonly BeforeSaveFlow[]>;
  readonly until: number;
}

export interface ActiveTriggersParts {
  readonly store: EngineStore;
  readonly versions: FlowVersions;
  readonly clock: Clock;
  readonly log: Logger;
}

export class ActiveTriggers {
  readonly #parts: ActiveTriggersParts;
  #known: Known | undefined;
  #loading: Promise<Known> | undefined;
  /** What was begun to be read in an earlier one may be out of date. */
  #era = 0;

  constructor(parts: ActiveTriggersParts) {
    this.#parts = parts;
  }

  /** Another one since flows have become active here, or were retired. */
  get era(): number {
    return this.#era;
  }

  /** Flows have become active: what is known of them, or being read, is out of date. */
  forget(): void {
    this.#known = undefined;
    this.#loading = undefined;
    this.#era += 1;
  }

  /** All of them; at once where they are known. @throws {RecourseError} `store.*` when they can't be read */
  flows(): readonly TriggeredFlow[] | Promise<readonly TriggeredFlow[]> {
    return atOnce(this.#fresh(), ({ flows }) => flows);
  }

  /** Flows that run before saves of a record type; at once where they are known. @throws {RecourseError} `store.*` when they can't be read */
  beforeSave(record: string): readonly BeforeSaveFlow[] | Promise<readonly BeforeSaveFlow[]> {
    return atOnce(this.#fresh(), ({ beforeSave }) => beforeSave.get(record) ?? none);
  }

  #fresh(): Known | Promise<Known> {
    const now = this.#parts.clock.now();
    const known = this.#known;
    if (known !== undefined && now < known.until && now >= known.until - engineLimits.triggersAgeMsMax) {
      return known;
    }
    // Those who ask while it is being read wait for the same answer.
    this.#loading ??= this.#load(now);
    return this.#loading;
  }

  #load(now: number): Promise<Known> {
    const loading = this.#read(now).finally(() => {
      if (this.#loading === loading) this.#loading = undefined;
    });
    return loading;
  }

  async #read(now: number): Promise<Known> {
    const { store, versions, log } = this.#parts;
    const era = this.#era;
    const flows: TriggeredFlow[] = [];
    const beforeSave = new Map<string, BeforeSaveFlow[]>();
    const active = await store.listFlows({ status: 'active' });
    active.sort((left, right) => (left.name < right.name ? -1 : 1));
    for (const { name, version, hash, definition } of active) {
      const { trigger } = definition.start;
      if (trigger.type === 'action') continue;
      const ref = { name, version, hash };
      let flow: { readonly compiled: CompiledFlow } | { readonly broken: unknown };
      try {
        flow = { compiled: await versions.compiled(ref) };
        flows.push({ ref, trigger, ...flow });
      } catch (error) {
        if (isInfrastructure(error)) throw error;
        // One broken flow doesn't keep the others from starting.
        log.error({ flow: name, error: textOf(error) }, 'a flow that starts by itself is not valid here');
        flow = { broken: error };
      }
      if (isBeforeSave(trigger)) {
        beforeSave.set(trigger.record, [
          ...(beforeSave.get(trigger.record) ?? []),
          { ref, trigger, ...flow },
        ]);
      }
    }
    for (const ofType of beforeSave.values()) ofType.sort((left, right) => orderOf(left) - orderOf(right));
    const known = { flows, beforeSave, until: now + engineLimits.triggersAgeMsMax };
    if (era === this.#era) this.#known = known;
    return known;
  }
}

/** One without an order stands between 1000 and 1001, as in Salesforce. Those of one order stay in that of their names. */
const orderOf = ({ trigger: { order = 1_000.5 } }: BeforeSaveFlow): number => order;

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
