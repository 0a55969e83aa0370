// Writes the documents that are made from code: docs/errors.md, docs/elements.md and docs/actions.md. `npm run docs`.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describedActions } from '../server/commands/validate-flows.js';
import { errorDocs } from '../server/error-docs.js';
import { actionDocs, elementDocs } from '../server/flow-docs.js';
import { projectRoot } from '../server/project-root.js';

for (const [name, text] of [
  ['errors.md', errorDocs()],
  ['elements.md', elementDocs()],
  ['actions.md', actionDocs(describedActions())],
] as const) {
  const file = join(projectRoot(), 'docs', name);
  await writeFile(file, text);
  console.log(file);
}
