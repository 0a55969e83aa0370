// Plays the scenarios beside flows, and counts which outcomes of each flow they reach.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createElementRegistry,
  type FlowDefinition,
  SchemaCompiler,
  standardElements,
} from '../engine/index.js';
import { MailRenderer } from '../mail/index.js';
import { chosenFlowFiles, readFlowFiles } from '../server/engine/flow-files.js';
import type { Difference } from './compare.js';
import { outcomesOf } from './coverage.js';
import { runScenario, scenarioProblems } from './run-scenario.js';
import type { Scenario } from './scenario.js';
import { readShippedTemplates } from './scenario-world.js';
import { readSampleRecords } from '../server/sample-data.js';

export interface PlayedScenario {
  readonly flow: string;
  readonly file: string;
  readonly name: string;
  readonly differences: readonly Difference[];
}

export interface FlowCoverage {
  readonly flow: string;
  readonly outcomes: number;
  readonly reached: number;
  /** `<element> <outlet>` of those that no scenario reached. */
  readonly missing: readonly string[];
}

export interface TestedFlows {
  readonly scenarios: readonly PlayedScenario[];
  readonly coverage: readonly FlowCoverage[];
}

/**
 * Plays all scenarios of a flows directory, or those of the flows that are named; coverage is over the flows that have been
 * played, in whichever scenario an outcome was reached.
 *
 * @param played called after each scenario
 * @throws {RecourseError} `server.unknown-flow-file`
 */
export async function testFlows(
  directory: string,
  only: readonly string[] = [],
  played: (scenario: PlayedScenario) => void = () => {},
): Promise<TestedFlows> {
  const files = await readFlowFiles(directory);
  const flows = files.map(({ text }) => JSON.parse(text) as FlowDefinition);
  const renderer = new MailRenderer();
  const shared = {
    records: readSampleRecords(),
    templates: await readShippedTemplates(),
    renderer,
    schemas: new SchemaCompiler(),
    flows,
  };
  const scenarios: PlayedScenario[] = [];
  const taken = new Map<string, Set<string>>();
  try {
    for (const { name: flow } of chosenFlowFiles(files, only)) {
      for (const { file, scenario, problems } of await readScenarios(directory, flow)) {
        const result: PlayedScenario = { flow, file, name: scenario.name, differences: problems };
        if (problems.length > 0) {
          scenarios.push(result);
          played(result);
          continue;
        }
        const { differences, taken: ways } = await runScenario(flow, scenario, shared);
        for (const [name, own] of ways) taken.set(name, new Set([...(taken.get(name) ?? []), ...own]));
        const done = { ...result, differences };
        scenarios.push(done);
        played(done);
      }
    }
  } finally {
    await renderer.close();
  }
  const registry = createElementRegistry(standardElements);
  const coverage = flows
    .filter(({ name }) => only.length === 0 || only.includes(name))
    .map((flow): FlowCoverage => {
      const all = outcomesOf(flow, registry);
      const own = taken.get(flow.name) ?? new Set<string>();
      const missing = all.filter((way) => !own.has(way));
      return { flow: flow.name, outcomes: all.length, reached: all.length - missing.length, missing };
    });
  return { scenarios, coverage };
}

async function readScenarios(
  directory: string,
  flow: string,
): Promise<{ file: string; scenario: Scenario; problems: Difference[] }[]> {
  const folder = join(directory, flow, 'scenarios');
  const names = await readdir(folder).catch(() => []);
  return Promise.all(
    names
      .filter((name) => name.endsWith('.json'))
      .sort()
      .map(async (name) => {
        const file = `${flow}/scenarios/${name}`;
        let value: unknown;
        try {
          value = JSON.parse(await readFile(join(folder, name), 'utf8'));
        } catch (error) {
          const found = error instanceof Error ? error.message : String(error);
          return {
            file,
            scenario: { name, start: {} },
            problems: [{ path: '', expected: 'a JSON file', found }],
          };
        }
        const problems = scenarioProblems(value).map((found) => ({
          path: '',
          expected: 'a scenario as flows/scenario.schema.json says',
          found,
        }));
        return { file, scenario: value as Scenario, problems };
      }),
  );
}
