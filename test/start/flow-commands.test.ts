// `recourse validate` and `recourse test` on the shipped flows and on copies with mistakes, by the real command.
import assert from 'node:assert/strict';
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { flowsDirectory } from '../../server/engine/flows-directory.js';
import { type Ended, Workbench } from './server-process.js';

describe('checking flow files without a server', () => {
  const bench = new Workbench();
  after(() => bench.close());

  const run = (...parameters: string[]): Promise<Ended> => bench.run(parameters, {}).ended();

  it('finds nothing wrong with what is shipped, and warns of the one flow that acts with all rights', async () => {
    const { code, stdout } = await run('validate');
    assert.equal(code, 0);
    const [warning = '', ...more] = stdout.split('\n');
    assert.match(
      warning,
      /^release-after-remorse\/flow\.json:\d+:\d+ warning flow\.system-mode the flow acts with all rights;/,
    );
    assert.match(more.join('\n'), /^\d+ flow files checked, 0 with errors\n$/);
  });

  it('tells every mistake with its line and column, for people and for programs', async () => {
    const directory = await bench.directory();
    await cp(flowsDirectory(), directory, { recursive: true });
    const path = join(directory, 'cancel-order', 'flow.json');
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace('"next": "isCart"', '"next": "isCrt"'));
    const people = await run('validate', '--directory', directory, 'cancel-order');
    assert.equal(people.code, 1);
    assert.match(people.stdout, /^cancel-order\/flow\.json:\d+:\d+ error \S+ .*; expected .*$/m);
    assert.match(people.stdout, /did you mean isCart\?/);
    assert.match(people.stdout, /1 flow files checked, 1 with errors\n$/);
    const programs = await run('--json', 'validate', '--directory', directory, 'cancel-order');
    const { files } = JSON.parse(programs.stdout) as {
      files: { path: string; problems: { line: number; pointer: string; severity: string }[] }[];
    };
    assert.deepEqual(
      files.map((file) => file.path),
      ['cancel-order/flow.json'],
    );
    assert(files[0]!.problems.some(({ severity, line }) => severity === 'error' && line > 0));
  });

  for (const name of ['validate', 'test']) {
    it(`refuses ${name} of a flow or a directory that is not there`, async () => {
      const flow = await run(name, 'cancel-ordr');
      assert.equal(flow.code, 1);
      assert.match(flow.stderr, /no flow file of "cancel-ordr", only of approve-order, /);
      const directory = await run(name, '--directory', join(await bench.directory(), 'none'));
      assert.equal(directory.code, 1);
      assert.match(directory.stderr, /none is no directory that can be read/);
    });
  }

  it('plays nothing of a flow that is not sound', async () => {
    const directory = await bench.directory();
    await cp(flowsDirectory(), directory, { recursive: true });
    const file = join(directory, 'release-after-remorse', 'flow.json');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('"next": "', '"next": "x'));
    const { code, stdout } = await run('test', 'release-after-remorse', '--directory', directory);
    assert.equal(code, 1);
    assert.match(stdout, /flow\.json:\d+:\d+ error flow\.target-unknown /);
    assert.match(stdout, /Nothing is played until they are sound\.\n$/);
  });

  it('plays the scenarios of one flow, and fails below the coverage that is asked for', async () => {
    const good = await run('test', 'release-after-remorse');
    assert.equal(good.code, 0, good.stdout + good.stderr);
    const directory = await bench.directory();
    await cp(flowsDirectory(), directory, { recursive: true });
    for (const name of await readdir(join(directory, 'cancel-order', 'scenarios')))
      if (name !== 'cart.json') await rm(join(directory, 'cancel-order', 'scenarios', name));
    const strict = await run('test', 'cancel-order', '--directory', directory, '--coverage-min', '100');
    assert.equal(strict.code, 1);
    assert.match(strict.stdout, /cancel-order: \d+ of \d+ outcomes .*, not reached: /);
  });
});
