// The project's own TypeScript files, with what each imports.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import { projectRoot } from '../../server/project-root.js';

export interface SourceFile {
  /** From the project's root, with `/`. */
  readonly path: string;
  readonly text: string;
  /** Own files that it imports: paths from the root, ending in `.ts`. */
  readonly imports: readonly string[];
  /** Those of them that remain at run time. */
  readonly runTimeImports: readonly string[];
}

const rooms = [
  'engine',
  'store',
  'orders',
  'connections',
  'mail',
  'server',
  'scenarios',
  'scripts',
  'bench',
  'test',
];
const importing = /^\s*(?:import|export)\s+(type\s+)?(?:[^'"]*?\s+from\s+)?'(\.[^']+)'/gm;

function walk(directory: string): string[] {
  return readdirSync(join(projectRoot(), directory), { withFileTypes: true }).flatMap((entry) => {
    const path = `${directory}/${entry.name}`;
    if (entry.isDirectory())
      return entry.name === 'node_modules' || entry.name === 'target' ? [] : walk(path);
    return path.endsWith('.ts') ? [path] : [];
  });
}

function read(path: string): SourceFile {
  const text = readFileSync(join(projectRoot(), path), 'utf8');
  const found = [...text.matchAll(importing)].map(([, type, target]) => ({
    typeOnly: type !== undefined,
    path: normalize(join(dirname(path), target!))
      .split(sep)
      .join('/')
      .replace(/\.js$/, '.ts'),
  }));
  return {
    path,
    text,
    imports: found.map((one) => one.path),
    runTimeImports: found.filter(({ typeOnly }) => !typeOnly).map((one) => one.path),
  };
}

export const sourceFiles: readonly SourceFile[] = rooms.flatMap(walk).map(read);
