// Flows before a save in the real application: drafted, activated and retired over HTTP, and met by whoever saves.
import assert from 'node:assert/strict';
import { DocumentedFlow } from '../../docs/documented-flow.js';
import { assertProblem } from '../problem.js';
import { openSampleApp, type SampleApp } from '../sample-app.js';
import { Client } from './client.js';

describe('flows before a save, over HTTP', () => {
  let app: SampleApp;
  let agent: Client;
  let analyst: Client;
  before(async () => {
    app = await openSampleApp({ engine: true });
    [agent, analyst] = (await Promise.all(['agent', 'analyst'].map((name) => Client.as(app, name)))) as [
      Client,
      Client,
    ];
  });
  after(() => app.close());

  const draft = (name: string, text: string) => analyst.put(`/api/v1/flows/${name}/draft`, { text }, '"0"');
  const publish = async (name: string, text: string) => {
    await draft(name, text).expect(201);
    await analyst.post(`/api/v1/flows/${name}/activate`, { version: 1 }).set('if-match', '"1"').expect(200);
  };
  const close = (resolution: string) =>
    agent.post('/api/v1/orders/11069/actions/close-case', { input: { case: 'K1001', resolution } });

  it('set fields of cases, and refuse to close one, until they are retired', async () => {
    await publish('case-rules', new DocumentedFlow('flows.md').block('before-save-flow'));
    const { id } = await agent.start('11069', 'open-case', { subject: 'My lawyer will write' });
    const { body } = await agent.get('/api/v1/cases/K1001').expect(200);
    assert.equal((body as { status: string }).status, 'Escalated');
    const journal = await app.flows.engine.journal(id);
    assert.ok(JSON.stringify(journal).includes('"outcome":"sets status"'));

    const refused = assertProblem(await close('Done.'), 422, 'raised.error');
    assert.equal(refused.detail, 'Say in a sentence how case K1001 was answered.');
    const { data } = refused as unknown as { readonly data: unknown };
    assert.deepEqual(data, {
      code: 'unexplained',
      field: 'resolution',
      beforeSave: { flow: 'case-rules', version: 1, element: 'refuse' },
      place: { flow: 'close-case', element: 'close' },
    });
    const offered = await agent.get('/api/v1/orders/11069/actions').expect(200);
    assert.ok(!JSON.stringify(offered.body).includes('case-rules'));

    await analyst.post('/api/v1/flows/case-rules/retire', {}).set('if-match', '"1"').expect(200);
    assert.equal((await close('Done.')).status, 201);
  });

  it('refuse what an action does to an order, and may not set anything of it', async () => {
    const oneHold = {
      format: 1,
      name: 'one-hold',
      label: 'One hold at a time',
      start: {
        trigger: {
          type: 'recordChange',
          record: 'order',
          on: ['update'],
          when: { '>': [{ size: { var: '$record.holds' } }, 1] },
          newlyTrue: true,
          before: true,
        },
        next: 'refuse',
      },
      elements: {
        refuse: {
          type: 'raiseError',
          label: 'Refuse',
          message: 'Lift hold {{$recordPrior.holds.0.id}} first.',
        },
      },
    };
    const setting = {
      ...oneHold,
      elements: {
        refuse: {
          type: 'assignment',
          label: 'Set',
          assignments: [{ target: '$record.status', value: 'Cancelled' }],
        },
      },
    };
    const { problems } = assertProblem(
      await draft('one-hold', JSON.stringify(setting)),
      422,
      'version.invalid',
    );
    assert.deepEqual(
      problems?.map(({ code }) => code),
      ['flow.record-read-only'],
    );
    await publish('one-hold', JSON.stringify(oneHold));
    assert.deepEqual((await agent.start('11068', 'hold-order', { reason: 'fraud?' })).outputs, {
      made: 'H1',
    });
    const preview = await agent.preview('11068', 'hold-order', { reason: 'again' });
    assert.equal(assertProblem(preview, 422, 'raised.error').detail, 'Lift hold H1 first.');
    const again = await agent.post('/api/v1/orders/11068/actions/hold-order', { input: { reason: 'again' } });
    assertProblem(again, 422, 'raised.error');
    assert.equal((await agent.order('11068')).holds.length, 1);
  });
});
