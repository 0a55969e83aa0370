// Tests adjustments: kinds of amounts, what they are spread over, their limits, and added and exchanged items.
import assert from 'node:assert/strict';
import {
  type AdjustmentAmount,
  addItems,
  adjustItems,
  adjustOrder,
  allocateUnits,
  cancelItems,
  defaultSettings,
  exchangeItems,
  ledgerSettings,
  type OrderSummary,
  shipUnits,
} from '../../../orders/ledger/index.js';
import { code, draft, eur, paidOrder, shippedOrder } from './ledger-order.js';

const adjusted = (amount: AdjustmentAmount, summary = paidOrder(), settings = defaultSettings) =>
  adjustItems(summary, { items: [{ line: 'cup', ...amount }] }, settings);

describe('adjustments of items', () => {
  it('take an amount or a percentage off the price, the tax, or both', () => {
    const totals = (amount: AdjustmentAmount) => adjusted(amount).changeOrders[0]!.totals;
    const amount = eur('-6.00');
    assert.deepEqual(totals({ adjustmentType: 'AmountWithTax', amount }), {
      net: -500n,
      tax: -100n,
      total: -600n,
    });
    assert.deepEqual(totals({ adjustmentType: 'AmountWithoutTax', amount }), {
      net: -600n,
      tax: -120n,
      total: -720n,
    });
    assert.deepEqual(totals({ adjustmentType: 'AmountTaxOnly', amount }), {
      net: 0n,
      tax: -600n,
      total: -600n,
    });
    assert.deepEqual(totals({ adjustmentType: 'ProductOnly', amount }), {
      net: -600n,
      tax: 0n,
      total: -600n,
    });
    assert.deepEqual(totals({ adjustmentType: 'Percentage', percent: '-10' }), {
      net: -300n,
      tax: -60n,
      total: -360n,
    });
    assert.deepEqual(totals({ adjustmentType: 'Rest' }), { net: -3000n, tax: -600n, total: -3600n });
  });

  it('are negative, in the currency of the order, and at most what is left', () => {
    const off =
      (amount: string, currency = 'EUR') =>
      () =>
        adjusted({ adjustmentType: 'AmountWithTax', amount: { amount, currency } });
    assert.throws(off('1.00'), code('orders.amount-invalid'));
    assert.throws(off('-1.00', 'USD'), code('orders.amount-invalid'));
    assert.throws(off('-36.01'), code('orders.adjust-exceeds-total'));
    assert.throws(
      () => adjusted({ adjustmentType: 'Percentage', percent: '10' }),
      code('orders.amount-invalid'),
    );
    const { summary } = adjusted({ adjustmentType: 'Rest' });
    assert.throws(() => adjusted({ adjustmentType: 'Rest' }, summary), code('orders.nothing-to-adjust'));
    const limit = ledgerSettings({ adjustments: { beyond: 'limit' } });
    const all = adjusted({ adjustmentType: 'AmountWithTax', amount: eur('-99.00') }, paidOrder(), limit);
    assert.equal(all.changeBalances.grandTotalAmount, 3600n);
  });

  it('combine the taxes of an item in one, or adjust each, as the settings say', () => {
    const taxes = [
      { name: 'State', rate: '0.01' },
      { name: 'City', rate: '0.005' },
    ];
    const order = paidOrder({
      ...draft,
      lines: [{ id: 'cup', sku: 'C', quantity: 1, unitPrice: '100', taxes }],
    });
    const taxesOf = (individualTaxes: boolean) =>
      adjusted(
        { adjustmentType: 'Percentage', percent: '-10' },
        order,
        ledgerSettings({ adjustments: { individualTaxes } }),
      ).changeOrders[0]!.addedComponents[0]!.taxes.map(({ name, amount }) => [name, amount]);
    assert.deepEqual(taxesOf(false), [['State + City', -15n]]);
    assert.deepEqual(taxesOf(true), [
      ['State', -10n],
      ['City', -5n],
    ]);
  });

  it('are spread over the units before, in and after fulfilment', () => {
    // One cup is shipped, one is in fulfilment, one is neither.
    const allocated = allocateUnits(paidOrder(), [{ line: 'cup', quantity: 2 }]);
    const order = shipUnits(allocated, { id: 'S1', lines: [{ line: 'cup', quantity: 1 }] });
    const phases = (allocatedAs: 'Disallowed' | 'InFulfillment' | 'PreFulfillment') =>
      adjusted(
        { adjustmentType: 'ProductOnly', amount: eur('-1.00') },
        order,
        ledgerSettings({ adjustments: { allocated: allocatedAs } }),
      ).changeOrders.map(({ phase, totals }) => [phase, totals.total]);
    assert.deepEqual(phases('InFulfillment'), [
      ['pre', -33n],
      ['in', -34n],
      ['post', -33n],
    ]);
    assert.deepEqual(phases('Disallowed'), [
      ['pre', -50n],
      ['post', -50n],
    ]);
    assert.deepEqual(phases('PreFulfillment'), [
      ['pre', -67n],
      ['post', -33n],
    ]);
    const allInFulfilment = allocateUnits(paidOrder(), [{ line: 'cup', quantity: 3 }]);
    assert.throws(
      () => adjusted({ adjustmentType: 'Percentage', percent: '-10' }, allInFulfilment),
      code('orders.nothing-to-adjust'),
    );
  });

  it('shrink with the units they were made for', () => {
    const { summary } = adjusted({ adjustmentType: 'ProductOnly', amount: eur('-1.00') });
    const cancel = (order: OrderSummary, quantity: number) =>
      cancelItems(order, { items: [{ line: 'cup', quantity }] }, defaultSettings);
    const first = cancel(summary, 1);
    assert.equal(first.changeBalances.totalAmount, 1000n - 33n);
    const rest = cancel(first.summary, 2);
    assert.equal(rest.changeBalances.totalAmount, 2000n - 67n);
    assert.equal(rest.summary.totals.product.total, 3600n);
  });
});

describe('adjustments of orders and deliveries', () => {
  it('are shared out by what lines cost, with or without tax', () => {
    const before = adjustOrder(
      paidOrder(),
      { product: eur('-10.00'), delivery: eur('-1.00') },
      defaultSettings,
    );
    assert.deepEqual(
      before.changeOrders.map(({ type, totals }) => [type, totals.net, totals.tax]),
      [
        ['OrderAdjustmentGroup', -1000n, -200n],
        ['DeliveryChargeAdjustment', -100n, -20n],
      ],
    );
    const withTax = adjustOrder(paidOrder(), { product: eur('-12.00'), withTax: true }, defaultSettings);
    assert.deepEqual(withTax.changeOrders[0]!.totals, { net: -1000n, tax: -200n, total: -1200n });
    assert.throws(() => adjustOrder(paidOrder(), {}, defaultSettings), code('orders.amount-invalid'));
    const tooMuch = { product: eur('-60.01') };
    assert.throws(
      () => adjustOrder(paidOrder(), tooMuch, defaultSettings),
      code('orders.adjust-exceeds-total'),
    );
  });

  it('give back what is left of a delivery charge', () => {
    const item = { delivery: 'D1', adjustmentType: 'AmountWithTax', amount: eur('-2.00') } as const;
    const { summary } = adjustItems(shippedOrder(), { items: [item] }, defaultSettings);
    const rest = { delivery: 'D1', adjustmentType: 'Rest' } as const;
    const { changeBalances } = adjustItems(summary, { items: [rest] }, defaultSettings);
    assert.equal(changeBalances.totalAdjustedDeliveryAmtWithTax, 520n);
    const unknown = { ...rest, delivery: 'D9' };
    assert.throws(
      () => adjustItems(summary, { items: [unknown] }, defaultSettings),
      code('orders.delivery-unknown'),
    );
  });
});

describe('adding and exchanging items', () => {
  const jug = { sku: 'JUG', quantity: 1, unitPrice: '20.00', taxes: [{ name: 'VAT', rate: '0.2' }] };

  it('add lines and say what has to be paid for them', () => {
    const { summary, changeBalances } = addItems(paidOrder(), { items: [jug] }, defaultSettings);
    assert.equal(changeBalances.totalRequiredFundsAmount, 2400n);
    assert.equal(summary.lines.at(-1)!.lineNumber, 3);
    const cancelled = cancelItems(summary, { items: [{ line: 'A1-1', quantity: 1 }] }, defaultSettings);
    assert.equal(cancelled.summary.totals.grand.total, 7920n);
    assert.throws(
      () => addItems(paidOrder(), { items: [] }, defaultSettings),
      code('orders.quantity-invalid'),
    );
    const nowhere = { ...jug, deliveryGroup: 'D9' };
    assert.throws(
      () => addItems(paidOrder(), { items: [nowhere] }, defaultSettings),
      code('orders.delivery-unknown'),
    );
  });

  it('set off what goes back against what comes in', () => {
    const exchange = (quantity: number) =>
      exchangeItems(
        shippedOrder(),
        { returned: { items: [{ line: 'cup', quantity }] }, added: { items: [jug] } },
        defaultSettings,
      );
    assert.deepEqual([exchange(1).refundAmount, exchange(1).dueAmount], [0n, 1200n]);
    assert.deepEqual([exchange(2).refundAmount, exchange(2).dueAmount], [0n, 0n]);
    assert.deepEqual([exchange(3).refundAmount, exchange(3).dueAmount], [1200n, 0n]);
  });
});
