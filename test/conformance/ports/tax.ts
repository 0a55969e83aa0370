// What every tax adapter must do; it is opened on taxes like these: DE 19 %, books 7 %, until 2007 16 %; US nothing, in NY 8.875 %.
import assert from 'node:assert/strict';
import type { TaxPort, TaxRequest } from '../../../orders/ports/tax.js';
import { refusedWith } from './refusal.js';

const { signal } = new AbortController();

export function describeTaxPort(name: string, open: () => Promise<TaxPort>): void {
  describe(`the tax port: ${name}`, () => {
    let port: TaxPort;
    before(async () => {
      port = await open();
    });
    const rates = async (request: Partial<TaxRequest>, ...categories: string[]): Promise<string[][]> => {
      const items = categories.map((category, index) => ({
        id: `${index}`,
        ...(category === '' ? {} : { category }),
      }));
      const answer = await port.taxes(
        { country: 'DE', at: '2026-11-22T10:00:00Z', items, ...request },
        signal,
      );
      assert.deepEqual(
        answer.map(({ id }) => id),
        items.map(({ id }) => id),
      );
      return answer.map(({ taxes }) => taxes.map(({ rate }) => rate));
    };

    it('gives the rates of each item, in the order of the request', async () => {
      assert.deepEqual(await rates({}, 'books', '', 'toys'), [['0.07'], ['0.19'], ['0.19']]);
    });

    it('knows regions', async () => {
      assert.deepEqual(await rates({ country: 'US', region: 'NY' }, ''), [['0.08875']]);
      assert.deepEqual(await rates({ country: 'US', region: 'OR' }, ''), [[]]);
      assert.deepEqual(await rates({ country: 'US' }, ''), [[]]);
    });

    it('knows what held at the time of the sale', async () => {
      assert.deepEqual(await rates({ at: '2006-12-31T22:59:59Z' }, ''), [['0.16']]);
      assert.deepEqual(await rates({ at: '2006-12-31T23:00:00Z' }, ''), [['0.19']]);
    });

    it('refuses a place it does not know', async () => {
      await assert.rejects(rates({ country: 'ZZ' }, ''), refusedWith('orders.tax-unknown'));
    });
  });
}
