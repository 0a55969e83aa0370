// Where the files of the flows are that are shipped.
import { join } from 'node:path';
import { projectRoot } from '../project-root.js';

export const flowsDirectory = (): string => join(projectRoot(), 'flows');
