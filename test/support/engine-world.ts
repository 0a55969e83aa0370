// A world for engines: the real engine store on the embedded driver, a virtual clock, an external service that writes
// down every call, and a wrapper around the ports at which an engine can be killed.
import { type Connection, Mongoose } from 'mongoose';
import {
  type Action,
  type ActionCall,
  createActionRegistry,
  createElementRegistry,
  createEngine,
  type Engine,
  type EngineOptions,
  type EngineStore,
  type FlowDefinition,
  type Json,
  type Logger,
  type OutboxRow,
  type RecordsPort,
  type RecordType,
  type RunState,
  silent,
  systemPermission,
} from '../../engine/index.js';
import { actionElement } from '../../engine/elements/action.js';
import { assignmentElement } from '../../engine/elements/assignment.js';
import { decisionElement } from '../../engine/elements/decision.js';
import { endElement } from '../../engine/elements/end.js';
import { getRecordsElement } from '../../engine/elements/get-records.js';
import { loopElement } from '../../engine/elements/loop.js';
import { parallelElement } from '../../engine/elements/parallel.js';
import { subflowElement } from '../../engine/elements/subflow.js';
import { updateRecordsElement } from '../../engine/elements/update-records.js';
import { waitElement } from '../../engine/elements/wait.js';
import { embeddedDriver } from '../../store/embedded/index.js';
import { openEngineStore } from '../../store/engine-store.js';
import { bindCollection } from '../../store/record-binding.js';
import { CrashPoints } from './crash-points.js';
import { VirtualClock } from './virtual-clock.js';
import { worldDatabase } from './world-store.js';

export const kernelElements = [
  actionElement,
  assignmentElement,
  decisionElement,
  endElement,
  getRecordsElement,
  loopElement,
  parallelElement,
  subflowElement,
  updateRecordsElement,
  waitElement,
] as const;

/** A record type of tests: anything goes. */
export const orderType: RecordType = {
  name: 'order',
  title: 'Order',
  schema: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
  permissions: {
    read: 'orders.read',
    create: 'orders.create',
    update: 'orders.update',
    delete: 'orders.delete',
  },
};

export const agent = {
  id: 'agent',
  permissions: ['orders.read', 'orders.create', 'orders.update', 'orders.delete'],
};

/** A call that arrived at the external service. */
export interface ProviderCall {
  readonly kind: 'perform' | 'lookUp' | 'undo';
  readonly action: string;
  readonly key: string;
  readonly attempt: number;
}

/** How the service treats the next calls of an action. */
export type Script = (call: ActionCall, count: number) => Json | Promise<Json>;

/**
 * The other side: knows what happened, by key. `keyed` calls with a known key are answered as before and have no
 * further effect; those of `ask` and `never` have one each time.
 */
export class Provider {
  readonly log: ProviderCall[] = [];
  /** What happened, by action and key, as often as it did. */
  readonly happened: string[] = [];
  readonly #answers = new Map<string, Json>();
  readonly #scripts = new Map<string, Script>();
  points: CrashPoints | undefined;
  /** Answers that wait for time to go on. */
  sleeping = 0;

  script(action: string, script: Script): void {
    this.#scripts.set(action, script);
  }

  async #touch<T>(name: string, work: () => Promise<T>): Promise<T> {
    return this.points === undefined ? work() : this.points.around(name, work);
  }

  external(name: string, repeat: 'keyed' | 'ask' | 'never', more: Partial<Action> = {}): Action {
    return {
      name,
      title: name,
      description: `The external action ${name}.`,
      input: { type: 'object' },
      output: {},
      effect: 'external',
      repeat,
      ...(repeat === 'keyed' ? { keyLifetimeMs: 86_400_000 } : {}),
      perform: (call) =>
        this.#touch(`perform ${name}`, async () => {
          this.log.push({ kind: 'perform', action: name, key: call.key, attempt: call.attempt });
          const known = this.#answers.get(`${name}:${call.key}`);
          if (known !== undefined && repeat === 'keyed') return known;
          const count = this.log.filter(({ action, kind }) => action === name && kind === 'perform').length;
          const answer = (await this.#scripts.get(name)?.(call, count)) ?? { ok: true, of: call.input };
          this.happened.push(`${name}:${call.key}`);
          this.#answers.set(`${name}:${call.key}`, answer);
          return answer;
        }),
      ...(repeat === 'ask'
        ? {
            lookUp: (call: ActionCall) =>
              this.#touch(`lookUp ${name}`, async () => {
                this.log.push({ kind: 'lookUp', action: name, key: call.key, attempt: call.attempt });
                return this.#answers.get(`${name}:${call.key}`);
              }),
          }
        : {}),
      undo: (call) =>
        this.#touch(`undo ${name}`, async () => {
          const count = this.log.filter(({ kind, key }) => kind === 'undo' && key === call.key).length + 1;
          this.log.push({ kind: 'undo', action: name, key: call.key, attempt: call.attempt });
          await this.#scripts.get(`undo ${name}`)?.(call, count);
          if (!this.happened.includes(`${name}:${call.key}`)) this.happened.push(`${name}:${call.key}`);
          return { undone: true };
        }),
      ...more,
    };
  }

  /** What the service says of a key, as an operator would ask it. */
  answerTo(action: string, key: string): Json | undefined {
    return this.#answers.get(`${action}:${key}`);
  }
}

export const double: Action = {
  name: 'double',
  title: 'Double',
  description: 'Twice a number.',
  input: { type: 'object', properties: { value: { type: 'number' } }, required: ['value'] },
  output: { type: 'number' },
  effect: 'pure',
  perform: async ({ input }) => (input as { value: number }).value * 2,
};

/** Of an external action whose calls nobody asks for again. */
const notUndone: Partial<Action> = { undo: { none: 'nobody can take it back' } };

export interface WorldOptions {
  readonly actions?: readonly Action[];
  readonly elements?: Parameters<typeof createElementRegistry>[0];
  readonly types?: readonly RecordType[];
  /** A database of its own in memory if left out. */
  readonly uri?: string;
  readonly log?: Logger;
  readonly engine?: Partial<EngineOptions>;
  /** Topics of the outbox that are received; `note` and `record.changed` if left out. */
  readonly topics?: readonly string[];
}

/** Opens a world; `close` it. */
export async function openWorld(options: WorldOptions = {}): Promise<EngineWorld> {
  const mongoose = new Mongoose();
  mongoose.setDriver(embeddedDriver);
  const { uri, ...database } = options.uri === undefined ? await worldDatabase() : { uri: options.uri };
  await mongoose.connect(uri, { ...database, autoIndex: false, autoCreate: false });
  const { connection } = mongoose;
  const close = async (): Promise<void> => {
    if (options.uri === undefined) await connection.dropDatabase();
    await mongoose.disconnect();
  };
  const bindings = (options.types ?? [orderType]).map((type) =>
    bindCollection(type, connection.collection(`records_${type.name}`)),
  );
  for (const { type } of bindings) await connection.createCollection(`records_${type.name}`);
  const { store, records } = await openEngineStore(connection, bindings);
  return new EngineWorld(connection, store, records, options, close);
}

export class EngineWorld {
  readonly connection: Connection;
  readonly store: EngineStore;
  readonly records: RecordsPort;
  readonly clock = new VirtualClock();
  readonly provider = new Provider();
  /** Rows of the outbox that were delivered, each as often as it was. */
  readonly delivered: OutboxRow[] = [];
  readonly actions: Action[];
  readonly close: () => Promise<void>;
  readonly #options: WorldOptions;
  #ids = 0;
  #onSleep: () => void = () => {};
  points = new CrashPoints();
  engine!: Engine;

  constructor(
    connection: Connection,
    store: EngineStore,
    records: RecordsPort,
    options: WorldOptions,
    close: () => Promise<void>,
  ) {
    this.connection = connection;
    this.store = store;
    this.records = records;
    this.#options = options;
    this.close = close;
    this.actions = [
      this.provider.external('charge', 'keyed'),
      this.provider.external('book', 'ask'),
      this.provider.external('post', 'never'),
      this.provider.external('mail', 'keyed', notUndone),
      this.provider.external('file', 'ask', notUndone),
      this.provider.external('ring', 'never', notUndone),
      double,
      ...(options.actions ?? []),
    ];
    this.begin();
  }

  /** A new engine on the same store; the one before is gone with its alarms. */
  begin(points = new CrashPoints()): Engine {
    this.clock.forget();
    this.points = points;
    this.provider.points = points;
    points.onDeath = () => this.clock.forget();
    this.engine = this.make(points);
    this.engine.open();
    return this.engine;
  }

  /** Another engine on the same store, beside the one that is there. */
  make(points = new CrashPoints()): Engine {
    const mortal: VirtualClock = Object.assign(Object.create(this.clock) as VirtualClock, {
      now: () => this.clock.now(),
      alarm: (ms: number, wake: () => void) =>
        points.dead ? () => {} : this.clock.alarm(ms, () => (points.dead ? undefined : wake())),
    });
    this.#ids += 1;
    const life = this.#ids;
    let next = 0;
    return createEngine({
      store: mortalStore(this.store, points),
      records: mortalRecords(this.records, points),
      elements: createElementRegistry(this.#options.elements ?? kernelElements),
      actions: createActionRegistry(this.actions),
      clock: mortal,
      ids: {
        next: () => {
          next += 1;
          return `i${String(life).padStart(4, '0')}${String(next).padStart(8, '0')}`;
        },
      },
      random: { next: () => 0.5 },
      pollMs: 86_400_000,
      log: this.#options.log ?? silent,
      handlers: Object.fromEntries(
        (this.#options.topics ?? ['note', 'record.changed']).map((topic) => [
          topic,
          (row: OutboxRow) => this.#receive(row, points),
        ]),
      ),
      ...this.#options.engine,
    });
  }

  #receive(row: OutboxRow, points: CrashPoints): Promise<void> {
    return points.around('deliver', async () => {
      this.delivered.push(row);
    });
  }

  async publish(...flows: readonly FlowDefinition[]): Promise<void> {
    for (const flow of flows) {
      const { name, version } = await this.engine.versions.save(flow, 'test');
      await this.engine.versions.activate(
        name,
        version,
        (await this.engine.versions.active(name))?.version ?? 0,
        { id: 'test', permissions: [systemPermission] },
      );
    }
  }

  /** An answer of the other side that takes its time. */
  async later(ms: number, answer: Json): Promise<Json> {
    this.provider.sleeping += 1;
    this.#onSleep();
    await new Promise<void>((resolve) => this.clock.alarm(ms, resolve));
    this.provider.sleeping -= 1;
    return answer;
  }

  /** Puts a record into the store, beside any run. */
  async putRecord(type: string, value: { readonly id: string } & Record<string, Json>): Promise<void> {
    const collection = this.connection.collection(`records_${type}`);
    const found = await this.records.read(type, value.id);
    await collection.replaceOne(
      { _id: value.id as never },
      { version: (found?.version ?? 0) + 1, value } as never,
      { upsert: true },
    );
  }

  canUndo(action: string): boolean {
    return typeof this.actions.find(({ name }) => name === action)?.undo === 'function';
  }

  /** Lets everything happen that can happen without time going on. */
  async calm(): Promise<void> {
    do {
      // A dead engine never comes to rest: only what it had begun in the store does.
      if (this.points.dead) await this.points.rest();
      else {
        if (this.provider.sleeping === 0)
          await Promise.race([this.engine.idle(), this.points.death, this.#nextSleep()]);
        if (this.provider.sleeping > 0) await this.#quiet();
      }
      await new Promise((resolve) => setImmediate(resolve));
    } while (!this.points.dead && this.clock.goTo(this.clock.now()));
    if (this.points.dead) await this.points.rest();
  }

  /** When an answer begins to take its time: until it comes, the engine is not idle. */
  #nextSleep(): Promise<void> {
    return new Promise((resolve) => {
      this.#onSleep = resolve;
    });
  }

  /** When the engine has done nothing for a while, though a call is still on its way. */
  async #quiet(): Promise<void> {
    for (let turns = 0, before = -1; turns < 3; turns += 1) {
      if (before !== this.points.touches) turns = 0;
      before = this.points.touches;
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
  }

  /** Lets `ms` pass, alarm by alarm. */
  async pass(ms: number): Promise<void> {
    const until = this.clock.now() + ms;
    await this.calm();
    for (let next = this.clock.nextAlarm(until); next !== undefined; next = this.clock.nextAlarm(until)) {
      this.clock.goTo(next);
      await this.calm();
    }
    this.clock.goTo(until);
    await this.calm();
  }

  /** Lets `ms` pass at once: what was due in between is all due now. */
  async leap(ms: number): Promise<void> {
    await this.calm();
    this.clock.goTo(this.clock.now() + ms);
    await this.calm();
  }

  /** Lets time pass until a run is neither active nor compensating, at most `ms`. */
  async settle(id: string, ms = 600_000): Promise<RunState> {
    const until = this.clock.now() + ms;
    await this.calm();
    for (;;) {
      const run = await this.store.loadRun(id);
      if (run === undefined) throw new Error(`there is no run ${id}`);
      if (run.status !== 'active' && run.status !== 'compensating') return run;
      const next = this.clock.nextAlarm(until);
      if (next === undefined) return run;
      this.clock.goTo(next);
      await this.calm();
    }
  }
}

/** A store that dies at a crash point. */
export function mortalStore(store: EngineStore, points: CrashPoints): EngineStore {
  return {
    loadRun: (id) => points.reading(() => store.loadRun(id)),
    listRuns: (filter) => points.reading(() => store.listRuns(filter)),
    runsWithWork: (...given) => points.reading(() => store.runsWithWork(...given)),
    commit: (unit) => points.around('commit', () => store.commit(unit)),
    journalOf: (run, after, limit) => points.reading(() => store.journalOf(run, after, limit)),
    enqueue: (item) => points.around('enqueue', () => store.enqueue(item)),
    knownItem: (id) => points.reading(() => store.knownItem(id)),
    discardItem: (id) => points.around('discardItem', () => store.discardItem(id)),
    inboxOf: (run) => points.reading(() => store.inboxOf(run)),
    keptItems: (after, limit) => points.reading(() => store.keptItems(after, limit)),
    claimDue: (now, until, limit, claims) =>
      claiming('claimDue', points, () => store.claimDue(now, until, limit, claims)),
    endLeases: (now, until) => points.reading(() => store.endLeases(now, until)),
    countClaim: (run, by) => points.reading(() => store.countClaim(run, by)),
    hasHeld: (subject) => points.reading(() => store.hasHeld(subject)),
    nextDue: (after) => points.reading(() => store.nextDue(after)),
    runsWaitingOn: (key, limit, after) => points.reading(() => store.runsWaitingOn(key, limit, after)),
    claimEffects: (now, owner, until, limit) =>
      claiming('claimEffects', points, () => store.claimEffects(now, owner, until, limit)),
    effectsTaken: (now, until, after, limit) =>
      points.reading(() => store.effectsTaken(now, until, after, limit)),
    runsInFlight: (until, after, limit) => points.reading(() => store.runsInFlight(until, after, limit)),
    loadEffect: (id) => points.reading(() => store.loadEffect(id)),
    effectsOf: (run) => points.reading(() => store.effectsOf(run)),
    saveEffect: (effect, token) => points.around('saveEffect', () => store.saveEffect(effect, token)),
    claimOutbox: (now, until, limit) =>
      claiming('claimOutbox', points, () => store.claimOutbox(now, until, limit)),
    putEvent: (event, row) => points.around('putEvent', () => store.putEvent(event, row)),
    loadEvent: (id) => points.reading(() => store.loadEvent(id)),
    putOutbox: (row) => points.around('putOutbox', () => store.putOutbox(row)),
    sweep: (what, before, after, limit) => points.reading(() => store.sweep(what, before, after, limit)),
    loadSchedule: (flow) => points.reading(() => store.loadSchedule(flow)),
    saveSchedule: (schedule, before) =>
      points.around('saveSchedule', () => store.saveSchedule(schedule, before)),
    ackOutbox: (id) => points.around('ackOutbox', () => store.ackOutbox(id)),
    delayOutbox: (id, claimAt) => points.around('delayOutbox', () => store.delayOutbox(id, claimAt)),
    saveDraft: (version) => store.saveDraft(version),
    flowByHash: (hash) => points.reading(() => store.flowByHash(hash)),
    flowByVersion: (name, version) => points.reading(() => store.flowByVersion(name, version)),
    activeFlow: (name) => points.reading(() => store.activeFlow(name)),
    listFlows: (filter) => points.reading(() => store.listFlows(filter)),
    takeFlows: (drafts, activations) => store.takeFlows(drafts, activations),
  };
}

/** A claim that found nothing touched nothing: no point of its own. */
async function claiming<T>(name: string, points: CrashPoints, claim: () => Promise<T[]>): Promise<T[]> {
  const found = await points.reading(claim);
  return found.length === 0 ? found : points.around(`${name} taken`, async () => found);
}

/** Records that die with it. */
export function mortalRecords(records: RecordsPort, points: CrashPoints): RecordsPort {
  return {
    types: records.types,
    read: (type, id) => points.reading(() => records.read(type, id)),
    find: (query) => points.reading(() => records.find(query)),
  };
}
