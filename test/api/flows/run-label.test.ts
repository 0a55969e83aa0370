// What a flow's runs are called, in the lists of the API and of the command line.
import assert from 'node:assert/strict';
import { type ListedRun, runsText } from '../../../server/commands/run-commands.js';
import { DocumentedFlow } from '../../docs/documented-flow.js';
import { openSampleApp, type SampleApp } from '../sample-app.js';
import { Client } from './client.js';

describe('the label of a run, over HTTP', () => {
  let app: SampleApp;
  before(async () => {
    app = await openSampleApp({ engine: true });
  });
  after(() => app.close());

  it('is in the list, in the run and in what the command line lists; null without one', async () => {
    const [agent, analyst, operator] = [
      await Client.as(app, 'agent'),
      await Client.as(app, 'analyst'),
      await Client.as(app, 'operator'),
    ];
    const text = new DocumentedFlow('flows.md').block('flow');
    await analyst.put('/api/v1/flows/call-back/draft', { text }, '"0"').expect(201);
    await analyst.post('/api/v1/flows/call-back/activate', { version: 1 }).set('if-match', '"1"').expect(200);
    const { id } = await agent.start('11075', 'call-back', {});
    await agent.start('11075', 'open-case', { subject: 'Which colour?' });

    const label = 'Call Michael Holz about order 11075';
    const listed = async (flow: string): Promise<readonly ListedRun[]> => {
      const { body } = await operator.get(`/api/v1/runs?flow=${flow}`).expect(200);
      return (body as { items: ListedRun[] }).items;
    };
    const [called, cased] = [await listed('call-back'), await listed('open-case')];
    assert.deepEqual(
      [...called, ...cased].map((run) => run.label),
      [label, null],
    );
    assert.equal(((await operator.run(id)) as unknown as ListedRun).label, label);
    assert.ok(runsText(called).endsWith(`  "${label}"`) && !runsText(cased).includes('"'));
  });
});
