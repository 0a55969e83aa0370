// Where this folder's data files are in the source tree: the compiler copies none of them.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the project: the nearest folder upwards with a package.json. */
export function projectPath(...names: string[]): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return join(folder, ...names);
}

export function readCases<Cases>(name: string): Cases {
  const path = projectPath('test/unit/engine/expressions/fixtures', name);
  return JSON.parse(readFileSync(path, 'utf8')) as Cases;
}
