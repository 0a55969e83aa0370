// Mails over HTTP: every page of the list, whatever the mails are called, and sending one again.
import assert from 'node:assert/strict';
import { Client } from './flows/client.js';
import { openSampleApp, type SampleApp } from './sample-app.js';

interface Page {
  readonly items: readonly { readonly id: string }[];
  readonly next: string | null;
}

describe('mails over HTTP', () => {
  let app: SampleApp;
  let admin: Client;
  // A flow that calls flows in loops has frames with long names, and mails have the name of their frame in their id.
  const frame = `main/${'notify.1/'.repeat(25)}`;
  const ids = ['1', '2', '3'].map((visit) => `run-1:${frame}:send:${visit}:1`);
  before(async () => {
    app = await openSampleApp({ orders: false });
    admin = await Client.as(app, 'admin');
    await app.database.models.mails.insertMany(
      ids.map((_id) => ({
        _id,
        run: 'run-1',
        template: 'cancellation',
        to: 'maria@alfki.example',
        subject: 'Cancelled',
        html: '<p>Cancelled</p>',
        text: 'Cancelled',
        state: 'sent',
        attempts: 1,
        at: new Date('2026-11-22T10:00:00Z'),
      })),
    );
  });
  after(() => app.close());

  it('are listed page by page', async () => {
    const found: string[] = [];
    let cursor = '';
    do {
      const { body } = await admin.get(`/api/v1/mails?limit=1${cursor}`).expect(200);
      const { items, next } = body as Page;
      found.push(...items.map(({ id }) => id));
      cursor = next === null ? '' : `&cursor=${encodeURIComponent(next)}`;
    } while (cursor !== '');
    assert.deepEqual(found, [...ids].reverse());
  });

  it('are sent again once for each key, however long it is, and what was sent again, too', async () => {
    const again = async (id: string, key: string): Promise<string> => {
      const path = `/api/v1/mails/${encodeURIComponent(id)}/resend`;
      const { body } = await admin.post(path, {}, key).expect(202);
      return (body as { id: string }).id;
    };
    const long = 'k'.repeat(250);
    const first = await again(ids[0]!, `${long}1`);
    assert.equal(await again(ids[0]!, `${long}1`), first);
    const [second, same] = await Promise.all([1, 2].map(() => again(ids[0]!, `${long}2`)));
    assert.ok(second !== undefined && second === same);
    const third = await again(second, `${long}2`);
    assert.equal(new Set([...ids, first, second, third]).size, ids.length + 3);
    for (const id of [first, second, third]) {
      const { body } = await admin.get(`/api/v1/mails/${encodeURIComponent(id)}`).expect(200);
      const { state, attempts } = body as { state: string; attempts: number };
      assert.deepEqual({ state, attempts }, { state: 'sent', attempts: 1 });
    }
  });
});
