// Writes the documents that are made from code: docs/errors.md. `npm run docs`.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorDocs } from '../server/error-docs.js';
import { projectRoot } from '../server/project-root.js';

const file = join(projectRoot(), 'docs', 'errors.md');
await writeFile(file, errorDocs());
console.log(file);
