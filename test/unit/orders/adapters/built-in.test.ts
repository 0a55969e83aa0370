// The built-in adapters pass the conformance suites of their ports; promotions and their order; places that keep values.
import assert from 'node:assert/strict';
import { createCarts } from '../../../../orders/adapters/built-in/carts.js';
import { createCataloguePricing } from '../../../../orders/adapters/built-in/catalogue-pricing.js';
import { ValuesInMemory } from '../../../../orders/adapters/built-in/kept-values.js';
import type { Promotion } from '../../../../orders/adapters/built-in/promotion.js';
import { createTaxTable } from '../../../../orders/adapters/built-in/tax-table.js';
import { createWarehouse } from '../../../../orders/adapters/built-in/warehouse.js';
import type { PricingPort } from '../../../../orders/ports/pricing.js';
import { describeFulfilmentPort } from '../../../conformance/ports/fulfilment.js';
import { describePricingPort, pricingWorld } from '../../../conformance/ports/pricing.js';
import { refusedWith } from '../../../conformance/ports/refusal.js';
import { describeStorefrontPort } from '../../../conformance/ports/storefront.js';
import { describeTaxPort } from '../../../conformance/ports/tax.js';

const eur = (amount: string) => ({ amount, currency: 'EUR' });

const pricing = (promotions: readonly Promotion[]): PricingPort => {
  const { items, delivery } = pricingWorld;
  return createCataloguePricing({
    catalogue: {
      item: async (sku, currency) => {
        const item = items.find((each) => each.sku === sku && each.currency === currency);
        if (item === undefined) return undefined;
        const { category, active, amount } = item;
        return { title: sku, category, active, returnable: true, price: { amount, currency } };
      },
    },
    promotions,
    deliveries: [{ method: delivery.method, charge: eur(delivery.charge), freeFrom: eur(delivery.freeFrom) }],
  });
};

const tea: Promotion = {
  id: 'tea-10',
  reason: '10 % off from 3 on',
  level: 'line',
  percentOff: '0.10',
  until: '2027-01-01T00:00:00Z',
  when: { and: [{ '==': [{ var: 'line.category' }, 'drinks'] }, { '>=': [{ var: 'line.quantity' }, 3] }] },
};
const five: Promotion = {
  id: 'five',
  reason: 'Voucher',
  level: 'order',
  amountOff: eur('5.00'),
  code: 'FIVE',
};

describePricingPort('catalogue and rules', async () => pricing([tea, five]));
describeTaxPort('table', async () =>
  createTaxTable([
    { country: 'DE', taxes: [{ name: 'VAT', rate: '0.16' }], until: '2006-12-31T23:00:00Z' },
    { country: 'DE', taxes: [{ name: 'VAT', rate: '0.19' }], from: '2006-12-31T23:00:00Z' },
    { country: 'DE', category: 'books', taxes: [{ name: 'VAT', rate: '0.07' }] },
    { country: 'US', taxes: [] },
    { country: 'US', region: 'NY', taxes: [{ name: 'Sales tax', rate: '0.08875' }] },
  ]),
);
describeStorefrontPort('carts in memory', async () => createCarts());
describeFulfilmentPort('warehouse', async () => {
  const port = createWarehouse();
  return { port, ship: (fulfilment) => port.ship(fulfilment) };
});

describe('the built-in adapters', () => {
  const { signal } = new AbortController();
  const request = {
    currency: 'EUR',
    at: '2026-11-22T10:00:00Z',
    lines: [{ id: '1', sku: 'TEA', quantity: 3 }],
    codes: ['FIVE'],
  };

  it('take promotions one after the other, an exclusive one alone', async () => {
    const half: Promotion = { id: 'half', reason: 'Half', level: 'order', percentOff: '0.5' };
    const both = await pricing([tea, half, five]).prices(request, signal);
    assert.deepEqual(
      [...both.lines[0]!.adjustments, ...both.adjustments].map(({ id, amount }) => [id, amount.amount]),
      [
        ['tea-10', '-3.00'],
        ['half', '-13.50'],
        ['five', '-5.00'],
      ],
    );
    const alone = await pricing([{ ...five, exclusive: true }, tea]).prices(request, signal);
    assert.deepEqual([alone.adjustments.length, alone.lines[0]!.adjustments.length], [1, 0]);
    const second = await pricing([tea, { ...five, exclusive: true }]).prices(request, signal);
    assert.deepEqual([second.adjustments.length, second.lines[0]!.adjustments.length], [0, 1]);
    assert.deepEqual(second.unused, [{ code: 'FIVE', reason: 'The code does not apply to these items.' }]);
  });

  it('refuse promotions that make no sense, at once', () => {
    const { amountOff: _, ...nothing } = five;
    assert.throws(() => pricing([nothing]), TypeError);
    assert.throws(() => pricing([{ ...five, percentOff: '0.1' }]), TypeError);
    assert.throws(() => pricing([{ ...nothing, percentOff: '1.5' }]), TypeError);
    assert.throws(() => pricing([five, five]), TypeError);
    assert.throws(() => pricing([{ ...tea, when: { eval: ['1'] } }]), refusedWith('expression.invalid'));
    assert.throws(
      () => createTaxTable([{ country: 'DE', taxes: [{ name: 'VAT', rate: 'much' }] }]),
      refusedWith('money.rate-invalid'),
    );
  });

  it('keep a bounded number of values in memory, the newest', async () => {
    const values = new ValuesInMemory<{ version: number }>(2);
    for (const id of ['a', 'b', 'c']) assert.equal(await values.put(id, { version: 1 }), true);
    assert.deepEqual(await Promise.all(['a', 'b', 'c'].map((id) => values.get(id))), [
      undefined,
      { version: 1 },
      { version: 1 },
    ]);
    assert.equal(await values.put('c', { version: 1 }), false);
  });
});
