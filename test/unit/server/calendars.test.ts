// Business calendars come from the file beside the flows, all of it or nothing.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readCalendars } from '../../../server/engine/calendars.js';
import { flowsDirectory } from '../../../server/engine/flows-directory.js';
import { temporaryDirectory } from '../../support/temporary.js';

describe('the calendars of a server', () => {
  it('are those beside its flows', async () => {
    const { office } = await readCalendars(flowsDirectory());
    assert.equal(office?.zone, 'Europe/Berlin');
  });

  it('are none where there is no file', async () => {
    assert.deepEqual(await readCalendars(temporaryDirectory()), {});
  });

  for (const [what, text] of [
    ['no JSON', '{'],
    ['no object', '[]'],
    ['a calendar that is never open', '{"office":{"zone":"UTC","weekly":{}}}'],
    [
      'a name that rules could not use',
      '{"my office":{"zone":"UTC","weekly":{"monday":[["09:00","17:00"]]}}}',
    ],
  ] as const) {
    it(`are refused for ${what}`, async () => {
      const directory = temporaryDirectory();
      await writeFile(join(directory, 'calendars.json'), text);
      await assert.rejects(readCalendars(directory), { code: 'calendar.invalid' });
    });
  }
});
