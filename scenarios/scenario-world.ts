// The world of one scenario: the real engine, actions, flows and templates over a store in memory, a clock that stands still
// and the payment simulator. Nothing of it is left afterwards, and nothing leaves the process.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { callActions } from '../connections/index.js';
import {
  type FlowDefinition,
  type Json,
  type Refusal,
  type SchemaCompiler,
  systemPermission,
} from '../engine/index.js';
import { type MailRenderer, readTemplates, type TemplateFiles } from '../mail/index.js';
import { toOrderView } from '../orders/aggregate/order-view.js';
import type { SampleRecords } from '../orders/sample/sample-records.js';
import { composeEngine, type ServerEngine } from '../server/engine/compose-engine.js';
import { simulatedProvider } from '../server/engine/payments.js';
import { shopActions } from '../server/engine/shop-actions.js';
import { withoutNulls } from '../server/mails/mail-variables.js';
import { schemasOf } from '../server/mails/templates.js';
import { projectRoot } from '../server/project-root.js';
import { insertMissing } from '../server/sample-data.js';
import { openDatabase } from '../store/connect.js';
import { loadAggregate } from '../store/order-binding.js';
import type { Fault, Scenario } from './scenario.js';
import { ScenarioClock } from './scenario-clock.js';
import { ScriptedSystems } from './scripted-systems.js';

/** What many scenarios share: it takes the longest to make and never changes. */
export interface SharedParts {
  readonly records: SampleRecords;
  readonly templates: ReadonlyMap<string, TemplateFiles>;
  readonly renderer: MailRenderer;
  readonly schemas: SchemaCompiler;
  readonly flows: readonly FlowDefinition[];
}

export interface ScenarioWorld extends ServerEngine {
  readonly clock: ScenarioClock;
  readonly mails: Json[];
  readonly events: Json[];
  /** What was refused, each with the steps that were passed until then. */
  readonly refusals: Refusal[];
  order(number: string): Promise<Json | undefined>;
  effects(): Promise<Json[]>;
  /** What other systems were asked and sent. */
  readonly calls: readonly Json[];
  fail(faults: readonly Fault[]): Promise<void>;
  /** When nothing is under way, and every message has been delivered. */
  settle(): Promise<void>;
  /** Lets so much time pass. */
  advance(ms: number): Promise<void>;
  close(): Promise<void>;
}

const startDefault = '2026-05-07T12:00:00.000Z';
/** Alarms that one `advance` may pass. */
const stepsMax = 10_000;

export const readShippedTemplates = (): Promise<ReadonlyMap<string, TemplateFiles>> =>
  readTemplates(join(projectRoot(), 'templates'));

export async function openScenarioWorld(
  { given = {} }: Scenario,
  { records, templates, renderer, schemas, flows }: SharedParts,
): Promise<ScenarioWorld> {
  const directory = await mkdtemp(join(tmpdir(), 'recourse-scenario-'));
  const database = await openDatabase({ kind: 'memory' });
  const { models } = database;
  const numbers = new Set(given.orders ?? []);
  const ofOrder = ({ orderNumber }: { orderNumber: string }): boolean => numbers.has(orderNumber);
  await insertMissing(models.customers, records.customers);
  await insertMissing(models.products, records.products);
  await insertMissing(
    models.orders,
    records.orders.filter(({ _id }) => numbers.has(_id)),
  );
  await insertMissing(models.shipments, records.shipments.filter(ofOrder));
  await insertMissing(models.payments, records.payments.filter(ofOrder));
  const provider = await simulatedProvider(directory);
  await provider.prepare(models);
  const clock = new ScenarioClock(Date.parse(given.now ?? startDefault));
  const [mails, events]: [Json[], Json[]] = [[], []];
  const refusals: Refusal[] = [];
  const systems = new ScriptedSystems(given.systems ?? []);
  const composed = await composeEngine({
    database,
    actions: [...shopActions(models, provider.port), ...callActions(systems)],
    templateSchemas: async () => schemasOf(templates),
    mailHandler: async ({ payload }) => {
      const { template, variables, locale = 'en' } = payload as { [name: string]: Json };
      const files = templates.get(String(template));
      // A mail that can't be rendered fails the scenario where it is looked at.
      const rendered =
        files === undefined
          ? { error: `there is no template ${String(template)}` }
          : await renderer
              .render({ template: files, locale: String(locale), variables: withoutNulls(variables) })
              .catch((error: Error) => ({ error: error.message }));
      mails.push({ ...(payload as object), ...rendered } as unknown as Json);
    },
    handlers: {
      event: async ({ run, payload }) => {
        // What the scenario has told itself is not what flows have emitted.
        if (run !== '') events.push(payload);
      },
    },
    log: pino({ level: 'silent' }),
    clock,
    // Nobody else leaves anything to be looked for: what is due is known, and days pass in few steps.
    pollMs: 86_400_000,
    schemas,
    refused: (refusal) => {
      refusals.push(refusal);
    },
  });
  const { engine } = composed;
  for (const flow of flows) {
    const { name, version } = await engine.versions.save(flow, 'scenario');
    // Scenarios play what would be active, whoever answers for it.
    await engine.versions.activate(name, version, 0, { id: 'scenario', permissions: [systemPermission] });
  }
  engine.open();
  const idle = async (): Promise<void> => {
    await engine.idle();
    // What is under way outside, in the simulator or the renderer, has its own time.
    await new Promise((resolve) => setImmediate(resolve));
    await engine.idle();
  };
  return {
    ...composed,
    clock,
    mails,
    events,
    refusals,
    async order(number) {
      const found = await loadAggregate(models, number);
      return found && toOrderView(found.aggregate);
    },
    calls: systems.calls,
    async effects() {
      const response = await fetch(`${provider.simulator.controlUrl}/log?after=0`);
      const { lines } = (await response.json()) as { lines: { effect?: Json }[] };
      return lines.flatMap(({ effect }) => (effect === undefined ? [] : [effect]));
    },
    async fail(faults) {
      for (const fault of faults) {
        const response = await fetch(`${provider.simulator.controlUrl}/faults`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(fault),
        });
        if (!response.ok) throw new Error(`the simulator does not know the fault ${JSON.stringify(fault)}`);
      }
    },
    settle: idle,
    async advance(ms) {
      const until = clock.now() + ms;
      for (let steps = 0; clock.step(until); steps += 1) {
        if (steps >= stepsMax) throw new Error(`more than ${stepsMax} steps until the time is over`);
        await idle();
      }
      await idle();
    },
    async close() {
      await engine.close();
      await provider.close();
      await database.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
