// Writes what is made from the elements: flows/flow.schema.json and docs/flow-problems.md. `npm run schema`.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toFlowProblemsDocument } from '../engine/definition/flow-problems.js';
import { toFlowSchema } from '../engine/definition/flow-schema.js';
import { createElementRegistry } from '../engine/elements/registry.js';
import { standardElements } from '../engine/elements/standard-elements.js';
import { scenarioSchema } from '../scenarios/scenario.js';
import { projectRoot } from '../server/project-root.js';

const made = {
  'flows/flow.schema.json': `${JSON.stringify(toFlowSchema(createElementRegistry(standardElements)), undefined, 2)}\n`,
  'flows/scenario.schema.json': `${JSON.stringify(scenarioSchema, undefined, 2)}\n`,
  'docs/flow-problems.md': toFlowProblemsDocument(),
};
await mkdir(join(projectRoot(), 'flows'), { recursive: true });
for (const [path, text] of Object.entries(made)) {
  await writeFile(join(projectRoot(), path), text);
  console.log(path);
}
