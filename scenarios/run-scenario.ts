// Plays one scenario and says where it went otherwise than expected, and which ways through the flows it took.
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';
import { Temporal } from 'temporal-polyfill';
import { RecourseError } from '../engine/errors/recourse-error.js';
import { type FlowDefinition, type Json, openWorkOf, type RunState } from '../engine/index.js';
import { runUserWith } from '../server/auth/run-user.js';
import { roles } from '../store/models/user.js';
import { type Difference, differences } from './compare.js';
import { takenIn } from './coverage.js';
import { type Expectation, type Scenario, scenarioSchema, type Step } from './scenario.js';
import { openScenarioWorld, type ScenarioWorld, type SharedParts } from './scenario-world.js';

export interface ScenarioResult {
  readonly differences: readonly Difference[];
  /** Ways that were taken, by flow. */
  readonly taken: ReadonlyMap<string, ReadonlySet<string>>;
}

const addFormats = addFormatsModule as unknown as (ajv: Ajv2020, formats: string[]) => void;
const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats(ajv, ['date-time']);
const check = ajv.compile(scenarioSchema);

/** What is wrong with the text of a scenario file; nothing if it can be played. */
export function scenarioProblems(value: unknown): string[] {
  if (check(value)) return [];
  return (check.errors ?? []).map(({ instancePath, message }) => `${instancePath || '/'} ${message ?? ''}`);
}

const userOf = (role: string) => {
  const known = roles.find((each) => each === role);
  return runUserWith(role, [known ?? 'agent']);
};

export async function runScenario(
  flow: string,
  scenario: Scenario,
  shared: SharedParts,
): Promise<ScenarioResult> {
  const world = await openScenarioWorld(scenario, shared);
  try {
    return await new Play(flow, scenario, shared, world).run();
  } finally {
    await world.close();
  }
}

class Play {
  readonly #flow: string;
  readonly #scenario: Scenario;
  readonly #world: ScenarioWorld;
  readonly #definitions: ReadonlyMap<string, FlowDefinition>;
  readonly #differences: Difference[] = [];
  /** Code and reasons that the start was refused with. */
  #refusal: { readonly refused: string; readonly reasons: Json } | undefined;
  #run: string | undefined;
  #order: string | undefined;

  constructor(flow: string, scenario: Scenario, shared: SharedParts, world: ScenarioWorld) {
    this.#flow = scenario.start.flow ?? flow;
    this.#scenario = scenario;
    this.#world = world;
    this.#order = scenario.start.order;
    this.#definitions = new Map(shared.flows.map((each) => [each.name, each]));
  }

  async run(): Promise<ScenarioResult> {
    const { faults = [], start, user = 'agent', steps = [], expect } = this.#scenario;
    await this.#world.fail(faults);
    await this.#start(this.#flow, user, start.order, start.input);
    for (const [index, step] of steps.entries()) {
      const path = `steps[${index}]`;
      try {
        await this.#step(step, path);
      } catch (error) {
        if (!(error instanceof RecourseError)) throw error;
        this.#differ(path, 'it can be done', `${error.code}: ${error.message}`);
        break;
      }
    }
    if (expect !== undefined) await this.#look(expect, 'expect');
    return { differences: this.#differences, taken: await this.#taken() };
  }

  async #start(
    flow: string,
    user: string,
    order: string | undefined,
    input: Readonly<Record<string, Json>> = {},
  ): Promise<void> {
    const takesOrder = this.#definitions.get(flow)?.variables?.['order']?.input === true;
    try {
      const { id } = await this.#world.engine.start({
        flow,
        user: userOf(user),
        ...(order === undefined ? {} : { subject: { type: 'order', id: order } }),
        input: order !== undefined && takesOrder ? { ...input, order } : input,
        refusesFaults: true,
      });
      this.#run = id;
    } catch (error) {
      if (!(error instanceof RecourseError)) throw error;
      this.#refusal = { refused: error.code, reasons: (error.data['reasons'] ?? []) as Json };
      const wanted = [
        this.#scenario.expect,
        ...(this.#scenario.steps ?? []).map((step) => 'expect' in step && step.expect),
      ];
      const isExpected = wanted.some((each) => typeof each === 'object' && each.refused !== undefined);
      if (!isExpected) this.#differ('start', 'it starts', `${error.code}: ${error.message}`);
    }
    await this.#world.settle();
  }

  async #step(step: Step, path: string): Promise<void> {
    if ('expect' in step) return this.#look(step.expect, `${path}.expect`);
    if ('advance' in step) return this.#world.advance(toMs(step.advance));
    if ('faults' in step) return this.#world.fail(step.faults);
    if ('answer' in step) {
      const { as, element, payload, refused } = step.answer;
      return this.#answer(as, element, payload, refused, `${path}.answer`);
    }
    if ('signal' in step) {
      const { name, payload = {}, refused } = step.signal;
      await this.#expecting(refused, `${path}.signal`, () =>
        this.#world.engine.signal(this.#run ?? '', name, payload, { by: 'scenario' }),
      );
      return this.#world.settle();
    }
    if ('event' in step) {
      const { name, payload = {}, key } = step.event;
      const more = key === undefined ? {} : { key };
      await this.#world.engine.publish({ event: name, payload, id: `scenario ${path}`, ...more });
      return this.#world.settle();
    }
    const { as, flow, order, input = {}, follow = false } = step.meanwhile;
    const before = this.#run;
    await this.#start(flow, as, order, input);
    if (!follow) this.#run = before;
  }

  async #answer(
    as: string,
    element: string,
    payload: Readonly<Record<string, Json>>,
    refused: string | undefined,
    path: string,
  ): Promise<void> {
    const user = userOf(as);
    const find = async () =>
      openWorkOf(await this.#world.engine.run(this.#run ?? '')).find(
        ({ place }) => place.element === element,
      );
    const work = await find();
    if (work === undefined) {
      this.#differ(path, `work is open at ${element}`, 'none is');
      return;
    }
    const answer = async (name: string, values: Json): Promise<unknown> =>
      this.#world.engine.answer(
        this.#run ?? '',
        { ...work.place, visit: (await find())?.place.visit ?? work.place.visit, name },
        values,
        { by: user.id, user, refusesFaults: true },
      );
    await this.#expecting(refused, path, async () => {
      if (work.answers.includes('claim')) await answer('claim', {});
      await answer('answer', payload);
    });
    await this.#world.settle();
  }

  async #expecting(refused: string | undefined, path: string, work: () => Promise<unknown>): Promise<void> {
    let code: string | undefined;
    let detail = '';
    try {
      await work();
    } catch (error) {
      if (!(error instanceof RecourseError)) throw error;
      code = error.code;
      detail = `: ${error.message}`;
    }
    if (code !== refused)
      this.#differ(
        path,
        refused ?? 'it is accepted',
        code === undefined ? 'it was accepted' : `${code}${detail}`,
      );
  }

  async #look(expected: Expectation, path: string): Promise<void> {
    const run = this.#run === undefined ? undefined : await this.#world.engine.run(this.#run);
    const found = {
      refused: this.#refusal?.refused,
      reasons: this.#refusal?.reasons,
      status: run?.status,
      outputs: run?.outputs,
      waitsAt: run === undefined ? [] : openWorkOf(run).map(({ place }) => place.element),
      mails: this.#world.mails,
      events: this.#world.events,
      ...(expected.effects === undefined ? {} : { effects: await this.#world.effects() }),
      ...(expected.calls === undefined ? {} : { calls: this.#world.calls }),
      ...(expected.order === undefined ? {} : { order: await this.#orderOf(run) }),
    };
    this.#differences.push(...differences(expected, found, path));
    if (run?.incident !== undefined && expected.status !== 'incident') {
      const { code, detail, element } = run.incident.error;
      this.#differ(`${path}.status`, 'no incident', `${element}: ${code}: ${detail}`);
    }
  }

  /** The order of the start, or the one that the flow has made. */
  async #orderOf(run: RunState | undefined): Promise<Json | undefined> {
    const made = run?.root.outputs['create'];
    const own = (made as { order?: string } | undefined)?.order;
    const number = this.#order ?? own;
    return number === undefined ? undefined : this.#world.order(number);
  }

  #differ(path: string, expected: unknown, found: unknown): void {
    this.#differences.push({ path, expected, found });
  }

  /** The ways of every run there was, triggered ones included. */
  async #taken(): Promise<Map<string, Set<string>>> {
    const all = new Map<string, Set<string>>();
    const { engine } = this.#world;
    const take = (run: RunState, entries: readonly Json[]): void => {
      const definition = this.#definitions.get(run.flow.name);
      if (definition === undefined) return;
      for (const [flow, ways] of takenIn(entries, definition, this.#definitions)) {
        all.set(flow, new Set([...(all.get(flow) ?? []), ...ways]));
      }
    };
    for (const run of await engine.runs({ limit: 1_000 })) {
      const chunks = await engine.journal(run.id);
      take(run, [...chunks.flatMap((chunk) => chunk.entries), ...(run.incident?.trace ?? [])]);
    }
    for (const { run, trace } of this.#world.refusals) take(run, trace);
    return all;
  }
}

const toMs = (duration: string): number =>
  Temporal.Duration.from(duration).total({ unit: 'milliseconds', relativeTo: '2026-01-01' });
