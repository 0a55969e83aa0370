// One simulated world from a seed: engines that die, hang and race on one store, services and clients that misbehave;
// and the comparison of what came of it with what the model says.
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
import {
  createActionRegistry,
  createElementRegistry,
  createEngine,
  type ElementType,
  type Engine,
  type EngineStore,
  type FlowDefinition,
  type InboxItem,
  type OutboxRow,
  type RecordsPort,
  type RecordType,
  type RunState,
  SchemaCompiler,
  type SubjectPort,
  unitErrors,
} from '../../engine/index.js';
import { waitsOf } from '../../engine/runtime/frames.js';
import { storeErrors } from '../../store/store-errors.js';
import { checkWorld } from './check-world.js';
import { generateFlows } from './flow-generator.js';
import { MemoryEngineStore } from './memory-engine-store.js';
import { answerPayload, eventPayload, signalPayload, skippedOutput } from './model.js';
import type { PlantedBug } from './planted-bug.js';
import { Provider } from './provider.js';
import { SeededRandom } from './seeded-random.js';
import { noteElement } from '../support/note-element.js';
import { questionElement } from './simulation-elements.js';
import { compensateElement } from '../../engine/elements/compensate.js';
import { openGate } from './open-gate.js';
import { stampFlow } from './stamp-flow.js';
import { Life, World } from './world.js';

const second = 1_000;
/** From here on nothing goes wrong any more, and everything must come to its end. */
const healsAt = 600 * second;
/** By then everything must have ended. */
const endsAt = 4 * 3_600 * second;
const tickMs = 15 * second;
/** A sound world has ended after a thousand or two; one that takes so many goes round in circles. */
const stepsMax = 50_000;

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

const subjects: SubjectPort = {
  async stateOf(subject, record) {
    const found = await record();
    if (found === undefined) return {};
    const guard = { kind: 'touch', ...subject, version: found.version } as const;
    return found.value['hold'] === true ? { hold: { reason: 'held' }, guard } : { guard };
  },
};

const user = { id: 'agent', permissions: Object.values(orderType.permissions) };

const kernelElements: readonly ElementType<never>[] = [
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
  noteElement,
  questionElement,
  compensateElement,
];

/** Schemas are the same in all worlds, and compiling them is slow. */
const schemas = new SchemaCompiler();

/** What may go wrong in a world: shares of the calls, or whether it happens at all. */
interface Profile {
  readonly workers: number;
  readonly crash: number;
  readonly unavailable: number;
  readonly conflict: number;
  readonly unknown: number;
  readonly trouble: number;
  readonly pauses: boolean;
  readonly jumpsForth: boolean;
  readonly jumpsBack: boolean;
  readonly holds: boolean;
  readonly suspends: boolean;
  readonly cancels: boolean;
  readonly duplicates: number;
}

function toProfile(random: SeededRandom): Profile {
  const share = (often: number, most: number): number =>
    random.chance(often) ? random.next() ** 2 * most : 0;
  const pauses = random.chance(0.3);
  return {
    workers: random.between(1, 3),
    crash: share(0.7, 0.06),
    unavailable: share(0.4, 0.05),
    conflict: share(0.4, 0.1),
    unknown: share(0.4, 0.1),
    trouble: share(0.7, 0.5),
    pauses,
    jumpsForth: random.chance(0.3),
    // A process that hung while the clock went back can't know that its lease has ended: docs/simulation.md.
    jumpsBack: !pauses && random.chance(0.3),
    holds: random.chance(0.35),
    suspends: random.chance(0.25),
    cancels: random.chance(0.15),
    duplicates: random.chance(0.6) ? 0.3 : 0,
  };
}

export interface PlannedRun {
  readonly id: string;
  readonly flow: string;
  readonly hasSubject: boolean;
  cancelled: boolean;
}

/** A delivery of a row of the outbox that a handler has begun. */
export interface Delivery {
  readonly row: OutboxRow;
  readonly life: Life;
  readonly wall: number;
  ended: boolean;
}

export interface SimulationResult {
  readonly seed: number;
  readonly traceHash: string;
  /** What is not as it must be; nothing: all is well. */
  readonly violations: readonly string[];
  readonly lines: readonly string[];
  readonly steps: number;
  readonly units: number;
  readonly deaths: number;
  readonly faults: Readonly<Record<string, number>>;
}

export async function simulate(
  seed: number,
  { bug, keepsLines = false }: { readonly bug?: PlantedBug; readonly keepsLines?: boolean } = {},
): Promise<SimulationResult> {
  return new Simulation(seed, bug, keepsLines).run();
}

type Ask = (engine: Engine) => Promise<unknown>;

export class Simulation {
  readonly world: World;
  readonly memory: MemoryEngineStore;
  readonly provider: Provider;
  readonly flows = new Map<string, FlowDefinition>();
  readonly runs: PlannedRun[] = [];
  readonly deliveries: Delivery[] = [];
  /** Signals that were sent, by id. */
  readonly signals = new Map<string, { answered: boolean; accepted: boolean }>();
  readonly violations: string[] = [];
  readonly profile: Profile;
  readonly #seed: number;
  readonly #bug: PlantedBug | undefined;
  readonly #random: SeededRandom;
  readonly #engines = new Map<Life, Engine>();
  readonly #faults: Record<string, number> = {};
  readonly #asked = new Set<string>();
  #healed = false;
  #asking = 0;
  #lives = 0;
  #ended = false;

  constructor(seed: number, bug: PlantedBug | undefined, keepsLines: boolean) {
    this.#seed = seed;
    this.#bug = bug;
    this.#random = new SeededRandom(seed, 1);
    this.profile = toProfile(this.#random);
    this.world = new World(this.#random, keepsLines);
    this.memory = bug?.memory?.([orderType], () => this.world) ?? new MemoryEngineStore([orderType]);
    this.provider = new Provider(this.world, this.memory, (what) => this.wrong(what));
    this.provider.trouble = this.profile.trouble;
  }

  wrong(what: string): void {
    this.world.note(`WRONG: ${what}`);
    if (this.violations.length < 20) this.violations.push(what);
  }

  async run(): Promise<SimulationResult> {
    this.#planFlows();
    await this.#publish();
    this.#planRuns();
    this.#planFaults();
    for (let worker = 1; worker <= this.profile.workers; worker += 1) this.#begin(worker);
    this.world.after(tickMs, () => this.#tick());
    this.world.after(healsAt, () => this.#heal());
    await this.world.work(() => this.#ended || this.violations.length > 0);
    if (this.violations.length === 0) checkWorld(this);
    for (const life of this.#engines.keys()) life.end();
    return {
      seed: this.#seed,
      traceHash: this.world.traceHash,
      violations: this.violations,
      lines: this.world.lines,
      steps: this.world.steps,
      units: this.memory.journal.size,
      deaths: this.#faults['crash'] ?? 0,
      faults: this.#faults,
    };
  }

  // Before time begins.

  #planFlows(): void {
    const random = new SeededRandom(this.#seed, 2);
    for (const name of random.chance(0.3) ? ['flow-a', 'flow-b'] : ['flow-a']) {
      for (const flow of generateFlows(random, name)) this.flows.set(flow.name, flow);
    }
    this.flows.set(openGate.name, openGate);
    if (random.chance(0.4)) this.flows.set(stampFlow.name, stampFlow);
  }

  async #publish(): Promise<void> {
    for (const id of ['shared', 'gate'])
      this.memory.putRecord('order', { id, count: 0, saves: 0, open: false });
    const life = new Life('publisher');
    const engine = createEngine({
      store: this.memory,
      records: this.memory.records,
      elements: createElementRegistry(kernelElements),
      actions: createActionRegistry(this.provider.actionsFor(life)),
      clock: this.world.clockOf(life),
      ids: { next: () => '' },
      random: this.#random,
      schemas,
    });
    for (const flow of this.flows.values()) {
      const { name, version } = await engine.versions.save(flow, 'simulation');
      await engine.versions.activate(name, version, 0, { id: 'simulation' });
    }
  }

  #planRuns(): void {
    const random = this.#random;
    const mains = [...this.flows.keys()].filter((name) => /^flow-.$/.test(name));
    for (let index = random.between(1, 3); index > 0; index -= 1) {
      const run: PlannedRun = {
        id: `r${index}`,
        flow: random.pick(mains),
        hasSubject: random.chance(0.6),
        cancelled: false,
      };
      this.runs.push(run);
      this.memory.putRecord('order', { id: run.id, saves: 0 });
      const subject = run.hasSubject ? { subject: { type: 'order', id: run.id } } : {};
      this.#later(0, 60, () =>
        this.#insist(
          `start ${run.id}`,
          (engine) => engine.start({ flow: run.flow, user, id: run.id, ...subject }),
          ['run.exists'],
        ),
      );
      for (const flow of this.flows.values()) {
        if (!flow.name.startsWith(run.flow)) continue;
        for (const [signal, { buffered }] of Object.entries(flow.signals ?? {})) {
          if (buffered === true && random.chance(0.5))
            this.#later(60, 200, () => this.#signal(run, signal, 'early'));
        }
      }
    }
    const isOpenedByRun = new SeededRandom(this.#seed, 3).chance(0.5);
    this.#later(100, 400, () => {
      if (isOpenedByRun) {
        const start = { flow: openGate.name, user, id: openGate.name };
        this.#insist('open the gate', (engine) => engine.start(start), ['run.exists']);
        return;
      }
      this.memory.putRecord('order', { id: 'gate', count: 0, open: true });
      this.#insist('the gate has opened', (engine) => engine.recordChanged('order', 'gate'));
    });
  }

  #planFaults(): void {
    const { profile } = this;
    const random = this.#random;
    if (profile.pauses) {
      for (let count = random.between(1, 4); count > 0; count -= 1) {
        this.#later(5, 500, () => {
          const life = this.#pickLife();
          if (life === undefined || this.#healed) return;
          const ms = random.between(5, 90) * second;
          this.#fault('pause', `${life.name} for ${ms}`);
          life.pausedUntil = this.world.time + ms;
        });
      }
    }
    if (profile.jumpsForth) {
      for (let count = random.between(1, 3); count > 0; count -= 1)
        this.#later(5, 500, () => this.#jump(random.between(10, 600) * second));
    }
    if (profile.jumpsBack) {
      for (let count = random.between(1, 3); count > 0; count -= 1)
        this.#later(5, 500, () => this.#jump(-random.between(10, 240) * second));
    }
    for (const run of this.runs) {
      if (profile.holds && run.hasSubject) {
        for (let count = random.between(1, 2); count > 0; count -= 1)
          this.#later(20, 400, () => this.#hold(run));
      }
      if (profile.suspends) this.#later(20, 400, () => this.#suspend(run));
      if (profile.cancels && random.chance(0.5)) {
        this.#later(60, 400, () => {
          run.cancelled = true;
          const who = { by: 'operator', reason: 'cancelled' };
          this.#insist(`cancel ${run.id}`, (engine) => engine.cancel(run.id, who, { compensate: true }), [
            'run.ended',
            'run.operation-refused',
          ]);
        });
      }
    }
  }

  #later(from: number, to: number, run: () => void): void {
    this.world.after(this.#random.between(from * second, to * second), run);
  }

  #fault(kind: string, what: string): void {
    this.#faults[kind] = (this.#faults[kind] ?? 0) + 1;
    this.world.note(`${kind}: ${what}`);
  }

  #jump(ms: number): void {
    this.#fault(ms > 0 ? 'jump forth' : 'jump back', String(ms));
    this.world.jump(ms);
  }

  // Processes.

  #begin(worker: number): void {
    this.#lives += 1;
    const number = this.#lives;
    const life = new Life(`w${worker}.${number}`);
    this.world.note(`${life.name} begins`);
    const parts = {
      life,
      world: this.world,
      memory: this.memory,
      store: this.#storeFor(life),
      actions: this.provider.actionsFor(life),
    };
    const { store, actions } = { ...parts, ...this.#bug?.process?.(parts) };
    let ids = 0;
    let idAt = 0;
    const engine = createEngine({
      store,
      records: this.#recordsFor(life),
      elements: createElementRegistry(this.#withBug(kernelElements)),
      actions: createActionRegistry(actions),
      clock: this.world.clockOf(life),
      // As ids usually are: the time, then what tells processes apart.
      ids: {
        next: () => {
          idAt = Math.max(idAt, this.world.wall);
          ids += 1;
          return `${idAt.toString(36)}${String(ids).padStart(6, '0')}${String(number).padStart(3, '0')}`;
        },
      },
      random: this.#random,
      schemas,
      subjects,
      handlers: { note: (row) => this.#receive(life, row) },
      pollMs: 60 * second,
      alone: this.profile.workers === 1,
      worker: life.name,
    });
    this.#engines.set(life, engine);
    life.onDeath(() => {
      this.#engines.delete(life);
      if (!this.#ended) this.#laterBegin(worker);
    });
    engine.open();
  }

  #withBug(elements: readonly ElementType<never>[]): ElementType<never>[] {
    return elements.map(
      (element) => this.#bug?.elements?.find(({ type }) => type === element.type) ?? element,
    );
  }

  #laterBegin(worker: number): void {
    this.#later(0, this.#healed ? 0 : 40, () => this.#begin(worker));
  }

  #pickLife(): Life | undefined {
    const lives = [...this.#engines.keys()];
    return lives.length === 0 ? undefined : this.#random.pick(lives);
  }

  #storeFor(life: Life): EngineStore {
    const { memory } = this;
    return new Proxy<EngineStore>(memory, {
      get: (_target, name) => {
        const method = memory[name as keyof EngineStore] as (...args: unknown[]) => Promise<unknown>;
        return (...args: unknown[]) =>
          this.#call(life, toCallName(String(name), args), String(name), () => method.apply(memory, args));
      },
    });
  }

  #recordsFor(life: Life): RecordsPort {
    const { records } = this.memory;
    return {
      types: records.types,
      read: (type, id) => this.#call(life, `read ${id}`, 'read', () => records.read(type, id)),
      find: (query) => this.#call(life, `find ${query.type}`, 'read', () => records.find(query)),
    };
  }

  /** One call of a process to the store: its turn, what may befall it, and its answer. */
  #call<T>(life: Life, what: string, kind: string, work: () => Promise<T>): Promise<T> {
    if (life.dead) return new Promise(() => {});
    const { profile } = this;
    const random = this.#random;
    const happens = (fault: string, share: number): boolean => {
      if (this.#healed || !random.chance(share)) return false;
      this.#fault(fault, `${life.name} ${what}`);
      return true;
    };
    const writes = !reading.has(kind);
    return new Promise<T>((resolve, reject) => {
      this.world.turn(life, what, () => {
        if (writes && happens('crash', profile.crash / 2)) return life.end();
        if (happens('unavailable', writes ? profile.unavailable : profile.unavailable / 10))
          return reject(storeErrors.error('unavailable', 'simulated'));
        if (kind === 'commit' && happens('conflict', profile.conflict)) return resolve('conflict' as T);
        if (kind === 'commit' && happens('unknown', profile.unknown)) {
          const unknown = (): void => reject(unitErrors.error('outcome-unknown', 'simulated'));
          if (random.chance(0.5)) return unknown();
          work().then(unknown, reject);
          return;
        }
        const done = work();
        if (writes && happens('crash', profile.crash / 2)) return life.end();
        done.then((value) => {
          if (kind === 'commit' || random.chance(0.2)) {
            this.world.turn(life, `done: ${what} ${typeof value === 'string' ? value : ''}`, () =>
              resolve(value),
            );
          } else resolve(value);
        }, reject);
      });
    });
  }

  #receive(life: Life, row: OutboxRow): Promise<void> {
    const random = this.#random;
    const { profile } = this;
    const delivery: Delivery = { row, life, wall: this.world.wall, ended: false };
    this.world.note(`${life.name} delivers ${row.id}`);
    // With a clock and processes that behave, a lease is never taken over from somebody who lives.
    if (!profile.pauses && !profile.jumpsForth && !profile.jumpsBack) {
      const other = this.deliveries.find(
        (one) =>
          !one.ended &&
          one.row.key === row.key &&
          one.row.run === row.run &&
          !one.life.dead &&
          this.world.wall - one.wall < 15 * second,
      );
      if (other !== undefined)
        this.wrong(`${row.id} is delivered by ${life.name} while ${other.row.id} is by ${other.life.name}`);
    }
    this.deliveries.push(delivery);
    return new Promise((resolve, reject) => {
      this.world.after(
        random.between(0, 3) * second,
        () => {
          delivery.ended = true;
          if (!this.#healed && random.chance(profile.trouble / 3)) reject(new Error('not delivered'));
          else resolve();
        },
        life,
      );
    });
  }

  // Clients and operators.

  /** Does what a client does: tries again, at whichever process, until it has an answer. */
  #insist(what: string, ask: Ask, answers: readonly string[] = []): void {
    this.#asking += 1;
    let over = false;
    const once = (): void => {
      const life = this.#pickLife();
      const engine = life === undefined ? undefined : this.#engines.get(life);
      if (life === undefined || engine === undefined) {
        again();
        return;
      }
      this.world.note(`ask ${life.name}: ${what}`);
      let done = false;
      const end = (next: () => void): void => {
        if (done) return;
        done = true;
        next();
      };
      life.onDeath(() => end(again));
      this.world.after(60 * second, () => end(again));
      ask(engine).then(
        () => end(finish),
        (error: unknown) => {
          const { code } = error as { code?: string };
          if (code === undefined) this.wrong(`${what}: ${String((error as Error).stack)}`);
          end(code !== undefined && answers.includes(code) ? finish : again);
        },
      );
    };
    const finish = (): void => {
      if (over) return;
      over = true;
      this.#asking -= 1;
      this.world.note(`answered ${what}`);
    };
    const again = (): void => {
      if (over || this.#ended) return;
      this.#later(1, 20, once);
    };
    this.world.turn(undefined, `client: ${what}`, once);
    if (!this.#healed && this.#random.chance(this.profile.duplicates)) {
      this.#fault('duplicate', what);
      this.world.turn(undefined, `client again: ${what}`, once);
    }
  }

  #signal(run: PlannedRun, signal: string, which: string): void {
    const id = `${run.id}:${signal}:${which}`;
    const sent = { answered: false, accepted: false };
    this.signals.set(id, sent);
    this.#insist(
      `signal ${signal} ${which} to ${run.id}`,
      async (engine) => {
        try {
          await engine.signal(run.id, signal, { n: signalPayload }, { id, by: 'client' });
          sent.answered = true;
          sent.accepted = true;
        } catch (error) {
          sent.answered ||= (error as { code?: string }).code === 'run.ended';
          throw error;
        }
      },
      ['run.ended'],
    );
  }

  #hold(run: PlannedRun): void {
    if (this.#healed) return;
    const value = this.memory.recordOf('order', run.id)!.value;
    this.#fault('hold', run.id);
    this.memory.putRecord('order', { ...value, hold: true });
    this.#later(20, 120, () => this.#lift(run));
  }

  #lift(run: PlannedRun): void {
    const { hold, ...value } = this.memory.recordOf('order', run.id)!.value;
    if (hold !== true) return;
    this.world.note(`the hold on ${run.id} is lifted`);
    this.memory.putRecord('order', value as { id: string });
    this.#insist(`release ${run.id}`, (engine) => engine.release({ type: 'order', id: run.id }));
  }

  #suspend(run: PlannedRun): void {
    if (this.#healed || this.memory.runOf(run.id) === undefined) return;
    const who = { by: 'operator', reason: 'simulated' };
    this.#insist(`suspend ${run.id}`, (engine) => engine.suspend(run.id, who), [
      'run.ended',
      'run.operation-refused',
    ]);
  }

  /** What clients and operators look at now and then. */
  #tick(): void {
    for (const planned of this.runs) {
      const run = this.memory.runOf(planned.id);
      if (run === undefined) continue;
      this.#serve(planned, run);
      if (run.status === 'incident') this.#resolve(run);
      if (run.status === 'suspended' && this.#random.chance(0.4)) {
        const who = { by: 'operator', reason: 'simulated' };
        this.#once(`resume ${run.id} ${run.seq}`, (engine) => engine.resume(run.id, who), [
          'run.operation-refused',
        ]);
      }
    }
    for (const { id, run, state, undo, late } of [...this.memory.effects.values()]) {
      if (state !== 'inDoubt' && undo?.state !== 'inDoubt') continue;
      // Of one that the run has gone on without there is no incident.
      const { incident, endedAt } = this.memory.runOf(run)!;
      if (incident?.effect === id || late === true || endedAt !== undefined) this.#resolveDoubt(run, id);
    }
    if (this.#healed && this.#isQuiet()) {
      this.#ended = true;
      return;
    }
    if (this.world.time > endsAt || this.world.steps > stepsMax) {
      this.#ended = true;
      this.wrong(`not ended: ${this.#open().join('; ')}`);
      return;
    }
    this.world.after(tickMs, () => this.#tick());
  }

  #once(what: string, ask: Ask, answers: readonly string[]): void {
    if (this.#asked.has(what)) return;
    this.#asked.add(what);
    this.#insist(what, (engine) => ask(engine), answers);
  }

  /** Sends what the run waits for. */
  #serve(planned: PlannedRun, run: RunState): void {
    if (run.endedAt !== undefined) return;
    for (const { place, wait } of waitsOf(run.root)) {
      const at = `${place.frame}:${place.element}:${place.visit}`;
      if (wait.kind === 'answer') {
        const ask =
          (id: string): Ask =>
          (engine) =>
            engine.answer(run.id, { ...place, name: wait.name }, { n: answerPayload }, { id, by: 'client' });
        const answers = ['run.event-not-accepted', 'run.ended'];
        if (this.#asked.has(`answer ${run.id} ${at}`)) continue;
        this.#once(`answer ${run.id} ${at}`, ask(`${run.id}:${at}`), answers);
        if (this.#random.chance(this.profile.duplicates))
          this.#once(`answer again ${run.id} ${at}`, ask(`${run.id}:${at}:again`), answers);
      }
      if (wait.kind === 'event') this.#tell(run, at, wait);
      if (wait.kind === 'signal') {
        const key = `${run.id}:${wait.signal}:`;
        const onTheWay = [...this.signals].some(
          ([id, sent]) => id.startsWith(key) && (!sent.answered || this.memory.inbox.get(id)?.kept === true),
        );
        if (!onTheWay) this.#signal(planned, wait.signal, String(this.signals.size));
      }
    }
  }

  /**
   * Tells once, for each wait, of the event that it is for: one that is lost leaves the run waiting for ever. Others that
   * are not meant may come before.
   */
  #tell(run: RunState, at: string, { event, key }: { readonly event: string; readonly key?: string }): void {
    const tell = (id: string, meant: boolean, of: string | undefined): void =>
      this.#once(
        `tell of ${id}`,
        (engine) =>
          engine.publish({
            event,
            id,
            payload: { n: meant ? eventPayload : 1_000, meant },
            ...(of === undefined ? {} : { key: of }),
          }),
        [],
      );
    const id = `${run.id}:${at}`;
    if (this.#asked.has(`tell of ${id}`)) return;
    if (this.#random.chance(0.2)) tell(`${id}:not`, false, key);
    if (key !== undefined && this.#random.chance(0.2)) tell(`${id}:other`, true, 'nobody');
    tell(id, true, key);
  }

  #resolve(run: RunState): void {
    const incident = run.incident!;
    const who = { by: 'operator', reason: 'simulated', seq: run.seq };
    const what = `${run.id} ${run.seq}`;
    if (incident.kind === 'inDoubt') return;
    if (incident.kind === 'poison') {
      this.#once(`retry ${what}`, (engine) => engine.retry(run.id, who), ['run.operation-refused']);
      return;
    }
    const { frame, element } = incident.place;
    const action = this.#actionAt(run, frame, element);
    if (incident.kind === 'fault' && action === 'fragile') {
      this.#once(`retry ${what}`, (engine) => engine.retry(run.id, who), ['run.operation-refused']);
    } else if (incident.kind === 'fault' && action === 'broken') {
      const output = { n: skippedOutput };
      this.#once(`skip ${what}`, (engine) => engine.skip(run.id, { output }, who), ['run.operation-refused']);
    } else this.wrong(`${run.id} stopped at ${JSON.stringify(incident.error)}`);
  }

  /** The action of an element; its frame may have been begun by the segment that was discarded. */
  #actionAt(run: RunState, frame: string, element: string): unknown {
    let flow = this.flows.get(run.flow.name);
    for (const call of frame.split('/').slice(1)) {
      const [caller = ''] = call.split('.');
      flow = this.flows.get(String(flow?.elements[caller]?.['flow']));
    }
    return flow?.elements[element]?.['action'];
  }

  /** Asks the other side, and says what it says. */
  #resolveDoubt(run: string, id: string): void {
    const effect = this.memory.effects.get(id)!;
    const key = `${effect.action}:${id}`;
    const { incident, seq } = this.memory.runOf(run)!;
    const stopped = incident?.effect === id;
    const who = { by: 'operator', reason: 'asked the other side', ...(stopped ? { seq } : {}) };
    this.#once(
      `resolve ${id} ${effect.token}${stopped ? ` ${seq}` : ''}`,
      (engine) => {
        const now = this.memory.effects.get(id)!;
        const book = now.undo === undefined ? this.provider.happened : this.provider.undone;
        const known = book.get(now.undo === undefined ? key : `${key}:undo`);
        const truth =
          known === undefined
            ? ({ happened: false } as const)
            : ({ happened: true, output: known.output } as const);
        return engine.resolveInDoubt(run, id, truth, who);
      },
      ['run.operation-refused', 'run.ended'],
    );
  }

  #heal(): void {
    this.world.note('everything heals');
    this.#healed = true;
    this.provider.trouble = 0;
    for (const run of this.runs) this.#lift(run);
    for (const life of this.#engines.keys()) life.pausedUntil = 0;
  }

  #isQuiet(): boolean {
    return this.#open().length === 0;
  }

  #open(): string[] {
    const open: string[] = [];
    for (const { id } of this.runs) {
      const status = this.memory.runs.get(id)?.status;
      if (status !== 'done' && status !== 'cancelled') {
        const { incident, root } = this.memory.runOf(id) ?? {};
        open.push(`${id} is ${status}, at ${JSON.stringify(root?.value)} ${JSON.stringify(incident?.error)}`);
      }
    }
    for (const { id, state, undo, claimAt } of this.memory.allEffects()) {
      if (claimAt !== undefined || state === 'intended' || state === 'inDoubt' || undo?.state === 'inDoubt')
        open.push(`the effect ${id} is ${state}, ${JSON.stringify(undo)}`);
    }
    for (const { kept, state } of this.memory.inbox.values()) {
      if (!kept) continue;
      const { id, body } = JSON.parse(state) as InboxItem;
      // A signal may have come for nothing.
      if (body.kind !== 'signal') open.push(`${id} is kept`);
    }
    for (const id of this.memory.outbox.keys()) open.push(`${id} is not delivered`);
    if (this.#asking > 0) open.push(`${this.#asking} clients have no answer`);
    return open;
  }
}

const reading: ReadonlySet<string> = new Set([
  'loadRun',
  'listRuns',
  'runsWithWork',
  'journalOf',
  'knownItem',
  'inboxOf',
  'keptItems',
  'nextDue',
  'hasHeld',
  'runsWaitingOn',
  'loadEffect',
  'runsInFlight',
  'loadEvent',
  'effectsOf',
  'effectsTaken',
  'flowByHash',
  'flowByVersion',
  'activeFlow',
  'listFlows',
  'loadSchedule',
  'read',
]);

function toCallName(name: string, args: readonly unknown[]): string {
  const [first] = args;
  if (typeof first === 'string') return `${name} ${first}`;
  const { id, run } = (first ?? {}) as { id?: string; run?: RunState };
  return `${name} ${run?.id === undefined ? (id ?? '') : `${run.id} ${run.seq} ${run.status}`}`;
}
