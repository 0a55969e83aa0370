// The examples of docs/connections.md: the file is read, the flow is sound, the scenario is played, and the same flow calls a
// system that really answers, fails and answers again.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readConnections } from '../../connections/index.js';
import { Client, type RunJson } from '../api/flows/client.js';
import { openSampleApp } from '../api/sample-app.js';
import { DocumentedFlow } from './documented-flow.js';

const document = new DocumentedFlow('connections.md');
const block = (name: string): string => document.block(name);

describe('the document on connections', () => {
  it('shows a file that is read', () => {
    const connections = readConnections(block('connections'));
    assert.deepEqual([...connections.keys()], ['carrier', 'warehouse']);
    assert.equal(connections.get('warehouse')?.inside, true);
  });

  it('shows a sound flow, and a scenario that it passes', async () => {
    const { problems, scenarios } = await document.play();
    assert.deepEqual(problems, []);
    assert.deepEqual(
      scenarios.map(({ name, differences }) => [name, differences]),
      [['The carrier makes a label after a moment', []]],
    );
    const scenario = block('scenario').replace(
      '"body": { "tracking": "P 1/2" }',
      '"body": { "tracking": "P3" }',
    );
    const [changed] = (await document.play({ scenario })).scenarios;
    assert.ok(changed!.differences.length > 0, 'another answer is noticed');
  });

  it('shows a flow that calls each system once, and whose connections are checked', async () => {
    const calls: string[] = [];
    const secrets: (string | undefined)[] = [];
    const carrier = createServer((request: IncomingMessage, response) => {
      calls.push(`${request.method} ${request.url} ${request.headers['idempotency-key'] ?? ''}`.trim());
      secrets.push(request.headers.authorization);
      const isFirst = calls.length === 1;
      const body = request.method === 'POST' ? { tracking: 'P1' } : { state: 'announced' };
      response
        .writeHead(isFirst ? 503 : 200, { 'content-type': 'application/json' })
        .end(JSON.stringify(body));
    });
    carrier.listen(0, '127.0.0.1');
    await once(carrier, 'listening');
    const url = `http://127.0.0.1:${(carrier.address() as AddressInfo).port}/v1`;
    const app = await openSampleApp({
      engine: true,
      connections: readConnections(
        JSON.stringify({ carrier: { url, inside: true, headers: { authorization: 'Bearer hidden' } } }),
      ),
    });
    try {
      const analyst = await Client.as(app, 'analyst');
      const wrong = block('flow').replaceAll('"carrier"', '"carriers"');
      const { body: check } = await analyst.post('/api/v1/flows/validate', { text: wrong }).expect(200);
      const { problems } = check as { problems: { detail: string }[] };
      assert.equal(problems.length, 2, JSON.stringify(problems));
      for (const { detail } of problems) assert.match(detail, /carrier/);
      await analyst.put('/api/v1/flows/return-label/draft', { text: block('flow') }, '"0"').expect(201);
      await analyst
        .post('/api/v1/flows/return-label/activate', { version: 1 })
        .set('if-match', '"0"')
        .expect(200);
      const agent = await Client.as(app, 'agent');
      const begun = await agent.post('/api/v1/orders/11075/actions/return-label', { input: { weight: 900 } });
      const { id } = (begun.body as { run: RunJson }).run;
      let run = await agent.run(id);
      for (let looks = 0; looks < 500 && run.status !== 'done'; looks += 1) {
        app.clock.advance(1_000);
        await new Promise((resolve) => setTimeout(resolve, 20));
        run = await agent.run(id);
      }
      assert.deepEqual([run.status, run.outputs], ['done', { tracking: 'P1', state: 'announced' }]);
      const key = `${id}:main:makeLabel:1`;
      assert.deepEqual(calls, [`POST /v1/labels ${key}`, `POST /v1/labels ${key}`, 'GET /v1/parcels/P1']);
      assert.deepEqual(new Set(secrets), new Set(['Bearer hidden']));
      const { body: journal } = await agent.get(`/api/v1/runs/${id}/journal`).expect(200);
      assert.ok(!JSON.stringify([run, journal, app.logged]).includes('hidden'), 'the secret is nowhere');
    } finally {
      await app.close();
      carrier.close();
    }
  });
});
