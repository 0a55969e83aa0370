// Random mutations of the flows that are shipped: each is refused with places, or a scenario of the flow is played with it and
// nothing goes wrong that is a mistake of ours. Where it goes is another matter: the mutation may well be a mistake.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createActionRegistry,
  createElementRegistry,
  type FlowDefinition,
  SchemaCompiler,
  standardElements,
  type ValidationContext,
  validateFlow,
} from '../../engine/index.js';
import { MailRenderer } from '../../mail/index.js';
import { recordTypes } from '../../orders/record-types.js';
import { runScenario } from '../../scenarios/run-scenario.js';
import type { Scenario } from '../../scenarios/scenario.js';
import { readShippedTemplates, type SharedParts } from '../../scenarios/scenario-world.js';
import { catalogue } from '../../server/catalogue.js';
import { describedActions } from '../../server/commands/validate-flows.js';
import { readCalendars } from '../../server/engine/calendars.js';
import { toValidationContext } from '../../server/engine/compose-engine.js';
import { readFlowFiles } from '../../server/engine/flow-files.js';
import { flowsDirectory } from '../../server/engine/flows-directory.js';
import { schemasOf } from '../../server/mails/templates.js';
import { readSampleRecords } from '../../server/sample-data.js';
import { mutated, randomOf } from '../unit/engine/definition/mutated-flow.js';

const mutationCount = Number(process.env['MUTATIONS'] ?? 500);
const bugs = [...catalogue].filter(([, { who }]) => who === 'bug').map(([code]) => code);

interface Story {
  readonly flow: string;
  readonly scenario: Scenario;
}

describe('mutations of the shipped flows', function () {
  this.timeout(1_200_000);
  let shared: Omit<SharedParts, 'flows'> & { readonly renderer: MailRenderer };
  let flows: readonly FlowDefinition[];
  let context: ValidationContext;

  before(async () => {
    const files = await readFlowFiles(flowsDirectory());
    flows = files.map(({ text }) => JSON.parse(text) as FlowDefinition);
    const templates = await readShippedTemplates();
    context = toValidationContext(
      {
        elements: createElementRegistry(standardElements),
        actions: createActionRegistry(describedActions()),
      },
      recordTypes,
      flows,
      schemasOf(templates),
      await readCalendars(flowsDirectory()),
    );
    shared = {
      records: readSampleRecords(),
      templates,
      renderer: new MailRenderer(),
      schemas: new SchemaCompiler(),
    };
  });
  after(() => shared.renderer.close());

  const callsOf = (flow: FlowDefinition): string[] =>
    Object.values(flow.elements)
      .map((element) => (element as { flow?: unknown }).flow)
      .filter((called): called is string => flows.some(({ name }) => name === called));

  /** The scenarios beside a flow, or those of flows that call it. */
  const storiesOf = (flow: string): readonly Story[] => {
    const folder = join(flowsDirectory(), flow, 'scenarios');
    const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
    const own = files.sort().map((name) => ({
      flow,
      scenario: JSON.parse(readFileSync(join(folder, name), 'utf8')) as Scenario,
    }));
    if (own.length > 0) return own;
    return flows.filter((one) => callsOf(one).includes(flow)).flatMap(({ name }) => storiesOf(name));
  };

  /** Plays a story with the flows that it starts and those that they call, one of them changed. */
  const played = async ({ flow, scenario }: Story, changed?: FlowDefinition) => {
    const text = JSON.stringify(scenario);
    const all = flows.map((one) => (one.name === changed?.name ? changed : one));
    const names = new Set([flow, ...(changed === undefined ? [] : [changed.name])]);
    for (const { name } of all) if (text.includes(`"${name}"`)) names.add(name);
    for (const name of names) {
      for (const called of callsOf(all.find((one) => one.name === name)!)) names.add(called);
    }
    const needed = all.filter(({ name }) => names.has(name));
    return (await runScenario(flow, scenario, { ...shared, flows: needed })).differences;
  };

  /** What went wrong that is a mistake of ours. */
  const bugOf = async (story: Story, changed: FlowDefinition): Promise<string | undefined> => {
    try {
      const told = JSON.stringify(await played(story, changed));
      return bugs.find((code) => told.includes(`${code}:`));
    } catch (error) {
      return (error as Error).stack ?? String(error);
    }
  };

  it('are played as they are without a difference', async () => {
    for (const { name } of flows) assert.deepEqual(await played(storiesOf(name)[0]!), [], name);
  });

  it('are found to go wrong where something of ours does (negative control)', async () => {
    const [story] = storiesOf('cancel-order');
    const flow = flows.find(({ name }) => name === 'cancel-order')!;
    const { next } = flow.start;
    // What validation refuses and is put to work all the same.
    assert.match(
      (await bugOf(story!, { ...flow, start: { ...flow.start, next: 'nowhere' } })) ?? '',
      /nowhere/,
    );
    const broken = { ...flow.elements, [next!]: { ...flow.elements[next!]!, type: 'none' } };
    assert.notEqual(await bugOf(story!, { ...flow, elements: broken }), undefined);
    assert.equal(await bugOf(story!, flow), undefined);
  });

  it(`are refused with places, or run without an error of ours (${mutationCount})`, async () => {
    const counts = { refused: 0, ran: 0 };
    const failures: string[] = [];
    for (let seed = 1; seed <= mutationCount; seed += 1) {
      const random = randomOf(seed * 104_729);
      const original = flows[random(flows.length)]!;
      const { flow, how } = mutated(original, random);
      const { problems, definition } = validateFlow(flow, context);
      for (const { line, column, detail, expected } of problems) {
        assert.ok(line >= 1 && column >= 1 && detail.length > 0 && expected.length > 0);
      }
      if (definition === undefined) {
        counts.refused += 1;
        assert.ok(problems.some(({ severity }) => severity === 'error'));
        continue;
      }
      counts.ran += 1;
      const stories = storiesOf(original.name);
      const bug = await bugOf(stories[random(stories.length)]!, { ...definition, name: original.name });
      if (bug !== undefined) failures.push(`${seed} ${original.name} ${how}: ${bug}`);
    }
    console.log(`mutations of the shipped flows: ${counts.refused} refused, ${counts.ran} run`);
    assert.deepEqual(failures, []);
    const least = mutationCount / 10;
    assert.ok(counts.refused > least && counts.ran > least, JSON.stringify(counts));
  });
});
