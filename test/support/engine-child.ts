// A process with an engine on an embedded store and nothing else: the victim of the kill test. It loads, opens the store when
// it is told where, and does what each line of its standard input asks. Usage: engine-child <provider> <speed> <epoch>
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { Mongoose } from 'mongoose';
import {
  type Action,
  type ActionCall,
  createActionRegistry,
  createElementRegistry,
  createEngine,
  type Engine,
  type EngineStore,
  type FlowDefinition,
  type Json,
  type OutboxRow,
} from '../../engine/index.js';
import type { JournalEntry } from '../../engine/runtime/journal-entry.js';
import { embeddedDriver } from '../../store/embedded/index.js';
import { openEngineStore } from '../../store/engine-store.js';
import { bindCollection } from '../../store/record-binding.js';
import { agent, kernelElements, orderType } from './engine-world.js';
import { noteElement } from './note-element.js';

const [, , provider = '', speed = '1', epoch = '0'] = process.argv;
/** Time goes faster here, so that leases end while the test looks on; for all lives it is one time. */
const now = (): number => Number(epoch) + Math.round((Date.now() - Number(epoch)) * Number(speed));

async function post(path: string, signal?: AbortSignal): Promise<Json> {
  const response = await fetch(`${provider}${path}`, { method: 'POST', ...(signal ? { signal } : {}) });
  return (await response.json()) as Json;
}

const pathOf = (verb: string, action: string, { key }: ActionCall): string =>
  `/${verb}/${action}/${encodeURIComponent(key)}`;

const external = (name: string, repeat: 'keyed' | 'ask' | 'never'): Action => ({
  name,
  title: name,
  description: `Calls the provider as ${name}.`,
  input: { type: 'object' },
  output: {},
  effect: 'external',
  repeat,
  ...(repeat === 'keyed' ? { keyLifetimeMs: 86_400_000 } : {}),
  perform: (call) => post(pathOf('perform', name, call), call.signal),
  ...(repeat === 'ask'
    ? {
        lookUp: async (call: ActionCall) =>
          ((await post(pathOf('lookUp', name, call), call.signal)) as { found?: Json }).found,
      }
    : {}),
});

/** What the parent asks for, by name. */
type Request =
  | {
      readonly ask: 'prepare';
      readonly flows: readonly FlowDefinition[];
      readonly records: readonly string[];
    }
  | { readonly ask: 'start'; readonly flow: string; readonly run: string }
  | { readonly ask: 'signal'; readonly run: string; readonly signal: string; readonly id: string }
  | { readonly ask: 'incidents' }
  | { readonly ask: 'resolve'; readonly run: string; readonly effect: string; readonly output?: Json }
  | { readonly ask: 'retry'; readonly run: string }
  | { readonly ask: 'open' }
  | { readonly ask: 'end' };

class Victim {
  readonly #mongoose = new Mongoose();
  #store!: EngineStore;
  #engine!: Engine;

  async open(directory: string): Promise<void> {
    this.#mongoose.setDriver(embeddedDriver);
    await this.#mongoose.connect(`embedded:${directory}`, { autoIndex: false, autoCreate: false });
    const { connection } = this.#mongoose;
    const binding = bindCollection(orderType, connection.collection('records_order'));
    const { store, records } = await openEngineStore(connection, [binding]);
    const life = randomBytes(6).toString('hex');
    let ids = 0;
    const deliver = async ({ id }: OutboxRow): Promise<void> => {
      await post(`/deliver/row/${encodeURIComponent(id)}`);
    };
    this.#store = store;
    this.#engine = createEngine({
      store,
      records,
      elements: createElementRegistry([...kernelElements, noteElement]),
      actions: createActionRegistry([
        external('charge', 'keyed'),
        external('book', 'ask'),
        external('post', 'never'),
      ]),
      clock: {
        now,
        alarm(ms, wake) {
          const timer = setTimeout(wake, ms / Number(speed));
          return () => clearTimeout(timer);
        },
      },
      ids: {
        next() {
          ids += 1;
          return `${now().toString(36)}${String(ids).padStart(6, '0')}${life}`;
        },
      },
      random: { next: Math.random },
      alone: true,
      handlers: { note: deliver },
    });
    this.#engine.open();
  }

  async answer(request: Request): Promise<unknown> {
    const engine = this.#engine;
    const who = { by: 'operator', reason: 'asked the other side' };
    switch (request.ask) {
      case 'prepare': {
        for (const flow of request.flows) {
          const { name, version } = await engine.versions.save(flow, 'test');
          await engine.versions.activate(name, version, 0, { id: 'test' });
        }
        await this.#mongoose.connection.createCollection('records_order');
        const documents = request.records.map((id) => ({ _id: id as never, version: 1, value: { id } }));
        return (await this.#mongoose.connection.collection('records_order').insertMany(documents))
          .insertedCount;
      }
      case 'start': {
        const { flow, run } = request;
        return (await engine.start({ flow, user: agent, id: run })).id;
      }
      case 'signal':
        return engine.signal(request.run, request.signal, { n: 7 }, { id: request.id, by: 'client' });
      case 'incidents': {
        const runs = await engine.runs({ status: 'incident', limit: 1_000 });
        return Promise.all(
          runs.map(async ({ id, incident }) => {
            const { effect, kind, error } = incident!;
            const action = effect === undefined ? undefined : (await this.#store.loadEffect(effect))?.action;
            return { run: id, kind, effect, action, error };
          }),
        );
      }
      case 'resolve': {
        const { run, effect, output } = request;
        const truth =
          output === undefined ? ({ happened: false } as const) : ({ happened: true, output } as const);
        return (await engine.resolveInDoubt(run, effect, truth, who)).status;
      }
      case 'retry':
        return (await engine.retry(request.run, who)).status;
      case 'open': {
        const { connection } = this.#mongoose;
        const open = [
          await connection.collection('runs').countDocuments({ status: { $nin: ['done', 'cancelled'] } }),
          await connection.collection('runs').countDocuments({ inFlightUntil: { $exists: true } }),
          await connection.collection('effects').countDocuments({ claimAt: { $exists: true } }),
          await connection.collection('outbox').countDocuments({}),
        ];
        return open.reduce((sum, count) => sum + count, 0);
      }
      case 'end':
        return this.#end();
    }
  }

  /** What came of it all, and stops. */
  async #end(): Promise<unknown> {
    const { connection } = this.#mongoose;
    const runs = await this.#engine.runs({ limit: 10_000 });
    const records = await connection.collection('records_order').find({}).sort({ _id: 1 }).toArray();
    const outcomes = await Promise.all(runs.map(({ id }) => this.#outcomesOf(id)));
    await this.#engine.close();
    await this.#mongoose.disconnect();
    return {
      runs: runs.map(({ id, status, outputs, root }) => ({ id, status, outputs, variables: root.variables })),
      records: records.map(({ value, version }) => ({ value, version })),
      outcomes: outcomes.flat().sort(),
    };
  }

  /** What the journal of a run says of the ends of its calls. */
  async #outcomesOf(run: string): Promise<string[]> {
    const chunks = await this.#store.journalOf(run, 0, 1_000);
    const entries = chunks.flatMap((chunk) => chunk.entries as unknown as JournalEntry[]);
    return entries
      .filter(({ on, late }) => (on === 'outcome' || on === 'failed') && late !== true)
      .map(
        ({ frame, element, visit, on, output }) =>
          `${run}:${frame}:${element}:${visit} ${on} ${JSON.stringify(output)}`,
      );
  }
}

const say = (line: object): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};

const victim = new Victim();
say({ loaded: true });
for await (const line of createInterface({ input: process.stdin })) {
  const { number, directory, ...request } = JSON.parse(line) as { number: number; directory?: string };
  if (directory !== undefined) {
    await victim.open(directory);
    say({ number, answer: null });
    continue;
  }
  // Not awaited: many are asked at once.
  victim.answer(request as Request).then(
    (answer) => say({ number, answer: answer ?? null }),
    (error: unknown) => say({ number, code: (error as { code?: string }).code ?? String(error) }),
  );
}
