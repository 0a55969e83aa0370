// The engine: what a server, a command line or a test asks of it. It decides; ports touch the world.
import type { ActionRegistry } from './actions/registry.js';
import type { Registries } from './compile/compile-flow.js';
import { SchemaCompiler } from './compile/schemas.js';
import { FlowVersions } from './definition/versions.js';
import type { ElementRegistry } from './elements/registry.js';
import { type OperatorRegistry, standardOperators } from './expressions/index.js';
import { engineLimits } from './limits.js';
import type { AssigneePort } from './ports/assignees.js';
import type { Clock } from './ports/clock.js';
import type { EngineStore } from './ports/engine-store.js';
import type { Ids, Random } from './ports/ids.js';
import { type Logger, silent } from './ports/logger.js';
import type { RecordsPort } from './ports/records.js';
import type { SubjectPort } from './ports/subjects.js';
import { bulk } from './runtime/operations/bulk.js';
import { createEvents, type Events } from './runtime/operations/events.js';
import type { Refusal } from './runtime/decision/delivery.js';
import { Driver } from './runtime/drive.js';
import { EffectWorker } from './runtime/effects.js';
import { createInterventions, type Interventions } from './runtime/operations/interventions.js';
import { createMessages, type Messages } from './runtime/operations/messages.js';
import { OutboxDispatcher, type OutboxHandler } from './runtime/outbox.js';
import type { SegmentWorld } from './runtime/segment/segment-task.js';
import { ActiveTriggers } from './runtime/active-triggers.js';
import { BeforeSave } from './runtime/before-save.js';
import type { FlowRef, RunUser } from './runtime/run-state.js';
import { createRepairs, type Repairs } from './runtime/operations/repairs.js';
import { RunChanges } from './runtime/operations/run-changes.js';
import { RunGate } from './runtime/operations/run-gate.js';
import { createRuns, type Runs } from './runtime/operations/runs.js';
import { createStarts, type Starts } from './runtime/operations/starts.js';
import { createWakeUps, type WakeUps } from './runtime/operations/wake-ups.js';
import { EventWaits } from './runtime/event-waits.js';
import { Retention } from './runtime/retention.js';
import { Schedules } from './runtime/schedules.js';
import { allChanges } from './runtime/starting-changes.js';
import { Triggers } from './runtime/triggers.js';
import { Worker } from './runtime/worker.js';

export interface EngineOptions {
  readonly store: EngineStore;
  readonly records: RecordsPort;
  readonly elements: ElementRegistry;
  readonly actions: ActionRegistry;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly random: Random;
  readonly operators?: OperatorRegistry;
  /** Compiles schemas; engines of one process may share one. */
  readonly schemas?: SchemaCompiler;
  readonly subjects?: SubjectPort;
  /** Whom work can be given to; anybody if left out. */
  readonly assignees?: AssigneePort;
  readonly log?: Logger;
  /** Business calendars by name. */
  readonly calendars?: Readonly<Record<string, unknown>>;
  /** Who takes rows of the outbox, by topic. */
  readonly handlers?: Readonly<Record<string, OutboxHandler>>;
  /** Looks for what other workers left at least this often; 5 s if left out. */
  readonly pollMs?: number;
  /** How long consumed items and settled effects are kept after the end of their run; 30 days if left out. */
  readonly retentionMs?: number;
  /** Whom flows act for that start by themselves; `{ id: 'engine' }`, who has no permissions, if left out. */
  readonly triggerUser?: RunUser;
  /** Told of each start and answer that a caller's mistake has refused. */
  readonly refused?: (refusal: Refusal) => void;
  /**
   * No other worker can be at work on the store, as when it lies in a directory that this process has locked: what is
   * leased when the engine opens was left by workers that are gone.
   */
  readonly alone?: boolean;
  /** Name of this worker among those that share the store; a new one for each start of a process. */
  readonly worker?: string;
}

export interface Engine extends Starts, Messages, Events, Runs, Repairs, Interventions, WakeUps {
  readonly versions: FlowVersions;
  readonly registries: Registries;
  readonly bulk: typeof bulk;
  /** Begins to work on what is due; before that, nothing but reading is of use. */
  open(): void;
  /** Takes nothing new and waits for what is under way, 10 s at most. */
  close(): Promise<void>;
  /** When nothing is under way in this engine. */
  idle(): Promise<void>;
}

/** Makes an engine. Several may share one store, in one process or in many. */
export function createEngine(options: EngineOptions): Engine {
  const { store, records, clock, ids, random, log = silent } = options;
  const registries: Registries = {
    elements: options.elements,
    actions: options.actions,
    schemas: options.schemas ?? new SchemaCompiler(),
    operators: options.operators ?? standardOperators,
    records: records.types,
  };
  const calendars = options.calendars ?? {};
  const versions = new FlowVersions(store, registries, clock, { alone: options.alone ?? false });
  const active = new ActiveTriggers({ store, versions, clock, log });
  const user = options.triggerUser ?? { id: 'engine' };
  const inner = {
    registries,
    records,
    clock,
    log,
    random,
    calendars,
    ...(options.assignees === undefined ? {} : { assignees: options.assignees }),
    flow: (ref: FlowRef) => versions.compiled(ref),
    effectsOf: (run: string) => store.effectsOf(run),
    loadEffect: (id: string) => store.loadEffect(id),
  };
  const beforeSave = new BeforeSave({ active, versions, world: inner });
  const world: SegmentWorld = { ...inner, beforeSave };
  const owner = options.worker ?? ids.next();
  const { subjects, refused } = options;
  const driver = new Driver({
    store,
    world,
    versions,
    subjects,
    ids,
    log,
    owner,
    ...(refused === undefined ? {} : { refused }),
    era: () => active.era,
    // Whoever takes the rows, too, takes all of them.
    starts: () => (options.handlers?.['record.changed'] === undefined ? triggers.starts() : allChanges),
  });
  const effects = new EffectWorker({ store, actions: options.actions, clock, random, driver, owner });
  const handlers = new Map<string, OutboxHandler[]>();
  for (const [topic, handler] of Object.entries(options.handlers ?? {})) handlers.set(topic, [handler]);
  const outbox = new OutboxDispatcher({ store, clock, log, driver, handlers });
  const triggers = new Triggers({
    store,
    active,
    clock,
    log,
    calendars,
    user,
    start: (request) => starts.start(request),
  });
  const schedules = new Schedules({ store, clock, log, user, active, triggers });
  const worker = new Worker({
    store,
    clock,
    driver,
    effects,
    outbox,
    alone: options.alone ?? false,
    pollMs: options.pollMs ?? engineLimits.pollMsMax,
    runSchedules: () => schedules.run(),
    retention: new Retention(store, clock, options.retentionMs ?? engineLimits.retentionMs),
  });
  const gate = new RunGate(driver, worker);
  const changes = new RunChanges(driver);
  const runs = createRuns(store, worker, clock, options.assignees);
  const starts = createStarts({ store, world, driver, versions, ids, clock, gate });
  const wakeUps = createWakeUps({ store, driver, changes, subjects });
  versions.listener = () => {
    active.forget();
    worker.wake();
    // What was decided by the flows of before is committed before this one is said to be active.
    return driver.committed();
  };
  const eventWaits = new EventWaits({ store, driver, log });
  handlers.set('event', [
    (row) => eventWaits.eventCame(row),
    (row) => triggers.eventCame(row),
    ...(handlers.get('event') ?? []),
  ]);
  handlers.set('record.changed', [
    (row) => wakeUps.wakeWaiting(row),
    (row) => triggers.recordChanged(row),
    ...(handlers.get('record.changed') ?? []),
  ]);
  return {
    ...starts,
    ...createMessages({ store, driver, versions, ids, gate, runs }),
    ...createEvents({ store, clock, ids, active, outbox }),
    ...runs,
    ...createRepairs({ store, driver, versions, ids, clock, changes, runs, registries }),
    ...createInterventions({ store, driver, actions: options.actions, clock, changes }),
    ...wakeUps,
    bulk,
    versions,
    registries,
    open: () => worker.start(),
    close: () => worker.stop(),
    idle: () => driver.idle(),
  };
}
