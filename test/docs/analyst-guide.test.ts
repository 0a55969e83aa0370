// Follows the guide for analysts: the change that it describes, made through the API while an older return is under way.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FlowDefinition } from '../../engine/index.js';
import { projectRoot } from '../../server/project-root.js';
import { Client, type OrderJson } from '../api/flows/client.js';
import { assertProblem } from '../api/problem.js';
import { openSampleApp, type SampleApp } from '../api/sample-app.js';

const guide = readFileSync(join(projectRoot(), 'docs', 'guides', 'analyst.md'), 'utf8');

/** The block after a comment. */
function block(mark: string): string {
  const [, text] = new RegExp(`<!-- ${mark} -->\\n\`\`\`\\w+\\n([\\s\\S]*?)\`\`\``).exec(guide) ?? [];
  assert.ok(text !== undefined, `the guide has a block ${mark}`);
  return text;
}
const part = (mark: string): Record<string, unknown> => JSON.parse(block(mark)) as Record<string, unknown>;

function changed(definition: FlowDefinition): FlowDefinition {
  const elements = { ...definition.elements, ...part('add: elements') } as FlowDefinition['elements'];
  return {
    ...definition,
    signals: { ...definition.signals, ...part('add: signals') } as NonNullable<FlowDefinition['signals']>,
    variables: { ...definition.variables, ...part('add: variables') } as NonNullable<
      FlowDefinition['variables']
    >,
    elements: { ...elements, keepReturnOrder: { ...elements['keepReturnOrder']!, next: 'label' } },
  };
}

describe('the guide for analysts', () => {
  let app: SampleApp;
  let agent: Client;
  let analyst: Client;
  before(async () => {
    app = await openSampleApp({ engine: true });
    agent = await Client.as(app, 'agent');
    analyst = await Client.as(app, 'analyst');
  });
  after(() => app.close());

  it('leads to a changed return, while older ones finish as they began', async () => {
    const fits = ({ returnOrders, lines, payments }: OrderJson): boolean =>
      returnOrders.length === 0 &&
      payments.every(({ reference }) => reference !== null) &&
      lines.some(({ returnable, availableToReturn }) => returnable && availableToReturn > 0);
    const start = async () => {
      const order = await agent.find('Fulfilled', fits);
      const line = order.lines.find(
        ({ returnable, availableToReturn }) => returnable && availableToReturn > 0,
      )!;
      return agent.start(order.number, 'return-items', { items: [{ line: line.id, quantity: 1 }] });
    };
    const older = await start();

    const shown = await analyst.get('/api/v1/flows/return-items').expect(200);
    const { definition } = shown.body as { definition: FlowDefinition };
    const etag = shown.headers['etag']!;
    const next = changed(definition);
    const text = JSON.stringify(next, undefined, 2);

    const slip = text.replace('shipping.returnLabel', 'shipping.returnLable');
    const checked = await analyst.post('/api/v1/flows/validate', { text: slip }).expect(200);
    const { valid, problems } = checked.body as { valid: boolean; problems: Record<string, unknown>[] };
    assert.equal(valid, false);
    const expected = part('problem');
    const [found] = problems;
    assert.deepEqual(Object.fromEntries(Object.keys(expected).map((name) => [name, found![name]])), expected);
    const refused = await analyst.put('/api/v1/flows/return-items/draft', { text: slip }, etag);
    assertProblem(refused, 422, 'version.invalid');
    assert.deepEqual((await analyst.post('/api/v1/flows/validate', { text }).expect(200)).body, {
      valid: true,
      problems: [],
    });

    const saved = await analyst.put('/api/v1/flows/return-items/draft', { text }, etag).expect(201);
    assertProblem(
      await analyst.put('/api/v1/flows/return-items/draft', { text }, etag),
      412,
      'server.edited-meanwhile',
    );
    const { body: diff } = await analyst.get('/api/v1/flows/return-items/diff').expect(200);
    assert.equal(
      (diff as { changes: { kind: string; what: string }[] }).changes
        .map(({ kind, what }) => `${kind} ${what}\n`)
        .join(''),
      block('diff'),
    );
    const { version } = saved.body as { version: number };
    const activated = await analyst
      .post('/api/v1/flows/return-items/activate', { version })
      .set('if-match', saved.headers['etag']!);
    assert.equal(activated.status, 200, JSON.stringify(activated.body));

    const newer = await start();
    assert.notEqual(newer.outputs, undefined);
    const waiting = await agent.run(newer.id);
    assert.ok(typeof waiting.variables['tracking'] === 'string');
    assert.deepEqual(waiting.work, []);
    const scanned = { trackingNumber: waiting.variables['tracking'] };
    await agent.post(`/api/v1/runs/${newer.id}/signals/parcelScanned`, scanned).expect(200);
    assert.equal((await agent.run(newer.id)).work[0]?.element, 'receive');

    // The older one knows nothing of parcels, and is received as before.
    const unknown = await agent.post(`/api/v1/runs/${older.id}/signals/parcelScanned`, scanned);
    assertProblem(unknown, 409, 'run.event-not-accepted');
    const inspected = await agent.work(older.id, {
      received: [{ returnLine: 'R1-1', quantity: 1 }],
      complete: false,
    });
    assert.equal(inspected.work[0]?.element, 'inspect');
    assert.equal((inspected as unknown as { version: number }).version, 1);
  });
});
