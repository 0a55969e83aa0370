// Tests the published figures of order G: a return after close, and an appeasement before and after allocation.
import assert from 'node:assert/strict';
import {
  adjustOrder,
  allocateUnits,
  createCreditMemo,
  type DraftOrder,
  ledgerSettings,
  newDocuments,
  type OrderSummary,
  planRefund,
  priceOrder,
  returnItems,
  shipUnits,
  summarize,
} from '../../../orders/ledger/index.js';

const usd = (amount: string) => ({ amount, currency: 'USD' });
const tax = [{ name: 'Tax', rate: '0.06' }];
const orderG: DraftOrder = {
  number: 'G',
  currency: 'USD',
  taxPolicy: 'net',
  lines: [
    { id: 'chair-black', sku: 'CB', quantity: 2, unitPrice: '112.99', taxes: tax },
    { id: 'chair-brown', sku: 'CN', quantity: 1, unitPrice: '126.99', taxes: tax },
    {
      id: 'desk-black',
      sku: 'DB',
      quantity: 2,
      unitPrice: '159.19',
      taxes: tax,
      adjustments: [{ id: 'promo', reason: 'Promotion', amount: '-45' }],
    },
    { id: 'desk-brown', sku: 'DN', quantity: 1, unitPrice: '173.19', taxes: tax },
  ],
  deliveryGroups: [{ id: 'D1', charge: '60', taxes: tax }],
  adjustments: [{ id: 'order', reason: 'Order discount', amount: '-75' }],
};
const settings = ledgerSettings();
const placed = (): OrderSummary =>
  summarize(
    newDocuments(priceOrder(orderG, settings), [
      {
        id: 'P1',
        method: 'card',
        authorized: 0n,
        captured: 83161n,
        refunded: 0n,
        capturedAt: '2026-01-01T00:00:00Z',
      },
    ]),
  );
const everyUnit = (summary: OrderSummary) =>
  summary.lines.map(({ id, quantities }) => ({ line: id, quantity: quantities.ordered }));

/** What the components of one kind come to, of one line or of all. */
function booked(summary: OrderSummary, kind: string, line?: string): { amount: bigint; tax: bigint } {
  let [amount, taxes] = [0n, 0n];
  for (const component of summary.components) {
    if (component.kind !== kind || (line !== undefined && component.owner.id !== line)) continue;
    const value = summary.booked[component.id]!;
    amount += value.amount;
    taxes += value.taxes.reduce((sum, each) => sum + each, 0n);
  }
  return { amount, tax: taxes };
}

describe('the published figures of order G', () => {
  it('adds up to the published total', () => {
    const { totals } = placed();
    assert.equal(totals.product.net, 79954n);
    assert.equal(totals.distributed.net, -7500n);
    assert.equal(totals.delivery.net, 6000n);
    assert.equal(totals.grand.tax, 4707n);
    assert.equal(totals.grand.total, 83161n);
  });

  it('G-R: refunds 131.30 for one desk after close', () => {
    const start = placed();
    const closed = shipUnits(allocateUnits(start, everyUnit(start)), { id: 'S1', lines: everyUnit(start) });
    const { summary, changeOrders, changeBalances } = returnItems(
      closed,
      { items: [{ line: 'desk-black', quantity: 1 }] },
      settings,
    );
    assert.deepEqual(booked(summary, 'product', 'desk-black'), { amount: 15919n, tax: 955n });
    assert.deepEqual(booked(summary, 'adjustment', 'desk-black'), { amount: -2250n, tax: -135n });
    assert.equal(summary.totals.product.net, 66285n);
    assert.equal(summary.totals.distributed.net, -7500n + 1282n);
    assert.equal(changeBalances.totalAdjustmentDistributedTaxAmount, -77n);
    assert.equal(summary.totals.grand.total, 70031n);
    const { summary: credited, creditMemo } = createCreditMemo(summary, {
      changeOrders: [changeOrders[0]!.id],
    });
    const plan = planRefund(credited, { creditMemos: [creditMemo.id] }, settings);
    assert.deepEqual(plan.refunds, [{ payment: 'P1', amount: 13130n }]);
  });

  it('G-A: spreads an appeasement over prices, promotion and order-level adjustment of an unallocated order', () => {
    const { summary } = adjustOrder(
      placed(),
      { product: usd('-35'), delivery: usd('-10') },
      ledgerSettings({ distribution: { base: 'components' } }),
    );
    assert.deepEqual(booked(summary, 'product', 'desk-black'), { amount: 30300n, tax: 1818n });
    assert.deepEqual(booked(summary, 'adjustment', 'desk-black'), { amount: -4283n, tax: -257n });
    assert.equal(summary.totals.product.net, 76091n);
    assert.equal(summary.totals.distributed.net, -7137n);
    assert.equal(summary.totals.delivery.net, 5000n);
    assert.equal(summary.totals.grand.tax, 4437n);
    assert.equal(summary.totals.grand.total, 78391n);
  });

  it('G-A2: spreads the appeasement over the lines by net value once the order is allocated', () => {
    const start = placed();
    const allocated = allocateUnits(start, everyUnit(start));
    const { summary, changeOrders } = adjustOrder(
      allocated,
      { product: usd('-35') },
      ledgerSettings({ adjustments: { allocated: 'InFulfillment' } }),
    );
    assert.deepEqual(
      changeOrders.flatMap(({ entries }) => entries.map(({ amount }) => amount)),
      [-989n, -556n, -1197n, -758n],
    );
    assert.deepEqual(
      ['chair-black', 'chair-brown', 'desk-black'].map((line) => {
        const promotion = line === 'desk-black' ? 4500n : 0n;
        return (
          booked(summary, 'product', line).amount + booked(summary, 'adjustment', line).amount + promotion
        );
      }),
      [21609n, 12143n, 30641n],
    );
  });
});
