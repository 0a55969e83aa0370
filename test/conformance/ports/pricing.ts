// What every pricing adapter must do; it is opened on the catalogue and the promotions below, in its own way.
import assert from 'node:assert/strict';
import { sumMoney, toMinor } from '../../../engine/money/money.js';
import type { Prices, PricingPort, PricingRequest } from '../../../orders/ports/pricing.js';
import { refusedWith } from './refusal.js';

/** Tea 10.00, cup 5.00, old (not sold any more) 1.00 EUR; tea also 1200 JPY. Standard delivery 4.90, from 50.00 on 0.00. */
export const pricingWorld = {
  items: [
    { sku: 'TEA', currency: 'EUR', amount: '10.00', active: true, category: 'drinks' },
    { sku: 'CUP', currency: 'EUR', amount: '5.00', active: true, category: 'china' },
    { sku: 'OLD', currency: 'EUR', amount: '1.00', active: false, category: 'china' },
    { sku: 'TEA', currency: 'JPY', amount: '1200', active: true, category: 'drinks' },
  ],
  /** 10 % off lines of drinks from 3 units on, in 2026; 5.00 EUR off orders for who has the code FIVE. */
  promotions: ['tea-10', 'five'],
  delivery: { method: 'Standard', charge: '4.90', freeFrom: '50.00' },
} as const;

const { signal } = new AbortController();
const eur = (amount: string) => ({ amount, currency: 'EUR' });

export function describePricingPort(name: string, open: () => Promise<PricingPort>): void {
  describe(`the pricing port: ${name}`, () => {
    let port: PricingPort;
    before(async () => {
      port = await open();
    });
    const prices = (request: Partial<PricingRequest>): Promise<Prices> =>
      port.prices({ currency: 'EUR', at: '2026-11-22T10:00:00Z', lines: [], ...request }, signal);

    it('gives the price of each line, in the order of the request', async () => {
      const { lines, adjustments } = await prices({
        lines: [
          { id: '2', sku: 'CUP', quantity: 2 },
          { id: '1', sku: 'TEA', quantity: 1 },
        ],
      });
      assert.deepEqual(
        lines.map(({ id, sku, quantity, unitPrice }) => [id, sku, quantity, unitPrice]),
        [
          ['2', 'CUP', 2, eur('5.00')],
          ['1', 'TEA', 1, eur('10.00')],
        ],
      );
      assert.deepEqual([...adjustments, ...lines.flatMap((line) => line.adjustments)], []);
    });

    it('takes promotions off, each where and when it holds', async () => {
      const three = [{ id: '1', sku: 'TEA', quantity: 3 }];
      const now = await prices({ lines: three });
      assert.deepEqual(
        now.lines[0]!.adjustments.map(({ id, amount }) => [id, amount]),
        [['tea-10', eur('-3.00')]],
      );
      const later = await prices({ lines: three, at: '2027-01-01T00:00:00Z' });
      assert.deepEqual(later.lines[0]!.adjustments, []);
      const coded = await prices({ lines: three, codes: ['FIVE', 'NONE'] });
      assert.deepEqual(
        coded.adjustments.map(({ id, amount }) => [id, amount]),
        [['five', eur('-5.00')]],
      );
      assert.deepEqual(
        coded.unused.map(({ code }) => code),
        ['NONE'],
      );
    });

    it('never takes off more than it costs', async () => {
      const { lines, adjustments } = await prices({
        lines: [{ id: '1', sku: 'CUP', quantity: 1 }],
        codes: ['FIVE'],
      });
      const off = sumMoney(adjustments.map(({ amount }) => amount));
      assert.ok(toMinor(lines[0]!.unitPrice) + toMinor(off) >= 0n);
    });

    it('gives delivery charges, none where the goods cost enough', async () => {
      const deliveryGroups = [{ id: 'D1', method: 'Standard' }];
      const cheap = await prices({ lines: [{ id: '1', sku: 'CUP', quantity: 1 }], deliveryGroups });
      assert.deepEqual(cheap.deliveryGroups, [{ id: 'D1', method: 'Standard', charge: eur('4.90') }]);
      const dear = await prices({ lines: [{ id: '1', sku: 'CUP', quantity: 10 }], deliveryGroups });
      assert.deepEqual(dear.deliveryGroups[0]!.charge, eur('0.00'));
    });

    it('has prices in the currency of the request only', async () => {
      const yen = await prices({ currency: 'JPY', lines: [{ id: '1', sku: 'TEA', quantity: 1 }] });
      assert.deepEqual(yen.lines[0]!.unitPrice, { amount: '1200', currency: 'JPY' });
      for (const [sku, currency] of [
        ['CUP', 'JPY'],
        ['OLD', 'EUR'],
        ['NOBODY', 'EUR'],
      ] as const) {
        const asked = prices({ currency, lines: [{ id: '1', sku, quantity: 1 }] });
        await assert.rejects(asked, refusedWith('orders.price-unknown'), sku);
      }
    });

    it('refuses what can not be priced', async () => {
      const line = { id: '1', sku: 'TEA', quantity: 1 };
      for (const request of [
        { lines: [line, line] },
        { lines: [{ ...line, quantity: 0 }] },
        { lines: [{ ...line, quantity: 1.5 }] },
        { lines: [line], at: 'soon' },
        { lines: [line], deliveryGroups: [{ id: 'D1', method: 'Dove' }] },
      ]) {
        await assert.rejects(prices(request), refusedWith('orders.price-request-invalid'));
      }
    });

    it('gives the same answer to the same question', async () => {
      const request = { lines: [{ id: '1', sku: 'TEA', quantity: 7 }], codes: ['FIVE'] };
      assert.deepEqual(await prices(request), await prices(request));
    });
  });
}
