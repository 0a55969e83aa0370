// Reads templates from a directory: one below it for each, and partials/ for what they share.
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { mailErrors } from '../mail-errors.js';
import { mailLimits } from '../mail-limits.js';
import type { TemplateFiles } from './template.js';

const partialsDirectory = 'partials';

/** The templates of a directory, by name, unchecked. @throws {RecourseError} `mail.template-unreadable` */
export async function readTemplates(directory: string): Promise<ReadonlyMap<string, TemplateFiles>> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    const names = entries.filter((entry) => entry.isDirectory() && entry.name !== partialsDirectory);
    const hasPartials = entries.some(({ name }) => name === partialsDirectory);
    const partials = hasPartials ? await readFiles(join(directory, partialsDirectory)) : {};
    const templates = await Promise.all(
      names.map(async ({ name }): Promise<[string, TemplateFiles]> => {
        return [name, { name, files: await readFiles(join(directory, name)), partials }];
      }),
    );
    return new Map(templates.sort(([left], [right]) => (left < right ? -1 : 1)));
  } catch (error) {
    throw mailErrors.error('template-unreadable', `the templates in ${directory} can't be read`, {
      cause: error,
    });
  }
}

async function readFiles(directory: string): Promise<Record<string, string>> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile());
  if (files.length > mailLimits.filesPerTemplateMax)
    throw new Error(`${directory} has ${files.length} files`);
  const read = files.map(async ({ parentPath, name }): Promise<[string, string]> => {
    const path = join(parentPath, name);
    return [relative(directory, path).split(sep).join('/'), await readFile(path, 'utf8')];
  });
  return Object.fromEntries((await Promise.all(read)).sort(([left], [right]) => (left < right ? -1 : 1)));
}
