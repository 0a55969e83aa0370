// Tests cancelling and returning: quantities, delivery charges, fees, return orders with splits, and refusals.
import assert from 'node:assert/strict';
import {
  allocateUnits,
  cancelItems,
  cancelOrder,
  createReturnOrder,
  defaultSettings,
  ledgerSettings,
  type OrderSummary,
  processReturn,
  receiveReturn,
  releaseUnits,
  returnItems,
  shipUnits,
} from '../../../orders/ledger/index.js';
import { code, draft, eur, paidOrder, shippedOrder } from './ledger-order.js';

const quantities = (summary: OrderSummary, id: string) =>
  summary.lines.find((line) => line.id === id)!.quantities;

describe('cancelling', () => {
  it('takes units off before fulfilment and never edits the original', () => {
    const before = paidOrder();
    const { summary, changeOrders, changeBalances } = cancelItems(
      before,
      { items: [{ line: 'cup', quantity: 2 }] },
      defaultSettings,
    );
    assert.equal(quantities(summary, 'cup').cancelled, 2);
    assert.deepEqual(changeOrders[0]!.totals, { net: -2000n, tax: -400n, total: -2400n });
    assert.equal(changeBalances.grandTotalAmount, 2400n);
    assert.equal(changeBalances.totalExcessFundsAmount, 2400n);
    assert.equal(changeBalances.totalRefundableAmount, 2400n);
    assert.equal(summary.original, before.original);
  });

  it('refuses allocated units, and frees them when fulfilment gives them back', () => {
    const allocated = allocateUnits(paidOrder(), [{ line: 'cup', quantity: 2 }]);
    const cancel = (summary: OrderSummary, quantity: number) =>
      cancelItems(summary, { items: [{ line: 'cup', quantity }] }, defaultSettings);
    assert.throws(() => cancel(allocated, 2), code('orders.cancel-exceeds-available'));
    assert.throws(() => cancelOrder(allocated, {}, defaultSettings), code('orders.cancel-exceeds-available'));
    const released = releaseUnits(allocated, [{ line: 'cup', quantity: 1 }]);
    assert.equal(quantities(cancel(released, 2).summary, 'cup').cancelled, 2);
  });

  it('cancels the whole order with or without its delivery charge, as the settings say', () => {
    assert.equal(cancelOrder(paidOrder(), {}, defaultSettings).summary.totals.grand.total, 0n);
    const keep = ledgerSettings({ shipping: { onCancelOrder: 'keep' } });
    const { summary } = cancelOrder(paidOrder(), {}, keep);
    assert.equal(summary.totals.grand.total, 720n);
    assert.throws(() => cancelOrder(summary, {}, keep), code('orders.cancel-exceeds-available'));
  });

  it('refuses what is not a quantity, an unknown line, and a line named twice', () => {
    const cancel = (...items: { line: string; quantity: number }[]) => {
      cancelItems(paidOrder(), { items }, defaultSettings);
    };
    assert.throws(() => cancel(), code('orders.quantity-invalid'));
    assert.throws(() => cancel({ line: 'cup', quantity: 0 }), code('orders.quantity-invalid'));
    assert.throws(() => cancel({ line: 'cup', quantity: 0.5 }), code('orders.quantity-invalid'));
    assert.throws(() => cancel({ line: 'jug', quantity: 1 }), code('orders.line-unknown'));
    const cup = { line: 'cup', quantity: 1 };
    assert.throws(() => cancel(cup, cup), code('orders.quantity-invalid'));
  });
});

describe('giving back delivery charges', () => {
  const reduced = (reduction: 'by-price' | 'by-quantity' | 'when-all', quantity: number): bigint => {
    const settings = ledgerSettings({ shipping: { reduction } });
    const items = [{ line: 'cup', quantity, reduceShipping: true }];
    return cancelItems(paidOrder(), { items }, settings).changeBalances.totalAdjustedDeliveryAmtWithTax;
  };

  it('reduces them by price, by units, or when all units are gone', () => {
    assert.equal(reduced('by-price', 1), 120n);
    assert.equal(reduced('by-quantity', 1), 180n);
    assert.equal(reduced('when-all', 3), 0n);
    const items = ['cup', 'pot'].map((line) => ({
      line,
      quantity: line === 'cup' ? 3 : 1,
      reduceShipping: true,
    }));
    const whenAll = ledgerSettings({ shipping: { reduction: 'when-all' } });
    assert.equal(cancelItems(paidOrder(), { items }, whenAll).summary.totals.delivery.total, 0n);
  });

  it('keeps them unless the request or the settings say otherwise', () => {
    const items = [{ line: 'cup', quantity: 1 }];
    const kept = cancelItems(paidOrder(), { items }, defaultSettings);
    assert.equal(kept.changeBalances.totalAdjustedDeliveryAmount, 0n);
    const byDefault = ledgerSettings({ shipping: { byDefault: 'reduce' } });
    assert.equal(
      cancelItems(paidOrder(), { items }, byDefault).changeBalances.totalAdjustedDeliveryAmount,
      100n,
    );
  });
});

describe('returning', () => {
  it('takes fulfilled units back at once', () => {
    const { summary, changeOrders, changeBalances } = returnItems(
      shippedOrder(),
      { items: [{ line: 'cup', quantity: 2 }] },
      defaultSettings,
    );
    assert.equal(changeOrders[0]!.phase, 'post');
    assert.equal(quantities(summary, 'cup').returned, 2);
    assert.equal(changeBalances.totalExcessFundsAmount, 0n);
    assert.equal(changeBalances.totalRefundableAmount, 2400n);
  });

  it('refuses items that may not be returned, and more units than were fulfilled', () => {
    const back = (line: string, quantity: number) => () =>
      returnItems(shippedOrder(), { items: [{ line, quantity }] }, defaultSettings);
    assert.throws(back('pot', 1), code('orders.not-returnable'));
    assert.throws(back('cup', 4), code('orders.return-exceeds-available'));
    const unshipped = () =>
      returnItems(paidOrder(), { items: [{ line: 'cup', quantity: 1 }] }, defaultSettings);
    assert.throws(unshipped, code('orders.return-exceeds-available'));
  });

  it('ships at most what was allocated', () => {
    const lines = [{ line: 'cup', quantity: 1 }];
    assert.throws(
      () => shipUnits(paidOrder(), { id: 'S1', lines }),
      code('orders.fulfilment-exceeds-available'),
    );
    const four = [{ line: 'cup', quantity: 4 }];
    assert.throws(() => allocateUnits(paidOrder(), four), code('orders.fulfilment-exceeds-available'));
  });
});

describe('return orders', () => {
  const announced = (quantityExpected = 3) =>
    createReturnOrder(
      shippedOrder(),
      { lines: [{ line: 'cup', quantityExpected, reason: 'broken' }] },
      defaultSettings,
    );

  it('hold units back from other returns, and change no amount before they are processed', () => {
    const { summary, returnOrder } = announced(2);
    assert.equal(quantities(summary, 'cup').returnInitiated, 2);
    assert.equal(summary.totals.grand.total, 7920n);
    assert.equal(summary.changeOrders.length, 0);
    assert.equal(returnOrder.status, 'Open');
    const items = [{ line: 'cup', quantity: 2 }];
    assert.throws(
      () => returnItems(summary, { items }, defaultSettings),
      code('orders.return-exceeds-available'),
    );
  });

  it('put the rest of a processed line on a split line and close when nothing is left', () => {
    const { summary } = announced();
    const received = receiveReturn(summary, {
      returnOrder: 'R1',
      lines: [{ returnLine: 'R1-1', quantity: 2 }],
    }).summary;
    const first = processReturn(
      received,
      { returnOrder: 'R1', items: [{ returnLine: 'R1-1', quantityReturned: 1, quantityToCancel: 1 }] },
      defaultSettings,
    );
    assert.deepEqual(first.splits, [{ original: 'R1-1', split: 'R1-2' }]);
    assert.deepEqual(
      first.returnOrder.lines.map(({ expected, received: came, returned, cancelled, processed }) => [
        expected,
        came,
        returned,
        cancelled,
        processed,
      ]),
      [
        [3, 1, 1, 1, true],
        [1, 1, 0, 0, false],
      ],
    );
    assert.equal(quantities(first.summary, 'cup').returnInitiated, 2);
    assert.equal(first.changeBalances.grandTotalAmount, 1200n);
    const again = (returnLine: string) =>
      processReturn(
        first.summary,
        { returnOrder: 'R1', items: [{ returnLine, quantityReturned: 1 }] },
        defaultSettings,
      );
    assert.throws(() => again('R1-1'), code('orders.return-closed'));
    assert.throws(() => again('R1-9'), code('orders.return-unknown'));
    const second = again('R1-2');
    assert.equal(second.returnOrder.status, 'Closed');
    assert.equal(quantities(second.summary, 'cup').returned, 2);
    assert.equal(quantities(second.summary, 'cup').returnInitiated, 2);
  });

  it('refuse a reason twice, units beyond those expected, and units not received where receipt is required', () => {
    const line = { line: 'cup', quantityExpected: 1, reason: 'broken' };
    const twice = () => createReturnOrder(shippedOrder(), { lines: [line, line] }, defaultSettings);
    assert.throws(twice, code('orders.return-reason-duplicate'));
    const other = { ...line, reason: 'late' };
    assert.equal(
      createReturnOrder(shippedOrder(), { lines: [line, other] }, defaultSettings).returnOrder.lines.length,
      2,
    );
    const { summary } = announced(1);
    const two = { returnOrder: 'R1', lines: [{ returnLine: 'R1-1', quantity: 2 }] };
    assert.throws(() => receiveReturn(summary, two), code('orders.receive-exceeds-expected'));
    const items = [{ returnLine: 'R1-1', quantityReturned: 1 }];
    const required = ledgerSettings({ returns: { receipt: 'required' } });
    assert.throws(
      () => processReturn(summary, { returnOrder: 'R1', items }, required),
      code('orders.receive-exceeds-expected'),
    );
  });

  it('only track parcels when they are unmanaged', () => {
    const { summary } = createReturnOrder(
      shippedOrder(),
      { lifeCycle: 'Unmanaged', lines: [{ line: 'cup', quantityExpected: 1 }] },
      defaultSettings,
    );
    assert.equal(quantities(summary, 'cup').returnInitiated, 0);
    const items = [{ returnLine: 'R1-1', quantityReturned: 1 }];
    const processed = () => processReturn(summary, { returnOrder: 'R1', items }, defaultSettings);
    assert.throws(processed, code('orders.return-closed'));
  });
});

describe('fees', () => {
  const feeOf = (
    fee: Parameters<typeof cancelItems>[1]['items'][number]['fees'],
    settings = defaultSettings,
  ) =>
    returnItems(
      shippedOrder(),
      { items: [{ line: 'cup', quantity: 1, ...(fee ? { fees: fee } : {}) }] },
      settings,
    );

  it('of every kind of amount are booked on a change order of their own', () => {
    const totals = (fee: Parameters<typeof feeOf>[0]) => feeOf(fee).feeChangeOrder?.totals;
    const amount = eur('2.40');
    assert.deepEqual(totals([{ amountType: 'AmountWithTax', amount }]), { net: 200n, tax: 40n, total: 240n });
    assert.deepEqual(totals([{ amountType: 'AmountWithoutTax', amount }]), {
      net: 240n,
      tax: 48n,
      total: 288n,
    });
    assert.deepEqual(totals([{ amountType: 'Percentage', percent: '10' }]), {
      net: 100n,
      tax: 20n,
      total: 120n,
    });
    assert.deepEqual(totals([{ amountType: 'PercentageGross', percent: '5' }]), {
      net: 50n,
      tax: 10n,
      total: 60n,
    });
    assert.equal(totals(undefined), undefined);
    const { changeBalances } = feeOf([{ amountType: 'AmountWithTax', amount }]);
    assert.equal(changeBalances.grandTotalAmount, 1200n);
    assert.equal(changeBalances.totalFeeAmount, -200n);
    assert.equal(changeBalances.totalFeeTaxAmount, -40n);
  });

  it('are at most the credit they go with, unless the settings allow more; and positive', () => {
    const high = [{ amountType: 'AmountWithTax' as const, amount: eur('12.01') }];
    assert.throws(() => feeOf(high), code('orders.fee-exceeds-credit'));
    assert.equal(
      feeOf(high, ledgerSettings({ fees: { limit: 'none' } })).feeChangeOrder?.totals.total,
      1201n,
    );
    assert.throws(
      () => feeOf([{ amountType: 'AmountWithTax', amount: eur('-1.00') }]),
      code('orders.amount-invalid'),
    );
    const untaxed = ledgerSettings({ fees: { tax: 'none' } });
    const fee = [{ amountType: 'AmountWithoutTax' as const, amount: eur('2.00') }];
    assert.equal(feeOf(fee, untaxed).feeChangeOrder?.totals.tax, 0n);
  });
});

describe('orders priced with tax', () => {
  it('give back prices as they are, with the tax they contain', () => {
    const gross = shippedOrder({ ...draft, taxPolicy: 'gross' });
    assert.equal(gross.totals.grand.total, 6600n);
    const { changeBalances } = returnItems(gross, { items: [{ line: 'cup', quantity: 1 }] }, defaultSettings);
    assert.equal(changeBalances.grandTotalAmount, 1000n);
    assert.equal(changeBalances.totalTaxAmount, 167n);
    assert.equal(changeBalances.totalAmount, 833n);
  });
});
