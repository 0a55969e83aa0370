// Tests the rules that settings choose between: rounding, distribution, taxes, granularity; and the check of settings.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../../server/project-root.js';
import { fraction } from '../../../orders/ledger/fraction.js';
import {
  adoptOrder,
  cancelItems,
  defaultSettings,
  distribute,
  ledgerSettings,
  ledgerSettingsSchema,
  newDocuments,
  type PartialSettings,
  priceOrder,
  splitEvenly,
  summarize,
} from '../../../orders/ledger/index.js';
import { roundTogether } from '../../../orders/ledger/round-together.js';
import { roundBy } from '../../../orders/ledger/rounding.js';
import type { OrderRecord } from '../../../orders/records/order.js';
import { code, draft, paidOrder } from './ledger-order.js';

describe('rounding', () => {
  it('puts halves away from zero, to the even neighbour or toward zero, the same for both signs', () => {
    const halves = [1n, 3n, -1n, -3n].map((num) => fraction(num, 2n));
    assert.deepEqual(
      halves.map((half) => roundBy('half-up', half)),
      [1n, 2n, -1n, -2n],
    );
    assert.deepEqual(
      halves.map((half) => roundBy('half-even', half)),
      [0n, 2n, 0n, -2n],
    );
    assert.deepEqual(
      halves.map((half) => roundBy('half-down', half)),
      [0n, 1n, 0n, -1n],
    );
    const [below, above] = [fraction(149n, 100n), fraction(151n, 100n)];
    for (const mode of ['half-up', 'half-even', 'half-down'] as const) {
      assert.deepEqual([roundBy(mode, below), roundBy(mode, above)], [1n, 2n]);
    }
  });

  it('puts the rest of a sum where it is preferred, else on the largest remainders', () => {
    const thirds = [4n, 5n, 5n].map((num) => fraction(num, 3n));
    assert.deepEqual(roundTogether(thirds, 'half-up'), [1n, 2n, 2n]);
    const sixths = [1n, 1n, 1n].map((num) => fraction(num, 3n));
    assert.deepEqual(roundTogether(sixths, 'half-up'), [1n, 0n, 0n]);
    assert.deepEqual(roundTogether(sixths, 'half-up', 2), [0n, 0n, 1n]);
  });

  it('of a reversal is per line, per unit or per order', () => {
    const cup = (id: string) => ({ id, sku: id, quantity: 3, unitPrice: '1.00' });
    const order = (settings: PartialSettings) =>
      paidOrder(
        {
          ...draft,
          lines: ['a', 'b'].map((id) => ({
            ...cup(id),
            adjustments: [{ id: 'promo', reason: 'Promotion', amount: '-1.00' }],
          })),
        },
        ledgerSettings(settings),
      );
    const credits = (scope: 'line' | 'unit' | 'order') => {
      const settings = ledgerSettings({ rounding: { scope } });
      let summary = order({ rounding: { scope } });
      return ['a', 'b', 'a', 'b', 'a', 'b'].map((line) => {
        const outcome = cancelItems(summary, { items: [{ line, quantity: 1 }] }, settings);
        summary = outcome.summary;
        return outcome.changeBalances.totalAmount;
      });
    };
    assert.deepEqual(credits('line'), [67n, 67n, 66n, 66n, 67n, 67n]);
    assert.deepEqual(credits('unit'), [67n, 67n, 67n, 67n, 66n, 66n]);
    assert.deepEqual(credits('order'), [67n, 66n, 67n, 67n, 66n, 67n]);
  });
});

describe('distribution', () => {
  const rule = defaultSettings.distribution;

  it('gives the rest to the largest remainders or to the first lines', () => {
    assert.deepEqual(distribute(100n, [1n, 1n, 1n], rule), [34n, 33n, 33n]);
    assert.deepEqual(distribute(-300n, [43n, 14n, 23n], rule), [-161n, -53n, -86n]);
    const first = { ...rule, remainder: 'first-lines', rounding: 'half-down' } as const;
    assert.deepEqual(distribute(-300n, [43n, 14n, 23n], first), [-162n, -52n, -86n]);
    assert.deepEqual(distribute(-100n, [1n, 1n, 1n], { ...rule, negative: 'floor' }), [-33n, -33n, -34n]);
    assert.deepEqual(distribute(5n, [0n, 0n], rule), [3n, 2n]);
    assert.deepEqual(distribute(5n, [0n, 0n], { ...rule, zeroWeights: 'none' }), [0n, 0n]);
    assert.deepEqual(splitEvenly(1000n, 6), [167n, 167n, 167n, 167n, 166n, 166n]);
  });

  it('stops at what a line can take and shares the rest over the others', () => {
    assert.deepEqual(distribute(-2500n, [5000n, 6000n], rule, [500n, 6000n]), [-500n, -2000n]);
    assert.deepEqual(distribute(-90n, [1n, 1n, 1n], rule, [10n, 20n, 100n]), [-10n, -20n, -60n]);
    assert.deepEqual(distribute(-90n, [1n, 1n], rule, [10n, 20n]), [-10n, -20n]);
  });
});

describe('pricing', () => {
  const taxOf = (rounding: 'component' | 'line' | 'unit' | 'order', compound = false): bigint => {
    const taxes = [{ name: 'VAT', rate: '0.05' }];
    const lines = ['a', 'b', 'c'].map((id) => ({
      id,
      sku: id,
      quantity: 3,
      unitPrice: '0.30',
      taxes: compound ? [...taxes, { name: 'Local', rate: '0.5' }] : taxes,
      adjustments: [{ id: 'promo', reason: 'Promotion', amount: '-0.10' }],
    }));
    const order = priceOrder(
      { ...draft, lines, deliveryGroups: [{ id: 'D1', charge: '0' }] },
      ledgerSettings({ tax: { rounding, compound } }),
    );
    return summarize(newDocuments(order)).totals.grand.tax;
  };

  it('rounds taxes per component, line, unit or order', () => {
    assert.equal(taxOf('component'), 3n * (5n - 1n));
    assert.equal(taxOf('line'), 3n * 4n);
    assert.equal(taxOf('unit'), 3n * 6n);
    assert.equal(taxOf('order'), 12n);
  });

  it('takes compound taxes on the taxes before them', () => {
    assert.equal(taxOf('order', true), 12n + 126n);
  });

  it('keeps a line per unit where the settings say so', () => {
    const { lines, components } = priceOrder(draft, ledgerSettings({ lines: { granularity: 'per-unit' } }));
    assert.deepEqual(
      lines.map(({ id, quantity, lineNumber }) => [id, quantity, lineNumber]),
      [
        ['cup#1', 1, 1],
        ['cup#2', 1, 2],
        ['cup#3', 1, 3],
        ['pot', 1, 4],
      ],
    );
    assert.equal(components.find(({ id }) => id === 'cup#1/price')!.amount, 1000n);
  });

  it('refuses orders that make no sense', () => {
    const [cup] = draft.lines;
    const priced = (line: object) => () =>
      priceOrder({ ...draft, lines: [{ ...cup!, ...line }] }, defaultSettings);
    assert.throws(priced({ quantity: 0 }), code('orders.order-invalid'));
    assert.throws(priced({ unitPrice: '-1.00' }), code('orders.order-invalid'));
    assert.throws(priced({ deliveryGroup: 'D9' }), code('orders.order-invalid'));
    assert.throws(priced({ unitPrice: '1.001' }), code('money.invalid'));
    const tooMuch = [{ id: 'promo', reason: 'Promotion', amount: '-30.01' }];
    assert.throws(priced({ adjustments: tooMuch }), code('orders.order-invalid'));
  });
});

describe('the settings', () => {
  it('are complete after their check, and refuse what they do not know', () => {
    assert.deepEqual(ledgerSettings({ refunds: { partial: true } }).refunds, {
      cover: 'smallest',
      partial: true,
    });
    const wrong = { rounding: { mode: 'up' } } as unknown as PartialSettings;
    assert.throws(() => ledgerSettings(wrong), code('orders.settings-invalid'));
    const unknown = { colour: {} } as unknown as PartialSettings;
    assert.throws(() => ledgerSettings(unknown), code('orders.settings-invalid'));
  });

  it('are all in docs/ledger.md, with their defaults', () => {
    const text = readFileSync(join(projectRoot(), 'docs/ledger.md'), 'utf8');
    const parts = Object.entries(ledgerSettingsSchema.properties as Record<string, { properties: object }>);
    for (const [part, { properties }] of parts) {
      for (const [name, { default: fallback }] of Object.entries(
        properties as Record<string, { default: unknown }>,
      )) {
        assert.ok(text.includes(`| \`${part}.${name}\` | \`${fallback}\` |`), `${part}.${name}`);
      }
    }
  });
});

describe('an order of the store', () => {
  it('is adopted with every amount as it was charged', () => {
    const tax = { name: 'VAT', rate: '0.2', amount: 201n };
    const record = {
      _id: '77',
      currency: 'EUR',
      taxPolicy: 'net',
      lines: [
        {
          id: '77-1',
          lineNumber: 1,
          deliveryGroup: 'D1',
          sku: 'CUP',
          title: 'Cup',
          returnable: true,
          quantities: {
            ordered: 2,
            cancelled: 0,
            allocated: 0,
            fulfilled: 0,
            returnInitiated: 0,
            returned: 0,
          },
          subtotal: 1200n,
          adjustments: [{ id: 'L1', reason: 'Line discount', amount: -100n }],
          distributed: -95n,
          taxes: [tax],
        },
      ],
      adjustments: [{ id: 'O1', reason: 'Voucher', amount: -95n }],
      deliveryGroups: [{ id: 'D1', method: 'Parcel', charge: 500n, taxes: [{ ...tax, amount: 100n }] }],
    } as unknown as OrderRecord;
    const summary = summarize(newDocuments(adoptOrder(record)));
    assert.deepEqual(summary.totals.product, { net: 1100n, tax: 201n, total: 1301n });
    assert.equal(summary.totals.distributed.net, -95n);
    assert.equal(summary.totals.grand.total, 1200n - 100n - 95n + 201n + 500n + 100n);
    const items = [{ line: '77-1', quantity: 1 }];
    assert.equal(cancelItems(summary, { items }, defaultSettings).changeBalances.totalTaxAmount, 100n);
  });
});
