// The shipped flows on engines that die at given points: the real actions, store and adapter, the payment simulator as the
// other side, and a clock that stands still. What is left in the end must not tell that anything died.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import {
  type Action,
  type Engine,
  type FlowDefinition,
  type Json,
  openWorkOf,
  type OutboxRow,
  type RunState,
  SchemaCompiler,
  systemPermission,
} from '../../../engine/index.js';
import { endedStatuses } from '../../../engine/runtime/run-state.js';
import { toOrderView } from '../../../orders/aggregate/order-view.js';
import { insertMissing, readSampleRecords } from '../../../server/sample-data.js';
import { runUserWith } from '../../../server/auth/run-user.js';
import { composeEngine, openFlowStore } from '../../../server/engine/compose-engine.js';
import { flowsDirectory } from '../../../server/engine/flows-directory.js';
import { readFlowFiles } from '../../../server/engine/flow-files.js';
import { simulatedProvider } from '../../../server/engine/payments.js';
import { shopActions } from '../../../server/engine/shop-actions.js';
import { type OpenDatabase, openDatabase } from '../../../store/connect.js';
import type { OpenEngineStore } from '../../../store/engine-store.js';
import { loadAggregate } from '../../../store/order-binding.js';
import type { Role } from '../../../store/models/user.js';
import { type CrashPoint, CrashPoints } from '../../support/crash-points.js';
import { mortalRecords, mortalStore } from '../../support/engine-world.js';
import { minute } from '../../support/flows.js';
import { insist } from '../../support/insist.js';
import { VirtualClock } from '../../support/virtual-clock.js';

/** What people do, one after the other; each is done again until it is answered. */
export interface FlowStory {
  readonly flow: string;
  readonly order?: string;
  readonly as?: Role;
  readonly input?: Readonly<Record<string, Json>>;
  readonly answers?: readonly {
    readonly as: Role;
    readonly element: string;
    readonly payload: Readonly<Record<string, Json>>;
  }[];
  /** Runs first, and is not disturbed. */
  readonly before?: { readonly flow: string; readonly input: Readonly<Record<string, Json>> };
  /** Let so much time pass in the end. */
  readonly passMs?: number;
  /** It sends nothing and moves no money. */
  readonly isInternal?: boolean;
}

export interface FlowOutcome {
  readonly runs: readonly unknown[];
  readonly order: unknown;
  readonly cases: readonly unknown[];
  readonly messages: readonly string[];
  readonly effects: readonly string[];
}

const sample = readSampleRecords();
const schemas = new SchemaCompiler();
const flows = (await readFlowFiles(flowsDirectory())).map(({ text }) => JSON.parse(text) as FlowDefinition);
const stepsMax = 60;

const userOf = (role: Role) => runUserWith(role, [role]);

/** Plays a story; the nth engine dies at the nth point of `dieAt`. */
export async function playFlow(
  story: FlowStory,
  dieAt: readonly number[] = [],
): Promise<{ outcome: FlowOutcome; points: readonly CrashPoint[]; deaths: number }> {
  const directory = await mkdtemp(join(tmpdir(), 'recourse-crash-'));
  const database = await openDatabase({ kind: 'memory' });
  const provider = await simulatedProvider(directory);
  try {
    await fill(database, story.order);
    await provider.prepare(database.models);
    const world = new FlowWorld(database, await openFlowStore(database), provider, [...dieAt]);
    return await world.play(story);
  } finally {
    await provider.close();
    await database.close();
    await rm(directory, { recursive: true, force: true });
  }
}

async function fill({ models }: OpenDatabase, number: string | undefined): Promise<void> {
  const own = ({ orderNumber }: { orderNumber: string }): boolean => orderNumber === number;
  await insertMissing(models.products, sample.products);
  await insertMissing(
    models.orders,
    sample.orders.filter(({ _id }) => _id === number),
  );
  await insertMissing(models.shipments, sample.shipments.filter(own));
  await insertMissing(models.payments, sample.payments.filter(own));
}

/** The inputs, with the order where the flow takes it. */
function withOrder(
  flow: string,
  input: Readonly<Record<string, Json>>,
  order: string | undefined,
): Readonly<Record<string, Json>> {
  const takesOrder = flows.find(({ name }) => name === flow)?.variables?.['order']?.input === true;
  return takesOrder && order !== undefined ? { ...input, order } : input;
}

class FlowWorld {
  readonly #database: OpenDatabase;
  readonly #opened: OpenEngineStore;
  readonly #provider: Awaited<ReturnType<typeof simulatedProvider>>;
  readonly #dieAt: number[];
  readonly #clock = new VirtualClock();
  readonly #delivered = new Map<string, OutboxRow>();
  #points = new CrashPoints();
  #engine!: Engine;
  #run = '';
  #deaths = 0;

  constructor(
    database: OpenDatabase,
    opened: OpenEngineStore,
    provider: Awaited<ReturnType<typeof simulatedProvider>>,
    dieAt: number[],
  ) {
    this.#database = database;
    this.#opened = opened;
    this.#provider = provider;
    this.#dieAt = dieAt;
  }

  async play({ flow, order, as = 'agent', input = {}, answers = [], before, passMs = 0 }: FlowStory) {
    await this.#begin(new CrashPoints());
    for (const definition of flows) {
      const { name, version } = await this.#engine.versions.save(definition, 'test');
      await this.#engine.versions.activate(name, version, 0, {
        id: 'test',
        permissions: [systemPermission],
      });
    }
    if (before !== undefined && order !== undefined) {
      await this.#engine.start({
        flow: before.flow,
        user: userOf('agent'),
        input: withOrder(before.flow, before.input, order),
        subject: { type: 'order', id: order },
      });
      await this.#calm();
    }
    await this.#engine.close();
    const first = new CrashPoints(this.#dieAt.shift());
    await this.#begin(first);
    const subject = order === undefined ? {} : { subject: { type: 'order', id: order } };
    await this.#insist(async () => {
      const { id } = await this.#engine.start({
        flow,
        key: 'story',
        user: userOf(as),
        input: withOrder(flow, input, order),
        ...subject,
      });
      this.#run = id;
    }, []);
    for (const [index, { as: who, element, payload }] of answers.entries()) {
      for (let steps = 0; (await this.#workAt(element)) === undefined; steps += 1) {
        if (steps > stepsMax) throw new Error(`nobody is asked at ${element}: ${await this.#state()}`);
        await this.#pass(minute);
      }
      for (const name of ['claim', 'answer']) {
        await this.#insist(async () => {
          const work = await this.#workAt(element);
          if (work === undefined || !work.answers.includes(name)) return;
          const user = userOf(who);
          const place = { ...work.place, name };
          const id = `${index}:${name}`;
          await this.#engine.answer(this.#run, place, name === 'claim' ? {} : payload, { id, by: who, user });
        }, ['run.event-not-accepted', 'run.ended', 'run.answer-invalid']);
        await this.#calm();
        await this.#revive();
      }
    }
    await this.#pass(passMs);
    for (let steps = 0; !(await this.#isOver()); steps += 1) {
      if (steps > stepsMax) throw new Error(`not over: ${await this.#state()}`);
      await this.#pass(30 * minute);
    }
    const outcome = await this.#outcome(order);
    await this.#engine.close();
    return { outcome, points: first.passed, deaths: this.#deaths };
  }

  async #begin(points: CrashPoints): Promise<void> {
    this.#clock.forget();
    this.#points = points;
    points.onDeath = () => this.#clock.forget();
    const { models } = this.#database;
    const mortal: VirtualClock = Object.assign(Object.create(this.#clock) as VirtualClock, {
      now: () => this.#clock.now(),
      alarm: (ms: number, wake: () => void) =>
        points.dead ? () => {} : this.#clock.alarm(ms, () => (points.dead ? undefined : wake())),
    });
    const actions = shopActions(models, this.#provider.port).map(
      (action): Action =>
        action.effect === 'external'
          ? {
              ...action,
              perform: (call) => points.around(`perform ${action.name}`, () => action.perform(call)),
            }
          : action,
    );
    const receive = (row: OutboxRow): Promise<void> =>
      points.around('deliver', async () => {
        this.#delivered.set(row.id, row);
      });
    const { engine } = await composeEngine({
      database: this.#database,
      opened: {
        store: mortalStore(this.#opened.store, points),
        records: mortalRecords(this.#opened.records, points),
      },
      actions,
      templateSchemas: async () => new Map(),
      mailHandler: receive,
      handlers: { event: receive },
      log: pino({ level: 'silent' }),
      clock: mortal,
      schemas,
      pollMs: 86_400_000,
    });
    this.#engine = engine;
    engine.open();
  }

  async #revive(): Promise<void> {
    while (this.#points.dead) {
      this.#deaths += 1;
      await this.#points.rest();
      await this.#begin(new CrashPoints(this.#dieAt.shift()));
      await this.#calm();
    }
  }

  #insist(ask: () => Promise<unknown>, doneBy: readonly string[]): Promise<void> {
    return insist(ask, doneBy, { death: () => this.#points.death, revive: () => this.#revive() });
  }

  async #calm(): Promise<void> {
    do {
      if (this.#points.dead) await this.#points.rest();
      else await Promise.race([this.#engine.idle(), this.#points.death]);
      await new Promise((resolve) => setImmediate(resolve));
    } while (!this.#points.dead && this.#clock.goTo(this.#clock.now()));
    if (this.#points.dead) await this.#points.rest();
  }

  async #pass(ms: number): Promise<void> {
    await this.#calm();
    this.#clock.goTo(this.#clock.now() + ms);
    await this.#calm();
    await this.#revive();
  }

  async #workAt(element: string) {
    const run = await this.#opened.store.loadRun(this.#run);
    return run === undefined ? undefined : openWorkOf(run).find(({ place }) => place.element === element);
  }

  #runs(): Promise<RunState[]> {
    return this.#opened.store.listRuns({ limit: 100 });
  }

  async #isOver(): Promise<boolean> {
    if (!(await this.#runs()).every(({ status }) => endedStatuses.has(status))) return false;
    return (await this.#database.connection.collection('outbox').countDocuments({})) === 0;
  }

  async #state(): Promise<string> {
    const runs = await this.#runs();
    const effects = (await Promise.all(runs.map(({ id }) => this.#opened.store.effectsOf(id)))).flat();
    return JSON.stringify({
      now: new Date(this.#clock.now()),
      runs: runs.map(({ id, status, incident }) => [id, status, incident?.error]),
      effects: effects.map(({ id, state, attempt, claimAt, error }) => ({
        id,
        state,
        attempt,
        claimAt,
        error,
      })),
    });
  }

  async #outcome(order: string | undefined): Promise<FlowOutcome> {
    const runs = await this.#runs();
    const made = (runs.find(({ id }) => id === this.#run)?.outputs?.['order'] ?? null) as string | null;
    const number = order ?? made;
    const found = number === null ? undefined : await loadAggregate(this.#database.models, number);
    const response = await fetch(`${this.#provider.simulator.controlUrl}/log?after=0`);
    const { lines } = (await response.json()) as { lines: { effect?: { kind: string; amount: number } }[] };
    return {
      runs: runs.map(({ flow, status, outputs }) => ({
        flow: flow.name,
        status,
        outputs: withoutTimes(outputs),
      })),
      order: found === undefined ? null : withoutTimes(toOrderView(found.aggregate)),
      cases: (await this.#database.models.cases.find({}).sort({ _id: 1 }).lean()).map(({ value }) =>
        withoutTimes(value),
      ),
      messages: [...this.#delivered.values()]
        .map(({ topic, key, payload }) =>
          String(withoutTimes(`${topic} ${key} ${JSON.stringify(withoutTimes(payload))}`)),
        )
        .sort(),
      effects: lines.flatMap(({ effect }) =>
        effect === undefined ? [] : [`${effect.kind} ${effect.amount}`],
      ),
    };
  }
}

const instant = /^\d{4}-\d\d-\d\d/;
const generated = /^(pi|re|ch)_[A-Za-z0-9]{10,}$/;

/** The same without what a death may move: instants, numbers of orders that were taken, and names the provider gave. */
function withoutTimes(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value ?? null, (name, each: unknown) => {
      if (typeof each !== 'string') return each;
      if (instant.test(each)) return 'an instant';
      if (generated.test(each)) return 'a name';
      if (name === 'run') return 'a run';
      return each.replaceAll(/200\d\d|K1\d\d\d/g, 'a number');
    }),
  );
}
