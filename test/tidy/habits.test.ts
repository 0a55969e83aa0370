// Habits of the house that a machine can check: names, opening comments, determinism of the engine, no hidden skips,
// no filters made of requests, nothing of a particular machine.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../server/project-root.js';
import { type SourceFile, sourceFiles } from './source-files.js';

const offenders = (wrong: (file: SourceFile) => boolean, within = ''): string[] =>
  sourceFiles.filter((file) => file.path.startsWith(within) && wrong(file)).map(({ path }) => path);

/** The code without comments and texts, so that neither is mistaken for it. */
const codeOf = (text: string): string =>
  text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '')
    .replace(/'(?:[^'\\\n]|\\.)*'/g, "''");

describe('the habits of the house', () => {
  it('opens every file with a comment', () => {
    assert.deepEqual(
      offenders(({ text }) => !/^(#!.*\n)?(\/\/ |\/\*\*)/.test(text)),
      [],
    );
  });

  it('names files in kebab-case, and none of them utils, helpers, common or types', () => {
    const shape = /^[a-z0-9]+(-[a-z0-9]+)*(\.test)?\.ts$/;
    const name = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
    assert.deepEqual(
      offenders(({ path }) => !shape.test(name(path))),
      [],
    );
    assert.deepEqual(
      offenders(({ path }) => /^(utils?|helpers?|common|types|misc)\.ts$/.test(name(path))),
      [],
    );
  });

  it('takes time, chance and identity from outside in the engine', () => {
    const impure =
      /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bsetTimeout\(|\bsetInterval\(|\brandomUUID\(/;
    assert.deepEqual(
      offenders(({ text }) => impure.test(codeOf(text)), 'engine/'),
      [],
    );
    assert.ok(impure.test('const now = Date.now();'), 'the check itself works');
  });

  it('has no default exports', () => {
    assert.deepEqual(
      offenders(({ text }) => /^export default\b/m.test(text)),
      [],
    );
  });

  it('leaves no test out without a reason', () => {
    const silent = /\b(it|describe|context)\.(skip|only)\(|\bx(it|describe)\(/;
    assert.deepEqual(
      offenders(({ path, text }) => path !== 'test/support/skip.ts' && silent.test(codeOf(text)), 'test/'),
      [],
    );
  });

  it('never makes a filter of what a request holds', () => {
    const careless =
      /\.(find\w*|countDocuments|distinct|aggregate|update\w*|delete\w*|replaceOne|exists)\(\s*(req|request)\b/;
    assert.deepEqual(
      offenders(({ text }) => careless.test(codeOf(text)), 'server/'),
      [],
    );
  });

  it('names no machine and no package registry', () => {
    const machine =
      /(^|[\s"'`(=])\/(work|root|home)\/[a-z]|https?:\/\/[^\s/"]*(registry|artifactory|nexus|verdaccio)/m;
    const root = projectRoot();
    const others = [
      'package.json',
      'package-lock.json',
      'tsconfig.json',
      'biome.json',
      '.ci/run',
      'compose.yaml',
    ];
    const documents = readdirSync(root).filter((name) => name.endsWith('.md'));
    const texts = [...others, ...documents].map((path) => ({
      path,
      text: readFileSync(join(root, path), 'utf8'),
    }));
    const wrong = [...texts, ...sourceFiles].filter(({ text }) => machine.test(text)).map(({ path }) => path);
    assert.deepEqual(
      wrong.filter((path) => path !== 'test/tidy/habits.test.ts'),
      [],
    );
    assert.ok(machine.test('"resolved": "https://registry.example/x.tgz"'), 'the check itself works');
  });
});
