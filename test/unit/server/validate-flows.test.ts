// `recourse validate`: each file is told of by itself, however wrong others are.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkFlows } from '../../../server/commands/validate-flows.js';
import { temporaryDirectory } from '../../support/temporary.js';

const flow = (name: string, first: unknown, more: object = {}) => ({
  format: 1,
  name,
  label: name,
  start: { trigger: { type: 'action' }, next: 'first' },
  ...more,
  elements: { first, last: { type: 'end', label: 'last' } },
});

describe('the check of flow files', () => {
  it('goes on where the shape of a file is wrong, and says nothing of it in those that call it', async () => {
    const directory = temporaryDirectory();
    const flows = {
      decides: flow('decides', { type: 'decision', label: 'd', outcomes: { a: {} }, next: 'last' }),
      asks: flow('asks', {
        type: 'screen',
        label: 's',
        fields: [{ name: 'why', label: 'Why?', schema: { type: 'string' }, choices: 'reasns' }],
        next: 'last',
      }),
      calls: flow('calls', { type: 'subflow', label: 'c', flow: 'decides', next: 'last' }),
      nothing: null,
    };
    for (const [name, content] of Object.entries(flows)) {
      await mkdir(join(directory, name));
      await writeFile(join(directory, name, 'flow.json'), JSON.stringify(content));
    }
    const checked = await checkFlows(directory);
    assert.deepEqual(
      Object.fromEntries(
        checked.map(({ path, problems }) => [
          path.split('/')[0],
          problems.map(({ code, pointer }) => `${code} ${pointer}`),
        ]),
      ),
      {
        asks: ['flow.choices-unknown /elements/first/fields/0/choices'],
        calls: [],
        decides: ['flow.property-invalid /elements/first/outcomes'],
        nothing: ['flow.property-invalid '],
      },
    );
  });
});
