// Every document of the repository: what it links to is there, the headings too.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { projectRoot } from '../../server/project-root.js';

const root = projectRoot();
const withoutDocuments = new Set(['node_modules', 'dist', 'data', 'reports', '.git']);

function documents(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return withoutDocuments.has(entry.name) ? [] : documents(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

const proseOf = (file: string): string => readFileSync(file, 'utf8').replace(/^```[\s\S]*?^```/gm, '');

/** The names under which the headings of a document are linked to. */
const anchorsOf = (file: string): readonly string[] =>
  [...proseOf(file).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\- _]/gu, '')
      .replaceAll(' ', '-'),
  );

describe('the documents', () => {
  it('link to files and headings that are there', () => {
    const files = documents(root);
    const broken: string[] = [];
    let links = 0;
    for (const file of files) {
      for (const [, target = ''] of proseOf(file).matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^[a-z]+:/.test(target)) continue;
        links += 1;
        const [path = '', anchor] = target.split('#');
        const wanted = path === '' ? file : join(dirname(file), path);
        const isThere = existsSync(wanted) && (anchor === undefined || anchorsOf(wanted).includes(anchor));
        if (!isThere) broken.push(`${relative(root, file)}: ${target}`);
      }
    }
    assert.deepEqual(broken, []);
    assert.ok(files.length > 40 && links > 40, `${files.length} documents, ${links} links`);
  });

  it('name npm scripts that there are', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const wrong = documents(root).flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/npm run (?:--silent )?([a-z][a-z:-]*)/g)].flatMap(
        ([, name = '']) => (Object.hasOwn(scripts, name) ? [] : [`${relative(root, file)}: ${name}`]),
      ),
    );
    assert.deepEqual(wrong, []);
  });
});
