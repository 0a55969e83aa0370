// The document on extending is followed to the letter: its files are written beside the engine, registered, and run.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  type Action,
  createActionRegistry,
  createElementRegistry,
  type ElementType,
  type FlowDefinition,
  standardElements,
  toFlowSchema,
  validateFlow,
} from '../../engine/index.js';
import { projectRoot } from '../../server/project-root.js';
import { agent, openWorld } from '../support/engine-world.js';
import { temporaryDirectory } from '../support/temporary.js';

describe('the document on extending', () => {
  const text = readFileSync(join(projectRoot(), 'docs', 'extending.md'), 'utf8');
  // Beside engine/, as the imports in the document say.
  const directory = join(projectRoot(), 'dist', 'extending-test');
  const block = (name: string): string =>
    new RegExp(`^\`\`\`(?:ts|json) ${name}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(text)![1]!;
  const load = async (name: string): Promise<Record<string, unknown>> =>
    import(pathToFileURL(join(directory, `${name}.js`)).href);
  before(() => {
    const sources = temporaryDirectory();
    const files = ['initials-action', 'shout-element'].map((name) => {
      const file = join(sources, `${name}.ts`);
      writeFileSync(file, block(`file=${name}.ts`));
      return file;
    });
    const compiler = join(projectRoot(), 'node_modules', 'typescript', 'bin', 'tsc');
    const options = ['--module', 'esnext', '--target', 'es2022', '--noCheck', '--noResolve'];
    execFileSync(process.execPath, [compiler, ...options, '--outDir', directory, ...files], { cwd: sources });
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  it('shows an element and an action that a flow can use when they are registered, and not before', async () => {
    const shout = (await load('shout-element'))['shoutElement'] as ElementType;
    const initials = (await load('initials-action'))['initialsAction'] as Action;
    const elements = createElementRegistry([...standardElements, shout]);
    const actions = createActionRegistry([initials]);
    const definition = block('flow');
    const context = { elements, actions, records: new Map() };
    assert.deepEqual(validateFlow(definition, context).problems, []);
    assert.match(JSON.stringify(toFlowSchema(elements)), /"const":"shout"/);
    const without = {
      ...context,
      elements: createElementRegistry(standardElements),
      actions: createActionRegistry([]),
    };
    assert.deepEqual(
      validateFlow(definition, without).problems.map(({ code }) => code),
      ['flow.action-unknown', 'flow.element-type-unknown'],
    );
    const world = await openWorld({ elements: [...standardElements, shout], actions: [initials] });
    try {
      await world.publish(JSON.parse(definition) as FlowDefinition);
      const start = (name: string) => world.engine.start({ flow: 'greet', user: agent, input: { name } });
      assert.deepEqual((await start('Ada Lovelace')).outputs, { words: 'HI AL' });
      assert.equal((await start('1 2')).incident?.error.code, 'initials.none');
    } finally {
      await world.engine.close();
      await world.close();
    }
  });
});
