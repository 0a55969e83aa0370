// Flow files against the store: what a file may change at a start, and what it may not.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { readFlowFiles, syncFlowFiles } from '../../server/engine/flow-files.js';
import { openSampleApp, type SampleApp } from './sample-app.js';

const flow = (label: string, calls?: string) => ({
  format: 1,
  name: 'hello',
  label,
  start: { trigger: { type: 'action' }, ...(calls === undefined ? {} : { next: 'call' }) },
  elements: calls === undefined ? {} : { call: { type: 'subflow', label: 'Call', flow: calls } },
});

describe('flow files at the start', () => {
  let app: SampleApp;
  let directory: string;
  beforeEach(async () => {
    app = await openSampleApp({ orders: false });
    directory = await mkdtemp(join(tmpdir(), 'recourse-flows-'));
  });
  afterEach(async () => {
    await app.close();
    await rm(directory, { recursive: true, force: true });
  });

  async function write(name: string, text: string): Promise<void> {
    await mkdir(join(directory, name), { recursive: true });
    await writeFile(join(directory, name, 'flow.json'), text);
  }
  const sync = async () =>
    syncFlowFiles(
      app.flows.engine,
      await readFlowFiles(directory),
      app.flows.validationContext,
      pino({ level: 'silent' }),
    );
  const active = async (name: string) => (await app.flows.engine.versions.active(name))?.version;

  it('are activated when they are new, and again when they change, and left alone when they do not', async () => {
    await write('hello', JSON.stringify(flow('One')));
    assert.deepEqual((await sync()).get('hello'), { kind: 'activated', version: 1 });
    assert.deepEqual((await sync()).get('hello'), { kind: 'unchanged' });
    await write('hello', JSON.stringify(flow('Two')));
    assert.deepEqual((await sync()).get('hello'), { kind: 'activated', version: 2 });
    // The same in another form is no change.
    await write('hello', JSON.stringify(flow('Two'), undefined, 4));
    assert.deepEqual((await sync()).get('hello'), { kind: 'unchanged' });
    assert.equal(await active('hello'), 2);
  });

  it('change nothing that was edited in the store: the draft is there, and it is reported', async () => {
    await write('hello', JSON.stringify(flow('One')));
    await sync();
    const { versions } = app.flows.engine;
    const edited = await versions.save(flow('Edited') as never, 'ana');
    await versions.activate('hello', edited.version, 1, { id: 'ana' });
    assert.deepEqual((await sync()).get('hello'), { kind: 'unchanged' });
    await write('hello', JSON.stringify(flow('Three')));
    assert.deepEqual((await sync()).get('hello'), { kind: 'diverged', version: 3, active: 2 });
    assert.equal(await active('hello'), 2);
    assert.deepEqual((await sync()).get('hello'), { kind: 'diverged', version: 3, active: 2 });
  });

  it('answer for system mode, also of what an earlier release made active without asking', async () => {
    const mode = { system: { reason: 'nobody is signed in' } };
    const { versions } = app.flows.engine;
    const forget = async () =>
      app.database.connection
        .collection('flows')
        .updateOne({ _id: 'hello:1' as never }, { $unset: { activatedBy: 1, activatedAt: 1 } });
    const by = async () => (await versions.get('hello', 1)).activated?.by;
    await write('hello', JSON.stringify({ ...flow('One'), mode }));
    assert.deepEqual((await sync()).get('hello'), { kind: 'activated', version: 1 });
    assert.equal(await by(), 'files');
    await forget();
    assert.deepEqual((await sync()).get('hello'), { kind: 'activated', version: 1 });
    assert.equal(await by(), 'files');
    assert.deepEqual((await sync()).get('hello'), { kind: 'unchanged' });
    await app.database.connection.collection('flows').deleteMany({});
    await versions.save({ ...flow('One'), mode } as never, 'ana');
    await versions.activate('hello', 1, 0, { id: 'ada', permissions: ['flows.system'] });
    assert.deepEqual((await sync()).get('hello'), { kind: 'unchanged' });
    assert.equal(await by(), 'ada', 'what somebody answers for is left to them');
    await forget();
    assert.deepEqual((await sync()).get('hello'), { kind: 'activated', version: 1 });
  });

  it('that are not valid are left alone with their problems, and the others go on', async () => {
    await write('hello', JSON.stringify(flow('One')));
    await write('broken', '{ "format": 1,');
    await write('wrong', JSON.stringify({ ...flow('Other name') }));
    const outcomes = await sync();
    assert.equal(outcomes.get('hello')?.kind, 'activated');
    for (const [name, code] of [
      ['broken', 'flow.json-syntax'],
      ['wrong', 'flow.name-differs'],
    ] as const) {
      const outcome = outcomes.get(name);
      assert.ok(outcome?.kind === 'invalid');
      assert.ok(
        outcome.problems.some((problem) => problem.code === code),
        JSON.stringify(outcome.problems),
      );
    }
  });

  it('come after those that they call, whatever their names', async () => {
    await write('zz', JSON.stringify({ ...flow('Called'), name: 'zz' }));
    await write('hello', JSON.stringify(flow('Calls', 'zz')));
    const outcomes = await sync();
    assert.deepEqual(
      [...outcomes].map(([name, { kind }]) => `${name} ${kind}`),
      ['zz activated', 'hello activated'],
    );
  });
});
