// Tests how money moves: payments, excess funds, credit memos, invoices, refunds over payments, and their explanations.
import assert from 'node:assert/strict';
import {
  allocateToPayments,
  authorizePayment,
  cancelItems,
  cancelOrder,
  capturePayment,
  createCreditMemo,
  createInvoice,
  defaultSettings,
  excessFunds,
  inWords,
  ledgerSettings,
  newDocuments,
  type OrderSummary,
  type Payment,
  paymentState,
  planRefund,
  planVoids,
  priceOrder,
  recordRefunds,
  returnItems,
  summarize,
  toDocument,
  voidAuthorization,
} from '../../../orders/ledger/index.js';
import { code, draft, eur, paidOrder, shippedOrder } from './ledger-order.js';

const payment = (id: string, captured: bigint, day = 1): Payment => ({
  id,
  method: 'card',
  authorized: 0n,
  captured,
  refunded: 0n,
  capturedAt: `2026-01-0${day}T00:00:00Z`,
});
const available = ({ captured, refunded }: Payment): bigint => captured - refunded;

describe('the choice of payments for a refund', () => {
  const chosen = (amount: bigint, payments: Payment[], cover: 'smallest' | 'largest' = 'smallest') =>
    allocateToPayments(amount, payments, available, cover).map((share) => [share.payment, share.amount]);

  it('takes an exact match, else the smallest that covers, else several from the largest down', () => {
    const payments = [payment('A', 100n), payment('B', 60n), payment('C', 40n)];
    assert.deepEqual(chosen(60n, payments), [['B', 60n]]);
    assert.deepEqual(chosen(50n, payments), [['B', 50n]]);
    assert.deepEqual(chosen(50n, payments, 'largest'), [['A', 50n]]);
    assert.deepEqual(chosen(150n, payments), [
      ['A', 100n],
      ['B', 50n],
    ]);
    assert.deepEqual(chosen(0n, payments), []);
  });

  it('breaks ties by the time of capture, then by id, whatever the order of the list', () => {
    const payments = [payment('B', 50n, 1), payment('A', 50n, 2), payment('C', 50n, 1)];
    for (const list of [payments, [...payments].reverse()]) {
      assert.deepEqual(chosen(50n, list), [['B', 50n]]);
      assert.deepEqual(chosen(20n, list), [['B', 20n]]);
      assert.deepEqual(chosen(120n, list), [
        ['B', 50n],
        ['C', 50n],
        ['A', 20n],
      ]);
    }
  });
});

/** The order with two cups returned, and their credit memo. */
function credited(fees = false): OrderSummary {
  const fee = [{ amountType: 'AmountWithTax' as const, amount: eur('2.40'), reason: 'Handling' }];
  const item = { line: 'cup', quantity: 2, ...(fees ? { fees: fee } : {}) };
  const { summary, feeChangeOrder } = returnItems(shippedOrder(), { items: [item] }, defaultSettings);
  const memo = createCreditMemo(summary, { changeOrders: ['C1'] }).summary;
  if (feeChangeOrder === undefined) return memo;
  return createInvoice(memo, { changeOrders: [feeChangeOrder.id] }).summary;
}

describe('refunds', () => {
  it('pay back excess funds of a cancellation without a memo', () => {
    const { summary } = cancelItems(paidOrder(), { items: [{ line: 'cup', quantity: 1 }] }, defaultSettings);
    assert.throws(
      () => createCreditMemo(summary, { changeOrders: ['C1'] }),
      code('orders.change-not-creditable'),
    );
    const plan = planRefund(summary, {}, defaultSettings);
    assert.deepEqual(plan.refunds, [{ payment: 'P1', amount: 1200n }]);
    const after = recordRefunds(summary, plan);
    assert.equal(excessFunds(after), 0n);
    assert.equal(paymentState(after), 'Partially refunded');
    assert.throws(() => planRefund(after, {}, defaultSettings), code('orders.nothing-to-refund'));
  });

  it('pay a credit memo once, less the invoices that are set off', () => {
    const summary = credited(true);
    const input = { creditMemos: ['M1'], invoicesToPay: ['I1'] };
    const plan = planRefund(summary, input, defaultSettings);
    assert.equal(plan.total, 2160n);
    const after = recordRefunds(summary, plan);
    assert.equal(after.creditMemos[0]!.settled, 2400n);
    assert.equal(after.invoices[0]!.paid, 240n);
    assert.throws(
      () => planRefund(after, { creditMemos: ['M1'] }, defaultSettings),
      code('orders.nothing-to-refund'),
    );
    assert.throws(() => planRefund(after, input, defaultSettings), code('orders.nothing-to-refund'));
    const again = () => createCreditMemo(after, { changeOrders: ['C1'] });
    assert.throws(again, code('orders.change-not-creditable'));
    assert.throws(() => createInvoice(after, { changeOrders: ['C2'] }), code('orders.change-not-billable'));
    assert.throws(() => createInvoice(after, { changeOrders: ['C1'] }), code('orders.change-not-billable'));
    assert.throws(() => createInvoice(after, { changeOrders: ['C9'] }), code('orders.change-unknown'));
  });

  it('refuse more than is owed, take less when a supervisor says so, and leave the rest owed', () => {
    const summary = credited();
    const of = (amount: string) =>
      planRefund(summary, { creditMemos: ['M1'], amount: eur(amount) }, defaultSettings);
    assert.throws(() => of('24.01'), code('orders.refund-exceeds-owed'));
    assert.throws(() => of('-1.00'), code('orders.amount-invalid'));
    const after = recordRefunds(summary, of('20.00'));
    assert.equal(planRefund(after, { creditMemos: ['M1'] }, defaultSettings).total, 400n);
    const beyond = { excessFunds: eur('0.01') };
    assert.throws(() => planRefund(summary, beyond, defaultSettings), code('orders.refund-exceeds-owed'));
    assert.throws(
      () => planRefund(summary, { creditMemos: ['M9'] }, defaultSettings),
      code('orders.memo-unknown'),
    );
    const unknown = { creditMemos: ['M1'], invoicesToPay: ['I9'] };
    assert.throws(() => planRefund(summary, unknown, defaultSettings), code('orders.invoice-unknown'));
  });

  it('follow the payments that are named, then the rule, and never exceed what was captured', () => {
    const summary = { ...credited(), payments: [payment('P1', 7000n), payment('P2', 920n)] };
    const via = (id: string, amount: string) =>
      planRefund(
        summary,
        { creditMemos: ['M1'], sequences: [{ payment: id, amount: eur(amount) }] },
        defaultSettings,
      );
    assert.deepEqual(via('P2', '9.20').refunds, [
      { payment: 'P2', amount: 920n },
      { payment: 'P1', amount: 1480n },
    ]);
    assert.throws(() => via('P2', '9.21'), code('orders.refund-exceeds-captured'));
    assert.throws(() => via('P1', '25.00'), code('orders.refund-exceeds-owed'));
    assert.throws(() => via('P9', '1.00'), code('orders.payment-unknown'));
    const refunds = [{ payment: 'P2', amount: 921n }];
    const record = () => recordRefunds(summary, { refunds, creditMemos: ['M1'], invoicePayments: [] });
    assert.throws(record, code('orders.refund-exceeds-captured'));
  });

  it('do not give back money that pays for what the customer keeps', () => {
    const partly = summarize({ ...credited(), payments: [payment('P1', 6000n)] });
    const refund = (partial: boolean) =>
      planRefund(partly, { creditMemos: ['M1'] }, ledgerSettings({ refunds: { partial } }));
    assert.throws(() => refund(false), code('orders.refund-exceeds-owed'));
    assert.equal(refund(true).total, 480n);
  });
});

describe('authorizations', () => {
  const authorized = () => {
    const summary = summarize(newDocuments(priceOrder(draft, defaultSettings)));
    assert.equal(paymentState(summary), 'Unpaid');
    return authorizePayment(summary, { id: 'P1', method: 'card', amount: 7920n });
  };

  it('are captured and voided within what is authorized', () => {
    const summary = authorized();
    assert.equal(paymentState(summary), 'Authorized');
    const at = '2026-01-01T00:00:00Z';
    assert.throws(() => capturePayment(summary, 'P1', 7921n, at), code('orders.payment-invalid'));
    assert.equal(paymentState(capturePayment(summary, 'P1', 7920n, at)), 'Paid');
    const part = voidAuthorization(capturePayment(summary, 'P1', 20n, at), 'P1', 7900n);
    assert.equal(paymentState(part), 'Partially paid');
    assert.throws(() => voidAuthorization(part, 'P1', 1n), code('orders.payment-invalid'));
    const again = { id: 'P1', method: 'card', amount: 1n };
    assert.throws(() => authorizePayment(part, again), code('orders.payment-invalid'));
  });

  it('shrink after a cancellation, and nothing is refunded', () => {
    const { summary } = cancelOrder(authorized(), {}, defaultSettings);
    assert.deepEqual(planVoids(summary, defaultSettings), [{ payment: 'P1', amount: 7920n }]);
    assert.throws(() => planRefund(summary, {}, defaultSettings), code('orders.nothing-captured'));
    assert.equal(paymentState(voidAuthorization(summary, 'P1', 7920n)), 'Free');
  });
});

describe('explanations', () => {
  it('go from the refund down to the order lines, in words and as data', () => {
    const plan = planRefund(credited(true), { creditMemos: ['M1'], invoicesToPay: ['I1'] }, defaultSettings);
    assert.deepEqual(inWords(plan.explanation).split('\n'), [
      'Refund (21.60 to P1): 21.60 EUR',
      '  Open on M1: 24.00 EUR',
      '    Credit memo M1: 24.00 EUR',
      '      Return C1: 24.00 EUR',
      '        Cup: 24.00 EUR',
      '          Cup: 24.00 EUR',
      '            before tax: 20.00 EUR = -(round(30.00 × 1 / 3) - 30.00) (rounded half-up per line)',
      '            VAT: 4.00 EUR = -(round(6.00 × 1 / 3) - 6.00) (rounded half-up per line)',
      '  Set off against I1: -2.40 EUR',
      '    Invoice I1: -2.40 EUR',
      '      ReturnFee C2: -2.40 EUR',
      '        fee cup: -2.40 EUR',
      '          Handling: -2.40 EUR',
      '            before tax: -2.00 EUR = -(2.40 with tax) (rounded half-up per line)',
      '            VAT: -0.40 EUR',
    ]);
    const document = JSON.parse(JSON.stringify(toDocument(plan, 'EUR')));
    assert.deepEqual(document.total, eur('21.60'));
    assert.deepEqual(document.explanation.children[0].children[0].amount, eur('24.00'));
  });

  it('of excess funds show what was paid and what the order costs', () => {
    const { summary } = cancelItems(paidOrder(), { items: [{ line: 'cup', quantity: 1 }] }, defaultSettings);
    const words = inWords(planRefund(summary, { excessFunds: eur('2.00') }, defaultSettings).explanation);
    assert.match(words, /Funds in excess: 2\.00 EUR/);
    assert.match(words, /Paid: 79\.20 EUR/);
    assert.match(words, /Order 1001 now: -67\.20 EUR/);
    assert.match(words, /not refunded now: -10\.00 EUR/);
  });
});
